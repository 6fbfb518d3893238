//! What a node still has after a crash.

use alloc::collections::VecDeque;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use everview_core::command::{
    Command, CommandBus, DispatchError, EventStore as _, Outcome, StoreError,
};
use everview_core::{AppendError, Epoch, Log, NewEvent, Position, Rng, Timestamp};

use crate::{Entry, History, Lineage, Term};

/// What a node still has after a crash: its log, the log's history, and the epoch it has promised
/// to take nothing below.
#[derive(Debug, Clone, Default)]
pub struct Durable {
    pub(crate) log: Log,
    pub(crate) history: History,
    pub(crate) promised: Epoch,
    /// The last events again, ready to be sent: all that follow the log want them at once.
    tail: VecDeque<Entry>,
}

/// How many events are kept ready to be sent.
const TAIL: usize = 256;

/// A rewind: the events after `to`, up to `from`, were forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewound {
    /// The last event before.
    pub from: Position,
    /// The last event now.
    pub to: Position,
}

/// What something was decided on.
pub(super) struct Basis<'a> {
    /// The epoch of the leader whose log it was, or a beginning of it.
    pub(super) epoch: Epoch,
    pub(super) stream: &'a str,
    /// How many events the stream had.
    pub(super) version: u64,
}

/// What a rewind took out of a log.
pub(super) struct Forgotten {
    pub(super) rewound: Rewound,
    pub(super) entries: Vec<Entry>,
}

impl Durable {
    /// What was found on the disk.
    pub const fn new(log: Log, history: History, promised: Epoch) -> Self {
        Self { log, history, promised, tail: VecDeque::new() }
    }

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
    pub(crate) fn entries(&self, after: Position, until: Position, limit: usize) -> Vec<Entry> {
        if let Some(first) = self.tail.front().filter(|first| first.position <= after.next()) {
            let skipped = after.next().get() - first.position.get();
            let tail = self.tail.iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX));
            return tail.take_while(|entry| entry.position <= until).take(limit).cloned().collect();
        }
        let events = self.log.after(after).take_while(|event| event.position <= until);
        events.take(limit).map(Entry::from).collect()
    }

    pub(crate) fn append(&mut self, entry: &Entry) -> Result<(), AppendError> {
        self.log.append(entry.epoch, &entry.event)?;
        self.keep(entry.clone());
        Ok(())
    }

    pub(crate) fn truncate(&mut self, last: Position) {
        self.log.truncate(last);
        while self.tail.pop_back_if(|entry| last < entry.position).is_some() {}
    }

    /// Decides a command.
    pub(super) fn decide(
        &mut self,
        bus: &mut CommandBus,
        now: Timestamp,
        command: &Command,
    ) -> Result<Outcome, DispatchError> {
        let head = self.log.head();
        let decided = bus.dispatch(&mut self.log, self.promised, now, command);
        self.keep_after(head);
        decided
    }

    /// Appends events that were decided elsewhere, if they were decided on what is there: on the log
    /// of this term, and on so many events of the stream.
    pub(super) fn append_decided(
        &mut self,
        basis: &Basis<'_>,
        events: &[NewEvent],
    ) -> Result<Outcome, DispatchError> {
        let Basis { epoch, stream, version } = *basis;
        if epoch != self.promised {
            return Err(AppendError::Fenced { expected: self.promised, found: epoch }.into());
        }
        let found = self.log.version(stream);
        if version != found {
            let stream = stream.into();
            return Err(DispatchError::Conflict { stream, expected: version, found });
        }
        let head = self.log.head();
        let positions =
            self.log.append_all(epoch, version, events).map_err(|error| match error {
                StoreError::Append(error) => error.into(),
                error => DispatchError::Refused { reason: error.to_string() },
            })?;
        self.keep_after(head);
        Ok(Outcome::Accepted { positions, version: self.log.version(stream) })
    }

    fn keep_after(&mut self, head: Position) {
        let appended: Vec<_> = self.log.after(head).map(Entry::from).collect();
        for entry in appended {
            self.keep(entry);
        }
    }

    fn keep(&mut self, entry: Entry) {
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(entry);
    }

    /// Opens a term of this node's own, at the epoch it has promised.
    pub(super) fn open_term(&mut self, rng: &mut Rng) -> Term {
        let (lineage, first) = (Lineage::mint(rng), self.log.head().next());
        let term = Term { lineage, epoch: self.promised, first };
        self.history = self.history.followed_by(term);
        term
    }

    /// Takes what is not in the log with `history` out of this one, so that it is a beginning of
    /// that one.
    pub(super) fn rewind_to_shared(&mut self, history: &History) -> Option<Forgotten> {
        let from = self.log.head();
        let to = self.history.parting(from, history);
        let forgotten = (to < from).then(|| {
            let entries = self.entries(to, from, usize::MAX);
            self.truncate(to);
            Forgotten { rewound: Rewound { from, to }, entries }
        });
        self.history = history.until(to);
        forgotten
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
            .try_for_each(|entry| self.append(entry));
        self.history = history.until(self.log.head());
        appended
    }
}
