//! A client: it follows the cluster and sends it commands until they are decided.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::vec::Vec;

use everview_core::command::{Command, DispatchError, Outcome};
use everview_core::{RestoreError, Timestamp};

use super::Endpoint;
use super::service::Service;
use crate::{
    ClientId, Follower, FollowerConfig, FollowerInput, FollowerOutput, NodeId, Reply, Request,
    Response, Snapshot, SnapshotRefused, Ticket,
};

/// What came of a command.
pub type Decided = Result<Outcome, DispatchError>;

/// A client of the cluster.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: ClientId,
    pub(super) follower: Follower,
    /// What it got out of the cluster until `seen`.
    pub(super) service: Service,
    seen: Timestamp,
    stale_after_ms: i64,
    /// When it is next woken.
    pub(super) wake: Option<Timestamp>,
    nodes: Vec<NodeId>,
    seed: u64,
    /// Whether commands go to the balancer, not to the leader.
    is_balanced: bool,
    /// How long to wait for a reply before the command is sent again.
    patience_ms: i64,
    next_ticket: u64,
    open: BTreeMap<Ticket, Open>,
    /// When the first of them is to be sent, if not before.
    due: Timestamp,
    /// Who was followed at the last step.
    leader: Option<NodeId>,
    /// Who led, as far as replies say.
    hint: usize,
    /// What came of the commands that somebody asks about.
    decided: BTreeMap<Ticket, Decided>,
    /// What the follower wants done to the views.
    pub(super) changes: VecDeque<FollowerOutput>,
}

#[derive(Debug)]
struct Open {
    command: Command,
    due: Timestamp,
    sent_to: Option<Endpoint>,
    first_sent_to: Option<Endpoint>,
    since: Timestamp,
    asker: Asker,
}

/// Who wants to know what comes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    Person,
    Nobody,
}

/// What the client wants done.
pub(super) enum ClientOutput {
    Send(Endpoint, Request),
    Decided(Ticket, Decided),
    Changed(FollowerOutput),
    Restore(Snapshot),
    Refused(SnapshotRefused),
    WaitUntil(Timestamp),
}

impl From<FollowerOutput> for ClientOutput {
    fn from(output: FollowerOutput) -> Self {
        match output {
            FollowerOutput::Connect { node, session, after, silent, needs_all } => {
                let request = Request::Resume { session, after, silent, needs_all };
                Self::Send(Endpoint::Node(node), request)
            }
            FollowerOutput::WaitUntil(time) => Self::WaitUntil(time),
            FollowerOutput::Restore(snapshot) => Self::Restore(snapshot),
            FollowerOutput::Refuse { refused, .. } => Self::Refused(refused),
            change @ (FollowerOutput::Apply(_)
            | FollowerOutput::Rewind(_)
            | FollowerOutput::Forget) => Self::Changed(change),
        }
    }
}

impl Client {
    pub(super) fn new(
        id: ClientId,
        config: FollowerConfig,
        now: Timestamp,
        is_balanced: bool,
    ) -> Self {
        // A server takes a while to find that it gets nowhere.
        let hops = if is_balanced { 1 } else { 2 };
        Self {
            id,
            service: Service::default(),
            seen: now,
            stale_after_ms: 2 * config.timing.heartbeat_ms,
            wake: None,
            nodes: config.nodes.clone(),
            seed: config.seed,
            is_balanced,
            patience_ms: config.timing.suspicion_ms / hops,
            follower: Follower::new(config, now),
            next_ticket: 1,
            open: BTreeMap::new(),
            due: Timestamp::MAX,
            leader: None,
            hint: 0,
            decided: BTreeMap::new(),
            changes: VecDeque::new(),
        }
    }

    /// Takes a command, which is sent with the next step.
    pub(super) fn submit(&mut self, now: Timestamp, mut command: Command, asker: Asker) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        // Without a key it could be done twice, when it has to be sent again.
        let key = || format!("{:016x}-{}", self.seed, ticket.0);
        command.idempotency_key.get_or_insert_with(key);
        self.due = self.due.min(now);
        self.service.asked += 1;
        let (sent_to, first_sent_to) = (None, None);
        let open = Open { command, due: now, sent_to, first_sent_to, since: now, asker };
        self.open.insert(ticket, open);
        ticket
    }

    pub(super) fn decided(&self, ticket: Ticket) -> Option<&Decided> {
        self.decided.get(&ticket)
    }

    /// Commands that were not decided yet.
    pub(super) fn waiting(&self) -> usize {
        self.open.len()
    }

    /// Whom a command was first sent to, if it is still open.
    pub(super) fn first_sent_to(&self, ticket: Ticket) -> Option<Endpoint> {
        self.open.get(&ticket)?.first_sent_to
    }

    /// Accounts for the time until now. Whatever changes what the client is in follows this.
    pub(super) fn account(&mut self, now: Timestamp) {
        self.service = self.service_at(now);
        self.seen = now;
    }

    /// What it got out of the cluster until now.
    pub(super) fn service_at(&self, now: Timestamp) -> Service {
        let mut service = self.service;
        let stale_at = self.follower.heard().plus_millis(self.stale_after_ms);
        service.add_time(self.seen, now, self.follower.health(now), stale_at);
        service
    }

    /// Moves all that it remembers of time by so much.
    pub(super) fn shift(&mut self, millis: i64) {
        self.follower.shift(millis);
        self.wake = self.wake.map(|wake| wake.plus_millis(millis));
    }

    pub(super) fn hear(&mut self, now: Timestamp, response: Response, out: &mut Vec<ClientOutput>) {
        let mut outputs = Vec::new();
        let reply = self.follower.hear(now, response, &mut outputs);
        out.extend(outputs.into_iter().map(ClientOutput::from));
        if let Some((ticket, reply)) = reply {
            out.extend(self.hear_reply(now, ticket, reply));
        }
        self.tick(now, out);
    }

    /// Goes on from a snapshot, or without if it could not be restored.
    pub(super) fn restored(
        &mut self,
        now: Timestamp,
        restored: Result<(), RestoreError>,
        out: &mut Vec<ClientOutput>,
    ) {
        self.follow(now, FollowerInput::Restored(restored), out);
        self.tick(now, out);
    }

    /// Sends what is due, and everything when there is another leader to send it to.
    pub(super) fn tick(&mut self, now: Timestamp, out: &mut Vec<ClientOutput>) {
        self.follow(now, FollowerInput::Tick, out);
        let leader = self.follower.node();
        let is_elsewhere = !self.is_balanced && leader.is_some() && leader != self.leader;
        self.leader = leader;
        if self.due <= now || is_elsewhere {
            self.send(now, out);
        }
        if self.due < Timestamp::MAX {
            out.push(ClientOutput::WaitUntil(self.due));
        }
    }

    fn send(&mut self, now: Timestamp, out: &mut Vec<ClientOutput>) {
        let is_unanswered = |open: &Open| open.sent_to.is_some() && open.due <= now;
        if self.leader.is_none() && self.open.values().any(is_unanswered) {
            self.hint = (self.hint + 1) % self.nodes.len();
        }
        let leader = self.leader.unwrap_or(self.nodes[self.hint]);
        let to = if self.is_balanced { Endpoint::Balancer } else { Endpoint::Node(leader) };
        self.due = Timestamp::MAX;
        for (&ticket, open) in &mut self.open {
            let is_elsewhere = self.leader.is_some() && open.sent_to != Some(to);
            if open.due <= now || is_elsewhere {
                open.due = now.plus_millis(self.patience_ms);
                open.sent_to = Some(to);
                open.first_sent_to.get_or_insert(to);
                let command = open.command.clone();
                out.push(ClientOutput::Send(to, Request::Dispatch { ticket, command }));
            }
            self.due = self.due.min(open.due);
        }
    }

    fn hear_reply(&mut self, now: Timestamp, ticket: Ticket, reply: Reply) -> Option<ClientOutput> {
        let open = self.open.get_mut(&ticket)?;
        open.due = now.plus_millis(self.patience_ms / 5);
        self.due = self.due.min(open.due);
        let elsewhere = match reply {
            Reply::Decided(decided) => {
                if open.asker == Asker::Person {
                    self.decided.insert(ticket, decided.clone());
                }
                let since = open.since;
                self.open.remove(&ticket);
                self.service.add_answer(now.micros() - since.micros());
                return Some(ClientOutput::Decided(ticket, decided));
            }
            Reply::NotLeader(Some(leader)) => self.place(leader),
            Reply::NotLeader(None) | Reply::Unknown | Reply::Busy => {
                Some((self.hint + 1) % self.nodes.len())
            }
        };
        self.hint = elsewhere.unwrap_or(self.hint);
        None
    }

    fn place(&self, node: NodeId) -> Option<usize> {
        self.nodes.iter().position(|&one| one == node)
    }

    fn follow(&mut self, now: Timestamp, input: FollowerInput, out: &mut Vec<ClientOutput>) {
        let mut outputs = Vec::new();
        self.follower.step(now, input, &mut outputs);
        out.extend(outputs.into_iter().map(ClientOutput::from));
    }
}
