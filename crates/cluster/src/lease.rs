//! The leader lease: one register that at most one node holds at a time.
//!
//! A node asks for it with a [`LeaseRequest`] and is told with a [`LeaseReply`]. What stands behind it
//! is any store that can read and compare-and-set one value with a time-to-live, whose revisions only
//! grow: a [`LeaseRegister`]. The revision of the write that made a node the holder is the epoch.
//! The lease is for getting on, not for safety: whoever is late with its renewal is fenced by its
//! epoch, whatever its clock says.

mod memory;

use everview_core::{Epoch, Timestamp};

use crate::NodeId;
pub use memory::{MemoryRegister, MemoryRegisterAt};

/// What a node asks of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseRequest {
    /// When the node asked, by its own clock. The answer repeats it, and the lease is counted from
    /// it: never from when the answer arrived.
    pub asked: Timestamp,
    /// What for.
    pub ask: LeaseAsk,
}

/// What a node can ask of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeaseAsk {
    /// To hold it, if it is free (or the node's own) and this is still the latest epoch.
    Acquire(Epoch),
    /// To hold it for longer, if the node still holds it at this epoch.
    Renew(Epoch),
    /// To let go of it, if the node still holds it at this epoch.
    Release(Epoch),
}

/// What the register answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseReply {
    /// The request it answers.
    pub asked: Timestamp,
    /// What came of it.
    pub lease: Lease,
}

/// The register as one node is told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lease {
    /// The node holds it at this epoch.
    Yours(Epoch),
    /// The node does not hold it.
    NotYours {
        /// Who does; none when it is free.
        holder: Option<NodeId>,
        /// The latest epoch, or a later revision, to ask with the next time.
        revision: Epoch,
        /// How long it will be held if nobody renews it.
        remaining_ms: i64,
    },
}

/// The value of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    /// Who holds it.
    pub holder: NodeId,
    /// Its epoch; none in the write that makes it the holder, whose revision is the epoch.
    pub epoch: Option<Epoch>,
}

/// What is in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The value; none if there is none, or it has run out.
    pub grant: Option<Grant>,
    /// The revision of the last write, also of one whose value has run out.
    pub revision: Epoch,
    /// How long the value will be there if it is not set again; 0 if there is none.
    pub remaining_ms: i64,
}

/// A register that several nodes read and set, as one at a time: it is **linearizable**.
///
/// Behind it can be a key with a time-to-live in a bucket of NATS `JetStream` or in etcd, or a row of
/// `PostgreSQL`. What it has to keep to:
///
/// - A read sees every write that was answered before it began; a stale replica must not answer.
/// - A write that sets a [`Grant`] without an epoch gets a revision above that of every write
///   before, also across restarts of the store and after values ran out. Others may keep the
///   revision or get a higher one.
/// - A value is gone when its time-to-live has passed, and not much before, by the store's own clock.
///   A store whose clock is wrong costs time, not safety.
/// - After an error the write may have been made or not. The node is then not answered: it asks again.
///
/// A store that is waited for asynchronously can be given a thread that blocks on it: a node asks three
/// times a lease.
///
/// ```
/// use everview_cluster::{Grant, Lease, LeaseAsk, LeaseRegister, LeaseRequest, NodeId, Reading};
/// use everview_core::{Epoch, Timestamp};
///
/// /// A key-value store that counts every write, as NATS does. Times to live are left out here.
/// #[derive(Default)]
/// struct Bucket {
///     value: Option<Grant>,
///     writes: u64,
/// }
///
/// impl LeaseRegister for Bucket {
///     type Error = std::convert::Infallible;
///
///     fn read(&mut self) -> Result<Reading, Self::Error> {
///         let remaining_ms = if self.value.is_some() { 1_500 } else { 0 };
///         Ok(Reading { grant: self.value, revision: Epoch::new(self.writes), remaining_ms })
///     }
///
///     fn compare_and_set(
///         &mut self,
///         expected: Epoch,
///         grant: Option<Grant>,
///         _time_to_live_ms: i64,
///     ) -> Result<Option<Epoch>, Self::Error> {
///         if expected.get() != self.writes {
///             return Ok(None);
///         }
///         (self.value, self.writes) = (grant, self.writes + 1);
///         Ok(Some(Epoch::new(self.writes)))
///     }
/// }
///
/// let [a, b] = [0, 1].map(NodeId::new);
/// let mut bucket = Bucket::default();
/// let mut ask = |node, ask| {
///     let request = LeaseRequest { asked: Timestamp::from_millis(0), ask };
///     bucket.ask(node, request, 1_500).unwrap().lease
/// };
/// let first = Epoch::new(1);
/// assert_eq!(ask(a, LeaseAsk::Acquire(Epoch::new(0))), Lease::Yours(first));
/// assert_eq!(ask(a, LeaseAsk::Renew(first)), Lease::Yours(first), "the second write");
/// let of_a = Lease::NotYours { holder: Some(a), revision: first, remaining_ms: 1_500 };
/// assert_eq!(ask(b, LeaseAsk::Acquire(first)), of_a);
/// ask(a, LeaseAsk::Release(first));
/// assert_eq!(ask(b, LeaseAsk::Acquire(Epoch::new(3))), Lease::Yours(Epoch::new(4)));
/// ```
pub trait LeaseRegister {
    /// What can go wrong when the store is asked.
    type Error;

    /// What is in it.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked, or cannot be sure of its answer.
    fn read(&mut self) -> Result<Reading, Self::Error>;

    /// Sets the value if the revision is still `expected`, for so long; the new revision, or none
    /// if it was another. No value is always free.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked, or does not say whether it has set the value.
    fn compare_and_set(
        &mut self,
        expected: Epoch,
        grant: Option<Grant>,
        time_to_live_ms: i64,
    ) -> Result<Option<Epoch>, Self::Error>;

    /// Answers a node; a lease is granted for so long.
    ///
    /// # Errors
    ///
    /// Those of the store. The node is then not answered.
    fn ask(
        &mut self,
        node: NodeId,
        request: LeaseRequest,
        time_to_live_ms: i64,
    ) -> Result<LeaseReply, Self::Error> {
        let asked = request.asked;
        let found = self.read()?;
        if !found.allows(node, request.ask) {
            return Ok(LeaseReply { asked, lease: found.refused() });
        }
        let wanted = match request.ask {
            LeaseAsk::Acquire(_) => Some(Grant { holder: node, epoch: None }),
            LeaseAsk::Renew(epoch) => Some(Grant { holder: node, epoch: Some(epoch) }),
            LeaseAsk::Release(_) => None,
        };
        let revision = self.compare_and_set(found.revision, wanted, time_to_live_ms)?;
        let lease = match (revision, wanted) {
            (Some(revision), Some(grant)) => Lease::Yours(grant.epoch.unwrap_or(revision)),
            // It was let go of, or another node was quicker.
            _ => self.read()?.refused(),
        };
        Ok(LeaseReply { asked, lease })
    }
}

impl Reading {
    /// The epoch of the holder; the revision when there is none.
    fn epoch(self) -> Epoch {
        self.grant.and_then(|grant| grant.epoch).unwrap_or(self.revision)
    }

    /// Whether a node gets what it asks for.
    fn allows(self, node: NodeId, ask: LeaseAsk) -> bool {
        let holder = self.grant.map(|grant| grant.holder);
        match ask {
            LeaseAsk::Acquire(epoch) => {
                epoch == self.epoch() && holder.is_none_or(|holder| holder == node)
            }
            LeaseAsk::Renew(epoch) | LeaseAsk::Release(epoch) => {
                epoch == self.epoch() && holder == Some(node)
            }
        }
    }

    fn refused(self) -> Lease {
        let holder = self.grant.map(|grant| grant.holder);
        Lease::NotYours { holder, revision: self.epoch(), remaining_ms: self.remaining_ms }
    }
}

#[cfg(test)]
mod tests;
