//! Random table views over random events equal what an interpreter makes of them that does
//! everything the slow and obvious way.

mod interpreter;
mod world;

use everview_core::{Engine, Epoch, Limits, Position, Value};
use everview_protocol::definitions;
use interpreter::{State, Table, fold};
use proptest::prelude::*;
use world::{COLUMNS, V, event, view};

/// The table at the playhead.
fn table(engine: &Engine) -> Table {
    let view = engine.view("v").unwrap();
    let place = |name: &str| view.columns().iter().position(|known| known == name).unwrap();
    let row = |row: everview_core::Row| {
        let key = row[..view.key_columns()].iter().map(seen).collect();
        (key, COLUMNS.iter().map(|name| seen(&row[place(name)])).collect())
    };
    view.rows().map(row).collect()
}

fn seen(value: &Value) -> V {
    match value {
        Value::Null => V::Null,
        Value::Bool(truth) => V::Bool(*truth),
        Value::Int(number) => V::Int(*number),
        Value::Text(text) => V::Text(text.to_string()),
        Value::Decimal(_) => panic!("no decimals in this world"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn a_declared_view_is_what_the_naive_interpreter_says(
        view in view(),
        events in prop::collection::vec(event(), 1..25),
        back in 0_usize..25,
    ) {
        let text = definitions::to_toml(&view.definitions());
        // So few that every way through the positions meets some.
    let limits = Limits { checkpoint_events: 5, ..Limits::default() };
    let mut engine = Engine::new(limits);
        engine.define(&definitions::parse(&text).unwrap()).map_err(|error| {
            TestCaseError::fail(format!("{error}\n{text}"))
        })?;
        for (id, event) in events.iter().enumerate() {
            engine.append(Epoch::new(1), &event.to_new(id)).unwrap();
        }
        let State { rows, refused, .. } = fold(&view, &events);
        let set_aside: Vec<u64> =
            engine.quarantine().map(|refused| refused.position.get()).collect();
        prop_assert_eq!((table(&engine), set_aside), (rows, refused), "{}", text);

        let back = back.min(events.len());
        engine.seek(Position::new(back as u64));
        prop_assert_eq!(table(&engine), fold(&view, &events[..back]).rows, "{}", text);
    }
}
