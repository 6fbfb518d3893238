//! The rows that one event changes, until it has decided on all of them.

use alloc::vec::Vec;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::cell::Cell;
use crate::table::Slot;

/// Rows that are not in the table yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Pending {
    rows: Vec<RowState>,
    /// Their cells, one row after the other.
    cells: Vec<Cell>,
    /// Their numbers, for finding those that an event comes to again.
    by_slot: HashMap<Slot, usize, FixedState>,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowState {
    slot: Slot,
    is_there: bool,
    is_changed: bool,
}

impl RowState {
    pub(super) fn becomes(&mut self, is_there: bool) {
        self.is_there = is_there;
        self.is_changed = true;
    }
}

impl Pending {
    #[inline]
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.cells.clear();
        if !self.by_slot.is_empty() {
            self.by_slot.clear();
        }
    }

    /// Adds a row and gives its number. One that is not there yet has no cells before it is asked
    /// for by [`Pending::row`].
    #[inline]
    pub(super) fn add(&mut self, slot: Slot, row: Option<&[Cell]>) -> usize {
        self.rows.push(RowState { slot, is_there: row.is_some(), is_changed: false });
        self.cells.extend_from_slice(row.unwrap_or_default());
        self.rows.len() - 1
    }

    /// The number of a row, and whether it was added just now.
    pub(super) fn find_or_add(&mut self, slot: Slot, row: Option<&[Cell]>) -> (usize, bool) {
        if let Some(index) = self.by_slot.get(&slot) {
            return (*index, false);
        }
        let index = self.add(slot, row);
        self.by_slot.insert(slot, index);
        (index, true)
    }

    /// A row of so many columns.
    #[inline]
    pub(super) fn row(&mut self, index: usize, width: usize) -> (&mut RowState, &mut [Cell]) {
        let end = (index + 1) * width;
        if self.cells.len() < end {
            self.cells.resize(end, Cell::NULL);
        }
        (&mut self.rows[index], &mut self.cells[end - width..end])
    }

    /// The rows that something was done to, in the order in which the event came to them.
    #[inline]
    pub(super) fn changed(&self, width: usize) -> impl Iterator<Item = (Slot, Option<&[Cell]>)> {
        let cells = move |index: usize| &self.cells[index * width..(index + 1) * width];
        let row = move |(index, state): (usize, &RowState)| {
            (state.slot, state.is_there.then(|| cells(index)))
        };
        self.rows.iter().enumerate().filter(|(_, state)| state.is_changed).map(row)
    }
}
