//! The history of a row is what each event made of it.

use everview_core::{Delta, Epoch, Key, Value, Written};
use proptest::prelude::*;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{World, at, names, same, world};
use crate::laws::{Followed, seen};

/// What each event made of each row of a view, as somebody sees it who looks after every event.
fn watched(world: &World, view: &str, last: usize) -> Vec<Written> {
    let mut engine = super::empty();
    let mut rows = Followed::new();
    let mut written = Vec::new();
    engine.drain_deltas(view).into_iter().for_each(|delta| {
        rows.extend(delta.after.map(|row| (delta.key, row)));
    });
    for (number, event) in world.events[..last].iter().enumerate() {
        engine.append(Epoch::new(1), event).unwrap();
        let deltas = engine.drain_deltas(view);
        written.extend(deltas.into_iter().map(|delta| Written { position: at(number + 1), delta }));
    }
    written
}

fn keys(written: &[Written]) -> Vec<Key> {
    let mut keys: Vec<Key> = written.iter().map(|written| written.delta.key.clone()).collect();
    keys.sort();
    keys.dedup();
    keys
}

fn is_same(a: &Written, b: &Written) -> bool {
    let rows = |a: &Delta, b: &Delta| {
        [(&a.before, &b.before), (&a.after, &b.after)].into_iter().all(|pair| match pair {
            (Some(a), Some(b)) => same(a, b),
            (a, b) => a == b,
        })
    };
    a.position == b.position && a.delta.key == b.delta.key && rows(&a.delta, &b.delta)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn the_history_of_a_row_is_what_each_event_made_of_it(
        world in world(),
        rewinds in prop::collection::vec(0_usize..70, 0..3),
        latest in prop_oneof![Just(usize::MAX), 0_usize..5],
    ) {
        let mut engine = world.engine();
        for rewind in rewinds {
            let playhead = engine.position();
            engine.rewind(at(rewind));
            for event in world.events.iter().skip(rewind) {
                engine.append(Epoch::new(1), event).unwrap();
            }
            engine.seek(playhead);
        }
        let before = seen(&engine);
        let last = usize::try_from(engine.position().get()).unwrap();
        for view in names(&engine) {
            let expected = watched(&world, &view, last);
            for key in keys(&expected) {
                let of_row = expected.iter().filter(|written| written.delta.key == key);
                let of_row: Vec<_> = of_row.collect();
                let kept = of_row.len().min(latest);
                let history = engine.history(&view, &key, latest).unwrap();
                prop_assert_eq!(history.has_earlier, kept < of_row.len());
                prop_assert_eq!(history.written.len(), kept, "{} {:?}", view, key);
                for (found, expected) in history.written.iter().zip(&of_row[of_row.len() - kept..]) {
                    prop_assert!(is_same(found, expected), "{} {:?}\n{:?}", view, found, expected);
                }
            }
        }
        prop_assert_eq!(seen(&engine), before);
    }
}

#[test]
fn a_row_that_never_was_has_no_history() {
    let mut engine = super::empty();
    for view in names(&engine) {
        let history = engine.history(&view, &[Value::text("nobody")], 9).unwrap();
        assert!(history.written.is_empty() && !history.has_earlier, "{view}");
    }
}
