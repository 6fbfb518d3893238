use alloc::vec::Vec;

use everview_core::Timestamp;

use super::{Detector, Verdict};
use crate::NodeId;

const A: NodeId = NodeId::new(0);
const B: NodeId = NodeId::new(1);
const STRANGER: NodeId = NodeId::new(9);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn tick(detector: &mut Detector, millis: i64) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    detector.tick(at(millis), &mut verdicts);
    verdicts
}

#[test]
fn a_peer_that_goes_quiet_is_down_once() {
    let mut detector = Detector::new(1_000, [A, B], at(0));
    detector.heard(A, at(500));

    assert_eq!(tick(&mut detector, 999), []);
    assert_eq!(tick(&mut detector, 1_000), [Verdict::Down(B)]);
    assert_eq!(tick(&mut detector, 1_499), []);
    assert_eq!(tick(&mut detector, 1_500), [Verdict::Down(A)]);
    assert_eq!(tick(&mut detector, 9_000), []);
}

#[test]
fn a_peer_that_is_heard_again_is_up_once() {
    let mut detector = Detector::new(1_000, [A], at(0));
    tick(&mut detector, 1_000);

    assert_eq!(detector.heard(A, at(1_200)), Some(Verdict::Up(A)));
    assert_eq!(detector.heard(A, at(1_300)), None);
    assert_eq!((detector.is_down(A), detector.last_heard(A)), (false, Some(at(1_300))));
}

#[test]
fn a_node_that_is_not_watched_changes_nothing() {
    let mut detector = Detector::new(1_000, [A], at(0));

    assert_eq!(detector.heard(STRANGER, at(100)), None);
    assert_eq!(detector.next_deadline(), Some(at(1_000)));
    assert_eq!(tick(&mut detector, 1_000), [Verdict::Down(A)]);
    assert_eq!(detector.next_deadline(), None);
}
