//! A study of designs, as it is seen.

use serde::{Deserialize, Serialize};

/// A study that is under way or over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudyState {
    /// Years that were run, of all designs together.
    pub done: u64,
    /// Years there are to run.
    pub total: u64,
    /// Whether it goes on.
    pub is_running: bool,
    /// What is to be reached.
    pub objective: String,
    /// Under which conditions the figures hold, and where those are from.
    pub conditions: Vec<String>,
    /// The designs of which a year was run.
    pub designs: Vec<DesignState>,
    /// What was found so far.
    pub rows: Vec<StudyRow>,
}

/// A design.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesignState {
    /// What it is called.
    pub name: String,
    /// Whether it reaches the objective.
    pub verdict: DesignVerdict,
}

/// Whether an objective is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DesignVerdict {
    /// In 19 of 20 years or more.
    Met,
    /// In half of the years or more.
    MetInMostYears,
    /// In fewer.
    Missed,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudyRow {
    /// What it is about.
    pub label: String,
    /// A figure for each design.
    pub figures: Vec<String>,
}
