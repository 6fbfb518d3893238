//! The leader lease: one register that at most one node holds at a time.
//!
//! The register is changed by compare-and-set only, and its revision grows with each new holder, so
//! the revision is the epoch. Any store with those two properties and a time-to-live can stand
//! behind it (a key-value bucket of NATS, a row of `PostgreSQL`); [`LeaseRegister`] is the one in
//! memory. The lease is for getting on, not for safety: whoever is late with its renewal is fenced
//! by its epoch, whatever its clock says.

use everview_core::{Epoch, Timestamp};

use crate::NodeId;

/// What a node asks of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseRequest {
    /// When the node asked, by its own clock. The answer repeats it, and the lease is counted from
    /// it: never from when the answer arrived.
    pub asked: Timestamp,
    /// What for.
    pub ask: LeaseAsk,
}

/// What a node can ask of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseAsk {
    /// To hold it, if it is free (or the node's own) and its revision is still this one.
    Acquire(Epoch),
    /// To hold it for longer, if the node still holds it at this revision.
    Renew(Epoch),
    /// To let go of it, if the node still holds it at this revision.
    Release(Epoch),
}

/// What the register answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseReply {
    /// The request it answers.
    pub asked: Timestamp,
    /// What came of it.
    pub lease: Lease,
}

/// The register as one node is told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// The node holds it at this revision.
    Yours(Epoch),
    /// The node does not hold it.
    NotYours {
        /// Who does; none when it is free.
        holder: Option<NodeId>,
        /// Its revision, to ask with the next time.
        revision: Epoch,
        /// How long it will be held if nobody renews it.
        remaining_ms: i64,
    },
}

/// The register, in memory.
#[derive(Debug, Clone)]
pub struct LeaseRegister {
    time_to_live_ms: i64,
    revision: Epoch,
    holder: Option<NodeId>,
    until: Timestamp,
}

impl LeaseRegister {
    /// A free register that grants leases of `time_to_live_ms`.
    pub const fn new(time_to_live_ms: i64) -> Self {
        Self { time_to_live_ms, revision: Epoch::new(0), holder: None, until: Timestamp::MIN }
    }

    /// Who holds it now.
    pub fn holder(&self, now: Timestamp) -> Option<NodeId> {
        self.holder.filter(|_| now < self.until)
    }

    /// Answers `node`.
    pub fn ask(&mut self, now: Timestamp, node: NodeId, request: LeaseRequest) -> LeaseReply {
        let lease = if self.grants(now, node, request.ask) {
            Lease::Yours(self.revision)
        } else {
            let holder = self.holder(now);
            let remaining_ms = holder.map_or(0, |_| self.until.millis_since(now));
            Lease::NotYours { holder, revision: self.revision, remaining_ms }
        };
        LeaseReply { asked: request.asked, lease }
    }

    /// Moves all that it remembers of time by so much.
    pub(crate) const fn shift(&mut self, millis: i64) {
        self.until = self.until.plus_millis(millis);
    }

    /// Does what is asked; whether `node` holds the register by that.
    fn grants(&mut self, now: Timestamp, node: NodeId, ask: LeaseAsk) -> bool {
        let holder = self.holder(now);
        let until = now.plus_millis(self.time_to_live_ms);
        match ask {
            LeaseAsk::Acquire(revision) => {
                if revision != self.revision || holder.is_some_and(|holder| holder != node) {
                    return false;
                }
                self.revision = Epoch::new(revision.get() + 1);
                self.holder = Some(node);
                self.until = until;
                true
            }
            LeaseAsk::Renew(revision) => {
                if revision != self.revision || holder != Some(node) {
                    return false;
                }
                self.until = until;
                true
            }
            LeaseAsk::Release(revision) => {
                if revision == self.revision && holder == Some(node) {
                    self.holder = None;
                }
                false
            }
        }
    }
}

#[cfg(test)]
mod tests;
