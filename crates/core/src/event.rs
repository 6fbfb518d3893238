//! Facts, as they are given to a log and as it gives them back.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use crate::json::quote;
use crate::{ColumnType, Epoch, Position, Timestamp};

/// An event before a log has given it a place.
///
/// `source` and `id` together identify it: a log takes it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Its name, unique within the source.
    pub id: String,
    /// Who says so, such as `/shop`.
    pub source: String,
    /// What happened, such as `OrderPlaced`.
    pub event_type: String,
    /// The stream it belongs to.
    pub subject: String,
    /// When it happened, if that is known.
    pub time: Option<Timestamp>,
    /// What is to be known about it: JSON text.
    pub data: String,
}

impl NewEvent {
    /// The event as one line of CloudEvents 1.0 JSON.
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(160 + self.data.len());
        out.push_str("{\"specversion\":\"1.0\"");
        let attributes = [
            ("id", &self.id),
            ("source", &self.source),
            ("type", &self.event_type),
            ("subject", &self.subject),
        ];
        for (name, value) in attributes {
            // Writing to a String cannot fail, here and below.
            let _ = write!(out, ",\"{name}\":");
            quote(value, &mut out);
        }
        if let Some(time) = self.time {
            let _ = write!(out, ",\"time\":\"{time}\"");
        }
        let _ = write!(out, ",\"data\":{}}}", self.data.trim_ascii());
        out
    }
}

/// An event in its place in a log, which borrows its names from it.
///
/// A log keeps its events packed, so their texts are put together when somebody asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its place in the log.
    pub position: Position,
    /// The leadership term it was accepted in.
    pub epoch: Epoch,
    /// Its number in its stream, from 1.
    pub version: u64,
    /// Its name, unique within the source.
    pub id: Cow<'a, str>,
    /// Who says so.
    pub source: &'a str,
    /// What happened.
    pub event_type: &'a str,
    /// The stream it belongs to.
    pub subject: &'a str,
    /// When it happened, if that is known.
    pub time: Option<Timestamp>,
    /// What is to be known about it: valid JSON text.
    pub data: Cow<'a, str>,
    /// The whole record as it came in: valid JSON text.
    pub raw: Cow<'a, str>,
}

impl Event<'_> {
    /// The event on its own, to be appended to another log.
    pub fn to_new(&self) -> NewEvent {
        NewEvent {
            id: (*self.id).into(),
            source: self.source.into(),
            event_type: self.event_type.into(),
            subject: self.subject.into(),
            time: self.time,
            data: (*self.data).into(),
        }
    }

    /// The event as one line of CloudEvents 1.0 JSON, with its position as `sequence` and with its
    /// `epoch`.
    pub fn to_json(&self) -> String {
        let mut out = self.to_new().to_json();
        out.pop();
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            ",\"sequence\":\"{}\",\"epoch\":{}}}",
            self.position.get(),
            self.epoch.get()
        );
        out
    }
}

/// What expressions can name of an event beside its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventField {
    Id,
    Source,
    Subject,
    Type,
    Time,
    Position,
    Epoch,
    StreamVersion,
}

impl EventField {
    /// All of them by their names.
    pub(crate) const ALL: [(&'static str, Self); 8] = [
        ("id", Self::Id),
        ("source", Self::Source),
        ("subject", Self::Subject),
        ("type", Self::Type),
        ("time", Self::Time),
        ("position", Self::Position),
        ("epoch", Self::Epoch),
        ("stream_version", Self::StreamVersion),
    ];

    pub(crate) fn find(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
        found.map(|(_, field)| *field)
    }

    pub(crate) const fn column_type(self) -> ColumnType {
        match self {
            Self::Id | Self::Source | Self::Subject | Self::Type => ColumnType::Text,
            Self::Time => ColumnType::Time,
            Self::Position | Self::Epoch | Self::StreamVersion => ColumnType::Integer,
        }
    }

    /// What an expression over an event can name.
    pub(crate) fn names() -> Vec<String> {
        Self::ALL.iter().map(|(name, _)| *name).chain(["data.…"]).map(String::from).collect()
    }
}

/// A count as expressions have it: far below 2^63.
pub(crate) fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
