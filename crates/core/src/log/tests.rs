use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{AppendError, Log};
use crate::{Epoch, NewEvent, Position};

fn event(id: u64, subject: &str) -> NewEvent {
    NewEvent {
        id: format!("{id}"),
        source: "/test".into(),
        event_type: "Noted".into(),
        subject: subject.into(),
        time: Some("2026-01-01".parse().unwrap()),
        data: format!("{{\"id\":{id}}}"),
    }
}

fn log(subjects: &[&str]) -> Log {
    let mut log = Log::new();
    for (id, subject) in (1..).zip(subjects) {
        log.append(Epoch::new(1), &event(id, subject)).unwrap();
    }
    log
}

#[test]
fn an_event_comes_back_as_it_was_given() {
    let mut given = event(7, "a \"quoted\" stream");
    given.data = " {\"x\": [1, 2]} ".into();
    let mut log = Log::new();
    log.append(Epoch::new(3), &given).unwrap();

    let found = log.get(Position::new(1)).unwrap();
    assert_eq!(
        (&*found.id, found.subject, found.epoch),
        ("7", "a \"quoted\" stream", Epoch::new(3))
    );
    assert_eq!(found.data.trim(), "{\"x\": [1, 2]}");
    assert!(crate::json::Json::parse(&found.raw).is_ok());
}

#[test]
fn a_repeated_event_is_refused_and_leaves_the_log_alone() {
    let mut log = log(&["a", "b"]);
    let error = log.append(Epoch::new(1), &event(2, "b")).unwrap_err();
    assert_eq!(error.to_string(), "the event `2` of `/test` is there already");
    assert_eq!(log.head(), Position::new(2));
}

#[test]
fn a_deposed_leader_is_fenced() {
    let mut log = log(&["a"]);
    log.append(Epoch::new(4), &event(2, "a")).unwrap();
    assert_eq!(
        log.append(Epoch::new(3), &event(3, "a")),
        Err(AppendError::Fenced { expected: Epoch::new(4), found: Epoch::new(3) })
    );
}

#[test]
fn what_was_cut_off_fences_nobody() {
    let mut log = log(&["a"]);
    log.append(Epoch::new(6), &event(2, "a")).unwrap();
    log.truncate(Position::new(1));
    assert_eq!(log.append(Epoch::new(5), &event(3, "a")), Ok(Position::new(2)));
    assert_eq!(log.epoch(), Epoch::new(5));
}

#[test]
fn what_was_cut_off_can_be_appended_again() {
    let mut log = log(&["a", "b", "a", "c"]);
    log.truncate(Position::new(2));

    assert_eq!((log.head(), log.version("a"), log.version("c")), (Position::new(2), 1, 0));
    assert_eq!(log.append(Epoch::new(1), &event(4, "c")), Ok(Position::new(3)));
    assert_eq!(log.after(Position::START).map(|event| event.id).collect::<String>(), "124");
}

#[test]
fn a_stream_has_its_own_events_only() {
    let log = log(&["a", "b", "a"]);
    let found: Vec<_> = log.stream("a").map(|event| (event.id, event.version)).collect();
    assert_eq!(found, [("1".into(), 1), ("3".into(), 2)]);
    assert_eq!(log.stream("nobody").count(), 0);
}

#[test]
fn data_that_is_not_json_is_refused() {
    let mut log = Log::new();
    let mut event = event(1, "a");
    event.data = "{".into();
    assert!(matches!(log.append(Epoch::new(1), &event), Err(AppendError::InvalidData { .. })));
}

#[test]
fn every_event_keeps_its_own_epoch() {
    let mut log = Log::new();
    for (id, epoch) in (1..).zip([0, 0, 2, 2, 5]) {
        log.append(Epoch::new(epoch), &event(id, "a")).unwrap();
    }
    let epochs: Vec<_> = log.after(Position::START).map(|event| event.epoch.get()).collect();
    assert_eq!(epochs, [0, 0, 2, 2, 5]);
}
