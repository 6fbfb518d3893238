#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod cell;
mod cold;
pub mod command;
mod decimal;
mod definition;
mod digest;
mod engine;
mod event;
mod hashed;
mod input;
pub mod json;
mod list;
mod log;
mod order;
#[cfg(feature = "orders")]
pub mod orders;
mod pack;
mod pages;
mod position;
mod projection;
mod query;
mod reading;
mod rng;
mod sorted;
mod sql;
mod table;
#[cfg(feature = "testkit")]
pub mod testkit;
mod text;
mod time;
mod upcast;
mod value;

pub use cold::{ColdError, ColdFile, ColdStorage};
pub use command::{Command, CommandBus, Decider, DispatchError, EventStore, Outcome};
pub use decimal::{Decimal, DecimalError};
pub use definition::{
    Append, Clause, ColumnDefinition, ColumnType, Definitions, IndexDefinition, Retain, Split,
    TableDefinition, Upcaster, ViewDefinition,
};
pub use digest::Digest;
pub use engine::{
    Capsule, CapsuleError, Cause, Checkpointed, CompareError, Contribution, DefineError,
    DefineProblem, Diff, Divergence, Edit, Engine, Fork, ForkError, ForkPlan, Forks, InsertError,
    Inserted, Intake, Memory, Progress, Quarantined, Rehearsal, RestoreError, RowHistory,
    SourceRow, View, Why, WhyError, Written,
};
pub use event::{Event, NewEvent};
pub use input::{Format, Limits, Mapping, MappingError, Reader, RefuseReason, Refused, sample};
pub use log::{AppendError, DUPLICATE_WINDOW, Gap, Log, StoredError};
pub use position::{Epoch, Position};
pub use projection::{BatchProjector, ProjectError, Projector, RowChange, Rows};
pub use reading::{
    Access, Answer, AsOf, Batch, CursorError, Explain, Read, ReadError, Since, Violation,
};
pub use rng::Rng;
pub use sql::{EvaluateError, SqlError, SqlProblem};
pub use table::Delta;
pub(crate) use time::Civil;
pub use time::{Timestamp, TimestampError};
pub use upcast::{UpcastError, UpcastProblem, UpcasterProblem};
pub use value::{Key, Row, Value};
