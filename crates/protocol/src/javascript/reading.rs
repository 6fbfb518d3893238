//! Queries as JavaScript writes them, and their answers.

use everview_core as core;
use everview_core::{Access, Timestamp};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::{Cell, Delta};

/// A query over one view.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Query {
    /// The view.
    pub view: String,
    /// The condition that rows must meet: an SQL expression over the view's columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub r#where: Option<String>,
    /// The columns to sort by, such as `total DESC, region`. Without them, the view's own order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub order_by: Option<String>,
    /// How many rows at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub after: Option<String>,
}

impl From<Query> for core::Read {
    fn from(query: Query) -> Self {
        Self {
            view: query.view,
            filter: query.r#where,
            order: query.order_by,
            limit: query.limit.map(|limit| limit as usize),
            after: query.after,
        }
    }
}

/// The rows that a query found, and what they are true at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct Answer {
    /// What it is true at.
    pub as_of: AsOf,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows in the order wanted, each with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// What the next page is read after, if there are more rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub next: Option<String>,
    /// For a page after another: whether the view has changed since that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub has_changed: Option<bool>,
    /// Rows that were left out because the condition, or an aggregate, has no value for them.
    pub errors: Vec<RowError>,
    /// How the rows were found.
    pub explain: Explain,
}

/// What an answer is true at, and how old that is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct AsOf {
    /// The position of the last event in it.
    pub position: u64,
    /// The leadership term of that event.
    pub epoch: u64,
    /// The view's digest, 32 hexadecimal digits.
    pub digest: String,
    /// The position of the last event that is known.
    pub head: u64,
    /// When the event at `position` happened, if it says so, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub time: Option<String>,
    /// Milliseconds from then to `now`, if both are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub age_ms: Option<u64>,
}

/// A row that could not be computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RowError {
    /// What names the row in its view.
    pub key: Vec<Cell>,
    /// Why.
    pub error: String,
}

/// How a query found its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Explain {
    /// The way to the rows: `key` where the condition names the whole key, `view` where the view
    /// keeps the order, `scan` where every row was looked at.
    #[tsify(type = "\"key\" | \"index\" | \"view\" | \"scan\"")]
    pub access: String,
    /// The index, by its columns; `key` is that of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub index: Option<String>,
    /// Its columns that were matched with single values.
    pub equal: Vec<String>,
    /// The column after those that was matched with a range or a prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub range: Option<String>,
    /// Whether part of the condition was checked on each row.
    pub is_filtered: bool,
    /// Whether the rows came in the order wanted and needed no sorting.
    pub is_sorted: bool,
    /// How many rows were looked at.
    pub examined: u64,
    /// All this in words.
    pub text: String,
}

/// The net changes to the answer of a query that is followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct Batch {
    /// What the answer is true at with them.
    pub as_of: AsOf,
    /// The changes in the order of the keys.
    pub deltas: Vec<Delta>,
}

/// An index over the rows of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Index {
    /// The view.
    pub view: String,
    /// The columns that the rows are in the order of.
    pub columns: Vec<String>,
    /// Whether `violations` should tell which rows are equal in them.
    #[serde(default)]
    #[tsify(optional)]
    pub unique: bool,
}

/// Rows that are equal in the columns of a unique index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct Violation {
    /// The index, by its columns.
    pub index: String,
    /// What the rows have in them.
    pub values: Vec<Cell>,
    /// The keys of the rows.
    pub keys: Vec<Vec<Cell>>,
}

/// A moment from the milliseconds of `Date.now()`.
#[expect(clippy::cast_possible_truncation, reason = "a float becomes the nearest integer in range")]
pub fn moment(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}

fn cells(values: &[core::Value]) -> Vec<Cell> {
    values.iter().map(Cell::from).collect()
}

impl From<core::AsOf> for AsOf {
    fn from(as_of: core::AsOf) -> Self {
        Self {
            position: as_of.position.get(),
            epoch: as_of.epoch.get(),
            digest: as_of.digest.to_string(),
            head: as_of.head.get(),
            time: as_of.time.map(|time| time.to_string()),
            age_ms: as_of.age_millis,
        }
    }
}

impl From<core::Answer> for Answer {
    fn from(answer: core::Answer) -> Self {
        let error = |(key, error): (core::Key, core::EvaluateError)| RowError {
            key: cells(&key),
            error: error.to_string(),
        };
        Self {
            as_of: answer.as_of.into(),
            columns: answer.columns.to_vec(),
            rows: answer.rows.iter().map(|row| cells(row)).collect(),
            next: answer.next,
            has_changed: answer.since.map(|since| since.has_changed),
            errors: answer.errors.into_iter().map(error).collect(),
            explain: answer.explain.into(),
        }
    }
}

impl From<core::Explain> for Explain {
    fn from(explain: core::Explain) -> Self {
        let text = explain.to_string();
        let (access, index) = match explain.access {
            Access::Key => ("key", None),
            Access::Index(name) => ("index", Some(name)),
            Access::View => ("view", None),
            Access::Scan => ("scan", None),
        };
        Self {
            access: access.to_owned(),
            index,
            equal: explain.equal,
            range: explain.range,
            is_filtered: explain.is_filtered,
            is_sorted: explain.is_sorted,
            examined: explain.examined as u64,
            text,
        }
    }
}

impl From<core::Batch> for Batch {
    fn from(batch: core::Batch) -> Self {
        let deltas = batch.deltas.into_iter().map(Delta::from).collect();
        Self { as_of: batch.as_of.into(), deltas }
    }
}

impl From<Index> for core::IndexDefinition {
    fn from(index: Index) -> Self {
        Self { view: index.view, columns: index.columns, is_unique: index.unique }
    }
}

impl From<core::Violation> for Violation {
    fn from(violation: core::Violation) -> Self {
        Self {
            index: violation.index,
            values: cells(&violation.values),
            keys: violation.keys.iter().map(|key| cells(key)).collect(),
        }
    }
}
