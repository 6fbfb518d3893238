//! Following a cluster from outside, whoever leads it.
//!
//! A [`Follower`] asks one node at a time for the events after its cursor. It applies them in order
//! and without gaps, notices when the node goes quiet or is deposed, and then asks the others, at
//! first at once and later with growing pauses. A node whose log is not the follower's any more says
//! where they part; the follower checks the answer against the histories, rewinds and goes on. A node
//! that does not send what the follower lacks any more gives it views to start from, of a later
//! position; they are checked too. So whatever happens, what it has is a beginning of one log that a
//! leader had.
//!
//! It connects to nothing and reads no clock: [`Follower::step`] is told the time and an input, and
//! adds what is to be done to the caller's outputs.

mod start;

use alloc::string::String;
use alloc::vec::Vec;

use everview_core::{Epoch, Position, RestoreError, Rng, Timestamp};

use crate::{
    Answer, Arrivals, Cursor, Entry, Heartbeat, History, NodeId, Reply, Response, Role, Session,
    Snapshot, SnapshotRefused, Ticket, Timing, Weakness,
};
use start::Offer;

/// What a follower is told when it is made.
#[derive(Debug, Clone)]
pub struct FollowerConfig {
    /// The nodes to follow; the first is asked first. At least one.
    pub nodes: Vec<NodeId>,
    /// How long things may take.
    pub timing: Timing,
    /// Where the follower's randomness starts from.
    pub seed: u64,
    /// Whether every event is needed, so that [`FollowerOutput::Restore`] never comes.
    pub needs_all: bool,
    /// A rule to break. Nothing outside of this crate can set it.
    pub(crate) weakness: Option<Weakness>,
}

impl FollowerConfig {
    /// To follow these nodes, the first first, with usual times.
    pub fn new(nodes: Vec<NodeId>, seed: u64) -> Self {
        Self { nodes, timing: Timing::default(), seed, needs_all: false, weakness: None }
    }
}

/// What happens to a follower. What belongs to an earlier session is ignored.
#[derive(Debug, Clone)]
pub enum FollowerInput {
    /// Time has passed.
    Tick,
    /// The node answered.
    Answer {
        /// The session it answers.
        session: Session,
        /// The answer.
        answer: Answer,
    },
    /// An event came.
    Event {
        /// The session it came in.
        session: Session,
        /// The epoch of the node that sent it.
        epoch: Epoch,
        /// The event.
        entry: Entry,
    },
    /// The node is alive.
    Heartbeat {
        /// The session it came in.
        session: Session,
        /// What the node tells of itself.
        heartbeat: Heartbeat,
    },
    /// What came of [`FollowerOutput::Restore`]; of an error, that all is as it was.
    Restored(Result<(), RestoreError>),
    /// The connection is gone.
    Closed {
        /// The session it was.
        session: Session,
    },
}

/// What a follower wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowerOutput {
    /// Drop any connection there is, and ask this node for the events after the cursor.
    Connect {
        /// The node.
        node: NodeId,
        /// The session to tell its answers by.
        session: Session,
        /// What to resume from.
        after: Cursor,
        /// A node that was silent when it was last followed or asked, for [`Request::Resume`].
        ///
        /// [`Request::Resume`]: crate::Request::Resume
        silent: Option<NodeId>,
        /// Whether every event is needed, for [`Request::Resume`].
        ///
        /// [`Request::Resume`]: crate::Request::Resume
        needs_all: bool,
    },
    /// Fold this event into the views. It is the next one.
    Apply(Entry),
    /// Forget the events after this position, which is not before the snapshot that was last started
    /// from.
    Rewind(Position),
    /// Forget everything, and begin with the first event again, as [`everview_core::Engine::clear`]
    /// does: instead of a rewind to before the snapshot that was last started from.
    Forget,
    /// Replace the views by these ([`Snapshot::restore`]), and tell with [`FollowerInput::Restored`]
    /// what came of it: the follower waits for that, however long it takes.
    Restore(Snapshot),
    /// A node's snapshot is not used. Nothing is to be done about it: the follower asks elsewhere.
    Refuse {
        /// The node.
        node: NodeId,
        /// Why it is not used.
        refused: SnapshotRefused,
    },
    /// Step again at this time, if nothing happens before. Every step ends with one.
    WaitUntil(Timestamp),
}

/// How far the follower can be relied on to be current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It follows a leader.
    Live,
    /// It follows a leader that has been quiet for longer than heartbeats take.
    Stale {
        /// When the leader was last heard.
        since: Timestamp,
    },
    /// It follows nobody.
    Reconnecting {
        /// When a leader was last heard.
        since: Timestamp,
    },
    /// It has a snapshot, and waits for the views to be restored from it.
    Restoring {
        /// When the snapshot came.
        since: Timestamp,
    },
}

/// Follows a cluster.
#[derive(Debug, Clone)]
pub struct Follower {
    config: FollowerConfig,
    rng: Rng,
    link: Link,
    session: Session,
    /// The place in `config.nodes` of the node that is asked next.
    next: usize,
    /// Attempts that came to nothing since a node was last followed.
    failures: u32,
    /// The node that was left since it said nothing, until another one is followed.
    silent: Option<NodeId>,
    /// Hints followed since a node was last asked for another reason.
    hops: u32,
    history: History,
    position: Position,
    event_id: Option<String>,
    /// The position of the snapshot that it started from, if it did.
    base: Position,
    /// Where it goes on once the views are restored.
    start: Cursor,
    /// Whether every event is asked for; also while a snapshot turned out to be of no use.
    needs_all: bool,
    epoch: Epoch,
    /// When a leader was last heard.
    heard: Timestamp,
    /// How regularly the node that is followed was heard.
    arrivals: Arrivals,
    /// A heartbeat found the follower behind at this position; a second one means events were lost.
    behind_at: Option<Position>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Waiting { until: Timestamp },
    Asking { node: NodeId, since: Timestamp, until: Timestamp },
    Following { node: NodeId, until: Timestamp },
    Restoring { node: NodeId },
}

/// Why a connection is given up.
enum Fault {
    /// The node is gone or says nothing: another one may.
    Silence,
    /// The node does not lead: another one may.
    Node,
    /// The connection lost something: the same node can say it again.
    Connection,
}

struct Context<'a> {
    now: Timestamp,
    out: &'a mut Vec<FollowerOutput>,
}

impl Follower {
    /// A follower that has nothing yet.
    ///
    /// # Panics
    ///
    /// If there are no nodes.
    pub fn new(config: FollowerConfig, now: Timestamp) -> Self {
        assert!(!config.nodes.is_empty(), "a follower needs a node to follow");
        Self {
            rng: Rng::new(config.seed),
            needs_all: config.needs_all,
            config,
            link: Link::Waiting { until: now },
            session: Session(0),
            next: 0,
            failures: 0,
            silent: None,
            hops: 0,
            history: History::default(),
            position: Position::START,
            event_id: None,
            base: Position::START,
            start: Cursor::default(),
            epoch: Epoch::default(),
            heard: now,
            arrivals: Arrivals::default(),
            behind_at: None,
        }
    }

    /// What it would resume from now.
    pub fn cursor(&self) -> Cursor {
        Cursor {
            history: self.history.until(self.position),
            position: self.position,
            event_id: self.event_id.clone(),
            base: self.base,
        }
    }

    /// The last event it has.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The position of the snapshot that it last started from: it can go back no further.
    pub const fn base(&self) -> Position {
        self.base
    }

    /// When a leader was last heard.
    pub const fn heard(&self) -> Timestamp {
        self.heard
    }

    /// Whether it is in this session, and follows the node it is with.
    pub(crate) fn follows(&self, session: Session) -> bool {
        session == self.session && self.node().is_some()
    }

    /// Moves all that it remembers of time by so much.
    pub(crate) fn shift(&mut self, millis: i64) {
        self.heard = self.heard.plus_millis(millis);
        match &mut self.link {
            Link::Waiting { until } | Link::Following { until, .. } => {
                *until = until.plus_millis(millis);
            }
            Link::Asking { since, until, .. } => {
                (*since, *until) = (since.plus_millis(millis), until.plus_millis(millis));
            }
            Link::Restoring { .. } => {}
        }
    }

    /// The highest epoch it has heard of.
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The node it follows.
    pub const fn node(&self) -> Option<NodeId> {
        match self.link {
            Link::Following { node, .. } => Some(node),
            Link::Waiting { .. } | Link::Asking { .. } | Link::Restoring { .. } => None,
        }
    }

    /// How unlikely it is that the node it follows is only late, in thousandths of φ, if that is what
    /// it goes by.
    pub fn phi_milli(&self, now: Timestamp) -> Option<u32> {
        self.node()?;
        self.arrivals.phi_milli(&self.config.timing, now.micros() - self.heard.micros())
    }

    /// How far it can be relied on to be current.
    pub fn health(&self, now: Timestamp) -> Health {
        let since = self.heard;
        match self.link {
            Link::Waiting { .. } | Link::Asking { .. } => Health::Reconnecting { since },
            Link::Restoring { .. } => Health::Restoring { since },
            Link::Following { .. } => {
                // Two heartbeats: one of them may be on its way.
                let is_quiet = 2 * self.config.timing.heartbeat_ms < now.millis_since(since);
                if is_quiet { Health::Stale { since } } else { Health::Live }
            }
        }
    }

    /// Takes what a node says at `now`, and adds to `out` what is to be done. A reply to a command is
    /// none of its business and is given back.
    pub fn hear(
        &mut self,
        now: Timestamp,
        response: Response,
        out: &mut Vec<FollowerOutput>,
    ) -> Option<(Ticket, Reply)> {
        match response {
            Response::Answer { session, answer } => {
                self.step(now, FollowerInput::Answer { session, answer }, out);
            }
            Response::Events { session, epoch, entries } => {
                for entry in entries {
                    self.step(now, FollowerInput::Event { session, epoch, entry }, out);
                }
            }
            Response::Heartbeat { session, heartbeat } => {
                self.step(now, FollowerInput::Heartbeat { session, heartbeat }, out);
            }
            Response::Reply { ticket, reply } => return Some((ticket, reply)),
        }
        None
    }

    /// Takes one input at `now` and adds to `out` what is to be done.
    pub fn step(&mut self, now: Timestamp, input: FollowerInput, out: &mut Vec<FollowerOutput>) {
        let mut ctx = Context { now, out };
        match input {
            FollowerInput::Answer { session, answer } if session == self.session => {
                self.hear_answer(&mut ctx, answer);
            }
            FollowerInput::Event { session, epoch, entry } if session == self.session => {
                self.hear_event(&mut ctx, epoch, entry);
            }
            FollowerInput::Heartbeat { session, heartbeat } if session == self.session => {
                self.hear_heartbeat(&mut ctx, heartbeat);
            }
            FollowerInput::Restored(restored) => self.hear_restored(&mut ctx, restored),
            // While the views are restored, no connection is needed.
            FollowerInput::Closed { session }
                if session == self.session && !self.is_restoring() =>
            {
                self.give_up(&mut ctx, Fault::Silence);
            }
            _ => {}
        }
        self.tick(&mut ctx);
        out.push(FollowerOutput::WaitUntil(self.deadline()));
    }

    fn tick(&mut self, ctx: &mut Context<'_>) {
        if ctx.now < self.deadline() {
            return;
        }
        match self.link {
            Link::Waiting { .. } => self.connect(ctx, self.config.nodes[self.next]),
            Link::Asking { .. } | Link::Following { .. } => self.give_up(ctx, Fault::Silence),
            Link::Restoring { .. } => {}
        }
    }

    const fn is_restoring(&self) -> bool {
        matches!(self.link, Link::Restoring { .. })
    }

    fn deadline(&self) -> Timestamp {
        match self.link {
            Link::Waiting { until }
            | Link::Asking { until, .. }
            | Link::Following { until, .. } => until,
            Link::Restoring { .. } => Timestamp::MAX,
        }
    }

    fn connect(&mut self, ctx: &mut Context<'_>, node: NodeId) {
        self.session = Session(self.session.0 + 1);
        self.behind_at = None;
        let until = ctx.now.plus_millis(self.config.timing.heartbeat_ms);
        self.link = Link::Asking { node, since: ctx.now, until };
        let (session, after) = (self.session, self.cursor());
        let (silent, needs_all) = (self.silent, self.needs_all);
        ctx.out.push(FollowerOutput::Connect { node, session, after, silent, needs_all });
    }

    fn hear_answer(&mut self, ctx: &mut Context<'_>, answer: Answer) {
        let Link::Asking { node, .. } = self.link else { return };
        let had = self.position;
        // Where the node goes on from, and what of the follower's log it vouches for.
        let (epoch, history, from, vouched) = match answer {
            Answer::GoTo(leader) if self.config.nodes.contains(&leader) => {
                return self.follow_hint(ctx, leader);
            }
            Answer::GoTo(_) | Answer::Unavailable => return self.give_up(ctx, Fault::Node),
            Answer::RewindTo { epoch, history, position } => (epoch, history, position, position),
            Answer::StartFrom { epoch, history, shared, snapshot } => {
                let offer = Offer { epoch, history, shared, snapshot: *snapshot };
                return self.hear_offer(ctx, node, offer);
            }
            Answer::Continue { epoch, history, event_id } => {
                let is_mine = self.event_id.is_none() || self.event_id == event_id;
                (epoch, history, had, if is_mine { had } else { Position::START })
            }
        };
        if epoch < self.epoch {
            return self.give_up(ctx, Fault::Node);
        }
        let agreed = self.agreed(&history, vouched).unwrap_or(Position::START);
        if agreed < had {
            self.rewind(ctx, agreed);
        }
        if agreed != from {
            // The node was wrong. It can do better when it is asked from where both agree.
            let fault = if agreed < had { Fault::Connection } else { Fault::Node };
            return self.give_up(ctx, fault);
        }
        self.epoch = epoch;
        self.history = history;
        self.heard = ctx.now;
        self.arrivals = Arrivals::new(&self.config.timing);
        self.failures = 0;
        self.needs_all = self.config.needs_all;
        self.silent = None;
        self.next = self.config.nodes.iter().position(|&one| one == node).unwrap_or(self.next);
        self.link = Link::Following { node, until: self.patient_until() };
    }

    /// The last position that it shares with the log of this history, as far as its node vouches for
    /// that; none if it cannot go back there.
    fn agreed(&self, history: &History, vouched: Position) -> Option<Position> {
        let had = self.position;
        let agreed = self.history.until(had).parting(had, history).min(vouched);
        (self.base <= agreed).then_some(agreed)
    }

    fn follow_hint(&mut self, ctx: &mut Context<'_>, leader: NodeId) {
        self.hops += 1;
        if self.hops < self.round() {
            self.connect(ctx, leader);
        } else {
            self.give_up(ctx, Fault::Node);
        }
    }

    fn hear_event(&mut self, ctx: &mut Context<'_>, epoch: Epoch, entry: Entry) {
        if !matches!(self.link, Link::Following { .. }) {
            return;
        }
        if epoch < self.epoch {
            return self.give_up(ctx, Fault::Node);
        }
        self.hear_leader(ctx.now);
        if self.position.next() < entry.position && !self.breaks(Weakness::GapSkipped) {
            self.give_up(ctx, Fault::Connection);
        } else if self.position < entry.position || self.breaks(Weakness::RepeatTaken) {
            self.position = entry.position;
            self.event_id = Some(entry.event.id.clone());
            ctx.out.push(FollowerOutput::Apply(entry));
        }
    }

    fn hear_heartbeat(&mut self, ctx: &mut Context<'_>, heartbeat: Heartbeat) {
        match &mut self.link {
            Link::Following { .. } => {}
            Link::Waiting { .. } | Link::Restoring { .. } => return,
            Link::Asking { since, until, .. } => {
                if heartbeat.role != Role::Leader {
                    // It waits for a leader too, and answers when there is one. Another node may
                    // hear of one that this one does not.
                    let Timing { heartbeat_ms, lease_ms, .. } = self.config.timing;
                    let patience = since.plus_millis(lease_ms);
                    *until = ctx.now.plus_millis(2 * heartbeat_ms).min(patience);
                }
                return;
            }
        }
        if heartbeat.role != Role::Leader || heartbeat.epoch < self.epoch {
            return self.give_up(ctx, Fault::Node);
        }
        self.hear_leader(ctx.now);
        let is_behind = self.position < heartbeat.head;
        let is_stuck = is_behind && self.behind_at == Some(self.position);
        self.behind_at = is_behind.then_some(self.position);
        if is_stuck || heartbeat.lineage != self.history.lineage() {
            self.give_up(ctx, Fault::Connection);
        }
    }

    fn hear_leader(&mut self, now: Timestamp) {
        self.arrivals.note(&self.config.timing, now.micros() - self.heard.micros());
        self.heard = now;
        let patient_until = self.patient_until();
        if let Link::Following { until, .. } = &mut self.link {
            *until = patient_until;
        }
    }

    /// When the leader will have been quiet for too long.
    fn patient_until(&self) -> Timestamp {
        self.heard.plus_millis(self.arrivals.patience_ms(&self.config.timing))
    }

    fn rewind(&mut self, ctx: &mut Context<'_>, position: Position) {
        if self.breaks(Weakness::RewindIgnored) {
            return;
        }
        self.history = self.history.until(position);
        self.position = position;
        self.event_id = None;
        if self.base <= position {
            ctx.out.push(FollowerOutput::Rewind(position));
        } else {
            self.base = Position::START;
            ctx.out.push(FollowerOutput::Forget);
        }
    }

    /// Drops the connection and asks again: every node once at once, then with growing pauses.
    fn give_up(&mut self, ctx: &mut Context<'_>, fault: Fault) {
        match (fault, self.link) {
            (Fault::Connection, Link::Following { node, .. } | Link::Asking { node, .. }) => {
                return self.connect(ctx, node);
            }
            (Fault::Silence, Link::Following { node, .. } | Link::Asking { node, .. }) => {
                self.silent = Some(node);
            }
            _ => {}
        }
        self.hops = 0;
        self.failures += 1;
        self.next = (self.next + 1) % self.config.nodes.len();
        if self.failures < self.round() {
            return self.connect(ctx, self.config.nodes[self.next]);
        }
        let rounds = (self.failures / self.round() - 1).min(3);
        let longest = (self.config.timing.heartbeat_ms / 2).max(1).unsigned_abs() << rounds;
        let pause = self.rng.between(longest / 2, longest);
        self.link =
            Link::Waiting { until: ctx.now.plus_millis(0_i64.saturating_add_unsigned(pause)) };
    }

    fn breaks(&self, rule: Weakness) -> bool {
        self.config.weakness == Some(rule)
    }

    /// The attempts of a round, in which every node is asked.
    fn round(&self) -> u32 {
        u32::try_from(self.config.nodes.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests;
