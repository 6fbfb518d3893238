//! Between the lease and the lead: fencing a quorum and catching up with it.

use alloc::collections::BTreeMap;

use everview_core::{Epoch, Position, Timestamp};

use super::leader::Leader;
use super::standby::Standby;
use super::{Context, Node, Note, Output, Part, StepDown};
use crate::{Entry, History, LeaseAsk, LeaseRequest, NodeId, PeerMessage};

/// The lease as its holder counts on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    pub(super) epoch: Epoch,
    /// When the node must have stopped to count on it.
    pub(super) until: Timestamp,
    pub(super) renew_at: Timestamp,
}

/// What a candidate keeps.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) hold: Hold,
    /// When it last got further.
    since: Timestamp,
    /// What the nodes have that promised.
    promises: BTreeMap<NodeId, (History, Position)>,
    source: Option<Source>,
}

/// The most advanced node of the quorum.
#[derive(Debug)]
struct Source {
    node: NodeId,
    history: History,
    head: Position,
    fetched: u64,
}

impl Node {
    pub(super) fn hold_mut(&mut self) -> Option<&mut Hold> {
        match &mut self.part {
            Part::Standby(_) => None,
            Part::Candidate(candidate) => Some(&mut candidate.hold),
            Part::Leader(leader) => Some(&mut leader.hold),
        }
    }

    /// Steps down before the lease runs out, and renews it in time.
    pub(super) fn check_lease(&mut self, ctx: &mut Context<'_>) {
        let renew_ms = self.config.timing.lease_ms / 3;
        let Some(hold) = self.hold_mut() else { return };
        if hold.until <= ctx.now {
            self.step_down(ctx, StepDown::LeaseLost);
        } else if hold.renew_at <= ctx.now {
            hold.renew_at = ctx.now.plus_millis(renew_ms);
            let ask = LeaseAsk::Renew(hold.epoch);
            ctx.out.push(Output::Lease(LeaseRequest { asked: ctx.now, ask }));
        }
    }

    /// Stops to lead, or to want to.
    pub(super) fn step_down(&mut self, ctx: &mut Context<'_>, reason: StepDown) {
        let Some(hold) = self.hold_mut().copied() else { return };
        let timing = self.config.timing;
        let pause_ms = match reason {
            StepDown::LeaseLost | StepDown::Deposed(_) => timing.heartbeat_ms,
            // Whoever reaches a quorum should be faster.
            StepDown::NoQuorum => timing.lease_ms,
        };
        if reason == StepDown::NoQuorum {
            let ask = LeaseAsk::Release(hold.epoch);
            ctx.out.push(Output::Lease(LeaseRequest { asked: ctx.now, ask }));
        }
        self.part = Part::Standby(Standby::new(ctx.now.plus_millis(pause_ms)));
        self.leader = None;
        ctx.note(Note::SteppedDown { epoch: hold.epoch, reason });
        let heartbeat = self.heartbeat();
        self.clients.turn_away(ctx, heartbeat);
    }

    /// Begins as a candidate, with the lease.
    pub(super) fn stand(&mut self, ctx: &mut Context<'_>, epoch: Epoch, until: Timestamp) {
        self.durable.promised = epoch;
        self.leader = Some(self.config.id);
        let renew_at = ctx.now.plus_millis(self.config.timing.lease_ms / 3);
        let hold = Hold { epoch, until, renew_at };
        let promises = BTreeMap::new();
        self.part = Part::Candidate(Candidate { hold, since: ctx.now, promises, source: None });
        ctx.note(Note::Acquired(epoch));
        for &peer in &self.config.peers {
            ctx.send(peer, PeerMessage::Fence { epoch });
        }
        self.count_promises(ctx);
    }

    /// Asks again for what has not been answered, and gives up when nothing is.
    pub(super) fn press_on(&mut self, ctx: &mut Context<'_>, beats: bool) {
        let Part::Candidate(candidate) = &self.part else { return };
        let epoch = candidate.hold.epoch;
        if candidate.since.plus_millis(self.config.timing.suspicion_ms) <= ctx.now {
            self.step_down(ctx, StepDown::NoQuorum);
        } else if beats && let Some(source) = &candidate.source {
            let after = self.durable.log.head();
            ctx.send(source.node, PeerMessage::Fetch { epoch, after });
        } else if beats {
            for &peer in &self.config.peers {
                if !candidate.promises.contains_key(&peer) {
                    ctx.send(peer, PeerMessage::Fence { epoch });
                }
            }
        }
    }

    pub(super) fn hear_promise(
        &mut self,
        ctx: &mut Context<'_>,
        from: NodeId,
        epoch: Epoch,
        log: (History, Position),
    ) {
        let Part::Candidate(candidate) = &mut self.part else { return };
        if candidate.hold.epoch == epoch && candidate.source.is_none() {
            candidate.promises.insert(from, log);
            self.count_promises(ctx);
        }
    }

    /// With a quorum of promises, finds out which of their logs has everything that was committed:
    /// that of the latest term and, within it, the longest.
    fn count_promises(&mut self, ctx: &mut Context<'_>) {
        let quorum = self.quorum();
        let Part::Candidate(candidate) = &mut self.part else { return };
        if candidate.promises.len() + 1 < quorum {
            return;
        }
        ctx.note(Note::Fenced(candidate.hold.epoch));
        candidate.since = ctx.now;
        let mine = (self.durable.history.epoch(), self.durable.log.head());
        let best = candidate
            .promises
            .iter()
            .map(|(&node, (history, head))| ((history.epoch(), *head), node, history))
            .max_by_key(|(rank, node, _)| (*rank, *node))
            .filter(|(rank, ..)| mine < *rank);
        let Some(((_, head), node, history)) = best else {
            ctx.note(Note::CaughtUp { head: mine.1, fetched: 0 });
            self.promote(ctx);
            return;
        };
        let history = history.clone();
        if let Some(rewound) = self.durable.rewind_to_shared(&history) {
            ctx.note(Note::Rewound(rewound));
        }
        candidate.source = Some(Source { node, history, head, fetched: 0 });
        self.catch_up(ctx);
    }

    /// Promotes the node if it has all that the source has, and asks for the rest if not.
    fn catch_up(&mut self, ctx: &mut Context<'_>) {
        let Part::Candidate(candidate) = &self.part else { return };
        let Some(source) = &candidate.source else { return };
        let (after, epoch) = (self.durable.log.head(), candidate.hold.epoch);
        if after < source.head {
            ctx.send(source.node, PeerMessage::Fetch { epoch, after });
        } else {
            ctx.note(Note::CaughtUp { head: after, fetched: source.fetched });
            self.promote(ctx);
        }
    }

    pub(super) fn hear_fetched(
        &mut self,
        ctx: &mut Context<'_>,
        epoch: Epoch,
        after: Position,
        entries: &[Entry],
    ) {
        let Part::Candidate(candidate) = &mut self.part else { return };
        let Some(source) = &mut candidate.source else { return };
        let head = self.durable.log.head();
        if candidate.hold.epoch != epoch || head < after {
            return;
        }
        if self.durable.extend(&source.history, entries).is_err() {
            ctx.note(Note::Stuck(self.durable.log.head().next()));
        }
        let gained = self.durable.log.head().get() - head.get();
        if gained > 0 {
            source.fetched += gained;
            candidate.since = ctx.now;
            self.catch_up(ctx);
        }
    }

    fn promote(&mut self, ctx: &mut Context<'_>) {
        let Part::Candidate(candidate) = &self.part else { return };
        let hold = candidate.hold;
        let term = self.durable.open_term(&mut self.rng);
        let peers = self.config.peers.iter().copied();
        self.part = Part::Leader(Leader::new(hold, term, peers, ctx.now));
        ctx.note(Note::Promoted(term));
        self.send_replicas(ctx);
        self.advance(ctx);
    }
}
