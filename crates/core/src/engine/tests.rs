mod batched;
mod build;
mod quarantine;
mod retention;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::{Engine, RestoreError};
use crate::{
    Clause, Definitions, Edit, Epoch, Limits, NewEvent, Position, TableDefinition, ViewDefinition,
};

/// A clause from lines such as `set total = data.total`, `when status = 'new'` or `delete`.
fn clause(lines: &[&str]) -> Clause {
    let mut clause = Clause::default();
    for line in lines {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let pair = || {
            let (column, expr) = rest.split_once(" = ").unwrap();
            (column.to_string(), expr.to_string())
        };
        match verb {
            "set" => clause.set.push(pair()),
            "add" => clause.add.push(pair()),
            "when" => clause.when = Some(rest.to_string()),
            "delete" => clause.delete = true,
            _ => panic!("{line}"),
        }
    }
    clause
}

fn table(key: &str, on: &[(&str, &[&str])]) -> ViewDefinition {
    ViewDefinition::Table(TableDefinition {
        key: vec![key.to_string()],
        on: on
            .iter()
            .map(|(event_type, lines)| ((*event_type).to_string(), clause(lines)))
            .collect(),
        ..TableDefinition::default()
    })
}

fn definitions(views: &[(&str, ViewDefinition)]) -> Definitions {
    Definitions {
        views: views.iter().map(|(name, view)| ((*name).to_string(), view.clone())).collect(),
        ..Definitions::default()
    }
}

fn query(sql: &str) -> ViewDefinition {
    ViewDefinition::Query(sql.to_string())
}

fn orders() -> ViewDefinition {
    table(
        "subject",
        &[
            (
                "Placed",
                &["set status = 'placed'", "set region = data.region", "set total = data.total"],
            ),
            ("Added", &["add total = data.price * data.quantity"]),
            ("Cancelled", &["when status <> 'shipped'", "set status = 'cancelled'"]),
            ("Removed", &["delete"]),
        ],
    )
}

fn shop() -> Definitions {
    definitions(&[
        ("top", query("SELECT region, revenue FROM revenue ORDER BY revenue DESC, region LIMIT 2")),
        (
            "revenue",
            query(
                "SELECT region, COUNT(*) AS orders, SUM(total) AS revenue FROM orders \
                 WHERE status <> 'cancelled' GROUP BY region",
            ),
        ),
        ("orders", orders()),
        ("count", query("SELECT COUNT(*) AS n, SUM(total) AS total FROM orders")),
    ])
}

/// An engine fed with `type subject data` lines.
fn engine(definitions: &Definitions, events: &[(&str, &str, &str)]) -> Engine {
    let mut engine = Engine::default();
    engine.define(definitions).unwrap();
    feed(&mut engine, events);
    engine
}

fn feed(engine: &mut Engine, events: &[(&str, &str, &str)]) {
    for (event_type, subject, data) in events {
        let event = NewEvent {
            id: format!("{}", engine.head().next().get()),
            source: "/test".into(),
            event_type: (*event_type).into(),
            subject: (*subject).into(),
            time: Some("2026-01-02T03:04:05Z".parse().unwrap()),
            data: (*data).into(),
        };
        engine.append(Epoch::new(1), &event).unwrap();
    }
}

const EVENTS: [(&str, &str, &str); 8] = [
    ("Placed", "a", r#"{"region":"north","total":10}"#),
    ("Placed", "b", r#"{"region":"south","total":20.50}"#),
    ("Added", "a", r#"{"price":3,"quantity":4}"#),
    ("Placed", "c", r#"{"region":"east","total":5}"#),
    ("Placed", "d", r#"{"region":"north","total":1}"#),
    ("Cancelled", "b", "{}"),
    ("Unheard", "b", "{}"),
    ("Removed", "d", "null"),
];

/// The rows of a view, one line each.
fn rows(engine: &Engine, view: &str) -> Vec<String> {
    let line = |row: crate::Row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    engine.view(view).unwrap().rows().map(line).collect()
}

#[test]
fn events_are_folded_into_rows_and_queries_follow() {
    let engine = engine(&shop(), &EVENTS);

    assert_eq!(
        rows(&engine, "orders"),
        ["a placed north 22", "b cancelled south 20.5", "c placed east 5"]
    );
    assert_eq!(rows(&engine, "revenue"), ["east 1 5", "north 1 22"]);
    assert_eq!(rows(&engine, "top"), ["north 22", "east 5"]);
    assert_eq!(rows(&engine, "count"), ["3 47.5"]);
    assert_eq!(engine.ignored(), 1);
    let names: Vec<_> = engine.views().map(super::View::name).collect();
    assert_eq!(names, ["top", "revenue", "orders", "count"], "in the order they were defined");
}

#[test]
fn every_position_looks_the_same_however_it_is_reached() {
    let mut engine = engine(&shop(), &EVENTS);
    let upto = |count: usize| self::engine(&shop(), &EVENTS[..count]).digest();

    for position in [3, 8, 0, 5, 4, 7, 6, 8, 1, 2] {
        engine.seek(Position::new(position));
        assert_eq!(engine.digest(), upto(usize::try_from(position).unwrap()), "at {position}");
    }
}

#[test]
fn without_rows_an_aggregate_over_all_has_one_row() {
    let mut engine = engine(&shop(), &EVENTS[..1]);
    engine.seek(Position::START);
    assert_eq!(rows(&engine, "count"), ["0 NULL"]);
    assert_eq!(rows(&engine, "revenue"), Vec::<String>::new());
}

#[test]
fn while_somebody_looks_at_the_past_the_head_goes_on() {
    let mut engine = engine(&shop(), &EVENTS[..3]);
    engine.seek(Position::new(1));
    feed(&mut engine, &EVENTS[3..]);

    assert_eq!((engine.position(), engine.head()), (Position::new(1), Position::new(8)));
    assert_eq!(rows(&engine, "orders"), ["a placed north 10"]);
    engine.seek(engine.head());
    assert_eq!(engine.digest(), self::engine(&shop(), &EVENTS).digest());
}

#[test]
fn a_rewind_forgets_and_other_events_may_follow() {
    let mut engine = engine(&shop(), &EVENTS);
    engine.rewind(Position::new(4));
    assert_eq!((engine.position(), engine.head()), (Position::new(4), Position::new(4)));
    feed(&mut engine, &EVENTS[4..]);
    assert_eq!(engine.digest(), self::engine(&shop(), &EVENTS).digest());

    engine.seek(Position::new(2));
    engine.rewind(Position::new(6));
    assert_eq!((engine.position(), engine.head()), (Position::new(2), Position::new(6)));
    engine.rewind(Position::START);
    assert_eq!(rows(&engine, "orders"), Vec::<String>::new());
}

#[test]
fn views_defined_later_see_the_events_before_and_wrong_ones_change_nothing() {
    let mut engine = engine(&definitions(&[("orders", orders())]), &EVENTS);
    engine.seek(Position::new(5));
    let digest = engine.digest();
    let error = engine.define(&definitions(&[("x", query("SELECT nothing FROM nowhere"))]));
    assert_eq!(
        error.unwrap_err().to_string(),
        "view `x`, sql: no view `nowhere`; there are none at byte 20"
    );
    assert_eq!(engine.digest(), digest);

    engine.define(&shop()).unwrap();
    assert_eq!(engine.position(), Position::new(5));
    assert_eq!(engine.digest(), self::engine(&shop(), &EVENTS[..5]).digest());
}

#[test]
fn what_is_wrong_in_a_definition_is_named_with_its_place() {
    let of = |views: &[(&str, ViewDefinition)]| {
        Engine::default().define(&definitions(views)).unwrap_err().to_string()
    };
    let on = |lines: &[&str]| of(&[("v", table("subject", &[("A", lines)]))]);
    assert_eq!(
        on(&["set total = data.a + totl"]),
        "view `v`, on.A.set.total: no column `totl`; there are id, source, subject, type, time, \
         position, epoch, stream_version, data.…, previous.…, subject, total at byte 9"
    );
    assert_eq!(
        on(&["set a = 1 +"]),
        "view `v`, on.A.set.a: expected a value, found the end at byte 3"
    );
    assert_eq!(
        on(&["set a = 1", "add a = 2"]),
        "view `v`, on.A: column `a` is in `set` and in `add` of one clause"
    );
    assert_eq!(
        on(&["set a = 1", "delete"]),
        "view `v`, on.A: `delete` stands alone: the row it would set or add to is gone"
    );
    assert_eq!(
        on(&["set a = SUM(data.x)"]),
        "view `v`, on.A.set.a: an aggregate in a table view is not supported at byte 0"
    );
    let orders = ("orders", orders());
    let over = |sql: &str| of(&[orders.clone(), ("q", query(sql))]);
    assert_eq!(
        over("SELECT regoin FROM orders"),
        "view `q`, sql: no column `regoin`; there are subject, status, region, total at byte 7"
    );
    assert_eq!(
        over("SELECT status, COUNT(*) FROM orders GROUP BY region"),
        "view `q`, sql: column `status` must be in GROUP BY or inside an aggregate at byte 7"
    );
    assert_eq!(
        over("SELECT total, total FROM orders"),
        "view `q`, sql: a second column `total`; name one of them with AS at byte 14"
    );
    assert_eq!(
        of(&[("a", query("SELECT x FROM b")), ("b", query("SELECT x FROM a"))]),
        "view `a`, sql: it reads itself: a → b → a at byte 14"
    );
}

#[test]
fn an_event_that_a_view_refuses_is_set_aside_and_the_rest_goes_on() {
    let views = definitions(&[
        ("ratio", table("subject", &[("Placed", &["set share = 100 / data.total"])])),
        ("orders", orders()),
    ]);
    let mut engine = engine(
        &views,
        &[
            ("Placed", "a", r#"{"total":4}"#),
            ("Placed", "b", r#"{"total":0}"#),
            ("Placed", "c", r#"{"total":99999999999999999999}"#),
            ("Placed", "d", r#"{"total":5}"#),
        ],
    );

    assert_eq!(rows(&engine, "ratio"), ["a 25", "d 20"]);
    assert_eq!(rows(&engine, "orders"), ["a placed NULL 4", "b placed NULL 0", "d placed NULL 5"]);
    let messages: Vec<_> = engine
        .quarantine()
        .map(|refused| format!("{} {} {}", refused.position, refused.view, refused.error))
        .collect();
    assert_eq!(
        messages,
        [
            "#2 ratio on.Placed.set.share: `/` by zero",
            "#3 ratio on.Placed.set.share: the number 99999999999999999999 in `data.total` is beyond 64 bits or 38 digits, 18 of them after the point",
            "#3 orders on.Placed.set.total: the number 99999999999999999999 in `data.total` is beyond 64 bits or 38 digits, 18 of them after the point",
        ]
    );
    engine.seek(Position::new(2));
    assert_eq!((engine.quarantine().count(), engine.quarantined("ratio")), (1, 1));
    engine.rewind(Position::new(1));
    assert_eq!(engine.quarantine().count(), 0);
}

#[test]
fn a_row_that_a_query_cannot_compute_is_left_out_until_it_can() {
    let views = definitions(&[
        ("orders", orders()),
        ("share", query("SELECT subject, 100 / total AS share FROM orders")),
    ]);
    let mut engine =
        engine(&views, &[("Placed", "a", r#"{"total":0}"#), ("Placed", "b", r#"{"total":50}"#)]);
    assert_eq!(rows(&engine, "share"), ["b 2"]);
    let errors: Vec<_> =
        engine.view("share").unwrap().errors().map(|(_, error)| error.to_string()).collect();
    assert_eq!(errors, ["`/` by zero"]);

    feed(&mut engine, &[("Added", "a", r#"{"price":10,"quantity":1}"#)]);
    assert_eq!(rows(&engine, "share"), ["a 10", "b 2"]);
    assert_eq!(engine.view("share").unwrap().errors().count(), 0);
}

#[test]
fn a_key_may_have_parts_and_a_set_column_takes_the_name_of_one() {
    let views = definitions(&[(
        "v",
        ViewDefinition::Table(TableDefinition {
            key: vec!["data.region".into(), "substr(time, 1, 10)".into(), "type".into()],
            on: vec![(
                "*".into(),
                clause(&["set type = lower(type)", "add n = 1", "set at = position"]),
            )],
            ..TableDefinition::default()
        }),
    )]);
    let engine = engine(
        &views,
        &[("A", "x", r#"{"region":"n"}"#), ("A", "y", r#"{"region":"n"}"#), ("A", "y", "{}")],
    );
    let view = engine.view("v").unwrap();
    assert_eq!(view.columns(), ["region", "key2", "type", "at", "n"]);
    assert_eq!(view.key_columns(), 2);
    assert_eq!(rows(&engine, "v"), ["n 2026-01-02 a 2 2"]);
    assert_eq!(engine.quarantine().next().unwrap().error.to_string(), "the key is NULL");
}

#[test]
fn deltas_are_net_changes_since_they_were_last_asked_for() {
    let mut engine = engine(&shop(), &EVENTS[..2]);
    assert_eq!(engine.drain_deltas("revenue").len(), 2, "first, everything is new");
    feed(&mut engine, &EVENTS[2..4]);
    engine.seek(Position::new(3));

    let deltas = engine.drain_deltas("revenue");
    let line = |row: &Option<crate::Row>| row.as_ref().map(|row| row[2].to_string());
    let changes: Vec<_> = deltas.iter().map(|d| (line(&d.before), line(&d.after))).collect();
    assert_eq!(changes, [(Some("10".into()), Some("22".into()))]);
    assert!(engine.drain_deltas("revenue").is_empty());
    assert!(engine.drain_deltas("nothing").is_empty());
}

#[test]
fn a_snapshot_and_the_events_after_it_equal_a_full_replay() {
    let mut first = engine(&shop(), &EVENTS[..5]);
    first.seek(Position::new(2));
    let blob = first.snapshot();
    assert_eq!(first.position(), Position::new(2));

    let mut second = Engine::restore(&blob, &shop(), Limits::default()).unwrap();
    assert_eq!((second.head(), second.log().version("a")), (Position::new(5), 2));
    let repeated = NewEvent {
        id: "3".into(),
        ..self::engine(&shop(), &EVENTS).log().get(Position::new(3)).unwrap().to_new()
    };
    assert!(
        second.append(Epoch::new(1), &repeated).is_err(),
        "duplicates are known across a restart"
    );
    feed(&mut second, &EVENTS[5..]);
    assert_eq!(second.digest(), self::engine(&shop(), &EVENTS).digest());
    second.seek(Position::new(1));
    assert_eq!(second.position(), Position::new(5), "what came before is not kept");
}

#[test]
fn a_snapshot_that_is_not_what_it_is_said_to_be_is_refused_and_nothing_changes() {
    let mut ahead = engine(&shop(), &EVENTS[..5]);
    let blob = ahead.snapshot();
    let mut behind = engine(&shop(), &EVENTS[..2]);
    let (before, five) = (behind.digest(), Position::new(5));

    assert_eq!(
        behind.resume_at(&blob, Position::new(4), ahead.digest()),
        Err(RestoreError::Position { expected: Position::new(4), found: five })
    );
    assert_eq!(
        behind.resume_at(&blob, five, before),
        Err(RestoreError::Digest { expected: before, found: ahead.digest() })
    );
    assert_eq!((behind.head(), behind.digest()), (Position::new(2), before));
    assert_eq!(behind.resume_at(&blob, five, ahead.digest()), Ok(()));
    assert_eq!((behind.head(), behind.digest()), (five, ahead.digest()));
}

#[test]
fn an_engine_that_is_cleared_begins_at_the_start_also_after_a_snapshot() {
    let blob = engine(&shop(), &EVENTS[..5]).snapshot();
    let mut cleared = Engine::restore(&blob, &shop(), Limits::default()).unwrap();

    cleared.clear().unwrap();

    assert_eq!((cleared.head(), cleared.log().base()), (Position::START, Position::START));
    assert_eq!(cleared.digest(), self::engine(&shop(), &[]).digest());
    feed(&mut cleared, &EVENTS);
    assert_eq!(cleared.digest(), self::engine(&shop(), &EVENTS).digest());
}

#[test]
fn a_damaged_or_foreign_snapshot_is_refused_by_name() {
    let mut engine = engine(&shop(), &EVENTS);
    let blob = engine.snapshot();
    let restore = |blob: &[u8]| Engine::restore(blob, &shop(), Limits::default()).unwrap_err();

    assert_eq!(restore(b"PK\x03\x04"), RestoreError::Foreign);
    for at in 0..blob.len() {
        for bit in 0..8 {
            let mut damaged = blob.clone();
            damaged[at] ^= 1 << bit;
            let refused = restore(&damaged);
            let expected = match at {
                0..8 => matches!(refused, RestoreError::Foreign),
                8..16 => matches!(refused, RestoreError::Version { .. }),
                _ => matches!(refused, RestoreError::Damaged { .. }),
            };
            assert!(expected, "byte {at}, bit {bit}: {refused}");
        }
        let refused = restore(&blob[..at]);
        let is_cut = matches!(refused, RestoreError::Damaged { .. });
        assert!(is_cut || at < 8 && refused == RestoreError::Foreign, "cut at {at}: {refused}");
    }
    let mut older = blob.clone();
    older[8] = 1;
    assert_eq!(restore(&older).to_string(), "expected a snapshot of version 2, found version 1");
    let small = Limits { input_bytes: 100, ..Limits::default() };
    assert!(matches!(
        Engine::restore(&blob, &shop(), small),
        Err(RestoreError::TooLarge { limit: 100, .. })
    ));
    let others = definitions(&[("orders", table("subject", &[("Placed", &["set other = 1"])]))]);
    assert_eq!(
        Engine::restore(&blob, &others, Limits::default()).unwrap_err().to_string(),
        "view `orders`: expected columns subject, other, the snapshot has subject, status, region, total"
    );
}

#[test]
fn a_fork_keeps_for_itself_what_its_edits_make_otherwise() {
    let mut definitions = shop();
    definitions
        .views
        .push(("regions".into(), table("data.region", &[("Placed", &["set last = data.total"])])));
    let mut engine = engine(&definitions, &[]);
    for number in 0..6_000 {
        let (order, data) =
            (format!("{number}"), format!(r#"{{"region":"r{}","total":{number}}}"#, number / 100));
        feed(
            &mut engine,
            &[("Placed", &order, &data), ("Added", &order, r#"{"price":1,"quantity":2}"#)],
        );
    }
    let memory = |engine: &Engine| -> usize {
        engine.views.all.iter().map(|view| view.table.memory()).sum()
    };
    let beside = |engine: &Engine, fork: &Engine| -> usize {
        let views = engine.views.all.iter().zip(&fork.views.all);
        views.map(|(view, fork)| view.table.memory_beside(&fork.table.keep(), None)).sum()
    };
    let edits = [
        Edit::drop(Position::new(3_000)),
        Edit::add(
            Position::new(6_000),
            vec![NewEvent {
                id: "new".into(),
                source: "/test".into(),
                event_type: "Placed".into(),
                subject: "new".into(),
                time: None,
                data: r#"{"region":"r1","total":1}"#.into(),
            }],
        ),
    ];
    let mut fork = engine.fork(&edits).unwrap();
    assert_ne!(fork.digest(), engine.digest());
    let (own, all) = (beside(&engine, &fork), memory(&engine));
    assert!(own * 20 < all, "{own} bytes of {all}");
    // What is shared stays what it was when one of them goes on.
    let digest = engine.digest();
    feed(&mut fork, &[("Cancelled", "7", "{}"), ("Placed", "8", r#"{"region":"r1","total":3}"#)]);
    fork.seek(Position::new(10));
    assert_eq!(engine.digest(), digest);
}
