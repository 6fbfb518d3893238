//! Clients that resume by the million, from logs that were lost in part, restored and lost again.
//!
//! A server's log grows, loses its tail in failovers and is restored from backups, also with the epochs
//! that it had then: counters come back, with other events. Clients read some of it, stay away for a
//! while, and resume, some of them from a snapshot. The [`Follower`] and the [`Node`] are those that run
//! in production; whatever happened meanwhile, a client that has resumed has the server's log and no
//! other, has kept what was in it, and was given no snapshot without need.

use alloc::sync::Arc;
use alloc::vec::Vec;

use everview_core::{Digest, Epoch, Position, RestoreError, Rng, Timestamp};

use super::bank;
use crate::{
    ClientId, Cursor, Durable, Entry, Follower, FollowerConfig, FollowerInput, FollowerOutput,
    Input, Lease, LeaseReply, Lineage, Node, NodeConfig, NodeId, Output, Request, Response,
    Snapshot, SnapshotRefused, Term, Ticket,
};

/// How many things happen to a server.
const ROUNDS: u64 = 40;

const CLIENTS: usize = 6;

/// How many backups are kept.
const BACKUPS: usize = 2;

const SERVER: NodeId = NodeId::new(0);

/// What came of many resumes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resumes {
    /// How often a client resumed.
    pub count: u64,
    /// How often it had to forget something.
    pub rewound: u64,
    /// How often it started from a snapshot.
    pub started: u64,
    /// How often it could not use one, and had to ask for events.
    pub damaged: u64,
    /// How often the connection was lost before it had all.
    pub interrupted: u64,
    /// How often it refused a server that was restored with a lower epoch than it knew, and so may be
    /// deposed; it follows again when the epoch has caught up.
    pub refused: u64,
}

/// A client was wrong and did not know it, or forgot what it could have kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Wrong {
    /// What a client has after it resumed is not the server's log.
    #[error(
        "expected {client} to have the server's log up to {expected}, found it differs after {found}"
    )]
    Differs {
        /// The client.
        client: ClientId,
        /// The end of the server's log.
        expected: Position,
        /// The last position that both have alike.
        found: Position,
    },
    /// A client was given an event out of turn.
    #[error("expected {client} to be given {expected}, found {found}")]
    Gap {
        /// The client.
        client: ClientId,
        /// What comes next.
        expected: Position,
        /// What came.
        found: Position,
    },
    /// A client forgot events that are in the server's log.
    #[error("expected {client} to keep its events up to {expected}, found it rewound to {found}")]
    Refetched {
        /// The client.
        client: ClientId,
        /// The last position that both have alike.
        expected: Position,
        /// Where it was rewound to.
        found: Position,
    },
    /// A client was given a snapshot, though it could have gone on with events that are sent.
    #[error("expected {client} to go on after {expected}, found it sent to a snapshot at {found}")]
    Restarted {
        /// The client.
        client: ClientId,
        /// The last position that both have alike.
        expected: Position,
        /// Where the snapshot is.
        found: Position,
    },
    /// A client does not get to follow the server.
    #[error("expected {client} to follow the server in the end, found that it does not")]
    Stuck {
        /// The client.
        client: ClientId,
    },
}

impl Resumes {
    /// Adds what came of others.
    pub const fn add(&mut self, other: Self) {
        self.count += other.count;
        self.rewound += other.rewound;
        self.started += other.started;
        self.damaged += other.damaged;
        self.interrupted += other.interrupted;
        self.refused += other.refused;
    }
}

/// Lets a server and its clients live through what a seed makes of their lives. With
/// `are_lineages_counted`, lineages are numbers like epochs, which come back after a restore: that
/// goes wrong, and shows that the checks notice.
///
/// # Errors
///
/// What was wrong, and with whom.
///
/// ```
/// use everview_cluster::sim::resumes;
///
/// assert!(resumes::run(7, false)?.count > 100);
/// assert!((0..100).any(|seed| resumes::run(seed, true).is_err()));
/// # Ok::<(), resumes::Wrong>(())
/// ```
pub fn run(seed: u64, are_lineages_counted: bool) -> Result<Resumes, Wrong> {
    let mut rng = Rng::new(seed);
    // Some servers send all, and some next to nothing.
    let retain = [0, 5, 20, u64::MAX][usize::try_from(seed % 4).unwrap_or(0)];
    let mut world = World {
        retain,
        snapshot: None,
        logs: Vec::new(),
        are_whole: false,
        node: Node::new(config(0, retain), Durable::default(), bank::bus(), Timestamp::default()),
        now: Timestamp::default(),
        epoch: Epoch::default(),
        highest: Epoch::default(),
        promotions: 0,
        payments: 0,
        are_lineages_counted,
        backups: Vec::new(),
        clients: (0..)
            .map(ClientId)
            .take(CLIENTS)
            .map(|id| Client::new(id, rng.next_u64()))
            .collect(),
        done: Resumes::default(),
        rng,
    };
    world.promote();
    for _ in 0..ROUNDS {
        world.live();
        world.visit()?;
    }
    // Whoever refused a restored epoch follows again once the epoch is as high as it was.
    while world.epoch < world.highest {
        world.promote();
    }
    world.are_whole = true;
    for index in 0..CLIENTS {
        // Whoever could not use a snapshot comes again.
        world.resume(index, None)?;
        world.resume(index, None)?;
        let Client { id: client, follower, .. } = &world.clients[index];
        if (follower.epoch(), world.shared(index))
            != (world.epoch, world.node.durable().log().head())
        {
            return Err(Wrong::Stuck { client: *client });
        }
    }
    Ok(world.done)
}

fn config(number: u64, retain: u64) -> NodeConfig {
    NodeConfig { retain, ..NodeConfig::new(SERVER, Vec::new(), number) }
}

struct World {
    rng: Rng,
    node: Node,
    now: Timestamp,
    epoch: Epoch,
    /// The highest epoch that there ever was.
    highest: Epoch,
    promotions: u64,
    payments: u64,
    are_lineages_counted: bool,
    /// How many events before its snapshot the server sends.
    retain: u64,
    /// The latest snapshot that was made, maybe of a log that is gone.
    snapshot: Option<Snapshot>,
    /// What each snapshot was made of; it holds the number of its log here.
    logs: Vec<Vec<Entry>>,
    /// Whether no snapshot is damaged any more.
    are_whole: bool,
    /// What the server's log was, and its epoch.
    backups: Vec<(Durable, Epoch)>,
    clients: Vec<Client>,
    done: Resumes,
}

struct Client {
    id: ClientId,
    follower: Follower,
    /// What it has folded, or what was folded into the snapshot that it started from.
    has: Vec<Entry>,
    /// Where that snapshot is.
    base: Position,
}

impl Client {
    fn new(id: ClientId, seed: u64) -> Self {
        let follower =
            Follower::new(FollowerConfig::new(Vec::from([SERVER]), seed), Timestamp::default());
        Self { id, follower, has: Vec::new(), base: Position::START }
    }
}

impl World {
    /// Something happens to the server.
    fn live(&mut self) {
        for _ in 0..self.rng.below(12) {
            self.pay();
        }
        if self.rng.chance(200_000) {
            self.backups.push((self.node.durable().clone(), self.epoch));
            if BACKUPS < self.backups.len() {
                self.backups.remove(0);
            }
        }
        if self.rng.chance(250_000) {
            self.make_snapshot();
        }
        match self.rng.below(10) {
            // Somebody else leads, who lacks the end of the log.
            0..=2 => {
                let head = self.node.durable().log().head().get();
                let kept = head - self.rng.below(8.min(head) + 1);
                let mut durable = self.node.durable().clone();
                durable.truncate(Position::new(kept));
                durable.history = durable.history.until(Position::new(kept));
                self.restart(durable);
            }
            3 => self.promote(),
            // All that happened since is forgotten, half of the time by the register too.
            4 | 5 if !self.backups.is_empty() => {
                let index = usize::try_from(self.rng.below(self.backups.len() as u64)).unwrap_or(0);
                let (durable, epoch) = self.backups[index].clone();
                if self.rng.chance(500_000) {
                    self.epoch = epoch;
                }
                self.restart(durable);
            }
            _ => {}
        }
    }

    /// Some clients come back. The connections of some of them do not last.
    fn visit(&mut self) -> Result<(), Wrong> {
        for index in 0..CLIENTS {
            match self.rng.below(10) {
                0..=4 => self.resume(index, None)?,
                5..=7 => {
                    let events = self.rng.below(20);
                    self.resume(index, usize::try_from(events).ok())?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn promote(&mut self) {
        let durable = self.node.durable().clone();
        self.restart(durable);
    }

    /// The server starts with a log, and leads at the next epoch.
    fn restart(&mut self, mut durable: Durable) {
        self.epoch = Epoch::new(self.epoch.get() + 1);
        self.highest = self.highest.max(self.epoch);
        self.promotions += 1;
        self.now = self.now.plus_millis(1_000);
        durable.promised = Epoch::new(self.epoch.get() - 1);
        let seed = self.rng.next_u64() ^ self.promotions;
        self.node = Node::new(config(seed, self.retain), durable, bank::bus(), self.now);
        let (asked, lease) = (self.now, Lease::Yours(self.epoch));
        self.node.step(self.now, Input::Lease(LeaseReply { asked, lease }), &mut Vec::new());
        if self.are_lineages_counted {
            let terms = self.node.durable.history.terms().iter();
            let counted = |term: &Term| {
                let lineage = Lineage::new(term.epoch.get().into());
                Term { lineage, ..*term }
            };
            self.node.durable.history = terms.map(counted).collect();
        }
        self.give_snapshot();
    }

    fn make_snapshot(&mut self) {
        let durable = self.node.durable();
        let head = durable.log().head();
        let event_id = durable.log().get(head).map(|event| event.id.into());
        let at =
            Cursor { history: durable.history().until(head), position: head, event_id, base: head };
        let number = self.logs.len() as u64;
        self.logs.push(durable.entries(Position::START, head, usize::MAX));
        let (digest, bytes) = (Digest::default(), Arc::from(number.to_le_bytes()));
        self.snapshot = Some(Snapshot { at, digest, bytes });
        self.give_snapshot();
    }

    fn give_snapshot(&mut self) {
        if let Some(snapshot) = self.snapshot.clone() {
            self.node.step(self.now, Input::Snapshot(snapshot), &mut Vec::new());
        }
    }

    fn pay(&mut self) {
        self.payments += 1;
        let amount = i64::try_from(self.payments).unwrap_or(i64::MAX);
        let command = bank::pay(bank::account(self.rng.below(3)), amount);
        self.ask(ClientId(u64::MAX), Request::Dispatch { ticket: Ticket(self.payments), command });
    }

    fn ask(&mut self, client: ClientId, request: Request) -> Vec<Response> {
        let mut out = Vec::new();
        self.node.step(self.now, Input::Client { client, request }, &mut out);
        let told = out.into_iter().filter_map(|output| match output {
            Output::Respond { client: to, response } if to == client => Some(response),
            _ => None,
        });
        told.collect()
    }

    /// A client resumes; its connection is lost after so many events, if it is.
    fn resume(&mut self, index: usize, mut events: Option<usize>) -> Result<(), Wrong> {
        self.done.count += 1;
        self.done.interrupted += u64::from(events.is_some());
        let mut inputs = Vec::from([FollowerInput::Tick]);
        let (mut is_rewound, mut is_damaged, mut session) = (false, false, None);
        // Long enough that it does not wait any more.
        self.now = self.now.plus_millis(10);
        let now = Timestamp::from_millis(self.done.count.cast_signed() * 10_000);
        while let Some(input) = inputs.pop() {
            let mut out = Vec::new();
            self.clients[index].follower.step(now, input, &mut out);
            for output in out {
                match output {
                    FollowerOutput::Connect { session: with, after, silent, needs_all, .. } => {
                        session = Some(with);
                        let request = Request::Resume { session: with, after, silent, needs_all };
                        let told = self.ask(ClientId(index as u64), request);
                        inputs = heard(told, &mut events);
                        inputs.reverse();
                    }
                    FollowerOutput::Rewind(to) => {
                        is_rewound = true;
                        self.rewind(index, to)?;
                    }
                    FollowerOutput::Forget => {
                        is_rewound = true;
                        self.forget(index)?;
                    }
                    FollowerOutput::Restore(snapshot) => {
                        let restored = self.restore(index, &snapshot)?;
                        inputs = Vec::from([FollowerInput::Restored(restored)]);
                    }
                    FollowerOutput::Apply(entry) => self.apply(index, entry)?,
                    FollowerOutput::Refuse { refused, .. } => {
                        is_damaged |= matches!(refused, SnapshotRefused::Unusable(_));
                    }
                    FollowerOutput::WaitUntil(_) => {}
                }
            }
        }
        self.done.rewound += u64::from(is_rewound);
        self.done.damaged += u64::from(is_damaged);
        let client = &mut self.clients[index];
        let follows = client.follower.node().is_some();
        let (expected, found) = (self.node.durable().log().head(), self.shared(index));
        let client = &mut self.clients[index];
        self.done.refused += u64::from(!follows && !is_damaged);
        if let Some(session) = session {
            client.follower.step(now, FollowerInput::Closed { session }, &mut Vec::new());
        }
        let is_whole = found == expected && client.has.len() as u64 == expected.get();
        let is_part = found.get() == client.has.len() as u64;
        match events {
            _ if !follows => Ok(()),
            None if is_whole => Ok(()),
            Some(_) if is_part => Ok(()),
            _ => Err(Wrong::Differs { client: client.id, expected, found }),
        }
    }

    fn rewind(&mut self, index: usize, to: Position) -> Result<(), Wrong> {
        let expected = self.shared(index);
        let client = &mut self.clients[index];
        let expected = expected.max(client.base);
        if to < expected {
            return Err(Wrong::Refetched { client: client.id, expected, found: to });
        }
        client.has.truncate(usize::try_from(to.get()).unwrap_or(usize::MAX));
        Ok(())
    }

    /// A client begins anew, which it must not if it can go back to something.
    fn forget(&mut self, index: usize) -> Result<(), Wrong> {
        let expected = self.shared(index);
        let client = &mut self.clients[index];
        if client.base <= expected {
            let found = Position::START;
            return Err(Wrong::Refetched { client: client.id, expected, found });
        }
        client.base = Position::START;
        client.has.clear();
        Ok(())
    }

    /// A client starts from a snapshot, if it is not damaged.
    fn restore(
        &mut self,
        index: usize,
        snapshot: &Snapshot,
    ) -> Result<Result<(), RestoreError>, Wrong> {
        let (expected, found) = (self.shared(index), snapshot.at.position);
        let horizon = found.get().saturating_sub(self.retain);
        let client = &mut self.clients[index];
        if client.base <= expected && horizon <= expected.get() {
            return Err(Wrong::Restarted { client: client.id, expected, found });
        }
        if !self.are_whole && self.rng.chance(50_000) {
            return Ok(Err(RestoreError::Foreign));
        }
        let number = (*snapshot.bytes).try_into().map_or(0, u64::from_le_bytes);
        let log = usize::try_from(number).ok().and_then(|number| self.logs.get(number));
        client.has = log.cloned().unwrap_or_default();
        client.base = found;
        self.done.started += 1;
        Ok(Ok(()))
    }

    fn apply(&mut self, index: usize, entry: Entry) -> Result<(), Wrong> {
        let client = &mut self.clients[index];
        let expected = Position::new(client.has.len() as u64 + 1);
        if entry.position != expected {
            return Err(Wrong::Gap { client: client.id, expected, found: entry.position });
        }
        client.has.push(entry);
        Ok(())
    }

    /// The last position up to which a client and the server have the same events.
    fn shared(&self, index: usize) -> Position {
        let durable = self.node.durable();
        let log = durable.entries(Position::START, durable.log().head(), usize::MAX);
        let same = |(mine, theirs): &(&Entry, &Entry)| {
            mine.epoch == theirs.epoch
                && (Arc::ptr_eq(&mine.event, &theirs.event) || mine.event == theirs.event)
        };
        let shared = self.clients[index].has.iter().zip(&log).take_while(same).count();
        Position::new(shared as u64)
    }
}

/// What a follower hears before its connection is lost, if it is after so many events.
fn heard(told: Vec<Response>, events: &mut Option<usize>) -> Vec<FollowerInput> {
    let mut inputs = Vec::new();
    for response in told {
        match response {
            Response::Answer { session, answer } => {
                inputs.push(FollowerInput::Answer { session, answer });
            }
            Response::Heartbeat { session, heartbeat } => {
                inputs.push(FollowerInput::Heartbeat { session, heartbeat });
            }
            Response::Events { session, epoch, entries } => {
                let most = events.unwrap_or(usize::MAX).min(entries.len());
                if let Some(left) = events {
                    *left -= most;
                }
                inputs.extend(entries.into_iter().take(most).map(|entry| FollowerInput::Event {
                    session,
                    epoch,
                    entry,
                }));
            }
            Response::Reply { .. } => {}
        }
    }
    inputs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_resumes_has_the_log_and_keeps_what_is_in_it() {
        let mut done = Resumes::default();
        for seed in 0..300 {
            done.add(run(seed, false).unwrap());
        }
        assert!(done.count > 50_000, "{done:?}");
        assert!(done.rewound > 5_000 && done.interrupted > 10_000, "{done:?}");
        assert!(done.started > 2_000 && done.damaged > 100, "{done:?}");
        assert!(0 < done.refused && done.refused < done.count / 3, "{done:?}");
    }

    #[test]
    fn lineages_that_come_back_like_counters_are_noticed() {
        let wrong = (0..300).filter(|&seed| run(seed, true).is_err()).count();
        assert!(wrong > 50, "{wrong} of 300");
    }
}
