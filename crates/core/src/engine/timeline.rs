//! Every change to a table view, in order, so that it can be undone and done again.

use alloc::vec::Vec;

use super::ViewState;
use crate::Position;
use crate::cell::Cell;
use crate::table::{Slot, Table};

/// What each event changed, and how much of it the views show.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline {
    /// The position before the first event that is kept.
    base: Position,
    /// The playhead: the views are true at this position.
    pub(super) position: Position,
    /// The last event that was folded.
    pub(super) folded: Position,
    changes: Vec<Change>,
    /// Of all the changes, one after the other, the numbers of the cells they changed …
    indices: Vec<u16>,
    /// … and the sides that the table does not show: what was before while a change is applied, and
    /// what comes after while it is not.
    cells: Vec<Cell>,
    /// How many of the changes are in the views, and how many cells those changed.
    applied: (usize, usize),
}

/// A change to a row.
#[derive(Debug, Clone, Copy)]
struct Change {
    /// How many events after the base it was.
    event: u32,
    slot: Slot,
    view: u16,
    /// How many cells it changed.
    cells: u16,
}

impl Timeline {
    /// A timeline that begins after `base`.
    pub(super) fn new(base: Position) -> Self {
        Self { base, position: base, folded: base, ..Self::default() }
    }

    /// Events in memory are fewer than 2^32.
    fn event(&self, position: Position) -> u32 {
        u32::try_from(position.get() - self.base.get()).unwrap_or(u32::MAX)
    }

    /// Takes the views to a position among the events that were folded.
    pub(super) fn cross(&mut self, position: Position, views: &mut [ViewState]) {
        let event = self.event(position.min(self.folded));
        while let Some(last) = self.applied.0.checked_sub(1)
            && self.changes[last].event > event
        {
            self.undo(self.changes[last], |view| &mut views[view].table);
        }
        while let Some(change) = self.changes.get(self.applied.0).copied()
            && change.event <= event
        {
            for _ in 0..change.cells {
                let at = self.applied.1;
                let table = &mut views[usize::from(change.view)].table;
                table.swap(change.slot, self.indices[at], &mut self.cells[at]);
                self.applied.1 += 1;
            }
            self.applied.0 += 1;
        }
    }

    /// Undoes the last change that is applied.
    fn undo<'t>(&mut self, change: Change, table: impl FnOnce(usize) -> &'t mut Table) {
        let table = table(usize::from(change.view));
        for _ in 0..change.cells {
            self.applied.1 -= 1;
            let at = self.applied.1;
            table.swap(change.slot, self.indices[at], &mut self.cells[at]);
        }
        self.applied.0 -= 1;
    }

    /// Forgets the changes that are not applied.
    pub(super) fn truncate(&mut self) {
        self.changes.truncate(self.applied.0);
        self.indices.truncate(self.applied.1);
        self.cells.truncate(self.applied.1);
    }

    /// A recorder of what the event at `position` changes in a view. Every change is applied then.
    pub(super) fn recorder<'a>(
        &'a mut self,
        position: Position,
        view: u16,
        table: &'a mut Table,
    ) -> Recorder<'a> {
        let event = self.event(position);
        Recorder { first: self.changes.len(), timeline: self, table, event, view }
    }
}

/// Changes rows of one view on behalf of one event.
#[derive(Debug)]
pub(crate) struct Recorder<'a> {
    pub(crate) table: &'a mut Table,
    timeline: &'a mut Timeline,
    event: u32,
    view: u16,
    /// The number of its first change.
    first: usize,
}

impl Recorder<'_> {
    pub(crate) fn reborrow(&mut self) -> Recorder<'_> {
        Recorder { timeline: self.timeline, table: self.table, ..*self }
    }

    /// Puts a row through the table's door and remembers what that undid.
    pub(crate) fn put(&mut self, slot: Slot, after: Option<&[Cell]>) {
        let Timeline { changes, indices, cells, applied, .. } = &mut *self.timeline;
        let before = cells.len();
        self.table.put(slot, after, &mut |index, cell| {
            indices.push(index);
            cells.push(cell);
        });
        let changed = u16::try_from(cells.len() - before).unwrap_or(u16::MAX);
        if changed > 0 {
            changes.push(Change { event: self.event, slot, view: self.view, cells: changed });
            *applied = (changes.len(), cells.len());
        }
    }

    /// Undoes what this event did to the view.
    pub(crate) fn take_back(&mut self) {
        while self.timeline.applied.0 > self.first {
            let change = self.timeline.changes[self.timeline.applied.0 - 1];
            self.timeline.undo(change, |_| &mut *self.table);
        }
        self.timeline.truncate();
    }
}
