//! A server beside the nodes: it decides commands on a copy of the log, and several may.
//!
//! It has no disk. It follows the log as any client does, decides a command on its copy, and asks the
//! leader to append what came of it if the stream is still as the copy has it: a leader refuses what
//! was decided on another version, or in another term. Then the server catches up and decides again. So
//! of two servers that decide about one stream at once, one is first and the other decides anew.
//!
//! Whatever comes of a command is asked of the leader, a rejection too: that may rest on a copy that
//! is behind. And since the ids of a command's events follow from its idempotency key, a command that
//! another server took before is found in the log and answered as there. A rejection leaves nothing in
//! the log to be found; a server therefore gives a command up before its sender turns to another.
//!
//! ```text
//!             decides on its copy            the stream is as expected
//!  waiting ────────────────────────► asked ────────────────────────────► answered
//!     ▲                                │
//!     └── another version or term ─────┘
//! ```
//!
//! It sends nothing and reads no clock: [`Server::step`] is told the time and a [`ServerInput`].

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use everview_core::command::{Command, CommandBus, DispatchError, Outcome, Past};
use everview_core::{AppendError, Epoch, Log, Rng, Timestamp};

use crate::{
    Follower, FollowerConfig, FollowerInput, FollowerOutput, NodeId, Reply, Request, Response,
    Ticket, Weakness,
};

/// What a server is told when it is made.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// The nodes that keep the log, and how it is followed.
    pub follower: FollowerConfig,
    /// How long it tries to get a command decided, in milliseconds, before it gives it up. Less than
    /// its sender waits before the command is sent to another server.
    pub patience_ms: i64,
}

/// What happens to a server.
#[derive(Debug, Clone)]
pub enum ServerInput {
    /// Time has passed.
    Tick,
    /// A command is to be decided.
    Dispatch {
        /// To tell the reply by. No two commands have the same.
        ticket: Ticket,
        /// The command.
        command: Command,
    },
    /// A node answered.
    Response(Response),
}

/// What a server wants done.
#[derive(Debug, Clone)]
pub enum ServerOutput {
    /// Ask a node.
    Send {
        /// Which one.
        to: NodeId,
        /// What.
        request: Request,
    },
    /// Tell who sent a command what came of it.
    Reply {
        /// The command's ticket.
        ticket: Ticket,
        /// What came of it.
        reply: Reply,
    },
    /// The copy changed: [`FollowerOutput::Apply`], [`FollowerOutput::Rewind`] and
    /// [`FollowerOutput::Forget`] only. For views.
    Changed(FollowerOutput),
    /// Something that an observer may want to know.
    Note(ServerNote),
    /// Step again at this time, if nothing happens before. Every step ends with one.
    WaitUntil(Timestamp),
}

/// Something that a server noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerNote {
    /// Another was faster: the command is decided again.
    Conflict {
        /// The stream.
        stream: String,
        /// How many events it had in the copy.
        expected: u64,
        /// How many it has.
        found: u64,
    },
    /// The leader has changed since: the command is decided again.
    OtherTerm,
    /// The command's events are in the log: it was taken before, here or elsewhere.
    Known(Ticket),
    /// The command was given up.
    GivenUp(Ticket),
}

/// Decides commands for a log that nodes keep.
#[derive(Debug)]
pub struct Server {
    follower: Follower,
    patience_ms: i64,
    weakness: Option<Weakness>,
    log: Log,
    bus: CommandBus,
    /// The commands that are not decided yet, by the tickets of those who sent them.
    open: BTreeMap<Ticket, Open>,
    /// The latest ticket with which the leader was asked.
    asked: u64,
}

#[derive(Debug)]
struct Open {
    command: Command,
    /// When it is given up.
    until: Timestamp,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// It is decided once the stream has so many events, or at that time.
    Waiting { version: u64, until: Timestamp },
    /// The leader was asked; when nothing comes of it, it is decided again then.
    Asked { ticket: Ticket, leader: (NodeId, Epoch), decided: Decided, until: Timestamp },
}

/// What was decided on the copy.
#[derive(Debug)]
enum Decided {
    /// Something happens: where, the leader says.
    Events,
    /// Nothing does, or it did before.
    Nothing(Result<Outcome, DispatchError>),
}

impl Server {
    /// A server that starts at `now` with nothing, and decides with `bus`.
    ///
    /// # Panics
    ///
    /// If there are no nodes to follow.
    pub fn new(config: ServerConfig, bus: CommandBus, now: Timestamp) -> Self {
        let seed = config.follower.seed;
        // A command is decided on all events of its stream.
        let follower = FollowerConfig { needs_all: true, ..config.follower };
        Self {
            patience_ms: config.patience_ms,
            weakness: follower.weakness,
            follower: Follower::new(follower, now),
            log: Log::new(),
            bus,
            open: BTreeMap::new(),
            // Answers to whoever ran here before are not taken for answers to this one.
            asked: Rng::new(seed).next_u64() >> 1,
        }
    }

    /// Its copy of the log.
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// What follows the log for it.
    pub const fn follower(&self) -> &Follower {
        &self.follower
    }

    /// How many commands it has that are not decided yet.
    pub fn waiting(&self) -> usize {
        self.open.len()
    }

    /// Takes one input at `now` and adds to `out` what is to be done.
    pub fn step(&mut self, now: Timestamp, input: ServerInput, out: &mut Vec<ServerOutput>) {
        self.give_up(now, out);
        match input {
            ServerInput::Tick => {}
            ServerInput::Dispatch { ticket, command } => {
                let until = now.plus_millis(self.patience_ms);
                let stage = Stage::Waiting { version: 0, until: now };
                self.open.insert(ticket, Open { command, until, stage });
            }
            ServerInput::Response(response) => self.hear(now, response, out),
        }
        let mut outputs = Vec::new();
        self.follower.step(now, FollowerInput::Tick, &mut outputs);
        self.follow(outputs, out);
        self.decide_due(now, out);
        let has_leader = self.follower.node().is_some();
        let due = |open: &Open| if has_leader { open.until.min(open.due()) } else { open.until };
        out.extend(self.open.values().map(due).min().map(ServerOutput::WaitUntil));
    }

    fn give_up(&mut self, now: Timestamp, out: &mut Vec<ServerOutput>) {
        for (ticket, _) in self.open.extract_if(.., |_, open| open.until <= now) {
            out.push(ServerOutput::Note(ServerNote::GivenUp(ticket)));
            out.push(ServerOutput::Reply { ticket, reply: Reply::Unknown });
        }
    }

    fn hear(&mut self, now: Timestamp, response: Response, out: &mut Vec<ServerOutput>) {
        let mut outputs = Vec::new();
        let reply = self.follower.hear(now, response, &mut outputs);
        self.follow(outputs, out);
        if let Some((ticket, reply)) = reply {
            self.hear_reply(now, ticket, reply, out);
        }
    }

    /// Does to the copy what the follower says, and passes the rest on.
    fn follow(&mut self, outputs: Vec<FollowerOutput>, out: &mut Vec<ServerOutput>) {
        for output in outputs {
            match &output {
                FollowerOutput::Connect { node, session, after, silent, needs_all } => {
                    let (to, after) = (*node, after.clone());
                    let (session, silent, needs_all) = (*session, *silent, *needs_all);
                    let request = Request::Resume { session, after, silent, needs_all };
                    out.push(ServerOutput::Send { to, request });
                    continue;
                }
                FollowerOutput::WaitUntil(at) => {
                    out.push(ServerOutput::WaitUntil(*at));
                    continue;
                }
                // One that the log does not take leaves the copy behind, and what is decided on it
                // is refused.
                FollowerOutput::Apply(entry) => drop(self.log.append(entry.epoch, &entry.event)),
                FollowerOutput::Rewind(to) => self.log.truncate(*to),
                FollowerOutput::Forget => self.log = Log::new(),
                // It asks for every event, so nobody's snapshot is used.
                FollowerOutput::Restore(_) | FollowerOutput::Refuse { .. } => continue,
            }
            out.push(ServerOutput::Changed(output));
        }
    }

    /// Decides every command whose time has come, if there is a leader to ask.
    fn decide_due(&mut self, now: Timestamp, out: &mut Vec<ServerOutput>) {
        let Some(node) = self.follower.node() else { return };
        let leader = (node, self.follower.epoch());
        let Self { log, bus, open, asked, .. } = self;
        for (&ticket, open) in open {
            if !open.is_due(now, log, leader) {
                continue;
            }
            let head = log.head();
            let forgetful = self.weakness == Some(Weakness::NoDeduplication);
            let command = &mut open.command;
            if forgetful && let Some(key) = &mut command.idempotency_key {
                *key = format!("{key}@{head}");
            }
            let mut copy = Past::new(log, head);
            let decided = bus.decide(&mut copy, leader.1, now, command);
            let events = copy.into_events();
            let decided =
                if events.is_empty() { Decided::Nothing(decided) } else { Decided::Events };
            *asked += 1;
            let request = Request::Append {
                ticket: Ticket(*asked),
                epoch: leader.1,
                stream: command.stream.clone(),
                expected_version: log.version(&command.stream),
                events,
            };
            if decided.is_known() {
                out.push(ServerOutput::Note(ServerNote::Known(ticket)));
            }
            out.push(ServerOutput::Send { to: node, request });
            let until = now.plus_millis(self.patience_ms / 3);
            open.stage = Stage::Asked { ticket: Ticket(*asked), leader, decided, until };
        }
    }

    /// A leader has appended what was decided, or says why it did not.
    fn hear_reply(
        &mut self,
        now: Timestamp,
        asked: Ticket,
        reply: Reply,
        out: &mut Vec<ServerOutput>,
    ) {
        let is_it =
            |open: &Open| matches!(open.stage, Stage::Asked { ticket, .. } if ticket == asked);
        let Some((&ticket, open)) = self.open.iter_mut().find(|(_, open)| is_it(open)) else {
            return;
        };
        // As long as a message may take: another leader is then followed, or the copy is on its way.
        let later = now.plus_millis(self.patience_ms / 6);
        let (version, note) = match reply {
            Reply::Decided(Err(DispatchError::Conflict { stream, expected, found })) => {
                (found, Some(ServerNote::Conflict { stream, expected, found }))
            }
            Reply::Decided(Err(DispatchError::Append(AppendError::Fenced { .. }))) => {
                (u64::MAX, Some(ServerNote::OtherTerm))
            }
            Reply::Decided(appended) => {
                let Some(Open { stage: Stage::Asked { decided, .. }, .. }) =
                    self.open.remove(&ticket)
                else {
                    return;
                };
                let decided = match (appended, decided) {
                    (Ok(_), Decided::Nothing(decided)) => decided,
                    (appended, _) => appended,
                };
                out.push(ServerOutput::Reply { ticket, reply: Reply::Decided(decided) });
                return;
            }
            Reply::Unknown | Reply::NotLeader(_) | Reply::Busy => (u64::MAX, None),
        };
        open.stage = Stage::Waiting { version, until: later };
        out.extend(note.map(ServerOutput::Note));
    }
}

/// What it noticed, for a transcript.
impl fmt::Display for ServerNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { stream, expected, found } => {
                write!(f, "decides again: {stream} is at {found}, not {expected}")
            }
            Self::OtherTerm => f.write_str("decides again: another leads"),
            Self::Known(_) => f.write_str("finds that a command was done before"),
            Self::GivenUp(_) => f.write_str("gives a command up"),
        }
    }
}

impl Open {
    const fn due(&self) -> Timestamp {
        match self.stage {
            Stage::Waiting { until, .. } | Stage::Asked { until, .. } => until,
        }
    }

    fn is_due(&self, now: Timestamp, log: &Log, leader: (NodeId, Epoch)) -> bool {
        self.due() <= now
            || match &self.stage {
                Stage::Waiting { version, .. } => *version <= log.version(&self.command.stream),
                Stage::Asked { leader: asked, .. } => *asked != leader,
            }
    }
}

impl Decided {
    /// Whether the command was taken before.
    fn is_known(&self) -> bool {
        matches!(self, Self::Nothing(Ok(Outcome::Accepted { positions, .. })) if !positions.is_empty())
    }
}

#[cfg(test)]
mod tests;
