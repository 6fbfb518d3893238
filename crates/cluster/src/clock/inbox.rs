//! Taking in what other regions made, in an order in which causes come before effects.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Region, Stamp, VersionVector};

/// Holds back what arrives before something that it had seen.
///
/// ```
/// use everview_cluster::clock::{Inbox, Region, Stamp, VersionVector};
///
/// let region = Region::new(1);
/// let stamp = |number| Stamp { region, number, ..Stamp::default() };
/// let mut inbox = Inbox::new(100);
/// let mut ready = Vec::new();
///
/// inbox.offer(stamp(2), VersionVector::from_iter([(region, 1)]), "shipped", &mut ready)?;
/// assert!(ready.is_empty(), "what it followed is still missing");
/// inbox.offer(stamp(1), VersionVector::default(), "placed", &mut ready)?;
/// assert_eq!(ready, ["placed", "shipped"]);
/// # Ok::<(), everview_cluster::clock::InboxFull>(())
/// ```
#[derive(Debug, Clone)]
pub struct Inbox<T> {
    seen: VersionVector,
    waiting: BTreeMap<(Region, u64), (VersionVector, T)>,
    limit: usize,
}

/// Too much is held back, and this would have been, too. It was not taken: ask for it again, after
/// what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} of {region} before, found {found}, and {waiting} wait already")]
pub struct InboxFull {
    /// The region.
    pub region: Region,
    /// The number that comes next from there.
    pub expected: u64,
    /// The number that came.
    pub found: u64,
    /// How many are held back.
    pub waiting: usize,
}

impl<T> Inbox<T> {
    /// An inbox that has seen nothing and holds back at most `limit` at once.
    pub const fn new(limit: usize) -> Self {
        Self { seen: VersionVector::new(), waiting: BTreeMap::new(), limit }
    }

    /// What was given out, or made here.
    pub const fn seen(&self) -> &VersionVector {
        &self.seen
    }

    /// How many are held back.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Makes an event of `region` here: its number, and what it has seen.
    pub fn make(&mut self, region: Region) -> (u64, VersionVector) {
        let seen = self.seen.clone();
        (self.seen.advance(region), seen)
    }

    /// Takes in what came, and adds to `ready` what can be given out now. What came before is
    /// ignored.
    ///
    /// # Errors
    ///
    /// If it would have to be held back and there is no room.
    pub fn offer(
        &mut self,
        stamp: Stamp,
        seen: VersionVector,
        item: T,
        ready: &mut Vec<T>,
    ) -> Result<(), InboxFull> {
        let (region, found) = (stamp.region, stamp.number);
        if self.seen.has_seen(&stamp) || self.waiting.contains_key(&(region, found)) {
            return Ok(());
        }
        if self.is_ready(region, found, &seen) {
            self.seen.advance(region);
            ready.push(item);
            self.give_out(ready);
            return Ok(());
        }
        let (expected, waiting) = (self.seen.get(region) + 1, self.waiting.len());
        if self.limit <= waiting {
            return Err(InboxFull { region, expected, found, waiting });
        }
        self.waiting.insert((region, found), (seen, item));
        Ok(())
    }

    /// Whether it is the next of its region, and all that it had seen of the others was given out.
    fn is_ready(&self, region: Region, number: u64, seen: &VersionVector) -> bool {
        number == self.seen.get(region) + 1
            && seen.iter().all(|(other, last)| other == region || last <= self.seen.get(other))
    }

    fn give_out(&mut self, ready: &mut Vec<T>) {
        let next = |inbox: &Self| {
            let mut waiting = inbox.waiting.iter();
            let found = waiting
                .find(|((region, number), (seen, _))| inbox.is_ready(*region, *number, seen));
            found.map(|(key, _)| *key)
        };
        while let Some(key) = next(self) {
            if let Some((_, item)) = self.waiting.remove(&key) {
                self.seen.advance(key.0);
                ready.push(item);
            }
        }
    }
}
