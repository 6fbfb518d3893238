//! The input scanner: it never panics, the size of the chunks changes nothing, and what is taken
//! for JSON is JSON.

use everview_core::orders::VIEWS;
use everview_core::{Engine, Format, Limits, Mapping, Position, Reader, RefuseReason};
use everview_protocol::definitions;
use serde::de::IgnoredAny;

/// Small enough that short inputs reach them.
const LIMITS: Limits = Limits {
    record_bytes: 1 << 10,
    input_bytes: 1 << 13,
    duplicate_window: 1 << 8,
    kept: 50,
    checkpoint_events: 1 << 15,
};

/// The first byte says how the rest is read, the second how it is cut.
pub fn check(bytes: &[u8]) {
    let &[kind, cut, ref input @ ..] = bytes else { return };
    let format = [Format::Ndjson, Format::JsonArray, Format::Csv][usize::from(kind % 3)];
    let mapping = if kind & 0x80 == 0 { Mapping::cloud_events() } else { Mapping::default() };
    let whole = read(format, &mapping, std::iter::once(input));
    let pieces = read(format, &mapping, input.chunks(usize::from(cut) + 1));
    assert_eq!(seen(&whole), seen(&pieces), "in pieces of {}", usize::from(cut) + 1);
    require_json(&whole, format, input);
}

fn read<'a>(format: Format, mapping: &Mapping, chunks: impl Iterator<Item = &'a [u8]>) -> Engine {
    thread_local! {
        static EMPTY: Engine = {
            let mut engine = Engine::new(LIMITS);
            let definitions = definitions::parse(VIEWS).expect("the views of the orders are read");
            engine.define(&definitions).expect("the views of the orders can be defined");
            engine
        };
    }
    let mut engine = EMPTY.with(Engine::clone);
    let mut reader =
        Reader::new(format, mapping, "/fuzz", LIMITS).expect("the mapping can be read");
    for chunk in chunks {
        engine.read(&mut reader, chunk);
    }
    engine.finish(&mut reader);
    engine
}

/// All that the input has led to.
fn seen(engine: &Engine) -> String {
    let events: Vec<String> = engine.log().after(Position::new(0)).map(|e| e.to_json()).collect();
    format!("{} {:?} {events:#?}", engine.digest(), engine.intake())
}

/// A reader that is not ours agrees on what JSON is.
fn require_json(engine: &Engine, format: Format, input: &[u8]) {
    for event in engine.log().after(Position::new(0)) {
        let text = event.to_json();
        let read: Result<IgnoredAny, _> = serde_json::from_str(&text);
        assert!(read.is_ok() || is_deep(&text), "accepted {text}: {read:?}");
    }
    if format != Format::Ndjson {
        return;
    }
    for refused in &engine.intake().refusals {
        let RefuseReason::Json(error) = &refused.reason else { continue };
        let start = usize::try_from(refused.offset).expect("an input is short");
        let line = input[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let Ok(text) = std::str::from_utf8(line) else { continue };
        // What is an escape without being a character, they let pass.
        let is_lenient = is_deep(text) || text.contains("\\u");
        let read: Result<IgnoredAny, _> = serde_json::from_str(text);
        assert!(read.is_err() || is_lenient, "refused {text}: {error}");
    }
}

/// Whether a text may be nested deeper than one of the readers goes.
fn is_deep(text: &str) -> bool {
    text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() >= 100
}
