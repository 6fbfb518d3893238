//! What is open as bytes, and back.

use everview_protocol::session::{Keeping, Reply, Request, Source};

use super::{file, orders, page, reply, simulated};
use crate::worker::kept::reopen;
use crate::worker::session::Session;

fn keeping(session: &mut Session) -> Keeping {
    session.note_keeping("another", Keeping::Deleted);
    session.state().keeping
}

#[test]
fn a_kept_session_is_the_same_again_with_its_definitions() {
    let mut session = file(&orders(40));
    let text = r#"
        [views.kinds]
        key = "type"
        on."*".add = { events = "1" }
    "#;
    assert_eq!(keeping(&mut session), Keeping::Writing);
    let whole = session.parcel().expect("it is not kept yet");
    session.note_keeping(&whole.name, Keeping::Kept);
    assert!(session.parcel().is_none(), "it is kept as it is");
    reply(&mut session, Request::Seek { position: 7 });
    assert_eq!(reply(&mut session, Request::Define { text: text.into() }), Reply::Done);
    let about = session.parcel().expect("its definitions are others");
    assert!(about.events.is_none(), "its events are the same");

    let opened = reopen(&about.about, &whole.events.unwrap()).unwrap();
    assert_eq!(opened.source, Source::File { name: "orders.ndjson".into(), url: None });
    let mut again = Session::new();
    again.open(opened);
    assert_eq!(reply(&mut again, Request::Definitions), Reply::Definitions(text.into()));
    reply(&mut session, Request::Follow);
    assert_eq!(page(&mut again, "kinds", None, ""), page(&mut session, "kinds", None, ""));
}

#[test]
fn what_is_damaged_or_of_another_session_is_refused() {
    let whole = file(&orders(40)).parcel().unwrap();
    let other = file(&orders(38)).parcel().unwrap();
    let (about, events) = (whole.about, whole.events.unwrap());
    let refused = |about: &[u8], events: &[u8]| reopen(about, events).err().unwrap().to_string();

    assert!(refused(&about[..about.len() - 1], &events).contains("damaged"));
    assert!(refused(&about, &events[..events.len() - 1]).contains("damaged"));
    assert!(refused(b"a stranger", &events).contains("no Everview capsule"));
    assert!(refused(&about, b"a stranger").contains("no stored events"));
    assert!(
        refused(&about, &other.events.unwrap()).contains("expected a log up to #40, found one")
    );
}

#[test]
fn the_simulated_cluster_is_not_kept() {
    let mut session = simulated(1);
    session.drain();
    assert!(session.parcel().is_none());
    assert_eq!(keeping(&mut session), Keeping::Never);
}
