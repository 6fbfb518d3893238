//! Views that are built beside those that answer.

use everview_core as core;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// How far views that are being built have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Events that are folded.
    pub done: u64,
    /// Events to fold. With all of them done, the new views are those that answer.
    pub total: u64,
}

/// An event that a view set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Quarantined {
    /// The event's position.
    pub position: u64,
    /// The view.
    pub view: String,
    /// Why.
    pub error: String,
    /// The position of the refused event of the same key that it waits behind; without one, the
    /// view refused the event itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub behind: Option<u64>,
}

/// What other definitions would make of the events that are set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Rehearsal {
    /// Events set aside now that the views would take in, as far as they are kept.
    pub mended: Vec<Quarantined>,
    /// Events that the views would set aside, as far as they would be kept.
    pub refused: Vec<Quarantined>,
    /// How many those are altogether.
    pub refused_count: u64,
}

impl From<core::Progress> for Progress {
    fn from(core::Progress { done, total }: core::Progress) -> Self {
        Self { done, total }
    }
}

impl From<&core::Quarantined> for Quarantined {
    fn from(refused: &core::Quarantined) -> Self {
        Self {
            position: refused.position.get(),
            view: refused.view.clone(),
            error: refused.error.to_string(),
            behind: refused.behind().map(core::Position::get),
        }
    }
}

impl From<core::Rehearsal> for Rehearsal {
    fn from(rehearsal: core::Rehearsal) -> Self {
        let all = |events: &[core::Quarantined]| events.iter().map(Into::into).collect();
        Self {
            mended: all(&rehearsal.mended),
            refused: all(&rehearsal.refused),
            refused_count: rehearsal.refused_count,
        }
    }
}
