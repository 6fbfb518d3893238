//! Going on from a snapshot, when events are not sent any more.

use everview_protocol::session::{Reply, Request};

use super::{Session, cluster, reply, simulated};

#[test]
fn a_client_that_was_away_for_too_long_goes_on_from_a_snapshot() {
    let mut session = simulated(1);
    let cut = |node| format!("at 3 s cut {node} client for 4 s\n");
    let cuts: String = ["A", "B", "C"].map(cut).concat();
    let text = format!("retain 10 events\norders 40 times as fast\n{cuts}");
    assert_eq!(reply(&mut session, Request::Scenario { text }), Reply::Done);
    let mut session = advanced(session, 3_000);
    let before = session.state();
    assert!(before.base == 0 && 20 < before.head, "{before:?}");

    session = advanced(session, 6_000);

    let state = session.state();
    assert!(before.head < state.base && state.base < state.head, "{state:?}");
    let cluster = cluster(&mut session);
    assert_eq!(cluster.violation, None);
    let check = cluster.check.expect("something to compare");
    assert_eq!((check.position, check.views), (session.state().head, check.log));
    let Reply::Events(page) = reply(&mut session, Request::Events { first: 0, count: 3 }) else {
        panic!("events")
    };
    let positions: Vec<_> = page.rows.iter().map(|row| row.position).collect();
    assert_eq!(positions, [1, 2, 3].map(|place| state.base + place));
    let place = reply(&mut session, Request::RowOf { position: state.base + 2 });
    assert_eq!(place, Reply::Place(Some(1)));
    session.answer(1, Request::Seek { position: 1 });
    assert_eq!(session.state().position, state.base, "it cannot go back further");
}

fn advanced(mut session: Session, milliseconds: i64) -> Session {
    for _ in 0..milliseconds / 100 {
        session.advance(100);
    }
    session.drain();
    session
}
