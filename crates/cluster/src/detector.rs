//! Deciding that a node is down because it has gone quiet.
//!
//! A [`Detector`] holds one deadline per peer. Whatever is heard from a peer moves its deadline on;
//! a tick past the deadline reports the peer as down, once. How far it moves is always the same, or
//! follows from how regularly the peer was heard until then ([`Detection`]). It sends nothing and
//! reads no clock: the caller passes in the time and acts on the [`Verdict`]s.

mod arrivals;
mod phi;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use everview_core::Timestamp;

use crate::{NodeId, Timing};
pub(crate) use arrivals::Arrivals;
pub use phi::{Detection, Phi};

/// Holds one deadline per peer.
#[derive(Debug, Clone)]
pub struct Detector {
    timing: Timing,
    peers: BTreeMap<NodeId, Peer>,
}

/// A change of mind about a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was down and has been heard again.
    Up(NodeId),
    /// It has been quiet for too long.
    Down(NodeId),
}

#[derive(Debug, Clone)]
struct Peer {
    arrivals: Arrivals,
    since: Timestamp,
    heard: Option<Timestamp>,
    deadline: Timestamp,
    is_down: bool,
}

impl Detector {
    /// Watches `peers` from `now` on, and gives each of them [`Timing::suspicion_ms`] to be heard.
    pub fn new(timing: Timing, peers: impl IntoIterator<Item = NodeId>, now: Timestamp) -> Self {
        let peer = Peer {
            arrivals: Arrivals::new(&timing),
            since: now,
            heard: None,
            deadline: now.plus_millis(timing.suspicion_ms),
            is_down: false,
        };
        Self { timing, peers: peers.into_iter().map(|id| (id, peer.clone())).collect() }
    }

    /// Notes that `id` was heard. A node that is not watched is ignored.
    pub fn heard(&mut self, id: NodeId, now: Timestamp) -> Option<Verdict> {
        let peer = self.peers.get_mut(&id)?;
        let was_down = core::mem::replace(&mut peer.is_down, false);
        // How long an outage took says nothing of how late a heartbeat can be.
        if let Some(heard) = peer.heard.filter(|_| !was_down) {
            peer.arrivals.note(&self.timing, now.micros() - heard.micros());
        }
        peer.heard = Some(now);
        peer.since = now;
        peer.deadline = now.plus_millis(peer.arrivals.patience_ms(&self.timing));
        was_down.then_some(Verdict::Up(id))
    }

    /// Adds to `out` each peer whose deadline has passed since the last call, in order of id.
    pub fn tick(&mut self, now: Timestamp, out: &mut Vec<Verdict>) {
        for (&id, peer) in &mut self.peers {
            if !peer.is_down && peer.deadline <= now {
                peer.is_down = true;
                out.push(Verdict::Down(id));
            }
        }
    }

    /// Moves all that it remembers of time by so much.
    pub(crate) fn shift(&mut self, millis: i64) {
        for peer in self.peers.values_mut() {
            peer.heard = peer.heard.map(|heard| heard.plus_millis(millis));
            peer.since = peer.since.plus_millis(millis);
            peer.deadline = peer.deadline.plus_millis(millis);
        }
    }

    /// Whether `id` was last reported as down.
    pub fn is_down(&self, id: NodeId) -> bool {
        self.peers.get(&id).is_some_and(|peer| peer.is_down)
    }

    /// When `id` was last heard.
    pub fn last_heard(&self, id: NodeId) -> Option<Timestamp> {
        self.peers.get(&id)?.heard
    }

    /// How unlikely it is that a peer is only late, in thousandths of φ; none where deadlines alone
    /// decide ([`Detection::Deadline`]), or if the peer is not watched.
    pub fn phi_milli(&self, id: NodeId, now: Timestamp) -> Option<u32> {
        let peer = self.peers.get(&id)?;
        peer.arrivals.phi_milli(&self.timing, now.micros() - peer.since.micros())
    }

    /// The next moment at which [`Detector::tick`] can have something to say.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.peers.values().filter(|peer| !peer.is_down).map(|peer| peer.deadline).min()
    }
}

#[cfg(test)]
mod tests;
