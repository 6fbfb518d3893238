//! Standing by: keeping a copy of the leader's log, and asking for the lease when it goes quiet.

use alloc::vec::Vec;

use everview_core::{Epoch, Position, Timestamp};

use super::{Context, Node, Note, Output, Part, StepDown};
use crate::{
    Entry, History, Lease, LeaseAsk, LeaseReply, LeaseRequest, NodeId, PeerMessage, Weakness,
};

/// What a standby keeps.
#[derive(Debug, Clone)]
pub(super) struct Standby {
    /// When it may ask for the lease next, if it misses a leader.
    pub(super) ask_at: Timestamp,
    /// When it asked, if it waits for the answer.
    pub(super) asked: Option<Timestamp>,
    /// Whom to tell that the lease is free, if this node has let go of it for that one.
    pub(super) heir: Option<NodeId>,
}

impl Standby {
    pub(super) const fn new(ask_at: Timestamp) -> Self {
        Self { ask_at, asked: None, heir: None }
    }

    pub(super) fn shift(&mut self, millis: i64) {
        self.ask_at = self.ask_at.plus_millis(millis);
        self.asked = self.asked.map(|asked| asked.plus_millis(millis));
    }
}

/// A piece of the leader's log.
pub(super) struct Replica {
    pub(super) history: History,
    pub(super) after: Position,
    pub(super) entries: Vec<Entry>,
    pub(super) committed: Position,
}

/// Two standbys that miss the same leader ask at different moments, up to this far apart.
const STAGGER_MS: u64 = 40;

impl Node {
    /// Whether there is no leader that this node hears.
    pub(super) fn misses_leader(&self) -> bool {
        self.leader.is_none_or(|leader| self.detector.is_down(leader))
    }

    pub(super) fn ask_for_lease(&mut self, ctx: &mut Context<'_>) {
        if !self.misses_leader() {
            return;
        }
        let retry = self.staggered(ctx.now, self.config.timing.heartbeat_ms);
        let Part::Standby(standby) = &mut self.part else { return };
        if standby.ask_at <= ctx.now {
            *standby = Standby { asked: Some(ctx.now), ..Standby::new(retry) };
            // Whoever made this node promise had the lease at that revision.
            let ask = LeaseAsk::Acquire(self.revision.max(self.durable.promised));
            ctx.out.push(Output::Lease(LeaseRequest { asked: ctx.now, ask }));
        }
    }

    fn staggered(&mut self, now: Timestamp, millis: i64) -> Timestamp {
        let stagger = self.rng.between(1, STAGGER_MS);
        now.plus_millis(millis.saturating_add_unsigned(stagger))
    }

    pub(super) fn hear_lease(&mut self, ctx: &mut Context<'_>, reply: LeaseReply) {
        let timing = self.config.timing;
        // Counted from the question: by then the register cannot have granted it yet.
        let until = reply.asked.plus_millis(timing.lease_ms - timing.drift_ms);
        match reply.lease {
            Lease::Yours(epoch) => {
                self.revision = self.revision.max(epoch);
                if let Some(hold) = self.hold_mut() {
                    if hold.epoch == epoch {
                        hold.until = hold.until.max(until);
                    }
                } else if self.durable.promised < epoch && ctx.now < until {
                    self.stand(ctx, epoch, until);
                }
            }
            Lease::NotYours { holder, revision, remaining_ms } => {
                self.revision = self.revision.max(revision);
                if holder.is_none() {
                    self.tell_heir(ctx);
                }
                let is_mine = holder == Some(self.config.id);
                if let Some(hold) = self.hold_mut() {
                    let is_outdated = revision < hold.epoch || (is_mine && revision == hold.epoch);
                    if !is_outdated {
                        self.step_down(ctx, StepDown::LeaseLost);
                    }
                } else {
                    self.ask_again(ctx, reply.asked, if is_mine { 0 } else { remaining_ms });
                }
            }
        }
    }

    /// Asks for the lease again when it can be free.
    fn ask_again(&mut self, ctx: &mut Context<'_>, asked: Timestamp, remaining_ms: i64) {
        let ask_at = self.staggered(ctx.now, remaining_ms);
        if let Part::Standby(standby) = &mut self.part
            && standby.asked == Some(asked)
        {
            *standby = Standby::new(ask_at);
        }
    }

    /// Notes that a node leads, or is about to, at `epoch`; whether this node may stand by for it.
    pub(super) fn accepts(&mut self, ctx: &mut Context<'_>, from: NodeId, epoch: Epoch) -> bool {
        let expected = self.durable.promised;
        if self.fences(epoch) {
            ctx.note(Note::Refused { from, found: epoch, expected });
            ctx.send(from, PeerMessage::Refused { epoch: expected });
            return false;
        }
        self.yield_to(ctx, epoch);
        let stands_by = matches!(self.part, Part::Standby(_));
        if stands_by {
            self.leader = Some(from);
        }
        stands_by
    }

    /// Notes that somebody has the lease at `epoch`, and stops leading if that is a later one.
    pub(super) fn yield_to(&mut self, ctx: &mut Context<'_>, epoch: Epoch) {
        if self.durable.promised < epoch {
            self.durable.promised = epoch;
            self.step_down(ctx, StepDown::Deposed(epoch));
        }
    }

    /// Promises a candidate to take nothing from before `epoch`.
    pub(super) fn promise(&mut self, ctx: &mut Context<'_>, from: NodeId, epoch: Epoch) {
        if self.accepts(ctx, from, epoch) {
            let (history, head) = (self.durable.history.clone(), self.durable.log.head());
            ctx.send(from, PeerMessage::Fenced { epoch, history, head });
        }
    }

    /// Gives a candidate what it lacks.
    pub(super) fn lend(
        &mut self,
        ctx: &mut Context<'_>,
        from: NodeId,
        epoch: Epoch,
        after: Position,
    ) {
        if epoch == self.durable.promised {
            let entries = self.durable.entries(after, self.durable.log.head(), self.config.batch);
            ctx.send(from, PeerMessage::Fetched { epoch, after, entries });
        }
    }

    /// Makes the log a beginning of the leader's.
    pub(super) fn replicate(
        &mut self,
        ctx: &mut Context<'_>,
        from: NodeId,
        epoch: Epoch,
        replica: &Replica,
    ) {
        if !self.breaks(Weakness::TailKept) {
            self.rewind_to_shared(ctx, &replica.history);
        }
        let head = self.durable.log.head();
        if head < replica.after {
            ctx.send(from, PeerMessage::Missing { epoch, head });
            return;
        }
        if self.durable.extend(&replica.history, &replica.entries).is_err() {
            ctx.note(Note::Stuck(self.durable.log.head().next()));
        }
        let head = self.durable.log.head();
        self.committed = self.committed.max(replica.committed.min(head));
        ctx.send(from, PeerMessage::Replicated { epoch, head });
    }
}
