//! Other futures, as JavaScript asks for them.

use everview_core as core;
use everview_core::Position;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::ArgumentError;
use super::argument::read;
use crate::definitions::tree::{Node, Wrong};

/// What is otherwise at one place of a log, by the positions that its events have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct Edit {
    /// The position of the last event before the place.
    pub after: u64,
    /// How many of the events behind it are left out; none, if that is not said.
    #[tsify(optional)]
    pub dropped: u64,
    /// What comes there. It may have the source and id of an event that is left out.
    #[tsify(optional)]
    pub events: Vec<NewEvent>,
}

/// An event without a place, or a recorded one that gets another place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct NewEvent {
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

/// What became of events that were to be inserted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Inserted {
    /// How many of them are in the log now.
    pub accepted: u64,
    /// How many were in the log already, or twice among them, and were dropped.
    pub duplicates: u64,
}

impl Edit {
    /// Reads an edit of a fork.
    ///
    /// ```
    /// use everview_core::Position;
    /// use everview_protocol::javascript::Edit;
    ///
    /// let edit = Edit::from_json(r#"{"after": 16, "dropped": 1}"#)?;
    /// assert_eq!(edit, everview_core::Edit::drop(Position::new(17)));
    /// # Ok::<(), everview_protocol::javascript::ArgumentError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] if it has another shape.
    pub fn from_json(json: &str) -> Result<core::Edit, ArgumentError> {
        read(json, edit)
    }
}

fn edit(node: &Node<'_>) -> Result<core::Edit, Wrong> {
    let fields = node.fields(&["after", "dropped", "events"])?;
    let events = fields.get("events").map_or(Ok(&[][..]), Node::list)?;
    Ok(core::Edit {
        after: Position::new(fields.need("after")?.count("u64")?),
        dropped: fields.get("dropped").map_or(Ok(0), |dropped| dropped.count("u64"))?,
        events: events.iter().map(event).collect::<Result<_, _>>()?,
    })
}

fn event(node: &Node<'_>) -> Result<core::NewEvent, Wrong> {
    // The place that a recorded event has is of no account.
    let known = ["id", "source", "type", "subject", "time", "data", "position", "epoch", "version"];
    let fields = node.fields(&known)?;
    let need = |field| fields.need(field)?.text();
    let time = match fields.get("time") {
        None => None,
        Some(time) => {
            let moment = time.text()?.parse().map_err(|_| time.unlike("a time in RFC 3339"))?;
            Some(moment)
        }
    };
    Ok(core::NewEvent {
        id: need("id")?,
        source: need("source")?,
        event_type: need("type")?,
        subject: need("subject")?,
        time,
        data: need("data")?,
    })
}

impl From<core::Inserted> for Inserted {
    fn from(inserted: core::Inserted) -> Self {
        Self { accepted: inserted.accepted, duplicates: inserted.duplicates }
    }
}

#[cfg(test)]
mod tests {
    use super::Edit;

    #[test]
    fn an_edit_takes_a_recorded_event_as_it_is_told() {
        let json = r#"{"after": 2, "dropped": 1, "events": [{"position": 3, "epoch": 1,
            "version": 2, "id": "3", "source": "/s", "type": "T", "subject": "a",
            "time": "2026-01-02T03:04:05Z", "data": "{}"}]}"#;
        let edit = Edit::from_json(json).unwrap();
        assert_eq!((edit.dropped, &*edit.events[0].id), (1, "3"));
        assert!(edit.events[0].time.is_some());
    }

    #[test]
    fn an_edit_of_another_shape_is_refused() {
        let refused = |json| Edit::from_json(json).unwrap_err().to_string();
        assert_eq!(refused(r#"{"dropped": 1}"#), "missing field `after`");
        assert_eq!(refused(r#"{"after": -1}"#), "invalid value: integer `-1`, expected u64");
        assert_eq!(refused(r#"{"after": 1, "events": [{}]}"#), "missing field `id`");
        assert_eq!(
            refused(
                r#"{"after": 1, "events": [{"id": "", "source": "", "type": "", "subject": "",
                "data": "", "time": "then"}]}"#
            ),
            "invalid type: string \"then\", expected a time in RFC 3339"
        );
    }
}
