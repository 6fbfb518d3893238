//! What goes into a log comes out of it again, whatever shapes its records have.

use everview_core::{Engine, Format, Limits, Mapping, Position, Reader};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A value that stands in a record as it is written here.
fn written(value: &Value) -> BoxedStrategy<String> {
    let plain = value.to_string();
    prop_oneof![8 => Just(plain.clone()), 1 => Just(plain.replace('a', "\\u0061"))].boxed()
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        (0_i64..100).prop_map(|number| number.to_string()),
        (any::<i32>(), 0_u32..999).prop_map(|(whole, part)| format!("{whole}.{part:03}")),
        Just("1e3".to_owned()),
        Just("-0".to_owned()),
        Just("123456789012345678901234567890".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("[1, \"a\", {\"b\": [2]}]".to_owned()),
        Just("{}".to_owned()),
        "[a-z \\\\\"\\n\u{e4}\u{1f600}]{0,20}".prop_flat_map(|text| written(&json!(text))),
        "2026-0[1-9]-1[0-9]T0[0-9]:30:00.[0-9]{3}Z".prop_map(|text| json!(text).to_string()),
    ]
}

/// The fields of some data, some of them in an object of their own.
fn data() -> impl Strategy<Value = String> {
    let fields = prop::collection::vec((0_usize..5, scalar()), 0..5);
    (fields, prop::option::of(scalar()), any::<bool>()).prop_map(|(fields, inner, spaced)| {
        let space = if spaced { " " } else { "" };
        let mut members: Vec<String> =
            fields.iter().map(|(name, value)| format!("\"f{name}\":{space}{value}")).collect();
        members.extend(inner.map(|value| format!("\"in\":{{\"x\":{value}}}")));
        format!("{{{}}}", members.join(&format!(",{space}")))
    })
}

/// A record with this number for its id.
fn record(id: usize) -> impl Strategy<Value = String> {
    let time = prop::option::of(prop_oneof![
        Just("\"2026-03-02T08:00:00.123Z\"".to_owned()),
        Just("\"2026-03-02T08:00:00Z\"".to_owned()),
        Just("\"2026-03-02 09:00:00+01:00\"".to_owned()),
        (0_i64..2_000_000_000_000).prop_map(|millis| millis.to_string()),
        Just("null".to_owned()),
    ]);
    let subject = prop::option::of(prop_oneof![
        4 => (0_u8..6).prop_map(|number| format!("\"stream-{number}\"")),
        1 => Just("7".to_owned()),
        1 => Just("\"a \\\"quoted\\\" one\"".to_owned()),
    ]);
    (0_u8..3, subject, time, data()).prop_map(move |(event_type, subject, time, data)| {
        let subject = subject.map_or(String::new(), |text| format!(",\"subject\":{text}"));
        let time = time.map_or(String::new(), |text| format!(",\"time\":{text}"));
        format!(
            "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"/s\",\"type\":\"T{event_type}\"{subject}{time},\"data\":{data}}}"
        )
    })
}

fn records() -> impl Strategy<Value = Vec<String>> {
    // The same records twice with other ids: the second time, their shapes are known.
    (1_usize..30)
        .prop_flat_map(|count| (0..2 * count).map(|id| record(id % count + id)).collect::<Vec<_>>())
}

fn read(lines: &[String], chunk: usize) -> Engine {
    let mut engine = Engine::new(Limits::default());
    let mut reader =
        Reader::new(Format::Ndjson, &Mapping::cloud_events(), "/input", Limits::default()).unwrap();
    let bytes = lines.join("\n").into_bytes();
    for part in bytes.chunks(chunk) {
        engine.read(&mut reader, part);
    }
    engine.finish(&mut reader);
    engine
}

/// What serde has for a record, where the last of two fields of one name counts too.
fn parsed(line: &str) -> Map<String, Value> {
    serde_json::from_str(line).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_record_comes_back_as_it_was_written(lines in records(), chunk in 1_usize..4_000) {
        let engine = read(&lines, chunk);
        let log = engine.log();
        let mut expected = lines.iter();
        let mut seen = std::collections::BTreeSet::new();
        for event in log.after(Position::START) {
            let line = expected
                .find(|line| seen.insert(parsed(line)["id"].to_string()))
                .expect("an event for each record that is no duplicate");
            let fields = parsed(line);
            prop_assert_eq!(&*event.raw, line.as_str());
            prop_assert_eq!(&*event.id, fields["id"].as_str().unwrap());
            prop_assert_eq!(event.event_type, fields["type"].as_str().unwrap());
            let data: Value = serde_json::from_str(&event.data).unwrap();
            prop_assert_eq!(&data, &fields["data"]);
            let subject = fields.get("subject").map_or("/s".to_owned(), |subject| {
                subject.as_str().map_or_else(|| subject.to_string(), str::to_owned)
            });
            prop_assert_eq!(event.subject, subject);
            let has_time = fields.get("time").is_some_and(|time| !time.is_null());
            prop_assert_eq!(event.time.is_some(), has_time);
            prop_assert_eq!(log.time(event.position), event.time);
        }
        let rest = expected.filter(|line| seen.insert(parsed(line)["id"].to_string())).count();
        prop_assert_eq!(rest, 0, "{:?}", engine.intake());
        let streams: u64 = log.streams().map(|(_, count)| count).sum();
        prop_assert_eq!(streams, log.head().get());
    }

    #[test]
    fn what_a_rewind_forgot_can_come_again(lines in records(), kept in 0_u64..30) {
        let whole = read(&lines, usize::MAX);
        let mut engine = read(&lines, usize::MAX);
        engine.rewind(Position::new(kept));
        let mut reader =
            Reader::new(Format::Ndjson, &Mapping::cloud_events(), "/input", Limits::default()).unwrap();
        engine.read(&mut reader, lines.join("\n").as_bytes());
        engine.finish(&mut reader);
        let texts = |engine: &Engine| {
            let event = |event: everview_core::Event<'_>| (event.raw.into_owned(), event.version);
            engine.log().after(Position::START).map(event).collect::<Vec<_>>()
        };
        prop_assert_eq!(texts(&engine), texts(&whole));
    }
}
