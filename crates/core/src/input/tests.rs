use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{Format, Limits, Mapping, Reader};
use crate::{Engine, Position};

/// What an engine makes of an input that comes in pieces of `size` bytes: a line for each event,
/// then one for each refused record.
fn read_in(
    size: usize,
    format: Format,
    mapping: &Mapping,
    input: &[u8],
    limits: Limits,
) -> Vec<String> {
    let mut engine = Engine::new(limits);
    let mut reader = Reader::new(format, mapping, "/file", limits).unwrap();
    for chunk in input.chunks(size) {
        engine.read(&mut reader, chunk);
    }
    engine.finish(&mut reader);
    let events = engine.log().after(Position::START).map(|event| {
        format!(
            "{} {} {} {} {}",
            event.source, event.id, event.event_type, event.subject, event.data
        )
    });
    let refused = engine.intake().refusals.iter().map(|refused| {
        format!("line {} byte {}: {}", refused.line, refused.offset, refused.reason)
    });
    events.chain(refused).collect()
}

/// The same, in pieces of every small size, which must not matter.
fn read(format: Format, mapping: &Mapping, input: impl AsRef<[u8]>) -> Vec<String> {
    let input = input.as_ref();
    let whole = read_in(input.len().max(1), format, mapping, input, Limits::default());
    for size in 1..input.len().min(40) {
        assert_eq!(read_in(size, format, mapping, input, Limits::default()), whole, "in {size}s");
    }
    whole
}

fn ndjson(input: impl AsRef<[u8]>) -> Vec<String> {
    read(Format::Ndjson, &Mapping::cloud_events(), input)
}

fn event(id: &str) -> String {
    format!(
        "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"/s\",\"type\":\"T\",\"subject\":\"x\",\"data\":{{\"n\":{id}}}}}"
    )
}

#[test]
fn lines_are_read_with_any_line_ends_and_without_the_last() {
    let input = format!("\u{feff}{}\r\n\n  \n{}\n{}", event("1"), event("2"), event("3"));
    assert_eq!(ndjson(input), ["/s 1 T x {\"n\":1}", "/s 2 T x {\"n\":2}", "/s 3 T x {\"n\":3}"]);
    assert!(ndjson("").is_empty());
}

#[test]
fn a_bad_record_is_refused_and_the_rest_carries_on() {
    let nested = "[".repeat(10_000);
    let mut input = Vec::new();
    for line in [
        event("1").as_str(),
        "{\"id\":",
        "null",
        "[1]",
        "{\"id\":\"2\",\"source\":\"/s\"}",
        "{\"id\":{},\"source\":\"/s\",\"type\":\"T\"}",
        "{\"id\":\"2\",\"source\":\"/s\",\"type\":\"T\",\"time\":\"yesterday\"}",
        "{\"specversion\":\"0.3\",\"id\":\"2\",\"source\":\"/s\",\"type\":\"T\"}",
        &format!("{{\"id\":\"2\",\"source\":\"/s\",\"type\":\"T\",\"data\":{nested}"),
    ] {
        input.extend_from_slice(line.as_bytes());
        input.push(b'\n');
    }
    input.extend_from_slice(b"{\"id\":\"\xff\"}\n");
    input.extend_from_slice(
        b"{\"id\":\"3\",\"source\":\"/s\",\"type\":\"T\",\"data\":null}\n{\"half\":",
    );
    let got = read_in(7, Format::Ndjson, &Mapping::cloud_events(), &input, Limits::default());

    let without_places: Vec<&str> = got
        .iter()
        .map(|line| line.split_once(": ").map_or(line.as_str(), |(_, rest)| rest))
        .collect();
    assert_eq!(
        without_places,
        [
            "/s 1 T x {\"n\":1}",
            "/s 3 T /s null",
            "not JSON: expected a value, found the end at byte 6",
            "expected a JSON object, found null",
            "expected a JSON object, found an array",
            "no `type`, which is the event's type",
            "`id`: expected a text or a number, found an object",
            "`time`: expected a time such as 2026-11-22T10:00:00Z, found `yesterday`",
            "`specversion`: expected \"1.0\", found \"0.3\"",
            "not JSON: nested deeper than 128 at byte 171",
            "not UTF-8 at byte 7",
            "not JSON: expected a value, found the end at byte 8",
        ]
    );
    assert!(got[2].starts_with("line 2 byte 85: "), "{}", got[2]);
    assert!(got[11].starts_with("line 12 "), "{}", got[11]);
}

#[test]
fn duplicates_are_dropped_and_a_source_that_counts_back_is_refused_with_both_numbers() {
    let line = |id: &str, sequence: &str| {
        format!(
            "{{\"id\":\"{id}\",\"source\":\"/s\",\"type\":\"T\",\"sequence\":\"{sequence}\"}}\n"
        )
    };
    let input =
        line("a", "4") + &line("a", "5") + &line("b", "5") + &line("c", "9") + &line("d", "7");
    let mut engine = Engine::default();
    let mut reader =
        Reader::new(Format::Ndjson, &Mapping::cloud_events(), "/file", Limits::default()).unwrap();
    engine.read(&mut reader, input.as_bytes());

    let intake = engine.intake();
    assert_eq!(
        (intake.accepted, intake.duplicates, intake.refused, intake.gap_count),
        (3, 1, 1, 1)
    );
    assert_eq!((intake.gaps[0].expected, intake.gaps[0].found), (6, 9));
    assert_eq!(
        intake.refusals[0].reason.to_string(),
        "expected sequence 10 or later from `/s`, found 7"
    );
}

#[test]
fn an_array_is_read_element_by_element() {
    let input = format!(" [ {} ,\n{{\"id\":}}, 7, \"a,]\" , {}]\n", event("1"), event("2"));
    assert_eq!(
        read(Format::JsonArray, &Mapping::cloud_events(), input),
        [
            "/s 1 T x {\"n\":1}",
            "/s 2 T x {\"n\":2}",
            "line 2 byte 90: not JSON: expected a value, found `}` at byte 6",
            "line 2 byte 99: expected a JSON object, found a number",
            "line 2 byte 102: expected a JSON object, found a string",
        ]
    );
    assert!(read(Format::JsonArray, &Mapping::cloud_events(), "[]").is_empty());
    assert_eq!(
        read(Format::JsonArray, &Mapping::cloud_events(), "[{\"id\":\"1\""),
        ["line 1 byte 1: the input ends within this record"]
    );
    assert_eq!(
        read(Format::JsonArray, &Mapping::cloud_events(), "[] x"),
        ["line 1 byte 3: not JSON: expected the end, found `x` at byte 0"]
    );
}

#[test]
fn what_follows_an_array_is_refused_as_one_with_the_space_in_it() {
    assert_eq!(
        read(Format::JsonArray, &Mapping::cloud_events(), "[]\n }\n{ y"),
        ["line 2 byte 4: not JSON: expected the end, found `}` at byte 0"]
    );
}

#[test]
fn csv_becomes_events_through_a_mapping() {
    let mapping = Mapping {
        event_type: Some("what".into()),
        subject: Some("\"case.id\"".into()),
        time: Some("at".into()),
        ..Mapping::default()
    };
    let input = "what;case.id;at;n;note\r\nOpened;c1;2026-01-01;01;\"a \"\"b\"\";\nc\"\nClosed;c1;2026-01-02;-2.50;\n";
    assert_eq!(
        read(Format::Csv, &mapping, input),
        [
            "/file 1 Opened c1 {\"what\":\"Opened\",\"case.id\":\"c1\",\"at\":\"2026-01-01\",\"n\":\"01\",\"note\":\"a \\\"b\\\";\\nc\"}",
            "/file 2 Closed c1 {\"what\":\"Closed\",\"case.id\":\"c1\",\"at\":\"2026-01-02\",\"n\":-2.50,\"note\":null}",
        ]
    );
}

#[test]
fn a_broken_quote_costs_its_own_line_only() {
    let mapping = Mapping { event_type: Some("a".into()), ..Mapping::default() };
    assert_eq!(
        read(Format::Csv, &mapping, "a,b\nx,y\"z\n\"x\"y,1\nok,1,2\n\"open,1\nlast,2\n"),
        [
            "/file 5 last /file {\"a\":\"last\",\"b\":2}",
            "line 2 byte 4: a quote within a field that does not begin with one at byte 3",
            "line 3 byte 10: text after the quote that closes a field at byte 3",
            "line 4 byte 17: expected 2 fields as in the header, found 3",
            "line 5 byte 24: a quote that is never closed at byte 0",
        ]
    );
}

#[test]
fn quotes_that_swallow_each_other_cost_their_lines_and_no_stack() {
    let mapping = Mapping { event_type: Some("a".into()), ..Mapping::default() };
    let input = format!("a,b\n{}ok,1\n", "x\",\"\n".repeat(200_000));
    let limits = Limits { kept: 1, ..Limits::default() };
    for (size, limits) in [(1 << 16, limits), (100, Limits { record_bytes: 1_000, ..limits })] {
        let mut engine = Engine::new(limits);
        let mut reader = Reader::new(Format::Csv, &mapping, "/file", limits).unwrap();
        input.as_bytes().chunks(size).for_each(|chunk| engine.read(&mut reader, chunk));
        engine.finish(&mut reader);
        assert_eq!((engine.intake().accepted, engine.intake().refused), (1, 200_000));
    }
}

#[test]
fn the_rest_of_a_line_that_is_too_long_is_no_event() {
    let mapping = Mapping { event_type: Some("a".into()), ..Mapping::default() };
    let limits = Limits { record_bytes: 100, ..Limits::default() };
    let input = format!("a,b\n\"{},y\nok,1\n", "x".repeat(250));
    assert_eq!(
        read_in(30, Format::Csv, &mapping, input.as_bytes(), limits),
        [
            "/file 2 ok /file {\"a\":\"ok\",\"b\":1}",
            "line 2 byte 4: longer than the 100 bytes that a record may have",
        ]
    );
}

#[test]
fn a_record_or_an_input_beyond_the_limits_is_refused_without_keeping_it() {
    let limits = Limits { record_bytes: 100, input_bytes: 700, ..Limits::default() };
    let input = format!(
        "{}\n{{\"a\":\"{}\"}}\n{}\n{}",
        event("1"),
        "x".repeat(400),
        event("2"),
        event("3").repeat(9)
    );
    for size in [1, 30, 101, 2_000] {
        let got = read_in(size, Format::Ndjson, &Mapping::cloud_events(), input.as_bytes(), limits);
        assert_eq!(
            got,
            [
                "/s 1 T x {\"n\":1}",
                "/s 2 T x {\"n\":2}",
                "line 2 byte 85: longer than the 100 bytes that a record may have",
                "line 4 byte 579: longer than the 100 bytes that a record may have",
                "line 4 byte 700: the input goes on after the 700 bytes that it may have; the rest is not read",
            ],
            "in {size}s"
        );
    }
}

#[test]
fn a_mapping_is_guessed_from_the_names_of_the_fields() {
    assert_eq!(Mapping::guess(&event("1")), Some(Mapping::cloud_events()));
    let guess = Mapping::guess("{\"case:concept:name\":\"c\",\"concept:name\":\"Opened\",\"time:timestamp\":\"2011-10-11 13:45:40+02:00\"}").unwrap();
    assert_eq!(guess.event_type.as_deref(), Some("concept:name"));
    assert_eq!(guess.subject.as_deref(), Some("case:concept:name"));
    assert_eq!(guess.time.as_deref(), Some("time:timestamp"));
    assert_eq!(Mapping::guess("{\"temperature\":3}"), None);
    assert_eq!(Mapping::guess("7"), None);
}

#[test]
fn a_field_that_is_no_path_is_refused() {
    for field in ["", "a..b", "\"a", "a.", "\"a\"b"] {
        let mapping = Mapping { id: Some(field.into()), ..Mapping::default() };
        let error = Reader::new(Format::Ndjson, &mapping, "/f", Limits::default()).unwrap_err();
        assert_eq!(error.field, field);
    }
}

#[test]
fn the_format_shows_in_the_first_bytes() {
    assert_eq!(Format::detect(b" \n[{"), Format::JsonArray);
    assert_eq!(Format::detect(b"\xef\xbb\xbf{}"), Format::Ndjson);
    assert_eq!(Format::detect(b"id,type\n"), Format::Csv);
}

#[test]
fn a_record_by_itself_is_not_taken_for_one_of_its_length_that_was_looked_at_before() {
    // The first of each two has a time that is none, so it is looked at by itself once more; the
    // second is as long as it is, and the last of the input.
    let pair = |ids: [u8; 2]| {
        let [none, last] = ids;
        let none = format!(
            r#"{{"specversion":"1.0","id":"{none}","source":"/s","type":"T","time":null,"data":{{"f":1,"x":"\"f"}}}}"#
        );
        let last = format!(
            r#"{{"specversion":"1.0","id":"{last}","source":"/s","type":"T","subject":"a","data":{{"x":123456789}}}}"#
        );
        assert_eq!(none.len(), last.len());
        [none, last].join("\n")
    };
    let read = ndjson([pair([1, 2]), pair([3, 4])].join("\n"));
    let expected = |[none, last]: [u8; 2]| {
        [
            format!(r#"/s {none} T /s {{"f":1,"x":"\"f"}}"#),
            format!(r#"/s {last} T a {{"x":123456789}}"#),
        ]
    };
    assert_eq!(read, [expected([1, 2]), expected([3, 4])].concat());
}

#[test]
fn a_shape_of_several_lines_is_not_one_of_lines() {
    let pretty = "{\n\"type\":\"T\",\"id\":\"1\",\n\"source\":\"/s\"}";
    let lines = pretty.replace("\"1\"", "\"2\"") + "\n";
    let read = |warm: bool| {
        let mut engine = Engine::new(Limits::default());
        let mapping = Mapping::cloud_events();
        if warm {
            let mut reader =
                Reader::new(Format::JsonArray, &mapping, "/file", Limits::default()).unwrap();
            engine.read(&mut reader, format!("[{pretty}]").as_bytes());
        }
        let mut reader = Reader::new(Format::Ndjson, &mapping, "/file", Limits::default()).unwrap();
        engine.read(&mut reader, lines.as_bytes());
        engine.finish(&mut reader);
        engine.intake().refused
    };
    assert_eq!((read(true), read(false)), (3, 3));
}
