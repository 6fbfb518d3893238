extern crate std;

use alloc::vec::Vec;

use everview_core::Timestamp;

use super::{Arrivals, Detection, Detector, Phi, Verdict, phi};
use crate::{NodeId, Timing};

const A: NodeId = NodeId::new(0);
const B: NodeId = NodeId::new(1);
const STRANGER: NodeId = NodeId::new(9);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

const DEADLINE: Timing = Timing {
    heartbeat_ms: 250,
    suspicion_ms: 1_000,
    detection: Detection::Deadline,
    lease_ms: 1_500,
    drift_ms: 150,
};

const PHI: Timing = Timing { detection: Detection::Phi(Phi::usual(250)), ..DEADLINE };

fn tick(detector: &mut Detector, millis: i64) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    detector.tick(at(millis), &mut verdicts);
    verdicts
}

#[test]
fn a_peer_that_goes_quiet_is_down_once() {
    let mut detector = Detector::new(DEADLINE, [A, B], at(0));
    detector.heard(A, at(500));

    assert_eq!(tick(&mut detector, 999), []);
    assert_eq!(tick(&mut detector, 1_000), [Verdict::Down(B)]);
    assert_eq!(tick(&mut detector, 1_499), []);
    assert_eq!(tick(&mut detector, 1_500), [Verdict::Down(A)]);
    assert_eq!(tick(&mut detector, 9_000), []);
}

#[test]
fn a_peer_that_is_heard_again_is_up_once() {
    let mut detector = Detector::new(DEADLINE, [A], at(0));
    tick(&mut detector, 1_000);

    assert_eq!(detector.heard(A, at(1_200)), Some(Verdict::Up(A)));
    assert_eq!(detector.heard(A, at(1_300)), None);
    assert_eq!((detector.is_down(A), detector.last_heard(A)), (false, Some(at(1_300))));
}

#[test]
fn a_node_that_is_not_watched_changes_nothing() {
    let mut detector = Detector::new(DEADLINE, [A], at(0));

    assert_eq!(detector.heard(STRANGER, at(100)), None);
    assert_eq!(detector.next_deadline(), Some(at(1_000)));
    assert_eq!(tick(&mut detector, 1_000), [Verdict::Down(A)]);
    assert_eq!(detector.next_deadline(), None);
}

/// A detector that heard A after each of these pauses, from 0 on, and when that was last.
fn heard_after(timing: Timing, pauses: impl IntoIterator<Item = i64>) -> (Detector, i64) {
    let mut detector = Detector::new(timing, [A], at(0));
    let mut now = 0;
    detector.heard(A, at(now));
    for pause in pauses {
        now += pause;
        detector.heard(A, at(now));
    }
    (detector, now)
}

/// For how long A may be quiet.
fn patience(detector: &Detector, now: i64) -> i64 {
    detector.next_deadline().unwrap().millis_since(at(now))
}

#[test]
fn a_regular_node_is_missed_sooner_than_one_that_is_often_late() {
    let (regular, now) = heard_after(PHI, [250; 100]);
    assert_eq!(patience(&regular, now), 250 + 250 + 281, "mean, pause and φ(8) of 50 ms");

    let (late, now) = heard_after(PHI, (0..100).map(|n| [190, 310][n % 2]));
    assert_eq!(patience(&late, now), 250 + 250 + 337);

    let (slow, now) = heard_after(PHI, [600, 900, 700, 800].repeat(20));
    assert_eq!(patience(&slow, now), 1_000, "the deadline is the ceiling");
    let (deadline, now) = heard_after(DEADLINE, [250; 100]);
    assert_eq!(patience(&deadline, now), 1_000);
}

#[test]
fn phi_grows_with_the_quiet_and_is_at_the_threshold_when_the_node_is_down() {
    let (mut detector, now) = heard_after(PHI, [250; 100]);
    let patience = patience(&detector, now);
    let phi = |detector: &Detector, quiet| detector.phi_milli(A, at(now + quiet)).unwrap();

    assert!(phi(&detector, 250) < 1, "a heartbeat is due");
    assert_eq!(phi(&detector, 500), 301, "half of them are later than the mean and the pause");
    assert!((7_950..=8_000).contains(&phi(&detector, patience - 1)));
    assert!(8_000 <= phi(&detector, patience));
    assert_eq!(tick(&mut detector, now + patience - 1), []);
    assert_eq!(tick(&mut detector, now + patience), [Verdict::Down(A)]);
    assert_eq!(phi(&detector, 1_000_000), 23_118);
}

#[test]
fn only_heartbeats_say_how_regular_a_node_is() {
    let busy = [250; 100].into_iter().chain([3; 1_000]);
    let (detector, now) = heard_after(PHI, busy);
    assert_eq!(patience(&detector, now), 781, "messages in between change nothing");

    let (mut detector, now) = heard_after(PHI, [250; 100]);
    tick(&mut detector, now + 30_000);
    detector.heard(A, at(now + 30_000));
    assert_eq!(patience(&detector, now + 30_000), 781, "and neither does an outage");
}

#[test]
fn only_so_many_heartbeats_count() {
    let few = Phi { window: 10, ..Phi::usual(250) };
    let timing = Timing { detection: Detection::Phi(few), ..PHI };
    let (detector, now) = heard_after(timing, [150, 350].repeat(100).into_iter().chain([250; 10]));
    assert_eq!(patience(&detector, now), 781);
}

#[test]
fn settings_that_make_no_sense_still_have_the_deadline() {
    for threshold_milli in [0, 23_119, u32::MAX] {
        for (window, deviation_ms, pause_ms) in
            [(0, 0, 0), (1, -5, -5), (u16::MAX, i64::MAX, i64::MAX), (5, i64::MIN, i64::MIN)]
        {
            let phi = Phi { threshold_milli, window, deviation_ms, pause_ms };
            let timing = Timing { detection: Detection::Phi(phi), ..PHI };
            let (detector, now) = heard_after(timing, [250; 10]);
            assert!((0..=1_000).contains(&patience(&detector, now)), "{phi:?}");
            detector.phi_milli(A, at(now + 1));
        }
    }
    let arrivals = Arrivals::new(&PHI);
    assert_eq!(arrivals.phi_milli(&PHI, i64::MAX), Some(23_118));
    assert_eq!(arrivals.phi_milli(&PHI, i64::MIN), Some(0));
}

/// The upper tail of the normal distribution from `z` on, by Simpson's rule.
fn tail(z: f64) -> f64 {
    const STEPS: u32 = 20_000;
    let width = 16.0 / f64::from(STEPS);
    let density = |step: u32| (-(z + f64::from(step) * width).powi(2) / 2.0).exp();
    let weighed = |step: u32| if step.is_multiple_of(2) { 2.0 } else { 4.0 } * density(step);
    let inner: f64 = (1..STEPS).map(weighed).sum();
    (density(0) + inner + density(STEPS)) * width / 3.0 / (2.0 * std::f64::consts::PI).sqrt()
}

#[test]
fn the_tail_is_that_of_the_normal_distribution() {
    for z_milli in (-3_000_i32..=10_000).step_by(37) {
        let expected = -tail(f64::from(z_milli) / 1_000.0).log10() * 1_000.0;
        let found = phi::phi_milli(z_milli.into());
        assert!((expected - f64::from(found)).abs() < 5.0, "{z_milli}: {expected} {found}");
        // Where it is steep enough, the way back leads to where it began.
        if 0 <= z_milli {
            let back = phi::z_milli(found).unwrap();
            assert!((i64::from(z_milli) - back).abs() <= 4, "{z_milli}: {back}");
        }
    }
    assert_eq!(phi::z_milli(23_119), None);
}
