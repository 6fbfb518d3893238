//! Views that are built beside others.

use alloc::format;
use alloc::string::ToString as _;

use super::{EVENTS, definitions, engine, feed, orders, query, rows, shop, table};
use crate::engine::build::Progress;
use crate::{Definitions, Engine, Limits, Position, Read};

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

    assert!(engine.undo_define());
    engine.build(usize::MAX);
    assert_eq!(engine.digest(), self::engine(&old, &EVENTS).digest());
    assert!(engine.undo_define(), "and forth again");
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
    let other = definitions(&[("orders", table("subject", &[("Placed", &["set n = 1"])]))]);
    engine.begin_define(&other).unwrap();
    engine.build(2);
    engine.cancel_define();
    assert_eq!(engine.build(100), Progress { done: 8, total: 8 });
    assert_eq!((engine.digest(), engine.undo_define()), (before, true));
    assert!(!Engine::default().undo_define());
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

/// [`shop`] with another derived view in the place of `revenue`.
fn shop_by_sum() -> Definitions {
    let mut changed = shop();
    let by_sum = "SELECT region, SUM(total) AS revenue FROM orders GROUP BY region";
    changed.views[1].1 = query(by_sum);
    changed
}

#[test]
fn only_what_is_changed_is_folded_again() {
    let count = |n: &str| table("subject", &[("Placed", &[&*format!("add n = {n}")])]);
    let views = |n| definitions(&[("orders", orders()), ("count", count(n))]);
    let mut engine = engine(&views("1"), &EVENTS);
    let before = engine.memory().history;
    engine.define(&views("2")).unwrap();
    assert_eq!(rows(&engine, "count"), ["a 2", "b 2", "c 2", "d 2"]);
    let orders = self::engine(&definitions(&[("orders", orders())]), &EVENTS).memory().history;
    assert!(engine.memory().history < before + orders, "that of `orders` is there once");

    engine
        .begin_define(&definitions(&[("count", count("2")), ("n", query("SELECT n FROM count"))]))
        .unwrap();
    assert_eq!(engine.building(), Some(Progress { done: 8, total: 8 }), "nothing has to be folded");
    engine.build(1);
    assert_eq!(rows(&engine, "n"), ["2", "2", "2", "2"]);
}

#[test]
fn derived_views_can_be_defined_anew_without_the_events() {
    let mut first = engine(&shop(), &EVENTS);
    let mut restored = Engine::restore(&first.snapshot(), &shop(), Limits::default()).unwrap();
    restored.define(&shop_by_sum()).unwrap();
    assert_eq!(restored.digest(), engine(&shop_by_sum(), &EVENTS).digest());
    assert!(restored.undo_define());
    restored.build(1);
    assert_eq!(restored.digest(), first.digest());
    let other = definitions(&[("orders", table("subject", &[("Placed", &["set n = 1"])]))]);
    let error = restored.define(&other).unwrap_err();
    assert_eq!((&*error.view, &*error.place), ("orders", "history"));
}

#[test]
fn who_goes_back_folds_only_what_came_since() {
    let old = definitions(&[("orders", table("subject", &[("Placed", &["set n = 1"])]))]);
    let mut engine = engine(&old, &EVENTS[..4]);
    engine.define(&shop()).unwrap();
    feed(&mut engine, &EVENTS[4..]);
    assert!(engine.undo_define());
    assert_eq!(engine.building(), Some(Progress { done: 4, total: 8 }));
    engine.cancel_define();
    assert!(engine.undo_define(), "they are still there");
    engine.rewind(Position::new(2));
    assert_eq!(engine.building(), Some(Progress { done: 2, total: 2 }));
    feed(&mut engine, &EVENTS[2..]);
    engine.build(8);
    assert_eq!(engine.digest(), self::engine(&old, &EVENTS).digest());
}

#[test]
fn who_follows_a_view_hears_the_difference_between_its_definitions() {
    let mut engine = engine(&shop(), &EVENTS);
    let read =
        Read { view: "revenue".into(), filter: Some("region = 'south'".into()), ..Read::default() };
    let subscription = engine.subscribe(&read).unwrap();
    engine.poll(subscription, None).unwrap();
    for view in ["orders", "revenue"] {
        engine.drain_deltas(view);
    }
    engine.define(&shop_by_sum()).unwrap();
    assert_eq!(engine.drain_deltas("orders"), []);
    let difference = engine.drain_deltas("revenue");
    assert_eq!(difference.len(), 3, "`south` is there now, and a column is gone");
    assert_eq!(
        (difference[2].before.as_ref(), difference[2].key[0].clone()),
        (None, "south".into())
    );
    assert_eq!(engine.poll(subscription, None).unwrap().deltas, difference[2..]);
}

#[test]
fn what_other_upcasters_lift_is_folded_again() {
    let views = |more: &str| Definitions {
        upcasters: alloc::vec![(
            "Placed.v1".into(),
            crate::Upcaster {
                to: "Placed".into(),
                compute: alloc::vec![("total".into(), format!("data.total + {more}"))],
                ..crate::Upcaster::default()
            },
        )],
        ..definitions(&[
            ("orders", orders()),
            ("added", table("subject", &[("Added", &["add n = 1"])])),
        ])
    };
    let events =
        [("Placed.v1", "a", r#"{"total":1}"#), ("Added", "a", r#"{"price":1,"quantity":1}"#)];
    let mut engine = engine(&views("1"), &events);
    engine.define(&views("2")).unwrap();
    assert_eq!(rows(&engine, "orders"), ["a placed NULL 4"]);
    assert_eq!(engine.digest(), self::engine(&views("2"), &events).digest());
}
