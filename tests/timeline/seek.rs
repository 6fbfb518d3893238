//! A position is the same whichever way one comes to it.

use everview_core::orders::{OrderStream, VIEWS};
use everview_core::{Digest, Engine, Epoch, Limits, Position, Rng};
use everview_protocol::definitions;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const EVENTS: usize = 4_000;

fn engine(checkpoint_events: u32) -> Engine {
    let mut engine = Engine::new(Limits { checkpoint_events, ..Limits::default() });
    engine.define(&definitions::parse(VIEWS).unwrap()).unwrap();
    engine
}

/// The digest after each event, of an engine that was never anywhere else.
fn straight_on() -> Vec<Digest> {
    let mut engine = engine(u32::MAX);
    let mut digests = vec![engine.digest()];
    for event in OrderStream::new(42).events().take(EVENTS) {
        engine.append(Epoch::new(1), &event).unwrap();
        digests.push(engine.digest());
    }
    digests
}

#[test]
fn ten_thousand_jumps_come_to_what_a_fold_from_the_start_comes_to() {
    let expected = straight_on();
    // With 16 events between checkpoints there would be too many, and they move apart.
    for apart in [16, 256] {
        let mut engine = engine(apart);
        for event in OrderStream::new(42).events().take(EVENTS) {
            engine.append(Epoch::new(1), &event).unwrap();
        }
        let mut rng = Rng::new(apart.into());
        for _ in 0..5_000 {
            let position = rng.below(expected.len() as u64);
            engine.seek(Position::new(position));
            let expected = expected[usize::try_from(position).unwrap()];
            assert_eq!(engine.digest(), expected, "at {position}");
        }
    }
}

#[test]
fn thinning_gives_up_checkpoints_and_nothing_that_is_shown() {
    let expected = straight_on();
    let mut engine = engine(64);
    for event in OrderStream::new(42).events().take(EVENTS) {
        engine.append(Epoch::new(1), &event).unwrap();
    }
    let before = engine.checkpointed();
    assert!(before.count > 32 && before.rows > 0, "{before:?}");
    // The views before the first definitions go first.
    while engine.checkpointed() == before {
        assert!(engine.thin());
    }
    let after = engine.checkpointed();
    assert!(after.count <= before.count / 2 + 1 && after.rows < before.rows, "{after:?}");
    while engine.thin() {}
    let mut rng = Rng::new(3);
    for _ in 0..50 {
        let position = rng.below(expected.len() as u64);
        engine.seek(Position::new(position));
        assert_eq!(engine.digest(), expected[usize::try_from(position).unwrap()], "at {position}");
    }
    assert!(engine.checkpointed().count <= 2, "they do not come again");
}
