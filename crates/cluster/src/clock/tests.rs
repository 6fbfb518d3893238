use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;

use everview_core::{Rng, Timestamp};
use proptest::prelude::*;

use super::{
    AheadError, Causality, HybridClock, HybridTime, Inbox, InboxFull, Region, Stamp, VersionVector,
};

const ONE: Region = Region::new(1);
const TWO: Region = Region::new(2);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn time(millis: i64, count: u32) -> HybridTime {
    HybridTime { wall: at(millis), count }
}

fn vector(numbers: &[u64]) -> VersionVector {
    (1..).map(Region::new).zip(numbers.iter().copied()).collect()
}

#[test]
fn moments_grow_when_the_machines_clock_stands_still_or_goes_back() {
    let mut clock = HybridClock::default();

    let moments = [5, 5, 3, 6].map(|millis| clock.tick(at(millis)));

    assert_eq!(moments, [time(5, 0), time(5, 1), time(5, 2), time(6, 0)]);
    assert_eq!(clock.ahead_ms(at(2)), 4);
}

#[test]
fn what_is_heard_is_followed_as_the_paper_has_it() {
    let mut clock = HybridClock::new(1_000, time(10, 3));
    let mut hear = |now, heard| clock.hear(at(now), heard).unwrap();

    assert_eq!(hear(5, time(10, 7)), time(10, 8), "the same time: the larger count");
    assert_eq!(hear(5, time(9, 99)), time(10, 9), "an earlier time: our own");
    assert_eq!(hear(5, time(12, 4)), time(12, 5), "a later time: theirs");
    assert_eq!(hear(20, time(12, 4)), time(20, 0), "the machine's is the latest");
}

#[test]
fn a_clock_too_far_ahead_is_refused_and_changes_nothing() {
    let mut clock = HybridClock::new(1_000, HybridTime::default());

    assert_eq!(clock.hear(at(500), time(1_500, 0)), Ok(time(1_500, 1)));
    let refused = clock.hear(at(501), time(1_502, 0)).unwrap_err();
    assert_eq!(refused, AheadError { latest: at(1_501), found: at(1_502) });
    assert_eq!(
        refused.to_string(),
        "expected a time of 1970-01-01T00:00:01.501Z at the latest, found 1970-01-01T00:00:01.502Z"
    );
    assert_eq!(clock.latest(), time(1_500, 1));
}

#[test]
fn a_count_that_is_full_goes_on_in_the_next_microsecond() {
    let mut clock = HybridClock::new(1_000, time(10, u32::MAX));

    let next = clock.tick(at(10));

    assert_eq!(next, HybridTime { wall: Timestamp::from_micros(10_001), count: 0 });
}

#[test]
fn stamps_are_in_order_of_time_then_region_then_number() {
    let stamp = |millis, count, region, number| Stamp { time: time(millis, count), region, number };
    let expected = [
        stamp(1, 0, TWO, 9),
        stamp(1, 1, ONE, 8),
        stamp(1, 1, TWO, 1),
        stamp(2, 0, ONE, 1),
        stamp(2, 0, ONE, 2),
    ];

    let mut stamps = expected;
    stamps.reverse();
    stamps.sort();
    assert_eq!(stamps, expected);
    assert_eq!(expected[1].to_string(), "8 of region 1 at 1970-01-01T00:00:00.001Z+1");
}

#[test]
fn vectors_are_before_after_equal_or_concurrent() {
    for (one, other, expected) in [
        (vector(&[1, 2]), vector(&[1, 2]), Causality::Equal),
        (vector(&[]), vector(&[0, 0]), Causality::Equal),
        (vector(&[1]), vector(&[1, 2]), Causality::Before),
        (vector(&[3, 2]), vector(&[1, 2]), Causality::After),
        (vector(&[3, 1]), vector(&[1, 2]), Causality::Concurrent),
        (vector(&[1]), vector(&[0, 1]), Causality::Concurrent),
    ] {
        assert_eq!(one.compare(&other), expected, "{one} {other}");
    }
    assert_eq!(vector(&[3, 0, 5]).to_string(), "{1: 3, 3: 5}");
}

#[test]
fn an_inbox_that_is_full_refuses_what_it_would_have_to_hold_back() {
    let stamp = |region, number| Stamp { region, number, ..Stamp::default() };
    let (mut inbox, mut ready) = (Inbox::new(1), vec![]);
    inbox.offer(stamp(ONE, 2), vector(&[1]), 12, &mut ready).unwrap();

    let full = inbox.offer(stamp(TWO, 3), vector(&[0, 2]), 23, &mut ready);
    assert_eq!(full, Err(InboxFull { region: TWO, expected: 1, found: 3, waiting: 1 }));
    inbox.offer(stamp(ONE, 1), vector(&[]), 11, &mut ready).unwrap();
    inbox.offer(stamp(ONE, 1), vector(&[]), 11, &mut ready).unwrap();
    assert_eq!((ready, inbox.waiting()), (vec![11, 12], 0));
}

fn vectors() -> impl Strategy<Value = VersionVector> {
    prop::collection::vec(0_u64..4, 0..4).prop_map(|numbers| vector(&numbers))
}

/// Something that a region made.
#[derive(Debug, Clone)]
struct Made {
    stamp: Stamp,
    seen: VersionVector,
}

/// What three regions make whose clocks differ by up to two seconds, and which hear of each other
/// now and then.
fn history(seed: u64) -> Vec<Made> {
    let mut rng = Rng::new(seed);
    let regions = [1, 2, 3].map(Region::new);
    let skews = regions.map(|_| i64::try_from(rng.below(2_000)).unwrap());
    let mut clocks = regions.map(|_| HybridClock::default());
    let mut inboxes = regions.map(|_| Inbox::new(1_000));
    let mut all: Vec<Made> = Vec::new();
    for step in 0..60 {
        let place = usize::try_from(rng.below(3)).unwrap();
        let now = at(step * 50 + skews[place]);
        if rng.chance(500_000) {
            let (number, known) = inboxes[place].make(regions[place]);
            let time = clocks[place].tick(now);
            all.push(Made { stamp: Stamp { time, region: regions[place], number }, seen: known });
        } else {
            // All that there is reaches the region, in any order.
            let (mut ready, mut letters) = (vec![], all.clone());
            letters.sort_by_cached_key(|_| rng.next_u64());
            for made in letters {
                clocks[place].hear(now, made.stamp.time).unwrap();
                inboxes[place].offer(made.stamp, made.seen, made.stamp, &mut ready).unwrap();
            }
            assert_eq!(inboxes[place].waiting(), 0);
        }
    }
    all
}

proptest! {
    #[test]
    fn effects_are_later_than_their_causes_in_the_agreed_order(seed in any::<u64>()) {
        let all = history(seed);
        for cause in &all {
            for effect in all.iter().filter(|effect| effect.seen.has_seen(&cause.stamp)) {
                prop_assert!(cause.stamp < effect.stamp, "{} {}", cause.stamp, effect.stamp);
            }
        }
    }

    #[test]
    fn whatever_the_order_of_arrival_causes_are_given_out_before_effects(
        seed in any::<u64>(), order in any::<u64>(),
    ) {
        let all = history(seed);
        let (mut rng, mut letters) = (Rng::new(order), [all.clone(), all.clone()].concat());
        letters.sort_by_cached_key(|_| rng.next_u64());
        let (mut inbox, mut ready) = (Inbox::new(1_000), vec![]);
        for made in letters {
            let item = made.clone();
            inbox.offer(made.stamp, made.seen, item, &mut ready).unwrap();
        }
        prop_assert_eq!((ready.len(), inbox.waiting()), (all.len(), 0), "each once");
        let mut given = VersionVector::new();
        for made in ready {
            prop_assert!(given.includes(&made.seen));
            prop_assert_eq!(given.advance(made.stamp.region), made.stamp.number);
        }
    }

    #[test]
    fn a_clock_is_never_ahead_by_more_than_the_bound(
        heard in prop::collection::vec((0_i64..3_000, 0_i64..9_000, any::<u32>()), 1..50),
    ) {
        let mut clock = HybridClock::new(1_000, HybridTime::default());
        let (mut now, mut last) = (0, HybridTime::default());
        for (passed, wall, count) in heard {
            now += passed;
            let given = match clock.hear(at(now), time(wall, count)) {
                Ok(given) => given,
                Err(_) => clock.tick(at(now)),
            };
            prop_assert!(last < given);
            prop_assert!(clock.ahead_ms(at(now)) <= 1_000);
            last = given;
        }
    }

    #[test]
    fn merging_vectors_is_commutative_associative_and_idempotent(
        a in vectors(), b in vectors(), c in vectors(),
    ) {
        let merged = |one: &VersionVector, other: &VersionVector| {
            let mut both = one.clone();
            both.merge(other);
            both
        };
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &a), a.clone());
        prop_assert!(a <= merged(&a, &b) && b <= merged(&a, &b));
        let mirrored = match a.compare(&b) {
            Causality::Before => Causality::After,
            Causality::After => Causality::Before,
            same => same,
        };
        prop_assert_eq!(b.compare(&a), mirrored);
    }
}
