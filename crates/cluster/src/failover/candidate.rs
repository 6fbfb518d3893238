//! Between the lease and the lead: fencing a quorum and catching up with it.

use alloc::collections::BTreeMap;

use everview_core::{Epoch, Position, Timestamp};

use super::leader::Leader;
use super::standby::Standby;
use super::{Context, Node, Note, Output, Part, StepDown};
use crate::{Entry, History, LeaseAsk, LeaseRequest, NodeId, PeerMessage, Replication, Weakness};

/// The lease as its holder counts on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    pub(super) epoch: Epoch,
    /// When the node must have stopped to count on it.
    pub(super) until: Timestamp,
    pub(super) renew_at: Timestamp,
}

/// What a candidate keeps.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) hold: Hold,
    /// When it last got further.
    since: Timestamp,
    /// Until when it waits for nodes it could do without, since one of them may have more.
    is_patient_until: Timestamp,
    /// What the nodes have that promised.
    promises: BTreeMap<NodeId, (History, Position)>,
    source: Option<Source>,
}

impl Hold {
    pub(super) const fn shift(&mut self, millis: i64) {
        self.until = self.until.plus_millis(millis);
        self.renew_at = self.renew_at.plus_millis(millis);
    }
}

impl Candidate {
    pub(super) const fn shift(&mut self, millis: i64) {
        self.hold.shift(millis);
        self.since = self.since.plus_millis(millis);
        self.is_patient_until = self.is_patient_until.plus_millis(millis);
    }
}

/// The most advanced node of the quorum.
#[derive(Debug, Clone)]
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
            StepDown::NoQuorum | StepDown::HandedOver(_) => timing.lease_ms,
        };
        let heir = if let StepDown::HandedOver(heir) = reason { Some(heir) } else { None };
        if reason == StepDown::NoQuorum || heir.is_some() {
            let ask = LeaseAsk::Release(hold.epoch);
            ctx.out.push(Output::Lease(LeaseRequest { asked: ctx.now, ask }));
        }
        let ask_at = ctx.now.plus_millis(pause_ms);
        self.part = Part::Standby(Standby { heir, ..Standby::new(ask_at) });
        self.leader = heir;
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
        let patience_ms = match self.config.replication {
            Replication::Asynchronous => self.config.timing.heartbeat_ms,
            Replication::Quorum | Replication::Synchronous => 0,
        };
        self.part = Part::Candidate(Candidate {
            hold,
            since: ctx.now,
            is_patient_until: ctx.now.plus_millis(patience_ms),
            promises: BTreeMap::new(),
            source: None,
        });
        ctx.note(Note::Acquired(epoch));
        for &peer in &self.config.peers {
            ctx.send(peer, PeerMessage::Fence { epoch });
        }
        self.count_promises(ctx);
    }

    /// Asks again for what has not been answered, and gives up when nothing is.
    pub(super) fn press_on(&mut self, ctx: &mut Context<'_>, beats: bool) {
        let Part::Candidate(candidate) = &self.part else { return };
        if candidate.source.is_none() && candidate.is_patient_until <= ctx.now {
            self.count_promises(ctx);
        }
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
        let is_hasty = self.breaks(Weakness::NoPromise);
        let by_length = self.breaks(Weakness::OldLogAdopted);
        let size = self.size();
        let needed = if is_hasty { 1 } else { self.config.replication.promises(size) };
        let Part::Candidate(candidate) = &mut self.part else { return };
        let promised = candidate.promises.len() + 1;
        let is_patient = ctx.now < candidate.is_patient_until;
        if promised < if is_patient { size } else { needed } {
            return;
        }
        ctx.note(Note::Fenced(candidate.hold.epoch));
        candidate.since = ctx.now;
        // An epoch that is not looked at is the same for all.
        let rank = |history: &History, head: Position| {
            (if by_length { Epoch::default() } else { history.epoch() }, head)
        };
        let mine = rank(&self.durable.history, self.durable.log.head());
        let best = candidate
            .promises
            .iter()
            .map(|(&node, (history, head))| (rank(history, *head), node, history))
            .max_by_key(|(rank, node, _)| (*rank, *node))
            .filter(|(rank, ..)| mine < *rank && self.config.weakness != Some(Weakness::NoCatchUp));
        let Some(((_, head), node, history)) = best else {
            ctx.note(Note::CaughtUp { head: mine.1, fetched: 0 });
            self.promote(ctx);
            return;
        };
        let history = history.clone();
        let source = Source { node, history: history.clone(), head, fetched: 0 };
        candidate.source = Some(source);
        self.rewind_to_shared(ctx, &history);
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
