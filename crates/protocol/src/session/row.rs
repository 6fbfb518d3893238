//! A row of a view: why its cells are what they are, and what became of it.

use serde::{Deserialize, Serialize};

use super::RowChange;

/// A cell that somebody wonders about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyQuery {
    /// The view's name.
    pub view: String,
    /// The row's key, as in [`ViewPage::keys`](super::ViewPage::keys).
    pub key: String,
    /// The column's name; without one, the first that the key does not show.
    pub column: Option<String>,
}

/// Why a cell is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyPage {
    /// The names of the row's columns.
    pub columns: Vec<String>,
    /// The cell's column.
    pub column: String,
    /// What is in it.
    pub value: String,
    /// The position that all of this is true at.
    pub position: u64,
    /// The events that made it, the latest first.
    pub causes: Vec<CauseRow>,
    /// How many earlier ones there are.
    pub earlier: u64,
    /// In a derived view, what it rests on: what gives the most first.
    pub contributions: Vec<ContributionRow>,
    /// How many contributions there are beside.
    pub rest: u64,
}

/// An event that made a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseRow {
    /// The event's position.
    pub position: u64,
    /// Its time, in milliseconds since 1970.
    pub time_ms: Option<i64>,
    /// Its type.
    pub event_type: String,
    /// The epoch it was accepted in; 0 where there are none.
    pub epoch: u64,
    /// What its data says of where it comes from: the name of a field and what it holds.
    pub origin: Vec<(String, String)>,
    /// The row that it wrote.
    pub row: SourceRow,
    /// What was in the cell.
    pub before: String,
    /// What the event put there.
    pub after: String,
    /// The clause that did.
    pub clause: Option<String>,
}

/// What a cell of a derived view rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContributionRow {
    /// What it gives to an aggregate.
    pub amount: Option<String>,
    /// The row, or the rows where views are joined.
    pub rows: Vec<SourceRow>,
}

/// A row that something came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRow {
    /// Its view.
    pub view: String,
    /// Its key, as in [`ViewPage::keys`](super::ViewPage::keys).
    pub key: String,
    /// The column that matters most; none if it matters only that the row is there.
    pub column: Option<String>,
}

/// Which changes to a row are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryQuery {
    /// The view's name.
    pub view: String,
    /// The row's key, as in [`ViewPage::keys`](super::ViewPage::keys).
    pub key: String,
    /// Only events before this one; without it, those up to the playhead.
    pub before: Option<u64>,
    /// How many.
    pub count: u32,
}

/// Some changes to a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The playhead.
    pub position: u64,
    /// The changes, the latest first.
    pub versions: Vec<Version>,
    /// Where to look on for earlier ones; nothing when there are none.
    pub next: Option<u64>,
}

/// What an event made of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The event's position.
    pub position: u64,
    /// Its time, in milliseconds since 1970.
    pub time_ms: Option<i64>,
    /// Its type.
    pub event_type: String,
    /// What became of the row.
    pub change: RowChange,
    /// The cells that changed; of a row that came or went, those with something in them.
    pub cells: Vec<VersionCell>,
}

/// A cell of a row at a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionCell {
    /// Its column.
    pub column: String,
    /// Its text after the event or, in a row that went, before.
    pub text: String,
    /// Its text before, if the row stayed.
    pub before: Option<String>,
}
