//! Rows by key, and the one door through which they change.

mod aside;
mod away;
mod history;
mod retention;
mod slots;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::{Cell as Changing, OnceCell};
use core::cmp::Ordering;
use core::ops::Range;

use crate::cell::{Cell, Dictionary};
use crate::list::List;
use crate::order;
use crate::pages::Pages;
use crate::sorted::Sorted;
use crate::{Digest, Key, Position, Row, Value};
use aside::Aside;
pub(crate) use history::{Change, History};
pub(crate) use retention::{Clock, Moment, Retention};
use slots::Slots;

/// One row's net change: what it was and what it is. None is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The row's name in its view.
    pub key: Key,
    /// Before.
    pub before: Option<Row>,
    /// After.
    pub after: Option<Row>,
}

impl Delta {
    /// The numbers of the columns that are not the same before and after: all of them for a row that
    /// comes or goes.
    ///
    /// ```
    /// use everview_core::{Delta, Value};
    ///
    /// let row = |total| Some([Value::text("order-1"), Value::Int(total)].into());
    /// let delta = Delta { key: [Value::text("order-1")].into(), before: row(17), after: row(19) };
    /// assert_eq!(delta.columns().collect::<Vec<_>>(), [1]);
    /// ```
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        let row = |row: &Option<Row>| row.as_ref().map(Row::clone).unwrap_or_default();
        let (before, after) = (row(&self.before), row(&self.after));
        let is_same = move |column: &usize| match (before.get(*column), after.get(*column)) {
            (Some(before), Some(after)) => before.is_same(after),
            _ => false,
        };
        let width = self.before.iter().chain(&self.after).map(|row| row.len()).max();
        (0..width.unwrap_or(0)).filter(move |column| !is_same(column))
    }
}

/// The number of a row in its table. It stays the row's own, whether the row is there or not.
pub(crate) type Slot = u32;

/// The rows of a view. Every change goes through [`Table::put`] or, to undo one and do it again,
/// [`Table::cross`]; both keep what a row was for the next [`Table::settle`].
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) columns: Arc<[String]>,
    key_width: usize,
    slots: Slots,
    keys: Pages<Cell>,
    /// What events did to the rows.
    pub(crate) history: History,
    /// The rows one after the other, each with a cell before its columns that is TRUE while the row
    /// is there. The cells of one that is not are all NULL.
    cells: Pages<Cell>,
    /// The rows that changed since the last settling, with what they were before.
    touched: Changes,
    /// The net changes that the last settling found.
    settled: Changes,
    is_touched: List<bool>,
    /// How many rows there were at the last settling.
    len: usize,
    /// All slots in the order of their keys: made when it is first asked for, and kept up from then on.
    /// It does not change when rows come and go.
    every: OnceCell<Sorted<Slot>>,
    /// Those of them that had rows at the last settling, where that are few.
    order: Order,
    /// Of the rows at the last settling; made and kept up as the order is.
    digest: Changing<Option<Digest>>,
    /// The keys whose events are set aside.
    pub(crate) aside: Aside,
    /// Which rows leave by themselves, if any do.
    pub(crate) retention: Option<Retention>,
}

/// A table as it was at a settling.
#[derive(Debug, Clone)]
pub(crate) struct TableState {
    cells: Pages<Cell>,
    len: usize,
    digest: Option<Digest>,
    /// How many changes of the history it shows.
    applied: usize,
}

/// Rows in the order of their keys, once somebody has asked for it.
type Order = OnceCell<Sorted<Slot>>;

impl TableState {
    /// Shares with another state what is the same.
    pub(crate) fn share(&mut self, other: &Self) {
        self.cells.share(&other.cells);
    }

    /// Makes sure that it has a digest: told from what it does not share with a state that has one or,
    /// without such a state, from all of it.
    pub(crate) fn with_digest(mut self, other: Option<&Self>, dictionary: &Dictionary) -> Self {
        let mut buffer = Vec::new();
        let mut of = |row: Option<&[Cell]>| match row.and_then(present) {
            Some(row) => row_digest(row, dictionary, &mut buffer),
            None => Digest::default(),
        };
        let digest = self.digest.unwrap_or_else(|| match other {
            None => {
                self.cells.rows().map(|row| of(Some(row))).fold(Digest::default(), Digest::with)
            }
            Some(other) => {
                let rows = self
                    .cells
                    .unshared(&other.cells)
                    .map(|row| (other.cells.get(row), self.cells.get(row)));
                let changed = rows.filter(|(before, after)| before != after);
                let known = other.digest.unwrap_or_default();
                changed.fold(known, |digest, (before, after)| {
                    digest.without(of(before)).with(of(after))
                })
            }
        });
        self.digest = Some(digest);
        self
    }
}

/// Rows by number, with the cells that each had.
#[derive(Debug, Clone, Default)]
struct Changes {
    slots: Vec<Slot>,
    before: Vec<Cell>,
}

impl Changes {
    #[inline]
    fn iter(&self, stride: usize) -> impl Iterator<Item = (Slot, &[Cell])> {
        self.slots.iter().copied().zip(self.before.chunks_exact(stride))
    }

    /// Adds a row as it is, unless it is there already.
    #[inline]
    fn note(&mut self, slot: Slot, is_there: &mut List<bool>, cells: &Pages<Cell>) {
        if !core::mem::replace(&mut is_there[slot as usize], true) {
            self.add(slot, cells.get(slot as usize).unwrap_or_default());
        }
    }

    fn add(&mut self, slot: Slot, before: &[Cell]) {
        self.slots.push(slot);
        self.before.extend_from_slice(before);
    }

    #[inline]
    fn clear(&mut self) {
        // What many events changed at once took room that few will need again.
        const KEPT: usize = 1 << 12;
        if self.slots.capacity() > KEPT {
            *self = Self::default();
        }
        self.slots.clear();
        self.before.clear();
    }
}

/// The columns of a row's cells, if the row is there.
fn present(cells: &[Cell]) -> Option<&[Cell]> {
    let (is_there, columns) = cells.split_first()?;
    (*is_there == Cell::TRUE).then_some(columns)
}

/// Whether so many changes are too many to keep up with one by one what can be made anew.
const fn is_bulk(changes: usize, rows: usize) -> bool {
    changes > rows / 4
}

impl Table {
    pub(crate) fn new(columns: Vec<String>, key_width: usize) -> Self {
        Self {
            cells: Pages::new(columns.len() + 1),
            columns: columns.into(),
            key_width,
            slots: Slots::default(),
            keys: Pages::new(key_width),
            history: History::default(),
            touched: Changes::default(),
            settled: Changes::default(),
            is_touched: List::default(),
            len: 0,
            every: OnceCell::new(),
            order: OnceCell::new(),
            digest: Changing::new(Some(Digest::default())),
            aside: Aside::default(),
            retention: None,
        }
    }

    /// How many cells of a key there are.
    pub(crate) const fn key_width(&self) -> usize {
        self.key_width
    }

    fn stride(&self) -> usize {
        self.columns.len() + 1
    }

    #[inline]
    fn cells_of(&self, slot: Slot) -> &[Cell] {
        self.cells.get(slot as usize).unwrap_or_default()
    }

    /// The columns of a row, if it is there.
    #[inline]
    pub(crate) fn row(&self, slot: Slot) -> Option<&[Cell]> {
        present(self.cells_of(slot))
    }

    #[inline]
    pub(crate) fn key(&self, slot: Slot) -> &[Cell] {
        self.keys.get(slot as usize).unwrap_or_default()
    }

    /// The slot of a key, if it ever had one.
    pub(crate) fn find(&self, key_cells: &[Cell]) -> Option<Slot> {
        self.slots.find(key_cells, |slot| self.key(slot))
    }

    /// The slot of a key, which gets one if it has none.
    #[inline]
    pub(crate) fn slot(&mut self, key_cells: &[Cell]) -> Slot {
        self.find(key_cells).unwrap_or_else(|| self.add_slot(key_cells))
    }

    #[inline(never)]
    fn add_slot(&mut self, key_cells: &[Cell]) -> Slot {
        let keys = &self.keys;
        let next = Slot::try_from(self.is_touched.len()).unwrap_or(Slot::MAX);
        self.slots.add(key_cells, next, |slot| keys.get(slot as usize).unwrap_or_default());
        self.keys.get_mut(next as usize).copy_from_slice(key_cells);
        self.is_touched.push(false);
        self.cells.cover(self.is_touched.len());
        next
    }

    /// What events made of a row up to where the table is, the latest first: the event's number in the
    /// history, the row before and the row after.
    pub(crate) fn row_history(
        &self,
        slot: Slot,
    ) -> impl Iterator<Item = (u32, Option<Vec<Cell>>, Option<Vec<Cell>>)> {
        let row = |cells: Vec<Cell>| present(&cells).map(<[Cell]>::to_vec);
        let changes = self.history.of_row(slot, self.cells_of(slot));
        changes.map(move |change| (change.event, row(change.before), row(change.after)))
    }

    /// How many rows there were at the last settling.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The door: the row in `slot` becomes `after`. `changed` is told of each cell that does.
    #[inline]
    pub(crate) fn put(
        &mut self,
        slot: Slot,
        after: Option<&[Cell]>,
        changed: &mut impl FnMut(Change),
    ) {
        // The cells of a row that is not there are all NULL.
        if self.row(slot) == after {
            return;
        }
        self.touch(slot);
        let Some((is_there, row)) = self.cells.get_mut(slot as usize).split_first_mut() else {
            return;
        };
        let mut set = |index: usize, at: &mut Cell, after: Cell| {
            let before = core::mem::replace(at, after);
            if before != after {
                changed(Change { slot, index, before, after });
            }
        };
        set(0, is_there, if after.is_some() { Cell::TRUE } else { Cell::NULL });
        match after {
            Some(after) => {
                for (index, (at, after)) in row.iter_mut().zip(after).enumerate() {
                    set(index + 1, at, *after);
                }
            }
            None => {
                for (index, at) in row.iter_mut().enumerate() {
                    set(index + 1, at, Cell::NULL);
                }
            }
        }
    }

    /// Undoes a change that was not kept in the history yet.
    pub(crate) fn take_back(&mut self, change: Change) {
        self.cells.get_mut(change.slot as usize)[change.index] = change.before;
    }

    /// Takes the rows to where they were after an event, by its number in the history.
    pub(crate) fn cross(&mut self, event: u32) {
        let Self { history, touched, is_touched, cells, .. } = self;
        history.cross(event, |slot, index, difference| {
            touched.note(slot, is_touched, cells);
            let cell = &mut cells.get_mut(slot as usize)[index];
            *cell = cell.plus(difference);
        });
    }

    /// Takes the order of the keys away, which is not kept up then.
    pub(crate) fn take_order(&mut self) -> Order {
        core::mem::take(&mut self.order)
    }

    /// Puts it back once the rows are those again that it is of.
    pub(crate) fn put_order(&mut self, order: Order) {
        self.order = order;
    }

    /// The rows as the last settling left them. A copy shares with them what neither of them changes.
    pub(crate) fn keep(&self) -> TableState {
        let (cells, digest) = (self.cells.clone(), self.digest.get());
        TableState { cells, len: self.len, digest, applied: self.history.applied() }
    }

    /// Takes the rows to where they were. Unless somebody asks what changes by that, it is settled
    /// at once.
    pub(crate) fn restore(&mut self, kept: &TableState, is_followed: bool) {
        let mut cells = kept.cells.clone();
        cells.cover(self.is_touched.len());
        self.history.go_on_from(kept.applied);
        if is_followed {
            for row in self.cells.unshared(&cells).collect::<Vec<_>>() {
                if self.cells.get(row) != cells.get(row)
                    && let Ok(slot) = Slot::try_from(row)
                {
                    self.touch(slot);
                }
            }
            self.cells = cells;
            return;
        }
        for slot in &self.touched.slots {
            self.is_touched[*slot as usize] = false;
        }
        self.touched.clear();
        self.settled.clear();
        self.order = OnceCell::new();
        (self.cells, self.len) = (cells, kept.len);
        self.digest.set(kept.digest);
    }

    /// Shares with another table what is the same, apart from the rows.
    pub(crate) fn share(&mut self, other: &Self) {
        self.history.share(&other.history);
        self.is_touched.share(&other.is_touched);
    }

    /// Forgets what events after a position did, apart from the rows.
    pub(crate) fn truncate(&mut self, last: Position) {
        self.aside.truncate(last);
        if let Some(retention) = &mut self.retention {
            retention.truncate(last);
        }
    }

    fn touch(&mut self, slot: Slot) {
        self.touched.note(slot, &mut self.is_touched, &self.cells);
    }

    /// Finds the net changes since the last settling and brings what readers see up to them.
    pub(crate) fn settle(&mut self, dictionary: &Dictionary) {
        let stride = self.stride();
        let Self { touched, settled, is_touched, cells, len, .. } = self;
        settled.clear();
        let mut moved = 0;
        for (slot, before) in touched.iter(stride) {
            is_touched[slot as usize] = false;
            let after = cells.get(slot as usize).unwrap_or_default();
            if before == after {
                continue;
            }
            settled.add(slot, before);
            let (was, is) = (before[0] == Cell::TRUE, after[0] == Cell::TRUE);
            *len = *len - usize::from(was) + usize::from(is);
            moved += usize::from(was != is);
        }
        touched.clear();
        self.settle_order(moved, dictionary);
        self.settle_digest(dictionary);
    }

    fn settle_order(&mut self, moved: usize, dictionary: &Dictionary) {
        if let Some(mut every) = self.every.take() {
            let (known, count) = (every.len(), self.is_touched.len());
            if !is_bulk(count - known, known) {
                for slot in slots(known..count) {
                    self.put_in_order(&mut every, slot, dictionary);
                }
                self.every = every.into();
            }
        }
        if is_bulk(moved, self.len) {
            self.order = OnceCell::new();
        }
        let Some(mut order) = self.order.take() else { return };
        for (slot, before, after) in self.changes() {
            match (before, after) {
                (None, Some(_)) => self.put_in_order(&mut order, slot, dictionary),
                (Some(_), None) => {
                    if let Ok(place) = order.find(|other| self.by_key(other, slot, dictionary)) {
                        order.remove(place);
                    }
                }
                _ => {}
            }
        }
        self.order = order.into();
    }

    fn put_in_order(&self, order: &mut Sorted<Slot>, slot: Slot, dictionary: &Dictionary) {
        if let Err(place) = order.find(|other| self.by_key(other, slot, dictionary)) {
            order.insert(place, slot);
        }
    }

    fn by_key(&self, a: Slot, b: Slot, dictionary: &Dictionary) -> Ordering {
        let cells = self.key(a).iter().zip(self.key(b));
        let orders = cells.map(|(a, b)| dictionary.compare(*a, *b));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    fn settle_digest(&mut self, dictionary: &Dictionary) {
        if self.settled.slots.is_empty() {
            return;
        }
        let kept = self.digest.get().filter(|_| !is_bulk(self.settled.slots.len(), self.len));
        self.digest.set(kept.map(|digest| {
            let mut buffer = Vec::new();
            let mut of = |row: Option<&[Cell]>| match row {
                Some(row) => row_digest(row, dictionary, &mut buffer),
                None => Digest::default(),
            };
            self.changes().fold(digest, |digest, (_, before, after)| {
                digest.without(of(before)).with(of(after))
            })
        }));
    }

    /// The net changes that the last settling found: slot, before and after.
    #[inline]
    pub(crate) fn changes(&self) -> impl Iterator<Item = (Slot, Option<&[Cell]>, Option<&[Cell]>)> {
        let change = |(slot, before)| (slot, present(before), self.row(slot));
        self.settled.iter(self.stride()).map(change)
    }

    /// Whether the last settling found any.
    pub(crate) const fn has_changes(&self) -> bool {
        !self.settled.slots.is_empty()
    }

    /// Every row as a change: it is new.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (Slot, Option<&[Cell]>, Option<&[Cell]>)> {
        (0..)
            .zip(self.cells.rows())
            .filter_map(|(slot, cells)| Some((slot, None, Some(present(cells)?))))
    }

    /// The digest at the last settling.
    pub(crate) fn digest(&self, dictionary: &Dictionary) -> Digest {
        if let Some(digest) = self.digest.get() {
            return digest;
        }
        let mut buffer = Vec::new();
        let rows = self.cells.rows().filter_map(present);
        let of = |row| row_digest(row, dictionary, &mut buffer);
        let digest = rows.map(of).fold(Digest::default(), Digest::with);
        self.digest.set(Some(digest));
        digest
    }

    /// The rows at the last settling, in the order of their keys.
    pub(crate) fn ordered(&self, dictionary: &Dictionary) -> impl Iterator<Item = Slot> {
        let every = self.every.get_or_init(|| {
            let mut every: Vec<Slot> = slots(0..self.is_touched.len()).collect();
            order::sort(&mut every, |a, b| self.by_key(*a, *b, dictionary));
            every.into_iter().collect()
        });
        let is_there = |slot: &Slot| self.row(*slot).is_some();
        // Where most slots have no row, they are not gone through each time.
        let is_sparse = self.len < every.len() / 4;
        let order = if is_sparse {
            self.order.get_or_init(|| every.iter().filter(is_there).collect())
        } else {
            every
        };
        order.iter().filter(is_there)
    }

    /// The bytes of memory that its rows take.
    pub(crate) fn memory(&self) -> usize {
        let changes = |changes: &Changes| {
            changes.slots.capacity() * size_of::<Slot>()
                + changes.before.capacity() * size_of::<Cell>()
        };
        self.keys.memory()
            + self.cells.memory()
            + self.slots.memory()
            + self.is_touched.memory()
            + changes(&self.touched)
            + changes(&self.settled)
    }

    /// The bytes of memory of the rows of a state that are not those of the table, or of a later state.
    pub(crate) fn memory_beside(&self, state: &TableState, later: Option<&TableState>) -> usize {
        state.cells.memory_beside(later.map_or(&self.cells, |later| &later.cells))
    }

    /// The slot of a key of values, if it ever had one.
    pub(crate) fn find_values(&self, values: &[Value], dictionary: &Dictionary) -> Option<Slot> {
        let cell = |value: &Value| dictionary.find(&value.canonical());
        self.find(&values.iter().map(cell).collect::<Option<Vec<_>>>()?)
    }
}

/// The fingerprint of a row.
fn row_digest(row: &[Cell], dictionary: &Dictionary, buffer: &mut Vec<u8>) -> Digest {
    buffer.clear();
    for cell in row {
        dictionary.encode(*cell, buffer);
    }
    Digest::of(buffer)
}

/// Slots by their numbers, of which there are fewer than 2^32.
fn slots(numbers: Range<usize>) -> impl Iterator<Item = Slot> {
    numbers.map(|number| Slot::try_from(number).unwrap_or(Slot::MAX))
}
