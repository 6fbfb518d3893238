//! Sessions that are handed on.

use serde::{Deserialize, Serialize};

/// What somebody looks at, to be put into a capsule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedPlace {
    /// The playhead; none follows the head.
    pub position: Option<u64>,
    /// The positions that are compared.
    pub marks: [Option<u64>; 2],
    /// Positions to come back to, with their names.
    pub bookmarks: Vec<(u64, String)>,
    /// Conditions over views, each after its view's name.
    pub breakpoints: Vec<(String, String)>,
}

/// A capsule of what is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedCapsule {
    /// What its file is called.
    pub name: String,
    /// The capsule.
    pub bytes: Vec<u8>,
    /// Whether the events are in it.
    pub has_events: bool,
}

/// What came of a capsule that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedCapsule {
    /// What its stream is called.
    pub name: String,
    /// What somebody looked at.
    pub place: SharedPlace,
    /// Whether the views are what they were.
    pub verdict: Verdict,
}

/// Whether views are what they were when a capsule was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// At every position that was compared.
    Reproduced {
        /// Their digest at the head.
        digest: String,
        /// At how many positions they were compared.
        positions: u64,
    },
    /// They are not.
    Diverged {
        /// The last compared position at which they were.
        after: u64,
        /// The first one at which they are not.
        at: u64,
        /// How they differ there, in a sentence.
        reason: String,
    },
}
