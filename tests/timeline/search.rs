//! A search finds what somebody finds who looks at every position.

use everview_core::{Engine, NewEvent, Position, Read};
use proptest::prelude::*;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{World, at, names, world};
use crate::laws::seen;

/// The positions on the way from one to another, both included.
fn way(from: usize, to: usize) -> Vec<usize> {
    if to < from { (to..=from).rev().collect() } else { (from..=to).collect() }
}

/// The events on the way, which begins beside the position that it comes from.
fn events_on(from: usize, to: usize) -> Vec<usize> {
    way(from, to).into_iter().skip(1).filter(|event| *event > 0).collect()
}

/// Each view with a condition that holds for some of its rows at some positions.
const CONDITIONS: [(&str, &str); 8] = [
    ("items", "amount < 0"),
    ("labels", "n > 1 AND total > 5"),
    ("top", "n = 2"),
    ("recent", "n >= 3"),
    ("whole", "n = 0"),
    ("whole", "total / n > 3"),
    ("both", "amount = 7 OR label = 'x'"),
    ("counted", "times > 1"),
];

fn has_row(engine: &mut Engine, view: &str, condition: &str) -> bool {
    let filter = Some(condition.to_owned());
    let read = Read { view: view.to_owned(), filter, ..Read::default() };
    !engine.query(&read, None).unwrap().rows.is_empty()
}

fn first(ways: Vec<usize>, is_it: impl FnMut(&usize) -> bool) -> Option<Position> {
    ways.into_iter().find(is_it).map(at)
}

/// Whether a condition holds for an event at a position.
type Holds = fn(&NewEvent, usize) -> bool;

/// Conditions over events, with what they mean.
const EVENTS: [(&str, Holds); 4] = [
    ("type = 'Dropped'", |event, _| event.event_type == "Dropped"),
    ("subject = 'b' AND position % 2 = 0", |event, position| {
        event.subject == "b" && position % 2 == 0
    }),
    ("time >= '1970-01-01T00:00:30Z'", |event, _| {
        event.time.is_some_and(|time| time.millis() >= 30_000)
    }),
    ("data.part = 'x'", |event, _| event.data.contains(r#""part":"x""#)),
];

fn require_searches(world: &World, engine: &mut Engine, from: usize, to: usize) {
    let (from, to) = (from.min(world.events.len()), to.min(world.events.len()));
    let mut other = world.folded(world.events.len());
    for (view, condition) in CONDITIONS {
        let found = engine.bisect(view, condition, at(from), at(to)).unwrap();
        let expected = first(way(from, to), |position| {
            other.seek(at(*position));
            has_row(&mut other, view, condition)
        });
        assert_eq!(found, expected, "{view}, {condition}");
        let mut holds = |position: usize| {
            other.seek(at(position));
            has_row(&mut other, view, condition)
        };
        let events = if from <= to { events_on(from, to) } else { Vec::new() };
        let began = events.into_iter().filter(|event| holds(*event) && !holds(*event - 1));
        let expected: Vec<_> = began.map(at).collect();
        let onsets = engine.onsets(view, condition, at(from), at(to)).unwrap();
        assert_eq!(onsets, expected, "{view}, {condition}");
    }
    for view in names(engine) {
        let mut changes = |position: &usize| {
            other.seek(at(*position - 1));
            other.drain_deltas(&view);
            other.seek(at(*position));
            other.drain_deltas(&view)
        };
        let expected = first(events_on(from, to), |event| !changes(event).is_empty());
        let found = engine.next_change(&view, None, at(from), at(to)).unwrap();
        assert_eq!(found, expected, "{view}");
        let Some(key) = events_on(from, to).iter().flat_map(&mut changes).last() else { continue };
        let key = key.key;
        let of_row = |event: &usize| changes(event).iter().any(|delta| delta.key == key);
        let expected = first(events_on(from, to), of_row);
        let found = engine.next_change(&view, Some(&key), at(from), at(to)).unwrap();
        assert_eq!(found, expected, "{view} {key:?}");
    }
    for (condition, holds) in EVENTS {
        let found = engine.next_event(condition, at(from), at(to)).unwrap();
        let is_it = |event: &usize| holds(&world.events[event - 1], *event);
        let mut events = events_on(from, to);
        events.retain(|event| is_it(event));
        assert_eq!(found, first(events, |_| true), "{condition}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_a_look_at_every_position_finds(
        world in world(),
        from in 0_usize..70,
        to in 0_usize..70,
    ) {
        let mut engine = world.engine();
        let before = seen(&engine);
        require_searches(&world, &mut engine, from, to);
        prop_assert_eq!(seen(&engine), before);
        engine.seek(engine.head());
        prop_assert_eq!(seen(&engine), seen(&world.folded(world.events.len())));
    }
}

#[test]
fn a_condition_that_is_not_understood_is_refused_with_its_place() {
    let mut engine = super::empty();
    let refused = engine.bisect("labels", "m > 1", at(0), at(1)).unwrap_err().to_string();
    assert_eq!(refused, "where: no column `m`; there are label, n, known, total at byte 0");
    let refused = engine.next_event("data.x >", at(0), at(1)).unwrap_err().to_string();
    assert_eq!(refused, "view `events`, on.*.when: expected a value, found the end at byte 8");
}
