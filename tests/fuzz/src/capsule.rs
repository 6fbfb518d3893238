//! The reader of capsules: damaged and made-up bytes are refused, whatever their checksum says, and
//! what is read is written as it was read.

use std::sync::LazyLock;

use everview_core::orders::{OrderStream, VIEWS};
use everview_core::{Capsule, Edit, Engine, Epoch, ForkPlan, Position};
use everview_protocol::definitions;

use super::snapshot::{changed, seal};

/// The most that a capsule may hold.
const LIMIT: u64 = 1 << 20;

/// A capsule of a small shop, with all that can be in one.
static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut engine = Engine::default();
    let views = definitions::parse(VIEWS).expect("the views of the orders are read");
    engine.define(&views).expect("the views of the orders can be defined");
    let mut events = OrderStream::new(7).events();
    for event in events.by_ref().take(8) {
        engine.append(Epoch::new(2), &event).expect("events of the shop are accepted");
    }
    let after = Position::new(3);
    let edits = vec![Edit::drop(after), Edit::add(engine.head(), events.take(1).collect())];
    let plan = ForkPlan { name: "w1".into(), parent: None, head: engine.head(), edits };
    let capsule = Capsule {
        name: "shop.ndjson".into(),
        events: Some(engine.store(Position::START)),
        definitions: VIEWS.into(),
        proof: Capsule::proof(&mut engine, 4),
        position: Some(after),
        marks: [Some(after), None],
        bookmarks: vec![(after, "before".into())],
        breakpoints: vec![("orders".into(), "total < 0".into())],
        forks: vec![(1, plan)],
    };
    capsule.to_bytes()
});

/// An even first byte: the rest is a capsule. An odd one: the rest changes a whole capsule, each
/// three bytes a place and what is put there, or a cut. With its second bit, the checksum is mended.
pub fn check(bytes: &[u8]) {
    let Some((&kind, rest)) = bytes.split_first() else { return };
    let mut capsule = if kind & 1 == 0 { rest.to_vec() } else { changed(&WHOLE, rest) };
    if kind & 2 != 0 {
        seal(&mut capsule);
    }
    match Capsule::from_bytes(&capsule, LIMIT) {
        Ok(capsule) => {
            let again = Capsule::from_bytes(&capsule.to_bytes(), u64::MAX);
            assert_eq!(again.as_ref(), Ok(&capsule));
            require_checked(&capsule);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Whatever it says, an engine is compared with it and says what differs.
fn require_checked(capsule: &Capsule) {
    let mut engine = Engine::default();
    if let Some(events) = &capsule.events {
        // Stored events have a target of their own.
        drop(engine.read_stored(events));
    }
    if let Err(divergence) = capsule.check(&mut engine) {
        assert!(!divergence.to_string().is_empty());
    }
}
