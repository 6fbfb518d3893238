//! A capsule is read as it was written, and tells where what is opened is not what it was made of.

use everview_core::{
    Capsule, CapsuleError, Digest, Divergence, Edit, ForkPlan, NewEvent, Position, Timestamp,
};
use proptest::prelude::*;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{at, world};

fn position() -> impl Strategy<Value = Position> {
    any::<u64>().prop_map(Position::new)
}

fn event() -> impl Strategy<Value = NewEvent> {
    (any::<[String; 5]>(), any::<Option<i64>>()).prop_map(|(texts, time)| {
        let [id, source, event_type, subject, data] = texts;
        let time = time.map(Timestamp::from_micros);
        NewEvent { id, source, event_type, subject, time, data }
    })
}

fn plan() -> impl Strategy<Value = ForkPlan> {
    let edit = (position(), any::<u64>(), prop::collection::vec(event(), 0..3))
        .prop_map(|(after, dropped, events)| Edit { after, dropped, events });
    (any::<String>(), any::<Option<u64>>(), position(), prop::collection::vec(edit, 0..3))
        .prop_map(|(name, parent, head, edits)| ForkPlan { name, parent, head, edits })
}

prop_compose! {
    fn capsule()(
        (name, definitions) in any::<(String, String)>(),
        events in any::<Option<Vec<u8>>>(),
        proof in prop::collection::btree_map(any::<u64>(), any::<u128>(), 0..5),
        places in any::<[Option<u64>; 3]>(),
        bookmarks in prop::collection::vec((position(), any::<String>()), 0..3),
        breakpoints in any::<Vec<(String, String)>>(),
        forks in prop::collection::vec((any::<u64>(), plan()), 0..3),
    ) -> Capsule {
        let [position, a, b] = places.map(|place| place.map(Position::new));
        let rung = |(position, digest)| (Position::new(position), Digest::from_u128(digest));
        let proof = proof.into_iter().map(rung).collect();
        let marks = [a, b];
        Capsule {
            name, events, definitions, proof, position, marks, bookmarks, breakpoints, forks,
        }
    }
}

proptest! {
    #[test]
    fn a_capsule_is_read_as_it_was_written(capsule in capsule()) {
        let bytes = capsule.to_bytes();
        prop_assert_eq!(Capsule::from_bytes(&bytes, u64::MAX), Ok(capsule));
        let short = Capsule::from_bytes(&bytes, 7);
        prop_assert!(matches!(short, Err(CapsuleError::TooLarge { .. })), "{:?}", short);
    }

    #[test]
    fn a_log_that_differs_is_found_out_where_it_does(world in world(), changed in 0_usize..100) {
        let mut engine = world.engine();
        let playhead = engine.position();
        let proof = Capsule::proof(&mut engine, u32::MAX);
        let capsule = Capsule { proof, ..Capsule::default() };
        prop_assert_eq!(engine.position(), playhead);
        let count = world.events.len();
        prop_assert_eq!(capsule.check(&mut engine), Ok(world.folded(count).digest()));
        let Some(last) = count.checked_sub(1) else { return Ok(()) };

        let mut other = world.clone();
        other.events[changed % count].data = r#"{"label":"another","amount":12345}"#.into();
        let [mut one, mut another] = [world.folded(count), other.folded(count)];
        let first = (1..=count).find(|place| {
            one.seek(at(*place));
            another.seek(at(*place));
            one.digest() != another.digest()
        });
        match (capsule.check(&mut other.engine()), first) {
            (Ok(_), None) => {}
            (Err(Divergence::Views { after, at: found, .. }), Some(first)) => {
                prop_assert_eq!((after, found), (at(first - 1), at(first)));
            }
            (found, first) => prop_assert!(false, "{:?} where {:?}", found, first),
        }
        let shorter = capsule.check(&mut world.folded(last));
        prop_assert!(matches!(shorter, Err(Divergence::Head { .. })), "{:?}", shorter);
    }
}
