//! A diff leads from the rows at one position to those at another.

use everview_core::{Engine, Position};
use proptest::prelude::*;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{World, at, empty, is_same, names, world};
use crate::laws::seen;

fn require_diff(world: &World, engine: &mut Engine, from: usize, to: usize) {
    let count = world.events.len();
    for view in names(engine) {
        let diff = engine.diff(&view, at(from), at(to)).unwrap();
        assert_eq!((diff.from, diff.to), (at(from.min(count)), at(to.min(count))));
        let (mut rows, after) = (world.rows(&view, from), world.rows(&view, to));
        for delta in &diff.deltas {
            assert_eq!(rows.remove(&delta.key), delta.before, "before, of {view}");
            assert!(delta.columns().next().is_some(), "a row that is the same, of {view}");
            if let Some(row) = &delta.after {
                rows.insert(delta.key.clone(), row.clone());
            }
        }
        assert!(is_same(&rows, &after), "after, of {view}: {rows:?}\nexpected {after:?}");
        assert!(diff.deltas.is_sorted_by(|a, b| a.key < b.key), "in order, of {view}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn a_diff_makes_the_rows_at_one_position_those_at_the_other(
        world in world(),
        from in 0_usize..70,
        to in 0_usize..70,
    ) {
        let mut engine = world.engine();
        let before = seen(&engine);
        require_diff(&world, &mut engine, from, to);
        prop_assert_eq!(seen(&engine), before);
    }

    #[test]
    fn after_any_diffs_every_position_and_every_follower_is_as_if_nobody_had_asked(
        world in world(),
        asked in prop::collection::vec((0_usize..70, 0_usize..70, 0_usize..12), 1..5),
        path in prop::collection::vec(0_usize..70, 1..4),
    ) {
        let (mut engine, mut other) = (world.engine(), world.engine());
        let views = names(&engine);
        for view in &views {
            prop_assert_eq!(engine.drain_deltas(view), other.drain_deltas(view));
        }
        for step in path {
            for (from, to, view) in &asked {
                engine.diff(&views[view % views.len()], at(*from), at(*to)).unwrap();
            }
            engine.seek(at(step));
            other.seek(at(step));
            prop_assert_eq!(seen(&engine), seen(&other));
            for view in &views {
                prop_assert_eq!(engine.drain_deltas(view), other.drain_deltas(view));
            }
        }
    }
}

#[test]
fn a_diff_of_no_view_is_refused_by_name() {
    let refused = empty().diff("nothing", Position::START, at(1)).unwrap_err().to_string();
    assert!(refused.starts_with("no view `nothing`; there are counted, items"), "{refused}");
}
