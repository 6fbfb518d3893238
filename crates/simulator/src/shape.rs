//! What crosses to JavaScript. Times are milliseconds since the start.

use everview_cluster::sim::{self, MachineState};
use everview_cluster::{Health, NodeId};
use everview_core::{Epoch, Timestamp};
use serde::{Deserialize, Serialize, Serializer};
use tsify::Tsify;

/// A cluster and its clients at a moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The node that serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub leader: Option<String>,
    /// The highest epoch a node has led at.
    pub epoch: u64,
    /// The last event that a quorum is known to have.
    pub committed: u64,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The servers behind the balancer; none where clients send their commands to the leader.
    pub servers: Vec<Server>,
    /// How many commands the balancer sent nowhere.
    pub shed: u64,
    /// The followers of the clients.
    pub followers: Vec<Follower>,
    /// The share of its time in which the first client followed a leader that it heard, from 0 to 1.
    pub available: f64,
    /// Events that clients were told of and that an asynchronous promotion lost.
    pub lost: u64,
}

/// A node at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Whether its machine runs.
    #[tsify(type = "\"up\" | \"frozen\" | \"down\"")]
    pub state: String,
    /// The part it plays.
    #[tsify(type = "\"leader\" | \"candidate\" | \"standby\"")]
    pub role: String,
    /// The highest epoch it knows.
    pub epoch: u64,
    /// The end of its log.
    pub head: u64,
    /// The last event that it knows a quorum to have.
    pub committed: u64,
    /// Who leads, as far as it knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub leader: Option<String>,
}

/// A server at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Whether its machine runs.
    #[tsify(type = "\"up\" | \"frozen\" | \"down\"")]
    pub state: String,
    /// Whether the balancer sends it commands, and why not.
    #[tsify(
        type = "\"serving\" | \"warming up\" | \"ejected\" | \"unwell\" | \"draining\" | \"drained\""
    )]
    pub standing: String,
    /// Its share, measured by the others'.
    pub weight: u8,
    /// How many commands it has.
    pub in_flight: u32,
    /// How many commands it was sent.
    pub picked: u64,
    /// How many of them it did not answer, or could not do.
    pub failed: u64,
    /// The node it follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub node: Option<String>,
    /// The end of its copy of the log.
    pub position: u64,
}

/// A client's follower at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Follower {
    /// How far it can be relied on to be current.
    #[tsify(type = "\"live\" | \"stale\" | \"reconnecting\" | \"restoring\"")]
    pub health: String,
    /// The node it follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub node: Option<String>,
    /// The highest epoch it has heard of.
    pub epoch: u64,
    /// The last event it has.
    pub position: u64,
}

/// A change of leader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Failover {
    /// When the old leader was hit, or stopped leading.
    pub start: f64,
    /// The old leader.
    pub from: String,
    /// Its epoch.
    pub from_epoch: u64,
    /// The new leader, once a node has the lease.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub to: Option<String>,
    /// Its epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub to_epoch: Option<u64>,
    /// The phases that have ended, in order.
    pub phases: Vec<Phase>,
}

/// A part of a failover.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Phase {
    /// Its name.
    #[tsify(type = "\"detect\" | \"elect\" | \"fence\" | \"catch up\" | \"reroute\"")]
    pub name: String,
    /// How long it took.
    pub milliseconds: f64,
}

/// What is to be done to the views of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// This event comes next.
    Event {
        /// Its place in the log.
        position: u64,
        /// The term it was accepted in.
        epoch: u64,
        /// The event as a line of NDJSON, without its end.
        line: String,
    },
    /// The events after a position are to be forgotten.
    Rewind {
        /// The position.
        position: u64,
    },
    /// The views go on from a snapshot instead of what is there.
    Resume {
        /// The position that they are true at.
        position: u64,
        /// The views, for `engine.resume`.
        #[serde(serialize_with = "bytes")]
        #[tsify(type = "Uint8Array")]
        snapshot: Vec<u8>,
    },
    /// All events are to be forgotten, and the first one comes next.
    Clear,
}

fn bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

impl Status {
    pub(crate) fn of(status: &sim::Status) -> Self {
        let name = |node: &NodeId| node.to_string();
        let node = |node: &sim::NodeStatus| Node {
            name: node.id.to_string(),
            state: state(node.state).to_owned(),
            role: node.role.to_string(),
            epoch: node.epoch.get(),
            head: node.head.get(),
            committed: node.committed.get(),
            leader: node.leader.as_ref().map(name),
        };
        let server = |server: &sim::ServerStatus| Server {
            name: server.target.target.server.to_string(),
            state: state(server.state).to_owned(),
            standing: server.target.standing.name().to_owned(),
            weight: server.target.target.weight,
            in_flight: server.target.in_flight,
            picked: server.target.picked,
            failed: server.target.failed,
            node: server.node.as_ref().map(name),
            position: server.position.get(),
        };
        let follower = |follower: &sim::FollowerStatus| Follower {
            health: match follower.health {
                Health::Live => "live",
                Health::Stale { .. } => "stale",
                Health::Reconnecting { .. } => "reconnecting",
                Health::Restoring { .. } => "restoring",
            }
            .to_owned(),
            node: follower.node.as_ref().map(name),
            epoch: follower.epoch.get(),
            position: follower.position.get(),
        };
        Self {
            leader: status.leader.as_ref().map(name),
            epoch: status.epoch.get(),
            committed: status.committed.get(),
            nodes: status.nodes.iter().map(node).collect(),
            servers: status.servers.iter().map(server).collect(),
            shed: status.shed,
            followers: status.followers.iter().map(follower).collect(),
            available: share(status.service.live_us, status.service.total_us()),
            lost: status.lost,
        }
    }
}

const fn state(state: MachineState) -> &'static str {
    match state {
        MachineState::Up => "up",
        MachineState::Frozen => "frozen",
        MachineState::Down => "down",
    }
}

impl Failover {
    pub(crate) fn of(failover: &sim::Failover, start: Timestamp) -> Self {
        let phase = |(phase, micros): (sim::Phase, i64)| Phase {
            name: phase.name().to_owned(),
            milliseconds: share(micros, 1_000),
        };
        Self {
            start: share(failover.start.micros() - start.micros(), 1_000),
            from: failover.from.to_string(),
            from_epoch: failover.from_epoch.get(),
            to: failover.to.map(|node| node.to_string()),
            to_epoch: failover.to_epoch.map(Epoch::get),
            phases: failover.phases().map(phase).collect(),
        }
    }
}

/// A quotient for people to read: nothing is decided by it.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
pub(crate) fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
