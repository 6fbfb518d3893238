//! Views as data: what a definitions file says, before an engine compiles it.
//!
//! The expressions in here are SQL text. They are checked when the definitions are given to an
//! engine, which knows the columns; the file itself is read in `everview-protocol`.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

/// The declared views, in the order they were written.
///
/// The order of the columns of a view is the order in which its definition names them, so lists of
/// pairs stand here where other formats have maps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definitions {
    /// Each view's name and definition. Names are unique.
    pub views: Vec<(String, ViewDefinition)>,
    /// The indexes over their rows.
    pub indexes: Vec<IndexDefinition>,
    /// What lifts events of old versions before the views see them: each with the version that it
    /// begins at. Names are unique.
    pub upcasters: Vec<(String, Upcaster)>,
}

impl Definitions {
    /// The view of a name.
    pub fn view(&self, name: &str) -> Option<&ViewDefinition> {
        self.views.iter().find(|(known, _)| known == name).map(|(_, view)| view)
    }
}

/// An index over the rows of a view. It is made when it is first read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexDefinition {
    /// The view.
    pub view: String,
    /// The columns that the rows are in the order of, the first one first.
    pub columns: Vec<String>,
    /// Whether no two rows should be equal in the columns. The index does not keep such rows out,
    /// it says which they are.
    pub is_unique: bool,
}

/// How events of one version become those of the next.
///
/// A version is named as an event type is, such as `OrderPlaced.v1`. All expressions see the event
/// as it was before; the parts are done in the order they stand here. Fields are those of the data,
/// which must be an object (or null, which counts as an empty one).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upcaster {
    /// The version that the events become: the type that projectors see, or that the next upcaster
    /// begins at.
    pub to: String,
    /// Where the event tells its version, such as `data.version`: with it, the upcaster of
    /// `OrderPlaced.v1` also lifts the events of type `OrderPlaced` for which this is 1.
    pub version: Option<String>,
    /// Fields that get another name: the old one and the new one.
    pub rename: Vec<(String, String)>,
    /// Fields with texts that become several fields.
    pub split: Vec<(String, Split)>,
    /// Fields that get a value if they are missing or null.
    pub default: Vec<(String, String)>,
    /// Fields that get a value.
    pub compute: Vec<(String, String)>,
    /// Fields that go.
    pub remove: Vec<String>,
}

/// How a text becomes several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// What stands between the parts.
    pub by: String,
    /// The fields that the parts become. The last one takes the rest; those that there is no part
    /// for are null.
    pub into: Vec<String>,
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
    /// The path of an array in the event's data, such as `data.items`: the event goes through its
    /// clauses once for each element, which expressions know as `item`.
    pub each: Option<String>,
    /// What is said of columns beyond what the clauses say.
    pub columns: Vec<(String, ColumnDefinition)>,
    /// What events do, in order: event types separated by commas, or `*` for every type, and a
    /// clause. Types may come again with further clauses. Those of `*` go first.
    pub on: Vec<(String, Clause)>,
    /// Which rows leave by themselves; none do without.
    pub retain: Retain,
}

/// How long a table view keeps a row that no event changes any more.
///
/// With both, a row leaves as soon as either says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retain {
    /// How much time may pass since the last event that changed the row. The clock is the latest
    /// time of all events so far, in the order of the log.
    pub time: Option<Duration>,
    /// How many rows there may be. Beyond it, the one that was not changed for the most events
    /// leaves.
    pub rows: Option<u64>,
}

/// What is said of a column of a table view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnDefinition {
    /// What its values must be, apart from NULL. An event that would make it anything else is
    /// refused.
    pub column_type: Option<ColumnType>,
    /// What it is in a row in which nothing was put there yet, as a constant expression; without
    /// one, NULL.
    pub default: Option<String>,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnType {
    /// True or false.
    Boolean,
    /// A 64-bit integer.
    Integer,
    /// An exact decimal. Integers become decimals.
    Decimal,
    /// A text.
    Text,
    /// A moment. Texts such as `2026-01-02T03:04:05+01:00` become the same moment in UTC.
    Time,
}

impl ColumnType {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Boolean, Self::Integer, Self::Decimal, Self::Text, Self::Time];

    /// Its name in a definitions file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Text => "text",
            Self::Time => "time",
        }
    }

    /// The type of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column_type| column_type.name() == name)
    }
}

/// What an event of one type does to its row.
///
/// A row that is not there yet is made, unless the clause deletes. All its expressions see the row
/// as it was before the clause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clause {
    /// The condition under which the rest applies; none is always.
    pub when: Option<String>,
    /// Columns and the expressions they become.
    pub set: Vec<(String, String)>,
    /// Columns and the expressions added to them; a missing number counts as 0.
    pub add: Vec<(String, String)>,
    /// Columns that keep the largest of their values; NULL is not one.
    pub max: Vec<(String, String)>,
    /// Columns that keep the smallest of their values; NULL is not one.
    pub min: Vec<(String, String)>,
    /// Columns that are lists, and what each gets at its end.
    pub append: Vec<(String, Append)>,
    /// Removes the row.
    pub delete: bool,
}

/// What is appended to a list, which is kept as the text of a JSON array.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Append {
    /// The expression of the element; NULL is not appended.
    pub value: String,
    /// How many elements there are at most: the first ones leave. From 1 to [`Append::LONGEST`].
    pub limit: u32,
}

impl Append {
    /// The longest list that a column can be.
    pub const LONGEST: u32 = 1_000;
}
