//! Keys that are set aside.

use super::{EVENTS, definitions, engine, feed, rows, shop, table};
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::{Definitions, Engine, Epoch, Limits, NewEvent, Position, Upcaster};

/// A view that divides by what an event says.
fn shares() -> Definitions {
    definitions(&[(
        "shares",
        table(
            "subject",
            &[("Shared", &["set share = 60 / data.by", "add n = 1"]), ("Left", &["delete"])],
        ),
    )])
}

const SHARED: [(&str, &str, &str); 6] = [
    ("Shared", "a", r#"{"by":2}"#),
    ("Shared", "a", r#"{"by":0}"#),
    ("Shared", "b", r#"{"by":3}"#),
    ("Shared", "a", r#"{"by":4}"#),
    ("Left", "a", "{}"),
    ("Shared", "b", r#"{"by":5}"#),
];

fn quarantine(engine: &Engine) -> Vec<String> {
    engine.quarantine().map(|refused| format!("{} {}", refused.position, refused.error)).collect()
}

#[test]
fn later_events_of_a_refused_key_wait_and_other_keys_go_on() {
    let mut engine = engine(&shares(), &SHARED);
    assert_eq!(rows(&engine, "shares"), ["a 30 1", "b 12 2"]);
    assert_eq!(
        quarantine(&engine),
        [
            "#2 on.Shared.set.share: `/` by zero",
            "#4 it waits behind the event at #2",
            "#5 it waits behind the event at #2"
        ]
    );
    assert_eq!(engine.quarantined("shares"), 3);
    assert_eq!(engine.quarantine().nth(1).unwrap().behind(), Some(Position::new(2)));

    engine.seek(Position::new(4));
    assert_eq!(engine.quarantined("shares"), 2);
    let aside = |after, most| engine.set_aside(Position::new(after), most);
    assert_eq!(aside(0, 9), [2, 4, 5].map(Position::new), "wherever the playhead is");
    assert_eq!(aside(2, 1), [Position::new(4)]);
    engine.rewind(Position::new(1));
    feed(&mut engine, &SHARED[3..]);
    assert_eq!(rows(&engine, "shares"), ["b 12 1"], "what was forgotten holds nobody back");
    assert_eq!(engine.quarantined("shares"), 0);
}

#[test]
fn an_event_without_a_key_is_set_aside_alone() {
    let views = definitions(&[("v", table("1 / data.by", &[("Shared", &["add n = 1"])]))]);
    let engine =
        engine(&views, &[SHARED[1], SHARED[0], SHARED[1], ("Shared", "a", "{}"), SHARED[0]]);
    assert_eq!(rows(&engine, "v"), ["0 2"]);
    assert_eq!(
        quarantine(&engine),
        ["#1 key: `/` by zero", "#3 key: `/` by zero", "#4 the key is NULL"]
    );
}

#[test]
fn waiting_events_do_not_keep_refusals_from_being_shown() {
    let mut engine = Engine::new(Limits { kept: 2, ..Limits::default() });
    engine.define(&shares()).unwrap();
    for subject in ["a", "a", "a", "a", "b", "c"] {
        feed(&mut engine, &[("Shared", subject, r#"{"by":0}"#)]);
    }
    let kept: Vec<_> = engine.quarantine().map(|refused| refused.position.get()).collect();
    assert_eq!(kept, [1, 2, 3, 5]);
    assert_eq!(engine.quarantined("shares"), 6);
    engine.rewind(Position::new(2));
    feed(&mut engine, &[("Shared", "d", r#"{"by":0}"#)]);
    let kept: Vec<_> = engine.quarantine().map(|refused| refused.position.get()).collect();
    assert_eq!(kept, [1, 2, 3]);
}

#[test]
fn what_is_set_aside_stays_so_across_a_snapshot() {
    let mut first = engine(&shares(), &SHARED[..4]);
    let mut second = Engine::restore(&first.snapshot(), &shares(), Limits::default()).unwrap();
    assert_eq!(quarantine(&second), quarantine(&first));
    assert_eq!(second.quarantine().nth(1).unwrap().behind(), Some(Position::new(2)));
    feed(&mut second, &SHARED[4..]);
    let whole = engine(&shares(), &SHARED);
    assert_eq!((second.digest(), second.quarantined("shares")), (whole.digest(), 3));
    assert_eq!(quarantine(&second), quarantine(&whole));
}

#[test]
fn events_of_old_versions_are_lifted_before_views_see_them() {
    let mut views = shop();
    views.upcasters.push((
        "Placed.v1".into(),
        Upcaster {
            to: "Placed".into(),
            rename: alloc::vec![("land".into(), "region".into())],
            compute: alloc::vec![("total".into(), "data.euros + 0".into())],
            ..Upcaster::default()
        },
    ));
    let old = |subject, data| ("Placed.v1", subject, data);
    let mut events = EVENTS;
    events[0] = old("a", r#"{"land":"north","euros":10}"#);
    events[4] = old("d", r#"{"land":"north","euros":1}"#);
    let lifted = engine(&views, &events);
    assert_eq!(lifted.digest(), engine(&shop(), &EVENTS).digest());
    assert_eq!(lifted.log().get(Position::new(1)).unwrap().event_type, "Placed.v1");
    assert_eq!(lifted.ignored(), 1);

    let mut refused = engine(&views, &[old("a", r#"{"euros":"ten"}"#), EVENTS[0]]);
    assert_eq!(
        quarantine(&refused),
        ["#1 from `Placed.v1` to `Placed`: compute.total: `+` expected a number, found text"]
    );
    assert_eq!(rows(&refused, "orders"), ["a placed north 10"]);
    views
        .upcasters
        .push(("Placed".into(), Upcaster { to: "Placed.v1".into(), ..Upcaster::default() }));
    assert_eq!(
        refused.define(&views).unwrap_err().to_string(),
        "upcasters.Placed: `Placed` is lifted to `Placed.v1`, which is lifted to `Placed` again"
    );
}

#[test]
fn an_upcaster_in_rust_folds_the_log_again() {
    let mut engine = engine(&shop(), &[("Ordered", "a", r#"{"total":7}"#)]);
    assert_eq!((rows(&engine, "orders").len(), engine.ignored()), (0, 1));
    engine.upcast("Ordered", "Placed", |event| Ok(event.data.to_string())).unwrap();
    assert_eq!(rows(&engine, "orders"), ["a placed NULL 7"]);
    assert_eq!(engine.ignored(), 0);
    let again = engine.upcast("Ordered", "Placed", |_| Err("no".into())).unwrap_err();
    assert_eq!(again.to_string(), "upcasters.Ordered: a second upcaster from this version");
}

#[test]
fn duplicates_are_known_within_the_window_also_after_a_snapshot() {
    let limits = Limits { duplicate_window: 3, ..Limits::default() };
    let mut engine = Engine::new(limits);
    feed(&mut engine, &EVENTS[..5]);
    let repeated = |engine: &Engine, number: u64| {
        let event = engine.log().get(Position::new(number)).unwrap();
        NewEvent { id: format!("{number}"), ..event.to_new() }
    };
    let (known, forgotten) = (repeated(&engine, 3), repeated(&engine, 2));
    let mut restored =
        Engine::restore(&engine.snapshot(), &Definitions::default(), limits).unwrap();
    for engine in [&mut engine, &mut restored] {
        assert!(engine.append(Epoch::new(1), &known).is_err());
        assert_eq!(engine.append(Epoch::new(1), &forgotten), Ok(Position::new(6)));
    }
}
