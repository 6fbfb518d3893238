//! The cluster as the page shows it.

use everview_cluster::balance;
use everview_cluster::sim::{self, Failover, MachineState, NodeStatus, ServerStatus, Status};
use everview_cluster::{Health, NodeId, Role};
use everview_core::{Position, Timestamp};
use everview_protocol::session::{
    BalancerState, ChaosState, ClusterState, FailoverState, NodeRole, NodeState, ObserverCondition,
    PastCluster, Phase, ServerState, Standing, TermState,
};

use super::Cluster;
use super::beliefs::beliefs;
use super::conflicts::told_regions;
use super::past::{Observed, Term};
use super::world::World;

impl Cluster {
    /// The cluster at this moment.
    pub(crate) fn state(&self) -> ClusterState {
        self.state_of(&self.observed(), self.chaos.state())
    }

    /// The cluster at the moment at which its client had an event, or at a moment until it had the next.
    pub(crate) fn state_at(&self, position: u64, at_ms: Option<u64>) -> Option<PastCluster> {
        let start = self.world.start_time();
        let position = Position::new(position);
        let at = at_ms.map(|at| start.plus_millis(i64::try_from(at).unwrap_or(i64::MAX)));
        let moment = self.past.at(position, at)?;
        let (from, until) = self.past.times(position)?;
        Some(PastCluster {
            state: self.state_of(&moment.observed, ChaosState::default()),
            position: moment.position.get(),
            from_ms: milliseconds(from.millis_since(start)),
            until_ms: milliseconds(until.millis_since(start)),
        })
    }

    fn state_of(&self, observed: &Observed, chaos: ChaosState) -> ClusterState {
        let now = observed.now();
        let term = |term: &Term| TermState {
            leader: term.leader.map(|leader| leader.to_string()),
            epoch: term.epoch.get(),
            since_ms: self.since_start(term.since),
            position: term.position.get(),
        };
        let state = ClusterState {
            now_ms: self.since_start(now),
            leader: None,
            epoch: 0,
            held_ms: None,
            nodes: Vec::new(),
            regions: None,
            balancer: None,
            failovers: Vec::new(),
            check: self.check.clone(),
            violation: self.violation.clone(),
            followed: None,
            stale_ms: observed
                .health()
                .and_then(stale_since)
                .map(|since| milliseconds(now.millis_since(since))),
            sla: self.observer.state(self.world.now()),
            beliefs: Vec::new(),
            chaos,
            terms: self.past.terms().iter().map(term).collect(),
        };
        match observed {
            Observed::OneLog(status) => ClusterState {
                leader: status.leader.map(|leader| leader.to_string()),
                epoch: status.epoch.get(),
                held_ms: status.leads_since.map(|since| milliseconds(now.millis_since(since))),
                nodes: status.nodes.iter().map(|node| seen(status, node)).collect(),
                balancer: (!status.servers.is_empty()).then(|| balancer(status)),
                failovers: self.failovers(now),
                // The page is the first client.
                followed: status
                    .followers
                    .first()
                    .and_then(|follower| follower.node)
                    .map(|node| node.to_string()),
                beliefs: beliefs(status),
                ..state
            },
            Observed::PerRegion(seen) => ClusterState {
                regions: Some(told_regions(seen)),
                followed: seen.at.map(|at| at.to_string()),
                ..state
            },
        }
    }

    /// The failovers that had begun at a moment, the latest first.
    fn failovers(&self, now: Timestamp) -> Vec<FailoverState> {
        let World::OneLog(simulation) = &self.world else { return Vec::new() };
        let failovers = simulation.failovers();
        let begun = failovers.iter().filter(|failover| failover.start <= now);
        begun.rev().map(|failover| self.failover(&until(failover, now))).collect()
    }

    fn since_start(&self, at: Timestamp) -> u64 {
        milliseconds(at.millis_since(self.world.start_time()))
    }

    fn failover(&self, failover: &Failover) -> FailoverState {
        let phase = |(phase, micros): (sim::Phase, i64)| Phase {
            name: phase.name().into(),
            ms: milliseconds(micros / 1_000),
        };
        FailoverState {
            at_ms: self.since_start(failover.start),
            position: self.past.position_at(failover.start).get(),
            from: failover.from.to_string(),
            to: failover.to.map(|to| to.to_string()),
            epoch: failover.to_epoch.map(everview_core::Epoch::get),
            total_ms: failover.total_micros().map(|micros| milliseconds(micros / 1_000)),
            phases: failover.phases().map(phase).collect(),
        }
    }
}

/// A failover as far as it had come at a moment.
fn until(failover: &Failover, now: Timestamp) -> Failover {
    let ends = failover.ends.map(|end| end.filter(|end| *end <= now));
    let is_elected = ends[sim::Phase::Elect as usize].is_some();
    Failover {
        ends,
        to: failover.to.filter(|_| is_elected),
        to_epoch: failover.to_epoch.filter(|_| is_elected),
        ..*failover
    }
}

fn seen(status: &Status, node: &NodeStatus) -> NodeState {
    NodeState {
        name: node.id.to_string(),
        zone: node.place.zone.get().to_string(),
        role: role(status, node),
        epoch: node.epoch.get(),
        heartbeat_age_ms: node.heard.map(|heard| milliseconds(status.now.millis_since(heard))),
        position: node.head.get(),
        clock_off_ms: node.clock.millis_since(status.now),
    }
}

fn balancer(status: &Status) -> BalancerState {
    let all = status.servers.iter().map(|one| one.target.picked).sum::<u64>();
    let server = |one: &ServerStatus| ServerState {
        name: one.target.target.server.to_string(),
        zone: one.place.zone.get().to_string(),
        condition: condition(one.state),
        standing: match one.target.standing {
            balance::Standing::Serving => Standing::Serving,
            balance::Standing::WarmingUp { percent } => Standing::WarmingUp { percent },
            balance::Standing::Ejected { until } => {
                Standing::Ejected { left_ms: milliseconds(until.millis_since(status.now)) }
            }
            balance::Standing::Unwell => Standing::Unwell,
            balance::Standing::Draining => Standing::Draining,
            balance::Standing::Drained => Standing::Drained,
        },
        weight: one.target.target.weight,
        in_flight: one.target.in_flight,
        capacity: one.target.target.capacity,
        picked: one.target.picked,
        share_percent: (one.target.picked * 100).checked_div(all).unwrap_or(0),
        failed: one.target.failed,
        follows: one.node.map(|node| node.to_string()),
        position: one.position.get(),
    };
    BalancerState {
        strategy: status.strategy.name().into(),
        shed: status.shed,
        servers: status.servers.iter().map(server).collect(),
    }
}

/// What a node does. One that nobody else follows any more does not count as a leader, whatever it
/// believes.
fn role(status: &Status, node: &NodeStatus) -> NodeRole {
    match (node.state, node.role) {
        (MachineState::Down, _) => NodeRole::Down,
        (MachineState::Frozen, _) => NodeRole::Frozen,
        (_, Role::Leader) if status.leader == Some(node.id) => NodeRole::Leader,
        (_, Role::Leader) => NodeRole::Fenced,
        (_, Role::Candidate) => NodeRole::Candidate,
        (_, Role::Standby) if is_suspected(status, node.id) => NodeRole::Suspect,
        (_, Role::Standby) => NodeRole::Standby,
    }
}

fn is_suspected(status: &Status, id: NodeId) -> bool {
    let running = status.nodes.iter().filter(|node| node.state == MachineState::Up);
    running.flat_map(|node| &node.peers).any(|peer| peer.id == id && peer.is_suspected)
}

fn stale_since(health: Health) -> Option<Timestamp> {
    match health {
        Health::Live => None,
        Health::Stale { since } | Health::Reconnecting { since } | Health::Restoring { since } => {
            Some(since)
        }
    }
}

pub(super) const fn condition(state: MachineState) -> ObserverCondition {
    match state {
        MachineState::Up => ObserverCondition::Running,
        MachineState::Frozen => ObserverCondition::Frozen,
        MachineState::Down => ObserverCondition::Down,
    }
}

pub(super) fn milliseconds(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
