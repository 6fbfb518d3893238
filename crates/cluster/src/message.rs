//! What nodes say to each other, and what clients and nodes say to each other.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use everview_core::command::{Command, DispatchError, Outcome};
use everview_core::{Epoch, Event, NewEvent, Position};

use crate::{Cursor, History, Lineage, NodeId, Role, Snapshot};

/// An event in its place in a log, on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place.
    pub position: Position,
    /// The term it was accepted in.
    pub epoch: Epoch,
    /// The event.
    pub event: Arc<NewEvent>,
}

impl From<Event<'_>> for Entry {
    fn from(event: Event<'_>) -> Self {
        let (position, epoch) = (event.position, event.epoch);
        Self { position, epoch, event: Arc::new(event.to_new()) }
    }
}

/// What a node tells of itself again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// The node.
    pub node: NodeId,
    /// The part it plays.
    pub role: Role,
    /// The highest epoch it knows.
    pub epoch: Epoch,
    /// The lineage of its log.
    pub lineage: Lineage,
    /// The last event that it would send now.
    pub head: Position,
}

/// What a node says to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerMessage {
    /// It is alive.
    Heartbeat(Heartbeat),
    /// The lease is mine at this epoch: take nothing from an earlier one, and tell me what you have.
    Fence {
        /// The candidate's epoch.
        epoch: Epoch,
    },
    /// Nothing from an earlier epoch is taken any more; this is what I have.
    Fenced {
        /// The candidate's epoch.
        epoch: Epoch,
        /// The history of the log.
        history: History,
        /// The last event of the log.
        head: Position,
    },
    /// A candidate asks for what it lacks.
    Fetch {
        /// The candidate's epoch.
        epoch: Epoch,
        /// The last event that both have.
        after: Position,
    },
    /// What a candidate lacks.
    Fetched {
        /// The candidate's epoch.
        epoch: Epoch,
        /// The event before the first entry.
        after: Position,
        /// Events, in order.
        entries: Vec<Entry>,
    },
    /// The leader's log, from `after` on.
    Replicate {
        /// The leader's epoch.
        epoch: Epoch,
        /// The history of the leader's log.
        history: History,
        /// The event before the first entry.
        after: Position,
        /// Events, in order.
        entries: Vec<Entry>,
        /// A quorum has the events up to here.
        committed: Position,
    },
    /// My log is a beginning of yours.
    Replicated {
        /// The leader's epoch.
        epoch: Epoch,
        /// Where it ends.
        head: Position,
    },
    /// My log is a beginning of yours, and ends before what you sent.
    Missing {
        /// The leader's epoch.
        epoch: Epoch,
        /// Where it ends.
        head: Position,
    },
    /// You are fenced.
    Refused {
        /// The epoch that fences you.
        epoch: Epoch,
    },
    /// I led at this epoch and have let go of the lease: it is for you to lead.
    TakeOver {
        /// The epoch.
        epoch: Epoch,
    },
}

/// A client, as nodes tell them apart. Shown as `client`, `client-1`, …
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u64);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.pad("client"),
            number => write!(f, "client-{number}"),
        }
    }
}

/// A dispatched command, as its client tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// One attempt of a follower to follow; what belongs to an earlier attempt is ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session(pub u64);

/// What a client asks of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Send me the events after the cursor.
    Resume {
        /// The attempt.
        session: Session,
        /// Where the client is.
        after: Cursor,
        /// A node that the client has found silent: it is not sent there again, unless that node
        /// has been heard since.
        silent: Option<NodeId>,
        /// Whether the client needs every event, and has no use for a snapshot.
        needs_all: bool,
    },
    /// Decide this command.
    Dispatch {
        /// To tell the reply by.
        ticket: Ticket,
        /// The command.
        command: Command,
    },
    /// Append these events to one stream, which were decided on a copy of your log.
    Append {
        /// To tell the reply by.
        ticket: Ticket,
        /// The epoch of the leader whose log the copy is a beginning of.
        epoch: Epoch,
        /// The stream.
        stream: String,
        /// How many events the stream had.
        expected_version: u64,
        /// The events; with none, only that it still has so many is asked for.
        events: Vec<NewEvent>,
    },
}

/// What a node tells a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// The answer to [`Request::Resume`].
    Answer {
        /// The attempt.
        session: Session,
        /// The answer.
        answer: Answer,
    },
    /// Events, in order.
    Events {
        /// The attempt.
        session: Session,
        /// The leader's epoch.
        epoch: Epoch,
        /// The events.
        entries: Vec<Entry>,
    },
    /// The node is alive.
    Heartbeat {
        /// The attempt.
        session: Session,
        /// What it tells of itself.
        heartbeat: Heartbeat,
    },
    /// The reply to [`Request::Dispatch`] or [`Request::Append`].
    Reply {
        /// The command's ticket.
        ticket: Ticket,
        /// What came of it.
        reply: Reply,
    },
}

/// How a node answers a client that wants to follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Go on from your cursor.
    Continue {
        /// The node's epoch.
        epoch: Epoch,
        /// The history of the node's log.
        history: History,
        /// The id of the node's event at the cursor, so that the client can check it.
        event_id: Option<String>,
    },
    /// What you have after this position is not in the log; forget it and go on from there.
    RewindTo {
        /// The node's epoch.
        epoch: Epoch,
        /// The history of the node's log.
        history: History,
        /// The last position that both have.
        position: Position,
    },
    /// Events that you lack are not sent any more: take these views, and ask again from there. Nothing
    /// else is sent before you do.
    StartFrom {
        /// The node's epoch.
        epoch: Epoch,
        /// The history of the node's log.
        history: History,
        /// The last position that both have, and that you can go back to.
        shared: Position,
        /// The views, at a later position of the node's log.
        snapshot: Box<Snapshot>,
    },
    /// This node does not lead, that one does.
    GoTo(NodeId),
    /// This node does not lead, and cannot hear of who does. One that can does not answer before it
    /// has, and sends heartbeats until then.
    Unavailable,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It was decided, and a quorum has what it was decided on and what came of it.
    Decided(Result<Outcome, DispatchError>),
    /// It was decided, but the node stopped leading before a quorum had it: send it again, with the
    /// same idempotency key.
    Unknown,
    /// Nothing was done: this node does not lead. The one that does, if it is known.
    NotLeader(Option<NodeId>),
    /// Nothing was done: no server takes it now. Send it again later.
    Busy,
}
