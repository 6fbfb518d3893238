//! Views at other positions than the playhead's.

use everview_core as core;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::{Cell, Delta};

/// What differs between a view at one position and at another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
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
#[tsify(missing_as_null)]
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

/// Why a cell is what it is at the playhead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct Why {
    /// What is in the cell.
    pub value: Cell,
    /// The events that made it, in order. In a derived view: those that made the cells that it
    /// rests on, as far as contributions are listed.
    pub causes: Vec<Cause>,
    /// In a derived view: what it rests on, with what gives the most first or, for a `MIN`, the
    /// least.
    pub contributions: Vec<Contribution>,
    /// How many contributions there are beside those listed.
    pub rest: u64,
}

/// An event that wrote a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// The event.
    pub position: u64,
    /// The leadership term that it was accepted in.
    pub epoch: u64,
    /// Its id.
    pub id: String,
    /// What happened.
    pub r#type: String,
    /// The table view that the cell is in.
    pub view: String,
    /// The row there.
    pub key: Vec<Cell>,
    /// The column there; none where it matters only that the row came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub column: Option<String>,
    /// What was in the cell.
    pub before: Cell,
    /// What the event put there.
    pub after: Cell,
    /// The clause that did, such as `on.OrderPlaced.set.total`; none in a view in JavaScript.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub clause: Option<String>,
}

/// What a cell of a derived view rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Contribution {
    /// What it gives to an aggregate: 1 to a count, to others a value. Null where nothing is
    /// aggregated.
    pub amount: Cell,
    /// The row, or the rows where views are joined.
    pub rows: Vec<SourceRow>,
}

/// A row that a cell of a derived view rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SourceRow {
    /// The view that it is in.
    pub view: String,
    /// What names it there.
    pub key: Vec<Cell>,
    /// The columns that matter; none if it matters only that the row is there.
    pub columns: Vec<String>,
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

impl From<core::Why> for Why {
    fn from(why: core::Why) -> Self {
        Self {
            value: Cell(why.value),
            causes: why.causes.into_iter().map(Cause::from).collect(),
            contributions: why.contributions.into_iter().map(Contribution::from).collect(),
            rest: why.rest as u64,
        }
    }
}

impl From<core::Cause> for Cause {
    fn from(cause: core::Cause) -> Self {
        Self {
            position: cause.position.get(),
            epoch: cause.epoch.get(),
            id: cause.id,
            r#type: cause.event_type,
            view: cause.view,
            key: cause.key.iter().map(Cell::from).collect(),
            column: cause.column,
            before: Cell(cause.before),
            after: Cell(cause.after),
            clause: cause.clause,
        }
    }
}

impl From<core::Contribution> for Contribution {
    fn from(core::Contribution { amount, rows }: core::Contribution) -> Self {
        let row = |core::SourceRow { view, key, columns }: core::SourceRow| SourceRow {
            view,
            key: key.iter().map(Cell::from).collect(),
            columns,
        };
        Self { amount: Cell(amount), rows: rows.into_iter().map(row).collect() }
    }
}
