//! The register in memory, as simulated clusters have it.

use core::convert::Infallible;

use everview_core::{Epoch, Timestamp};

use super::{Grant, LeaseRegister, Reading};

/// A register in memory. It has no clock: [`MemoryRegister::at`] is the register at a time.
///
/// ```
/// use everview_cluster::{Lease, LeaseAsk, LeaseRegister, LeaseRequest, MemoryRegister, NodeId};
/// use everview_core::{Epoch, Timestamp};
///
/// let mut register = MemoryRegister::default();
/// let now = Timestamp::from_millis(0);
/// let request = LeaseRequest { asked: now, ask: LeaseAsk::Acquire(Epoch::new(0)) };
/// let Ok(reply) = register.at(now).ask(NodeId::new(0), request, 1_500);
/// assert_eq!(reply.lease, Lease::Yours(Epoch::new(1)));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct MemoryRegister {
    revision: Epoch,
    grant: Option<(Grant, Timestamp)>,
}

/// A [`MemoryRegister`] at a time.
#[derive(Debug)]
pub struct MemoryRegisterAt<'a> {
    register: &'a mut MemoryRegister,
    now: Timestamp,
}

impl MemoryRegister {
    /// The register, when its clock shows `now`.
    pub const fn at(&mut self, now: Timestamp) -> MemoryRegisterAt<'_> {
        MemoryRegisterAt { register: self, now }
    }

    /// Moves all that it remembers of time by so much.
    pub(crate) fn shift(&mut self, millis: i64) {
        if let Some((_, until)) = &mut self.grant {
            *until = until.plus_millis(millis);
        }
    }
}

impl LeaseRegister for MemoryRegisterAt<'_> {
    type Error = Infallible;

    fn read(&mut self) -> Result<Reading, Infallible> {
        let held = self.register.grant.filter(|(_, until)| self.now < *until);
        Ok(Reading {
            grant: held.map(|(grant, _)| grant),
            revision: self.register.revision,
            remaining_ms: held.map_or(0, |(_, until)| until.millis_since(self.now)),
        })
    }

    /// Only a new holder makes a new revision, so epochs have no gaps.
    fn compare_and_set(
        &mut self,
        expected: Epoch,
        grant: Option<Grant>,
        time_to_live_ms: i64,
    ) -> Result<Option<Epoch>, Infallible> {
        let register = &mut *self.register;
        if expected != register.revision {
            return Ok(None);
        }
        if grant.is_some_and(|grant| grant.epoch.is_none()) {
            register.revision = Epoch::new(expected.get() + 1);
        }
        let until = self.now.plus_millis(time_to_live_ms);
        register.grant = grant.map(|grant| (grant, until));
        Ok(Some(register.revision))
    }
}
