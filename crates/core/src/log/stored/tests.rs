use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use proptest::prelude::*;

use super::StoredError;
use crate::log::Log;
use crate::log::segment::SEGMENT_EVENTS;
use crate::{
    AppendError, Digest, Engine, Epoch, Format, Limits, Mapping, NewEvent, Position, Reader,
    Timestamp,
};

fn event(id: u64, subject: &str, data: &str) -> NewEvent {
    NewEvent {
        id: format!("{id}"),
        source: "/test".into(),
        event_type: "Noted".into(),
        subject: subject.into(),
        time: Some(Timestamp::from_millis(
            1_770_000_000_000 + (id * 7_919 % 100_000).cast_signed(),
        )),
        data: data.into(),
    }
}

/// All that a log knows.
fn seen(log: &Log) -> String {
    let events: Vec<_> = log.after(Position::START).collect();
    let types: Vec<_> = log.types().collect();
    let streams: Vec<_> = log.streams().collect();
    let sequences: Vec<_> = log.sequences().collect();
    format!("{events:#?} {types:?} {streams:?} {sequences:?} {:?}", log.epoch())
}

fn read_back(pieces: &[Vec<u8>]) -> Log {
    let mut log = Log::new();
    for piece in pieces {
        log.read_stored(piece, u64::MAX).unwrap();
    }
    log
}

/// Records by several mappings, with everything that varies.
fn lines() -> impl Strategy<Value = (usize, String)> {
    let text = prop_oneof![
        4 => "[a-z]{0,20}",
        1 => "[äöü€😀 ]{1,9}",
        1 => Just("a \\\"b\\\" \\u00e9".to_owned()),
    ];
    let scalar = prop_oneof![
        3 => (-1_000_000_i64..1_000_000).prop_map(|n| n.to_string()),
        1 => Just("12.50".to_owned()),
        1 => Just("null".to_owned()),
        1 => Just("-0".to_owned()),
        1 => Just("123456789012345678901".to_owned()),
    ];
    let array = prop_oneof![Just("[]".to_owned()), Just("[1,{\"x\":\"y\"}]".to_owned())];
    let time = prop_oneof![
        3 => (0_u64..86_400_000).prop_map(|millis| {
            let time = Timestamp::from_millis(1_770_000_000_000 + millis.cast_signed());
            time.to_string()
        }),
        1 => Just("2026-02-30T00:00:00Z".to_owned()),
        1 => Just("2026-02-03 04:05:06+01:00".to_owned()),
    ];
    (0_usize..3, 0_u64..40, "[ab]", text, scalar, array, time).prop_map(
        |(mapping, id, subject, text, scalar, array, time)| {
            let data = format!("{{\"t\":\"{text}\",\"n\":{scalar},\"o\":{{\"l\":{array}}}}}");
            let line = match mapping {
                0 => format!(
                    "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"/{subject}\",\
                     \"type\":\"T{subject}\",\"subject\":\"{text}\",\"time\":\"{time}\",\
                     \"sequence\":\"{id}\",\"data\":{data}}}"
                ),
                1 => format!("{{\"k\":\"{text}\",\"at\":\"{time}\",\"v\":{data}}}"),
                _ => format!("{{ \"id\": {id}, \"v\": {scalar}, \"l\": {array} }}"),
            };
            (mapping, line)
        },
    )
}

fn mappings() -> [Mapping; 3] {
    let field = |name: &str| Some(name.to_owned());
    [
        Mapping::cloud_events(),
        Mapping { subject: field("k"), time: field("at"), data: field("v"), ..Mapping::default() },
        Mapping { id: field("id"), ..Mapping::default() },
    ]
}

fn engine_of(lines: &[(usize, String)]) -> Engine {
    let mut engine = Engine::default();
    let mut readers = mappings()
        .map(|mapping| Reader::new(Format::Ndjson, &mapping, "/in", Limits::default()).unwrap());
    for (mapping, line) in lines {
        engine.read(&mut readers[*mapping], line.as_bytes());
        engine.read(&mut readers[*mapping], b"\n");
    }
    engine
}

proptest! {
    #[test]
    fn what_was_stored_in_any_pieces_comes_back(
        lines in prop::collection::vec(lines(), 1..60),
        cuts in prop::collection::vec(0_u64..60, 0..4),
        tail in lines(),
    ) {
        let mut engine = engine_of(&lines);
        let whole = engine.store(Position::START);
        let log = read_back(core::slice::from_ref(&whole));
        prop_assert_eq!(seen(&log), seen(engine.log()));
        prop_assert_eq!(&log.store(Position::START), &whole);

        // Each piece goes on to the end, so that they overlap.
        let mut pieces: Vec<_> = cuts.iter().map(|cut| engine.store(Position::new(*cut))).collect();
        pieces.insert(0, whole);
        let mut back = Engine::default();
        for piece in &pieces {
            back.read_stored(piece).unwrap();
        }
        prop_assert_eq!(seen(back.log()), seen(engine.log()));
        prop_assert_eq!(back.intake().gap_count, engine.intake().gap_count);

        // What comes next is judged alike.
        let mut readers = [(); 2].map(|()| {
            Reader::new(Format::Ndjson, &mappings()[tail.0], "/tail", Limits::default()).unwrap()
        });
        for (engine, reader) in [&mut engine, &mut back].into_iter().zip(&mut readers) {
            engine.read(reader, tail.1.as_bytes());
            engine.finish(reader);
        }
        prop_assert_eq!(seen(back.log()), seen(engine.log()));
    }

    #[test]
    fn pieces_that_follow_each_other_come_back(
        lines in prop::collection::vec(lines(), 1..60),
        cuts in prop::collection::btree_set(1_usize..60, 0..4),
    ) {
        let mut engine = Engine::default();
        let mut back = Engine::default();
        let mut cuts: Vec<_> = cuts.into_iter().filter(|cut| *cut < lines.len()).collect();
        cuts.push(lines.len());
        for cut in cuts {
            engine = engine_of(&lines[..cut]);
            back.read_stored(&engine.store(back.head())).unwrap();
        }
        let texts = |engine: &Engine| {
            engine.log().after(Position::START).map(|event| format!("{event:?}")).collect::<Vec<_>>()
        };
        prop_assert_eq!(texts(&back), texts(&engine));
    }
}

#[test]
fn a_damaged_piece_is_refused_and_nothing_changes() {
    let mut log = Log::new();
    for id in 1..6 {
        log.append(Epoch::new(1), &event(id, "a", "{\"x\":[1],\"y\":2.5}")).unwrap();
    }
    let stored = log.store(Position::START);
    let mut other = Log::new();
    for end in 0..stored.len() {
        assert!(other.read_stored(&stored[..end], u64::MAX).is_err(), "cut at {end}");
    }
    for bit in 0..stored.len() * 8 {
        let mut changed = stored.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let refused = other.read_stored(&changed, u64::MAX).unwrap_err();
        let is_named = match bit / 8 {
            0..8 => refused == StoredError::Foreign,
            8..16 => matches!(refused, StoredError::Version { .. }),
            _ => matches!(refused, StoredError::Damaged { .. }),
        };
        assert!(is_named, "bit {bit}: {refused}");
    }
    assert_eq!(seen(&other), seen(&Log::new()));
    let limit = other.read_stored(&stored, 10).unwrap_err();
    assert_eq!(limit, StoredError::TooLarge { limit: 10, found: stored.len() as u64 });
}

#[test]
fn a_piece_that_lies_under_a_right_checksum_breaks_nothing() {
    let mut log = Log::new();
    for id in 1..6 {
        log.append(Epoch::new(1), &event(id, "a", "{\"x\":[1],\"y\":2.5,\"t\":\"u\"}")).unwrap();
    }
    let stored = log.store(Position::START);
    let content = stored.len() - super::CHECKSUM_BYTES;
    for at in super::HEAD_BYTES..content {
        for byte in [0, 1, 2, 0x22, 0x5c, 0x7f, 0x80, 0xff] {
            let mut changed = stored[..content].to_vec();
            changed[at] = byte;
            let checksum = Digest::of(&changed).to_u128();
            changed.extend_from_slice(&checksum.to_le_bytes());
            let mut other = Log::new();
            if other.read_stored(&changed, u64::MAX).is_ok() {
                for event in other.after(Position::START) {
                    assert!(crate::json::Json::parse(&event.raw).is_ok(), "{}", event.raw);
                    assert!(crate::json::Json::parse(&event.data).is_ok(), "{}", event.data);
                }
                let _ = other.append(Epoch::new(9), &event(7, "b", "{\"x\":[1],\"y\":2.5}"));
                other.truncate(Position::new(2));
            }
        }
    }
}

#[test]
fn full_segments_are_taken_as_they_are() {
    let mut log = Log::new();
    let total = SEGMENT_EVENTS as u64 * 2 + 10;
    for id in 1..=total {
        let event = event(id, &format!("s{}", id % 50), "{\"x\":1}");
        log.append(Epoch::new(1 + id / 20), &event).unwrap();
    }
    let first = SEGMENT_EVENTS as u64;
    let mut head = log.clone();
    head.truncate(Position::new(first));
    let mut back = read_back(&[head.store(Position::START), log.store(Position::new(first))]);
    assert_eq!(seen(&back), seen(&log));
    assert_eq!(back.store(Position::START), log.store(Position::START));

    let again = event(3, "s3", "{}");
    let refused = back.append(Epoch::new(9), &again);
    assert!(matches!(refused, Err(AppendError::Duplicate { .. })));
    let taken = back.read_stored(&log.store(Position::new(5)), u64::MAX).unwrap();
    assert_eq!((taken.accepted, taken.duplicates), (0, total - 5));
    back.truncate(Position::new(2));
    back.append(Epoch::new(9), &again).unwrap();
}

#[test]
fn stored_events_of_a_deposed_leader_are_refused_as_a_whole() {
    let mut log = Log::new();
    log.append(Epoch::new(1), &event(1, "a", "{}")).unwrap();
    log.append(Epoch::new(1), &event(2, "a", "{}")).unwrap();
    let stored = log.store(Position::START);
    let mut other = Log::new();
    other.append(Epoch::new(2), &event(1, "a", "{}")).unwrap();
    let refused = other.read_stored(&stored, u64::MAX).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "event 2 of those stored: expected an event of e2 or later, found one of e1: fenced"
    );
    assert_eq!(other.head(), Position::new(1));
}
