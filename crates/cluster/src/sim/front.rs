//! The balancer between the clients and the servers: it passes commands on and answers back.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use everview_core::Timestamp;
use everview_core::command::{self, Command};

use super::machine::MachineState;
use super::servers::HostPower;
use super::{Endpoint, Fault, Happening, Letter, Simulation, Sometimes, TraceEvent, Violation};
use crate::balance::{
    Ask, Balancer, BalancerConfig, Outcome, Probe, Standing, Strategy, Target, affinity,
};
use crate::{ClientId, Reply, Request, Response, ServerId, Ticket};

/// How commands are spread over servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// How one is chosen.
    pub strategy: Strategy,
    /// How many commands each server can carry at once.
    pub capacity: u32,
}

impl Default for Balance {
    /// Each in turn, a hundred at once.
    fn default() -> Self {
        Self { strategy: Strategy::default(), capacity: 100 }
    }
}

/// The balancer, with what is on its way.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) balancer: Balancer,
    errands: BTreeMap<(ClientId, Ticket), Errand>,
    sent: u64,
    /// The number of the latest health checks, and which servers have passed theirs.
    probe: u64,
    passed: Vec<bool>,
    /// How each server was when it was last looked at.
    standings: Vec<Standing>,
    /// How many commands it sent nowhere.
    pub(super) shed: u64,
}

/// A command of a client until it is decided.
#[derive(Debug)]
struct Errand {
    key: Option<String>,
    first: ServerId,
    attempt: Option<Attempt>,
}

#[derive(Debug, Clone, Copy)]
struct Attempt {
    ticket: Ticket,
    server: ServerId,
    since: Timestamp,
}

impl Front {
    pub(super) fn new(balance: Balance, servers: &[ServerId]) -> Self {
        let target = |&server| Target { server, weight: 1, capacity: balance.capacity };
        let config = BalancerConfig { strategy: balance.strategy, ..BalancerConfig::default() };
        Self {
            balancer: Balancer::new(config, servers.iter().map(target)),
            errands: BTreeMap::new(),
            sent: 0,
            probe: 0,
            passed: servers.iter().map(|_| true).collect(),
            standings: servers.iter().map(|_| Standing::Serving).collect(),
            shed: 0,
        }
    }

    /// The server that a command was first sent to, by the ticket it now has at a server.
    pub(super) fn first_sent_to(&self, ticket: Ticket) -> Option<ServerId> {
        self.errands.values().find(|errand| errand.has(ticket)).map(|errand| errand.first)
    }
}

impl Errand {
    fn has(&self, ticket: Ticket) -> bool {
        self.attempt.is_some_and(|attempt| attempt.ticket == ticket)
    }
}

impl Simulation {
    /// The balancer is sent a command: one that is on its way already for a while was not answered, and
    /// is sent to a server again.
    pub(super) fn balance(&mut self, client: ClientId, ticket: Ticket, command: Command) {
        let patience_ms = self.config.timing.suspicion_ms / 2;
        let (now, place) = (self.now, (client, ticket));
        let Some(front) = &mut self.front else { return };
        if let Some(errand) = front.errands.get_mut(&place) {
            match errand.attempt {
                Some(attempt) if now.millis_since(attempt.since) < patience_ms => return,
                Some(attempt) => front.balancer.finish(now, attempt.server, Outcome::Failed),
                None => {}
            }
            errand.attempt = None;
        }
        let ask = Ask { key: Some(affinity(&command.stream)), ..Ask::default() };
        match front.balancer.pick(now, ask) {
            Ok(server) => {
                front.sent += 1;
                let attempt = Attempt { ticket: Ticket(front.sent), server, since: now };
                let key = command.idempotency_key.clone();
                let errand = Errand { key, first: server, attempt: None };
                front.errands.entry(place).or_insert(errand).attempt = Some(attempt);
                let request = Request::Dispatch { ticket: attempt.ticket, command };
                self.send(Endpoint::Balancer, Endpoint::Server(server), Letter::Request(request));
            }
            Err(refusal) => {
                front.shed += 1;
                self.coverage.reach(Sometimes::Shed);
                self.trace(Endpoint::Balancer, TraceEvent::Shed(client, ticket, refusal));
                let response = Response::Reply { ticket, reply: Reply::Busy };
                let to = Endpoint::Client(client);
                self.send(Endpoint::Balancer, to, Letter::Response(response));
            }
        }
        self.look_at_standings();
    }

    /// A server answered. What it answers after the balancer turned to another is dropped.
    pub(super) fn hear_server(
        &mut self,
        server: ServerId,
        sent: Ticket,
        reply: Reply,
    ) -> Result<(), Violation> {
        let now = self.now;
        let Some(front) = &mut self.front else { return Ok(()) };
        let Some((&place, errand)) = front.errands.iter_mut().find(|(_, errand)| errand.has(sent))
        else {
            self.coverage.reach(Sometimes::AnswerDropped);
            return Ok(());
        };
        errand.attempt = None;
        let is_decided = matches!(reply, Reply::Decided(_));
        let outcome = if is_decided { Outcome::Answered } else { Outcome::Failed };
        front.balancer.finish(now, server, outcome);
        if is_decided && let Some(Errand { key: Some(key), .. }) = front.errands.remove(&place) {
            if let Reply::Decided(Ok(command::Outcome::Accepted { positions, .. })) = &reply {
                self.checker.answers(place.1, &key, positions)?;
            }
            let is_gone = self.hosts.iter().any(|host| host.state() == MachineState::Down);
            self.coverage.reach_if(is_gone, Sometimes::ServerGone);
        }
        let (client, ticket) = place;
        let response = Response::Reply { ticket, reply };
        self.send(Endpoint::Balancer, Endpoint::Client(client), Letter::Response(response));
        self.look_at_standings();
        Ok(())
    }

    /// Asks every server for a sign of life; who has not given one since the last time failed.
    pub(super) fn probe_servers(&mut self) {
        let now = self.now;
        let Some(front) = &mut self.front else { return };
        for (host, passed) in self.hosts.iter().zip(&mut front.passed) {
            if !core::mem::replace(passed, false) {
                front.balancer.probe(now, host.id, Probe::Failed);
            }
        }
        front.probe += 1;
        let number = front.probe;
        for id in self.server_ids() {
            self.send(Endpoint::Balancer, Endpoint::Server(id), Letter::Probe(number));
        }
        self.look_at_standings();
        self.plan(now.plus_millis(self.config.timing.heartbeat_ms), Happening::Probe);
    }

    /// A server is asked for a sign of life, and gives one if its machine runs.
    pub(super) fn hear_probe(&mut self, id: ServerId, number: u64) {
        if matches!(self.host_mut(id).power, HostPower::Up(_)) {
            self.send(Endpoint::Server(id), Endpoint::Balancer, Letter::Probe(number));
        }
    }

    /// A server has given it.
    pub(super) fn hear_echo(&mut self, id: ServerId, number: u64) {
        let now = self.now;
        let Some(front) = self.front.as_mut().filter(|front| front.probe == number) else { return };
        if let Some(passed) = front.passed.get_mut(usize::from(id.get())) {
            *passed = true;
            front.balancer.probe(now, id, Probe::Passed);
        }
        self.look_at_standings();
    }

    /// An operator drains a server, or gives it another share.
    pub(super) fn order_balancer(&mut self, fault: Fault) {
        let (now, Some(front)) = (self.now, &mut self.front) else { return };
        match fault {
            Fault::Drain(server) => front.balancer.drain(now, server),
            Fault::Undrain(server) => front.balancer.resume(now, server),
            Fault::Weigh(server, weight) => front.balancer.set_weight(server, weight),
            _ => {}
        }
        self.look_at_standings();
    }

    /// Tells of every server that is not as it was.
    fn look_at_standings(&mut self) {
        let Some(front) = &mut self.front else { return };
        let mut changed = Vec::new();
        for (status, before) in front.balancer.status(self.now).iter().zip(&mut front.standings) {
            if core::mem::replace(before, status.standing) != status.standing {
                changed.push((status.target.server, status.standing));
            }
        }
        for (server, standing) in changed {
            match standing {
                Standing::Ejected { .. } => self.coverage.reach(Sometimes::ServerEjected),
                Standing::Unwell => self.coverage.reach(Sometimes::ServerUnwell),
                Standing::Drained => self.coverage.reach(Sometimes::ServerDrained),
                Standing::Serving | Standing::WarmingUp { .. } | Standing::Draining => {}
            }
            self.trace(Endpoint::Balancer, TraceEvent::Standing(server, standing));
        }
    }
}
