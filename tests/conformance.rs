//! The same events come to the same views on every platform.
//!
//! `fixtures/conformance.digest` is what the first 5,000 events of the order stream with seed 42
//! come to in the order views. The WASM tests of the npm package compare with the same file.

use everview_core::orders::{OrderStream, VIEWS};
use everview_core::{Engine, Epoch, Format, Limits, Mapping, Position, Reader};
use everview_protocol::definitions;

pub(crate) const DIGEST: &str = include_str!("fixtures/conformance.digest");

fn engine() -> Engine {
    let mut engine = Engine::default();
    engine.define(&definitions::parse(VIEWS).unwrap()).unwrap();
    engine
}

#[test]
fn appended_events_come_to_the_known_digest() {
    let mut engine = engine();
    for event in OrderStream::new(42).events().take(5_000) {
        engine.append(Epoch::new(1), &event).unwrap();
    }
    assert_eq!(engine.digest().to_string(), DIGEST.trim());
}

#[test]
fn the_same_events_from_bytes_come_to_the_known_digest() {
    let mut engine = engine();
    let lines: Vec<_> =
        OrderStream::new(42).events().take(5_000).map(|event| event.to_json() + "\n").collect();
    let mut reader =
        Reader::new(Format::Ndjson, &Mapping::cloud_events(), "/file", Limits::default()).unwrap();
    engine.read(&mut reader, lines.concat().as_bytes());
    assert_eq!(engine.digest().to_string(), DIGEST.trim());

    engine.seek(Position::new(1_234));
    engine.seek(engine.head());
    assert_eq!(engine.digest().to_string(), DIGEST.trim(), "after a look at the past");
}
