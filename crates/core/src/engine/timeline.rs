//! Where in the log the views are.

use alloc::vec::Vec;

use super::{Fold, ViewState};
use crate::Position;
use crate::cell::Cell;
use crate::table::{Change, Slot, Table};

/// The playhead.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline {
    /// The position before the first event that is kept.
    base: Position,
    /// The playhead: the views are true at this position.
    pub(super) position: Position,
    /// The last event that was folded.
    pub(super) folded: Position,
}

impl Timeline {
    /// A timeline that begins after `base`.
    pub(super) fn new(base: Position) -> Self {
        Self { base, position: base, folded: base }
    }

    /// The number of an event in the histories. Events in memory are fewer than 2^32.
    pub(super) fn event(&self, position: Position) -> u32 {
        u32::try_from(position.get() - self.base.get()).unwrap_or(u32::MAX)
    }

    /// The position of an event by its number in the histories.
    pub(super) fn position_of(&self, event: u32) -> Position {
        Position::new(self.base.get() + u64::from(event))
    }

    /// Takes the views to a position among the events that were folded: all of them, or none if what
    /// one of them needs cannot be read back. Whether it did.
    pub(super) fn cross(&self, position: Position, views: &mut [ViewState]) -> bool {
        let event = self.event(position.min(self.folded));
        let is_table = |view: &&mut ViewState| !matches!(view.fold, Fold::Query { .. });
        if !views.iter_mut().filter(is_table).all(|view| view.table.history.fetch(event)) {
            return false;
        }
        for view in views.iter_mut().filter(is_table) {
            view.table.cross(event);
        }
        true
    }
}

/// Changes rows of one view on behalf of one event.
#[derive(Debug)]
pub(crate) struct Recorder<'a> {
    pub(crate) table: &'a mut Table,
    /// What the event did so far.
    pub(crate) changes: &'a mut Vec<Change>,
}

impl Recorder<'_> {
    pub(crate) fn reborrow(&mut self) -> Recorder<'_> {
        Recorder { table: self.table, changes: self.changes }
    }

    /// Puts a row through the table's door and remembers what that undid.
    pub(crate) fn put(&mut self, slot: Slot, after: Option<&[Cell]>) {
        self.table.put(slot, after, &mut |change| self.changes.push(change));
        if let Some(retention) = &mut self.table.retention {
            retention.touch(slot, after.is_some());
        }
    }

    /// Undoes what this event did to the view.
    pub(crate) fn take_back(&mut self) {
        for change in self.changes.drain(..).rev() {
            self.table.take_back(change);
        }
    }
}
