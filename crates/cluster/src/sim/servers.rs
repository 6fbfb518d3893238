//! Servers beside the nodes, on machines that can stop or stand still.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use everview_core::{Rng, Timestamp};

use super::fault::Target;
use super::inject::Remedy;
use super::machine::{MachineState, Outage};
use super::{Endpoint, Fault, Happening, Letter, Simulation, Sometimes, TraceEvent, Violation};
use crate::{
    ClientId, FollowerConfig, Place, Response, Server, ServerConfig, ServerId, ServerInput,
    ServerNote, ServerOutput,
};

/// A machine that a server runs on. Nothing of the server is left when it stops.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) id: ServerId,
    pub(super) place: Place,
    pub(super) power: HostPower,
    starts: u64,
    wake: Option<Timestamp>,
    outage: Option<Outage>,
}

/// What such a machine is doing.
#[derive(Debug)]
pub(super) enum HostPower {
    Up(Server),
    Frozen { server: Server, since: Timestamp, inbox: VecDeque<ServerInput> },
    Down,
}

impl Host {
    pub(super) const fn new(id: ServerId, place: Place) -> Self {
        Self { id, place, power: HostPower::Down, starts: 0, wake: None, outage: None }
    }

    pub(super) const fn state(&self) -> MachineState {
        match self.power {
            HostPower::Up(_) => MachineState::Up,
            HostPower::Frozen { .. } => MachineState::Frozen,
            HostPower::Down => MachineState::Down,
        }
    }

    pub(super) fn is_destroyed(&self) -> bool {
        self.outage == Some(Outage::Destroyed)
    }

    pub(super) const fn server(&self) -> Option<&Server> {
        match &self.power {
            HostPower::Up(server) | HostPower::Frozen { server, .. } => Some(server),
            HostPower::Down => None,
        }
    }
}

impl Simulation {
    pub(super) fn server_ids(&self) -> Vec<ServerId> {
        self.hosts.iter().map(|host| host.id).collect()
    }

    pub(super) fn host_mut(&mut self, id: ServerId) -> &mut Host {
        &mut self.hosts[usize::from(id.get())]
    }

    /// A server as the nodes know it: a client after the others.
    fn client_of(&self, id: ServerId) -> ClientId {
        ClientId(self.clients.len() as u64 + u64::from(id.get()))
    }

    /// Who a client of the nodes is.
    pub(super) fn end_of(&self, client: ClientId) -> Endpoint {
        let beyond = client.0.checked_sub(self.clients.len() as u64);
        let number = beyond.and_then(|number| u8::try_from(number).ok());
        number.map_or(Endpoint::Client(client), |number| Endpoint::Server(ServerId::new(number)))
    }

    /// What a server asks of a node.
    pub(super) fn server_asks(&self, id: ServerId, request: crate::Request) -> crate::Input {
        crate::Input::Client { client: self.client_of(id), request }
    }

    /// Starts a server that is down, if nothing keeps it from that.
    pub(super) fn start_server(&mut self, id: ServerId) -> Result<(), Violation> {
        let host = &mut self.hosts[usize::from(id.get())];
        if host.state() != MachineState::Down || host.outage.is_some() {
            return Ok(());
        }
        host.starts += 1;
        let number = host.starts << 8 | u64::from(id.get());
        let follower = FollowerConfig {
            timing: self.config.timing,
            weakness: self.config.weakness,
            ..FollowerConfig::new(
                self.machines.iter().map(|machine| machine.id).collect(),
                Rng::new(self.config.seed ^ number << 40).next_u64(),
            )
        };
        // Its senders wait for as long as a node may be quiet.
        let patience_ms = self.config.timing.suspicion_ms * 3 / 4;
        let config = ServerConfig { follower, patience_ms };
        host.power = HostPower::Up(Server::new(config, (self.new_bus)(), self.now));
        let client = self.client_of(id);
        self.checker.forgets(client);
        self.serve(id, ServerInput::Tick)
    }

    pub(super) fn wake_server(&mut self, id: ServerId) -> Result<(), Violation> {
        let now = self.now;
        match self.host_mut(id).wake.take_if(|wake| *wake <= now) {
            Some(_) => self.serve(id, ServerInput::Tick),
            None => Ok(()),
        }
    }

    /// Gives a server an input, unless its machine is down, or later, if it stands still.
    pub(super) fn serve(&mut self, id: ServerId, input: ServerInput) -> Result<(), Violation> {
        let now = self.now;
        match &mut self.host_mut(id).power {
            HostPower::Up(_) => self.serve_at(id, now, input),
            HostPower::Frozen { inbox, .. } => {
                inbox.push_back(input);
                Ok(())
            }
            HostPower::Down => Ok(()),
        }
    }

    fn serve_at(
        &mut self,
        id: ServerId,
        at: Timestamp,
        input: ServerInput,
    ) -> Result<(), Violation> {
        let HostPower::Up(server) = &mut self.host_mut(id).power else { return Ok(()) };
        let mut outputs = Vec::new();
        server.step(at, input, &mut outputs);
        let (who, client) = (Endpoint::Server(id), self.client_of(id));
        for output in outputs {
            match output {
                ServerOutput::Send { to, request } => {
                    self.send(who, Endpoint::Node(to), Letter::Request(request));
                }
                ServerOutput::Reply { ticket, reply } => {
                    let response = Response::Reply { ticket, reply };
                    self.send(who, Endpoint::Balancer, Letter::Response(response));
                }
                ServerOutput::Changed(change) => self.check_change(client, &change)?,
                ServerOutput::Note(note) => self.take_server_note(id, note),
                ServerOutput::WaitUntil(at) => {
                    let at = at.max(self.now);
                    let host = self.host_mut(id);
                    if host.wake.is_none_or(|wake| at < wake) {
                        host.wake = Some(at);
                        self.plan(at, Happening::WakeServer(id));
                    }
                }
            }
        }
        Ok(())
    }

    fn take_server_note(&mut self, id: ServerId, note: ServerNote) {
        match note {
            ServerNote::Conflict { .. } => self.coverage.reach(Sometimes::AppendRefused),
            ServerNote::OtherTerm => self.coverage.reach(Sometimes::AppendOfOtherTerm),
            ServerNote::Known(ticket) => {
                let is_elsewhere = self.front.as_ref().is_some_and(|front| {
                    front.first_sent_to(ticket).is_some_and(|first| first != id)
                });
                self.coverage.reach_if(is_elsewhere, Sometimes::DoneOnce);
            }
            ServerNote::GivenUp(_) => self.coverage.reach(Sometimes::GivenUp),
        }
        self.trace(Endpoint::Server(id), TraceEvent::Server(note));
    }

    pub(super) fn can_happen_to(&self, id: ServerId, fault: Fault) -> bool {
        let Some(host) = self.hosts.get(usize::from(id.get())) else { return false };
        let state = host.state();
        match fault {
            Fault::Restart(_) => state == MachineState::Down && host.outage.is_none(),
            Fault::Freeze(_) => state == MachineState::Up,
            Fault::Thaw(_) => state == MachineState::Frozen,
            Fault::Destroy(_) => !host.is_destroyed(),
            Fault::Isolate(_) | Fault::Drain(_) | Fault::Undrain(_) | Fault::Weigh(..) => true,
            Fault::Kill(_) | Fault::PowerLoss(_) => state != MachineState::Down,
            // It has no disk, and no clock that matters.
            _ => false,
        }
    }

    /// Lets a fault happen to a server; what would end it.
    pub(super) fn do_fault_to_server(
        &mut self,
        id: ServerId,
        fault: Fault,
    ) -> Result<Option<Remedy>, Violation> {
        let target = Target::Server(id);
        match fault {
            Fault::Restart(_) => self.start_server(id).map(|()| None),
            Fault::Freeze(_) => {
                let (since, host) = (self.now, self.host_mut(id));
                host.power = match core::mem::replace(&mut host.power, HostPower::Down) {
                    HostPower::Up(server) => HostPower::Frozen { server, since, inbox: [].into() },
                    other => other,
                };
                Ok(Some(Remedy::Fault(Fault::Thaw(target))))
            }
            Fault::Thaw(_) => self.thaw_server(id).map(|()| None),
            Fault::Destroy(_) => {
                self.stop_server(id);
                self.host_mut(id).outage = Some(Outage::Destroyed);
                Ok(None)
            }
            _ => {
                self.stop_server(id);
                Ok(Some(Remedy::Fault(Fault::Restart(target))))
            }
        }
    }

    fn stop_server(&mut self, id: ServerId) {
        let host = self.host_mut(id);
        host.power = HostPower::Down;
        host.wake = None;
    }

    /// As with a node, what came in first is taken at the time when the machine began to stand still.
    fn thaw_server(&mut self, id: ServerId) -> Result<(), Violation> {
        let host = self.host_mut(id);
        let (server, since, inbox) = match core::mem::replace(&mut host.power, HostPower::Down) {
            HostPower::Frozen { server, since, inbox } => (server, since, inbox),
            other => {
                host.power = other;
                return Ok(());
            }
        };
        host.power = HostPower::Up(server);
        host.wake = None;
        let mut clock = since;
        for input in inbox {
            self.serve_at(id, clock, input)?;
            clock = self.now;
        }
        self.serve(id, ServerInput::Tick)
    }

    pub(super) fn power_off_servers(&mut self, is_hit: impl Fn(Place) -> bool) {
        for id in self.server_ids() {
            let host = self.host_mut(id);
            if is_hit(host.place) && !host.is_destroyed() {
                host.outage = Some(Outage::Place);
                self.stop_server(id);
            }
        }
    }

    pub(super) fn power_on_servers(
        &mut self,
        is_hit: impl Fn(Place) -> bool,
    ) -> Result<(), Violation> {
        for id in self.server_ids() {
            let host = self.host_mut(id);
            if is_hit(host.place) && host.outage == Some(Outage::Place) {
                host.outage = None;
                self.start_server(id)?;
            }
        }
        Ok(())
    }
}
