//! Events that belong earlier in the order of the log.
//!
//! They are appended as any are, and so judged against the whole log. Then the log is put into order
//! from the earliest of their places on, and the views are rewound to it and replayed. That takes
//! time for the events after that place, not for the log.

use alloc::vec::Vec;

use super::Engine;
use crate::cold::ColdError;
use crate::log::Run;
use crate::order;
use crate::{AppendError, Epoch, NewEvent, Position, Reader};

/// What became of events that were to be inserted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Inserted {
    /// How many of them are in the log now.
    pub accepted: u64,
    /// How many were in the log already, or twice among them, and were dropped.
    pub duplicates: u64,
}

/// Events that were not inserted. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InsertError {
    /// The log does not hold the place.
    #[error("expected a place after {first} to {last}, found one after {found}")]
    Place {
        /// The first position that events can be inserted after.
        first: Position,
        /// The last one: the head.
        last: Position,
        /// The position that was asked for.
        found: Position,
    },
    /// The event behind the place is of an earlier epoch, and epochs only grow.
    #[error("expected an epoch of {expected} or earlier before {position}, found {found}")]
    Epoch {
        /// The event behind the place.
        position: Position,
        /// Its epoch.
        expected: Epoch,
        /// The epoch of the events to insert.
        found: Epoch,
    },
    /// The log does not take one of the events.
    #[error("event {number} of those to insert: {error}")]
    Append {
        /// Which one, counted from 1.
        number: usize,
        /// Why.
        error: AppendError,
    },
    /// At that place, a source would count back.
    #[error("the events do not belong there: {0}")]
    Order(AppendError),
    /// A part of what was spilled cannot be read back. The rows stay those of the playhead, and the
    /// engine does nothing further: see [`Engine::failure`].
    #[error(transparent)]
    Cold(#[from] ColdError),
}

impl InsertError {
    fn of_splice(error: AppendError) -> Self {
        match error {
            AppendError::Cold(error) => Self::Cold(error),
            error => Self::Order(error),
        }
    }
}

/// What is done at one place of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) after: Position,
    /// How many of the events that follow are left out.
    pub(super) dropped: u64,
    /// How many come in their place, and of what epoch they are.
    pub(super) inserted: u64,
    pub(super) epoch: Epoch,
}

impl Splice {
    const fn is_something(&self) -> bool {
        self.dropped > 0 || self.inserted > 0
    }
}

impl Engine {
    /// Inserts events after a position, as if they had come there. An event that the log has, before
    /// that place or behind it, is dropped and counted. Events after the place keep their bytes, their
    /// times and their epochs; their positions and versions count on.
    ///
    /// The views are as if the log had been in this order from the start. A playhead at the head stays
    /// at the head; one before the place stays where it is; one behind it stays at the event that it
    /// is at, which has another position now.
    ///
    /// In what order logs are merged is for whoever merges them to say: [`Log::partition_point`](crate::Log::partition_point)
    /// finds where an event belongs in it.
    ///
    /// ```
    /// use everview_core::{Engine, Epoch, NewEvent, Position};
    ///
    /// let event = |id: &str| NewEvent {
    ///     id: id.into(),
    ///     source: "/shop".into(),
    ///     event_type: "OrderPlaced".into(),
    ///     subject: "order-1".into(),
    ///     time: None,
    ///     data: "{}".into(),
    /// };
    /// let mut engine = Engine::default();
    /// for id in ["a", "c"] {
    ///     engine.append(Epoch::new(1), &event(id))?;
    /// }
    /// let late = [event("b"), event("c")];
    /// let inserted = engine.insert(Position::new(1), Epoch::new(1), &late)?;
    /// assert_eq!((inserted.accepted, inserted.duplicates), (1, 1));
    /// let ids: Vec<_> = engine.log().after(Position::START).map(|event| event.id).collect();
    /// assert_eq!(ids, ["a", "b", "c"]);
    /// assert_eq!(engine.position(), Position::new(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the log does not hold the place, when the epoch does not fit there, or why the log does
    /// not take one of the events; nothing has changed.
    pub fn insert(
        &mut self,
        after: Position,
        epoch: Epoch,
        events: &[NewEvent],
    ) -> Result<Inserted, InsertError> {
        self.check_place(after)?;
        let (before, position) = (self.log.epoch_at(after), after.next());
        if epoch < before {
            let error = AppendError::Fenced { expected: before, found: epoch };
            return Err(InsertError::Append { number: 1, error });
        }
        let expected = self.epoch_behind(after);
        if after < self.log.head() && expected < epoch {
            return Err(InsertError::Epoch { position, expected, found: epoch });
        }
        self.insert_all((1..).zip(events).map(|(number, event)| (after, epoch, number, event)))
    }

    /// Inserts events each after its own position of the log as it is, in one pass from the earliest
    /// on: how a log is merged into this one. Events for the same place come in the order in which
    /// they are given. Each is of the epoch of the event that it comes before. All else is as with
    /// [`Engine::insert`].
    ///
    /// ```
    /// use everview_core::{Engine, Epoch, NewEvent, Position};
    ///
    /// let event = |id: u32| NewEvent {
    ///     id: format!("{id}"),
    ///     source: "/shop".into(),
    ///     event_type: "OrderPlaced".into(),
    ///     subject: "order-1".into(),
    ///     time: None,
    ///     data: format!(r#"{{"clock":{id}}}"#),
    /// };
    /// let mut engine = Engine::default();
    /// for id in [10, 20, 30] {
    ///     engine.append(Epoch::new(1), &event(id))?;
    /// }
    /// // The agreed order is that of the ids here.
    /// let order = |id: &str| id.parse::<u32>().unwrap_or(0);
    /// let late: Vec<_> = [25, 5, 26]
    ///     .map(|id| (engine.log().partition_point(|other| order(&other.id) <= id), event(id)))
    ///     .into();
    /// engine.merge(&late)?;
    /// let ids: Vec<_> = engine.log().after(Position::START).map(|event| event.id).collect();
    /// assert_eq!(ids, ["5", "10", "20", "25", "26", "30"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As those of [`Engine::insert`].
    pub fn merge(&mut self, late: &[(Position, NewEvent)]) -> Result<Inserted, InsertError> {
        let mut placed = Vec::with_capacity(late.len());
        for (number, (after, event)) in (1..).zip(late) {
            self.check_place(*after)?;
            placed.push((*after, self.epoch_behind(*after), number, event));
        }
        order::sort(&mut placed, |(a, ..), (b, ..)| a.cmp(b));
        self.insert_all(placed)
    }

    /// Reads a whole input, and inserts its events after a position: of the epoch of the event that
    /// they come before. What is wrong with a record is told in [`Engine::intake`], as of any input.
    /// The records stay as they came, with all their extensions.
    ///
    /// # Errors
    ///
    /// When the log does not hold the place, or when a source of the events has counted further
    /// already in those behind it; nothing has changed.
    pub fn insert_read(
        &mut self,
        after: Position,
        reader: &mut Reader,
        bytes: &[u8],
    ) -> Result<Inserted, InsertError> {
        self.check_place(after)?;
        let (head, epoch) = (self.log.head(), self.epoch_behind(after));
        let before = self.intake.clone();
        reader.feed(bytes, &mut self.intake_of(reader));
        reader.finish(&mut self.intake_of(reader));
        let inserted = self.log.head().get() - head.get();
        let splice = Splice { after, dropped: 0, inserted, epoch };
        if let Err(error) = self.splice(head, &[splice]) {
            self.intake = before;
            return Err(InsertError::of_splice(error));
        }
        Ok(Inserted { accepted: inserted, duplicates: self.intake.duplicates - before.duplicates })
    }

    /// Inserts events in the order of their places: each with its epoch there and its number among
    /// those that were given.
    fn insert_all<'a>(
        &mut self,
        late: impl IntoIterator<Item = (Position, Epoch, usize, &'a NewEvent)>,
    ) -> Result<Inserted, InsertError> {
        let head = self.log.head();
        let mut splices: Vec<Splice> = Vec::new();
        let mut done = Inserted::default();
        for (after, epoch, number, event) in late {
            match self.log.append(self.log.epoch(), event) {
                Ok(_) => done.accepted += 1,
                Err(AppendError::Duplicate { .. }) => {
                    done.duplicates += 1;
                    continue;
                }
                Err(error) => {
                    self.log.truncate(head);
                    return Err(InsertError::Append { number, error });
                }
            }
            match splices.last_mut().filter(|last| last.after == after) {
                Some(last) => last.inserted += 1,
                None => splices.push(Splice { after, dropped: 0, inserted: 1, epoch }),
            }
        }
        self.splice(head, &splices).map_err(InsertError::of_splice)?;
        self.intake.accepted += done.accepted;
        self.intake.duplicates += done.duplicates;
        Ok(done)
    }

    fn check_place(&self, after: Position) -> Result<(), InsertError> {
        let (first, last) = (self.log.base(), self.log.head());
        if (first..=last).contains(&after) {
            return Ok(());
        }
        Err(InsertError::Place { first, last, found: after })
    }

    /// The epoch of the event behind a place; at the head, that of the log.
    pub(super) fn epoch_behind(&self, after: Position) -> Epoch {
        let is_head = after == self.log.head();
        if is_head { self.log.epoch() } else { self.log.epoch_at(after.next()) }
    }

    /// Does all of these, one behind the other, with a log whose events after `head` are those to be
    /// inserted.
    fn splice(&mut self, head: Position, splices: &[Splice]) -> Result<(), AppendError> {
        let Some(first) = first_of(splices) else { return Ok(()) };
        let playhead = self.timeline.position;
        if self.log.storage().is_some() && first < playhead {
            // Rows of the order as it was must not be left when the way back cannot be read.
            self.seek(first);
        }
        if let Err(error) = self.splice_log(head, splices) {
            self.seek(playhead);
            return Err(error);
        }
        self.replay(head, playhead, splices);
        Ok(self.log.check()?)
    }

    /// Does so in the log alone.
    ///
    /// # Errors
    ///
    /// When a source would count back, or a part of the log cannot be read back. The events to be
    /// inserted are gone, all else is as it was.
    pub(super) fn splice_log(
        &mut self,
        head: Position,
        splices: &[Splice],
    ) -> Result<(), AppendError> {
        let Some(first) = first_of(splices) else { return Ok(()) };
        let order = Self::order(head, first, splices);
        let arranged = self.log.check().map_err(AppendError::Cold);
        let arranged = arranged.and_then(|()| self.log.arrange(first, &order));
        if arranged.is_err() {
            self.log.truncate(head);
        }
        arranged
    }

    /// Lets the views follow what was done to the log. The playhead, which was here before, goes on
    /// standing at its event.
    pub(super) fn replay(&mut self, head: Position, playhead: Position, splices: &[Splice]) {
        let Some(first) = first_of(splices) else { return };
        for gap in &mut self.intake.gaps {
            gap.position = moved(gap.position, head, splices);
        }
        let playhead = match playhead {
            position if position == head => self.log.head(),
            position => moved(position, head, splices),
        };
        if self.rewind_views(first) {
            self.seek(playhead);
        }
    }

    /// The order of the events after the first place.
    fn order(head: Position, first: Position, splices: &[Splice]) -> Vec<Run> {
        let stay = |after: Position, last: Position| {
            let count = last.get() - after.get();
            Run { after, count, epoch: None }
        };
        let mut order = Vec::new();
        let (mut new, mut at) = (head, first);
        let splices = splices.iter().copied().filter(Splice::is_something);
        for Splice { after, dropped, inserted, epoch } in splices {
            order.push(stay(at, after));
            order.push(Run { after: new, count: inserted, epoch: Some(epoch) });
            new = Position::new(new.get() + inserted);
            at = Position::new(after.get() + dropped);
        }
        order.push(stay(at, head));
        order
    }
}

/// The first place at which something is done.
fn first_of(splices: &[Splice]) -> Option<Position> {
    splices.iter().find(|splice| splice.is_something()).map(|splice| splice.after)
}

/// Where an event is that was at this position. That of one which is left out is the place of what
/// came instead or, without that, the one before.
fn moved(position: Position, head: Position, splices: &[Splice]) -> Position {
    let is_new = position > head;
    let mut number = if is_new { position.get() - head.get() } else { position.get() };
    let (mut came, mut went) = (0, 0);
    for Splice { after, dropped, inserted, .. } in splices {
        let here = after.get() + came - went;
        if is_new {
            if number <= *inserted {
                return Position::new(here + number);
            }
            number -= inserted;
        } else if number <= after.get() {
            break;
        } else if number <= after.get() + dropped {
            return Position::new(here + (number - after.get()).min(*inserted));
        }
        came += inserted;
        went += dropped;
    }
    Position::new(number + came - went)
}
