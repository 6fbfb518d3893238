//! Serving clients: deciding their commands and sending them events.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;

use everview_core::Position;
use everview_core::command::Command;

use super::{Context, Node, Output, Part, Serve};
use crate::{
    Answer, ClientId, Cursor, Heartbeat, NodeId, Reply, Request, Response, Role, Session, Ticket,
    Weakness,
};

/// The clients of a leader.
#[derive(Debug, Default)]
pub(super) struct Clients {
    followers: BTreeMap<ClientId, Following>,
    /// Decided commands whose clients wait for a quorum, in the order of the log.
    undecided: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Following {
    session: Session,
    sent: Position,
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
        for (&client, following) in &self.followers {
            let response = Response::Heartbeat { session: following.session, heartbeat };
            ctx.out.push(Output::Respond { client, response });
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
            Request::Resume { session, after } => {
                let answer = self.resume(client, session, &after);
                let response = Response::Answer { session, answer };
                ctx.out.push(Output::Respond { client, response });
                self.answer_clients(ctx);
            }
            Request::Dispatch { ticket, command } => {
                self.dispatch(ctx, client, ticket, &command);
            }
        }
    }

    fn resume(&mut self, client: ClientId, session: Session, after: &Cursor) -> Answer {
        if self.role() != Role::Leader {
            return self.leader_elsewhere().map_or(Answer::Unavailable, Answer::GoTo);
        }
        let epoch = self.durable.promised;
        let (history, log) = (self.durable.history.clone(), &self.durable.log);
        let mut position = after.history.parting(after.position, &history).min(log.head());
        let event_id = log.get(position).map(|event| event.id.into());
        if position == after.position && after.event_id.is_some() && after.event_id != event_id {
            // The client's log is not what its history says, so nothing in it can be relied on.
            position = Position::START;
        }
        self.clients.followers.insert(client, Following { session, sent: position });
        if position == after.position {
            Answer::Continue { epoch, history, event_id }
        } else {
            Answer::RewindTo { epoch, history, position }
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
        let forgetful = self.breaks(Weakness::NoDeduplication).then(|| {
            let idempotency_key =
                command.idempotency_key.as_ref().map(|key| format!("{key}@{head}"));
            Command { idempotency_key, ..command.clone() }
        });
        let command = forgetful.as_ref().unwrap_or(command);
        let decided = self.durable.decide(&mut self.bus, ctx.now, command);
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
