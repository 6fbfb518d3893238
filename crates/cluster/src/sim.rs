//! A cluster in a box: nodes, links, a lease register and a client, with a clock that is told.
//!
//! The nodes and the follower are the ones that run in production; only clocks, links and machines
//! are simulated. The same seed, workload and faults give the same history, byte for byte, on every
//! platform. Everything the nodes and the follower do is held against the promises they make, and a
//! [`Violation`] stops the simulation where it was broken.

mod checker;
mod client;
mod drive;
mod failovers;
mod fault;
mod machine;
mod network;
mod status;
mod trace;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use everview_core::command::{Command, CommandBus};
use everview_core::{Log, Rng, Timestamp};

use crate::{
    Durable, FollowerConfig, FollowerOutput, LeaseRegister, LeaseReply, LeaseRequest, NodeId,
    PeerMessage, Request, Response, Serve, Ticket, Timing, Weakness, Zone,
};
use checker::Checker;
use client::{Asker, Client};
use failovers::Failovers;
use machine::Machine;
use network::Network;

pub use checker::Violation;
pub use client::Decided;
pub use failovers::{Failover, Phase};
pub use fault::Fault;
pub use machine::MachineState;
pub use network::{Endpoint, NetworkConfig};
pub use status::{FollowerStatus, NodeStatus, PeerStatus, Status};
pub use trace::{TraceEvent, TraceLine};

/// What a simulation is made of.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// Where all its randomness starts from.
    pub seed: u64,
    /// When it starts.
    pub start: Timestamp,
    /// The zone of each node.
    pub zones: Vec<Zone>,
    /// How long things may take.
    pub timing: Timing,
    /// How the links behave.
    pub network: NetworkConfig,
    /// Which events the client is sent.
    pub serve: Serve,
    /// The most events in one message; at least 1.
    pub batch: usize,
    /// A rule for the nodes to break, so that tests can see that it is needed.
    pub weakness: Option<Weakness>,
}

impl Default for SimConfig {
    /// Three nodes in three zones.
    fn default() -> Self {
        Self {
            seed: 0,
            start: Timestamp::default(),
            zones: [1, 2, 3].map(Zone::new).into(),
            timing: Timing::default(),
            network: NetworkConfig::default(),
            serve: Serve::default(),
            batch: 64,
            weakness: None,
        }
    }
}

/// Commands that arrive by themselves.
pub trait Workload {
    /// The next command and when it is dispatched, which is not before `now`; none when it ends.
    fn next(&mut self, now: Timestamp) -> Option<(Timestamp, Command)>;
}

impl<F: FnMut(Timestamp) -> Option<(Timestamp, Command)>> Workload for F {
    fn next(&mut self, now: Timestamp) -> Option<(Timestamp, Command)> {
        self(now)
    }
}

/// A cluster with a client, at a moment.
pub struct Simulation {
    config: SimConfig,
    now: Timestamp,
    /// What will happen, by time and then by the order in which it was decided on.
    agenda: BTreeMap<(Timestamp, u64), Happening>,
    decided_on: u64,
    machines: Vec<Machine>,
    register: LeaseRegister,
    network: Network,
    client: Client,
    client_wake: Option<Timestamp>,
    workload: Box<dyn Workload>,
    new_bus: Box<dyn Fn() -> CommandBus>,
    checker: Checker,
    failovers: Failovers,
    trace: VecDeque<TraceLine>,
    violation: Option<Violation>,
}

#[derive(Debug)]
enum Happening {
    Start(NodeId),
    Wake(NodeId),
    WakeClient,
    Arrival(Command),
    Delivery { from: Endpoint, to: Endpoint, letter: Letter },
}

/// What travels over a link.
#[derive(Debug, Clone)]
enum Letter {
    Peer(PeerMessage),
    Ask(LeaseRequest),
    Lease(LeaseReply),
    Request(Request),
    Response(Response),
}

impl Simulation {
    /// A cluster about to start, with commands from `workload` and a bus from `new_bus` for each
    /// start of a node.
    ///
    /// # Panics
    ///
    /// If there are no zones, or more than 256.
    pub fn new(
        config: SimConfig,
        workload: impl Workload + 'static,
        new_bus: impl Fn() -> CommandBus + 'static,
    ) -> Self {
        let mut rng = Rng::new(config.seed);
        let ids = (0..=u8::MAX).map(NodeId::new);
        let machine = |(id, &zone)| Machine::new(id, zone, Durable::default());
        let machines: Vec<_> = ids.zip(&config.zones).map(machine).collect();
        assert_eq!(machines.len(), config.zones.len(), "there are at most 256 nodes");
        let follower = FollowerConfig {
            nodes: machines.iter().map(|machine| machine.id).collect(),
            timing: config.timing,
            seed: rng.next_u64(),
        };
        let mut simulation = Self {
            now: config.start,
            agenda: BTreeMap::new(),
            decided_on: 0,
            register: LeaseRegister::new(config.timing.lease_ms),
            network: Network::new(config.network, rng.fork()),
            client: Client::new(follower, config.start),
            client_wake: None,
            workload: Box::new(workload),
            new_bus: Box::new(new_bus),
            checker: Checker::new(config.serve),
            failovers: Failovers::default(),
            trace: VecDeque::new(),
            violation: None,
            machines,
            config,
        };
        simulation.plan_starts();
        simulation
    }

    fn plan_starts(&mut self) {
        let ids: Vec<_> = self.machines.iter().map(|machine| machine.id).collect();
        for id in ids {
            self.plan(self.now, Happening::Start(id));
        }
        self.plan(self.now, Happening::WakeClient);
        self.client_wake = Some(self.now);
        self.plan_arrival();
    }

    /// Lets everything happen that happens until `to`.
    ///
    /// # Errors
    ///
    /// When a promise is broken, now or before; the simulation stays at that moment.
    pub fn advance(&mut self, to: Timestamp) -> Result<(), Violation> {
        while self.violation.is_none()
            && let Some(next) = self.agenda.first_entry().filter(|next| next.key().0 <= to)
        {
            let ((at, _), happening) = next.remove_entry();
            self.now = self.now.max(at);
            let happened = self.happen(happening);
            self.violation = happened.err();
        }
        if let Some(violation) = &self.violation {
            return Err(violation.clone());
        }
        self.now = self.now.max(to);
        Ok(())
    }

    /// The time.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Dispatches a command of a person. [`Simulation::decided`] tells what came of it.
    pub fn submit(&mut self, command: Command) -> Ticket {
        let ticket = self.client.submit(self.now, command, Asker::Person);
        self.wake_client(self.now);
        ticket
    }

    /// What came of a submitted command, once a quorum has it.
    pub fn decided(&self, ticket: Ticket) -> Option<&Decided> {
        self.client.decided(ticket)
    }

    /// What the follower wants done to the views, in order, since the last call:
    /// [`FollowerOutput::Apply`] and [`FollowerOutput::Rewind`] only.
    pub fn drain(&mut self) -> impl Iterator<Item = FollowerOutput> {
        self.client.changes.drain(..)
    }

    /// The events that were committed, as an onlooker who sees everything knows them.
    pub const fn committed_log(&self) -> &Log {
        self.checker.committed()
    }

    /// The failovers, the oldest first; the last one may still be going on.
    pub fn failovers(&self) -> Vec<Failover> {
        self.failovers.all()
    }

    /// Whether everybody has the same log and the client knows all of it. For when everything was
    /// mended and some time has passed.
    ///
    /// # Errors
    ///
    /// Who does not.
    pub fn check_settled(&self) -> Result<(), Violation> {
        let head = |machine: &Machine| machine.durable().log().head();
        let logs = self.machines.iter().map(|machine| (machine.id, head(machine)));
        self.checker.settled(logs)
    }

    fn machine(&self, id: NodeId) -> &Machine {
        &self.machines[usize::from(id.get())]
    }

    fn machine_mut(&mut self, id: NodeId) -> &mut Machine {
        &mut self.machines[usize::from(id.get())]
    }

    fn plan(&mut self, at: Timestamp, happening: Happening) {
        self.decided_on += 1;
        self.agenda.insert((at, self.decided_on), happening);
    }

    fn plan_arrival(&mut self) {
        if let Some((at, command)) = self.workload.next(self.now) {
            self.plan(at.max(self.now), Happening::Arrival(command));
        }
    }
}

impl core::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Simulation").field("status", &self.status()).finish_non_exhaustive()
    }
}
