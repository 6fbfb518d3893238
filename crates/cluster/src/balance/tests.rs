use alloc::collections::BTreeMap;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use alloc::{format, vec};

use everview_core::{Rng, Timestamp};
use proptest::prelude::*;
use proptest::strategy::Strategy as _;

use super::{
    Ask, Balancer, BalancerConfig, Ejection, Outcome, Priority, Probe, Refusal, Standing, Strategy,
    Target, affinity,
};
use crate::ServerId;

const A: ServerId = ServerId::new(0);
const B: ServerId = ServerId::new(1);
const C: ServerId = ServerId::new(2);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A balancer over targets from `A` on with these weights and room for 1,000 requests each.
fn balancer(strategy: Strategy, weights: &[u8]) -> Balancer {
    let config = BalancerConfig { strategy, ..BalancerConfig::default() };
    Balancer::new(config, targets(weights, 1_000))
}

fn targets(weights: &[u8], capacity: u32) -> impl Iterator<Item = Target> {
    let servers = (0..=u8::MAX).map(ServerId::new);
    servers.zip(weights).map(move |(server, &weight)| Target { server, weight, capacity })
}

/// The targets of the next requests, which all end at once.
fn picks(balancer: &mut Balancer, now: i64, count: usize) -> Vec<ServerId> {
    let mut pick = || {
        let server = balancer.pick(at(now), Ask::default()).unwrap();
        balancer.finish(at(now), server, Outcome::Answered);
        server
    };
    (0..count).map(|_| pick()).collect()
}

fn standing(balancer: &Balancer, now: i64, server: ServerId) -> Standing {
    let status = balancer.status(at(now));
    status.iter().find(|status| status.target.server == server).unwrap().standing
}

fn fail(balancer: &mut Balancer, now: i64, server: ServerId, times: usize) {
    for _ in 0..times {
        balancer.finish(at(now), server, Outcome::Failed);
    }
}

#[test]
fn round_robin_takes_each_in_turn_whatever_its_weight() {
    let mut balancer = balancer(Strategy::RoundRobin, &[5, 1, 0, 1]);

    let d = ServerId::new(3);
    assert_eq!(picks(&mut balancer, 0, 6), [A, B, d, A, B, d]);
}

#[test]
fn weights_are_kept_and_spread_evenly() {
    let mut balancer = balancer(Strategy::Weighted, &[5, 1, 1]);

    assert_eq!(picks(&mut balancer, 0, 7), [A, A, B, A, C, A, A]);
    balancer.set_weight(A, 1);
    let mut next = picks(&mut balancer, 0, 3);
    next.sort();
    assert_eq!(next, [A, B, C]);
}

#[test]
fn the_least_loaded_for_its_weight_gets_the_next_request() {
    let mut balancer = balancer(Strategy::LeastLoaded, &[2, 1]);
    let mut pick = || balancer.pick(at(0), Ask::default()).unwrap();

    assert_eq!([pick(), pick(), pick(), pick(), pick(), pick()], [A, B, A, A, B, A]);
}

#[test]
fn of_equally_loaded_targets_the_one_that_waited_longest_is_next() {
    let mut balancer = balancer(Strategy::LeastLoaded, &[1, 1, 1]);

    assert_eq!(picks(&mut balancer, 0, 6), [A, B, C, A, B, C]);
}

#[test]
fn a_target_that_fails_its_checks_gets_nothing_until_it_passes_them() {
    let mut balancer = balancer(Strategy::RoundRobin, &[1, 1]);

    balancer.probe(at(0), A, Probe::Failed);
    assert_eq!(standing(&balancer, 0, A), Standing::Serving, "one may be bad luck");
    balancer.probe(at(1), A, Probe::Failed);
    assert_eq!(standing(&balancer, 1, A), Standing::Unwell);
    assert_eq!(picks(&mut balancer, 1, 2), [B, B]);
    for (now, probe) in [(2, Probe::Passed), (3, Probe::Failed), (4, Probe::Passed)] {
        balancer.probe(at(now), A, probe);
        assert_eq!(standing(&balancer, now, A), Standing::Unwell);
    }
    balancer.probe(at(5), A, Probe::Passed);
    assert_eq!(standing(&balancer, 5, A), Standing::Serving);
}

#[test]
fn five_failures_in_a_row_eject_for_longer_each_time() {
    let mut balancer = balancer(Strategy::RoundRobin, &[1, 1]);

    fail(&mut balancer, 0, A, 4);
    balancer.finish(at(0), A, Outcome::Answered);
    fail(&mut balancer, 0, A, 4);
    assert_eq!(standing(&balancer, 0, A), Standing::Serving);
    fail(&mut balancer, 0, A, 1);
    assert_eq!(standing(&balancer, 0, A), Standing::Ejected { until: at(30_000) });
    assert_eq!(picks(&mut balancer, 29_999, 2), [B, B]);

    fail(&mut balancer, 30_000, A, 5);
    assert_eq!(standing(&balancer, 30_000, A), Standing::Ejected { until: at(90_000) });
}

#[test]
fn every_interval_without_an_ejection_forgives_one() {
    let mut balancer = balancer(Strategy::RoundRobin, &[1, 1]);
    fail(&mut balancer, 0, A, 5);
    fail(&mut balancer, 30_000, A, 5);

    fail(&mut balancer, 200_000, A, 5);

    assert_eq!(standing(&balancer, 200_000, A), Standing::Ejected { until: at(230_000) });
}

#[test]
fn no_more_than_the_allowed_share_is_ejected_and_never_the_last() {
    let config = BalancerConfig {
        ejection: Ejection { most_percent: 50, ..Ejection::default() },
        ..BalancerConfig::default()
    };
    let mut five = Balancer::new(config, targets(&[1; 5], 9));
    for server in (0..5).map(ServerId::new) {
        fail(&mut five, 0, server, 5);
    }
    let ejected = |status: &Vec<super::TargetStatus>| {
        status.iter().filter(|one| matches!(one.standing, Standing::Ejected { .. })).count()
    };
    assert_eq!(ejected(&five.status(at(0))), 2, "half of five, rounded down");

    let mut two = balancer(Strategy::RoundRobin, &[1, 1]);
    two.drain(at(0), B);
    fail(&mut two, 0, A, 50);
    assert_eq!(standing(&two, 0, A), Standing::Serving, "bad answers are better than none");
}

#[test]
fn too_many_failures_in_an_interval_eject_even_if_not_in_a_row() {
    let ejection = Ejection { failures_in_a_row: 0, ..Ejection::default() };
    let config = BalancerConfig { ejection, ..BalancerConfig::default() };
    let mut balancer = Balancer::new(config, targets(&[1, 1], 1_000));
    let mut interval = |now, failures, answers| {
        fail(&mut balancer, now, A, failures);
        fail(&mut balancer, now, B, 49);
        for _ in 0..answers {
            balancer.finish(at(now), A, Outcome::Answered);
        }
        balancer.pick(at(now + 10_000), Ask::default()).unwrap();
        (standing(&balancer, now + 10_000, A), standing(&balancer, now + 10_000, B))
    };

    assert_eq!(interval(0, 84, 16), (Standing::Serving, Standing::Serving));
    let ejected = Standing::Ejected { until: at(50_000) };
    assert_eq!(interval(10_000, 85, 15), (ejected, Standing::Serving), "49 prove nothing");
}

#[test]
fn a_draining_target_ends_what_it_has_and_is_then_drained() {
    let mut balancer = balancer(Strategy::RoundRobin, &[1, 1]);
    assert_eq!(balancer.pick(at(0), Ask::default()), Ok(A));

    balancer.drain(at(1), A);
    assert_eq!(standing(&balancer, 1, A), Standing::Draining);
    assert_eq!(picks(&mut balancer, 1, 2), [B, B]);
    balancer.finish(at(2), A, Outcome::Answered);
    assert_eq!(standing(&balancer, 2, A), Standing::Drained);
    balancer.resume(at(3), A);
    assert_eq!(standing(&balancer, 3, A), Standing::Serving);
}

#[test]
fn a_target_that_comes_back_gets_its_share_slowly() {
    let config = BalancerConfig { slow_start_ms: 10_000, ..BalancerConfig::default() };
    let mut balancer = Balancer::new(config, targets(&[1, 1], 1_000));
    balancer.drain(at(0), A);
    balancer.resume(at(0), A);

    assert_eq!(standing(&balancer, 0, A), Standing::WarmingUp { percent: 10 });
    assert_eq!(standing(&balancer, 5_000, A), Standing::WarmingUp { percent: 50 });
    assert_eq!(standing(&balancer, 10_000, A), Standing::Serving);
    let of_a = picks(&mut balancer, 5_000, 300).iter().filter(|server| **server == A).count();
    assert_eq!(of_a, 100, "half a share beside a whole one");
}

#[test]
fn when_capacity_is_lost_what_matters_least_is_refused_first() {
    let mut balancer = Balancer::new(BalancerConfig::default(), targets(&[1, 1], 10));
    let ask = |balancer: &mut Balancer, priority| {
        balancer.pick(at(0), Ask { priority, key: None }).map(drop)
    };
    for _ in 0..8 {
        ask(&mut balancer, Priority::Sheddable).unwrap();
    }
    balancer.drain(at(0), B);

    // A alone has room for 10 and 4 in flight: 7 sheddable ones may be, 9 normal ones, 10 critical.
    for _ in 0..3 {
        ask(&mut balancer, Priority::Sheddable).unwrap();
    }
    let refused = ask(&mut balancer, Priority::Sheddable);
    assert_eq!(refused, Err(Refusal::Overloaded { limit: 7, in_flight: 7 }));
    for _ in 0..2 {
        ask(&mut balancer, Priority::Normal).unwrap();
    }
    let refused = ask(&mut balancer, Priority::Normal);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "expected fewer than 9 requests in flight, found 9"
    );
    ask(&mut balancer, Priority::Critical).unwrap();
    let refused = ask(&mut balancer, Priority::Critical);
    assert_eq!(refused, Err(Refusal::Overloaded { limit: 10, in_flight: 10 }));
    balancer.drain(at(0), A);
    assert_eq!(ask(&mut balancer, Priority::Critical), Err(Refusal::NoTarget));
}

/// Where each of 4,000 streams goes.
fn homes(balancer: &mut Balancer) -> BTreeMap<u64, ServerId> {
    (0..4_000)
        .map(|stream| {
            let key = affinity(&format!("order-{stream}"));
            let server = balancer.pick(at(0), Ask { key: Some(key), ..Ask::default() }).unwrap();
            balancer.finish(at(0), server, Outcome::Answered);
            (key, server)
        })
        .collect()
}

#[test]
fn when_a_target_goes_only_its_keys_move() {
    let mut balancer = balancer(Strategy::Affinity, &[1, 1, 2]);
    let before = homes(&mut balancer);
    assert_eq!(before, homes(&mut balancer), "the same key goes to the same target");
    let of = |server| before.values().filter(|home| **home == server).count();
    assert!(
        (900..1_100).contains(&of(A)) && (1_900..2_100).contains(&of(C)),
        "{} {}",
        of(A),
        of(C)
    );

    balancer.drain(at(0), B);
    let after = homes(&mut balancer);

    let moved = before.iter().filter(|(key, home)| after[key] != **home);
    assert!(moved.clone().all(|(_, home)| *home == B));
    assert_eq!(moved.count(), of(B));
}

#[test]
fn a_busy_target_passes_a_key_on_to_the_next() {
    let config = BalancerConfig { strategy: Strategy::Affinity, ..BalancerConfig::default() };
    let mut balancer = Balancer::new(config, targets(&[1, 1, 1], 10));
    let ask = Ask { key: Some(affinity("order-1")), priority: Priority::Critical };

    let picked: Vec<_> = (0..30).map(|_| balancer.pick(at(0), ask).unwrap()).collect();

    let mut order = picked.clone();
    order.dedup();
    assert_eq!(order.len(), 3, "first one, then another, then the last: {picked:?}");
}

#[test]
fn an_unknown_node_is_ignored_and_of_two_targets_for_a_node_the_last_counts() {
    let twice = [1, 3].map(|capacity| Target { server: A, weight: 1, capacity });
    let mut balancer = Balancer::new(BalancerConfig::default(), twice);
    balancer.finish(at(0), C, Outcome::Failed);
    balancer.drain(at(0), C);

    let status = balancer.status(at(0));
    assert_eq!(status.iter().map(|one| one.target.capacity).collect::<Vec<_>>(), [3]);
}

/// Does something to a balancer, and says what it chose if it was asked.
fn act(balancer: &mut Balancer, rng: &mut Rng, now: i64) -> Option<Result<ServerId, Refusal>> {
    let server = ServerId::new(u8::try_from(rng.below(5)).unwrap());
    let outcome = if rng.chance(400_000) { Outcome::Failed } else { Outcome::Answered };
    let probe = if rng.chance(400_000) { Probe::Failed } else { Probe::Passed };
    let priorities = [Priority::Sheddable, Priority::Normal, Priority::Critical];
    let priority = priorities[usize::try_from(rng.below(3)).unwrap()];
    match rng.below(12) {
        0 => balancer.drain(at(now), server),
        1 => balancer.resume(at(now), server),
        2 => balancer.set_weight(server, u8::try_from(rng.below(4)).unwrap()),
        3 | 4 => balancer.probe(at(now), server, probe),
        5..=7 => balancer.finish(at(now), server, outcome),
        _ => return Some(balancer.pick(at(now), Ask { key: Some(rng.below(9)), priority })),
    }
    None
}

proptest! {
    #[test]
    fn whatever_happens_only_targets_that_serve_and_have_room_are_chosen(
        seed in any::<u64>(), strategy in prop::sample::select(&Strategy::ALL),
    ) {
        let mut rng = Rng::new(seed);
        let config = BalancerConfig { strategy, slow_start_ms: 5_000, ..BalancerConfig::default() };
        let new = || Balancer::new(config, targets(&[1, 2, 3, 1], 4));
        let (mut balancer, mut twin) = (new(), new());
        let mut twin_rng = rng.clone();
        let mut now = 0;
        for _ in 0..300 {
            now += i64::try_from(rng.below(2_000)).unwrap();
            twin_rng.below(2_000);
            let before = balancer.status(at(now));
            let chosen = act(&mut balancer, &mut rng, now);
            prop_assert_eq!(chosen, act(&mut twin, &mut twin_rng, now), "it is deterministic");
            prop_assert_eq!(balancer.status(at(now)), twin.status(at(now)));
            let with_share: Vec<_> = before
                .iter()
                .filter(|one| one.standing.serves() && 0 < one.target.weight)
                .collect();
            let room = with_share.iter().map(|one| one.target.capacity - one.in_flight).sum::<u32>();
            match chosen {
                Some(Ok(server)) => {
                    let one = with_share.iter().find(|one| one.target.server == server);
                    prop_assert!(one.is_some_and(|one| one.in_flight < one.target.capacity));
                }
                Some(Err(Refusal::NoTarget)) => prop_assert_eq!(with_share.len(), 0),
                Some(Err(Refusal::Overloaded { limit, in_flight })) => {
                    prop_assert!(limit <= in_flight && u64::from(room) <= 16 - in_flight);
                }
                None => {}
            }
        }
    }

    #[test]
    fn over_a_round_each_gets_exactly_its_weight(
        weights in prop::collection::vec(0_u8..20, 1..7).prop_filter("someone", |all| all.iter().any(|one| 0 < *one)),
    ) {
        let mut balancer = balancer(Strategy::Weighted, &weights);
        let round = weights.iter().map(|weight| usize::from(*weight)).sum();
        for _ in 0..3 {
            let mut counts = vec![0_u8; weights.len()];
            for server in picks(&mut balancer, 0, round) {
                counts[usize::from(server.get())] += 1;
            }
            prop_assert_eq!(&counts, &weights);
        }
    }
}
