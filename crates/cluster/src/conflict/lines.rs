//! Changes by region, and which of them nobody knew of yet.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Change;
use crate::clock::{Region, VersionVector};

/// Some of the changes of a row: those of each region, in the order it made them.
///
/// A region knows its own changes, so of each region only the last one can be unknown to all others.
/// That is why looking for conflicts takes time for the regions, not for the changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines<'a>(BTreeMap<Region, Vec<&'a Arc<Change>>>);

impl<'a> FromIterator<&'a Arc<Change>> for Lines<'a> {
    /// From changes that come in the order of each region.
    fn from_iter<I: IntoIterator<Item = &'a Arc<Change>>>(changes: I) -> Self {
        let mut lines = Self::default();
        for change in changes {
            lines.0.entry(change.stamp.region).or_default().push(change);
        }
        lines
    }
}

impl<'a> Lines<'a> {
    /// All of them, by region.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a Arc<Change>> {
        self.0.values().flatten().copied()
    }

    /// Those that were not seen by `seen`, by region.
    pub(super) fn unseen_by(&self, seen: &VersionVector) -> impl Iterator<Item = &'a Arc<Change>> {
        self.0.iter().flat_map(move |(region, line)| {
            let known = seen.get(*region);
            line[line.partition_point(|change| change.stamp.number <= known)..].iter().copied()
        })
    }

    /// Of those within `horizon`, the ones that no other one had seen, in the agreed order.
    pub(super) fn tips(&self, horizon: Option<&VersionVector>) -> Vec<&'a Arc<Change>> {
        let last = |(region, line): (&Region, &Vec<&'a Arc<Change>>)| {
            let known = horizon.map_or(u64::MAX, |seen| seen.get(*region));
            let count = line.partition_point(|change| change.stamp.number <= known);
            count.checked_sub(1).map(|at| line[at])
        };
        let lasts: Vec<_> = self.0.iter().filter_map(last).collect();
        let is_tip = |change: &&Arc<Change>| !lasts.iter().any(|other| other.has_seen(change));
        let mut tips: Vec<_> = lasts.iter().copied().filter(is_tip).collect();
        tips.sort_by_key(|change| change.stamp);
        tips
    }
}
