//! Secondary indexes: the rows of a table in the order of some columns, kept up from its changes.
//!
//! Rows that are equal in the columns are in the order of their keys, so an index has one order
//! whatever the path to it, and a reader who was at a row can go on after it, also when the row is
//! gone.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::{ControlFlow, Range};

use super::interval::{Cut, Interval, Intervals};
use super::sorted::{Place, Sorted};
use crate::cell::{Cell, Dictionary};
use crate::table::{Slot, Table};
use crate::{Key, Value};

/// An index, made when it is first read.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(super) columns: Vec<usize>,
    is_unique: bool,
    made: Option<Made>,
}

#[derive(Debug, Clone)]
struct Made {
    sorted: Sorted,
    /// Of an index that should be unique, how many entries equal the one before them.
    repeated: usize,
}

/// Rows that a unique index found to be equal in its columns. None of them is lost: the index lists
/// them all, and here it says which they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The index.
    pub index: String,
    /// What the rows have in its columns. NULL is never equal to NULL.
    pub values: Vec<Value>,
    /// The keys of the rows, in order.
    pub keys: Vec<Key>,
}

/// What is read of one column of an index, and which way.
#[derive(Debug, Clone)]
pub(super) struct Level {
    pub(super) intervals: Intervals,
    pub(super) downwards: bool,
}

impl Level {
    fn is_plain(&self) -> bool {
        !self.downwards && self.intervals.is_whole()
    }
}

/// The row after which reading goes on: what it has in each column that the rows are read in the
/// order of, and its key.
#[derive(Debug, Clone)]
pub(super) struct After {
    pub(super) cells: Vec<Option<Cell>>,
    pub(super) key: Vec<Cell>,
}

impl After {
    /// That row, as an index over these columns has it.
    pub(super) fn row(slot: Slot, columns: &[usize], table: &Table) -> Self {
        let row = table.row(slot).unwrap_or_default();
        let cells = columns.iter().map(|column| Some(row[*column])).collect();
        Self { cells, key: table.key(slot).to_vec() }
    }
}

/// Whether so many changes are too many to keep up with one by one what can be made anew.
const fn is_bulk(changes: usize, rows: usize) -> bool {
    changes > 64 && changes > rows / 8
}

impl Index {
    pub(crate) const fn new(name: String, columns: Vec<usize>, is_unique: bool) -> Self {
        Self { name, columns, is_unique, made: None }
    }

    /// Whether they are in the same order and ask the same of it.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (&self.columns, self.is_unique) == (&other.columns, other.is_unique)
    }

    /// Whether it was read, and is kept up since.
    pub(crate) const fn is_made(&self) -> bool {
        self.made.is_some()
    }

    /// Takes in the net changes of the table's last settling.
    pub(crate) fn follow(&mut self, table: &Table, dictionary: &Dictionary) {
        let Some(mut made) = self.made.take() else { return };
        if is_bulk(table.changes().count(), table.len()) {
            return;
        }
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for (slot, before, after) in table.changes() {
            self.project(before, &mut old);
            self.project(after, &mut new);
            if before.is_some() && after.is_some() && old == new {
                continue;
            }
            let order = Order { table, dictionary };
            if before.is_some() {
                let is_before = |cells: &[Cell], other| order.is_less((cells, other), (&old, slot));
                made.sorted.remove(is_before);
                let place = made.sorted.seek(is_before);
                made.repeated -= usize::from(self.is_repeated(&made.sorted, place, &old, order));
            }
            if after.is_some() {
                let is_before = |cells: &[Cell], other| order.is_less((cells, other), (&new, slot));
                let place = made.sorted.seek(is_before);
                made.repeated += usize::from(self.is_repeated(&made.sorted, place, &new, order));
                made.sorted.insert(&new, slot, is_before);
            }
        }
        self.made = Some(made);
    }

    fn project(&self, row: Option<&[Cell]>, cells: &mut Vec<Cell>) {
        cells.clear();
        cells
            .extend(row.into_iter().flat_map(|row| self.columns.iter().map(|column| row[*column])));
    }

    /// Whether an entry of a unique index would have an equal beside it at this place.
    fn is_repeated(&self, sorted: &Sorted, place: Place, cells: &[Cell], order: Order<'_>) -> bool {
        self.is_unique
            && [sorted.before(place), sorted.entry(place)]
                .into_iter()
                .flatten()
                .any(|(other, _)| order.is_same(other, cells))
    }

    fn made(&mut self, table: &Table, dictionary: &Dictionary) -> &Made {
        let (columns, is_unique) = (&self.columns, self.is_unique);
        self.made.get_or_insert_with(|| {
            let order = Order { table, dictionary };
            let width = columns.len();
            let slots: Vec<Slot> = table.ordered(dictionary).collect();
            let mut cells = Vec::with_capacity(slots.len() * width);
            for slot in &slots {
                let row = table.row(*slot).unwrap_or_default();
                cells.extend(columns.iter().map(|column| row[*column]));
            }
            let of = |at: usize| &cells[at * width..(at + 1) * width];
            // They are in the order of their keys, and what is equal stays so.
            let entries = crate::order::order(slots.len(), &mut |a, b| order.compare(of(a), of(b)));
            let is_repeated = |pair: &&[usize]| order.is_same(of(pair[0]), of(pair[1]));
            let repeated =
                if is_unique { entries.windows(2).filter(is_repeated).count() } else { 0 };
            let sorted = Sorted::new(width, entries.iter().map(|at| (of(*at), slots[*at])));
            Made { sorted, repeated }
        })
    }

    /// An open index, for reading.
    pub(super) fn open<'a>(&'a mut self, table: &'a Table, dictionary: &'a Dictionary) -> Open<'a> {
        let order = Order { table, dictionary };
        Open { sorted: &self.made(table, dictionary).sorted, order }
    }

    /// The rows that are equal though the index should be unique.
    pub(crate) fn violations(&mut self, table: &Table, dictionary: &Dictionary) -> Vec<Violation> {
        let name = self.name.clone();
        let made = self.made(table, dictionary);
        let mut violations: Vec<Violation> = Vec::new();
        if made.repeated == 0 {
            return violations;
        }
        let order = Order { table, dictionary };
        let mut last: Option<(&[Cell], Slot)> = None;
        let mut is_open = false;
        for (cells, slot) in made.sorted.entries() {
            let key = |slot| dictionary.values(table.key(slot));
            match (last.filter(|(other, _)| order.is_same(other, cells)), violations.last_mut()) {
                (Some(_), Some(open)) if is_open => open.keys.push(key(slot)),
                (Some((_, first)), _) => {
                    let keys = alloc::vec![key(first), key(slot)];
                    let values = dictionary.values(cells);
                    violations.push(Violation { index: name.clone(), values, keys });
                    is_open = true;
                }
                (None, _) => is_open = false,
            }
            last = Some((cells, slot));
        }
        violations
    }
}

/// The order of entries.
#[derive(Debug, Clone, Copy)]
struct Order<'a> {
    table: &'a Table,
    dictionary: &'a Dictionary,
}

impl Order<'_> {
    fn compare(self, a: &[Cell], b: &[Cell]) -> Ordering {
        let pairs = a.iter().zip(b);
        let different = pairs.map(|(a, b)| self.dictionary.compare(*a, *b)).find(|is| is.is_ne());
        different.unwrap_or(Ordering::Equal)
    }

    fn is_less(self, a: (&[Cell], Slot), b: (&[Cell], Slot)) -> bool {
        let by_key = || self.compare(self.table.key(a.1), self.table.key(b.1));
        self.compare(a.0, b.0).then_with(by_key).is_lt()
    }

    fn is_same(self, a: &[Cell], b: &[Cell]) -> bool {
        !a.iter().any(|cell| cell.is_null()) && self.compare(a, b).is_eq()
    }
}

/// An index at the last settling.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open<'a> {
    sorted: &'a Sorted,
    order: Order<'a>,
}

/// What is done with each row that is read.
pub(super) type Visit<'v> = &'v mut dyn FnMut(Slot) -> ControlFlow<()>;

impl Open<'_> {
    /// Reads the rows that the levels let through, the first column's order first; rows that are
    /// equal in the columns come by their keys, upwards.
    ///
    /// A level that goes downwards is read value by value from its end, so one index has every
    /// mixture of orders in it.
    pub(super) fn read(self, levels: &[Level], after: Option<&After>, visit: Visit<'_>) {
        let range = Place::START..self.sorted.end();
        let _ = Way { open: self, levels }.level(&mut Vec::new(), range, after, visit);
    }

    /// What of an interval comes with or after a value.
    fn rest(self, interval: Interval, last: Option<Cell>, downwards: bool) -> Interval {
        match last {
            Some(last) if downwards => interval.up_to(Cut::Above(last), self.order.dictionary),
            Some(last) => interval.from(Cut::Below(last), self.order.dictionary),
            None => interval,
        }
    }

    /// Where the entries are that have these cells first and then one in the interval.
    pub(super) fn range(self, prefix: &[Cell], interval: Interval) -> Range<Place> {
        self.seek(prefix, interval.low)..self.seek(prefix, interval.high)
    }

    /// The first group of entries that are equal in the next column too, or the last one.
    fn group(self, prefix: &[Cell], range: &Range<Place>, from_end: bool) -> (Range<Place>, Cell) {
        let entry =
            if from_end { self.sorted.before(range.end) } else { self.sorted.entry(range.start) };
        let cell = entry.map_or(Cell::NULL, |(cells, _)| cells[prefix.len()]);
        if !from_end {
            return (range.start..self.seek(prefix, Cut::Above(cell)).min(range.end), cell);
        }
        // Most groups are one entry, and then the one before it tells so.
        let last = self.sorted.previous(range.end).unwrap_or(range.start);
        let is_same = |(cells, _): (&[Cell], Slot)| {
            self.order.dictionary.compare(cells[prefix.len()], cell).is_eq()
        };
        let is_alone = last <= range.start || !self.sorted.before(last).is_some_and(is_same);
        let start = if is_alone { last } else { self.seek(prefix, Cut::Below(cell)) };
        (start.max(range.start)..range.end, cell)
    }

    fn seek(self, prefix: &[Cell], cut: Cut) -> Place {
        self.sorted.seek(|cells, _| match self.order.compare(cells, prefix) {
            Ordering::Equal => cut.is_after(cells[prefix.len()], self.order.dictionary),
            unequal => unequal.is_lt(),
        })
    }

    /// The first entry with these cells that comes after a row, upwards in all that follows them.
    fn behind(self, prefix: &[Cell], after: &After) -> Place {
        let rest: Vec<Cell> = after.cells[prefix.len()..].iter().copied().flatten().collect();
        self.sorted.seek(|cells, slot| {
            let by_rest = || self.order.compare(&cells[prefix.len()..], &rest);
            let by_key = || self.order.compare(self.order.table.key(slot), &after.key);
            self.order.compare(cells, prefix).then_with(by_rest).then_with(by_key).is_le()
        })
    }
}

/// An index and what is read of its columns.
#[derive(Clone, Copy)]
struct Way<'a> {
    open: Open<'a>,
    levels: &'a [Level],
}

impl Way<'_> {
    /// Reads the rows in a range of entries that have these cells first.
    fn level(
        self,
        prefix: &mut Vec<Cell>,
        range: Range<Place>,
        after: Option<&After>,
        visit: Visit<'_>,
    ) -> ControlFlow<()> {
        let Self { open, levels } = self;
        let depth = prefix.len();
        if levels[depth..].iter().all(Level::is_plain) {
            let start = after.map_or(range.start, |after| open.behind(prefix, after));
            let rest = start.max(range.start)..range.end;
            return open.sorted.slots(rest).try_for_each(visit);
        }
        let Level { intervals: Intervals(intervals), downwards } = &levels[depth];
        let last = after.and_then(|after| after.cells[depth]);
        for at in 0..intervals.len() {
            let at = if *downwards { intervals.len() - 1 - at } else { at };
            let interval = open.rest(intervals[at], last, *downwards);
            let mut range = open.range(prefix, interval);
            while range.start < range.end {
                let (group, cell) = open.group(prefix, &range, *downwards);
                if *downwards {
                    range.end = group.start;
                } else {
                    range.start = group.end;
                }
                let is_last = |last| open.order.dictionary.compare(cell, last).is_eq();
                let after = after.filter(|_| last.is_none_or(is_last));
                prefix.push(cell);
                self.level(prefix, group, after, visit)?;
                prefix.pop();
            }
        }
        ControlFlow::Continue(())
    }
}
