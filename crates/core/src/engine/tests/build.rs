//! Views that are built beside others.

use alloc::string::ToString as _;

use super::{EVENTS, definitions, engine, feed, query, rows, shop, table};
use crate::engine::build::Progress;
use crate::{Engine, Position};

#[test]
fn the_old_views_answer_until_the_new_ones_have_caught_up() {
    let old = definitions(&[("orders", table("subject", &[("Placed", &["set n = 1"])]))]);
    let mut engine = engine(&old, &EVENTS[..6]);
    let before = engine.digest();
    engine.begin_define(&shop()).unwrap();
    assert_eq!(engine.build(4), Progress { done: 4, total: 6 });
    assert_eq!(
        (engine.digest(), engine.building()),
        (before, Some(Progress { done: 4, total: 6 }))
    );

    feed(&mut engine, &EVENTS[6..]);
    engine.seek(Position::new(3));
    assert_eq!(engine.build(3), Progress { done: 7, total: 8 });
    assert_eq!(rows(&engine, "orders"), ["a 1", "b 1"]);
    assert_eq!(engine.build(3), Progress { done: 8, total: 8 });

    assert_eq!((engine.position(), engine.building()), (Position::new(3), None));
    assert_eq!(engine.digest(), self::engine(&shop(), &EVENTS[..3]).digest());
    engine.seek(Position::new(8));
    assert_eq!(engine.digest(), self::engine(&shop(), &EVENTS).digest());

    assert_eq!(engine.undo_define(), Ok(true));
    engine.build(usize::MAX);
    assert_eq!(engine.digest(), self::engine(&old, &EVENTS).digest());
    assert_eq!(engine.undo_define(), Ok(true), "and forth again");
    engine.build(usize::MAX);
    assert_eq!(engine.definitions(), &shop());
}

#[test]
fn a_rewind_reaches_the_views_that_are_being_built() {
    let mut engine = engine(&definitions(&[]), &EVENTS);
    engine.begin_define(&shop()).unwrap();
    engine.build(7);
    engine.rewind(Position::new(4));
    assert_eq!(engine.building(), Some(Progress { done: 4, total: 4 }));
    feed(&mut engine, &EVENTS[5..]);
    engine.build(2);
    engine.build(2);
    let expected = [&EVENTS[..4], &EVENTS[5..]].concat();
    assert_eq!(engine.digest(), self::engine(&shop(), &expected).digest());
}

#[test]
fn what_cannot_be_defined_or_is_given_up_leaves_the_views_alone() {
    let mut engine = engine(&shop(), &EVENTS);
    let before = engine.digest();
    let wrong = definitions(&[("v", query("SELECT x FROM nothing"))]);
    assert!(engine.begin_define(&wrong).is_err());
    engine.begin_define(&definitions(&[])).unwrap();
    engine.build(2);
    engine.cancel_define();
    assert_eq!(engine.build(100), Progress { done: 8, total: 8 });
    assert_eq!((engine.digest(), engine.undo_define()), (before, Ok(true)));
    assert_eq!(Engine::default().undo_define(), Ok(false));
}

#[test]
fn a_rehearsal_says_what_a_mended_definition_takes_in_and_changes_nothing() {
    let view = |share: &str| {
        definitions(&[("shares", table("subject", &[("Shared", &[share, "add n = 1"])]))])
    };
    let events = [
        ("Shared", "a", r#"{"by":0}"#),
        ("Shared", "a", r#"{"by":2}"#),
        ("Shared", "b", r#"{"by":"x"}"#),
    ];
    let mut engine = engine(&view("set share = 60 / data.by"), &events);
    let before = engine.digest();
    let mended = view("set share = 60 / nullif(data.by, 0)");
    let rehearsal = engine.rehearse(&mended).unwrap();
    let positions = |list: &[crate::Quarantined]| {
        list.iter().map(|refused| refused.position.to_string()).collect::<alloc::vec::Vec<_>>()
    };
    assert_eq!(positions(&rehearsal.mended), ["#1", "#2"]);
    assert_eq!(
        (positions(&rehearsal.refused), rehearsal.refused_count),
        (alloc::vec!["#3".into()], 1)
    );
    assert_eq!((engine.digest(), engine.quarantine().count()), (before, 3));

    engine.define(&mended).unwrap();
    assert_eq!(rows(&engine, "shares"), ["a 30 2"]);
    assert_eq!(engine.quarantine().count(), 1);
}
