//! A disk that takes its time, and what is left on it after a crash.
//!
//! What a node changes is written at once and synced later; what the node says about it waits until
//! then. One sync covers all that was written before it began. A crash of the process keeps what
//! was written, a loss of power only what was synced, and a torn write leaves a part of what was
//! being written: its broken end is cut off when the node starts again.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use everview_core::{Epoch, Position, Rng};

use crate::{Durable, Entry, History, Output};

/// What there is to say of a log without reading it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mark {
    head: Position,
    history: History,
    promised: Epoch,
}

impl Mark {
    pub(super) fn of(durable: &Durable) -> Self {
        let (history, promised) = (durable.history.clone(), durable.promised);
        Self { head: durable.log.head(), history, promised }
    }

    fn is_of(&self, durable: &Durable) -> bool {
        self.head == durable.log.head()
            && self.promised == durable.promised
            && self.history == durable.history
    }
}

/// Something written and not yet synced.
#[derive(Debug)]
struct Write {
    before: Mark,
    /// What was taken out of the log, to put it back if that is undone.
    forgot: Vec<Entry>,
    /// What is said once it is synced.
    outputs: Vec<Output>,
    /// What the node knew to be committed after it.
    committed: Position,
}

/// What is said once something is synced.
#[derive(Debug)]
pub(super) struct Released {
    pub(super) outputs: Vec<Output>,
    pub(super) committed: Position,
}

/// A disk.
#[derive(Debug, Default)]
pub(super) struct Disk {
    /// What the node has written last.
    written: Mark,
    waiting: VecDeque<Write>,
    /// How many of them the sync that goes on covers.
    covered: usize,
    /// Tells a sync from those that a crash or a stall cut short.
    number: u64,
    is_stalled: bool,
}

/// How a node loses what it has in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crash {
    /// Its process dies.
    Process,
    /// Its machine loses its power.
    Power,
    /// The same while it writes. Whether the broken end passes for whole: a rule that is broken.
    Torn { is_kept: bool },
}

/// What a crash did to a disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Damage {
    /// Up to where the log is as it was.
    pub(super) kept: Position,
    /// How many events were lost that had not been synced.
    pub(super) unsynced: u64,
    /// Whether a promise was lost that had not been synced.
    pub(super) lost_promise: bool,
    /// Whether a broken end was cut off.
    pub(super) is_torn: bool,
    /// Whether events came back that had been taken out.
    pub(super) came_back: bool,
}

impl Disk {
    /// What `durable` has is on the disk: it was read from there.
    pub(super) fn begin(&mut self, durable: &Durable) {
        self.written = Mark::of(durable);
    }

    pub(super) const fn is_stalled(&self) -> bool {
        self.is_stalled
    }

    /// Whether all that was written is synced.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && !self.is_stalled
    }

    /// Takes what a step changed and what is to be said about it. What can be said at once comes
    /// back.
    pub(super) fn write(
        &mut self,
        durable: &Durable,
        forgot: Vec<Entry>,
        released: Released,
    ) -> Option<Released> {
        let Released { outputs, committed } = released;
        if forgot.is_empty() && self.written.is_of(durable) {
            let Some(last) = self.waiting.back_mut() else {
                return Some(Released { outputs, committed });
            };
            // It may rest on what is not synced yet, and must not overtake what was to be said.
            last.outputs.extend(outputs);
            last.committed = committed;
            return None;
        }
        let before = core::mem::replace(&mut self.written, Mark::of(durable));
        self.waiting.push_back(Write { before, forgot, outputs, committed });
        None
    }

    /// Begins a sync if there is something to sync and none goes on: its number and how many
    /// microseconds it takes.
    pub(super) fn begin_sync(&mut self, rng: &mut Rng) -> Option<(u64, u64)> {
        if self.is_stalled || self.covered > 0 || self.waiting.is_empty() {
            return None;
        }
        self.covered = self.waiting.len();
        self.number += 1;
        Some((self.number, rng.between(100, 1_200)))
    }

    /// The sync with this number is done: what can be said now, in order.
    pub(super) fn synced(&mut self, number: u64) -> Vec<Released> {
        if number != self.number || self.is_stalled {
            return Vec::new();
        }
        let covered = core::mem::take(&mut self.covered);
        let done = self.waiting.drain(..covered);
        done.map(|Write { outputs, committed, .. }| Released { outputs, committed }).collect()
    }

    /// Nothing is synced until it goes on.
    pub(super) fn stall(&mut self) {
        self.is_stalled = true;
        (self.covered, self.number) = (0, self.number + 1);
    }

    pub(super) fn resume(&mut self) {
        self.is_stalled = false;
    }

    /// Does to what the node had what a crash does. Nothing that waited is said any more.
    pub(super) fn crash(&mut self, durable: &mut Durable, crash: Crash, rng: &mut Rng) -> Damage {
        let (head, promised) = (durable.log.head(), durable.promised);
        let mut damage = Damage { kept: head, ..Damage::default() };
        let survive = match crash {
            Crash::Process => self.waiting.len(),
            Crash::Power => 0,
            Crash::Torn { .. } => {
                let count = self.waiting.len() as u64;
                usize::try_from(rng.below(count.max(1))).unwrap_or(0)
            }
        };
        while survive < self.waiting.len()
            && let Some(write) = self.waiting.pop_back()
        {
            let is_last = self.waiting.len() == survive;
            damage.kept = damage.kept.min(base(&write));
            damage.came_back |= !write.forgot.is_empty();
            match crash {
                Crash::Torn { is_kept } if is_last => {
                    damage.is_torn = tear(durable, &write, is_kept, rng);
                }
                _ => undo(durable, write),
            }
        }
        damage.unsynced = head.get().saturating_sub(durable.log.head().get());
        damage.lost_promise = durable.promised < promised;
        self.waiting.clear();
        (self.covered, self.number) = (0, self.number + 1);
        damage
    }
}

/// Where the log ended after a write had taken out of it what it did, before it appended.
fn base(write: &Write) -> Position {
    let first = write.forgot.first();
    first.map_or(write.before.head, |first| first.position.previous().min(write.before.head))
}

fn undo(durable: &mut Durable, write: Write) {
    durable.truncate(base(&write));
    put_back(durable, &write.forgot);
    durable.history = write.before.history;
    durable.promised = write.before.promised;
}

/// Leaves the first events of a write; whether one of them was torn.
fn tear(durable: &mut Durable, write: &Write, is_kept: bool, rng: &mut Rng) -> bool {
    let base = base(write);
    let appended = durable.log.head().get().saturating_sub(base.get());
    let torn = Position::new(base.get() + 1 + rng.below(appended.max(1)));
    let Some(event) = durable.log.get(torn).map(Entry::from) else { return false };
    durable.truncate(torn.previous());
    durable.history = durable.history.until(torn.previous());
    if is_kept {
        let mut broken = (*event.event).clone();
        broken.data = "null".into();
        put_back(durable, &[Entry { event: Arc::new(broken), ..event }]);
    }
    true
}

fn put_back(durable: &mut Durable, entries: &[Entry]) {
    for entry in entries {
        // They were there before, in this order.
        let appended = durable.append(entry);
        debug_assert_eq!(appended, Ok(()));
    }
}
