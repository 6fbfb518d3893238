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
