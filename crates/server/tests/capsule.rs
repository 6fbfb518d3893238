//! `everview capsule`, run as people run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use everview_core::{Capsule, Engine, Epoch, NewEvent, Position};
use everview_protocol::definitions;

const VIEWS: &str = "[views.kinds]\nkey = \"type\"\non.\"*\".add = { events = \"1\" }\n";

/// A capsule of three events.
fn capsule() -> Capsule {
    let mut engine = Engine::default();
    engine.define(&definitions::parse(VIEWS).unwrap()).unwrap();
    for id in ["1", "2", "3"] {
        let event = NewEvent {
            id: id.into(),
            source: "/shop".into(),
            event_type: "OrderPlaced".into(),
            subject: "order-1".into(),
            time: None,
            data: "{}".into(),
        };
        engine.append(Epoch::new(1), &event).unwrap();
    }
    Capsule {
        name: "orders.ndjson".into(),
        events: Some(engine.store(Position::START)),
        definitions: VIEWS.into(),
        proof: Capsule::proof(&mut engine, 64),
        ..Capsule::default()
    }
}

/// What the command writes and ends with over these bytes.
fn check(name: &str, bytes: &[u8]) -> (Option<i32>, String, String) {
    let file: PathBuf = env::temp_dir().join(format!("everview-{}-{name}", std::process::id()));
    fs::write(&file, bytes).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_everview"));
    let output = command.arg("capsule").arg(&file).output().unwrap();
    fs::remove_file(&file).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_capsule_is_reproduced() {
    let (code, out, _) = check("whole", &capsule().to_bytes());
    assert_eq!(code, Some(0));
    assert!(out.contains("orders.ndjson: 3 events"), "{out}");
    assert!(out.contains("✓ reproduced at 3 positions, hash "), "{out}");
}

#[test]
fn one_that_diverges_or_is_damaged_or_has_no_events_is_told_apart() {
    let mut other = capsule();
    other.definitions = VIEWS.replace("\"1\"", "\"2\"");
    let (code, _, told) = check("other", &other.to_bytes());
    assert_eq!(code, Some(5), "{told}");
    assert!(told.contains("✗ diverged: expected views with digest"), "{told}");

    let mut bytes = capsule().to_bytes();
    bytes.pop();
    let (code, _, told) = check("cut", &bytes);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("the capsule is damaged"), "{told}");

    let (code, _, told) = check("empty", &Capsule { events: None, ..capsule() }.to_bytes());
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("not in it, but in orders.ndjson"), "{told}");
}
