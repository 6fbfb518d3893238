//! What happens in a simulation, one happening at a time.

use alloc::vec::Vec;

use everview_core::{Position, Rng, Timestamp};

use super::checker::{Checker, Copy};
use super::client::{Asker, Client, ClientOutput};
use super::disk::Released;
use super::machine::{Machine, Power};
use super::{
    Endpoint, Happening, Letter, MachineState, Simulation, Sometimes, TraceEvent, Violation,
    Weakness,
};
use crate::{
    ClientId, Entry, FollowerOutput, Input, LeaseRegister as _, Node, NodeConfig, NodeId, Note,
    Output, PeerMessage, Replication, Reply, Request, Response, Role, ServerInput,
};

impl Simulation {
    pub(super) fn happen(&mut self, happening: Happening) -> Result<(), Violation> {
        match happening {
            Happening::Start(id) => self.start(id),
            Happening::Wake(id) => {
                let now = self.now;
                if self.machine_mut(id).wake.take_if(|wake| *wake <= now).is_some() {
                    self.tick(id)?;
                }
                Ok(())
            }
            Happening::WakeClient(id) => {
                let now = self.now;
                let client = self.client_mut(id);
                if client.wake.take_if(|wake| *wake <= now).is_some() {
                    client.account(now);
                    let mut outputs = Vec::new();
                    client.tick(now, &mut outputs);
                    self.do_for_client(id, outputs)?;
                }
                Ok(())
            }
            Happening::StartServer(id) => self.start_server(id),
            Happening::WakeServer(id) => self.wake_server(id),
            Happening::Probe => {
                self.probe_servers();
                Ok(())
            }
            Happening::Arrival(command) => {
                self.stir();
                let id = ClientId((self.arrived % self.clients.len()) as u64);
                self.arrived += 1;
                let now = self.now;
                self.client_mut(id).submit(now, command, Asker::Nobody);
                self.wake_client(id, now);
                self.plan_arrival();
                Ok(())
            }
            Happening::Synced(id, number) => self.synced(id, number),
            Happening::Snapshot(id) => self.make_snapshot(id),
            Happening::Restored(id, snapshot) => self.end_restore(id, snapshot),
            Happening::Remedy(remedy) => self.remedy(remedy),
            Happening::Delivery { from, to, letter } => self.deliver(from, to, letter),
        }
    }

    pub(super) fn send(&mut self, from: Endpoint, to: Endpoint, letter: Letter) {
        let (first, again) = self.network.arrivals(self.now, from, to);
        if let Some(at) = again {
            self.plan(at, Happening::Delivery { from, to, letter: letter.clone() });
        }
        if let Some(at) = first {
            self.plan(at, Happening::Delivery { from, to, letter });
        }
    }

    fn deliver(&mut self, from: Endpoint, to: Endpoint, letter: Letter) -> Result<(), Violation> {
        match (from, to, letter) {
            (Endpoint::Node(from), Endpoint::Node(to), Letter::Peer(message)) => {
                if self.machine(to).state() == MachineState::Up {
                    self.machine_mut(from).heard = Some(self.now);
                }
                self.step(to, Input::Peer { from, message })
            }
            (_, Endpoint::Node(to), Letter::Lease(reply)) => self.step(to, Input::Lease(reply)),
            (Endpoint::Client(client), Endpoint::Node(to), Letter::Request(request)) => {
                self.step(to, Input::Client { client, request })
            }
            (Endpoint::Node(node), Endpoint::Lease, Letter::Ask(request)) => {
                let lease_ms = self.config.timing.lease_ms;
                let Ok(reply) = self.register.at(self.now).ask(node, request, lease_ms);
                self.send(Endpoint::Lease, from, Letter::Lease(reply));
                Ok(())
            }
            (Endpoint::Client(client), Endpoint::Balancer, Letter::Request(request)) => {
                if let Request::Dispatch { ticket, command } = request {
                    self.balance(client, ticket, command);
                }
                Ok(())
            }
            (Endpoint::Balancer, Endpoint::Server(id), Letter::Request(request)) => {
                let Request::Dispatch { ticket, command } = request else { return Ok(()) };
                self.serve(id, ServerInput::Dispatch { ticket, command })
            }
            (Endpoint::Server(id), Endpoint::Node(to), Letter::Request(request)) => {
                self.step(to, self.server_asks(id, request))
            }
            (Endpoint::Node(_), Endpoint::Server(id), Letter::Response(response)) => {
                self.serve(id, ServerInput::Response(response))
            }
            (Endpoint::Server(id), Endpoint::Balancer, Letter::Response(response)) => {
                let Response::Reply { ticket, reply } = response else { return Ok(()) };
                self.hear_server(id, ticket, reply)
            }
            (Endpoint::Balancer, Endpoint::Server(id), Letter::Probe(number)) => {
                self.hear_probe(id, number);
                Ok(())
            }
            (Endpoint::Server(id), Endpoint::Balancer, Letter::Probe(number)) => {
                self.hear_echo(id, number);
                Ok(())
            }
            (
                from @ (Endpoint::Node(_) | Endpoint::Balancer),
                Endpoint::Client(id),
                Letter::Response(response),
            ) => {
                self.observe_response(id, from, &response);
                let now = self.now;
                let client = self.client_mut(id);
                client.account(now);
                let mut outputs = Vec::new();
                client.hear(now, response, &mut outputs);
                self.do_for_client(id, outputs)
            }
            _ => unreachable!("nobody sends such a letter that way"),
        }
    }

    /// Starts a node that is down, if nothing keeps it from that.
    pub(super) fn start(&mut self, id: NodeId) -> Result<(), Violation> {
        let config = self.node_config(id);
        let (now, is_forgetful) =
            (self.now, self.config.weakness == Some(Weakness::PromiseForgotten));
        let machine = &mut self.machines[usize::from(id.get())];
        let mut durable = match machine.take_power() {
            Power::Down(durable) if machine.outage.is_none() => durable,
            other => {
                machine.power = other;
                return Ok(());
            }
        };
        if is_forgetful {
            durable.promised = durable.history.epoch();
        }
        machine.starts += 1;
        machine.committed = Position::START;
        machine.disk.begin(&durable);
        let node = Node::new(config, durable, (self.new_bus)(), machine.clock.at(now));
        machine.power = Power::Up(node);
        self.tick(id)?;
        self.give_snapshot(id)
    }

    fn node_config(&self, id: NodeId) -> NodeConfig {
        let peers = self.machines.iter().map(|machine| machine.id).filter(|&peer| peer != id);
        let number = self.machine(id).starts << 8 | u64::from(id.get());
        let seed = Rng::new(self.config.seed ^ number << 32).next_u64();
        NodeConfig {
            timing: self.config.timing,
            replication: self.config.replication,
            serve: self.config.serve,
            retain: self.config.retain.unwrap_or(u64::MAX),
            batch: self.config.batch,
            weakness: self.config.weakness,
            ..NodeConfig::new(id, peers.collect(), seed)
        }
    }

    pub(super) fn clock_of(&self, id: NodeId) -> Timestamp {
        self.machine(id).clock.at(self.now)
    }

    pub(super) fn tick(&mut self, id: NodeId) -> Result<(), Violation> {
        self.step(id, Input::Tick)
    }

    /// Gives a node an input, unless its machine is down, or later, if it stands still.
    pub(super) fn step(&mut self, id: NodeId, input: Input) -> Result<(), Violation> {
        let clock = self.clock_of(id);
        match &mut self.machine_mut(id).power {
            Power::Up(_) => self.step_at(id, clock, input),
            Power::Frozen { inbox, .. } => {
                inbox.push_back(input);
                Ok(())
            }
            Power::Down(_) => Ok(()),
        }
    }

    /// Gives a node an input at a time that can be earlier, when its clock was read before it
    /// stood still.
    pub(super) fn step_at(
        &mut self,
        id: NodeId,
        at: Timestamp,
        input: Input,
    ) -> Result<(), Violation> {
        let Power::Up(node) = &mut self.machine_mut(id).power else { return Ok(()) };
        let mut outputs = Vec::new();
        node.step(at, input, &mut outputs);
        let (mut said, mut forgot, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for output in outputs {
            match output {
                Output::KeepAside(entries) => forgot = entries,
                Output::Note(one) => notes.push(one),
                Output::WaitUntil(at) => self.wake_node(id, at),
                Output::Send { .. } | Output::Lease(_) | Output::Respond { .. } => {
                    said.push(output);
                }
            }
        }
        self.look_at(id, forgot.first())?;
        notes.into_iter().try_for_each(|note| self.take_note(id, note))?;
        let machine = &mut self.machines[usize::from(id.get())];
        let Power::Up(node) = &machine.power else { return Ok(()) };
        let (durable, committed) = (node.durable(), node.committed());
        let is_hasty = self.config.weakness == Some(Weakness::AckBeforeSync);
        let waits = if is_hasty { Vec::new() } else { core::mem::take(&mut said) };
        let waiting = Released { outputs: waits, committed };
        let now = machine.disk.write(durable, forgot, waiting);
        let released = if is_hasty { Some(Released { outputs: said, committed }) } else { now };
        released.into_iter().try_for_each(|released| self.release(id, released))?;
        self.sync(id);
        Ok(())
    }

    /// Holds what is new in a node's log, from the first event on that was taken out of it, against
    /// the logs of the others.
    fn look_at(&mut self, id: NodeId, forgot: Option<&Entry>) -> Result<(), Violation> {
        let machine = &mut self.machines[usize::from(id.get())];
        let Power::Up(node) = &machine.power else { return Ok(()) };
        let (expected, found) = (machine.promised, node.durable().promised());
        if found < expected {
            return Err(Violation::PromiseForgotten { node: id, expected, found });
        }
        if let Some(first) = forgot {
            machine.seen.truncate(first.position.previous());
        }
        self.checker.accepts(id, node.durable().log(), &mut machine.seen)
    }

    /// Begins to sync what a node wrote, if it did and its disk is free.
    pub(super) fn sync(&mut self, id: NodeId) {
        let machine = &mut self.machines[usize::from(id.get())];
        if let Some((number, micros)) = machine.disk.begin_sync(&mut self.disk_rng) {
            let at = self.now.micros().saturating_add_unsigned(micros);
            self.plan(Timestamp::from_micros(at), Happening::Synced(id, number));
        }
    }

    /// What a node wrote is on its disk: what it said about it can go out.
    pub(super) fn synced(&mut self, id: NodeId, number: u64) -> Result<(), Violation> {
        let machine = self.machine_mut(id);
        match &mut machine.power {
            Power::Up(_) => {
                let released = machine.disk.synced(number);
                released.into_iter().try_for_each(|released| self.release(id, released))?;
                self.sync(id);
            }
            Power::Frozen { synced, .. } => *synced = Some(number),
            Power::Down(_) => {}
        }
        Ok(())
    }

    fn release(&mut self, id: NodeId, released: Released) -> Result<(), Violation> {
        let machine = &mut self.machines[usize::from(id.get())];
        let known = (machine.committed, released.committed.min(machine.seen.head()));
        if known.0 < known.1 {
            let copy = Copy { log: machine.durable().log(), seen: &machine.seen };
            self.checker.commits(id, copy, known, &mut self.coverage)?;
            machine.committed = known.1;
            self.check_held(id, known.1)?;
            self.plan_snapshot(id);
        }
        released.outputs.into_iter().try_for_each(|output| self.say(id, output))
    }

    /// What a leader counts as committed is on as many disks as it promises. In a quorum, only those
    /// count that know of the leader's term: another could be outvoted by a log without it.
    fn check_held(&self, leader: NodeId, position: Position) -> Result<(), Violation> {
        let machine = self.machine(leader);
        let leads = machine.node().is_some_and(|node| node.role() == Role::Leader);
        let replication = self.config.replication;
        if !leads || !replication.is_lossless() {
            return Ok(());
        }
        let epoch = machine.durable().history().epoch();
        let has_it = |other: &&Machine| {
            let knows =
                replication != Replication::Quorum || epoch <= other.durable().history().epoch();
            knows && machine.seen.is_same_at(&other.seen, position)
        };
        let found = self.machines.iter().filter(has_it).count();
        let expected = replication.confirmations(self.machines.len());
        if found < expected {
            return Err(Violation::HeldByFew { node: leader, position, expected, found });
        }
        Ok(())
    }

    fn say(&mut self, id: NodeId, output: Output) -> Result<(), Violation> {
        let from = Endpoint::Node(id);
        match output {
            Output::Send { to, message } => {
                if let PeerMessage::Fenced { epoch, .. } = message {
                    let machine = self.machine_mut(id);
                    machine.promised = machine.promised.max(epoch);
                }
                self.send(from, Endpoint::Node(to), Letter::Peer(message));
            }
            Output::Lease(request) => self.send(from, Endpoint::Lease, Letter::Ask(request)),
            Output::Respond { client, response } => {
                if let Response::Reply { ticket, reply: Reply::Decided(Ok(outcome)) } = &response {
                    let seen = &self.machines[usize::from(id.get())].seen;
                    let is_repeated = self.checker.acknowledges(*ticket, outcome, seen)?;
                    self.coverage.reach_if(is_repeated, Sometimes::RetryAnswered);
                }
                self.send(from, self.end_of(client), Letter::Response(response));
            }
            Output::KeepAside(_) | Output::Note(_) | Output::WaitUntil(_) => {}
        }
        Ok(())
    }

    fn take_note(&mut self, id: NodeId, note: Note) -> Result<(), Violation> {
        self.stir();
        self.observe_note(id, note);
        self.failovers.note(id, note, self.now);
        self.trace(Endpoint::Node(id), TraceEvent::Note(note));
        let machine = &mut self.machines[usize::from(id.get())];
        match note {
            Note::Promoted(term) => {
                let lost = self.checker.promoted(id, term.epoch, &machine.seen)?;
                // What it believed before does not count: what it leads with now does.
                let head = self.checker.committed().head();
                machine.committed = machine.committed.min(head);
                self.snapshots.rewind(head);
                if lost > 0 {
                    self.coverage.reach(Sometimes::AcknowledgedLost);
                    self.trace(Endpoint::Node(id), TraceEvent::Lost(lost));
                }
                Ok(())
            }
            Note::Rewound(rewound) => {
                machine.snapshot.take_if(|snapshot| rewound.to < snapshot.at.position);
                self.checker.rewound(id, rewound.to, machine.committed)
            }
            Note::SnapshotOfOtherLog(_) => {
                machine.snapshot = None;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Wakes a node when its clock shows a time.
    fn wake_node(&mut self, id: NodeId, shown: Timestamp) {
        let at = self.machine(id).clock.when(shown).max(self.now);
        let machine = self.machine_mut(id);
        if machine.wake.is_none_or(|wake| at < wake) {
            machine.wake = Some(at);
            self.plan(at, Happening::Wake(id));
        }
    }

    pub(super) fn wake_client(&mut self, id: ClientId, at: Timestamp) {
        let at = at.max(self.now);
        let client = self.client_mut(id);
        if client.wake.is_none_or(|wake| at < wake) {
            client.wake = Some(at);
            self.plan(at, Happening::WakeClient(id));
        }
    }

    pub(super) fn do_for_client(
        &mut self,
        id: ClientId,
        outputs: Vec<ClientOutput>,
    ) -> Result<(), Violation> {
        let who = Endpoint::Client(id);
        for output in outputs {
            match output {
                ClientOutput::Send(to, request) => {
                    if let (Endpoint::Node(node), Request::Resume { after, .. }) = (to, &request) {
                        let after = after.position;
                        self.trace(who, TraceEvent::Connects { node, after });
                    }
                    self.send(who, to, Letter::Request(request));
                }
                ClientOutput::Decided(ticket, decided) => {
                    self.trace(who, TraceEvent::Decided(ticket, decided));
                }
                ClientOutput::Changed(change) => {
                    self.check_change(id, &change)?;
                    self.client_mut(id).changes.push_back(change);
                }
                ClientOutput::Restore(snapshot) => self.begin_restore(id, snapshot),
                ClientOutput::Refused(refused) => {
                    self.coverage.reach(Sometimes::SnapshotRefused);
                    self.trace(who, TraceEvent::Refuses(refused));
                }
                ClientOutput::WaitUntil(at) => self.wake_client(id, at),
            }
        }
        let (client, passed) = (self.client(id), self.now.micros() - self.config.start.micros());
        Checker::adds_up(id, client.service, (passed, client.waiting() as u64))?;
        if id == ClientId(0)
            && let Some(node) = client.follower.node()
        {
            let (epoch, position) = (client.follower.epoch(), client.follower.position());
            if self.failovers.followed((node, epoch), position, self.now) {
                self.trace(who, TraceEvent::Follows { node, epoch });
            }
        }
        Ok(())
    }

    pub(super) fn check_change(
        &mut self,
        id: ClientId,
        change: &FollowerOutput,
    ) -> Result<(), Violation> {
        match change {
            FollowerOutput::Apply(entry) => self.checker.applies(id, entry)?,
            FollowerOutput::Rewind(to) => {
                self.checker.rewinds(id, *to, &mut self.coverage)?;
                self.trace(self.end_of(id), TraceEvent::Rewinds(*to));
            }
            FollowerOutput::Forget => {
                self.checker.forgets(id);
                self.trace(self.end_of(id), TraceEvent::Rewinds(Position::START));
            }
            FollowerOutput::Connect { .. }
            | FollowerOutput::Restore(_)
            | FollowerOutput::Refuse { .. }
            | FollowerOutput::WaitUntil(_) => {}
        }
        Ok(())
    }

    /// A client that is there: only such are spoken of.
    pub(super) fn client(&self, id: ClientId) -> &Client {
        &self.clients[usize::try_from(id.0).unwrap_or(0)]
    }

    pub(super) fn client_mut(&mut self, id: ClientId) -> &mut Client {
        &mut self.clients[usize::try_from(id.0).unwrap_or(0)]
    }
}
