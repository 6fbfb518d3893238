//! Serving clients: deciding their commands and sending them events.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;

use everview_core::command::{Command, DispatchError, Outcome};
use everview_core::{NewEvent, Position, Timestamp};

use super::durable::Basis;
use super::{Context, Durable, Node, Note, Output, Part, Replication, Serve};
use crate::{
    Answer, ClientId, Cursor, Heartbeat, NodeId, Reply, Request, Response, Role, Session, Snapshot,
    Ticket, Weakness,
};

/// The clients of a leader.
#[derive(Debug, Default)]
pub(super) struct Clients {
    followers: BTreeMap<ClientId, Following>,
    /// Clients that asked for a leader before one was known.
    held: BTreeMap<ClientId, Held>,
    /// Decided commands whose clients wait for a quorum, in the order of the log.
    undecided: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Following {
    session: Session,
    sent: Position,
}

/// A question that is answered once somebody leads.
#[derive(Debug)]
struct Held {
    session: Session,
    after: Cursor,
    silent: Option<NodeId>,
    needs_all: bool,
    since: Timestamp,
}

#[derive(Debug)]
struct Waiting {
    /// What a quorum must have first.
    until: Position,
    client: ClientId,
    ticket: Ticket,
    reply: Reply,
}

impl Clients {
    pub(super) fn send_heartbeats(&self, ctx: &mut Context<'_>, heartbeat: Heartbeat) {
        let followers =
            self.followers.iter().map(|(&client, following)| (client, following.session));
        let held = self.held.iter().map(|(&client, held)| (client, held.session));
        for (client, session) in followers.chain(held) {
            let response = Response::Heartbeat { session, heartbeat };
            ctx.out.push(Output::Respond { client, response });
        }
    }

    pub(super) fn shift(&mut self, millis: i64) {
        for held in self.held.values_mut() {
            held.since = held.since.plus_millis(millis);
        }
    }

    /// Lets every client know that it has to go elsewhere.
    pub(super) fn turn_away(&mut self, ctx: &mut Context<'_>, heartbeat: Heartbeat) {
        self.send_heartbeats(ctx, heartbeat);
        self.followers.clear();
        for Waiting { client, ticket, .. } in self.undecided.drain(..) {
            let response = Response::Reply { ticket, reply: Reply::Unknown };
            ctx.out.push(Output::Respond { client, response });
        }
    }
}

impl Node {
    pub(super) fn hear_client(
        &mut self,
        ctx: &mut Context<'_>,
        client: ClientId,
        request: Request,
    ) {
        match request {
            Request::Resume { session, after, silent, needs_all } => {
                let held = Held { session, after, silent, needs_all, since: ctx.now };
                if let Some(answer) = self.answer(client, &held) {
                    let response = Response::Answer { session, answer };
                    ctx.out.push(Output::Respond { client, response });
                    self.answer_clients(ctx);
                } else {
                    let heartbeat = self.heartbeat();
                    let response = Response::Heartbeat { session, heartbeat };
                    ctx.out.push(Output::Respond { client, response });
                    self.clients.held.insert(client, held);
                }
            }
            Request::Dispatch { ticket, command } => {
                self.dispatch(ctx, client, ticket, &command);
            }
            Request::Append { ticket, epoch, stream, expected_version, events } => {
                let basis = Basis { epoch, stream: &stream, version: expected_version };
                self.conclude(ctx, client, ticket, |node, _| node.append(basis, &events));
            }
        }
    }

    /// Answers those who wait for a leader, if there is one now.
    pub(super) fn answer_held(&mut self, ctx: &mut Context<'_>) {
        if self.clients.held.is_empty() {
            return;
        }
        for (client, held) in core::mem::take(&mut self.clients.held) {
            if let Some(answer) = self.answer(client, &held) {
                let response = Response::Answer { session: held.session, answer };
                ctx.out.push(Output::Respond { client, response });
            } else if ctx.now.millis_since(held.since) < 2 * self.config.timing.lease_ms {
                // By now it has long asked another.
                self.clients.held.insert(client, held);
            }
        }
        self.answer_clients(ctx);
    }

    /// The answer to a client, if it can be given now.
    fn answer(&mut self, client: ClientId, held: &Held) -> Option<Answer> {
        self.clients.held.remove(&client);
        if self.role() == Role::Leader {
            return Some(self.resume(client, held));
        }
        let is_silent = |leader| {
            let heard = self.detector.last_heard(leader);
            held.silent == Some(leader) && heard.is_none_or(|heard| heard <= held.since)
        };
        match self.leader_elsewhere().filter(|&leader| !is_silent(leader)) {
            Some(leader) => Some(Answer::GoTo(leader)),
            None if self.hears_majority() => None,
            None => Some(Answer::Unavailable),
        }
    }

    /// Whether it would hear of a leader that a majority has.
    fn hears_majority(&self) -> bool {
        let heard = self.config.peers.iter().filter(|&&peer| !self.detector.is_down(peer)).count();
        Replication::Quorum.promises(self.size()) <= heard + 1
    }

    fn resume(&mut self, client: ClientId, held: &Held) -> Answer {
        let Held { session, after, .. } = held;
        let epoch = self.durable.promised;
        let (history, log) = (self.durable.history.clone(), &self.durable.log);
        let mut position = after.history.parting(after.position, &history).min(log.head());
        let event_id = log.get(position).map(|event| event.id.into());
        if position == after.position && after.event_id.is_some() && after.event_id != event_id {
            // The client's log is not what its history says, so nothing in it can be relied on.
            position = Position::START;
        }
        if position < after.base {
            // It cannot go back there, and so has nothing of what is in this log.
            position = Position::START;
        }
        let snapshot = self.snapshot_for(position).filter(|_| !held.needs_all);
        let sent = match snapshot {
            None => position,
            Some(snapshot) if self.breaks(Weakness::HorizonIgnored) => snapshot.at.position,
            Some(snapshot) => {
                // It asks again once it has started from there.
                self.clients.followers.remove(&client);
                return Answer::StartFrom { epoch, history, shared: position, snapshot };
            }
        };
        self.clients.followers.insert(client, Following { session: *session, sent });
        if position == after.position {
            Answer::Continue { epoch, history, event_id }
        } else {
            Answer::RewindTo { epoch, history, position }
        }
    }

    /// The snapshot, if events after a position are not sent any more.
    fn snapshot_for(&self, position: Position) -> Option<Box<Snapshot>> {
        let snapshot = self.snapshot.as_ref()?;
        let horizon = snapshot.at.position.get().saturating_sub(self.config.retain);
        (position.get() < horizon).then(|| Box::new(snapshot.clone()))
    }

    /// Keeps a snapshot if it is of this log, and later than the one there is.
    pub(super) fn take_snapshot(&mut self, ctx: &mut Context<'_>, snapshot: Snapshot) {
        let Durable { history, log, .. } = &self.durable;
        let at = &snapshot.at;
        let shared = at.history.parting(at.position, history).min(log.head());
        let event_id = log.get(shared).map(|event| event.id.into());
        if shared < at.position || event_id != at.event_id {
            ctx.note(Note::SnapshotOfOtherLog(at.position));
        } else if self.snapshot.as_ref().is_none_or(|last| last.at.position < at.position) {
            self.snapshot = Some(snapshot);
        }
    }

    fn leader_elsewhere(&self) -> Option<NodeId> {
        self.leader.filter(|&leader| leader != self.config.id && !self.detector.is_down(leader))
    }

    fn dispatch(
        &mut self,
        ctx: &mut Context<'_>,
        client: ClientId,
        ticket: Ticket,
        command: &Command,
    ) {
        let head = self.durable.log.head();
        let forgetful = self.breaks(Weakness::NoDeduplication).then(|| {
            let idempotency_key =
                command.idempotency_key.as_ref().map(|key| format!("{key}@{head}"));
            Command { idempotency_key, ..command.clone() }
        });
        let command = forgetful.as_ref().unwrap_or(command);
        self.conclude(ctx, client, ticket, |node, now| {
            node.durable.decide(&mut node.bus, now, command)
        });
    }

    /// Appends what a server has decided on a copy of the log.
    fn append(
        &mut self,
        mut basis: Basis<'_>,
        events: &[NewEvent],
    ) -> Result<Outcome, DispatchError> {
        if self.breaks(Weakness::VersionIgnored) {
            basis.version = self.durable.log.version(basis.stream);
        }
        self.durable.append_decided(&basis, events)
    }

    /// Lets a leader come to an outcome, of which its client is told once a quorum has it.
    fn conclude(
        &mut self,
        ctx: &mut Context<'_>,
        client: ClientId,
        ticket: Ticket,
        outcome: impl FnOnce(&mut Self, Timestamp) -> Result<Outcome, DispatchError>,
    ) {
        match &self.part {
            Part::Leader(leader) if leader.heir.is_none() => {}
            part => {
                let heir = if let Part::Leader(leader) = part { leader.heir } else { None };
                let leader = heir.map(|heir| heir.node).or_else(|| self.leader_elsewhere());
                let response = Response::Reply { ticket, reply: Reply::NotLeader(leader) };
                ctx.out.push(Output::Respond { client, response });
                return;
            }
        }
        let head = self.durable.log.head();
        let decided = outcome(self, ctx.now);
        // A refusal waits too: what it was decided on may still be lost.
        let (until, reply) = (self.durable.log.head(), Reply::Decided(decided));
        self.clients.undecided.push_back(Waiting { until, client, ticket, reply });
        if head < until {
            self.send_replicas(ctx);
        }
        self.advance(ctx);
    }

    /// The last event that clients are sent.
    pub(super) fn served(&self) -> Position {
        match self.config.serve {
            Serve::Appended if self.role() == Role::Leader => self.durable.log.head(),
            Serve::Appended | Serve::Committed => self.committed,
        }
    }

    /// Sends clients the replies they wait for and the events they lack.
    pub(super) fn answer_clients(&mut self, ctx: &mut Context<'_>) {
        let committed = self.committed;
        while let Some(first) = self.clients.undecided.pop_front_if(|one| one.until <= committed) {
            let response = Response::Reply { ticket: first.ticket, reply: first.reply };
            ctx.out.push(Output::Respond { client: first.client, response });
        }
        let (served, epoch) = (self.served(), self.durable.promised);
        for (&client, following) in &mut self.clients.followers {
            while following.sent < served {
                let entries = self.durable.entries(following.sent, served, self.config.batch);
                let Some(last) = entries.last() else { break };
                following.sent = last.position;
                let session = following.session;
                let response = Response::Events { session, epoch, entries };
                ctx.out.push(Output::Respond { client, response });
            }
        }
    }
}
