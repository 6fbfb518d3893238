//! What happened, a line at a time.

use alloc::string::String;
use core::fmt;

use everview_core::command::Outcome;
use everview_core::{Epoch, Position, Timestamp};

use super::{Decided, Endpoint, Fault, Simulation};
use crate::balance::{Refusal, Standing};
use crate::clock::Stamp;
use crate::{ClientId, NodeId, Note, ServerId, ServerNote, SnapshotRefused, Ticket};

/// How many lines are kept until somebody takes them.
const KEPT: usize = 10_000;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceLine {
    /// When.
    pub at: Timestamp,
    /// To whom; none for a fault of several.
    pub who: Option<Endpoint>,
    /// What.
    pub event: TraceEvent,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceEvent {
    /// A fault was injected or mended.
    Fault(Fault),
    /// A fault ended by itself.
    Ended(Fault),
    /// A crash took so many events that had not been synced, the last of them in parts.
    Unsynced {
        /// How many.
        count: u64,
        /// Whether a part of one was there, and was cut off.
        is_torn: bool,
    },
    /// A promotion lost events that clients had been told of, as asynchronous replication may.
    Lost(u64),
    /// A node did or noticed something.
    Note(Note),
    /// A server noticed something.
    Server(ServerNote),
    /// The balancer finds a server to be so now.
    Standing(ServerId, Standing),
    /// The balancer sends a command of a client nowhere.
    Shed(ClientId, Ticket, Refusal),
    /// The client asks a node for the events after a position.
    Connects {
        /// The node.
        node: NodeId,
        /// The last event the client has.
        after: Position,
    },
    /// The client follows a new leader.
    Follows {
        /// The leader.
        node: NodeId,
        /// Its epoch.
        epoch: Epoch,
    },
    /// The client forgets the events after a position.
    Rewinds(Position),
    /// The client starts from a snapshot at this position.
    Starts(Position),
    /// The client does not use a snapshot.
    Refuses(SnapshotRefused),
    /// A region made a change to a row.
    Made {
        /// Which change it is.
        stamp: Stamp,
        /// The row.
        row: String,
    },
    /// A region learned of a change, and so many that it had folded follow it.
    Merged {
        /// Which change it is.
        stamp: Stamp,
        /// How many.
        following: usize,
    },
    /// The client knows what came of a command.
    Decided(Ticket, Decided),
}

impl fmt::Display for TraceEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => write!(f, "{fault}"),
            Self::Ended(fault) => write!(f, "over: {fault}"),
            Self::Unsynced { count, is_torn: false } => write!(f, "events not synced: {count}"),
            Self::Unsynced { count, is_torn: true } => {
                write!(f, "events not synced: {count}, one was torn and is cut off")
            }
            Self::Lost(1) => f.write_str("lacks 1 acknowledged event"),
            Self::Lost(count) => write!(f, "lacks {count} acknowledged events"),
            Self::Note(note) => write!(f, "{note}"),
            Self::Server(note) => write!(f, "{note}"),
            Self::Standing(server, standing) => write!(f, "{server} is {}", standing.name()),
            Self::Shed(client, Ticket(number), refusal) => {
                write!(f, "refuses command {number} of {client}: {refusal}")
            }
            Self::Connects { node, after } => write!(f, "asks {node} for what is after {after}"),
            Self::Follows { node, epoch } => write!(f, "follows {node} at {epoch}"),
            Self::Rewinds(position) => write!(f, "rewinds to {position}"),
            Self::Starts(position) => write!(f, "starts from a snapshot at {position}"),
            Self::Refuses(refused) => write!(f, "refuses a snapshot: {refused}"),
            Self::Made { stamp, row } => {
                write!(f, "makes {} of {}, to {row}", stamp.number, stamp.region)
            }
            Self::Merged { stamp, following: 0 } => {
                write!(f, "learns of {} of {}", stamp.number, stamp.region)
            }
            Self::Merged { stamp, following } => {
                write!(f, "learns of {} of {}, {following} after it", stamp.number, stamp.region)
            }
            Self::Decided(Ticket(number), decided) => {
                write!(f, "command {number} ")?;
                match decided {
                    Ok(Outcome::Accepted { positions, .. }) => {
                        f.write_str("accepted")?;
                        positions.iter().try_for_each(|position| write!(f, " {position}"))
                    }
                    Ok(Outcome::Rejected(reason)) => write!(f, "rejected: {reason}"),
                    Err(error) => write!(f, "not decided: {error}"),
                }
            }
        }
    }
}

impl fmt::Display for TraceLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.who {
            Some(end) => write!(f, "{end:7} ")?,
            None => f.write_str("-       ")?,
        }
        write!(f, "{}", self.event)
    }
}

impl Simulation {
    /// What happened since the last call; of a long time without one, the latest 10,000 lines.
    pub fn drain_trace(&mut self) -> impl Iterator<Item = TraceLine> {
        self.trace.drain(..)
    }

    pub(super) fn trace(&mut self, who: impl Into<Option<Endpoint>>, event: TraceEvent) {
        if self.trace.len() == KEPT {
            self.trace.pop_front();
        }
        self.trace.push_back(TraceLine { at: self.now, who: who.into(), event });
    }
}
