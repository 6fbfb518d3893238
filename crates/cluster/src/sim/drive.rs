//! What happens in a simulation, one happening at a time.

use alloc::vec::Vec;

use everview_core::{Position, Rng, Timestamp};

use super::client::{Asker, ClientOutput};
use super::machine::Power;
use super::{Endpoint, Happening, Letter, MachineState, Simulation, TraceEvent, Violation};
use crate::{
    ClientId, FollowerOutput, Input, Node, NodeConfig, NodeId, Note, Output, Reply, Request,
    Response,
};

/// The only client there is.
const CLIENT: ClientId = ClientId(0);

impl Simulation {
    pub(super) fn happen(&mut self, happening: Happening) -> Result<(), Violation> {
        match happening {
            Happening::Start(id) => self.start(id),
            Happening::Wake(id) => {
                let now = self.now;
                if self.machine_mut(id).wake.take_if(|wake| *wake <= now).is_some() {
                    self.step(id, Input::Tick)?;
                }
                Ok(())
            }
            Happening::WakeClient => {
                if self.client_wake.take_if(|wake| *wake <= self.now).is_some() {
                    let mut outputs = Vec::new();
                    self.client.tick(self.now, &mut outputs);
                    self.do_for_client(outputs)?;
                }
                Ok(())
            }
            Happening::Arrival(command) => {
                self.client.submit(self.now, command, Asker::Nobody);
                self.wake_client(self.now);
                self.plan_arrival();
                Ok(())
            }
            Happening::Delivery { from, to, letter } => self.deliver(from, to, letter),
        }
    }

    fn send(&mut self, from: Endpoint, to: Endpoint, letter: &Letter) {
        for at in self.network.arrivals(self.now, from, to) {
            self.plan(at, Happening::Delivery { from, to, letter: letter.clone() });
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
            (_, Endpoint::Node(to), Letter::Request(request)) => {
                self.step(to, Input::Client { client: CLIENT, request })
            }
            (Endpoint::Node(node), Endpoint::Lease, Letter::Ask(request)) => {
                let reply = self.register.ask(self.now, node, request);
                self.send(Endpoint::Lease, from, &Letter::Lease(reply));
                Ok(())
            }
            (_, Endpoint::Client, Letter::Response(response)) => {
                let mut outputs = Vec::new();
                self.client.hear(self.now, response, &mut outputs);
                self.do_for_client(outputs)
            }
            _ => unreachable!("nobody sends such a letter that way"),
        }
    }

    pub(super) fn start(&mut self, id: NodeId) -> Result<(), Violation> {
        let durable = match self.machine_mut(id).take_power() {
            Power::Down(durable) => durable,
            running => {
                self.machine_mut(id).power = running;
                return Ok(());
            }
        };
        let peers = self.machines.iter().map(|machine| machine.id).filter(|&peer| peer != id);
        let number = self.machine(id).starts << 8 | u64::from(id.get());
        let config = NodeConfig {
            id,
            peers: peers.collect(),
            timing: self.config.timing,
            serve: self.config.serve,
            batch: self.config.batch,
            weakness: self.config.weakness,
            seed: Rng::new(self.config.seed ^ number << 32).next_u64(),
        };
        let node = Node::new(config, durable, (self.new_bus)(), self.now);
        let machine = self.machine_mut(id);
        machine.starts += 1;
        machine.committed = Position::START;
        machine.power = Power::Up(node);
        self.step(id, Input::Tick)
    }

    /// Gives a node an input, unless its machine is down, or later, if it stands still.
    fn step(&mut self, id: NodeId, input: Input) -> Result<(), Violation> {
        match &mut self.machine_mut(id).power {
            Power::Up(_) => self.step_at(id, self.now, input),
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
        let machine = &mut self.machines[usize::from(id.get())];
        let Power::Up(node) = &mut machine.power else { return Ok(()) };
        let mut outputs = Vec::new();
        node.step(at, input, &mut outputs);
        let (before, committed) = (machine.committed, node.committed());
        machine.committed = committed;
        self.checker.commits(id, node.durable().log(), before, committed)?;
        outputs.into_iter().try_for_each(|output| self.do_for_node(id, output))
    }

    fn do_for_node(&mut self, id: NodeId, output: Output) -> Result<(), Violation> {
        let from = Endpoint::Node(id);
        match output {
            Output::Send { to, message } => {
                self.send(from, Endpoint::Node(to), &Letter::Peer(message));
            }
            Output::Lease(request) => self.send(from, Endpoint::Lease, &Letter::Ask(request)),
            Output::Respond { response, .. } => {
                if let Response::Reply { ticket, reply: Reply::Decided(Ok(outcome)) } = &response {
                    let log = self.machine(id).durable().log();
                    self.checker.acknowledges(*ticket, outcome, log)?;
                }
                self.send(from, Endpoint::Client, &Letter::Response(response));
            }
            Output::Note(note) => self.take_note(id, note)?,
            Output::WaitUntil(at) => self.wake_node(id, at),
        }
        Ok(())
    }

    fn take_note(&mut self, id: NodeId, note: Note) -> Result<(), Violation> {
        self.failovers.note(id, note, self.now);
        self.trace(Endpoint::Node(id), TraceEvent::Note(note));
        match note {
            Note::Promoted(term) => self.checker.promoted(id, term.epoch),
            Note::Rewound(rewound) => {
                let committed = self.machine(id).committed;
                self.checker.rewound(id, rewound.to, committed)
            }
            _ => Ok(()),
        }
    }

    fn wake_node(&mut self, id: NodeId, at: Timestamp) {
        let at = at.max(self.now);
        let machine = self.machine_mut(id);
        if machine.wake.is_none_or(|wake| at < wake) {
            machine.wake = Some(at);
            self.plan(at, Happening::Wake(id));
        }
    }

    pub(super) fn wake_client(&mut self, at: Timestamp) {
        let at = at.max(self.now);
        if self.client_wake.is_none_or(|wake| at < wake) {
            self.client_wake = Some(at);
            self.plan(at, Happening::WakeClient);
        }
    }

    fn do_for_client(&mut self, outputs: Vec<ClientOutput>) -> Result<(), Violation> {
        for output in outputs {
            match output {
                ClientOutput::Send(node, request) => {
                    if let Request::Resume { after, .. } = &request {
                        let event = TraceEvent::Connects { node, after: after.position };
                        self.trace(Endpoint::Client, event);
                    }
                    let to = Endpoint::Node(node);
                    self.send(Endpoint::Client, to, &Letter::Request(request));
                }
                ClientOutput::Decided(ticket, decided) => {
                    self.trace(Endpoint::Client, TraceEvent::Decided(ticket, decided));
                }
                ClientOutput::Changed(change) => {
                    self.check_change(&change)?;
                    self.client.changes.push_back(change);
                }
                ClientOutput::WaitUntil(at) => self.wake_client(at),
            }
        }
        let follower = &self.client.follower;
        if let Some(node) = follower.node() {
            let epoch = follower.epoch();
            if self.failovers.followed(node, epoch, self.now) {
                self.trace(Endpoint::Client, TraceEvent::Follows { node, epoch });
            }
        }
        Ok(())
    }

    fn check_change(&mut self, change: &FollowerOutput) -> Result<(), Violation> {
        match change {
            FollowerOutput::Apply(entry) => self.checker.applies(entry)?,
            FollowerOutput::Rewind(to) => {
                self.checker.rewinds(*to);
                self.trace(Endpoint::Client, TraceEvent::Rewinds(*to));
            }
            FollowerOutput::Connect { .. } | FollowerOutput::WaitUntil(_) => {}
        }
        Ok(())
    }
}
