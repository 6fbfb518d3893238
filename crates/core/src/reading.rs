//! Reading views: queries over their rows, by key, index, order and page.
//!
//! A [`Read`] is plain data. It is compiled against the columns of its view, the conjuncts of its
//! condition are matched with the indexes, and what no index serves is checked row by row. Indexes
//! follow from the same row deltas as everything else, so they are right at any position.

mod aggregate;
mod cursor;
mod filter;
mod index;
mod interval;
mod plan;
mod run;
mod sorted;
mod subscription;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::cold::ColdError;
use crate::{Digest, Epoch, EvaluateError, Key, Position, Row, SqlError, Timestamp};
pub(crate) use aggregate::aggregate;
pub use cursor::CursorError;
pub(crate) use index::Index;
pub use index::Violation;
pub use plan::{Access, Explain};
pub(crate) use run::{Compiled, Source, find};
pub use subscription::Batch;
pub(crate) use subscription::Subscription;

/// A query over one view.
///
/// ```
/// use everview_core::Read;
///
/// let read = Read {
///     view: "orders".into(),
///     filter: Some("region = 'north' AND total >= 100".into()),
///     order: Some("total DESC".into()),
///     limit: Some(10),
///     ..Read::default()
/// };
/// # let _ = read;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// The view.
    pub view: String,
    /// The condition that its rows must meet: an SQL expression over its columns. None is all rows.
    pub filter: Option<String>,
    /// The columns to sort by, as after `ORDER BY`. None is the view's own order; rows that are
    /// equal in it come by their keys.
    pub order: Option<String>,
    /// How many rows at most.
    pub limit: Option<usize>,
    /// [`Answer::next`] of the page before.
    pub after: Option<String>,
}

/// The rows that a query found, and what they are true at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it is true at.
    pub as_of: AsOf,
    /// The names of the columns.
    pub columns: Arc<[String]>,
    /// The rows in the order wanted.
    pub rows: Vec<Row>,
    /// The cursor to read on after, if there are more rows.
    pub next: Option<String>,
    /// With a cursor: what the page before was true at.
    pub since: Option<Since>,
    /// Rows that were looked at and left out because the condition has no value for them.
    pub errors: Vec<(Key, EvaluateError)>,
    /// How the rows were found.
    pub explain: Explain,
}

/// What an answer is true at, and how old that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// The position of the last event in it.
    pub position: Position,
    /// The leadership term of that event.
    pub epoch: Epoch,
    /// The view's digest.
    pub digest: Digest,
    /// The last event that is known: events from `position` to it are not in the answer.
    pub head: Position,
    /// When the event at `position` happened, if it says so.
    pub time: Option<Timestamp>,
    /// Milliseconds from `time` to the reader's now, if both are known; 0 where the event is ahead
    /// of the reader's clock.
    pub age_millis: Option<u64>,
}

/// What the page before was true at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// Its position.
    pub position: Position,
    /// Whether the view's rows differ from those it had then.
    pub has_changed: bool,
}

/// A query that has no answer. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No view of that name.
    #[error("no view `{name}`; there are {known}")]
    UnknownView {
        /// The name.
        name: String,
        /// The views that are.
        known: String,
    },
    /// A condition, an order or an aggregate that is not understood.
    #[error("{place}: {problem}")]
    Sql {
        /// Which of them.
        place: &'static str,
        /// What is wrong there.
        problem: SqlError,
    },
    /// A cursor that it cannot go on after.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// No subscription of that number.
    #[error("no subscription {number}")]
    UnknownSubscription {
        /// The number.
        number: u64,
    },
    /// A subscription that would begin after a cursor. It is about all rows, or the first so many.
    #[error("a subscription begins at the first row, not after a cursor")]
    SubscribeAfter,
    /// An aggregate that has no value for the rows.
    #[error("{0}")]
    Evaluate(#[from] EvaluateError),
    /// A part of the past cannot be read back from where it was spilled to.
    #[error(transparent)]
    Cold(#[from] ColdError),
}
