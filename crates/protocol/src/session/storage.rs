//! What the browser keeps.

use serde::{Deserialize, Serialize};

/// Whether what is open will be there again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keeping {
    /// It is nothing that is kept: the simulated cluster begins anew from its seed, and what is at
    /// an address is fetched anew.
    #[default]
    Never,
    /// It is being written.
    Writing,
    /// Its events and definitions are kept as they are.
    Kept,
    /// Somebody deleted it.
    Deleted,
    /// It could not be written.
    Failed {
        /// Why, in a sentence.
        reason: String,
    },
}

/// A session that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSession {
    /// Its name.
    pub name: String,
    /// How many events it has.
    pub events: u64,
    /// How many bytes it takes.
    pub bytes: u64,
    /// When it was opened or changed last, in milliseconds since 1970.
    pub used_ms: i64,
}

/// The sessions that are kept, and how many may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSessions {
    /// The one used last first.
    pub sessions: Vec<KeptSession>,
    /// The most that are kept.
    pub most: u32,
    /// The most bytes that they take together.
    pub most_bytes: u64,
}

/// What the engine takes of the computer's memory, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryState {
    /// The events.
    pub log: u64,
    /// What repeated events are recognised by.
    pub duplicates: u64,
    /// The rows of all views.
    pub rows: u64,
    /// What events did to the rows, for going back.
    pub history: u64,
    /// The texts and large numbers of the rows.
    pub dictionary: u64,
    /// Rows as they were at checkpoints.
    pub checkpoints: u64,
    /// How many checkpoints there are.
    pub checkpoint_count: u64,
    /// What it shall not take more of, if it can.
    pub budget: u64,
    /// Whether anything was given up or spilled for that.
    pub is_thinned: bool,
    /// What lies in a file of the browser's instead; nothing where there is no such file.
    pub spilled: Option<u64>,
    /// Whether that file took no more.
    pub is_disk_full: bool,
    /// What the whole worker has taken from the browser; it never gives any back. Nothing where that
    /// cannot be told.
    pub taken: Option<u64>,
}

impl MemoryState {
    /// All that counts against the budget.
    pub const fn total(&self) -> u64 {
        self.log + self.duplicates + self.rows + self.history + self.dictionary + self.checkpoints
    }
}
