//! Regions with a log each, simulated beside what is open.

use everview_cluster::conflict::{Conflict, Version};
use everview_cluster::exchange::Site;
use everview_cluster::sim::regions::Regions;
use everview_cluster::sim::{Action, Script, Step};
use everview_cluster::{NodeId, Region};
use everview_core::Timestamp;
use everview_protocol::session::{
    ConflictState, RegionRow, RegionState, RegionsState, VersionState,
};

/// Three regions in which something is written twice a second, to few rows.
const SCRIPT: &str = "seed 42\nplaces 1.1 2.2 3.3\nedits every 500 ms in 6 rows until 1800 s\n";

/// The most conflicts that are told.
const TOLD: usize = 50;

/// The most milliseconds that are simulated at once: a page that slept does not catch up.
const LONGEST_TICK: i64 = 1_000;

/// The regions, and whether somebody looks at them.
#[derive(Debug)]
pub(super) struct RegionsRun {
    regions: Regions,
    pub(super) is_watched: bool,
    violation: Option<String>,
}

impl RegionsRun {
    pub(super) fn new() -> Self {
        // It is this program's own text, and a test holds it to be valid.
        let script: Script = SCRIPT.parse().unwrap_or_default();
        Self { regions: script.regions(None), is_watched: true, violation: None }
    }

    pub(super) fn advance(&mut self, milliseconds: i64) {
        let to = self.regions.now().plus_millis(milliseconds.min(LONGEST_TICK));
        if let Err(violation) = self.regions.advance(to) {
            self.violation = Some(violation.to_string());
        }
    }

    /// Lets happen what a step of a script says, without its time.
    ///
    /// # Errors
    ///
    /// What is wrong with the step.
    pub(super) fn step(&mut self, text: &str) -> Result<(), String> {
        let now = self.regions.now();
        let step = Step::parse(now, text).map_err(|problem| problem.to_string())?;
        if let Action::Edit { node, row, field, value } = &step.action {
            if !self.regions.edit(*node, row, field, value) {
                return Err(format!(
                    "expected {node} to run and {field} to take it, found `{value}`"
                ));
            }
        } else if let Err(violation) = step.happen_to_regions(&mut self.regions) {
            self.violation = Some(violation.to_string());
        }
        self.advance(0);
        Ok(())
    }

    /// Writes again what was overruled.
    ///
    /// # Errors
    ///
    /// If nobody can, or nobody knows of it.
    pub(super) fn restore(&mut self, region: u8, number: u64) -> Result<(), String> {
        let observer = self.observer();
        let known = observer.and_then(|(id, site)| {
            let is_it = |stamp: &everview_cluster::clock::Stamp| {
                stamp.region == Region::new(region) && stamp.number == number
            };
            let mut stamps = site.log().iter().map(|change| change.stamp);
            Some((id, stamps.find(is_it)?))
        });
        match known {
            Some((id, stamp)) if self.regions.restore(id, stamp) => Ok(()),
            _ => Err(format!("no region runs that knows of {number} of region {region}")),
        }
    }

    /// The first region that runs.
    fn observer(&self) -> Option<(NodeId, &Site)> {
        let status = self.regions.status();
        let mut up = status.into_iter().filter(|one| one.is_up);
        up.find_map(|one| Some((one.id, self.regions.site(one.id)?)))
    }

    pub(super) fn state(&self) -> RegionsState {
        let status = self.regions.status();
        let known: Vec<_> = status.iter().filter_map(|one| self.regions.site(one.id)).collect();
        let observer = self.observer();
        let resolved: Vec<_> = observer
            .iter()
            .flat_map(|(_, site)| site.rows().filter_map(|row| Some((row, site.resolved(row)?))))
            .collect();
        let rows = resolved.iter().map(|(key, row)| RegionRow {
            key: (*key).to_owned(),
            fields: row
                .fields
                .iter()
                .flatten()
                .map(|(name, field)| (name.to_string(), field.to_string()))
                .collect(),
        });
        let mut conflicts: Vec<_> = resolved
            .iter()
            .flat_map(|(key, row)| row.conflicts.iter().map(|conflict| (*key, conflict)))
            .collect();
        let last = |conflict: &Conflict| conflict.versions.last().map(|one| one.change.stamp);
        conflicts.sort_by(|a, b| last(b.1).cmp(&last(a.1)).then(a.0.cmp(b.0)));
        RegionsState {
            now_ms: u64::try_from(self.regions.now().millis_since(Timestamp::default()))
                .unwrap_or(0),
            is_agreed: known.windows(2).all(|pair| pair[0].seen() == pair[1].seen()),
            observer: observer.map(|(id, _)| id.to_string()),
            rows: rows.collect(),
            count: conflicts.len() as u64,
            conflicts: conflicts.iter().take(TOLD).map(|(key, one)| told(key, one)).collect(),
            violation: self.violation.clone(),
            regions: status
                .into_iter()
                .map(|one| RegionState {
                    name: one.id.to_string(),
                    region: one.region.get(),
                    is_up: one.is_up,
                    changes: one.changes as u64,
                    held_back: one.held_back as u64,
                    digest: one.digest,
                })
                .collect(),
        }
    }
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
