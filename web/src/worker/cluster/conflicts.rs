//! Regions with a log each: what they show, and what two of them wrote without knowing of each other.

use everview_cluster::clock::VersionVector;
use everview_cluster::conflict::{Conflict, Version};
use everview_cluster::sim::regions::RegionStatus;
use everview_cluster::sim::{LinkStatus, MachineState, Script};
use everview_protocol::session::{
    ConflictState, ConflictsState, LinkState, RegionRow, RegionState, RegionsState, VersionState,
};

use super::Cluster;
use super::reader::RegionsSeen;
use super::seen::{condition, milliseconds};
use super::world::World;

/// Three regions in which something is written twice a second, to few rows.
const BESIDE: &str = "seed 42\nplaces 1.1 2.2 3.3\nedits every 500 ms in 6 rows until 1800 s\n";

/// The most conflicts that are told.
const TOLD: usize = 50;

impl Cluster {
    /// Regions to look at beside what is open.
    pub(crate) fn beside() -> Self {
        // It is this program's own text, and a test holds it to be valid.
        Self::of(BESIDE.parse::<Script>().unwrap_or_default())
    }

    /// Whether each region has a log of its own.
    pub(crate) const fn is_regional(&self) -> bool {
        matches!(self.world, World::PerRegion(..))
    }

    /// Lets the region that is read write again what was overruled.
    ///
    /// # Errors
    ///
    /// If it does not run, or does not know of it.
    pub(crate) fn restore(&mut self, region: u8, number: u64) -> Result<(), String> {
        let reader = match &self.world {
            World::PerRegion(_, reader) => reader.at(),
            World::OneLog(_) => {
                return Err("expected regions with a log each, found one log".into());
            }
        };
        let node = reader.ok_or("expected a region that runs, found none")?;
        self.inject(&format!("restore {node} {number} of {region}"))
    }

    /// The last event of each conflict, after a position. There are none in one log.
    pub(crate) fn conflicts_after(&self, after: u64) -> Vec<u64> {
        match &self.world {
            World::OneLog(_) => Vec::new(),
            World::PerRegion(_, reader) => reader.conflicts_after(after),
        }
    }

    /// What they show and what is or was in conflict.
    pub(crate) fn conflicts(&self, is_source: bool) -> ConflictsState {
        let World::PerRegion(regions, reader) = &self.world else {
            return ConflictsState::default();
        };
        let rows = reader.rows().iter().map(|(key, row)| RegionRow {
            key: key.clone(),
            fields: row
                .fields
                .iter()
                .flatten()
                .map(|(name, field)| (name.to_string(), field.to_string()))
                .collect(),
        });
        let mut conflicts: Vec<_> = reader
            .rows()
            .iter()
            .flat_map(|(key, row)| row.conflicts.iter().map(|conflict| (&**key, conflict)))
            .collect();
        let last = |conflict: &Conflict| conflict.versions.last().map(|one| one.change.stamp);
        conflicts.sort_by(|a, b| last(b.1).cmp(&last(a.1)).then(a.0.cmp(b.0)));
        ConflictsState {
            is_source,
            regions: told_regions(&reader.seen(regions)),
            observer: reader.at().map(|id| id.to_string()),
            rows: rows.collect(),
            conflicts: conflicts.iter().take(TOLD).map(|(key, one)| told(key, one)).collect(),
            violation: self.violation.clone(),
        }
    }
}

/// The regions as the page shows them.
pub(super) fn told_regions(seen: &RegionsSeen) -> RegionsState {
    let running = seen.regions.iter().filter(|one| one.state == MachineState::Up);
    let known: Vec<_> = running.map(|one| &one.seen).collect();
    RegionsState {
        regions: seen.regions.iter().map(|one| region(seen, one)).collect(),
        is_agreed: known.windows(2).all(|pair| pair[0] == pair[1]),
        conflicts: seen.conflicts,
        open: seen.open,
    }
}

fn region(seen: &RegionsSeen, one: &RegionStatus) -> RegionState {
    let link = |link: &LinkStatus| LinkState {
        to: link.to.to_string(),
        is_cut: link.is_cut,
        delay_ms: milliseconds(link.delay_ms),
        lost_percent: link.loss.div_ceil(10_000),
        lacking: seen
            .regions
            .iter()
            .find(|other| other.id == link.to)
            .map_or(0, |other| lacking(&one.seen, &other.seen)),
    };
    RegionState {
        name: one.id.to_string(),
        region: one.region.get(),
        condition: condition(one.state),
        clock_off_ms: one.clock.millis_since(seen.now),
        changes: one.changes as u64,
        knows: seen.regions.iter().map(|other| one.seen.get(other.region)).collect(),
        held_back: one.held_back as u64,
        digest: one.digest.clone(),
        links: one.links.iter().map(link).collect(),
    }
}

/// How much of what one has seen another has not.
fn lacking(one: &VersionVector, other: &VersionVector) -> u64 {
    one.iter().map(|(region, number)| number.saturating_sub(other.get(region))).sum()
}

fn told(row: &str, conflict: &Conflict) -> ConflictState {
    let overruled: Vec<_> = conflict.overruled().map(|version| version.change.stamp).collect();
    let version = |version: &Version| VersionState {
        value: version.value.as_ref().map_or_else(|| "the row".to_owned(), ToString::to_string),
        region: version.change.stamp.region.get(),
        number: version.change.stamp.number,
        time: version.change.stamp.time.to_string(),
        knew: version
            .change
            .seen
            .iter()
            .map(|(region, number)| format!("{number} of {region}"))
            .collect::<Vec<_>>()
            .join(", "),
        is_overruled: overruled.contains(&version.change.stamp),
    };
    ConflictState {
        row: row.to_owned(),
        field: conflict.field.as_ref().map(ToString::to_string),
        versions: conflict.versions.iter().map(version).collect(),
        rule: conflict.basis.to_string(),
        reason: conflict.reason(),
        is_open: conflict.is_open(),
        settled: conflict.settled.map(|by| format!("{} of {}", by.number, by.region)),
    }
}
