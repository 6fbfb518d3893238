//! Regions with a log each, as they are seen.

use serde::{Deserialize, Serialize};

use super::ObserverCondition;

/// What the page wants of the simulated regions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegionsRequest {
    /// They go on, and are told of, as long as somebody looks.
    Watch {
        /// Whether somebody does.
        is_watched: bool,
    },
    /// They begin anew: the scenario, if one is played in which they are.
    Restart,
    /// Lets happen what a step of a script says, without its time: `partition A for 5 s`, or
    /// `edit B cart note red`.
    Step {
        /// The step.
        text: String,
    },
    /// The region that is read writes again what was overruled.
    Restore {
        /// The region that wrote it.
        region: u8,
        /// The number of the change there.
        number: u64,
    },
}

/// The regions at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionsState {
    /// The regions, in order.
    pub regions: Vec<RegionState>,
    /// Whether all that run know the same changes.
    pub is_agreed: bool,
    /// How many conflicts there are or were, as the region knows them that is read.
    pub conflicts: u64,
    /// How many of them wait for a person.
    pub open: u64,
}

impl RegionsState {
    /// How many of them take writes.
    pub fn accepting(&self) -> usize {
        let runs = |one: &&RegionState| one.condition == ObserverCondition::Running;
        self.regions.iter().filter(runs).count()
    }
}

/// A region at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionState {
    /// The name of its site.
    pub name: String,
    /// Its number.
    pub region: u8,
    /// Whether it runs.
    pub condition: ObserverCondition,
    /// How many milliseconds its clock is ahead.
    pub clock_off_ms: i64,
    /// How many changes it knows of.
    pub changes: u64,
    /// How many of each region, in their order.
    pub knows: Vec<u64>,
    /// How many wait for something that they had seen.
    pub held_back: u64,
    /// What its views show, in short.
    pub digest: String,
    /// Its links to the others, in their order.
    pub links: Vec<LinkState>,
}

/// The link from one region to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkState {
    /// The name of the other region's site.
    pub to: String,
    /// Whether nothing arrives.
    pub is_cut: bool,
    /// The shortest time a message takes, in milliseconds.
    pub delay_ms: u64,
    /// Of a hundred messages, how many are lost, rounded up.
    pub lost_percent: u64,
    /// How many of the changes that are here the other lacks.
    pub lacking: u64,
}

/// What regions with a log each show, and what is or was in conflict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictsState {
    /// Whether they are the source, and not beside what is open.
    pub is_source: bool,
    /// The regions.
    pub regions: RegionsState,
    /// The region whose rows and conflicts these are.
    pub observer: Option<String>,
    /// Its rows.
    pub rows: Vec<RegionRow>,
    /// Its conflicts, the latest first: no more than somebody would read.
    pub conflicts: Vec<ConflictState>,
    /// A promise that the regions broke, which stopped them.
    pub violation: Option<String>,
}

/// What a row shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionRow {
    /// Its key.
    pub key: String,
    /// The fields and their values.
    pub fields: Vec<(String, String)>,
}

/// Changes that did not know of each other and touched the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictState {
    /// The row.
    pub row: String,
    /// The field; none if it is about the whole row.
    pub field: Option<String>,
    /// What was written, in the agreed order.
    pub versions: Vec<VersionState>,
    /// By what rule it was decided.
    pub rule: String,
    /// Why so.
    pub reason: String,
    /// Whether a person still has to decide.
    pub is_open: bool,
    /// The change that was made knowing of all of them, if one was.
    pub settled: Option<String>,
}

/// One of the changes in conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionState {
    /// What it wrote.
    pub value: String,
    /// The region that did.
    pub region: u8,
    /// The number of the change there.
    pub number: u64,
    /// When, by the regions' hybrid clocks.
    pub time: String,
    /// How much of each region it knew.
    pub knew: String,
    /// Whether it does not show.
    pub is_overruled: bool,
}
