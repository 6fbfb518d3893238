//! Opening a file.

use serde::{Deserialize, Serialize};

/// How far the file that is being opened has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningState {
    /// The file's name.
    pub name: String,
    /// Bytes read.
    pub bytes: u64,
    /// Bytes there are, when that is known.
    pub total: Option<u64>,
    /// Events recorded so far.
    pub events: u64,
    /// Events recorded in a second, so far.
    pub events_per_second: u64,
    /// Records refused so far.
    pub refused: u64,
    /// Whether there is something to open already.
    pub can_show: bool,
    /// Whether what has come is open already, while the rest is read.
    pub is_shown: bool,
}

/// How the records of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputFormat {
    /// One JSON object a line.
    Ndjson,
    /// One JSON array of objects.
    JsonArray,
    /// Comma-separated values with a header.
    Csv,
}

/// Which field of a record is what of an event. A field that is not there is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldMapping {
    /// The id; numbers are given when there is none.
    pub id: Option<String>,
    /// The source.
    pub source: Option<String>,
    /// The type.
    pub event_type: Option<String>,
    /// The stream.
    pub subject: Option<String>,
    /// The time.
    pub time: Option<String>,
    /// The source's own count.
    pub sequence: Option<String>,
    /// The data; the whole record when there is none.
    pub data: Option<String>,
}

/// What somebody has to say before a file that is not CloudEvents is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingQuestion {
    /// The file's name.
    pub name: String,
    /// How its records seem to be written.
    pub format: InputFormat,
    /// The fields that its first records have.
    pub fields: Vec<String>,
    /// A guess to begin with.
    pub guess: FieldMapping,
    /// The first records.
    pub samples: Vec<SampleRecord>,
}

/// One of the first records of a file: a text for each field of [`MappingQuestion::fields`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleRecord {
    /// The texts, in the order of the fields.
    pub values: Vec<String>,
}

/// A record that could not be read as an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRecord {
    /// Its line, from 1.
    pub line: u64,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// Why it was refused.
    pub reason: String,
}
