//! What is open, handed on and opened elsewhere.

use everview_core::{Capsule, Edit, NewEvent, Position};
use everview_protocol::session::{
    Reply, Request, SharedCapsule, SharedPlace, Source, Verdict, WhatIf,
};

use super::{file, orders, page, reply, simulated};
use crate::worker::kept::uncapsule;
use crate::worker::session::Session;

fn made(session: &mut Session, place: SharedPlace) -> SharedCapsule {
    match reply(session, Request::Capsule(place)) {
        Reply::Capsule(capsule) => capsule,
        other => panic!("expected a capsule, found {other:?}"),
    }
}

fn read(capsule: &SharedCapsule) -> (Capsule, Vec<u8>) {
    let mut capsule = Capsule::from_bytes(&capsule.bytes, 1 << 24).unwrap();
    let events = capsule.events.take().unwrap();
    (capsule, events)
}

#[test]
fn a_capsule_is_opened_as_it_was_made() {
    let mut session = file(&orders(30));
    reply(&mut session, Request::Fork(WhatIf::Without { position: 3 }));
    let forks = session.state().forks;
    reply(&mut session, Request::LookAt { fork: None });
    let place = SharedPlace {
        position: Some(7),
        marks: [Some(2), None],
        bookmarks: vec![(5, "here".into())],
        breakpoints: vec![("orders".into(), "total < 0".into())],
    };
    let shared = made(&mut session, place.clone());
    assert_eq!((shared.name.as_str(), shared.has_events), ("orders.ndjson.everview", true));

    let (capsule, events) = read(&shared);
    let (opened, told) = uncapsule(capsule, &events).unwrap();
    let digest = session.state().digest;
    assert_eq!(told.verdict, Verdict::Reproduced { digest, positions: 30 });
    assert_eq!((told.place, told.name), (place.clone(), "orders.ndjson".into()));
    let source = Source::File { name: "capsule of orders.ndjson".into(), url: None };
    assert_eq!(opened.source, source);
    let mut again = Session::new();
    again.open(opened);
    assert_eq!(again.state().forks, forks);
    assert_eq!(page(&mut again, "orders", None, ""), page(&mut session, "orders", None, ""));
    // One of what came from a capsule is one of the same stream.
    assert_eq!(made(&mut again, place).name, shared.name);
}

#[test]
fn another_stream_diverges_where_it_is_another() {
    let shared = made(&mut file(&orders(30)), SharedPlace::default());
    let (capsule, _) = read(&shared);
    let other = orders(30).replacen("\"customer\":\"c1\"", "\"customer\":\"c9\"", 1);
    let (_, events) = read(&made(&mut file(&other), SharedPlace::default()));
    let (_, told) = uncapsule(capsule.clone(), &events).unwrap();
    assert!(matches!(told.verdict, Verdict::Diverged { after: 2, at: 3, .. }), "{told:?}");

    let (_, events) = read(&made(&mut file(&orders(28)), SharedPlace::default()));
    let (_, told) = uncapsule(capsule, &events).unwrap();
    assert!(matches!(told.verdict, Verdict::Diverged { after: 28, at: 29, .. }), "{told:?}");
}

#[test]
fn a_simulated_shop_is_handed_on_with_its_events() {
    let mut session = simulated(3);
    session.advance(5_000);
    let head = session.state().head;
    let (capsule, events) = read(&made(&mut session, SharedPlace::default()));
    assert_eq!(capsule.head(), Position::new(head));
    let (_, told) = uncapsule(capsule, &events).unwrap();
    assert!(matches!(told.verdict, Verdict::Reproduced { .. }), "{told:?}");
}

#[test]
fn futures_that_do_not_fit_are_left_out() {
    let shared = made(&mut file(&orders(30)), SharedPlace::default());
    let (mut capsule, events) = read(&shared);
    let event = NewEvent {
        id: "1".into(),
        source: "/s".into(),
        event_type: "T".into(),
        subject: "x".into(),
        time: None,
        data: "{".into(),
    };
    let plan = everview_core::ForkPlan {
        name: "wrong".into(),
        parent: Some(9),
        head: Position::new(99),
        edits: vec![Edit::add(Position::new(99), vec![event])],
    };
    capsule.forks.push((1, plan));
    let (opened, _) = uncapsule(capsule, &events).unwrap();
    let mut session = Session::new();
    session.open(opened);
    assert_eq!((session.state().forks.len(), session.state().head), (0, 30));
}
