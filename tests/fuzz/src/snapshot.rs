//! The snapshot reader: damaged and made-up bytes are refused, whatever their checksum says, and
//! what is restored works.

use std::sync::LazyLock;

use everview_core::orders::{OrderStream, VIEWS};
use everview_core::{Definitions, Engine, Epoch, Limits, NewEvent, Position};
use everview_protocol::definitions;
use xxhash_rust::xxh3::xxh3_128;

static DEFINITIONS: LazyLock<Definitions> =
    LazyLock::new(|| definitions::parse(VIEWS).expect("the views of the orders are read"));

/// A snapshot that is whole, and the event that follows it.
static WHOLE: LazyLock<(Vec<u8>, NewEvent)> = LazyLock::new(|| {
    let mut engine = Engine::default();
    engine.define(&DEFINITIONS).expect("the views of the orders can be defined");
    let mut events = OrderStream::new(7).events();
    for event in events.by_ref().take(12) {
        engine.append(Epoch::new(1), &event).expect("events of the shop are accepted");
    }
    (engine.snapshot(), events.next().expect("the shop stays open"))
});

/// An even first byte: the rest is a snapshot. An odd one: the rest changes a whole snapshot, each
/// three bytes a place and what is put there, or a cut. With its second bit, the checksum is mended.
pub fn check(bytes: &[u8]) {
    let Some((&kind, rest)) = bytes.split_first() else { return };
    let mut snapshot = if kind & 1 == 0 { rest.to_vec() } else { changed(&WHOLE.0, rest) };
    if kind & 2 != 0 {
        seal(&mut snapshot);
    }
    match Engine::restore(&snapshot, &DEFINITIONS, Limits::default()) {
        Ok(engine) => require_works(engine),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Some bytes with places changed and cut.
pub(super) fn changed(whole: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut snapshot = whole.to_vec();
    for edit in edits.chunks_exact(3) {
        if snapshot.is_empty() {
            break;
        }
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]]) & 0x7fff) % snapshot.len();
        if edit[1] & 0x80 == 0 {
            snapshot[at] = edit[2];
        } else {
            let end = (at + usize::from(edit[2])).min(snapshot.len());
            snapshot.drain(at..end);
        }
    }
    snapshot
}

/// Puts the checksum of what stands before it at the end.
pub(super) fn seal(snapshot: &mut [u8]) {
    let Some(at) = snapshot.len().checked_sub(16) else { return };
    let sum = xxh3_128(&snapshot[..at]).to_le_bytes();
    snapshot[at..].copy_from_slice(&sum);
}

fn require_works(mut engine: Engine) {
    let digest = engine.digest();
    let again = engine.snapshot();
    let restored = Engine::restore(&again, &DEFINITIONS, Limits::default());
    assert_eq!(restored.map(|engine| engine.digest()), Ok(digest));
    let head = engine.head();
    let _ = engine.append(Epoch::new(u64::MAX), &WHOLE.1);
    engine.seek(Position::new(0));
    engine.rewind(head);
    engine.seek(head);
    assert_eq!(engine.digest(), digest, "after an event and back");
}
