//! Changes of rows on their way from one operator to the next.

use alloc::vec::Vec;

use crate::cell::Cell;
use crate::table::Slot;

/// One row's change, as an operator hears of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change<'a> {
    /// The number of the row, by which the operator knows it again.
    pub(super) slot: Slot,
    /// What names the row.
    pub(super) key: &'a [Cell],
    pub(super) before: Option<&'a [Cell]>,
    pub(super) after: Option<&'a [Cell]>,
}

/// Changes of rows of one width, one after the other. A row may change several times.
#[derive(Debug, Clone, Default)]
pub(super) struct Stream {
    key_width: usize,
    width: usize,
    slots: Vec<Slot>,
    /// Of each change its key, the row before and the row after.
    cells: Vec<Cell>,
    /// Whether there is a row before, and one after.
    sides: Vec<(bool, bool)>,
}

impl Stream {
    pub(super) fn new(key_width: usize, width: usize) -> Self {
        Self { key_width, width, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.cells.clear();
        self.sides.clear();
    }

    /// Adds a change, told as pieces that follow each other.
    pub(super) fn push(
        &mut self,
        slot: Slot,
        key: [&[Cell]; 2],
        before: Option<[&[Cell]; 2]>,
        after: Option<[&[Cell]; 2]>,
    ) {
        self.slots.push(slot);
        self.sides.push((before.is_some(), after.is_some()));
        let end = self.cells.len() + self.key_width;
        for (end, pieces) in
            [(end, Some(key)), (end + self.width, before), (end + 2 * self.width, after)]
        {
            for piece in pieces.into_iter().flatten() {
                self.cells.extend_from_slice(piece);
            }
            self.cells.resize(end, Cell::NULL);
        }
    }

    /// Takes back the last change.
    pub(super) fn pop(&mut self) {
        self.slots.pop();
        self.sides.pop();
        self.cells.truncate(self.slots.len() * self.stride());
    }

    fn stride(&self) -> usize {
        self.key_width + 2 * self.width
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Change<'_>> {
        self.slots.iter().zip(&self.sides).enumerate().map(|(index, (slot, sides))| {
            let cells = &self.cells[index * self.stride()..][..self.stride()];
            let (key, rows) = cells.split_at(self.key_width);
            let (before, after) = rows.split_at(self.width);
            Change {
                slot: *slot,
                key,
                before: sides.0.then_some(before),
                after: sides.1.then_some(after),
            }
        })
    }
}
