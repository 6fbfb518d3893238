//! What an observer is told.

use core::fmt;

use everview_core::{Epoch, Position};

use super::Rewound;
use crate::{NodeId, Term};

/// Something a node did or noticed. Nothing depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A peer has been quiet for too long.
    Suspects(NodeId),
    /// A peer that was quiet is heard again.
    HearsAgain(NodeId),
    /// The node got the lease.
    Acquired(Epoch),
    /// A quorum has promised to take nothing from before this epoch.
    Fenced(Epoch),
    /// The node's log is as complete as the most advanced one of the quorum.
    CaughtUp {
        /// Where the log ends.
        head: Position,
        /// How many events it lacked.
        fetched: u64,
    },
    /// The node leads.
    Promoted(Term),
    /// The node leads no more, or will not.
    SteppedDown {
        /// The epoch it had the lease at.
        epoch: Epoch,
        /// Why.
        reason: StepDown,
    },
    /// The node forgot events that are not in the leader's log.
    Rewound(Rewound),
    /// The node refused what a deposed leader or candidate sent.
    Refused {
        /// Who sent it.
        from: NodeId,
        /// At which epoch.
        found: Epoch,
        /// The epoch that fences it.
        expected: Epoch,
    },
    /// The node was given a snapshot at this position that is not of its log, and does not use it.
    SnapshotOfOtherLog(Position),
    /// The node could not take an event that the leader has: its log is not what it says it is.
    Stuck(Position),
}

/// Why a leader or candidate gave up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepDown {
    /// Its lease was about to run out, or somebody else has it.
    LeaseLost,
    /// It heard of this higher epoch.
    Deposed(Epoch),
    /// It does not reach a quorum.
    NoQuorum,
    /// It was told to hand over to this node.
    HandedOver(NodeId),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Suspects(node) => write!(f, "suspects {node}"),
            Self::HearsAgain(node) => write!(f, "hears {node} again"),
            Self::Acquired(epoch) => write!(f, "has the lease at {epoch}"),
            Self::Fenced(epoch) => write!(f, "has a quorum's promise for {epoch}"),
            Self::CaughtUp { head, fetched: 0 } => write!(f, "is complete at {head}"),
            Self::CaughtUp { head, fetched } => {
                write!(f, "is complete at {head}, fetched {fetched}")
            }
            Self::Promoted(term) => write!(f, "leads at {} from {}", term.epoch, term.first),
            Self::SteppedDown { epoch, reason } => write!(f, "steps down from {epoch}: {reason}"),
            Self::Rewound(Rewound { from, to }) => write!(f, "rewinds from {from} to {to}"),
            Self::Refused { from, found, expected } => {
                write!(f, "refuses {from} at {found}: fenced by {expected}")
            }
            Self::SnapshotOfOtherLog(position) => {
                write!(f, "does not use a snapshot at {position}: it is of another log")
            }
            Self::Stuck(position) => write!(f, "cannot take the event at {position}"),
        }
    }
}

impl fmt::Display for StepDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeaseLost => f.write_str("lost the lease"),
            Self::Deposed(epoch) => write!(f, "deposed by {epoch}"),
            Self::NoQuorum => f.write_str("reaches no quorum"),
            Self::HandedOver(node) => write!(f, "hands over to {node}"),
        }
    }
}
