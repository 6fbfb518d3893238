//! What a broken promise looks like.

use alloc::string::String;

use everview_core::{Epoch, Position};

use super::super::Endpoint;
use super::super::service::Service;
use crate::clock::Stamp;
use crate::{ClientId, NodeId, Ticket};

/// A promise was broken. The simulation stops where it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// Two nodes lead at one epoch.
    #[error("expected {first} alone to lead at {epoch}, found {second} too")]
    TwoLeaders {
        /// The epoch.
        epoch: Epoch,
        /// Who led first.
        first: NodeId,
        /// Who leads too.
        second: NodeId,
    },
    /// A number of a region names two changes.
    #[error("expected one change {stamp}, found another on {node}")]
    TwoChanges {
        /// The node.
        node: NodeId,
        /// The change that came second.
        stamp: Stamp,
    },
    /// A region takes in a change before one that it had seen, or one that claims to be earlier.
    #[error("expected {cause} before {effect}, found it missing or later on {node}")]
    EffectBeforeCause {
        /// The node.
        node: NodeId,
        /// What had been seen.
        cause: Stamp,
        /// By what.
        effect: Stamp,
    },
    /// Regions that reach each other do not know the same, or do not show the same.
    #[error("expected {node} to show what {other} does, found another {what}")]
    RegionsDiffer {
        /// The node.
        node: NodeId,
        /// The one that it is compared with.
        other: NodeId,
        /// What differs.
        what: String,
    },
    /// A change that somebody was told of is nowhere.
    #[error("expected {stamp}, which was confirmed, found it missing on {node}")]
    ChangeLost {
        /// The node.
        node: NodeId,
        /// The change.
        stamp: Stamp,
    },
    /// A change neither shows, nor was seen by what replaced it, nor is told of in a conflict.
    #[error("expected {stamp} to show or to be told of as overruled in {row}, found neither")]
    OverruledUntold {
        /// The change.
        stamp: Stamp,
        /// The row.
        row: String,
    },
    /// Two logs have different events of one epoch at one position.
    #[error("expected one event of {epoch} at {position}, found another on {node}")]
    LogsDiffer {
        /// The node.
        node: NodeId,
        /// The epoch.
        epoch: Epoch,
        /// Where.
        position: Position,
    },
    /// A node counts another event as committed than was committed before, or leads without it.
    #[error("expected the committed `{expected}` at {position}, found `{found}` on {node}")]
    CommittedChanged {
        /// The node.
        node: NodeId,
        /// Where.
        position: Position,
        /// The event that was committed.
        expected: String,
        /// The event that is there now; empty when there is none.
        found: String,
    },
    /// A node takes events of an epoch below the one it has promised.
    #[error("expected {node} to take nothing from before {expected}, found it at {found}")]
    PromiseForgotten {
        /// The node.
        node: NodeId,
        /// What it has promised.
        expected: Epoch,
        /// What it is at.
        found: Epoch,
    },
    /// A leader counts an event as committed that fewer nodes have than it promises.
    #[error(
        "expected {expected} nodes to have what {node} counts as committed at {position}, found {found}"
    )]
    HeldByFew {
        /// The leader.
        node: NodeId,
        /// Where.
        position: Position,
        /// How many nodes have to have it.
        expected: usize,
        /// How many do.
        found: usize,
    },
    /// A client was told of an event that is not in the committed log.
    #[error(
        "expected the event at {position}, which {ticket:?} was told of, found it not committed"
    )]
    AcknowledgedLost {
        /// The command.
        ticket: Ticket,
        /// Where its event should be.
        position: Position,
    },
    /// A command was done twice.
    #[error("expected the event `{id}` once, found it at {second} too, or what it does")]
    Doubled {
        /// The event.
        id: String,
        /// Where it was first, if it has the same id.
        first: Position,
        /// Where it is too.
        second: Position,
    },
    /// A payment was decided on another state of its account than the one it follows.
    #[error("expected no account to be overdrawn, found the payment at {position} to do so")]
    Overdrawn {
        /// The payment.
        position: Position,
    },
    /// A follower was given an event out of turn.
    #[error("expected {client} to be given {expected}, found {found}")]
    FollowerGap {
        /// Whose follower.
        client: ClientId,
        /// What comes next.
        expected: Position,
        /// What came.
        found: Position,
    },
    /// A follower goes back to before the snapshot that it started from.
    #[error("expected {client} to go back no further than its snapshot at {base}, found {found}")]
    BeforeSnapshot {
        /// Whose follower.
        client: ClientId,
        /// Where the snapshot is.
        base: Position,
        /// Where it goes back to.
        found: Position,
    },
    /// A follower has an event that is not in the committed log.
    #[error("expected {client} to have the committed event at {position}, found `{found}`")]
    FollowerDiffers {
        /// Whose follower.
        client: ClientId,
        /// Where.
        position: Position,
        /// What the follower has there.
        found: String,
    },
    /// The times or the requests of a client do not add up.
    #[error("expected {client} to account for {passed_us} µs and all it asked, found {service:?}")]
    DoesNotAddUp {
        /// The client.
        client: ClientId,
        /// The time that passed.
        passed_us: i64,
        /// What it accounts for.
        service: Service,
    },
    /// After everything was mended, somebody does not get to the end of the committed log.
    #[error("expected {who} to get to {expected}, found it at {found}")]
    NotConverged {
        /// Who does not.
        who: Endpoint,
        /// The end of the committed log.
        expected: Position,
        /// Where it is.
        found: Position,
    },
    /// After everything was mended, a command is still not decided.
    #[error("expected every command of {client} to be decided, found {waiting} that are not")]
    Undecided {
        /// The client.
        client: ClientId,
        /// How many.
        waiting: usize,
    },
    /// The views of a client are not what the log says.
    #[error("expected the views of {client} to be the fold of the log up to {position}")]
    ViewsDiffer {
        /// The client.
        client: ClientId,
        /// The end of the log.
        position: Position,
    },
}
