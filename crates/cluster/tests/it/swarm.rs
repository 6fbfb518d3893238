//! Random faults by the thousand seeds, and only the promises as judges.
//!
//! `EVERVIEW_SEEDS=100000` tries more of them; a failure names its seed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use everview_cluster::sim::{
    Endpoint, Fault, MachineState, NetworkConfig, SimConfig, Simulation, Status, Violation,
};
use everview_cluster::{FollowerOutput, NodeId, Serve, Timing, Weakness};
use everview_core::{Engine, Epoch, Log, Position, Rng, Timestamp};

use crate::account::{bus, engine, pay};

const NODES: u8 = 3;
/// How long faults are injected, and how long everybody then has to get over them.
const CHAOS_MS: i64 = 8_000;
const PEACE_MS: i64 = 4_000;

fn seeds() -> u64 {
    std::env::var("EVERVIEW_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000)
}

fn millis(rng: &mut Rng, low: u64, high: u64) -> i64 {
    rng.between(low, high).cast_signed()
}

fn node(rng: &mut Rng) -> NodeId {
    NodeId::new(u8::try_from(rng.below(u64::from(NODES))).unwrap())
}

fn endpoint(rng: &mut Rng) -> Endpoint {
    match rng.below(5) {
        0 => Endpoint::Lease,
        1 => Endpoint::Client,
        _ => Endpoint::Node(node(rng)),
    }
}

/// A fault, or the end of one: often it is the leader that is hit.
fn fault(rng: &mut Rng, status: &Status) -> Fault {
    let hit = status.leader.filter(|_| rng.chance(500_000)).unwrap_or(node(rng));
    let halted: Vec<_> = status.nodes.iter().filter(|one| one.state != MachineState::Up).collect();
    if !halted.is_empty() && rng.chance(400_000) {
        let which = usize::try_from(rng.below(halted.len() as u64)).unwrap();
        let id = halted[which].id;
        return match halted[which].state {
            MachineState::Frozen => Fault::Thaw(id),
            MachineState::Up | MachineState::Down => Fault::Restart(id),
        };
    }
    match rng.below(10) {
        0..=2 => Fault::Kill(hit),
        3 => Fault::Freeze(hit),
        4 => Fault::Isolate(hit),
        5 => Fault::Cut(Endpoint::Node(hit), endpoint(rng)),
        6 => Fault::Cut(endpoint(rng), endpoint(rng)),
        7 => Fault::Slow(endpoint(rng), endpoint(rng), millis(rng, 10, 1_000)),
        _ => Fault::Heal,
    }
}

fn config(seed: u64, rng: &mut Rng, weakness: Option<Weakness>) -> SimConfig {
    let network = NetworkConfig {
        delay_min_ms: 1,
        delay_max_ms: rng.between(2, 30),
        loss: rng.below(50_000),
        duplication: rng.below(50_000),
        reordering: rng.below(50_000),
    };
    let serve = if rng.chance(500_000) { Serve::Committed } else { Serve::Appended };
    let batch = if rng.chance(500_000) { 8 } else { 64 };
    // As fast as the links allow, so that leaders come and go.
    let timing = Timing { heartbeat_ms: 50, suspicion_ms: 200, lease_ms: 300, drift_ms: 30 };
    SimConfig { seed, timing, network, serve, batch, weakness, ..SimConfig::default() }
}

fn simulation(seed: u64, weakness: Option<Weakness>) -> (Simulation, Rng) {
    let mut rng = Rng::new(seed);
    let config = config(seed, &mut rng, weakness);
    let mut payments = rng.fork();
    let mut at = config.start;
    let mut number = 0;
    let end = config.start.plus_millis(CHAOS_MS + PEACE_MS / 2);
    let workload = move |_| {
        at = at.plus_millis(millis(&mut payments, 5, 100));
        let account = format!("account-{}", payments.below(5));
        // No amount comes twice, so that a payment that is done twice is noticed.
        number += 1;
        let amount = if payments.chance(600_000) { number } else { -number };
        (at < end).then(|| (at, pay(&account, amount)))
    };
    (Simulation::new(config, workload, bus), rng)
}

/// Folds what the follower gives out, as a client does.
fn follow(simulation: &mut Simulation, views: &mut Engine) {
    for change in simulation.drain() {
        match change {
            FollowerOutput::Apply(entry) => {
                let position = views.append(entry.epoch, &entry.event).unwrap();
                assert_eq!(position, entry.position);
            }
            FollowerOutput::Rewind(to) => {
                views.rewind(to);
            }
            FollowerOutput::Connect { .. } | FollowerOutput::WaitUntil(_) => unreachable!(),
        }
    }
}

fn fold(log: &Log) -> Engine {
    let mut views = engine();
    for event in log.after(Position::START) {
        views.append(event.epoch, &event.to_new()).unwrap();
    }
    views
}

fn texts(log: &Log) -> Vec<(Position, Epoch, Cow<'_, str>)> {
    log.after(Position::START).map(|event| (event.position, event.epoch, event.raw)).collect()
}

struct Run {
    events: u64,
    failovers: usize,
    trace: Vec<String>,
}

fn run(seed: u64, weakness: Option<Weakness>) -> Result<Run, Violation> {
    let (mut simulation, mut rng) = simulation(seed, weakness);
    let mut views = engine();
    let mut at = Timestamp::default();
    loop {
        at = at.plus_millis(millis(&mut rng, 5, 400));
        if CHAOS_MS < at.millis() {
            break;
        }
        simulation.advance(at)?;
        follow(&mut simulation, &mut views);
        let fault = fault(&mut rng, &simulation.status());
        simulation.inject(fault)?;
    }
    for fault in [Fault::Heal, Fault::Calm] {
        simulation.inject(fault)?;
    }
    for node in (0..NODES).map(NodeId::new) {
        simulation.inject(Fault::Thaw(node))?;
        simulation.inject(Fault::Restart(node))?;
    }
    simulation.advance(at.plus_millis(PEACE_MS))?;
    simulation.check_settled()?;
    follow(&mut simulation, &mut views);

    let log = simulation.committed_log();
    assert_eq!(texts(views.log()), texts(log), "seed {seed}");
    assert_eq!(views.digest(), fold(log).digest(), "seed {seed}");
    let events = log.head().get();
    let payments: BTreeSet<_> = log.after(Position::START).map(|event| event.data).collect();
    assert_eq!(payments.len() as u64, events, "seed {seed}: every payment is done once");
    let status = simulation.status();
    assert_eq!(status.waiting, 0, "seed {seed}: every command is decided in the end");
    for failover in simulation.failovers() {
        let sum: i64 = failover.phases().map(|(_, micros)| micros).sum();
        assert_eq!(Some(sum), failover.total_micros(), "seed {seed}: {failover:?}");
        let is_whole = |(_, micros): (_, i64)| 0 <= micros && micros % 1_000 == 0;
        assert!(failover.phases().all(is_whole), "seed {seed}: {failover:?}");
    }
    let failovers = simulation.failovers().len();
    let trace = simulation.drain_trace().map(|line| format!("{} {line}", line.at)).collect();
    Ok(Run { events, failovers, trace })
}

#[test]
fn whatever_fails_nothing_is_lost_doubled_or_invented() {
    let (mut events, mut failovers) = (0, 0);
    for seed in 0..seeds() {
        match run(seed, None) {
            Ok(run) => {
                events += run.events;
                failovers += run.failovers;
            }
            Err(violation) => panic!("seed {seed}: {violation}"),
        }
    }
    // The faults are real: there is work, and there are failovers, in nearly every run.
    assert!(100 * seeds() < events, "only {events} events");
    assert!(4 * seeds() < failovers as u64, "only {failovers} failovers");
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in [3, 7] {
        let [one, other] = [run(seed, None), run(seed, None)].map(Result::unwrap);
        assert_eq!(one.trace, other.trace);
    }
}

/// The first of the seeds at which the checks notice that a rule is broken.
fn noticed(weakness: Weakness) -> (u64, Violation) {
    (0..200)
        .find_map(|seed| run(seed, Some(weakness)).err().map(|violation| (seed, violation)))
        .expect("the checks notice nothing")
}

#[test]
fn without_fencing_committed_events_are_overwritten() {
    let (_, violation) = noticed(Weakness::NoFencing);
    assert!(matches!(violation, Violation::CommittedChanged { .. }), "{violation}");
}

#[test]
fn without_a_quorum_acknowledged_events_are_lost() {
    let (_, violation) = noticed(Weakness::AckBeforeQuorum);
    assert!(matches!(violation, Violation::CommittedChanged { .. }), "{violation}");
}
