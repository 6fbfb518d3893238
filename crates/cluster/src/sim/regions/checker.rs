//! What regions promise each other.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString as _;
use alloc::sync::Arc;
use alloc::vec::Vec;

use everview_core::{Digest, Engine, Epoch};

use super::super::Violation;
use crate::NodeId;
use crate::clock::{Region, Stamp, VersionVector};
use crate::conflict::{Change, Deed, Field, Resolved, Write};
use crate::exchange::Site;

/// An onlooker who sees everything.
#[derive(Debug, Default)]
pub(super) struct Checker {
    /// The changes that somebody was told of.
    told: BTreeMap<(Region, u64), Arc<Change>>,
    /// What each node has taken in, in whatever order.
    taken: BTreeMap<NodeId, VersionVector>,
    confirmed: BTreeSet<Stamp>,
}

impl Checker {
    pub(super) fn confirmed(&self) -> u64 {
        self.confirmed.len() as u64
    }

    /// A region made a change and says so.
    pub(super) fn confirm(&mut self, node: NodeId, change: &Arc<Change>) -> Result<(), Violation> {
        self.confirmed.insert(change.stamp);
        self.same(node, change)
    }

    /// A node takes in a change, its own or another's.
    pub(super) fn taken(&mut self, node: NodeId, change: &Arc<Change>) -> Result<(), Violation> {
        let effect = change.stamp;
        let known = self.taken.entry(node).or_default();
        let previous = known.get(effect.region);
        let is_next = previous + 1 == effect.number;
        known.see(effect.region, effect.number);
        for (region, last) in change.seen.iter().filter(|(_, last)| 0 < *last) {
            let cause = self.told.get(&(region, last)).map(|cause| cause.stamp);
            let is_late = cause.is_some_and(|cause| effect.time <= cause.time);
            let is_own = region == effect.region;
            let is_missing = !is_own && known.get(region) < last;
            if is_missing || is_late || (is_own && !is_next) {
                let cause = cause.unwrap_or(Stamp { region, number: last, ..Stamp::default() });
                return Err(Violation::EffectBeforeCause { node, cause, effect });
            }
        }
        // Its own, until it is on disk, may still be forgotten and be another one then.
        if self.told.contains_key(&(effect.region, effect.number)) {
            self.same(node, change)?;
        }
        Ok(())
    }

    /// A node has this of its log left after a crash.
    pub(super) fn restarted(&mut self, node: NodeId, log: &[Arc<Change>]) {
        let mut known = VersionVector::new();
        for change in log {
            known.see(change.stamp.region, change.stamp.number);
        }
        self.taken.insert(node, known);
    }

    fn same(&mut self, node: NodeId, change: &Arc<Change>) -> Result<(), Violation> {
        let key = (change.stamp.region, change.stamp.number);
        let known = self.told.entry(key).or_insert_with(|| change.clone());
        if known == change {
            return Ok(());
        }
        Err(Violation::TwoChanges { node, stamp: change.stamp })
    }

    /// All sites know and show the same, and nothing is lost or untold.
    pub(super) fn settled(
        &self,
        sites: &[(NodeId, &Site, Digest)],
        views: fn() -> Engine,
    ) -> Result<(), Violation> {
        let Some((first, site, _)) = sites.first() else { return Ok(()) };
        let mut agreed: Vec<_> = site.log().to_vec();
        agreed.sort_by_key(|change| change.stamp);
        let mut expected = views();
        for change in &agreed {
            drop(expected.append(Epoch::default(), &change.event));
        }
        let rows: Vec<_> = site.rows().collect();
        let resolved: Vec<_> = rows.iter().map(|row| site.resolved(row)).collect();
        for (node, other, digest) in sites {
            let differ = |what: &str| {
                let (node, other) = (*node, *first);
                Err(Violation::RegionsDiffer { node, other, what: what.to_string() })
            };
            if let Some(stamp) = self.confirmed.iter().find(|stamp| !other.seen().has_seen(stamp)) {
                return Err(Violation::ChangeLost { node: *node, stamp: *stamp });
            }
            if other.seen() != site.seen() {
                return differ("set of changes");
            }
            if *digest != expected.digest() {
                return differ("digest of the views");
            }
            if !other.rows().eq(rows.iter().copied())
                || !rows.iter().zip(&resolved).all(|(row, one)| other.resolved(row) == *one)
            {
                return differ("row or conflict");
            }
        }
        for (row, resolved) in rows.iter().zip(resolved.iter().flatten()) {
            let changes = agreed.iter().filter(|change| change.event.subject == *row);
            untold(row, resolved, &changes.collect::<Vec<_>>())?;
        }
        Ok(())
    }
}

/// Every value that was put shows, or was replaced by somebody who knew of it, or is in a conflict.
fn untold(row: &str, resolved: &Resolved, changes: &[&Arc<Change>]) -> Result<(), Violation> {
    for change in changes {
        let Deed::Write(writes) = &change.deed else { continue };
        for (field, write) in writes {
            let Write::Put(value) = write else { continue };
            let shown = resolved.fields.as_ref().and_then(|fields| fields.get(field));
            let is_there = matches!(shown, Some(Field::Value(shown)) if shown == value);
            let is_replaced =
                changes.iter().any(|other| other.write(field).is_some() && other.has_seen(change));
            let is_told = resolved.conflicts.iter().any(|conflict| {
                let about = conflict.field.as_ref() == Some(field);
                about && conflict.versions.iter().any(|one| one.change.stamp == change.stamp)
            });
            if !(is_there || is_replaced || is_told) {
                let (stamp, row) = (change.stamp, row.to_string());
                return Err(Violation::OverruledUntold { stamp, row });
            }
        }
    }
    Ok(())
}
