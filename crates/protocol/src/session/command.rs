//! What became of commands.

use serde::{Deserialize, Serialize};

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandOutcome {
    /// The node that answered.
    pub node: Option<String>,
    /// What it answered.
    pub result: CommandResult,
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommandResult {
    /// Its events are in the log.
    Accepted {
        /// The position of the first one.
        first: u64,
        /// The position of the last one.
        last: u64,
    },
    /// The key was used before: this is what became of it then.
    Repeated {
        /// The position of the first event.
        first: u64,
        /// The position of the last event.
        last: u64,
    },
    /// A rule of the domain refused it.
    Rejected {
        /// Which one.
        reason: String,
    },
    /// Nobody could decide it: there is no leader at this moment.
    Unavailable {
        /// Why.
        reason: String,
    },
}
