//! Commands as JavaScript sends them, and what becomes of them.

use everview_core as core;
use everview_core::{DispatchError, Position};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::ArgumentError;
use super::argument::read;

/// A request that something be done to one stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// What is asked, such as `PayOrder`.
    pub r#type: String,
    /// The stream that it is about.
    pub stream: String,
    /// What is to be known about it: JSON text.
    pub data: String,
    /// Its idempotency key, of 1 to 255 bytes: a name for this request, the same when it is sent
    /// again. The events of the command are named after it, here and on the server.
    pub key: String,
    /// The version the stream must have, if nobody may have been faster.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub expected_version: Option<u64>,
}

/// What became of a command, or would become of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum Outcome {
    /// It is done.
    Accepted {
        /// The positions of its events; none if there was nothing to do.
        positions: Vec<u64>,
        /// The version of the stream after them.
        version: u64,
    },
    /// The rules do not allow it.
    Rejected {
        /// Why.
        reason: String,
    },
    /// There is no decision.
    Undecided {
        /// Why.
        error: String,
    },
}

/// A command that is shown ahead of the server, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// The command, to be sent with the same key as often as need be.
    pub command: Command,
    /// When it was dispatched, in RFC 3339, which is when its events happen.
    pub time: String,
    /// What becomes of it as the log is now.
    pub outcome: Outcome,
}

impl Command {
    /// Reads a command.
    ///
    /// ```
    /// use everview_protocol::javascript::Command;
    ///
    /// let json = r#"{"type": "Pay", "stream": "order-1", "data": "{}", "key": "k-1"}"#;
    /// assert_eq!(Command::from_json(json)?.idempotency_key.as_deref(), Some("k-1"));
    /// # Ok::<(), everview_protocol::javascript::ArgumentError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] if it has another shape.
    pub fn from_json(json: &str) -> Result<core::Command, ArgumentError> {
        read(json, |node| {
            let fields = node.fields(&["type", "stream", "data", "key", "expectedVersion"])?;
            let need = |field| fields.need(field)?.text();
            Ok(core::Command {
                command_type: need("type")?,
                stream: need("stream")?,
                data: need("data")?,
                idempotency_key: Some(need("key")?),
                expected_version: fields
                    .get("expectedVersion")
                    .map(|version| version.count("u64"))
                    .transpose()?,
            })
        })
    }
}

impl From<core::Outcome> for Outcome {
    fn from(outcome: core::Outcome) -> Self {
        match outcome {
            core::Outcome::Accepted { positions, version } => Self::Accepted {
                positions: positions.into_iter().map(Position::get).collect(),
                version,
            },
            core::Outcome::Rejected(reason) => Self::Rejected { reason },
        }
    }
}

impl From<&core::command::Pending> for Pending {
    fn from(pending: &core::command::Pending) -> Self {
        let core::Command { command_type, stream, data, idempotency_key, expected_version } =
            pending.command.clone();
        let undecided = |error: DispatchError| Outcome::Undecided { error: error.to_string() };
        Self {
            command: Command {
                r#type: command_type,
                stream,
                data,
                key: idempotency_key.unwrap_or_default(),
                expected_version,
            },
            time: pending.now.to_string(),
            outcome: pending.prediction.clone().map_or_else(undecided, Outcome::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn a_command_of_another_shape_is_refused() {
        let refused = |json| Command::from_json(json).unwrap_err().to_string();
        assert_eq!(refused(r#"{"type": "Pay"}"#), "missing field `stream`");
        assert_eq!(
            refused(r#"{"type": "Pay", "stream": "s", "data": {}, "key": "k"}"#),
            "invalid type: a table, expected a string"
        );
    }
}
