//! Which logs share which past.
//!
//! A leader mints a [`Lineage`] when it is promoted and never mints it again, so within a lineage
//! there is one log and every copy of it is a beginning of that log. A [`History`] lists the
//! lineages that a log went through; where two histories stop being the same, the logs part.
//! Positions and epochs alone cannot tell: after a restore they come back, with other events.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use everview_core::{Epoch, Position, Rng};

/// A name for one leader's continuation of a log, never used twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lineage(u128);

impl Lineage {
    /// A lineage that was not there before, as surely as 128 random bits can say it.
    pub const fn mint(rng: &mut Rng) -> Self {
        let (high, low) = (rng.next_u64() as u128, rng.next_u64() as u128);
        Self(high << 64 | low)
    }

    /// The lineage with these bits.
    pub const fn new(bits: u128) -> Self {
        Self(bits)
    }

    /// Its bits.
    pub const fn get(self) -> u128 {
        self.0
    }
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// One leader's time over a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Its name.
    pub lineage: Lineage,
    /// Its fencing token.
    pub epoch: Epoch,
    /// The position of the first event it could accept.
    pub first: Position,
}

/// The terms a log went through, the oldest first. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History(Arc<[Term]>);

impl History {
    /// The terms, the oldest first.
    pub fn terms(&self) -> &[Term] {
        &self.0
    }

    /// The latest term; none when nobody ever led.
    pub fn last(&self) -> Option<Term> {
        self.0.last().copied()
    }

    /// The epoch of the latest term; 0 when nobody ever led.
    pub fn epoch(&self) -> Epoch {
        self.last().map_or(Epoch::default(), |term| term.epoch)
    }

    /// The lineage of the latest term; 0 when nobody ever led.
    pub fn lineage(&self) -> Lineage {
        self.last().map_or(Lineage::default(), |term| term.lineage)
    }

    /// This history with one more term.
    pub fn followed_by(&self, term: Term) -> Self {
        Self(self.0.iter().copied().chain([term]).collect())
    }

    /// The history of the beginning of the log that ends at `head`: the terms that had begun by
    /// then. A copy that is behind must not claim later ones, or it would pass for more than it has.
    pub fn until(&self, head: Position) -> Self {
        let begun = self.0.partition_point(|term| term.first <= head.next());
        if begun == self.0.len() {
            return self.clone();
        }
        Self(self.0[..begun].into())
    }

    /// Where a log with this history and `head` parts from the log with the history `other`: the
    /// last position up to which this log is a beginning of that one.
    pub fn parting(&self, head: Position, other: &Self) -> Position {
        let shared = self.0.iter().zip(other.0.iter()).take_while(|(mine, theirs)| mine == theirs);
        let shared = shared.count();
        [self, other]
            .into_iter()
            .filter_map(|history| history.0.get(shared))
            .map(|unshared| unshared.first.previous())
            .fold(head, Position::min)
    }
}

impl FromIterator<Term> for History {
    fn from_iter<I: IntoIterator<Item = Term>>(terms: I) -> Self {
        Self(terms.into_iter().collect::<Vec<_>>().into())
    }
}

/// What a client resumes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The history of the log as the client has it; its latest lineage names the log.
    pub history: History,
    /// The last event the client has.
    pub position: Position,
    /// The id of that event, for checking; none after a rewind, when the client does not know it.
    pub event_id: Option<String>,
    /// The first position that the client can go back to. One that started from a snapshot has nothing
    /// of what was before.
    pub base: Position,
}

impl Cursor {
    /// The log it is a place in.
    pub fn lineage(&self) -> Lineage {
        self.history.lineage()
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.lineage(), self.position.get())
    }
}

#[cfg(test)]
mod tests;
