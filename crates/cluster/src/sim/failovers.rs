//! How long each failover took, and with what.

use alloc::vec::Vec;

use everview_core::{Epoch, Position, Timestamp};

use crate::{NodeId, Note};

/// A change of leader, or of a leader's epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failover {
    /// When the old leader was hit, or stopped leading.
    pub start: Timestamp,
    /// The old leader.
    pub from: NodeId,
    /// Its epoch.
    pub from_epoch: Epoch,
    /// The new leader, once a node has the lease.
    pub to: Option<NodeId>,
    /// Its epoch.
    pub to_epoch: Option<Epoch>,
    /// When each phase ended, in the order of [`Phase::ALL`]; none as long as it has not.
    pub ends: [Option<Timestamp>; 5],
}

/// A part of a failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Until somebody noticed.
    Detect,
    /// Until another node had the lease.
    Elect,
    /// Until a quorum would take nothing more from the old leader.
    Fence,
    /// Until the new leader had everything that was committed, and led.
    CatchUp,
    /// Until the client followed the new leader and had all that was there before it led.
    Reroute,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 5] =
        [Self::Detect, Self::Elect, Self::Fence, Self::CatchUp, Self::Reroute];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Detect => "detect",
            Self::Elect => "elect",
            Self::Fence => "fence",
            Self::CatchUp => "catch up",
            Self::Reroute => "reroute",
        }
    }
}

impl Failover {
    /// Each phase that has ended, with the microseconds it took: whole milliseconds, which add up
    /// to the total.
    pub fn phases(&self) -> impl Iterator<Item = (Phase, i64)> {
        let mut start = self.start;
        Phase::ALL.into_iter().zip(self.ends).map_while(move |(phase, end)| {
            let micros = end?.micros() - start.micros();
            start = end?;
            Some((phase, micros))
        })
    }

    /// The microseconds from the start until the client followed the new leader and had all that was
    /// there before, once it does.
    pub fn total_micros(&self) -> Option<i64> {
        self.end(Phase::Reroute).map(|end| end.micros() - self.start.micros())
    }

    fn end(&self, phase: Phase) -> Option<Timestamp> {
        self.ends[phase as usize]
    }

    /// Notes when a phase ended. Later ones have not.
    fn set_end(&mut self, phase: Phase, at: Timestamp) {
        self.ends[phase as usize] = Some(at);
        self.ends[phase as usize + 1..].fill(None);
    }
}

/// Who leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leadership {
    pub(super) node: NodeId,
    pub(super) epoch: Epoch,
    pub(super) since: Timestamp,
    /// The end of its log when it began to lead.
    before: Position,
}

/// Watches for failovers.
#[derive(Debug, Default)]
pub(super) struct Failovers {
    leader: Option<Leadership>,
    /// When something first happened to the leader that it may not survive as one.
    hit: Option<Timestamp>,
    /// When somebody first missed the leader.
    missed: Option<Timestamp>,
    open: Option<Failover>,
    ended: Vec<Failover>,
}

impl Failovers {
    pub(super) fn leader(&self) -> Option<Leadership> {
        self.leader
    }

    /// All of them, the oldest first; the last one may still be going on.
    pub(super) fn all(&self) -> Vec<Failover> {
        self.ended.iter().chain(&self.open).copied().collect()
    }

    /// When the failover that goes on began, if one does.
    pub(super) fn begun(&self) -> Option<Timestamp> {
        self.open.map(|open| open.start)
    }

    /// A fault has hit `node`; it may still lead.
    pub(super) fn hit(&mut self, node: NodeId, now: Timestamp) {
        if self.leads(node) {
            self.hit.get_or_insert(whole(now));
        }
    }

    /// `node` does not lead any more.
    pub(super) fn lost(&mut self, node: NodeId, now: Timestamp) {
        if self.leads(node) {
            self.begin(whole(now));
        }
    }

    /// Faults were mended; whoever leads now was not lost to them.
    pub(super) fn mended(&mut self) {
        self.hit = None;
    }

    pub(super) fn note(&mut self, id: NodeId, note: Note, now: Timestamp) {
        let now = whole(now);
        match note {
            Note::Suspects(peer) if self.is_missed(peer) => {
                self.missed.get_or_insert(now);
                self.detected(now);
            }
            Note::HearsAgain(peer) if self.leads(peer) => self.missed = None,
            Note::SteppedDown { .. } if self.leads(id) => {
                self.missed.get_or_insert(now);
                self.begin(now);
            }
            // A node that stood still can count on a lease that others have had since.
            Note::Acquired(epoch) if self.latest() < Some(epoch) => {
                self.begin(now);
                self.detected(now);
                if let Some(open) = &mut self.open {
                    (open.to, open.to_epoch) = (Some(id), Some(epoch));
                    open.set_end(Phase::Elect, now);
                }
            }
            Note::Fenced(_) => self.end(id, Phase::Fence, now),
            Note::Promoted(term) => {
                self.end(id, Phase::CatchUp, now);
                let (epoch, before) = (term.epoch, term.first.previous());
                self.leader = Some(Leadership { node: id, epoch, since: now, before });
                (self.hit, self.missed) = (None, None);
            }
            _ => {}
        }
    }

    /// The client follows `node` at `epoch` and is at `position`; whether that ends a failover.
    pub(super) fn followed(
        &mut self,
        (node, epoch): (NodeId, Epoch),
        position: Position,
        now: Timestamp,
    ) -> bool {
        let is_led = self.leader.is_some_and(|leader| {
            (leader.node, leader.epoch) == (node, epoch) && leader.before <= position
        });
        let Some(mut open) = self.open.take_if(|open| is_led && open.to_epoch == Some(epoch))
        else {
            return false;
        };
        open.set_end(Phase::Reroute, whole(now));
        self.ended.push(open);
        true
    }

    /// The latest epoch that a node has led at or is about to.
    fn latest(&self) -> Option<Epoch> {
        let open = self.open.and_then(|open| open.to_epoch.or(Some(open.from_epoch)));
        self.leader.map(|leader| leader.epoch).max(open)
    }

    fn leads(&self, node: NodeId) -> bool {
        self.leader.is_some_and(|leader| leader.node == node)
    }

    fn is_missed(&self, peer: NodeId) -> bool {
        self.leads(peer) || self.open.is_some_and(|open| open.from == peer)
    }

    fn begin(&mut self, now: Timestamp) {
        let Some(Leadership { node: from, epoch: from_epoch, .. }) = self.leader.take() else {
            return;
        };
        let (hit, missed) = (self.hit.take(), self.missed.take());
        if self.open.is_some() {
            return;
        }
        let start = hit.unwrap_or(now);
        let ends = [missed.map(|missed| missed.max(start)), None, None, None, None];
        self.open = Some(Failover { start, from, from_epoch, to: None, to_epoch: None, ends });
    }

    /// Somebody noticed: that it was first noticed counts.
    fn detected(&mut self, now: Timestamp) {
        if let Some(open) = &mut self.open {
            open.ends[Phase::Detect as usize].get_or_insert(now);
        }
    }

    fn end(&mut self, node: NodeId, phase: Phase, now: Timestamp) {
        if let Some(open) = &mut self.open
            && open.to == Some(node)
        {
            open.set_end(phase, now);
        }
    }
}

/// The time in whole milliseconds, so that the phases, shown as such, add up.
const fn whole(time: Timestamp) -> Timestamp {
    Timestamp::from_millis(time.millis())
}
