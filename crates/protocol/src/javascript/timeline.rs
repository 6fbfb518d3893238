//! Views at other positions than the playhead's.

use everview_core as core;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::Delta;

/// What differs between a view at one position and at another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// The position that the rows before are true at.
    pub from: u64,
    /// The position that the rows after are true at.
    pub to: u64,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows that differ, in the order of their keys.
    pub deltas: Vec<Delta>,
}

impl From<core::Diff> for Diff {
    fn from(diff: core::Diff) -> Self {
        Self {
            from: diff.from.get(),
            to: diff.to.get(),
            columns: diff.columns.to_vec(),
            deltas: diff.deltas.into_iter().map(Delta::from).collect(),
        }
    }
}
