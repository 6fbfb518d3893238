//! Views as data: what a definitions file says, before an engine compiles it.
//!
//! The expressions in here are SQL text. They are checked when the definitions are given to an
//! engine, which knows the columns; the file itself is read in `everview-protocol`.

use alloc::{string::String, vec::Vec};

/// The declared views, in the order they were written.
///
/// The order of the columns of a view is the order in which its definition names them, so lists of
/// pairs stand here where other formats have maps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definitions {
    /// Each view's name and definition. Names are unique.
    pub views: Vec<(String, ViewDefinition)>,
}

/// How one view is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewDefinition {
    /// A table view: events folded by key.
    Table(TableDefinition),
    /// A derived view: the `SELECT` over other views that it always equals.
    Query(String),
}

/// A table view: which row an event belongs to, and what it does there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableDefinition {
    /// The expressions whose values name the row, such as `subject` or `data.customer`.
    pub key: Vec<String>,
    /// What each event type does; `*` is every type.
    pub on: Vec<(String, Clause)>,
}

/// What an event of one type does to its row.
///
/// A row that is not there yet is made, unless the clause deletes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clause {
    /// The condition under which the rest applies; none is always.
    pub when: Option<String>,
    /// Columns and the expressions they become.
    pub set: Vec<(String, String)>,
    /// Columns and the expressions added to them; a missing number counts as 0.
    pub add: Vec<(String, String)>,
    /// Removes the row.
    pub delete: bool,
}
