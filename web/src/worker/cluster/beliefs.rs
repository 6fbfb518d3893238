//! What each node and client believes of the nodes, which need not be so.

use everview_cluster::sim::{FollowerStatus, NodeStatus, PeerStatus, Status};
use everview_cluster::{ClientId, Role};
use everview_core::Timestamp;
use everview_protocol::session::{BeliefState, BelievedRole, ObserverCondition, ObserverState};

use super::seen::condition;

/// What everybody believes, nodes first.
pub(super) fn beliefs(status: &Status) -> Vec<ObserverState> {
    let nodes = status.nodes.iter().map(|node| of_node(status, node));
    let clients = status.followers.iter().zip(0..).map(|(follower, number)| {
        let beliefs = status.nodes.iter().map(|node| {
            let is_followed = follower.node == Some(node.id);
            if is_followed { followed(status, follower) } else { unknown() }
        });
        ObserverState {
            name: ClientId(number).to_string(),
            condition: ObserverCondition::Running,
            beliefs: beliefs.collect(),
        }
    });
    nodes.chain(clients).collect()
}

fn of_node(status: &Status, observer: &NodeStatus) -> ObserverState {
    let condition = condition(observer.state);
    let belief = |node: &NodeStatus| {
        let peer = observer.peers.iter().find(|peer| peer.id == node.id);
        peer.map_or_else(|| of_itself(observer), |peer| of_peer(observer, peer))
    };
    let beliefs = match condition {
        // What it believed is gone with its process.
        ObserverCondition::Down => Vec::new(),
        _ => status.nodes.iter().map(belief).collect(),
    };
    ObserverState { name: observer.id.to_string(), condition, beliefs }
}

fn of_itself(observer: &NodeStatus) -> BeliefState {
    let (role, epoch) = match observer.role {
        Role::Leader => (BelievedRole::Leader, Some(observer.epoch.get())),
        Role::Candidate => (BelievedRole::Candidate, Some(observer.epoch.get())),
        Role::Standby => (BelievedRole::Standby, None),
    };
    BeliefState { role, epoch, age_ms: None, phi_milli: None, is_self: true }
}

fn of_peer(observer: &NodeStatus, peer: &PeerStatus) -> BeliefState {
    let is_leader = observer.leader == Some(peer.id) && observer.role == Role::Standby;
    let role = match peer.heard {
        _ if peer.is_suspected => BelievedRole::Suspect,
        _ if is_leader => BelievedRole::Leader,
        Some(_) => BelievedRole::Standby,
        None => BelievedRole::Unknown,
    };
    let epoch = (role == BelievedRole::Leader).then(|| observer.epoch.get());
    let age_ms = peer.heard.map(|heard| age(observer.clock, heard));
    BeliefState { role, epoch, age_ms, phi_milli: peer.phi_milli, is_self: false }
}

fn followed(status: &Status, follower: &FollowerStatus) -> BeliefState {
    BeliefState {
        role: BelievedRole::Leader,
        epoch: Some(follower.epoch.get()),
        age_ms: Some(age(status.now, follower.heard)),
        phi_milli: follower.phi_milli,
        is_self: false,
    }
}

const fn unknown() -> BeliefState {
    BeliefState {
        role: BelievedRole::Unknown,
        epoch: None,
        age_ms: None,
        phi_milli: None,
        is_self: false,
    }
}

/// A clock that was set back shows a time before it heard something: that was not in the future.
fn age(now: Timestamp, heard: Timestamp) -> u64 {
    u64::try_from(now.millis_since(heard)).unwrap_or(0)
}
