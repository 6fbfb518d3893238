//! The simulated cluster, as it is seen.

use serde::{Deserialize, Serialize};

use super::{RegionsState, SlaState};

/// The simulated cluster at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterState {
    /// Simulated milliseconds since its start.
    pub now_ms: u64,
    /// The leader's name, when there is one that lives.
    pub leader: Option<String>,
    /// The highest epoch.
    pub epoch: u64,
    /// How long the leader has led.
    pub held_ms: Option<u64>,
    /// The nodes, in the order of their zones. A known node is never left out. None where regions have
    /// a log each.
    pub nodes: Vec<NodeState>,
    /// The regions, where each has a log of its own and takes writes: then nobody leads.
    pub regions: Option<RegionsState>,
    /// The balancer and the servers behind it, if there are servers.
    pub balancer: Option<BalancerState>,
    /// The failovers, the latest first.
    pub failovers: Vec<FailoverState>,
    /// The views of the client beside a fold of the log, once there is something to compare.
    pub check: Option<DigestCheck>,
    /// A promise that the cluster broke, which stopped the simulation.
    pub violation: Option<String>,
    /// The node that the client follows, or the region whose log it reads.
    pub followed: Option<String>,
    /// How long the client has heard of no leader, when that is longer than heartbeats take; or that
    /// the region it reads is silent.
    pub stale_ms: Option<u64>,
    /// How available it was.
    pub sla: SlaState,
    /// What each node and client believes of the nodes.
    pub beliefs: Vec<ObserverState>,
    /// What went wrong on purpose, and what will; of a past moment, nothing.
    pub chaos: ChaosState,
    /// Who led when, the oldest first: no more than the time bar can show. Each lasts until the next.
    pub terms: Vec<TermState>,
}

/// Who takes writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leadership<'a> {
    /// The leader.
    Leader(&'a str),
    /// Nobody: there is no leader at the moment.
    Nobody,
    /// Every region that runs, since each has a log of its own.
    Regions(&'a RegionsState),
}

impl ClusterState {
    /// Who takes writes.
    pub const fn leadership(&self) -> Leadership<'_> {
        match (&self.regions, &self.leader) {
            (Some(regions), _) => Leadership::Regions(regions),
            (None, Some(leader)) => Leadership::Leader(leader.as_str()),
            (None, None) => Leadership::Nobody,
        }
    }

    /// The servers behind the balancer, if there are some.
    pub fn servers(&self) -> impl Iterator<Item = &ServerState> {
        self.balancer.iter().flat_map(|balancer| &balancer.servers)
    }
}

/// A time in which somebody led, or nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermState {
    /// The leader's name; none while nobody led.
    pub leader: Option<String>,
    /// Its epoch; while nobody led, the highest one until then.
    pub epoch: u64,
    /// Since when, in simulated milliseconds.
    pub since_ms: u64,
    /// The last event that the client had when it began.
    pub position: u64,
}

/// The simulated cluster at a moment that has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastCluster {
    /// How it was.
    pub state: ClusterState,
    /// The event that the client had then as its last.
    pub position: u64,
    /// Since when the client had it, in simulated milliseconds.
    pub from_ms: u64,
    /// Until when it had no further one, in simulated milliseconds.
    pub until_ms: u64,
}

/// What somebody believes of the nodes, which need not be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObserverState {
    /// A node or a client.
    pub name: String,
    /// Why it believes nothing or nothing new, if that is so.
    pub condition: ObserverCondition,
    /// What it believes of each node, in their order; empty if it does not run.
    pub beliefs: Vec<BeliefState>,
}

/// Whether somebody observes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ObserverCondition {
    /// It does.
    Running,
    /// It stands still: what it believes gets older.
    Frozen,
    /// It does not run.
    Down,
}

/// What somebody believes of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeliefState {
    /// What the node does, as far as the observer knows.
    pub role: BelievedRole,
    /// The epoch in which it does so; of a leader only.
    pub epoch: Option<u64>,
    /// Milliseconds since it was last heard, by the observer's clock; none of itself, and if it never
    /// was.
    pub age_ms: Option<u64>,
    /// How unlikely it is that it is only late, in thousandths of φ, if the observer goes by that.
    pub phi_milli: Option<u32>,
    /// Whether this is the observer itself.
    pub is_self: bool,
}

/// What a node is believed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BelievedRole {
    /// It leads.
    Leader,
    /// It has the lease and does not lead yet. Only a node itself knows.
    Candidate,
    /// It stands by.
    Standby,
    /// It is silent for too long.
    Suspect,
    /// Nothing is known of it.
    Unknown,
}

/// What went wrong on purpose, and what will.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChaosState {
    /// What the scenario is about, if one is played.
    pub about: Option<String>,
    /// Steps of it that are still to come, the next ones first: no more than somebody would read.
    pub next: Vec<StepState>,
    /// How many there are in all.
    pub queued: u64,
    /// What was done, the latest first: no more than the page can show.
    pub done: Vec<FaultState>,
}

impl ChaosState {
    /// What went wrong or was mended, the latest first.
    pub fn faults(&self) -> impl Iterator<Item = &FaultState> {
        self.done.iter().filter(|one| !one.is_write)
    }
}

/// A step of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    /// When, in simulated milliseconds.
    pub at_ms: u64,
    /// What happens, as scenarios have it.
    pub text: String,
}

/// Something that went wrong on purpose, was mended or written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultState {
    /// The step.
    pub step: StepState,
    /// The last event that the client had.
    pub position: u64,
    /// When it ends by itself, in simulated milliseconds, if it does.
    pub until_ms: Option<u64>,
    /// The last event that the client had when it ended.
    pub until_position: Option<u64>,
    /// Whether it mends something.
    pub mends: bool,
    /// Whether it is something that somebody wrote, and nothing went wrong.
    pub is_write: bool,
}

/// A node at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeState {
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// What it does.
    pub role: NodeRole,
    /// The epoch it is in.
    pub epoch: u64,
    /// Milliseconds since its last heartbeat was heard.
    pub heartbeat_age_ms: Option<u64>,
    /// The last position of its log.
    pub position: u64,
    /// How many milliseconds its clock is ahead.
    pub clock_off_ms: i64,
}

/// A balancer with its servers, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalancerState {
    /// The name of the strategy by which it chooses a server.
    pub strategy: String,
    /// How many commands it sent nowhere.
    pub shed: u64,
    /// The servers, in order.
    pub servers: Vec<ServerState>,
}

/// A server at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerState {
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// Whether its machine runs.
    pub condition: ObserverCondition,
    /// Whether the balancer sends it anything, and why not.
    pub standing: Standing,
    /// Its share, measured by the others'.
    pub weight: u8,
    /// How many commands it has.
    pub in_flight: u32,
    /// How many it can carry at once.
    pub capacity: u32,
    /// How many it was sent.
    pub picked: u64,
    /// How many of a hundred commands those were, rounded down.
    pub share_percent: u64,
    /// How many of them it did not answer, or could not do.
    pub failed: u64,
    /// The node that it follows.
    pub follows: Option<String>,
    /// The last position of its copy of the log.
    pub position: u64,
}

/// Whether a balancer sends a server anything, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It gets its share.
    Serving,
    /// Its share grows.
    WarmingUp {
        /// How much of it it has.
        percent: u8,
    },
    /// Its answers were bad: it gets nothing for a while.
    Ejected {
        /// Milliseconds until it gets something again.
        left_ms: u64,
    },
    /// Health checks fail.
    Unwell,
    /// It ends what it has, and gets nothing more.
    Draining,
    /// It has nothing, and gets nothing.
    Drained,
}

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeRole {
    /// It accepts commands.
    Leader,
    /// It has the lease and makes sure of its log before it leads.
    Candidate,
    /// It keeps a copy of the leader's log.
    Standby,
    /// It is silent: the others take it to be down.
    Suspect,
    /// It believes that it leads, and the others have gone on without it.
    Fenced,
    /// It stands still, as in a long pause of its machine.
    Frozen,
    /// It does not run.
    Down,
}

/// A change of leader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverState {
    /// When the old leader was lost, in simulated milliseconds.
    pub at_ms: u64,
    /// The last event that the client had then.
    pub position: u64,
    /// The old leader.
    pub from: String,
    /// The new leader, once there is one.
    pub to: Option<String>,
    /// The new epoch, once there is one.
    pub epoch: Option<u64>,
    /// The whole of it, once it is over.
    pub total_ms: Option<u64>,
    /// Its parts, in order.
    pub phases: Vec<Phase>,
}

/// A part of a failover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Which one.
    pub name: String,
    /// How long it took.
    pub ms: u64,
}

/// The views that the client follows beside a fold of the leader's log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestCheck {
    /// The position that both are at.
    pub position: u64,
    /// The digest of the client's views.
    pub views: String,
    /// The digest of a fold of the log.
    pub log: String,
}

impl DigestCheck {
    /// Whether the client shows what the log says.
    pub fn is_equal(&self) -> bool {
        self.views == self.log
    }
}
