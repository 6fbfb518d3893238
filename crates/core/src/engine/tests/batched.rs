//! Views that take their events in batches.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use super::{EVENTS, definitions, feed, orders, query, rows};
use crate::command::{Message, MessageError};
use crate::json::Json;
use crate::{
    BatchProjector, Engine, Event, IndexDefinition, Position, ProjectError, Projector, Read,
    RestoreError, Row, RowChange, Rows, Value,
};

/// Accounts between which amounts are moved, and one to which all is added that is moved.
const MOVES: [(&str, &str, &str); 9] = [
    ("Moved", "x", r#"{"from":"a","to":"b","amount":5}"#),
    ("Moved", "y", r#"{"from":"b","to":"c","amount":1}"#),
    ("Moved", "x", r#"{"from":"a","to":"b","amount":"?"}"#),
    ("Unheard", "x", "{}"),
    ("Moved", "x", r#"{"from":"c","to":"b","amount":3}"#),
    ("Closed", "y", r#"{"account":"c"}"#),
    ("Moved", "z", r#"{"from":"c","to":"a","amount":2}"#),
    ("Wide", "y", "{}"),
    ("Moved", "z", r#"{"from":"a","to":"a","amount":4}"#),
];

fn amount(row: Option<&Row>) -> i64 {
    match row.map(|row| &row[1]) {
        Some(Value::Int(amount)) => *amount,
        _ => 0,
    }
}

/// What one event does, given the rows before it.
fn account(
    event: &Event<'_>,
    row: &dyn Fn(&[Value]) -> Option<Row>,
) -> Result<Vec<RowChange>, ProjectError> {
    let data = Json::parse(&event.data).unwrap();
    let text = |field| data.get(field).and_then(Json::as_str).unwrap_or_default();
    let set = |name: &str, amount: i64| RowChange {
        key: vec![name.into()],
        values: Some(vec![amount.into()]),
    };
    match event.event_type {
        "Closed" => Ok(vec![RowChange { key: vec![(&*text("account")).into()], values: None }]),
        "Wide" => Ok(vec![RowChange { key: vec!["c".into()], values: Some(vec![]) }]),
        _ => {
            let by = data.get("amount").and_then(Json::as_i64);
            let by = by.ok_or_else(|| ProjectError::Refused("no amount".into()))?;
            let now = |name: &str| amount(row(&[name.into()]).as_ref());
            let (from, to, all) = (text("from"), text("to"), "all");
            let mut changes = vec![set(&from, now(&from) - by)];
            let so_far = if from == to { now(&from) - by } else { now(&to) };
            changes.push(set(&to, so_far + by));
            changes.push(set(all, now(all) + by));
            Ok(changes)
        }
    }
}

const TYPES: &[&str] = &["Moved", "Closed", "Wide"];

#[derive(Debug)]
struct Batched;

impl BatchProjector for Batched {
    fn key(&self) -> Vec<String> {
        vec!["name".into()]
    }

    fn columns(&self) -> Vec<String> {
        vec!["amount".into()]
    }

    fn reads(&self, event_type: &str) -> bool {
        TYPES.contains(&event_type)
    }

    fn project(
        &self,
        events: &[Event<'_>],
        row: &dyn Fn(&[Value]) -> Option<Row>,
    ) -> Vec<Result<Vec<RowChange>, ProjectError>> {
        let mut seen: BTreeMap<Vec<Value>, Option<Row>> = BTreeMap::new();
        let mut refused = Vec::new();
        let mut answers = Vec::new();
        for event in events {
            if refused.contains(&event.subject) {
                answers.push(Ok(Vec::new()));
                continue;
            }
            let answer = account(event, &|key| match seen.get(key) {
                Some(known) => known.clone(),
                None => row(key),
            });
            match &answer {
                Ok(changes) => {
                    for RowChange { key, values } in changes {
                        let row = values.as_ref().map(|row| [&**key, &**row].concat().into());
                        seen.insert(key.clone(), row);
                    }
                }
                Err(_) => refused.push(event.subject),
            }
            answers.push(answer);
        }
        answers
    }
}

struct Any;

impl Message for Any {
    const TYPES: &'static [&'static str] = TYPES;

    fn type_name(&self) -> &'static str {
        "Moved"
    }

    fn data(&self) -> String {
        "{}".into()
    }

    fn read(_: &str, _: Json<'_>) -> Result<Self, MessageError> {
        Ok(Self)
    }
}

/// The same view, event by event.
#[derive(Debug)]
struct OneByOne;

impl Projector for OneByOne {
    type Event = Any;

    const KEY: &'static [&'static str] = &["name"];
    const COLUMNS: &'static [&'static str] = &["amount"];

    fn project(&self, _: Any, event: &Event<'_>, rows: &mut Rows<'_>) -> Result<(), ProjectError> {
        for RowChange { key, values } in account(event, &|key| rows.get(key))? {
            match values {
                Some(values) => rows.put(&key, &values)?,
                None => rows.remove(&key),
            }
        }
        Ok(())
    }
}

fn views() -> crate::Definitions {
    definitions(&[
        ("total", query("SELECT SUM(amount) AS amount, COUNT(*) AS n FROM accounts")),
        ("orders", orders()),
    ])
}

fn events() -> Vec<(&'static str, &'static str, &'static str)> {
    MOVES.iter().chain(&EVENTS).copied().collect()
}

/// An engine in whose views the events came a batch at a time.
fn batched(events: &[(&str, &str, &str)]) -> Engine {
    let mut engine = Engine::default();
    feed(&mut engine, events);
    engine.register_batched("accounts", Batched).unwrap();
    engine.define(&views()).unwrap();
    engine
}

fn one_by_one(events: &[(&str, &str, &str)]) -> Engine {
    let mut engine = Engine::default();
    engine.register("accounts", OneByOne).unwrap();
    engine.define(&views()).unwrap();
    feed(&mut engine, events);
    engine
}

fn quarantine(engine: &Engine) -> Vec<String> {
    let line = |refused: &crate::Quarantined| {
        format!("{} {}: {}", refused.view, refused.position, refused.error)
    };
    engine.quarantine().map(line).collect()
}

#[test]
fn events_in_a_batch_do_what_they_do_one_by_one() {
    let engine = batched(&MOVES);
    assert_eq!(rows(&engine, "accounts"), ["a -3", "all 12", "b 4", "c -2"]);
    assert_eq!(rows(&engine, "total"), ["11 4"]);
    assert_eq!(
        quarantine(&engine),
        [
            "accounts #3: no amount",
            "accounts #5: it waits behind the event at #3",
            "accounts #8: expected a row of 2 values, found 1"
        ]
    );
    let all = batched(&events());
    let each = one_by_one(&events());
    assert_eq!(all.digest(), each.digest());
    assert_eq!(quarantine(&all), quarantine(&each));
}

#[test]
fn however_events_are_batched_the_views_are_the_same() {
    let events = events();
    let whole = batched(&events);
    for size in 1..events.len() {
        let mut engine = batched(&[]);
        for chunk in events.chunks(size) {
            engine.seek(Position::START);
            feed(&mut engine, chunk);
            engine.seek(engine.head());
        }
        assert_eq!(engine.digest(), whole.digest(), "{size} at a time");
        assert_eq!(quarantine(&engine), quarantine(&whole), "{size} at a time");
    }
}

#[test]
fn every_position_can_be_reached_in_a_view_that_takes_batches() {
    let events = events();
    let mut engine = batched(&events);
    for position in [0, 4, 17, 8, 3, 9, 1] {
        engine.seek(Position::new(position));
        let upto = one_by_one(&events[..usize::try_from(position).unwrap()]);
        assert_eq!(engine.digest(), upto.digest(), "at {position}");
    }
    engine.seek(engine.head());
    engine.rewind(Position::new(2));
    feed(&mut engine, &events[4..]);
    let other: Vec<_> = events[..2].iter().chain(&events[4..]).copied().collect();
    assert_eq!(engine.digest(), one_by_one(&other).digest());
    assert_eq!(quarantine(&engine), quarantine(&one_by_one(&other)));
}

#[test]
fn views_of_a_program_go_on_after_a_snapshot() {
    let events = events();
    for cut in 0..=events.len() {
        let blob = batched(&events[..cut]).snapshot();
        for empty in [batched, one_by_one].map(|engine| engine(&[])) {
            let mut engine = empty;
            engine.resume(&blob).unwrap();
            feed(&mut engine, &events[cut..]);
            let whole = batched(&events);
            assert_eq!(engine.digest(), whole.digest(), "after {cut}");
            assert_eq!(quarantine(&engine), quarantine(&whole), "after {cut}");
        }
    }
}

#[test]
fn who_follows_a_view_hears_what_a_snapshot_has_otherwise() {
    let events = events();
    let (mut engine, mut ahead) = (batched(&events[..2]), batched(&events[..5]));
    engine
        .add_index(&IndexDefinition {
            view: "accounts".into(),
            columns: vec!["amount".into()],
            is_unique: false,
        })
        .unwrap();
    engine.drain_deltas("accounts");
    let refused = engine.resume(b"PK").unwrap_err();
    assert_eq!((refused, engine.head()), (RestoreError::Foreign, Position::new(2)));

    engine.resume(&ahead.snapshot()).unwrap();
    assert_eq!((engine.head(), engine.digest()), (Position::new(5), ahead.digest()));
    feed(&mut engine, &[("Moved", "w", r#"{"from":"d","to":"a","amount":1}"#)]);
    let changed = engine.drain_deltas("accounts");
    let names: Vec<_> = changed.iter().map(|delta| delta.key[0].to_string()).collect();
    assert_eq!(names, ["a", "all", "d"]);
    let read = Read { order: Some("amount".into()), view: "accounts".into(), ..Read::default() };
    let found = engine.explain(&read).unwrap().to_string();
    assert_eq!(found, "index amount, in order, rows examined: 5");
    let refused = engine.register("late", OneByOne).unwrap_err();
    assert_eq!((&*refused.view, &*refused.place), ("late", "history"));
}

#[test]
fn an_event_without_an_answer_is_refused_and_the_others_are_asked_for_again() {
    #[derive(Debug)]
    struct Lazy;

    impl BatchProjector for Lazy {
        fn key(&self) -> Vec<String> {
            vec!["id".into()]
        }

        fn columns(&self) -> Vec<String> {
            vec![]
        }

        fn reads(&self, _: &str) -> bool {
            true
        }

        fn project(
            &self,
            events: &[Event<'_>],
            _: &dyn Fn(&[Value]) -> Option<Row>,
        ) -> Vec<Result<Vec<RowChange>, ProjectError>> {
            let row = |id: &str| RowChange { key: vec![id.into()], values: Some(vec![]) };
            let first = events.first().filter(|event| &*event.id != "2");
            first.map(|event| Ok(vec![row(&event.id)])).into_iter().collect()
        }
    }

    let mut engine = Engine::default();
    feed(&mut engine, &[("A", "x", "1"), ("A", "y", "2"), ("A", "z", "3"), ("A", "y", "4")]);
    engine.register_batched("ids", Lazy).unwrap();
    assert_eq!(rows(&engine, "ids"), ["1", "3"]);
    let refused = ["ids #2: there is no answer to it", "ids #4: it waits behind the event at #2"];
    assert_eq!(quarantine(&engine), refused);
    let error = engine.register_batched("ids", Lazy).unwrap_err();
    assert_eq!(error.to_string(), "view `ids`, name: a second view of this name");
}
