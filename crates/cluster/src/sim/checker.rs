//! What must hold in every moment of every run.

mod seen;
mod violation;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use everview_core::command::{Outcome, is_event_of};
use everview_core::{Epoch, Event, Log, Position};

use super::service::Service;
use super::{Coverage, Endpoint, Sometimes};
use crate::{ClientId, Entry, NodeId, Replication, Serve, Ticket};

pub(super) use seen::Seen;
pub use violation::Violation;

/// A node's log, with what was seen of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Copy<'a> {
    pub(super) log: &'a Log,
    pub(super) seen: &'a Seen,
}

/// Sees everything and holds it against the promises.
#[derive(Debug)]
pub(super) struct Checker {
    serve: Serve,
    replication: Replication,
    /// Whether no two commands of the workload ask for the same thing.
    is_distinct: bool,
    leaders: BTreeMap<Epoch, NodeId>,
    /// What is in the logs, by epoch and position.
    accepted: BTreeMap<(Epoch, Position), u64>,
    committed: Log,
    /// The same again, to compare with.
    entries: Vec<Entry>,
    seen: Seen,
    ids: BTreeMap<(String, String), Position>,
    effects: BTreeSet<u64>,
    /// The committed events that clients were told of.
    acknowledged: BTreeSet<Position>,
    /// How many events clients were told of that an asynchronous promotion then lost.
    lost: u64,
    followed: Vec<Followed>,
}

/// What a follower has: events, and what was before them in a snapshot.
#[derive(Debug, Clone, Default)]
struct Followed {
    base: Position,
    entries: Vec<Entry>,
}

impl Followed {
    fn head(&self) -> Position {
        Position::new(self.base.get() + self.entries.len() as u64)
    }

    fn after(&self, position: Position) -> &[Entry] {
        let skipped = position.get().saturating_sub(self.base.get());
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        self.entries.get(skipped..).unwrap_or_default()
    }

    fn get(&self, position: Position) -> Option<&Entry> {
        let before = position.previous();
        if before < self.base { None } else { self.after(before).first() }
    }
}

impl Checker {
    pub(super) fn new(serve: Serve, replication: Replication, clients: usize) -> Self {
        Self {
            serve,
            replication,
            is_distinct: false,
            leaders: BTreeMap::new(),
            accepted: BTreeMap::new(),
            committed: Log::new(),
            entries: Vec::new(),
            seen: Seen::default(),
            ids: BTreeMap::new(),
            effects: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
            lost: 0,
            followed: vec![Followed::default(); clients],
        }
    }

    /// From now on, two events that say the same of the same are taken for one done twice.
    pub(super) fn expect_distinct(&mut self) {
        self.is_distinct = true;
    }

    pub(super) const fn committed(&self) -> &Log {
        &self.committed
    }

    pub(super) const fn lost(&self) -> u64 {
        self.lost
    }

    /// The highest epoch that a node has led at.
    pub(super) fn epoch(&self) -> Epoch {
        self.leaders.last_key_value().map_or(Epoch::default(), |(&epoch, _)| epoch)
    }

    /// Whether a node has led at the highest epoch.
    pub(super) fn led_last(&self, node: NodeId) -> bool {
        self.leaders.last_key_value().is_some_and(|(_, &leader)| leader == node)
    }

    /// Whether a log has the committed event at a position.
    pub(super) fn has(&self, seen: &Seen, position: Position) -> bool {
        self.seen.is_same_at(seen, position)
    }

    /// The last event that a follower has.
    pub(super) fn followed(&self, client: ClientId) -> Position {
        let followed = usize::try_from(client.0).ok().and_then(|index| self.followed.get(index));
        followed.map_or(Position::START, Followed::head)
    }

    fn followed_mut(&mut self, client: ClientId) -> Option<&mut Followed> {
        self.followed.get_mut(usize::try_from(client.0).ok()?)
    }

    /// One leader per epoch, and it has all that was committed; under asynchronous replication, how
    /// many acknowledged events it lacks.
    pub(super) fn promoted(
        &mut self,
        node: NodeId,
        epoch: Epoch,
        seen: &Seen,
    ) -> Result<u64, Violation> {
        let is_latest = self.epoch() < epoch;
        let first = *self.leaders.entry(epoch).or_insert(node);
        if first != node {
            return Err(Violation::TwoLeaders { epoch, first, second: node });
        }
        if !is_latest {
            // It was held up, others have led since, and it will hear of them.
            return Ok(0);
        }
        let shared = self.seen.shared(seen);
        if !self.replication.is_lossless() {
            return Ok(self.lose(shared));
        }
        if shared == self.seen.head() {
            Ok(0)
        } else {
            Err(self.changed(node, shared.next(), None))
        }
    }

    /// Forgets what is after a position; how much of that clients were told of.
    fn lose(&mut self, kept: Position) -> u64 {
        for entry in self.entries.drain(index(kept.next())..) {
            let event = &entry.event;
            self.ids.remove(&(event.source.clone(), event.id.clone()));
            self.effects.remove(&effect(&event.subject, &event.data));
        }
        self.committed.truncate(kept);
        self.seen.truncate(kept);
        let lost = self.acknowledged.split_off(&kept.next()).len() as u64;
        self.lost += lost;
        lost
    }

    /// Within an epoch there is one log, and every copy of it is a beginning of it.
    pub(super) fn accepts(
        &mut self,
        node: NodeId,
        log: &Log,
        seen: &mut Seen,
    ) -> Result<(), Violation> {
        if log.head() <= seen.head() {
            return Ok(());
        }
        for event in log.after(seen.head()) {
            let (epoch, position) = (event.epoch, event.position);
            let found = hash(event.raw.as_bytes());
            let expected = *self.accepted.entry((epoch, position)).or_insert(found);
            if expected != found {
                return Err(Violation::LogsDiffer { node, epoch, position });
            }
            seen.push(epoch, found);
        }
        Ok(())
    }

    /// What is committed stays so, on every node that counts it as such.
    pub(super) fn commits(
        &mut self,
        node: NodeId,
        copy: Copy<'_>,
        (before, now): (Position, Position),
        coverage: &mut Coverage,
    ) -> Result<(), Violation> {
        for number in before.get() + 1..=now.get() {
            let position = Position::new(number);
            let (expected, found) = (self.seen.get(position), copy.seen.get(position));
            if expected == found {
                continue;
            }
            // What a deposed leader or its standbys believe does not count there.
            if !self.replication.is_lossless() && !self.led_last(node) {
                continue;
            }
            match copy.log.get(position) {
                Some(event) if expected.is_none() => {
                    coverage.reach_if(event.epoch < self.epoch(), Sometimes::TailAdopted);
                    let entry = Entry::from(event);
                    self.commit(entry, found)?;
                }
                event => return Err(self.changed(node, position, event.as_ref())),
            }
        }
        Ok(())
    }

    fn commit(&mut self, entry: Entry, seen: Option<(Epoch, u64)>) -> Result<(), Violation> {
        let (event, position) = (&entry.event, entry.position);
        let key = (event.source.clone(), event.id.clone());
        let first = *self.ids.entry(key).or_insert(position);
        let is_new = !self.is_distinct || self.effects.insert(effect(&event.subject, &event.data));
        let is_appended = self.committed.append(entry.epoch, event).is_ok();
        if first != position || !is_new || !is_appended {
            return Err(Violation::Doubled { id: event.id.clone(), first, second: position });
        }
        if let Some((epoch, hash)) = seen {
            self.seen.push(epoch, hash);
        }
        self.entries.push(entry);
        Ok(())
    }

    fn changed(&self, node: NodeId, position: Position, found: Option<&Event<'_>>) -> Violation {
        let expected = self.entries.get(index(position));
        let expected = expected.map_or_else(String::new, |entry| entry.event.id.clone());
        let found = found.map_or_else(String::new, |event| (*event.id).into());
        Violation::CommittedChanged { node, position, expected, found }
    }

    /// Nobody forgets what it knows to be committed.
    pub(super) fn rewound(
        &self,
        node: NodeId,
        to: Position,
        committed: Position,
    ) -> Result<(), Violation> {
        let forgets = to < committed && to < self.committed.head();
        if forgets && self.replication.is_lossless() {
            return Err(self.changed(node, to.next(), None));
        }
        Ok(())
    }

    /// What a client is told of is committed, which is for ever; or lost by what asynchronous
    /// replication does not promise. Whether the client was told before, or the events are older
    /// than the leader.
    pub(super) fn acknowledges(
        &mut self,
        ticket: Ticket,
        outcome: &Outcome,
        seen: &Seen,
    ) -> Result<bool, Violation> {
        let Outcome::Accepted { positions, .. } = outcome else { return Ok(false) };
        let mut is_repeated = false;
        for &position in positions {
            let committed = self.seen.get(position);
            if let Some((epoch, _)) = committed.filter(|_| committed == seen.get(position)) {
                is_repeated |= epoch < self.epoch() || !self.acknowledged.insert(position);
            } else if self.replication.is_lossless() {
                return Err(Violation::AcknowledgedLost { ticket, position });
            } else {
                self.lost += 1;
            }
        }
        Ok(is_repeated)
    }

    /// A follower gets every event once, in order, and none that was not committed, unless it asked
    /// for those too or replication does not promise that they stay.
    pub(super) fn applies(&mut self, client: ClientId, entry: &Entry) -> Result<(), Violation> {
        let expected = self.followed(client).next();
        let found = entry.position;
        if expected != found {
            return Err(Violation::FollowerGap { client, expected, found });
        }
        if let Some(followed) = self.followed_mut(client) {
            followed.entries.push(entry.clone());
        }
        match self.serve {
            Serve::Committed if self.replication.is_lossless() => {
                self.check_followed(client, found)
            }
            Serve::Committed | Serve::Appended => Ok(()),
        }
    }

    /// What follows has stopped, and begins again with nothing.
    pub(super) fn forgets(&mut self, client: ClientId) {
        if let Some(followed) = self.followed_mut(client) {
            *followed = Followed::default();
        }
    }

    /// A client has the views of a snapshot, and no event before it.
    pub(super) fn starts(&mut self, client: ClientId, base: Position) {
        if let Some(followed) = self.followed_mut(client) {
            *followed = Followed { base, entries: Vec::new() };
        }
    }

    /// What a client is told of are the events of its own command, and they are committed.
    pub(super) fn answers(
        &self,
        ticket: Ticket,
        key: &str,
        positions: &[Position],
    ) -> Result<(), Violation> {
        let is_its = |entry: &Entry| is_event_of(key, &entry.event.id);
        for &position in positions {
            let is_there = self.entries.get(index(position)).is_some_and(is_its);
            if !is_there && self.replication.is_lossless() {
                return Err(Violation::AcknowledgedLost { ticket, position });
            }
        }
        Ok(())
    }

    /// A client goes back to what it has had, which is not before the snapshot that it started from.
    pub(super) fn rewinds(
        &mut self,
        client: ClientId,
        to: Position,
        coverage: &mut Coverage,
    ) -> Result<(), Violation> {
        let Some(followed) = self.followed_mut(client) else { return Ok(()) };
        let (base, gone) = (followed.base, followed.after(to));
        if to < base {
            return Err(Violation::BeforeSnapshot { client, base, found: to });
        }
        let (gone, ends) = (gone.len(), gone.first().zip(gone.last()));
        let is_far = ends.is_some_and(|(first, last)| first.epoch < last.epoch);
        coverage.reach(Sometimes::ClientRewound);
        coverage.reach_if(is_far, Sometimes::ClientRewoundFar);
        followed.entries.truncate(followed.entries.len() - gone);
        Ok(())
    }

    fn check_followed(&self, client: ClientId, position: Position) -> Result<(), Violation> {
        let followed = usize::try_from(client.0).ok().and_then(|index| self.followed.get(index));
        let Some(entry) = followed.and_then(|one| one.get(position)) else { return Ok(()) };
        if self.entries.get(index(position)) == Some(entry) {
            return Ok(());
        }
        let found = entry.event.id.clone();
        Err(Violation::FollowerDiffers { client, position, found })
    }

    /// What a client got adds up.
    pub(super) fn adds_up(
        client: ClientId,
        service: Service,
        (passed_us, open): (i64, u64),
    ) -> Result<(), Violation> {
        let is_whole = service.total_us() == passed_us && service.asked == service.answered + open;
        is_whole.then_some(()).ok_or(Violation::DoesNotAddUp { client, passed_us, service })
    }

    /// When everything was mended and time enough has passed: all are at the end of one log.
    pub(super) fn settled(
        &self,
        logs: impl Iterator<Item = (Endpoint, Position)>,
        clients: usize,
    ) -> Result<(), Violation> {
        let expected = self.committed.head();
        let clients = (0..).map(ClientId).zip(self.followed.iter().take(clients));
        let clients = clients.map(|(client, followed)| (Endpoint::Client(client), followed.head()));
        for (who, found) in logs.chain(clients) {
            if found != expected {
                return Err(Violation::NotConverged { who, expected, found });
            }
        }
        let clients = (0..).map(ClientId).take(self.followed.len());
        for client in clients {
            for number in 1..=expected.get() {
                self.check_followed(client, Position::new(number))?;
            }
        }
        Ok(())
    }
}

/// Where the entry at `position` is in a list that begins with the first one.
fn index(position: Position) -> usize {
    usize::try_from(position.previous().get()).unwrap_or(usize::MAX)
}

fn effect(subject: &str, data: &str) -> u64 {
    hash(subject.as_bytes()) ^ hash(data.as_bytes()).rotate_left(32)
}

/// FNV-1a: only to compare what one run has seen.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
