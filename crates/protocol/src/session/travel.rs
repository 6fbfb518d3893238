//! Looking for positions, and playing from one to the next.

use serde::{Deserialize, Serialize};

/// A stretch of a search through positions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindQuery {
    /// The view's name.
    pub view: String,
    /// What is looked for.
    pub goal: Goal,
    /// Where the search goes on from.
    pub from: u64,
    /// Where it ends: before `from`, it goes back.
    pub to: u64,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Goal {
    /// A position at which the view has a row for which this condition holds.
    Holds {
        /// An SQL expression over the view's columns.
        condition: String,
    },
    /// An event that changes the view or, with a key, that row of it. The one at the position that
    /// the search goes on from does not count.
    Changes {
        /// The row's key, as in [`ViewPage::keys`](super::ViewPage::keys).
        key: Option<String>,
    },
}

/// What a stretch of a search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The position, if it was on the way.
    pub position: Option<u64>,
    /// Where to go on from; nothing when it is found or all is looked at.
    pub next: Option<u64>,
}

/// A stretch in which a breakpoint is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnsetQuery {
    /// The view's name.
    pub view: String,
    /// An SQL expression over the view's columns.
    pub condition: String,
    /// The position before the first event that is looked at.
    pub after: u64,
}

/// Where in a stretch a condition came to hold, or events were set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onsets {
    /// The positions, in order.
    pub positions: Vec<u64>,
    /// The last one that was looked at.
    pub reached: u64,
}

/// When an event happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    /// The event's position.
    pub position: u64,
    /// Its time, in milliseconds since 1970.
    pub time_ms: i64,
}

/// How the time that passes becomes events that are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pace {
    /// So many events a second, whenever they happened.
    Count(u32),
    /// As they happened, at so many percent of the speed, with idle time shortened.
    Time(u32),
    /// As they happened, at so many percent of the speed.
    RealTime(u32),
}
