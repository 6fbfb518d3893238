//! How the page reads regions that have a log each: the merged log of one of them at a time.
//!
//! There is no network between the page and that region. When it is silent for a while, the page
//! reads another one.

use std::collections::BTreeSet;
use std::sync::Arc;

use everview_cluster::clock::Stamp;
use everview_cluster::conflict::{Change, Resolved};
use everview_cluster::exchange::Site;
use everview_cluster::sim::MachineState;
use everview_cluster::sim::regions::{RegionStatus, Regions};
use everview_cluster::{Health, NodeId};
use everview_core::{Engine, Epoch, Position, Timestamp};

use super::News;

/// How long a region may be silent before another one is read, in milliseconds.
const PATIENCE: i64 = 1_000;

/// What the page has of which region's log.
#[derive(Debug, Default)]
pub(super) struct Reader {
    at: Option<NodeId>,
    /// Since when that region is silent, if it is.
    silent_since: Option<Timestamp>,
    /// The changes that the page has, in the agreed order.
    has: Vec<Arc<Change>>,
    /// The rows as that region knows them.
    rows: Vec<(String, Resolved)>,
    /// Of which log those are: whose, and its length and last change.
    rows_of: Option<(NodeId, usize, Option<Stamp>)>,
}

/// Regions as they are at a moment, and how the page reads them then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RegionsSeen {
    pub(super) now: Timestamp,
    pub(super) regions: Vec<RegionStatus>,
    /// The region that is read.
    pub(super) at: Option<NodeId>,
    /// Since when it is silent, if it is.
    pub(super) silent_since: Option<Timestamp>,
    /// The last event that was made until then, of those that the page has.
    pub(super) position: Position,
    pub(super) conflicts: u64,
    pub(super) open: u64,
}

impl RegionsSeen {
    /// How far what the page has can be relied on to be current.
    pub(super) fn health(&self) -> Health {
        match (self.at, self.silent_since) {
            (Some(_), None) => Health::Live,
            (_, since) => Health::Stale { since: since.unwrap_or(self.now) },
        }
    }
}

impl Reader {
    /// Looks whether the region that is read runs, and reads another one when it is silent for long.
    pub(super) fn look(&mut self, regions: &Regions) {
        let (now, status) = (regions.now(), regions.status());
        let mut running = status.iter().filter(|one| one.state == MachineState::Up);
        if running.clone().any(|one| Some(one.id) == self.at) {
            self.silent_since = None;
            return;
        }
        let is_patient = match (self.at, self.silent_since) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(_), Some(since)) => now.millis_since(since) < PATIENCE,
        };
        match running.next().filter(|_| !is_patient) {
            Some(other) => (self.at, self.silent_since) = (Some(other.id), None),
            None => self.silent_since = self.silent_since.or(Some(now)),
        }
    }

    /// How the regions are, and how they are read.
    pub(super) fn seen(&self, regions: &Regions) -> RegionsSeen {
        let conflicts = || self.rows.iter().flat_map(|(_, row)| &row.conflicts);
        RegionsSeen {
            now: regions.now(),
            regions: regions.status(),
            at: self.at,
            silent_since: self.silent_since,
            position: self.position_at(regions.now()),
            conflicts: conflicts().count() as u64,
            open: conflicts().filter(|one| one.is_open()).count() as u64,
        }
    }

    /// Resolves the rows of the region that is read again, if it has learned something.
    pub(super) fn resolve(&mut self, regions: &Regions) {
        let Some((at, site)) = self.at.zip(self.site(regions)) else { return };
        let of = Some((at, site.log().len(), site.log().last().map(|change| change.stamp)));
        if self.rows_of != of {
            let resolved = |row: &str| Some((row.to_owned(), site.resolved(row)?));
            (self.rows, self.rows_of) = (site.rows().filter_map(resolved).collect(), of);
        }
    }

    /// Gives an engine what it lacks of the merged log, and takes back what stands elsewhere in it now.
    pub(super) fn feed(&mut self, regions: &Regions, engine: &mut Engine) -> News {
        let Some(site) = self.site(regions) else { return News::Nothing };
        let is_same = |(one, other): &(&Arc<Change>, &Arc<Change>)| one.stamp == other.stamp;
        let common = self.has.iter().zip(site.merged()).take_while(is_same).count();
        let new: Vec<_> = site.merged().skip(common).cloned().collect();
        let is_rewound = common < self.has.len();
        if is_rewound {
            engine.rewind(Position::new(common as u64));
            self.has.truncate(common);
        }
        for change in &new {
            append(engine, change);
        }
        let has_news = !new.is_empty();
        self.has.extend(new);
        match (is_rewound, has_news) {
            (true, _) => News::Rewind(Position::new(common as u64)),
            (false, true) => News::Events,
            (false, false) => News::Nothing,
        }
    }

    /// The last event that was made until a moment, by the regions' clocks.
    pub(super) fn position_at(&self, time: Timestamp) -> Position {
        let made = self.has.partition_point(|change| change.stamp.time.wall <= time);
        Position::new(made as u64)
    }

    /// The last event of each conflict, after a position.
    pub(super) fn conflicts_after(&self, after: u64) -> Vec<u64> {
        let conflicts = self.rows.iter().flat_map(|(_, row)| &row.conflicts);
        let last = conflicts.filter_map(|one| one.versions.last().map(|last| last.change.stamp));
        let last: BTreeSet<Stamp> = last.collect();
        let places = (1..).zip(&self.has).filter(|(_, change)| last.contains(&change.stamp));
        places.map(|(place, _)| place).filter(|place| after < *place).collect()
    }

    /// Lets an engine take up to so many of the changes that the page has and it lacks.
    pub(super) fn fold(&self, engine: &mut Engine, most: usize) {
        let folded = usize::try_from(engine.head().get()).unwrap_or(usize::MAX);
        for change in self.has.iter().skip(folded).take(most) {
            append(engine, change);
        }
    }

    /// The region that is read.
    pub(super) const fn at(&self) -> Option<NodeId> {
        self.at
    }

    /// The rows as that region knows them.
    pub(super) fn rows(&self) -> &[(String, Resolved)] {
        &self.rows
    }

    /// The site of the region that is read, unless it has no power.
    fn site<'a>(&self, regions: &'a Regions) -> Option<&'a Site> {
        self.at.and_then(|at| regions.site(at))
    }
}

/// Each region numbers its changes, and a number is given once: nothing is refused.
fn append(engine: &mut Engine, change: &Change) {
    let appended = engine.append(Epoch::default(), &change.event);
    debug_assert!(appended.is_ok(), "{appended:?}");
}
