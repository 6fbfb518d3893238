//! Table views: events folded into rows by key.
//!
//! A table view is declared as data ([`crate::TableDefinition`]) or written in Rust as a
//! [`Projector`]. Either way what one event does to the view is decided as a whole and only then
//! goes through the table's door: an event that is refused leaves no trace.

mod batch;
mod batched;
mod declared;
mod field;
mod projector;
mod scope;

use alloc::boxed::Box;
use alloc::string::String;

use crate::command::MessageError;
use crate::sql::EvaluateError;
use crate::{Position, UpcastError};
pub(crate) use batch::{BATCH_EVENTS, Batch, BatchEvent, KindOf, Reading};
pub use batched::{BatchProjector, RowChange};
pub(crate) use batched::{Batched, Pending};
pub(crate) use declared::{Declared, Scratch, Traced};
pub(crate) use field::Paths;
pub(crate) use projector::AnyProjector;
pub use projector::{Projector, Rows};
pub(crate) use scope::{EventScope, NameCells};

/// Why an event was not folded into a view. The view is as it was before the event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// An expression has no value for it.
    #[error("{place}: {error}")]
    Evaluate {
        /// The clause and column, such as `on.OrderPlaced.set.total`.
        place: String,
        /// Why.
        error: EvaluateError,
    },
    /// The key is NULL, so there is no row that it belongs to.
    #[error("the key is NULL")]
    NullKey,
    /// What one element of the unnested array does.
    #[error("element {index}: {error}")]
    Element {
        /// Its place in the array, from 0.
        index: usize,
        /// Why.
        error: Box<ProjectError>,
    },
    /// An earlier event of the same key was refused.
    #[error("it waits behind the event at {first}")]
    Waiting {
        /// That event.
        first: Position,
    },
    /// The event is of an old version and could not be lifted.
    #[error("{0}")]
    Upcast(#[from] UpcastError),
    /// The event's data is not what the projector reads.
    #[error("{0}")]
    Message(#[from] MessageError),
    /// A row of another width than the view has columns.
    #[error("expected a row of {expected} values, found {found}")]
    Width {
        /// The number of columns.
        expected: usize,
        /// The number of values.
        found: usize,
    },
    /// The projector says no.
    #[error("{0}")]
    Refused(String),
}

impl ProjectError {
    /// The refused event of the same key that the event waits behind.
    pub const fn behind(&self) -> Option<Position> {
        match self {
            Self::Waiting { first } => Some(*first),
            Self::Element { error, .. } => error.behind(),
            _ => None,
        }
    }
}
