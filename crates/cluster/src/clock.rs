//! Time and order across regions that each keep a log of their own.
//!
//! Clocks of different machines differ, so they cannot say what came first. A [`HybridClock`] stays
//! close to its machine's clock and still never runs against cause and effect: what was made
//! knowing of something has a later [`HybridTime`] (Kulkarni, Demirbas and others, "Logical Physical
//! Clocks", OPODIS 2014). [`Stamp`]s put the events of all regions into one order that everybody
//! agrees on: by hybrid time, then region, then number. [`VersionVector`]s tell what the order
//! hides: whether one of two events could have known of the other, or neither of the other.
//!
//! Nothing here reads a clock: the time of the machine is an argument.
//!
//! ```
//! use everview_cluster::clock::{Causality, HybridClock, Region, VersionVector};
//! use everview_core::Timestamp;
//!
//! let (mut here, mut there) = (HybridClock::default(), HybridClock::default());
//! // The other machine's clock is a second slow.
//! let sent = here.tick(Timestamp::from_millis(5_000));
//! let received = there.hear(Timestamp::from_millis(4_000), sent)?;
//! assert!(sent < received);
//!
//! let (one, other) = (Region::new(1), Region::new(2));
//! let mut mine = VersionVector::default();
//! mine.advance(one);
//! let mut theirs = VersionVector::default();
//! theirs.advance(other);
//! assert_eq!(mine.compare(&theirs), Causality::Concurrent);
//! theirs.merge(&mine);
//! assert_eq!(mine.compare(&theirs), Causality::Before);
//! # Ok::<(), everview_cluster::clock::AheadError>(())
//! ```

mod inbox;
mod merge;
mod vector;

use core::fmt;

use everview_core::Timestamp;

pub use inbox::{Inbox, InboxFull};
pub use merge::MergedLog;
pub use vector::{Causality, VersionVector};

pub use crate::node::Region;

/// A moment of a [`HybridClock`]: the latest time that was heard of, and how many moments of that
/// time came before. Shown as `2026-11-24T20:00:00.000Z+3`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HybridTime {
    /// The latest time of any clock that was heard of.
    pub wall: Timestamp,
    /// How many moments of that time came before.
    pub count: u32,
}

impl HybridTime {
    /// The moment after this one.
    const fn next(self) -> Self {
        match self.count.checked_add(1) {
            Some(count) => Self { wall: self.wall, count },
            // A microsecond ahead is better than a moment that was there before.
            None => Self { wall: Timestamp::from_micros(self.wall.micros() + 1), count: 0 },
        }
    }
}

impl fmt::Display for HybridTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.wall, self.count)
    }
}

/// Gives moments that only grow and that follow from whatever was heard.
#[derive(Debug, Clone)]
pub struct HybridClock {
    latest: HybridTime,
    most_ahead_ms: i64,
}

impl Default for HybridClock {
    /// A clock that takes moments up to five minutes ahead of its machine's.
    fn default() -> Self {
        Self::new(300_000, HybridTime::default())
    }
}

/// A moment was too far ahead of this machine's clock: one of the two is wrong, and to follow it
/// would put everything that comes next into the future. The clock is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a time of {latest} at the latest, found {found}")]
pub struct AheadError {
    /// The latest time that would have been taken.
    pub latest: Timestamp,
    /// The time that was heard.
    pub found: Timestamp,
}

impl HybridClock {
    /// A clock that goes on after `latest`, and takes no moment that is more than `most_ahead_ms`
    /// ahead of its machine's clock.
    pub const fn new(most_ahead_ms: i64, latest: HybridTime) -> Self {
        Self { latest, most_ahead_ms }
    }

    /// The last moment it gave.
    pub const fn latest(&self) -> HybridTime {
        self.latest
    }

    /// A new moment, for something that happens here when the machine's clock shows `now`.
    pub fn tick(&mut self, now: Timestamp) -> HybridTime {
        let shown = HybridTime { wall: now, count: 0 };
        self.latest = if self.latest < shown { shown } else { self.latest.next() };
        self.latest
    }

    /// A new moment, after one that was heard from elsewhere.
    ///
    /// # Errors
    ///
    /// If the moment is too far ahead of `now`.
    pub fn hear(&mut self, now: Timestamp, heard: HybridTime) -> Result<HybridTime, AheadError> {
        let latest = now.plus_millis(self.most_ahead_ms);
        if latest < heard.wall {
            return Err(AheadError { latest, found: heard.wall });
        }
        self.latest = self.latest.max(heard);
        Ok(self.tick(now))
    }

    /// How many milliseconds it is ahead of the machine's clock. If nothing beyond the bound was
    /// heard it is at most that, unless the machine's clock was turned back.
    pub fn ahead_ms(&self, now: Timestamp) -> i64 {
        self.latest.wall.millis_since(now).max(0)
    }
}

/// Which event it is, and where it stands among all events of all regions: everybody puts them into
/// the order of their stamps, by time, then region, then number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// When it was made, by its region's hybrid clock.
    pub time: HybridTime,
    /// The region that made it.
    pub region: Region,
    /// Its number among that region's events, from 1.
    pub number: u64,
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} at {}", self.number, self.region, self.time)
    }
}

#[cfg(test)]
mod tests;
