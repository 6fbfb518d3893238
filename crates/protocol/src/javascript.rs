//! What crosses the border to JavaScript in the npm package.
//!
//! The TypeScript types of the package are generated from these, so that there is one description
//! of each. Names are in camel case there.

mod argument;
mod building;
mod cell;
mod command;
mod fork;
mod reading;
mod timeline;

use everview_core as core;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

pub use argument::ArgumentError;
pub use building::{Progress, Quarantined, Rehearsal};
pub use cell::Cell;
pub use command::{Command, Outcome, Pending};
pub use fork::{Edit, Inserted, NewEvent};
pub use reading::{Answer, AsOf, Batch, Explain, Index, Query, RowError, Violation, moment};
pub use timeline::{Cause, Contribution, Diff, RowHistory, SourceRow, Why, Written};

/// How records follow each other in an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A JSON object on each line.
    Ndjson,
    /// One JSON array of objects.
    JsonArray,
    /// Lines of fields after a line with their names.
    Csv,
}

/// For each part of an event, the field of the record that holds it: a name or a path such as
/// `meta.type`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Mapping {
    /// The event's id. Without one, the record's number in its input is the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub id: Option<String>,
    /// Where the event comes from. Without one, it is the input's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub source: Option<String>,
    /// What happened. Without one, every event is a `record`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub r#type: Option<String>,
    /// The stream. Without one, it is the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub subject: Option<String>,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub time: Option<String>,
    /// The source's own count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub sequence: Option<String>,
    /// What is to be known about it. Without one, it is the whole record.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub data: Option<String>,
}

/// What is known of an input before it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ReadOptions {
    /// Its name, the source of events whose records name none; `/input` without one.
    #[tsify(optional)]
    pub name: Option<String>,
    /// Its format; without one, its first bytes tell.
    #[tsify(optional)]
    pub format: Option<Format>,
    /// Its envelope mapping; without one, its records are CloudEvents.
    #[tsify(optional)]
    pub mapping: Option<Mapping>,
}

/// What became of the records of all inputs so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Intake {
    /// Events that are in the log because of them.
    pub accepted: u64,
    /// Events that were in the log already and were dropped.
    pub duplicates: u64,
    /// How many records were refused.
    pub refused: u64,
    /// The first 1,000 of those.
    pub refusals: Vec<Refusal>,
    /// How often a source left out numbers of its own count.
    pub gaps: u64,
}

/// Bytes of memory by what they are for. What derived views keep beside their rows is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Memory {
    /// The events of the log.
    pub log: u64,
    /// What repeated events are recognised by.
    pub duplicates: u64,
    /// The rows of all views.
    pub rows: u64,
    /// What events did to the rows, for going back.
    pub history: u64,
    /// The texts and large numbers of all rows.
    pub dictionary: u64,
    /// Rows as they were at checkpoints, and are no more.
    pub checkpoints: u64,
    /// How many checkpoints there are: from the nearest, a seek goes event by event.
    pub checkpoint_count: u64,
    /// All of that, which is what a budget is about.
    pub total: u64,
    /// What it shall not take more of, if it can; nothing without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub budget: Option<u64>,
    /// What lies in its file instead, and in that of its forks.
    pub spilled: u64,
    /// Why that file took no more, if it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub full: Option<String>,
    /// What all engines together have taken from the host, which never gets any back.
    pub taken: u64,
}

/// A record that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The line it begins in, from 1.
    pub line: u64,
    /// Bytes before it in the input.
    pub offset: u64,
    /// Why.
    pub reason: String,
    /// How it begins.
    pub excerpt: String,
}

/// A view without its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ViewSummary {
    /// Its name.
    pub name: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// How many of them, the first ones, show the key; none do in a derived view.
    pub key_columns: u64,
    /// How many rows it has.
    pub rows: u64,
    /// 32 hexadecimal digits that are equal for equal rows.
    pub digest: String,
    /// How many events up to the playhead it refused.
    pub quarantined: u64,
}

/// Rows of a view, with what they are true at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct Page {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows in the view's order, each with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows the view has.
    pub total: u64,
    /// The position it is true at.
    pub position: u64,
    /// The leadership term at that position.
    pub epoch: u64,
    /// The view's digest.
    pub digest: String,
}

/// One row's net change. Without `before` it is new, without `after` it is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct Delta {
    /// What names the row in its view.
    pub key: Vec<Cell>,
    /// The row before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub before: Option<Vec<Cell>>,
    /// The row after.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub after: Option<Vec<Cell>>,
}

/// A recorded event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RecordedEvent {
    /// Its place in the log.
    pub position: u64,
    /// The leadership term it was accepted in.
    pub epoch: u64,
    /// Its number in its stream, from 1.
    pub version: u64,
    /// Its name, unique within the source.
    pub id: String,
    /// Who says so.
    pub source: String,
    /// What happened.
    pub r#type: String,
    /// The stream it belongs to.
    pub subject: String,
    /// When it happened, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub time: Option<String>,
    /// What is to be known about it: JSON text.
    pub data: String,
}

impl From<Format> for core::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Ndjson => Self::Ndjson,
            Format::JsonArray => Self::JsonArray,
            Format::Csv => Self::Csv,
        }
    }
}

impl From<Mapping> for core::Mapping {
    fn from(mapping: Mapping) -> Self {
        Self {
            id: mapping.id,
            source: mapping.source,
            event_type: mapping.r#type,
            subject: mapping.subject,
            time: mapping.time,
            sequence: mapping.sequence,
            data: mapping.data,
        }
    }
}

impl From<core::Mapping> for Mapping {
    fn from(mapping: core::Mapping) -> Self {
        Self {
            id: mapping.id,
            source: mapping.source,
            r#type: mapping.event_type,
            subject: mapping.subject,
            time: mapping.time,
            sequence: mapping.sequence,
            data: mapping.data,
        }
    }
}

impl From<&core::Engine> for Memory {
    fn from(engine: &core::Engine) -> Self {
        let (memory, checkpointed) = (engine.memory(), engine.checkpointed());
        let storage = engine.storage();
        Self {
            log: memory.log as u64,
            duplicates: memory.duplicates as u64,
            rows: memory.rows as u64,
            history: memory.history as u64,
            dictionary: memory.dictionary as u64,
            checkpoints: checkpointed.rows as u64,
            checkpoint_count: checkpointed.count as u64,
            total: (memory.total() + checkpointed.rows) as u64,
            budget: None,
            spilled: storage.map_or(0, core::ColdStorage::bytes),
            full: storage.and_then(core::ColdStorage::full).map(ToString::to_string),
            taken: 0,
        }
    }
}

impl From<&core::Intake> for Intake {
    fn from(intake: &core::Intake) -> Self {
        Self {
            accepted: intake.accepted,
            duplicates: intake.duplicates,
            refused: intake.refused,
            refusals: intake.refusals.iter().map(Refusal::from).collect(),
            gaps: intake.gap_count,
        }
    }
}

impl From<&core::Refused> for Refusal {
    fn from(refused: &core::Refused) -> Self {
        Self {
            line: refused.line,
            offset: refused.offset,
            reason: refused.reason.to_string(),
            excerpt: refused.excerpt.clone(),
        }
    }
}

impl From<core::Delta> for Delta {
    fn from(delta: core::Delta) -> Self {
        let cells = |row: core::Row| row.iter().map(Cell::from).collect();
        Self {
            key: delta.key.iter().map(Cell::from).collect(),
            before: delta.before.map(cells),
            after: delta.after.map(cells),
        }
    }
}

impl From<core::Event<'_>> for RecordedEvent {
    fn from(event: core::Event<'_>) -> Self {
        Self {
            position: event.position.get(),
            epoch: event.epoch.get(),
            version: event.version,
            id: event.id.into(),
            source: event.source.into(),
            r#type: event.event_type.into(),
            subject: event.subject.into(),
            time: event.time.map(|time| time.to_string()),
            data: event.data.into(),
        }
    }
}
