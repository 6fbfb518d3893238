//! Rows that leave by themselves.

use core::time::Duration;

use super::{definitions, rows, table};
use alloc::format;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use crate::{
    Definitions, Engine, Epoch, Limits, NewEvent, Position, Retain, Timestamp, ViewDefinition,
};

fn seen(retain: Retain) -> Definitions {
    let ViewDefinition::Table(mut view) = table("subject", &[("Seen", &["add n = 1"])]) else {
        panic!("expected a table view");
    };
    view.retain = retain;
    let sum = "SELECT COUNT(*) AS n, SUM(n) AS total FROM seen";
    definitions(&[
        ("seen", ViewDefinition::Table(view)),
        ("sum", ViewDefinition::Query(sum.into())),
    ])
}

/// An event with its type, subject and seconds since 1970, if it has a time.
type Given = (&'static str, &'static str, Option<i64>);

fn append(engine: &mut Engine, events: &[Given]) {
    for (event_type, subject, seconds) in events {
        let event = NewEvent {
            id: format!("{}", engine.head().next().get()),
            source: "/test".into(),
            event_type: (*event_type).into(),
            subject: (*subject).into(),
            time: seconds.map(|seconds| Timestamp::from_millis(seconds * 1_000)),
            data: "{}".into(),
        };
        engine.append(Epoch::new(1), &event).unwrap();
    }
}

fn engine(retain: Retain, events: &[Given]) -> Engine {
    let mut engine = Engine::default();
    engine.define(&seen(retain)).unwrap();
    append(&mut engine, events);
    engine
}

/// At every position, by every way there, the rows are those of a fold up to it.
fn require_law(retain: Retain, events: &[Given]) {
    let whole = engine(retain, events);
    let mut wandering = whole.clone();
    for position in (0..=events.len()).rev() {
        let folded = engine(retain, &events[..position]);
        wandering.seek(Position::new(position as u64));
        assert_eq!(wandering.digest(), folded.digest(), "at {position}");

        let mut rewound = whole.clone();
        rewound.rewind(Position::new(position as u64));
        append(&mut rewound, &events[position..]);
        assert_eq!(rewound.digest(), whole.digest(), "rewound to {position}");

        let blob = folded.clone().snapshot();
        let mut restored = Engine::restore(&blob, &seen(retain), Limits::default()).unwrap();
        append(&mut restored, &events[position..]);
        assert_eq!(restored.digest(), whole.digest(), "restored at {position}");
        restored.rewind(Position::new(position as u64));
        append(&mut restored, &events[position..]);
        assert_eq!(restored.digest(), whole.digest(), "restored at {position} and rewound");
    }
}

#[test]
fn beyond_the_count_the_row_that_was_touched_longest_ago_leaves() {
    let retain = Retain { rows: Some(2), time: None };
    let events: Vec<Given> =
        ["a", "b", "a", "c", "b", "d", "d", "a"].map(|subject| ("Seen", subject, None)).into();
    assert_eq!(rows(&engine(retain, &events[..3]), "seen"), ["a 2", "b 1"]);
    assert_eq!(rows(&engine(retain, &events[..4]), "seen"), ["a 2", "c 1"]);
    let engine = engine(retain, &events);
    assert_eq!(rows(&engine, "seen"), ["a 1", "d 2"], "a row that left begins anew");
    assert_eq!(rows(&engine, "sum"), ["2 3"]);
    require_law(retain, &events);
}

#[test]
fn a_row_leaves_with_the_first_event_after_its_time_is_up() {
    let retain = Retain { time: Some(Duration::from_secs(10)), rows: None };
    let events = [
        ("Seen", "a", Some(100)),
        ("Seen", "b", Some(105)),
        ("Other", "x", Some(110)),
        ("Seen", "c", None),
        ("Seen", "d", Some(90)),
        ("Other", "x", Some(111)),
        ("Seen", "b", Some(115)),
        ("Other", "x", Some(121)),
        ("Seen", "a", Some(121)),
    ];
    let at = |count: usize| rows(&engine(retain, &events[..count]), "seen");
    assert_eq!(at(5), ["a 1", "b 1", "c 1", "d 1"], "ten seconds are not more than ten");
    assert_eq!(at(6), ["b 1", "c 1", "d 1"], "events that no view reads move the clock");
    assert_eq!(at(8), ["b 2"], "the clock does not go back, and no time is the clock's time");
    assert_eq!(at(9), ["a 1", "b 2"]);
    require_law(retain, &events);
    require_law(Retain { rows: Some(2), ..retain }, &events);
}

#[test]
fn a_snapshot_of_a_view_that_retains_otherwise_is_refused() {
    let two = Retain { rows: Some(2), time: None };
    let blob = engine(two, &[("Seen", "a", None)]).snapshot();
    let other = Retain { rows: Some(3), time: None };
    assert_eq!(
        Engine::restore(&blob, &seen(other), Limits::default()).unwrap_err().to_string(),
        "view `seen`: its rows are retained otherwise than in the snapshot"
    );
}
