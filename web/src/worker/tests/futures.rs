//! Other futures: made of events, looked at, compared, kept and given up.

use everview_protocol::session::{
    DiffPage, DiffQuery, Keeping, Reply, Request, SessionState, WhatIf,
};

use super::{file, orders, page, reply, simulated};
use crate::worker::kept::reopen;
use crate::worker::session::Session;

fn fork(session: &mut Session, what: WhatIf) -> SessionState {
    assert_eq!(reply(session, Request::Fork(what)), Reply::Done);
    session.state()
}

fn compared(session: &mut Session, to: u64) -> DiffPage {
    let query = DiffQuery { view: "orders".into(), from: None, to, first: 0, count: 100 };
    match reply(session, Request::Diff(query)) {
        Reply::Diff(Some(page)) => page,
        other => panic!("expected a difference, found {other:?}"),
    }
}

#[test]
fn another_future_is_looked_at_and_the_log_stays_as_it_is() {
    let mut session = file(&orders(20));
    let before = session.state();
    let aside = fork(&mut session, WhatIf::Without { position: 5 });
    assert_eq!((aside.fork, aside.head), (Some(1), 19));
    assert_eq!(aside.forks[0].name, "without #5 OrderPlaced");
    assert_ne!(aside.generation, before.generation);
    let diff = compared(&mut session, 19);
    assert_eq!((diff.from, diff.to, diff.added, diff.changed, diff.removed), (20, 19, 0, 1, 0));
    // Up to where they part, both are the same, and one moment later they are not.
    let common = compared(&mut session, 3);
    assert_eq!((common.from, common.added + common.changed + common.removed), (3, 0));
    assert_eq!(compared(&mut session, 6).from, 7);

    assert_eq!(reply(&mut session, Request::LookAt { fork: None }), Reply::Done);
    let after = session.state();
    assert_eq!((after.fork, after.head, &after.digest), (None, 20, &before.digest));
    assert_eq!(after.forks, aside.forks);
}

#[test]
fn futures_are_made_of_futures_and_given_up_with_them() {
    let mut session = file(&orders(20));
    let data = r#"{"customer":"c9","region":"south"}"#.to_owned();
    fork(&mut session, WhatIf::Changed { position: 1, data: data.clone() });
    let rows = page(&mut session, "orders", None, "south");
    assert_eq!(rows.matching, 1);
    let added =
        WhatIf::Added { after: 20, event_type: "OrderPlaced".into(), stream: "o99".into(), data };
    let second = fork(&mut session, added.clone());
    assert_eq!((second.fork, second.head), (Some(2), 21));
    assert_eq!(second.forks[1].parent, Some(1));
    let diff = compared(&mut session, 21);
    assert_eq!((diff.from, diff.added, diff.changed), (20, 1, 0));
    // Made up once more, it has another name.
    fork(&mut session, added);
    assert_eq!(page(&mut session, "orders", None, "").total, 11);

    assert_eq!(reply(&mut session, Request::Discard { fork: 2 }), Reply::Done);
    let left = session.state();
    assert_eq!((left.fork, left.forks.len(), left.head), (Some(1), 1, 20));
    assert!(matches!(reply(&mut session, Request::LookAt { fork: Some(2) }), Reply::Impossible(_)));
}

#[test]
fn a_command_is_decided_where_it_is_sent() {
    let mut session = file(&orders(20));
    let command = |after: u64, command_type: &str, data: &str| WhatIf::Commanded {
        after,
        command_type: command_type.into(),
        stream: "o99".into(),
        data: data.into(),
    };
    let place = |after| command(after, "PlaceOrder", r#"{"customer":"c9","region":"south"}"#);
    let aside = fork(&mut session, place(5));
    assert_eq!((aside.fork, aside.head), (Some(1), 21));
    assert_eq!(aside.forks[0].name, "PlaceOrder o99 after #5");
    let diff = compared(&mut session, 21);
    assert_eq!((diff.added, diff.changed, diff.removed), (1, 0, 0));
    // Placed in this future, it is there to be cancelled, and not to be placed once more.
    let cancel = command(6, "CancelOrder", r#"{"reason":"changed my mind"}"#);
    assert_eq!(fork(&mut session, cancel.clone()).head, 22);
    for refused in [command(9, "PlaceOrder", "{}"), command(9, "Fly", "{}"), place(6)] {
        let answer = reply(&mut session, Request::Fork(refused));
        assert!(matches!(answer, Reply::Impossible(_)), "{answer:?}");
    }
    let plans = session.state().forks;
    assert_eq!(reply(&mut session, Request::LookAt { fork: None }), Reply::Done);
    let answer = reply(&mut session, Request::Fork(cancel));
    assert!(matches!(answer, Reply::Impossible(_)), "nothing was placed there: {answer:?}");
    assert_eq!(session.state().forks, plans);
}

#[test]
fn what_a_log_does_not_take_makes_no_future() {
    let mut session = file(&orders(20));
    let wrong = [
        WhatIf::Without { position: 21 },
        WhatIf::Changed { position: 0, data: "{}".into() },
        WhatIf::Changed { position: 3, data: "{".into() },
    ];
    for what in wrong {
        let answer = reply(&mut session, Request::Fork(what.clone()));
        assert!(matches!(answer, Reply::Impossible(_)), "{what:?}: {answer:?}");
    }
    let state = session.state();
    assert_eq!((state.fork, state.forks.len()), (None, 0));
}

#[test]
fn futures_are_kept_and_follow_other_definitions() {
    let mut session = file(&orders(20));
    let events = session.parcel().and_then(|whole| whole.events).unwrap();
    session.note_keeping("orders.ndjson", Keeping::Kept);
    fork(&mut session, WhatIf::Without { position: 5 });
    let define = Request::Define {
        text: "[views.kinds]\nkey = \"type\"\non.\"*\".add = { events = \"1\" }".into(),
    };
    assert!(matches!(reply(&mut session, define.clone()), Reply::Invalid(_)));
    let digest = session.state().digest;
    let about = session.parcel().expect("there is a fork more").about;
    let mut again = Session::new();
    again.open(reopen(&about, &events).unwrap());
    assert_eq!(again.state().forks, session.state().forks);
    reply(&mut again, Request::LookAt { fork: Some(1) });
    assert_eq!(again.state().digest, digest);

    reply(&mut again, Request::LookAt { fork: None });
    assert_eq!(reply(&mut again, define), Reply::Done);
    reply(&mut again, Request::LookAt { fork: Some(1) });
    assert_eq!(again.state().views[0].name, "kinds");
}

#[test]
fn the_log_goes_on_while_another_future_is_looked_at() {
    let mut session = simulated(1);
    session.advance(2_000);
    let before = session.state();
    let aside = fork(&mut session, WhatIf::Without { position: before.head });
    session.advance(20_000);
    assert_eq!(session.state().digest, aside.digest);
    reply(&mut session, Request::LookAt { fork: None });
    let after = session.state();
    assert!(after.is_following && before.head < after.head, "{} {}", before.head, after.head);
    assert_eq!(after.position, after.head);
}
