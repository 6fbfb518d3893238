//! What a node still has after a crash.

use alloc::vec::Vec;

use everview_core::{AppendError, Epoch, Log, Position, Rng};

use crate::{Entry, History, Lineage, Term};

/// What a node still has after a crash: its log, the log's history, and the epoch it has promised
/// to take nothing below.
#[derive(Debug, Clone, Default)]
pub struct Durable {
    pub(crate) log: Log,
    pub(crate) history: History,
    pub(crate) promised: Epoch,
}

/// A rewind: the events after `to`, up to `from`, were forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewound {
    /// The last event before.
    pub from: Position,
    /// The last event now.
    pub to: Position,
}

impl Durable {
    /// The log.
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// The history of the log.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The epoch below which nothing is taken.
    pub const fn promised(&self) -> Epoch {
        self.promised
    }

    /// The events after a position up to another, on their own; no more than `limit` of them.
    pub(super) fn entries(&self, after: Position, until: Position, limit: usize) -> Vec<Entry> {
        let events = self.log.after(after).take_while(|event| event.position <= until);
        events.take(limit).map(Entry::from).collect()
    }

    /// Opens a term of this node's own, at the epoch it has promised.
    pub(super) fn open_term(&mut self, rng: &mut Rng) -> Term {
        let (lineage, first) = (Lineage::mint(rng), self.log.head().next());
        let term = Term { lineage, epoch: self.promised, first };
        self.history = self.history.followed_by(term);
        term
    }

    /// Forgets what is not in the log with `history`, so that this log is a beginning of that one.
    pub(super) fn rewind_to_shared(&mut self, history: &History) -> Option<Rewound> {
        let from = self.log.head();
        let to = self.history.parting(from, history);
        if to < from {
            self.log.truncate(to);
        }
        self.history = history.until(to);
        (to < from).then_some(Rewound { from, to })
    }

    /// Takes the entries that this log lacks. It must be a beginning of the log with `history`
    /// already, and reach to the first of them.
    ///
    /// # Errors
    ///
    /// Why an entry was not taken. Those before it were.
    pub(super) fn extend(
        &mut self,
        history: &History,
        entries: &[Entry],
    ) -> Result<(), AppendError> {
        let head = self.log.head();
        let appended = entries
            .iter()
            .filter(|entry| head < entry.position)
            .try_for_each(|entry| self.log.append(entry.epoch, &entry.event).map(drop));
        self.history = history.until(self.log.head());
        appended
    }
}
