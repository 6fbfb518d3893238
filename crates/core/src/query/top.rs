//! Result rows in a sorted order, with the first so many of each partition shown.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::sorted::Sorted;
use crate::cell::{Cell, Dictionary};
use crate::table::{Slot, Table};

/// A column of a result row to sort by, and whether downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) column: usize,
    pub(crate) is_downwards: bool,
}

/// The result rows, shown or not, by the slots that they have in the result's table.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    width: usize,
    /// Each row with a cell before it that is TRUE while the row is there.
    cells: Vec<Cell>,
}

impl Rows {
    pub(super) fn new(width: usize) -> Self {
        Self { width, cells: Vec::new() }
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&[Cell]> {
        let start = slot as usize * (self.width + 1);
        let (is_there, row) = self.cells.get(start..start + self.width + 1)?.split_first()?;
        (*is_there == Cell::TRUE).then_some(row)
    }

    pub(super) fn put(&mut self, slot: Slot, row: Option<&[Cell]>) {
        let start = slot as usize * (self.width + 1);
        if self.cells.len() <= start {
            self.cells.resize(start + self.width + 1, Cell::NULL);
        }
        self.cells[start] = row.is_some().into();
        if let Some(row) = row {
            self.cells[start + 1..start + 1 + row.len()].copy_from_slice(row);
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
    /// By partition, then by the terms, then by key.
    sorted: Sorted<Slot>,
    numbers: HashMap<Box<[Cell]>, u32, FixedState>,
    partitions: Vec<Partition>,
    /// Of each row, by its slot.
    places: Vec<Placed>,
    key: Vec<Cell>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Partition {
    shown: usize,
    /// The last one that is shown, if any is.
    last: Slot,
}

#[derive(Debug, Clone, Copy, Default)]
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
            sorted: Sorted::default(),
            numbers: HashMap::default(),
            partitions: Vec::new(),
            places: Vec::new(),
            key: Vec::new(),
        }
    }

    /// The rows that are shown, in order, where there are no partitions.
    pub(super) fn shown(&self) -> impl Iterator<Item = Slot> {
        let count = self.partitions.first().map_or(0, |partition| partition.shown);
        self.sorted.iter().take(count)
    }

    pub(super) fn is_shown(&self, slot: Slot) -> bool {
        self.places.get(slot as usize).is_some_and(|placed| placed.is_shown)
    }

    /// Whether two rows have the same place.
    pub(super) fn is_same_place(&self, a: &[Cell], b: &[Cell]) -> bool {
        let columns =
            self.terms.iter().map(|term| term.column).chain(self.partition.iter().copied());
        columns.into_iter().all(|column| a[column] == b[column])
    }

    fn order(&self, a: Slot, b: Slot, ground: Ground<'_>) -> Ordering {
        let partition = |slot: Slot| self.places[slot as usize].partition;
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
        if self.places.len() <= slot as usize {
            self.places.resize(slot as usize + 1, Placed::default());
        }
        self.places[slot as usize] = Placed { partition: number, is_shown: false };
        let place = self.sorted.find(|other| self.order(other, slot, ground));
        self.sorted.insert(place.unwrap_or_else(|place| place), slot);
        let partition = self.partitions[number as usize];
        if partition.shown < self.limit {
            if partition.shown == 0 || self.order(partition.last, slot, ground).is_lt() {
                self.partitions[number as usize].last = slot;
            }
            return [Some(self.show(slot, true)), None];
        }
        if self.limit == 0 || self.order(partition.last, slot, ground).is_lt() {
            return [None, None];
        }
        let shown = self.show(slot, true);
        let hidden = self.show(partition.last, false);
        if let Ok(place) = self.sorted.find(|other| self.order(other, partition.last, ground)) {
            self.partitions[number as usize].last = self.sorted.before(place).unwrap_or(slot);
        }
        [Some(shown), Some(hidden)]
    }

    /// Takes out a row, which must still be in the ground. Says what the same as for one taken in.
    pub(super) fn remove(&mut self, slot: Slot, ground: Ground<'_>) -> [Option<Shown>; 2] {
        if let Ok(place) = self.sorted.find(|other| self.order(other, slot, ground)) {
            self.sorted.remove(place);
        }
        let Placed { partition: number, is_shown } = self.places[slot as usize];
        if !is_shown {
            return [None, None];
        }
        let hidden = self.show(slot, false);
        let last = self.partitions[number as usize].last;
        let next = match self.sorted.find(|other| self.order(other, last, ground)) {
            Ok(place) => self.sorted.after(place),
            // The last one itself was taken out.
            Err(place) => {
                self.partitions[number as usize].last = self.sorted.before(place).unwrap_or(slot);
                self.sorted.get(place)
            }
        };
        let next = next.filter(|next| self.places[*next as usize].partition == number);
        let shown = next.map(|next| {
            self.partitions[number as usize].last = next;
            self.show(next, true)
        });
        [Some(hidden), shown]
    }

    fn show(&mut self, slot: Slot, is_shown: bool) -> Shown {
        let placed = &mut self.places[slot as usize];
        placed.is_shown = is_shown;
        let shown = &mut self.partitions[placed.partition as usize].shown;
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
        let number = u32::try_from(self.partitions.len()).unwrap_or(u32::MAX);
        self.numbers.insert(self.key.as_slice().into(), number);
        self.partitions.push(Partition::default());
        number
    }
}
