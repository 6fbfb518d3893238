//! How much of each region's log somebody has.

use alloc::collections::BTreeMap;
use core::cmp::Ordering;
use core::fmt;

use super::{Region, Stamp};

/// The number of the last event of each region that was seen.
///
/// It grows by whole beginnings of logs: who has seen an event has seen all earlier ones of its
/// region, and all that these had seen. [`super::Inbox`] sees to that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct VersionVector(
    /// No region with 0, so that equal vectors are equal maps.
    BTreeMap<Region, u64>,
);

/// How two things stand to each other in cause and effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Causality {
    /// The other had seen this one.
    Before,
    /// This one had seen the other.
    After,
    /// Both have seen the same.
    Equal,
    /// Neither had seen the other.
    Concurrent,
}

impl VersionVector {
    /// Nothing was seen.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The number of the last event of `region` that was seen; 0 if none was.
    pub fn get(&self, region: Region) -> u64 {
        self.0.get(&region).copied().unwrap_or(0)
    }

    /// Sees the next event of `region`, and says which number it has.
    pub fn advance(&mut self, region: Region) -> u64 {
        let number = self.0.entry(region).or_default();
        *number += 1;
        *number
    }

    /// Sees the events of `region` up to this number.
    pub fn see(&mut self, region: Region, number: u64) {
        if self.get(region) < number {
            self.0.insert(region, number);
        }
    }

    /// Whether an event was seen.
    pub fn has_seen(&self, stamp: &Stamp) -> bool {
        stamp.number <= self.get(stamp.region)
    }

    /// Whether everything that `other` has seen was seen.
    pub fn includes(&self, other: &Self) -> bool {
        other.0.iter().all(|(region, number)| *number <= self.get(*region))
    }

    /// How this one stands to the other.
    pub fn compare(&self, other: &Self) -> Causality {
        match (other.includes(self), self.includes(other)) {
            (true, true) => Causality::Equal,
            (true, false) => Causality::Before,
            (false, true) => Causality::After,
            (false, false) => Causality::Concurrent,
        }
    }

    /// Sees what `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        for (&region, &number) in &other.0 {
            self.see(region, number);
        }
    }

    /// Forgets what `other` has not seen, so that what is left was seen by both.
    pub fn meet(&mut self, other: &Self) {
        self.0.retain(|region, number| {
            *number = (*number).min(other.get(*region));
            0 < *number
        });
    }

    /// The regions of which anything was seen, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Region, u64)> {
        self.0.iter().map(|(region, number)| (*region, *number))
    }
}

impl PartialOrd for VersionVector {
    /// None if they are concurrent.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.compare(other) {
            Causality::Before => Some(Ordering::Less),
            Causality::After => Some(Ordering::Greater),
            Causality::Equal => Some(Ordering::Equal),
            Causality::Concurrent => None,
        }
    }
}

impl FromIterator<(Region, u64)> for VersionVector {
    fn from_iter<I: IntoIterator<Item = (Region, u64)>>(seen: I) -> Self {
        let mut vector = Self::default();
        for (region, number) in seen {
            vector.see(region, number);
        }
        vector
    }
}

impl fmt::Display for VersionVector {
    /// As `{1: 3, 2: 5}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (region, number) in &self.0 {
            map.entry(&region.get(), number);
        }
        map.finish()
    }
}
