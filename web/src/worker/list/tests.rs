use everview_core::{Epoch, NewEvent, Timestamp};

use super::*;

fn log(events: u64) -> Log {
    let mut log = Log::new();
    for number in 1..=events {
        let event = NewEvent {
            id: number.to_string(),
            source: "/test".into(),
            event_type: if number.is_multiple_of(3) { "Third" } else { "Other" }.into(),
            subject: format!("stream-{}", number % 2),
            time: Some(Timestamp::from_millis(i64::try_from(number).unwrap() * 10)),
            data: format!(r#"{{"word":"Café {number}"}}"#),
        };
        log.append(Epoch::new(1), &event).unwrap();
    }
    log
}

fn list(log: &Log, filter: Filter) -> EventList {
    let mut list = EventList::default();
    list.narrow(filter);
    list.work(log, &mut || false);
    list
}

fn positions(list: &EventList, log: &Log) -> Vec<u64> {
    list.page(log, 0, u32::MAX).rows.iter().map(|row| row.position).collect()
}

#[test]
fn without_a_filter_every_event_is_a_row() {
    let log = log(5);
    let list = list(&log, Filter::default());
    assert_eq!(positions(&list, &log), [1, 2, 3, 4, 5]);
    assert_eq!(list.place(&log, 3), Some(2));
    assert_eq!(list.place(&log, 0), None);
    assert_eq!(list.step(&log, 5, true), None);
    assert_eq!(list.step(&log, 1, false), Some(0));
}

#[test]
fn type_stream_and_text_narrow_together() {
    let log = log(12);
    let filter = Filter {
        types: vec!["Third".into()],
        stream: Some("stream-1".into()),
        text: String::new(),
    };
    assert_eq!(positions(&list(&log, filter.clone()), &log), [3, 9]);
    let filter = Filter { text: " CAFÉ 9 ".into(), ..filter };
    assert_eq!(positions(&list(&log, filter), &log), [9]);
}

#[test]
fn steps_go_from_match_to_match() {
    let log = log(12);
    let list = list(&log, Filter { types: vec!["Third".into()], ..Filter::default() });
    assert_eq!(list.step(&log, 3, true), Some(6));
    assert_eq!(list.step(&log, 4, false), Some(3));
    assert_eq!(list.step(&log, 12, true), None);
    assert_eq!(list.step(&log, 3, false), None);
    assert_eq!(list.place(&log, 8), Some(1));
}

#[test]
fn a_search_can_be_interrupted_and_goes_on_where_it_was() {
    let log = log(1_000);
    let mut list = EventList::default();
    list.narrow(Filter { types: vec!["Third".into()], ..Filter::default() });
    list.work(&log, &mut || true);
    let state = list.state(&log);
    assert_eq!((state.scanned, state.found, state.is_stopped), (256, 85, false));
    list.stop();
    list.work(&log, &mut || false);
    assert_eq!(list.state(&log), SearchState { is_stopped: true, ..state });
}

#[test]
fn events_that_come_later_are_looked_at_later() {
    let mut log = log(6);
    let mut list = list(&log, Filter { types: vec!["Third".into()], ..Filter::default() });
    log.truncate(Position::new(4));
    list.rewind(&log, Position::START, log.head());
    assert_eq!(positions(&list, &log), [3]);
    assert!(!list.is_busy(&log));
}

#[test]
fn a_row_tells_the_time_since_the_event_before() {
    let log = log(2);
    assert_eq!(row(&log, 1).unwrap().gap_ms, None);
    assert_eq!(row(&log, 2).unwrap().gap_ms, Some(10));
    assert_eq!(row(&log, 3), None);
}

#[test]
fn text_is_found_in_whatever_case() {
    assert!(contains("The Quick Fox", "quick f"));
    assert!(contains("ÄPFEL", "äpf"));
    assert!(!contains("quic", "quick"));
    assert!(contains("", ""));
}

#[test]
fn a_second_on_or_back_is_found_by_the_times_of_the_events() {
    let log = log(30);
    let step = |position: u64, milliseconds| later(&log, Position::new(position), milliseconds);
    assert_eq!(step(5, 100), Some(15));
    assert_eq!(step(5, 95), Some(15));
    assert_eq!(step(25, -100), Some(15));
    assert_eq!(step(25, 1_000), Some(30));
    assert_eq!(step(5, -1_000), Some(0));
    assert_eq!(step(0, 100), Some(11));
    assert_eq!(later(&Log::new(), Position::START, 100), None);
}

#[test]
fn a_filter_of_positions_looks_at_those_alone() {
    let log = log(2_000);
    let filter = |text: &str| Filter { text: text.into(), ..Filter::default() };
    assert_eq!(positions(&list(&log, filter("pos:999..1002")), &log), [999, 1_000, 1_001, 1_002]);
    let found = list(&log, filter("CAFÉ 100 pos:999..1002"));
    assert_eq!(positions(&found, &log), [1_000, 1_001, 1_002]);
    let state = found.state(&log);
    assert_eq!((state.found, state.scanned, state.is_filtered), (3, 2_000, true));
    for nothing in ["pos:7..3", "pos:0..0", "pos:3000..4000"] {
        let found = list(&log, filter(nothing));
        assert_eq!(positions(&found, &log), [0; 0]);
        assert!(!found.is_busy(&log));
    }
    assert_eq!(positions(&list(&log, filter("pos:1999..9999")), &log), [1_999, 2_000]);
}
