//! Other futures of a log.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::late::Splice;
use super::reading::Subscriptions;
use super::{Diff, Engine};
use crate::cold::ColdError;
use crate::order;
use crate::{AppendError, Delta, Key, Log, NewEvent, Position, ReadError};

/// What is otherwise at one place of a log, by the positions that its events have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The last event before the place.
    pub after: Position,
    /// How many of the events behind it are left out.
    pub dropped: u64,
    /// What comes there. Each is of the epoch of the event that it comes before or instead of.
    pub events: Vec<NewEvent>,
}

impl Edit {
    /// An event is left out.
    pub const fn drop(position: Position) -> Self {
        Self { after: position.previous(), dropped: 1, events: Vec::new() }
    }

    /// Another event comes in the place of one, and may have its source and id.
    pub fn change(position: Position, event: NewEvent) -> Self {
        Self { after: position.previous(), dropped: 1, events: vec![event] }
    }

    /// Events come after a position.
    pub const fn add(after: Position, events: Vec<NewEvent>) -> Self {
        Self { after, dropped: 0, events }
    }
}

/// Edits that a log cannot be forked with. There is no fork, and all is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForkError {
    /// The log does not hold what an edit is about.
    #[error(
        "edit {number}: expected events from after {first} to {last}, found {after} and the {dropped} after it"
    )]
    Place {
        /// Which edit, counted from 1.
        number: usize,
        /// The first position that events can be edited after.
        first: Position,
        /// The head.
        last: Position,
        /// Where the edit is.
        after: Position,
        /// How many events it leaves out.
        dropped: u64,
    },
    /// An edit begins before the one before it ends. Edits come in the order of their places, and
    /// there is one for each.
    #[error("edit {number}: expected a place after {expected} or later, found {found}")]
    Order {
        /// Which edit, counted from 1.
        number: usize,
        /// Where the edit before it ends.
        expected: Position,
        /// Where it begins.
        found: Position,
    },
    /// The log does not take an event.
    #[error("edit {number}: {error}")]
    Append {
        /// Which edit, counted from 1.
        number: usize,
        /// Why.
        error: AppendError,
    },
    /// The log does not reach as far as that of which the fork was made.
    #[error("expected a log up to {expected}, found one up to {found}")]
    Head {
        /// The head that the log had.
        expected: Position,
        /// The head it has.
        found: Position,
    },
    /// A part of the log cannot be read back from where it was spilled to.
    #[error(transparent)]
    Cold(#[from] ColdError),
    /// No fork of that number.
    #[error("no fork {number}")]
    Unknown {
        /// The number.
        number: u64,
    },
}

/// Two engines whose views cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// No such view.
    #[error(transparent)]
    View(#[from] ReadError),
    /// No such fork.
    #[error(transparent)]
    Fork(#[from] ForkError),
    /// Neither is a fork of the other, nor are they of the same engine.
    #[error("the two logs have nothing in common")]
    Unrelated,
    /// Their views are not the same.
    #[error("the views are not defined alike")]
    Definitions,
}

impl Engine {
    /// Another future: an engine whose log has these edits, at the same playhead. Both go on by
    /// themselves, and nobody follows the fork yet. They share stored events, rows, their histories,
    /// checkpoints and texts, before the edits and behind them, as far as they are the same. What
    /// repeated events are recognised by is worked out when the fork is to take one more event.
    ///
    /// ```
    /// use everview_core::{
    ///     Clause, Definitions, Edit, Engine, Epoch, NewEvent, Position, TableDefinition, Value,
    ///     ViewDefinition,
    /// };
    ///
    /// let set = Clause { set: vec![("total".into(), "data.cents".into())], ..Clause::default() };
    /// let mut engine = Engine::default();
    /// engine.define(&Definitions {
    ///     views: vec![(
    ///         "orders".into(),
    ///         ViewDefinition::Table(TableDefinition {
    ///             key: vec!["subject".into()],
    ///             on: vec![("Priced".into(), set)],
    ///             ..TableDefinition::default()
    ///         }),
    ///     )],
    ///     ..Definitions::default()
    /// })?;
    /// let priced = |id: &str, cents: u32| NewEvent {
    ///     id: id.into(),
    ///     source: "/shop".into(),
    ///     event_type: "Priced".into(),
    ///     subject: format!("order-{id}"),
    ///     time: None,
    ///     data: format!(r#"{{"cents":{cents}}}"#),
    /// };
    /// for (id, cents) in [("1", 500), ("2", 700), ("3", 250)] {
    ///     engine.append(Epoch::new(1), &priced(id, cents))?;
    /// }
    /// let edits = [Edit::drop(Position::new(1)), Edit::change(Position::new(2), priced("2", 900))];
    /// let mut fork = engine.fork(&edits)?;
    /// let diff = engine.diff_with("orders", engine.head(), (&mut fork, Position::new(2)))?;
    /// assert_eq!((diff.removed(), diff.changed(), diff.added()), (1, 1, 0));
    /// assert_eq!(diff.deltas[1].after.as_ref().unwrap()[1], Value::Int(900));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Which edit does not fit the log, and why.
    pub fn fork(&mut self, edits: &[Edit]) -> Result<Self, ForkError> {
        self.fork_until(self.head(), edits)
    }

    /// The same without the events after a position.
    pub(super) fn fork_until(&mut self, last: Position, edits: &[Edit]) -> Result<Self, ForkError> {
        let checked = self.check_edits(last, edits);
        self.log.check()?;
        checked?;
        self.views.dictionary.share();
        let mut fork = Self {
            log: self.log.fork(),
            limits: self.limits,
            intake: self.intake.clone(),
            definitions: self.definitions.clone(),
            program: self.program.clone(),
            views: self.views.clone(),
            timeline: self.timeline.clone(),
            building: None,
            previous: None,
            indexes: self.indexes.clone(),
            subscriptions: Subscriptions::default(),
        };
        if last < self.head() {
            fork.rewind(last);
        }
        let edited = fork.edit(edits);
        fork.log.check()?;
        edited?;
        // What was folded anew is for the most part what it was.
        fork.log.share(&self.log);
        fork.views.share(&self.views);
        Ok(fork)
    }

    fn check_edits(&mut self, last: Position, edits: &[Edit]) -> Result<(), ForkError> {
        let first = self.log.base();
        if self.log.head() < last {
            return Err(ForkError::Head { expected: last, found: self.log.head() });
        }
        let mut expected = first;
        for (number, Edit { after, dropped, .. }) in (1..).zip(edits) {
            let (after, dropped) = (*after, *dropped);
            if after < first || last < after || last.get() - after.get() < dropped {
                return Err(ForkError::Place { number, first, last, after, dropped });
            }
            if after < expected {
                return Err(ForkError::Order { number, expected, found: after });
            }
            expected = Position::new(after.get() + dropped);
        }
        let is_left_out = |position: Position| {
            let is_in = |edit: &Edit| {
                edit.after < position && position.get() <= edit.after.get() + edit.dropped
            };
            last < position || edits.iter().any(is_in)
        };
        let mut added = BTreeSet::new();
        for (number, edit) in (1..).zip(edits) {
            for NewEvent { source, id, .. } in &edit.events {
                let position = self.log.recognised(source, id);
                let is_there = position.is_some_and(|position| !is_left_out(position));
                if is_there || !added.insert((source, id)) {
                    let (source_name, id) = (source.clone(), id.clone());
                    let error = AppendError::Duplicate { source_name, id };
                    return Err(ForkError::Append { number, error });
                }
            }
        }
        Ok(())
    }

    /// Edits the log. What is left out goes first, so that what comes may have its name.
    fn edit(&mut self, edits: &[Edit]) -> Result<(), ForkError> {
        let head = self.log.head();
        let splice = |edit: &Edit| Splice {
            after: edit.after,
            dropped: edit.dropped,
            inserted: edit.events.len() as u64,
            epoch: self.epoch_behind(edit.after),
        };
        let splices: Vec<Splice> = edits.iter().map(splice).collect();
        let refused = |number| move |error| ForkError::Append { number, error };
        let drops: Vec<_> =
            splices.iter().map(|splice| Splice { inserted: 0, ..*splice }).collect();
        self.splice_log(head, &drops).map_err(refused(1))?;
        let kept = self.log.head();
        for (number, edit) in (1..).zip(edits) {
            for event in &edit.events {
                let append = |log: &mut Log| log.append(log.epoch(), event);
                self.log.vouch(append).map_err(refused(number))?;
            }
        }
        let mut dropped = 0;
        let add = |splice: &Splice| {
            let after = Position::new(splice.after.get() - dropped);
            dropped += splice.dropped;
            Splice { after, dropped: 0, ..*splice }
        };
        let adds: Vec<Splice> = splices.iter().map(add).collect();
        self.splice_log(kept, &adds).map_err(refused(edits.len()))?;
        self.replay(head, self.timeline.position, &splices);
        Ok(())
    }

    /// What differs between a view at a position here and at a position of another engine, which is a
    /// fork of this one, or this one of it, or both are of a third. The playheads stay where they are.
    ///
    /// The views go back to where the logs part and on from there. That takes time for what either
    /// side touched since, not for the logs or the rows.
    ///
    /// # Errors
    ///
    /// When there is no such view, or the engines have too little in common.
    pub fn diff_with(
        &mut self,
        view: &str,
        position: Position,
        (other, other_position): (&mut Self, Position),
    ) -> Result<Diff, CompareError> {
        self.views.number(view)?;
        other.views.number(view)?;
        if !self.has_same_views(other) {
            return Err(CompareError::Definitions);
        }
        let (from, to) = (self.within_log(position), other.within_log(other_position));
        let parting = self.log.parting(&other.log).ok_or(CompareError::Unrelated)?;
        let parting = parting.min(from).min(to);
        let here = self.diff(view, parting, from)?;
        let there = other.diff(view, parting, to)?;
        let mut others: BTreeMap<Key, Delta> =
            there.deltas.into_iter().map(|delta| (delta.key.clone(), delta)).collect();
        let mut deltas = Vec::new();
        for Delta { key, before: common, after: now } in here.deltas {
            // A row that only one side touched is on the other as it was.
            let after = others.remove(&key).map_or(common, |other| other.after);
            deltas.push(Delta { key, before: now, after });
        }
        deltas.extend(others.into_values());
        deltas.retain(|delta| delta.columns().next().is_some());
        order::sort(&mut deltas, |a, b| a.key.cmp(&b.key));
        Ok(Diff { from, to, columns: here.columns, deltas })
    }

    fn has_same_views(&self, other: &Self) -> bool {
        let names = |engine: &Self| -> Vec<String> {
            engine.views().map(|view| view.name().into()).collect()
        };
        self.definitions == other.definitions && names(self) == names(other)
    }
}
