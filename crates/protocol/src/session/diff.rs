//! What differs between two positions.

use serde::{Deserialize, Serialize};

use super::Column;

/// Which rows of a view that differ are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffQuery {
    /// The view's name.
    pub view: String,
    /// The position that the rows before are true at. Without it, they are those of what the fork that
    /// is looked at was forked from, where that is at the same moment.
    pub from: Option<u64>,
    /// The position that the rows after are true at.
    pub to: u64,
    /// The first row's place, from 0.
    pub first: u64,
    /// How many.
    pub count: u32,
}

/// Some rows of a view that differ between two positions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffPage {
    /// The view's columns.
    pub columns: Vec<Column>,
    /// The place of the first row, from 0.
    pub first: u64,
    /// The rows, in the order of their keys.
    pub rows: Vec<DiffRow>,
    /// The position that the rows before are true at.
    pub from: u64,
    /// The position that the rows after are true at.
    pub to: u64,
    /// How many rows came.
    pub added: u64,
    /// How many rows stayed, but not the same.
    pub changed: u64,
    /// How many rows went.
    pub removed: u64,
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffRow {
    /// What names it, as in [`ViewPage::keys`](super::ViewPage::keys).
    pub key: String,
    /// What became of it.
    pub change: RowChange,
    /// Its cells.
    pub cells: Vec<DiffCell>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowChange {
    /// It came.
    Added,
    /// It stayed, but not the same.
    Changed,
    /// It went.
    Removed,
}

/// A cell of a row that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffCell {
    /// Its text after or, in a row that went, before.
    pub text: String,
    /// Its text before, if the row stayed and the cell did not.
    pub before: Option<String>,
}
