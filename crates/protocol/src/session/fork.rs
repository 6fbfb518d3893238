//! Other futures of what is open.

use serde::{Deserialize, Serialize};

/// What shall be otherwise in another future.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhatIf {
    /// An event did not happen.
    Without {
        /// Where it is.
        position: u64,
    },
    /// An event said something else.
    Changed {
        /// Where it is.
        position: u64,
        /// Its data, as JSON text.
        data: String,
    },
    /// One more event happened.
    Added {
        /// The position after which it comes.
        after: u64,
        /// Its type.
        event_type: String,
        /// Its stream.
        stream: String,
        /// Its data, as JSON text.
        data: String,
    },
    /// A command of the order domain was sent; what it decides on happened.
    Commanded {
        /// The position after which it is decided.
        after: u64,
        /// Its type.
        command_type: String,
        /// The stream that it is about.
        stream: String,
        /// Its data, as JSON text.
        data: String,
    },
}

/// Another future.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkState {
    /// Its number, which no other one gets.
    pub number: u64,
    /// What is otherwise, in words.
    pub name: String,
    /// The fork that it is one of; none for one of the log itself.
    pub parent: Option<u64>,
    /// The last position that it has in common with that.
    pub parting: u64,
    /// Its last position.
    pub head: u64,
}
