//! The cluster as it was: what it looked like at moments that have passed, and who led when.

use everview_cluster::sim::{NodeStatus, Status};
use everview_cluster::{Health, NodeId};
use everview_core::{Epoch, Position, Timestamp};

use super::reader::RegionsSeen;

#[cfg(test)]
mod tests;

/// The most moments that are kept.
const KEPT: usize = 4_096;

/// Even if nothing changes, this often something is kept, in milliseconds.
const QUIET: i64 = 1_000;

/// The most terms that are kept: nobody could tell more of them apart on a line.
const TERMS: usize = 200;

/// What is kept of the cluster's past.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// In order of time, and so of positions.
    moments: Vec<Moment>,
    terms: Vec<Term>,
}

/// What there is to see at a moment.
#[derive(Debug, Clone)]
pub(super) enum Observed {
    /// Of nodes that keep one log.
    OneLog(Status),
    /// Of regions with a log each.
    PerRegion(RegionsSeen),
}

impl Observed {
    pub(super) const fn now(&self) -> Timestamp {
        match self {
            Self::OneLog(status) => status.now,
            Self::PerRegion(seen) => seen.now,
        }
    }

    /// How far what the page has can be relied on to be current.
    pub(super) fn health(&self) -> Option<Health> {
        match self {
            // The page is the first client.
            Self::OneLog(status) => status.followers.first().map(|follower| follower.health),
            Self::PerRegion(seen) => Some(seen.health()),
        }
    }

    /// The last event that the page's client has.
    fn position(&self) -> Position {
        match self {
            Self::OneLog(status) => {
                status.followers.first().map_or(Position::START, |follower| follower.position)
            }
            Self::PerRegion(seen) => seen.position,
        }
    }

    /// Whether more has changed since then than time and events.
    fn turned(&self, before: &Self) -> bool {
        match (before, self) {
            (Self::OneLog(before), Self::OneLog(now)) => turns(before, now),
            (Self::PerRegion(before), Self::PerRegion(now)) => regions_turn(before, now),
            _ => true,
        }
    }
}

/// The cluster at a moment.
#[derive(Debug)]
pub(super) struct Moment {
    pub(super) observed: Observed,
    /// The last event that the page's client had, of those that it still has; of regions with a log
    /// each, the last one that was made until then.
    pub(super) position: Position,
    /// Whether something had changed that is more than time or events.
    is_turn: bool,
}

/// A time in which somebody led, or nobody, which lasts until the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) leader: Option<NodeId>,
    pub(super) epoch: Epoch,
    pub(super) since: Timestamp,
    pub(super) position: Position,
}

impl Past {
    /// Takes note of the cluster as it is now.
    pub(super) fn note(&mut self, observed: Observed) {
        let (position, now) = (observed.position(), observed.now());
        // Events that were taken back are none that somebody could go to.
        let later = |at: Position| position < at;
        let moments = self.moments.iter_mut().rev().take_while(|moment| later(moment.position));
        moments.for_each(|moment| moment.position = position);
        let terms = self.terms.iter_mut().rev().take_while(|term| later(term.position));
        terms.for_each(|term| term.position = position);

        let last = self.moments.last();
        let is_turn = last.is_none_or(|last| observed.turned(&last.observed));
        let is_news = last.is_none_or(|last| {
            last.position != position || QUIET <= now.millis_since(last.observed.now())
        });
        if let Observed::OneLog(status) = &observed {
            self.note_term(status, position);
        }
        if is_turn || is_news {
            self.moments.push(Moment { observed, position, is_turn });
            self.thin();
        }
    }

    /// Puts moments where they belong in a log that was put in another order.
    pub(super) fn relocate(&mut self, position_at: impl Fn(Timestamp) -> Position) {
        for moment in &mut self.moments {
            moment.position = position_at(moment.observed.now());
        }
    }

    fn note_term(&mut self, status: &Status, position: Position) {
        let is_same = |term: &Term| {
            term.leader == status.leader && (term.leader.is_none() || term.epoch == status.epoch)
        };
        if self.terms.last().is_some_and(is_same) {
            return;
        }
        let since = status.leads_since.unwrap_or(status.now);
        self.terms.push(Term { leader: status.leader, epoch: status.epoch, since, position });
        let surplus = self.terms.len().saturating_sub(TERMS);
        self.terms.drain(..surplus);
    }

    /// Gives up moments when there are too many: every second one of those in which only time
    /// passed, and if that is not enough, the oldest.
    fn thin(&mut self) {
        if self.moments.len() <= KEPT {
            return;
        }
        let mut is_kept = false;
        self.moments.retain(|moment| {
            is_kept ^= !moment.is_turn;
            moment.is_turn || is_kept
        });
        let surplus = self.moments.len().saturating_sub(KEPT / 2);
        let surplus = if self.moments.len() < KEPT { 0 } else { surplus };
        self.moments.drain(..surplus);
    }

    /// The first moment that is known at which the client had an event, or the last one at which it
    /// had that event and that was no later than `by`.
    pub(super) fn at(&self, position: Position, by: Option<Timestamp>) -> Option<&Moment> {
        let (first, end) = self.span(position);
        let span = self.moments.get(first..end)?;
        let wanted = by.map_or(0, |by| {
            span.partition_point(|moment| moment.observed.now() <= by).saturating_sub(1)
        });
        span.get(wanted)
    }

    /// Since when the client had an event as its last, and until when, as far as that is known.
    pub(super) fn times(&self, position: Position) -> Option<(Timestamp, Timestamp)> {
        let (first, end) = self.span(position);
        let until = self.moments.get(end).or_else(|| self.moments.last())?;
        Some((self.moments.get(first)?.observed.now(), until.observed.now()))
    }

    /// The moments of an event: those with the first position that is no smaller, since not every
    /// event has one, or the last moments of all.
    fn span(&self, position: Position) -> (usize, usize) {
        let last = self.moments.last().map_or(position, |last| last.position);
        let position = position.min(last);
        let first = self.moments.partition_point(|moment| moment.position < position);
        let known = self.moments.get(first).map_or(position, |moment| moment.position);
        (first, self.moments.partition_point(|moment| moment.position <= known))
    }

    /// The event that the client had at a time.
    pub(super) fn position_at(&self, time: Timestamp) -> Position {
        let next = self.moments.partition_point(|moment| moment.observed.now() <= time);
        let moment = next.checked_sub(1).and_then(|last| self.moments.get(last));
        moment.map_or_else(Position::default, |moment| moment.position)
    }

    /// Who led when, the oldest first.
    pub(super) fn terms(&self) -> &[Term] {
        &self.terms
    }
}

/// Whether more has changed than time and events.
fn turns(before: &Status, now: &Status) -> bool {
    let follows = |status: &Status| {
        let follower = status.followers.first();
        follower.map(|one| (one.node, one.epoch, matches!(one.health, Health::Live)))
    };
    let plays = |node: &NodeStatus| (node.state, node.role, node.epoch, node.leader);
    let suspects = |node: &NodeStatus| {
        node.peers.iter().filter(|peer| peer.is_suspected).map(|peer| peer.id).collect::<Vec<_>>()
    };
    let pairs = || before.nodes.iter().zip(&now.nodes);
    before.leader != now.leader
        || before.epoch != now.epoch
        || follows(before) != follows(now)
        || pairs().any(|(before, now)| plays(before) != plays(now))
        || pairs().any(|(before, now)| suspects(before) != suspects(now))
}

fn regions_turn(before: &RegionsSeen, now: &RegionsSeen) -> bool {
    let pairs = before.regions.iter().zip(&now.regions);
    before.at != now.at
        || before.silent_since != now.silent_since
        || pairs
            .into_iter()
            .any(|(before, now)| (before.state, &before.links) != (now.state, &now.links))
}
