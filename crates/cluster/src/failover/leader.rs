//! Leading: replicating the log and counting who has it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use everview_core::{Epoch, Position, Timestamp};

use super::candidate::Hold;
use super::handover::Heir;
use super::{Context, Node, Part, Replication, StepDown};
use crate::{NodeId, PeerMessage, Term, Weakness};

/// How far a leader sends ahead of what a standby has confirmed, in events.
const WINDOW: u64 = 256;

/// What a leader keeps.
#[derive(Debug, Clone)]
pub(super) struct Leader {
    pub(super) hold: Hold,
    term: Term,
    standbys: BTreeMap<NodeId, Progress>,
    /// Who is to lead next, if it is handing over.
    pub(super) heir: Option<Heir>,
}

/// How far a standby is.
#[derive(Debug, Clone, Copy)]
struct Progress {
    /// Its log ends here, as a beginning of the leader's; not known before its first answer.
    confirmed: Option<Position>,
    /// What was confirmed at the last heartbeat.
    confirmed_before: Option<Position>,
    sent: Position,
    heard: Timestamp,
}

impl Leader {
    pub(super) fn new(
        hold: Hold,
        term: Term,
        standbys: impl Iterator<Item = NodeId>,
        now: Timestamp,
    ) -> Self {
        let sent = term.first.previous();
        let progress = Progress { confirmed: None, confirmed_before: None, sent, heard: now };
        let standbys = standbys.map(|node| (node, progress)).collect();
        Self { hold, term, standbys, heir: None }
    }

    pub(super) fn shift(&mut self, millis: i64) {
        self.hold.shift(millis);
        self.heir = self.heir.map(|heir| heir.shifted(millis));
        for standby in self.standbys.values_mut() {
            standby.heard = standby.heard.plus_millis(millis);
        }
    }

    /// Where a standby's log ends, as a beginning of this node's, if that is known.
    pub(super) fn confirmed(&self, standby: NodeId) -> Option<Position> {
        self.standbys.get(&standby)?.confirmed
    }

    /// The last position that so many nodes have, the leader among them.
    fn replicated(&self, head: Position, nodes: usize) -> Position {
        let confirmed = self.standbys.values().filter_map(|progress| progress.confirmed);
        let mut heads: Vec<_> = confirmed.chain([head]).collect();
        heads.sort_unstable();
        heads.into_iter().rev().nth(nodes.saturating_sub(1)).unwrap_or_default()
    }
}

impl Node {
    /// Keeps the standbys going, and steps down when too few of them answer.
    pub(super) fn lead(&mut self, ctx: &mut Context<'_>, beats: bool) {
        // Where a quorum decides, a leader without one is in the way of another that may have it.
        let needed = match self.config.replication {
            Replication::Quorum => Replication::Quorum.promises(self.size()),
            Replication::Synchronous | Replication::Asynchronous => 1,
        };
        let suspicion_ms = self.config.timing.suspicion_ms;
        let Part::Leader(leader) = &mut self.part else { return };
        let standbys = leader.standbys.values();
        let answer = standbys.filter(|one| ctx.now.millis_since(one.heard) < suspicion_ms);
        if answer.count() + 1 < needed {
            self.step_down(ctx, StepDown::NoQuorum);
        } else if beats {
            for progress in leader.standbys.values_mut() {
                // Nothing came of what was sent a whole heartbeat ago: it is sent again.
                if progress.confirmed == progress.confirmed_before {
                    progress.sent = progress.confirmed.unwrap_or(progress.sent);
                }
                progress.confirmed_before = progress.confirmed;
            }
            self.send_replicas(ctx);
        }
        self.pass_on(ctx);
    }

    /// Sends every standby what it lacks, or a sign of life.
    pub(super) fn send_replicas(&mut self, ctx: &mut Context<'_>) {
        for index in 0..self.config.peers.len() {
            self.send_replica(ctx, self.config.peers[index]);
        }
    }

    fn send_replica(&mut self, ctx: &mut Context<'_>, to: NodeId) {
        let Part::Leader(leader) = &mut self.part else { return };
        let Some(progress) = leader.standbys.get_mut(&to) else { return };
        let after = progress.sent;
        let until = progress.confirmed.map_or(after, |confirmed| {
            self.durable.log.head().min(Position::new(confirmed.get() + WINDOW))
        });
        let entries = self.durable.entries(after, until, self.config.batch);
        progress.sent = entries.last().map_or(after, |last| last.position);
        let epoch = leader.hold.epoch;
        let history = self.durable.history.clone();
        let committed = self.committed;
        ctx.send(to, PeerMessage::Replicate { epoch, history, after, entries, committed });
    }

    pub(super) fn hear_replicated(
        &mut self,
        ctx: &mut Context<'_>,
        from: NodeId,
        epoch: Epoch,
        head: Position,
    ) {
        let log_head = self.durable.log.head();
        let Some(progress) = self.progress(from, epoch) else { return };
        progress.heard = ctx.now;
        let confirmed = progress.confirmed.unwrap_or_default().max(head);
        progress.confirmed = Some(confirmed);
        progress.sent = progress.sent.max(confirmed);
        if progress.sent < log_head {
            self.send_replica(ctx, from);
        }
        self.advance(ctx);
    }

    pub(super) fn hear_missing(
        &mut self,
        ctx: &mut Context<'_>,
        from: NodeId,
        epoch: Epoch,
        head: Position,
    ) {
        if let Some(progress) = self.progress(from, epoch) {
            progress.sent = progress.confirmed.unwrap_or_default().max(head);
            self.hear_replicated(ctx, from, epoch, head);
        }
    }

    fn progress(&mut self, from: NodeId, epoch: Epoch) -> Option<&mut Progress> {
        match &mut self.part {
            Part::Leader(leader)
                if leader.hold.epoch == epoch
                    || self.config.weakness == Some(Weakness::StaleAckCounted) =>
            {
                leader.standbys.get_mut(&from)
            }
            _ => None,
        }
    }

    /// Counts what a quorum has, and lets the clients know.
    pub(super) fn advance(&mut self, ctx: &mut Context<'_>) {
        let (head, size) = (self.durable.log.head(), self.size());
        let nodes = match self.config.weakness {
            Some(Weakness::AckBeforeQuorum) => 1,
            Some(Weakness::FewerReplicas) => Replication::Quorum.confirmations(size),
            _ => self.config.replication.confirmations(size),
        };
        let Part::Leader(leader) = &self.part else { return };
        let replicated = leader.replicated(head, nodes);
        // Nothing as long as they do not have all that came before the term: a standby that has less
        // does not know the term yet, and could be outvoted by a log that lacks what it has.
        let is_whole = leader.term.first.previous() <= replicated;
        if is_whole || self.breaks(Weakness::OldTermCounted) {
            self.committed = self.committed.max(replicated);
        }
        self.answer_clients(ctx);
    }
}
