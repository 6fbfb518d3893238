//! Result rows in a sorted order, with the first so many of each partition shown.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::cell::{Cell, Dictionary};
use crate::pages::Pages;
use crate::sorted::Sorted;
use crate::table::{Slot, Table};

/// A column of a result row to sort by, and whether downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) column: usize,
    pub(crate) is_downwards: bool,
}

/// The result rows, shown or not, by the slots that they have in the result's table.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// Each row with a cell before it that is TRUE while the row is there.
    cells: Pages<Cell>,
}

impl Rows {
    pub(super) fn share(&mut self, other: &Self) {
        self.cells.share(&other.cells);
    }

    pub(super) fn new(width: usize) -> Self {
        Self { cells: Pages::new(width + 1) }
    }

    #[inline]
    pub(super) fn get(&self, slot: Slot) -> Option<&[Cell]> {
        let (is_there, row) = self.cells.get(slot as usize)?.split_first()?;
        (*is_there == Cell::TRUE).then_some(row)
    }

    #[inline]
    pub(super) fn put(&mut self, slot: Slot, row: Option<&[Cell]>) {
        let cells = self.cells.get_mut(slot as usize);
        cells[0] = row.is_some().into();
        if let Some(row) = row {
            cells[1..=row.len()].copy_from_slice(row);
        }
    }
}

/// What the order of rows rests on.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) rows: &'a Rows,
    pub(super) table: &'a Table,
    pub(super) dictionary: &'a Dictionary,
}

/// A row that came into sight, or went out of it.
pub(super) type Shown = (Slot, bool);

/// An order of rows, cut after the first so many.
#[derive(Debug, Clone)]
pub(super) struct Top {
    /// The columns by which rows are apart from each other.
    partition: Vec<usize>,
    terms: Vec<Term>,
    limit: usize,
    /// Of each partition. It stays the partition's own, whether the partition has rows or not.
    numbers: HashMap<Box<[Cell]>, u32, FixedState>,
    state: TopState,
    key: Vec<Cell>,
}

/// What rows that come and go change of an order.
#[derive(Debug, Clone)]
pub(super) struct TopState {
    /// By partition, then by the terms, then by key.
    sorted: Sorted<Slot>,
    /// By number.
    partitions: Pages<Partition>,
    /// Of each row, by its slot.
    places: Pages<Placed>,
}

impl Default for TopState {
    fn default() -> Self {
        Self { sorted: Sorted::default(), partitions: Pages::new(1), places: Pages::new(1) }
    }
}

impl TopState {
    pub(super) fn share(&mut self, other: &Self) {
        self.sorted.share(&other.sorted);
        self.partitions.share(&other.partitions);
        self.places.share(&other.places);
    }

    fn partition(&self, number: u32) -> Partition {
        self.partitions.get(number as usize).map_or_else(Partition::default, |of| of[0])
    }

    fn partition_mut(&mut self, number: u32) -> &mut Partition {
        &mut self.partitions.get_mut(number as usize)[0]
    }

    #[inline]
    fn placed(&self, slot: Slot) -> Placed {
        self.places.get(slot as usize).map_or_else(Placed::default, |of| of[0])
    }

    #[inline]
    fn placed_mut(&mut self, slot: Slot) -> &mut Placed {
        &mut self.places.get_mut(slot as usize)[0]
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Partition {
    shown: usize,
    /// The last one that is shown, if any is.
    last: Slot,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Placed {
    partition: u32,
    is_shown: bool,
}

impl Top {
    pub(super) fn terms(&self) -> &[Term] {
        &self.terms
    }

    pub(super) fn new(partition: Vec<usize>, terms: Vec<Term>, limit: Option<u64>) -> Self {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        Self {
            partition,
            terms,
            limit,
            numbers: HashMap::default(),
            state: TopState::default(),
            key: Vec::new(),
        }
    }

    pub(super) fn keep(&self) -> TopState {
        self.state.clone()
    }

    pub(super) fn restore(&mut self, kept: &TopState) {
        self.state.clone_from(kept);
    }

    /// The rows that are shown, in order, where there are no partitions.
    pub(super) fn shown(&self) -> impl Iterator<Item = Slot> {
        self.state.sorted.iter().take(self.state.partition(0).shown)
    }

    pub(super) fn is_shown(&self, slot: Slot) -> bool {
        self.state.placed(slot).is_shown
    }

    /// Whether two rows have the same place.
    pub(super) fn is_same_place(&self, a: &[Cell], b: &[Cell]) -> bool {
        let columns =
            self.terms.iter().map(|term| term.column).chain(self.partition.iter().copied());
        columns.into_iter().all(|column| a[column] == b[column])
    }

    fn order(&self, a: Slot, b: Slot, ground: Ground<'_>) -> Ordering {
        let partition = |slot: Slot| self.state.placed(slot).partition;
        let row = |slot| ground.rows.get(slot).unwrap_or_default();
        let by_partition = partition(a).cmp(&partition(b));
        if by_partition.is_ne() || a == b {
            return by_partition;
        }
        let (row_a, row_b) = (row(a), row(b));
        for term in &self.terms {
            let order = ground.dictionary.compare(row_a[term.column], row_b[term.column]);
            if order.is_ne() {
                return if term.is_downwards { order.reverse() } else { order };
            }
        }
        let (a, b) = (ground.table.key(a), ground.table.key(b));
        let orders = a.iter().zip(b).map(|(a, b)| ground.dictionary.compare(*a, *b));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Takes in a row. Says what came into sight and what went out of it.
    pub(super) fn insert(&mut self, slot: Slot, ground: Ground<'_>) -> [Option<Shown>; 2] {
        let number = self.number(slot, ground);
        *self.state.placed_mut(slot) = Placed { partition: number, is_shown: false };
        let place = self.state.sorted.find(|other| self.order(other, slot, ground));
        self.state.sorted.insert(place.unwrap_or_else(|place| place), slot);
        let partition = self.state.partition(number);
        if partition.shown < self.limit {
            if partition.shown == 0 || self.order(partition.last, slot, ground).is_lt() {
                self.state.partition_mut(number).last = slot;
            }
            return [Some(self.show(slot, true)), None];
        }
        if self.limit == 0 || self.order(partition.last, slot, ground).is_lt() {
            return [None, None];
        }
        let shown = self.show(slot, true);
        let hidden = self.show(partition.last, false);
        if let Ok(place) = self.state.sorted.find(|other| self.order(other, partition.last, ground))
        {
            let before = self.state.sorted.before(place);
            self.state.partition_mut(number).last = before.unwrap_or(slot);
        }
        [Some(shown), Some(hidden)]
    }

    /// Takes out a row, which must still be in the ground. Says what the same as for one taken in.
    pub(super) fn remove(&mut self, slot: Slot, ground: Ground<'_>) -> [Option<Shown>; 2] {
        if let Ok(place) = self.state.sorted.find(|other| self.order(other, slot, ground)) {
            self.state.sorted.remove(place);
        }
        let Placed { partition: number, is_shown } = self.state.placed(slot);
        if !is_shown {
            return [None, None];
        }
        let hidden = self.show(slot, false);
        let last = self.state.partition(number).last;
        let next = match self.state.sorted.find(|other| self.order(other, last, ground)) {
            Ok(place) => self.state.sorted.after(place),
            // The last one itself was taken out.
            Err(place) => {
                let before = self.state.sorted.before(place);
                self.state.partition_mut(number).last = before.unwrap_or(slot);
                self.state.sorted.get(place)
            }
        };
        let next = next.filter(|next| self.state.placed(*next).partition == number);
        let shown = next.map(|next| {
            self.state.partition_mut(number).last = next;
            self.show(next, true)
        });
        [Some(hidden), shown]
    }

    fn show(&mut self, slot: Slot, is_shown: bool) -> Shown {
        let placed = self.state.placed_mut(slot);
        placed.is_shown = is_shown;
        let number = placed.partition;
        let shown = &mut self.state.partition_mut(number).shown;
        *shown = if is_shown { *shown + 1 } else { *shown - 1 };
        (slot, is_shown)
    }

    /// The number of a row's partition.
    fn number(&mut self, slot: Slot, ground: Ground<'_>) -> u32 {
        let row = ground.rows.get(slot).unwrap_or_default();
        self.key.clear();
        self.key.extend(self.partition.iter().map(|column| row[*column]));
        if let Some(number) = self.numbers.get(&*self.key) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(self.key.as_slice().into(), number);
        number
    }
}
