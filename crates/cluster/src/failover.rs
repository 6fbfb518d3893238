//! A node that leads or stands by, so that one of them always serves.
//!
//! The node that holds the lease leads, at the lease's epoch. Before it serves it makes a quorum
//! promise to take nothing from earlier epochs, and catches up from the most advanced of them; an
//! event is committed once a quorum has it. Two quorums share a node, so whatever was committed is
//! in the log of every later leader, and a deposed one cannot commit anything more.
//!
//! ```text
//!            suspects the leader,         a quorum has promised,
//!            gets the lease               its log is complete
//!  standby ───────────────────► candidate ───────────────────► leader
//!     ▲                             │                             │
//!     └── a higher epoch, no lease ─┴── or no quorum ─────────────┘
//! ```
//!
//! A node neither reads a clock nor sends anything: [`Node::step`] is told the time and an
//! [`Input`], and adds what is to be done to the caller's [`Output`]s. Before the caller does any of
//! it, what changed in [`Node::durable`] has to be on disk: every message is a promise about it.

mod candidate;
mod durable;
mod handover;
mod leader;
mod note;
mod replication;
mod serve;
mod standby;

use alloc::vec::Vec;

use everview_core::command::CommandBus;
use everview_core::{Epoch, Position, Rng, Timestamp};

use crate::{
    ClientId, Detector, Entry, Heartbeat, History, LeaseReply, LeaseRequest, Lineage, NodeId,
    PeerMessage, Request, Response, Role, Snapshot, Timing, Verdict, Weakness,
};
use candidate::Candidate;
use durable::Forgotten;
use leader::Leader;
use serve::Clients;
use standby::{Replica, Standby};

pub use durable::{Durable, Rewound};
pub use note::{Note, StepDown};
pub use replication::Replication;

/// What a node is told when it is made.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// The node.
    pub id: NodeId,
    /// The other nodes of the cluster.
    pub peers: Vec<NodeId>,
    /// How long things may take.
    pub timing: Timing,
    /// Who has to have an event before its client is told.
    pub replication: Replication,
    /// Which events clients are sent.
    pub serve: Serve,
    /// How many events before its latest snapshot clients are sent. Who lacks earlier ones is given
    /// the snapshot, except for those who need every event.
    pub retain: u64,
    /// The most events in one message; at least 1.
    pub batch: usize,
    /// Where the node's randomness starts from.
    pub seed: u64,
    /// A rule to break. Nothing outside of this crate can set it.
    pub(crate) weakness: Option<Weakness>,
}

impl NodeConfig {
    /// A node with these peers, with usual times and a quorum's confirmation.
    ///
    /// ```
    /// use everview_cluster::{NodeConfig, NodeId, Serve};
    ///
    /// let [a, b, c] = [0, 1, 2].map(NodeId::new);
    /// let mut config = NodeConfig::new(a, vec![b, c], 7);
    /// config.serve = Serve::Appended;
    /// assert_eq!(config.timing.lease_ms, 1_500);
    /// ```
    pub fn new(id: NodeId, peers: Vec<NodeId>, seed: u64) -> Self {
        Self {
            id,
            peers,
            timing: Timing::default(),
            replication: Replication::default(),
            serve: Serve::default(),
            retain: 10_000,
            batch: 64,
            seed,
            weakness: None,
        }
    }
}

/// Which events clients are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Serve {
    /// Those a quorum has. Clients never see an event that is lost later.
    #[default]
    Committed,
    /// All that the leader has: sooner by a round trip, but a failover can take some back.
    Appended,
}

/// What happens to a node.
#[derive(Debug, Clone)]
pub enum Input {
    /// Time has passed.
    Tick,
    /// Another node said something.
    Peer {
        /// Which one.
        from: NodeId,
        /// What it said.
        message: PeerMessage,
    },
    /// The lease register answered.
    Lease(LeaseReply),
    /// An operator wants another node to lead.
    HandOver(NodeId),
    /// Views that its log makes up to a position that was committed, for clients to start from: from
    /// now on, and after a start again. Nodes make none themselves.
    Snapshot(Snapshot),
    /// A client asked for something.
    Client {
        /// Which one.
        client: ClientId,
        /// What it asked for.
        request: Request,
    },
}

/// What a node wants done.
#[derive(Debug, Clone)]
pub enum Output {
    /// Tell another node.
    Send {
        /// Which one.
        to: NodeId,
        /// What to say.
        message: PeerMessage,
    },
    /// Ask the lease register.
    Lease(LeaseRequest),
    /// Tell a client.
    Respond {
        /// Which one.
        client: ClientId,
        /// What to say.
        response: Response,
    },
    /// Keep these events aside: they were in the log and are not in the leader's, so they were taken
    /// out of it. Clients may have been told of them only under [`Replication::Asynchronous`].
    KeepAside(Vec<Entry>),
    /// Something that an observer may want to know.
    Note(Note),
    /// Step again at this time, if nothing happens before. Every step ends with one.
    WaitUntil(Timestamp),
}

/// How long after the one before it a node asks for the lease, when all have just started.
const START_STAGGER_MS: i64 = 50;

/// A node of an active-passive cluster.
#[derive(Debug)]
pub struct Node {
    config: NodeConfig,
    rng: Rng,
    pub(crate) durable: Durable,
    bus: CommandBus,
    part: Part,
    detector: Detector,
    /// Who leads or is about to, as far as this node knows.
    leader: Option<NodeId>,
    /// The revision of the lease register, as far as this node knows.
    revision: Epoch,
    committed: Position,
    next_heartbeat: Timestamp,
    clients: Clients,
    /// The latest one of its log.
    snapshot: Option<Snapshot>,
}

/// The part the node plays, with what only that part needs.
#[derive(Debug, Clone)]
enum Part {
    Standby(Standby),
    Candidate(Candidate),
    Leader(Leader),
}

/// The time of a step and where its outputs go.
struct Context<'a> {
    now: Timestamp,
    out: &'a mut Vec<Output>,
}

impl Context<'_> {
    fn send(&mut self, to: NodeId, message: PeerMessage) {
        self.out.push(Output::Send { to, message });
    }

    fn note(&mut self, note: Note) {
        self.out.push(Output::Note(note));
    }
}

impl Node {
    /// A node that starts at `now` with what it had before, as a standby that knows no leader.
    pub fn new(config: NodeConfig, durable: Durable, bus: CommandBus, now: Timestamp) -> Self {
        let peers = config.peers.iter().copied();
        // Somebody may lead: that is listened for first. If nobody does, the first node asks first.
        let rank = peers.clone().filter(|peer| *peer < config.id).count();
        let stagger_ms = i64::try_from(rank).unwrap_or(i64::MAX).saturating_mul(START_STAGGER_MS);
        let ask_at = now.plus_millis(config.timing.heartbeat_ms.saturating_add(stagger_ms));
        Self {
            rng: Rng::new(config.seed),
            detector: Detector::new(config.timing, peers, now),
            part: Part::Standby(Standby::new(ask_at)),
            leader: None,
            revision: durable.promised,
            committed: Position::START,
            next_heartbeat: now,
            clients: Clients::default(),
            snapshot: None,
            config,
            durable,
            bus,
        }
    }

    /// What is left of the node after a crash.
    pub fn into_durable(self) -> Durable {
        self.durable
    }

    /// What the node would have after a crash.
    pub const fn durable(&self) -> &Durable {
        &self.durable
    }

    /// The part it plays.
    pub const fn role(&self) -> Role {
        match self.part {
            Part::Standby(_) => Role::Standby,
            Part::Candidate(_) => Role::Candidate,
            Part::Leader(_) => Role::Leader,
        }
    }

    /// The last event that it knows a quorum to have.
    pub const fn committed(&self) -> Position {
        self.committed
    }

    /// Who leads or is about to, as far as it knows.
    pub const fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// When it last heard a peer.
    pub fn last_heard(&self, peer: NodeId) -> Option<Timestamp> {
        self.detector.last_heard(peer)
    }

    /// Whether it takes a peer to be down.
    pub fn suspects(&self, peer: NodeId) -> bool {
        self.detector.is_down(peer)
    }

    /// How unlikely it is that a peer is only late, in thousandths of φ, if that is what it goes by.
    pub fn phi_milli(&self, peer: NodeId, now: Timestamp) -> Option<u32> {
        self.detector.phi_milli(peer, now)
    }

    /// Moves all that it remembers of time by so much.
    pub(crate) fn shift(&mut self, millis: i64) {
        self.detector.shift(millis);
        self.next_heartbeat = self.next_heartbeat.plus_millis(millis);
        self.clients.shift(millis);
        match &mut self.part {
            Part::Standby(standby) => standby.shift(millis),
            Part::Candidate(candidate) => candidate.shift(millis),
            Part::Leader(leader) => leader.shift(millis),
        }
    }

    /// Whether it counts on a lease when its clock shows `now`.
    pub(crate) fn holds_lease(&self, now: Timestamp) -> bool {
        match &self.part {
            Part::Standby(_) => false,
            Part::Candidate(candidate) => now < candidate.hold.until,
            Part::Leader(leader) => now < leader.hold.until,
        }
    }

    /// Takes one input at `now` and adds to `out` what is to be done.
    pub fn step(&mut self, now: Timestamp, input: Input, out: &mut Vec<Output>) {
        let mut ctx = Context { now, out };
        // First, so that a leader that was held up does not act on a lease that has run out.
        self.check_lease(&mut ctx);
        match input {
            Input::Tick => {}
            Input::Peer { from, message } => self.hear(&mut ctx, from, message),
            Input::Lease(reply) => self.hear_lease(&mut ctx, reply),
            Input::HandOver(to) => self.hand_over(&mut ctx, to),
            Input::Snapshot(snapshot) => self.take_snapshot(&mut ctx, snapshot),
            Input::Client { client, request } => self.hear_client(&mut ctx, client, request),
        }
        self.tick(&mut ctx);
        let wait = self.wakes_at();
        out.push(Output::WaitUntil(wait));
    }

    fn hear(&mut self, ctx: &mut Context<'_>, from: NodeId, message: PeerMessage) {
        if self.detector.heard(from, ctx.now).is_some() {
            ctx.note(Note::HearsAgain(from));
        }
        match message {
            PeerMessage::Heartbeat(heartbeat) => self.hear_heartbeat(ctx, heartbeat),
            PeerMessage::Fence { epoch } => self.promise(ctx, from, epoch),
            PeerMessage::Fenced { epoch, history, head } => {
                self.hear_promise(ctx, from, epoch, (history, head));
            }
            PeerMessage::Fetch { epoch, after } => self.lend(ctx, from, epoch, after),
            PeerMessage::Fetched { epoch, after, entries } => {
                self.hear_fetched(ctx, epoch, after, &entries);
            }
            PeerMessage::Replicate { epoch, history, after, entries, committed } => {
                if self.accepts(ctx, from, epoch) {
                    let replica = Replica { history, after, entries, committed };
                    self.replicate(ctx, from, epoch, &replica);
                }
            }
            PeerMessage::Replicated { epoch, head } => self.hear_replicated(ctx, from, epoch, head),
            PeerMessage::Missing { epoch, head } => self.hear_missing(ctx, from, epoch, head),
            PeerMessage::Refused { epoch } => self.yield_to(ctx, epoch),
            PeerMessage::TakeOver { epoch } => self.take_over(ctx, epoch),
        }
    }

    fn hear_heartbeat(&mut self, ctx: &mut Context<'_>, heartbeat: Heartbeat) {
        self.yield_to(ctx, heartbeat.epoch);
        let is_news = heartbeat.epoch == self.durable.promised;
        if is_news && heartbeat.role == Role::Standby && self.leader == Some(heartbeat.node) {
            self.leader = None;
        }
    }

    fn tick(&mut self, ctx: &mut Context<'_>) {
        let mut verdicts = Vec::new();
        self.detector.tick(ctx.now, &mut verdicts);
        for verdict in verdicts {
            if let Verdict::Down(peer) = verdict {
                ctx.note(Note::Suspects(peer));
            }
        }
        let beats = self.next_heartbeat <= ctx.now;
        if beats {
            self.next_heartbeat = ctx.now.plus_millis(self.config.timing.heartbeat_ms);
            self.send_heartbeats(ctx);
        }
        match self.part {
            Part::Standby(_) => self.ask_for_lease(ctx),
            Part::Candidate(_) => self.press_on(ctx, beats),
            Part::Leader(_) => self.lead(ctx, beats),
        }
        self.answer_held(ctx);
    }

    /// Heartbeats to the other nodes; a leader's go with what it replicates.
    fn send_heartbeats(&mut self, ctx: &mut Context<'_>) {
        let heartbeat = self.heartbeat();
        if heartbeat.role != Role::Leader {
            for &peer in &self.config.peers {
                ctx.send(peer, PeerMessage::Heartbeat(heartbeat));
            }
        }
        self.clients.send_heartbeats(ctx, heartbeat);
    }

    fn heartbeat(&self) -> Heartbeat {
        Heartbeat {
            node: self.config.id,
            role: self.role(),
            epoch: self.durable.promised,
            lineage: self.lineage(),
            head: self.served(),
        }
    }

    fn lineage(&self) -> Lineage {
        self.durable.history.lineage()
    }

    fn wakes_at(&self) -> Timestamp {
        let due = match &self.part {
            Part::Standby(standby) if self.misses_leader() => standby.ask_at,
            Part::Standby(_) => Timestamp::MAX,
            Part::Candidate(candidate) => candidate.hold.until,
            Part::Leader(leader) => leader.hold.until,
        };
        let deadline = self.detector.next_deadline().unwrap_or(Timestamp::MAX);
        self.next_heartbeat.min(deadline).min(due)
    }

    /// Whether a node at `epoch` is deposed, as far as this one knows.
    fn fences(&self, epoch: Epoch) -> bool {
        epoch < self.durable.promised && !self.breaks(Weakness::NoFencing)
    }

    /// How many nodes there are.
    fn size(&self) -> usize {
        self.config.peers.len() + 1
    }

    /// Makes the log a beginning of the one with `history`, and keeps aside what it takes out.
    fn rewind_to_shared(&mut self, ctx: &mut Context<'_>, history: &History) {
        if let Some(Forgotten { rewound, entries }) = self.durable.rewind_to_shared(history) {
            self.committed = self.committed.min(rewound.to);
            self.snapshot.take_if(|snapshot| rewound.to < snapshot.at.position);
            ctx.out.push(Output::KeepAside(entries));
            ctx.note(Note::Rewound(rewound));
        }
    }

    fn breaks(&self, rule: Weakness) -> bool {
        self.config.weakness == Some(rule)
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
