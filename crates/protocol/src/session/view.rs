//! Views and their rows.

use serde::{Deserialize, Serialize};

/// A view in the list of views.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewSummary {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// Its digest.
    pub digest: String,
    /// How many events it has put into quarantine, and rows it leaves out.
    pub troubles: u64,
}

/// Which rows of a view are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewQuery {
    /// The view's name.
    pub view: String,
    /// How to sort them; else they come in the view's own order.
    pub sort: Option<Sort>,
    /// Only rows with a cell that contains this text, in whatever case.
    pub filter: String,
    /// The first row's place, from 0.
    pub first: u64,
    /// How many.
    pub count: u32,
}

/// An order of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// By this column.
    pub column: String,
    /// The greatest first.
    pub is_descending: bool,
}

/// Some rows of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewPage {
    /// Its columns.
    pub columns: Vec<Column>,
    /// The place of the first row, from 0.
    pub first: u64,
    /// The texts of the cells, row by row.
    pub rows: Vec<Vec<String>>,
    /// What names each of these rows, as text, also where no column shows it.
    pub keys: Vec<String>,
    /// How many rows the filter lets through.
    pub matching: u64,
    /// How many rows the view has.
    pub total: u64,
    /// Its digest.
    pub digest: String,
    /// The position it is true at.
    pub position: u64,
    /// Its definition, as text.
    pub definition: String,
    /// The first events that it put into quarantine.
    pub quarantined: Vec<QuarantinedEvent>,
    /// The first rows that it leaves out, since they could not be computed.
    pub missing: Vec<MissingRow>,
}

/// A column of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Whether it is part of the key.
    pub is_key: bool,
    /// What its cells hold.
    pub kind: CellKind,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CellKind {
    /// Words.
    Text,
    /// Numbers.
    Number,
}

/// An event that a view could not take in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantinedEvent {
    /// The event's position.
    pub position: u64,
    /// What went wrong.
    pub error: String,
    /// The refused event of the same key that it waits behind, if the view did not refuse it itself.
    pub behind: Option<u64>,
}

/// A row that a derived view leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingRow {
    /// Its key.
    pub key: String,
    /// What went wrong.
    pub error: String,
}
