//! The list of events.

use serde::{Deserialize, Serialize};

/// Which events the list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Only these types; none means every type.
    pub types: Vec<String>,
    /// Only this stream.
    pub stream: Option<String>,
    /// Only events that contain this text, in whatever case, in their id, type, stream or data. What in
    /// it looks like `pos:100..200` is no such text: only events from the one to the other position.
    pub text: String,
}

impl Filter {
    /// Whether it lets every event through.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty() && self.stream.is_none() && self.text.is_empty()
    }
}

/// How far the search for the list has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchState {
    /// Rows in the list so far.
    pub found: u64,
    /// The last position that was looked at.
    pub scanned: u64,
    /// The last position there is.
    pub head: u64,
    /// Whether somebody stopped it.
    pub is_stopped: bool,
    /// Whether there is a filter at all: without one every event is in the list.
    pub is_filtered: bool,
}

/// Some rows of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPage {
    /// The place of the first one in the list, from 0.
    pub first: u64,
    /// The rows.
    pub rows: Vec<EventRow>,
}

/// Events as lines of CloudEvents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// A line for each event.
    pub text: String,
    /// How many they are.
    pub events: u64,
    /// The event to go on from; none when these are all.
    pub next: Option<u64>,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// The event's position.
    pub position: u64,
    /// Its time, in milliseconds since 1970.
    pub time_ms: Option<i64>,
    /// Milliseconds since the event one position before.
    pub gap_ms: Option<i64>,
    /// Its type.
    pub event_type: String,
    /// Its stream.
    pub stream: String,
    /// The bytes of its data.
    pub size: u64,
}

/// One event with its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDetail {
    /// The row of the list that it has.
    pub row: EventRow,
    /// Its id.
    pub id: String,
    /// What produced it.
    pub source: String,
    /// Its place in its stream, from 1.
    pub version: u64,
    /// The epoch it was accepted in.
    pub epoch: u64,
    /// Its time, in RFC 3339.
    pub time: Option<String>,
    /// Its data, as JSON text.
    pub data: String,
    /// All of it, as one line of CloudEvents JSON.
    pub json: String,
}
