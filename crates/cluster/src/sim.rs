//! A cluster in a box: nodes, links, a lease register and a client, with a clock that is told.
//!
//! The nodes and the follower are the ones that run in production; only clocks, links and machines
//! are simulated. The same seed, workload and faults give the same history, byte for byte, on every
//! platform. Everything the nodes and the follower do is held against the promises they make, and a
//! [`Violation`] stops the simulation where it was broken.

mod agenda;
pub mod bank;
mod checker;
mod client;
mod clock;
mod coverage;
mod disk;
mod drive;
mod failovers;
mod fault;
mod front;
mod inject;
mod leap;
mod machine;
mod network;
mod observe;
pub mod regions;
pub mod resumes;
mod script;
mod servers;
mod service;
mod snapshots;
mod status;
pub mod swarm;
mod trace;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

use everview_core::command::{Command, CommandBus};
use everview_core::{Log, Position, Rng, Timestamp};

use crate::{
    ClientId, FollowerConfig, FollowerOutput, LeaseReply, LeaseRequest, MemoryRegister, NodeId,
    PeerMessage, Place, Replication, Request, Response, Serve, Server, ServerId, Snapshot, Ticket,
    Timing,
};
use agenda::Agenda;
use checker::Checker;
use client::{Asker, Client};
use failovers::Failovers;
use front::Front;
use inject::Remedy;
use machine::Machine;
use network::Network;
use servers::Host;
use snapshots::Snapshots;

pub use crate::weakness::Weakness;
pub use checker::Violation;
pub use client::Decided;
pub use coverage::{Coverage, Sometimes};
pub use failovers::{Failover, Phase};
pub use fault::{Fault, Group, Target};
pub use front::Balance;
pub use machine::MachineState;
pub use network::{Endpoint, LinkStatus, NetworkConfig};
pub use script::{Action, Edits, Payments, Script, ScriptError, ScriptProblem, Step, Work};
pub use service::Service;
pub use status::{FollowerStatus, NodeStatus, PeerStatus, ServerStatus, Status};
pub use trace::{TraceEvent, TraceLine};

/// What a simulation is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimConfig {
    /// Where all its randomness starts from.
    pub seed: u64,
    /// When it starts.
    pub start: Timestamp,
    /// Where each node is.
    pub places: Vec<Place>,
    /// Where each server is. Without any, clients send their commands to the leader; with some, to a
    /// balancer, and the servers decide them. Either way clients follow the nodes.
    pub servers: Vec<Place>,
    /// How commands are spread over the servers.
    pub balance: Balance,
    /// How many clients there are; at least 1. The first one is a person's too.
    pub clients: usize,
    /// How long things may take.
    pub timing: Timing,
    /// How the links behave.
    pub network: NetworkConfig,
    /// Who has to have an event before its client is told.
    pub replication: Replication,
    /// Which events clients are sent.
    pub serve: Serve,
    /// How many of the latest events nodes send clients, at least: at every so many a snapshot is
    /// made, and who lacks more starts from it. None if they send all.
    pub retain: Option<u64>,
    /// The most events in one message; at least 1.
    pub batch: usize,
    /// Whether time in which there are only signs of life is skipped: a year then takes no longer
    /// than what happens in it. With servers, nothing is skipped.
    pub skips_idle: bool,
    /// A rule for nodes or followers to break, so that tests can see that it is needed.
    pub weakness: Option<Weakness>,
}

impl Default for SimConfig {
    /// Three nodes in three zones.
    fn default() -> Self {
        Self {
            seed: 0,
            start: Timestamp::default(),
            places: [1, 2, 3].map(|zone| Place::new(1, zone)).into(),
            servers: Vec::new(),
            balance: Balance::default(),
            clients: 1,
            timing: Timing::default(),
            network: NetworkConfig::default(),
            replication: Replication::default(),
            serve: Serve::default(),
            retain: None,
            batch: 64,
            skips_idle: false,
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

/// A cluster with its clients, at a moment.
pub struct Simulation {
    config: SimConfig,
    now: Timestamp,
    agenda: Agenda,
    machines: Vec<Machine>,
    register: MemoryRegister,
    network: Network,
    disk_rng: Rng,
    clients: Vec<Client>,
    hosts: Vec<Host>,
    /// The balancer, if there are servers.
    front: Option<Front>,
    /// How many commands the workload has sent.
    arrived: usize,
    workload: Box<dyn Workload>,
    new_bus: Box<dyn Fn() -> CommandBus>,
    checker: Checker,
    failovers: Failovers,
    snapshots: Snapshots,
    coverage: Coverage,
    /// How many faults have happened.
    faults: u64,
    /// When something last happened that is more than a sign of life.
    stirred: Timestamp,
    trace: VecDeque<TraceLine>,
    violation: Option<Violation>,
}

#[derive(Debug)]
enum Happening {
    Start(NodeId),
    Wake(NodeId),
    WakeClient(ClientId),
    StartServer(ServerId),
    WakeServer(ServerId),
    /// The balancer looks after the servers.
    Probe,
    Arrival(Command),
    Synced(NodeId, u64),
    Snapshot(NodeId),
    Restored(ClientId, Snapshot),
    Remedy(Remedy),
    Delivery {
        from: Endpoint,
        to: Endpoint,
        letter: Letter,
    },
}

/// What travels over a link.
#[derive(Debug, Clone)]
enum Letter {
    Peer(PeerMessage),
    Ask(LeaseRequest),
    Lease(LeaseReply),
    Request(Request),
    Response(Response),
    /// A health check, and the answer to it.
    Probe(u64),
}

impl Simulation {
    /// A cluster about to start, with commands from `workload` and a bus from `new_bus` for each
    /// start of a node.
    ///
    /// # Panics
    ///
    /// If there are no places or no clients, or more than 256 places or servers.
    pub fn new(
        config: SimConfig,
        workload: impl Workload + 'static,
        new_bus: impl Fn() -> CommandBus + 'static,
    ) -> Self {
        let mut rng = Rng::new(config.seed);
        let ids = (0..=u8::MAX).map(NodeId::new);
        let machine = |(id, &place)| Machine::new(id, place, config.start);
        let machines: Vec<_> = ids.zip(&config.places).map(machine).collect();
        assert_eq!(machines.len(), config.places.len(), "there are at most 256 nodes");
        assert!(!machines.is_empty() && config.clients > 0, "somebody has to serve somebody");
        let nodes: Vec<_> = machines.iter().map(|machine| machine.id).collect();
        let clients = (0..).map(ClientId).take(config.clients).map(|id| {
            let follower = FollowerConfig {
                timing: config.timing,
                weakness: config.weakness,
                ..FollowerConfig::new(nodes.clone(), rng.next_u64())
            };
            Client::new(id, follower, config.start, !config.servers.is_empty())
        });
        let clients: Vec<_> = clients.collect();
        let regions = |places: &[Place]| places.iter().map(|place| place.region.get()).collect();
        let (of_nodes, of_servers) = (regions(&config.places), regions(&config.servers));
        let host = |(id, &place)| Host::new(id, place);
        let hosts: Vec<_> =
            (0..=u8::MAX).map(ServerId::new).zip(&config.servers).map(host).collect();
        assert_eq!(hosts.len(), config.servers.len(), "there are at most 256 servers");
        let servers: Vec<_> = hosts.iter().map(|host| host.id).collect();
        let front = (!hosts.is_empty()).then(|| Front::new(config.balance, &servers));
        let followers = config.clients + hosts.len();
        let mut simulation = Self {
            now: config.start,
            agenda: Agenda::default(),
            register: MemoryRegister::default(),
            network: Network::new(
                config.network,
                of_nodes,
                config.clients,
                of_servers,
                rng.next_u64(),
            ),
            disk_rng: rng.fork(),
            clients,
            hosts,
            front,
            arrived: 0,
            workload: Box::new(workload),
            new_bus: Box::new(new_bus),
            checker: Checker::new(config.serve, config.replication, followers),
            failovers: Failovers::default(),
            snapshots: Snapshots::default(),
            coverage: Coverage::default(),
            faults: 0,
            stirred: config.start,
            trace: VecDeque::new(),
            violation: None,
            machines,
            config,
        };
        simulation.plan_starts();
        simulation
    }

    fn plan_starts(&mut self) {
        for id in self.ids() {
            self.plan(self.now, Happening::Start(id));
        }
        for client in (0..).map(ClientId).take(self.clients.len()) {
            self.wake_client(client, self.now);
        }
        for id in self.server_ids() {
            self.plan(self.now, Happening::StartServer(id));
        }
        if self.front.is_some() {
            self.plan(self.now, Happening::Probe);
        }
        self.plan_arrival();
    }

    /// Lets everything happen that happens until `to`.
    ///
    /// # Errors
    ///
    /// When a promise is broken, now or before; the simulation stays at that moment.
    pub fn advance(&mut self, to: Timestamp) -> Result<(), Violation> {
        while self.violation.is_none()
            && let Some((at, happening)) = self.next_happening(to)
        {
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

    fn next_happening(&mut self, to: Timestamp) -> Option<(Timestamp, Happening)> {
        if self.config.skips_idle {
            self.leap(to);
        }
        self.agenda.take(to)
    }

    /// The time.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// When it started.
    pub const fn start_time(&self) -> Timestamp {
        self.config.start
    }

    /// The moment when so much time has passed since the start.
    pub const fn after_start(&self, passed: Timestamp) -> Timestamp {
        Timestamp::from_micros(self.config.start.micros().saturating_add(passed.micros()))
    }

    /// Dispatches a command of a person. [`Simulation::decided`] tells what came of it.
    pub fn submit(&mut self, command: Command) -> Ticket {
        let ticket = self.clients[0].submit(self.now, command, Asker::Person);
        self.wake_client(ClientId(0), self.now);
        ticket
    }

    /// What came of a submitted command, once a quorum has it.
    pub fn decided(&self, ticket: Ticket) -> Option<&Decided> {
        self.clients[0].decided(ticket)
    }

    /// What the first client's follower wants done to the views, in order, since the last call:
    /// [`FollowerOutput::Apply`], [`FollowerOutput::Rewind`], [`FollowerOutput::Forget`] and
    /// [`FollowerOutput::Restore`] only.
    pub fn drain(&mut self) -> impl Iterator<Item = FollowerOutput> {
        self.clients[0].changes.drain(..)
    }

    /// The same of any client; nothing of one that is not there.
    pub fn drain_of(&mut self, client: ClientId) -> impl Iterator<Item = FollowerOutput> {
        let client = usize::try_from(client.0).ok().and_then(|index| self.clients.get_mut(index));
        client.into_iter().flat_map(|client| client.changes.drain(..))
    }

    /// Which of the states that a swarm must reach were reached.
    pub const fn coverage(&self) -> Coverage {
        self.coverage
    }

    /// How many faults have happened.
    pub const fn faults(&self) -> u64 {
        self.faults
    }

    /// From now on, two events that say the same of the same are a [`Violation`]: the workload asks
    /// for nothing twice.
    pub fn expect_distinct(&mut self) {
        self.checker.expect_distinct();
    }

    /// The events that were committed, as an onlooker who sees everything knows them.
    pub const fn committed_log(&self) -> &Log {
        self.checker.committed()
    }

    /// The failovers, the oldest first; the last one may still be going on.
    pub fn failovers(&self) -> Vec<Failover> {
        self.failovers.all()
    }

    /// Whether everybody has the same log and all clients know all of it. For when everything was
    /// mended and some time has passed.
    ///
    /// # Errors
    ///
    /// Who does not.
    pub fn check_settled(&self) -> Result<(), Violation> {
        let head = |machine: &Machine| machine.durable().log().head();
        let there = self.machines.iter().filter(|machine| !machine.is_destroyed());
        let nodes = there.map(|machine| (Endpoint::Node(machine.id), head(machine)));
        let servers = self.hosts.iter().filter(|host| !host.is_destroyed());
        let copy = |server: &Server| server.log().head();
        let servers = servers
            .map(|host| (Endpoint::Server(host.id), host.server().map_or(Position::START, copy)));
        self.checker.settled(nodes.chain(servers), self.clients.len())?;
        for client in &self.clients {
            let (waiting, client) = (client.waiting(), client.id);
            if waiting > 0 {
                return Err(Violation::Undecided { client, waiting });
            }
        }
        Ok(())
    }

    fn machine(&self, id: NodeId) -> &Machine {
        &self.machines[usize::from(id.get())]
    }

    fn machine_mut(&mut self, id: NodeId) -> &mut Machine {
        &mut self.machines[usize::from(id.get())]
    }

    fn plan(&mut self, at: Timestamp, happening: Happening) {
        self.agenda.add(at, happening);
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
