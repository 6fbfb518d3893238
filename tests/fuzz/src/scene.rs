//! A few events that every kind of value, refusal and retraction occurs in.

use everview_core::{
    Clause, DefineError, Definitions, Engine, Epoch, NewEvent, Position, TableDefinition,
    Timestamp, ViewDefinition,
};

const EVENTS: &[(&str, &str, &str)] = &[
    ("a", "Set", r#"{"n":1,"d":1.50,"t":"north","b":true,"l":[1,{"x":"y"}],"o":{"n":-7}}"#),
    ("b", "Set", r#"{"n":9223372036854775807,"d":-0.01,"t":"","b":false,"l":[]}"#),
    ("a", "Set", r#"{"n":null,"d":99999999999999999999.999,"t":"2026-03-01T10:20:30Z"}"#),
    ("", "Set", r#"{"n":-9223372036854775808,"d":0,"t":"😀é\u0000%_'"}"#),
    ("b", "Gone", "{}"),
    ("c", "Set", r#"{"n":"12","d":"x","t":7,"b":[],"o":"text"}"#),
    ("d", "Set", r#"{"n":2,"d":2.5,"t":"north","b":true}"#),
    ("a", "Gone", "{}"),
    ("b", "Set", r#"{"n":0,"d":0.000,"t":"south","l":[[[]]]}"#),
];

/// The view `base` of the scene: what its events say, a row for each subject.
pub fn base() -> (String, ViewDefinition) {
    let column = |name: &str| (name.to_owned(), format!("data.{name}"));
    let mut set = Clause::default();
    set.set.extend(["n", "d", "t", "b", "l"].map(column));
    set.set.push(("at".to_owned(), "time".to_owned()));
    let gone = Clause { delete: true, ..Clause::default() };
    let table = TableDefinition {
        key: vec!["subject".to_owned()],
        on: vec![("Set".to_owned(), set), ("Gone".to_owned(), gone)],
        ..TableDefinition::default()
    };
    ("base".to_owned(), ViewDefinition::Table(table))
}

/// Defines the views and plays the events. However one comes to a position, the views are equal.
pub fn play(definitions: &Definitions) -> Result<(), DefineError> {
    let mut engine = Engine::default();
    engine.define(definitions)?;
    let mut digests = vec![engine.digest()];
    for (id, &(subject, event_type, data)) in (0..).zip(EVENTS) {
        let event = NewEvent {
            id: id.to_string(),
            source: "/scene".to_owned(),
            event_type: event_type.to_owned(),
            subject: subject.to_owned(),
            time: (id % 3 != 0).then(|| Timestamp::from_millis(id * 70_000)),
            data: data.to_owned(),
        };
        engine.append(Epoch::new(1), &event).expect("the events of the scene are well formed");
        digests.push(engine.digest());
    }
    for position in [4, 0, 7, 2, EVENTS.len()] {
        engine.seek(Position::new(position as u64));
        assert_eq!(engine.digest(), digests[position], "after going to {position}");
    }
    engine.define(definitions)?;
    assert_eq!(engine.digest(), digests[EVENTS.len()], "defined over the whole log");
    read(&engine);
    Ok(())
}

/// Reads all that can be read of the views.
fn read(engine: &Engine) {
    for view in engine.views() {
        let rows = view.rows().count();
        assert_eq!(rows, view.len(), "rows of {}", view.name());
        for (_, error) in view.errors() {
            assert!(!error.to_string().is_empty());
        }
    }
    for refused in engine.quarantine() {
        assert!(!refused.error.to_string().is_empty());
    }
}
