//! What an onlooker who sees everything would say.

use alloc::vec::Vec;

use everview_core::{Epoch, Position, Timestamp};

use super::Simulation;
use super::client::Client;
use super::machine::{Machine, MachineState};
use super::service::Service;
use crate::balance::{Strategy, TargetStatus};
use crate::{ClientId, Health, Lineage, Node, NodeId, Place, Role, Server};

/// The cluster and its client at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The moment.
    pub now: Timestamp,
    /// The node that serves.
    pub leader: Option<NodeId>,
    /// Since when it has.
    pub leads_since: Option<Timestamp>,
    /// The highest epoch a node has led at.
    pub epoch: Epoch,
    /// The last event that a quorum is known to have.
    pub committed: Position,
    /// The nodes, in order of id.
    pub nodes: Vec<NodeStatus>,
    /// The servers, in order; without any, clients send to the leader.
    pub servers: Vec<ServerStatus>,
    /// How commands are spread over them.
    pub strategy: Strategy,
    /// How many commands the balancer sent nowhere, since the servers had too much to do.
    pub shed: u64,
    /// The followers of the clients, in order; there is at least one.
    pub followers: Vec<FollowerStatus>,
    /// Commands of the client that were not decided yet.
    pub waiting: usize,
    /// What the client got out of the cluster.
    pub service: Service,
    /// Events that clients were told of and that an asynchronous promotion lost.
    pub lost: u64,
}

/// A node at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeStatus {
    /// The node.
    pub id: NodeId,
    /// Where it is.
    pub place: Place,
    /// Whether its machine runs.
    pub state: MachineState,
    /// What its clock shows. What it heard, it heard by that clock.
    pub clock: Timestamp,
    /// The part it plays, if it runs.
    pub role: Role,
    /// The highest epoch it knows.
    pub epoch: Epoch,
    /// The lineage of its log.
    pub lineage: Lineage,
    /// The end of its log.
    pub head: Position,
    /// The last event that it knows a quorum to have.
    pub committed: Position,
    /// Who leads or is about to, as far as it knows.
    pub leader: Option<NodeId>,
    /// When anybody last heard it.
    pub heard: Option<Timestamp>,
    /// What it knows of the others.
    pub peers: Vec<PeerStatus>,
}

/// A server at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerStatus {
    /// How the balancer sees it.
    pub target: TargetStatus,
    /// Where it is.
    pub place: Place,
    /// Whether its machine runs.
    pub state: MachineState,
    /// The node it follows.
    pub node: Option<NodeId>,
    /// The end of its copy of the log.
    pub position: Position,
    /// How many commands it has that are not decided yet.
    pub waiting: usize,
}

/// What a node knows of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerStatus {
    /// The other node.
    pub id: NodeId,
    /// When it was last heard, by the clock of the one that heard it.
    pub heard: Option<Timestamp>,
    /// Whether it is taken to be down.
    pub is_suspected: bool,
    /// How unlikely it is that it is only late, in thousandths of φ, if that is what the node goes by.
    pub phi_milli: Option<u32>,
}

/// A client's follower at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowerStatus {
    /// How far it can be relied on to be current.
    pub health: Health,
    /// When it last heard the node it follows, or one that it followed before.
    pub heard: Timestamp,
    /// The node it follows.
    pub node: Option<NodeId>,
    /// The highest epoch it has heard of.
    pub epoch: Epoch,
    /// The last event it has.
    pub position: Position,
    /// How unlikely it is that the node it follows is only late, in thousandths of φ, if that is what
    /// it goes by.
    pub phi_milli: Option<u32>,
}

impl Simulation {
    /// How everything is now.
    pub fn status(&self) -> Status {
        let leads = self.led_by();
        let leader = self.failovers.leader().filter(|leader| leads == Some(leader.node));
        let client = &self.clients[0];
        Status {
            now: self.now,
            leader: leader.map(|leader| leader.node),
            leads_since: leader.map(|leader| leader.since),
            epoch: self.checker.epoch(),
            committed: self.committed_log().head(),
            nodes: self.machines.iter().map(|machine| self.node_status(machine)).collect(),
            servers: self.server_statuses().collect(),
            strategy: self.config.balance.strategy,
            shed: self.front.as_ref().map_or(0, |front| front.shed),
            followers: self.clients.iter().map(|client| self.follower_status(client)).collect(),
            waiting: client.waiting(),
            service: self.service(client.id).unwrap_or_default(),
            lost: self.checker.lost(),
        }
    }

    fn server_statuses(&self) -> impl Iterator<Item = ServerStatus> {
        let targets = self.front.iter().flat_map(|front| front.balancer.status(self.now));
        self.hosts.iter().zip(targets).map(|(host, target)| ServerStatus {
            target,
            place: host.place,
            state: host.state(),
            node: host.server().and_then(|server| server.follower().node()),
            position: host.server().map_or(Position::START, |server| server.log().head()),
            waiting: host.server().map_or(0, Server::waiting),
        })
    }

    /// What a client got out of the cluster until now, if there is such a client.
    pub fn service(&self, client: ClientId) -> Option<Service> {
        let client = self.clients.get(usize::try_from(client.0).ok()?)?;
        Some(client.service_at(self.now))
    }

    /// The node that serves.
    pub(super) fn led_by(&self) -> Option<NodeId> {
        let leader = self.failovers.leader()?.node;
        let machine = self.machine(leader);
        let role = machine.node().map(Node::role);
        (machine.state() == MachineState::Up && role == Some(Role::Leader)).then_some(leader)
    }

    fn follower_status(&self, client: &Client) -> FollowerStatus {
        let follower = &client.follower;
        FollowerStatus {
            health: follower.health(self.now),
            heard: follower.heard(),
            node: follower.node(),
            epoch: follower.epoch(),
            position: self.checker.followed(client.id),
            phi_milli: follower.phi_milli(self.now),
        }
    }

    fn node_status(&self, machine: &Machine) -> NodeStatus {
        let (node, durable) = (machine.node(), machine.durable());
        let clock = self.clock_of(machine.id);
        let others = self.machines.iter().filter(|other| other.id != machine.id);
        let peers = others.map(|other| PeerStatus {
            id: other.id,
            heard: node.and_then(|node| node.last_heard(other.id)),
            is_suspected: node.is_some_and(|node| node.suspects(other.id)),
            phi_milli: node.and_then(|node| node.phi_milli(other.id, clock)),
        });
        NodeStatus {
            id: machine.id,
            place: machine.place,
            state: machine.state(),
            clock,
            role: node.map_or(Role::Standby, Node::role),
            epoch: durable.promised(),
            lineage: durable.history().lineage(),
            head: durable.log().head(),
            committed: machine.committed,
            leader: node.and_then(Node::leader),
            heard: machine.heard,
            peers: peers.collect(),
        }
    }
}
