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

/// What events up to the playhead made of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RowHistory {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The changes to the row, in the order in which they happened.
    pub written: Vec<Written>,
    /// Whether there are earlier ones than were asked for.
    pub has_earlier: bool,
}

/// What an event made of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// The event.
    pub position: u64,
    /// The row before it and after.
    pub delta: Delta,
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

impl From<core::RowHistory> for RowHistory {
    fn from(history: core::RowHistory) -> Self {
        let written = |core::Written { position, delta }: core::Written| Written {
            position: position.get(),
            delta: delta.into(),
        };
        Self {
            columns: history.columns.to_vec(),
            written: history.written.into_iter().map(written).collect(),
            has_earlier: history.has_earlier,
        }
    }
}
