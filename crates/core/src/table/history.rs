//! What events did to the rows of a table, so that it can be undone and done again.
//!
//! A change holds, of each cell that it touched, the difference between what the cell is after it and
//! what it was before. So the same bytes lead back and forth, and nothing of a history changes when
//! somebody goes through it.
//!
//! A change also says how many blocks lie between it and the one before of its row, so whoever asks
//! for the history of a row looks only into blocks that have some of it.
//!
//! Where a block ends follows from the changes in it, and their events are counted from the first. So
//! when an event is left out or put in, the blocks some way behind it come out as they were, and are
//! shared.

use alloc::rc::Rc;
use alloc::vec::Vec;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::Slot;
use super::away::{AnyBlock, Away};
use crate::cell::Cell;
use crate::cold::ColdStorage;
use crate::list::List;
use crate::pack::{self, Unpacker};

/// How many changes are packed together, at least and at most. Whoever wants one of them unpacks those
/// before it.
const LEAST: usize = 64;
const MOST: usize = 192;

/// A block that has enough ends with one in so many changes.
const ENDS: u32 = 64;

/// The changes to a table, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    /// The first of the blocks, as far as they are spilled.
    away: Away,
    /// The blocks after them that are full.
    blocks: Vec<Rc<[u8]>>,
    /// The one that is being filled.
    open: Vec<u8>,
    /// The event and slot of the last change in it.
    last: (u32, Slot),
    /// Of all blocks, that one too if it has any changes.
    starts: Vec<Start>,
    /// How many changes there are.
    len: usize,
    /// The event of the last change of all.
    end: u32,
    /// How many changes the table shows.
    applied: usize,
    /// Of each slot, the block of its last change, counted from 1; 0 is none.
    latest: List<u32>,
    /// What was unpacked last: whoever goes step by step stays in a block for a while.
    unpacked: Unpacked,
    /// Whether nothing is added, to measure what it costs.
    #[cfg(feature = "measure")]
    pub(crate) is_off: bool,
}

/// The first change of a block.
#[derive(Debug, Clone, Copy)]
struct Start {
    /// Its number.
    change: usize,
    event: u32,
}

/// A cell that an event changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) slot: Slot,
    /// The number of the cell in its row.
    pub(crate) index: usize,
    pub(crate) before: Cell,
    pub(crate) after: Cell,
}

/// What one event made of a row, or of none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowChange {
    pub(crate) event: u32,
    pub(crate) before: Vec<Cell>,
    pub(crate) after: Vec<Cell>,
}

/// A block that was unpacked.
#[derive(Debug, Clone, Default)]
struct Unpacked {
    /// Its number, if it is one.
    block: Option<usize>,
    /// The event of each change, its slot, and where its cells end.
    changes: Vec<(u32, Slot, usize)>,
    /// Number and difference of each cell.
    cells: Vec<(usize, i64)>,
}

impl History {
    /// How many blocks are full.
    fn full(&self) -> usize {
        self.away.len() + self.blocks.len()
    }

    /// The block that a change is in, and its number there.
    #[inline]
    fn place(&self, change: usize) -> (usize, usize) {
        let block = self.starts.partition_point(|start| start.change <= change).saturating_sub(1);
        (block, self.starts.get(block).map_or(0, |start| change - start.change))
    }

    /// Adds what an event did, when every change before it is applied.
    pub(crate) fn push(&mut self, event: u32, changes: &[Change]) {
        #[cfg(feature = "measure")]
        if self.is_off {
            return;
        }
        if self.unpacked.block == Some(self.full()) {
            self.unpacked.block = None;
        }
        for of_row in changes.chunk_by(|a, b| a.slot == b.slot && a.index < b.index) {
            let slot = of_row[0].slot;
            let before = self.link(slot);
            let out = &mut self.open;
            if out.is_empty() {
                self.starts.push(Start { change: self.len, event });
                self.last = (event, 0);
            }
            let since = event.wrapping_sub(self.last.0);
            pack::put(out, since.into());
            pack::put_signed(out, i64::from(slot) - i64::from(self.last.1));
            pack::put(out, before.into());
            let mut at = 0;
            let mut content = i64::from(slot) << 16 ^ i64::from(since);
            for run in of_row.chunk_by(|a, b| a.index + 1 == b.index) {
                pack::put(out, run.len() as u64);
                pack::put(out, (run[0].index - at) as u64);
                for change in run {
                    let difference = change.after.minus(change.before);
                    pack::put_signed(out, difference);
                    content ^= difference;
                }
                at = run[0].index + run.len();
            }
            pack::put(out, 0);
            self.last = (event, slot);
            self.end = event;
            self.len += 1;
            let count = self.len - self.starts.last().map_or(0, |start| start.change);
            if count == MOST || count >= LEAST && is_end(content) {
                self.blocks.push(self.open.as_slice().into());
                self.open.clear();
            }
        }
        self.applied = self.len;
    }

    /// Notes that a slot has a change in the block that is being filled; how many blocks ago the one
    /// before was. Without one, that is the number of all blocks.
    fn link(&mut self, slot: Slot) -> u32 {
        let index = slot as usize;
        self.latest.cover(index + 1);
        let here = block_name(self.full());
        here - core::mem::replace(&mut self.latest[index], here)
    }

    /// How many changes the table shows.
    pub(crate) const fn applied(&self) -> usize {
        self.applied
    }

    /// Says that the table shows so many changes.
    pub(crate) fn go_on_from(&mut self, applied: usize) {
        self.applied = applied;
    }

    /// Has in memory what the way to where the table is after `event` needs. Whether it has.
    pub(crate) fn fetch(&mut self, event: u32) -> bool {
        self.away.fetch(self.place(self.applied).0, event)
    }

    /// Takes a table to where it is after `event`: `change` adds a difference to a cell. What is needed
    /// was fetched.
    pub(crate) fn cross(&mut self, event: u32, mut change: impl FnMut(Slot, usize, i64)) {
        if self.applied == self.len && self.end <= event {
            return;
        }
        let mut unpacked = core::mem::take(&mut self.unpacked);
        while let Some(last) = self.applied.checked_sub(1) {
            let (block, within) = self.place(last);
            if self.away.is_before(block, event) || !self.unpack(block, &mut unpacked) {
                break;
            }
            for at in (0..=within).rev() {
                let (of_event, slot, cells) = unpacked.change(at);
                if of_event <= event {
                    break;
                }
                for (index, difference) in cells.iter().rev() {
                    change(slot, *index, difference.wrapping_neg());
                }
                self.applied -= 1;
            }
            if self.applied + within > last {
                break;
            }
        }
        while self.applied < self.len {
            let (block, first) = self.place(self.applied);
            let end = self.applied - first;
            if self.away.is_after(block, event) || !self.unpack(block, &mut unpacked) {
                break;
            }
            let end = end + unpacked.changes.len();
            for at in first..unpacked.changes.len() {
                let (of_event, slot, cells) = unpacked.change(at);
                if of_event > event {
                    break;
                }
                for (index, difference) in cells {
                    change(slot, *index, *difference);
                }
                self.applied += 1;
            }
            if self.applied < end {
                break;
            }
        }
        self.unpacked = unpacked;
        self.away.let_go();
    }

    /// What events made of a row up to the one that the table shows, the latest first. `cells` are
    /// those of the row as it is. It takes time for the events of the row alone.
    pub(crate) fn of_row(&self, slot: Slot, cells: &[Cell]) -> impl Iterator<Item = RowChange> {
        let mut cells = cells.to_vec();
        let mut block = self.latest.get(slot as usize).unwrap_or(0);
        let mut found: Vec<RowChange> = Vec::new();
        let next = move || {
            // An event may have changed the row more than once, and in two blocks.
            while block > 0 && found.iter().all(|other| other.event == found[0].event) {
                let (changes, before) = self.of_row_in(block, slot, &mut cells);
                block = before;
                found.splice(0..0, changes);
            }
            let mut change = found.pop()?;
            while let Some(same) = found.pop_if(|other| other.event == change.event) {
                change.before = same.before;
            }
            Some(change)
        };
        core::iter::from_fn(next).filter(|change| change.before != change.after)
    }

    /// The changes to a row in a block that the table shows, in order, and the block of those before.
    /// `cells` are the row's after them and become those before.
    fn of_row_in(&self, block: u32, slot: Slot, cells: &mut [Cell]) -> (Vec<RowChange>, u32) {
        let number = block as usize - 1;
        let Some((bytes, first, count)) = self.block(number) else { return (Vec::new(), 0) };
        let mut reading = Reading::new(&bytes, first.event);
        let (mut differences, mut starts, mut before) = (Vec::new(), Vec::new(), None);
        for at in 0..count {
            let start = differences.len();
            let (event, of) = reading.change(&mut |index, by| differences.push((index, by)));
            if of == slot {
                before.get_or_insert(block - reading.link);
            }
            if of == slot && first.change + at < self.applied {
                starts.push((event, start));
            } else {
                differences.truncate(start);
            }
        }
        let mut changes = Vec::new();
        for (event, start) in starts.into_iter().rev() {
            let after = cells.to_vec();
            for (index, by) in differences.drain(start..) {
                cells[index] = cells[index].plus(i64::wrapping_neg(by));
            }
            changes.push(RowChange { event, before: cells.to_vec(), after });
        }
        changes.reverse();
        (changes, before.unwrap_or(0))
    }

    /// Forgets the changes that are not applied. Whether all that takes could be read.
    pub(crate) fn truncate(&mut self) -> bool {
        if self.applied == self.len {
            return true;
        }
        let (block, kept) = self.place(self.applied);
        if !self.unlink(block) || !self.away.bring_back(block, &mut self.blocks) {
            return false;
        }
        self.unpacked.block = None;
        let here = block - self.away.len();
        if here < self.blocks.len() {
            self.open = self.blocks[here].to_vec();
            self.blocks.truncate(here);
        }
        let mut reading = Reading::new(&self.open, self.starts[block].event);
        for _ in 0..kept {
            reading.change(&mut |_, _| {});
        }
        self.last = reading.last;
        let end = reading.unpacker.position();
        self.open.truncate(end);
        self.starts.truncate(block + usize::from(kept > 0));
        self.len = self.applied;
        let mut unpacked = Unpacked::default();
        let Some(last) = self.applied.checked_sub(1) else {
            self.end = 0;
            return true;
        };
        let (block, within) = self.place(last);
        let can_tell = self.unpack(block, &mut unpacked);
        if can_tell {
            self.end = unpacked.change(within).0;
        }
        can_tell
    }

    /// Forgets the blocks of the changes that are not applied, which are in `first` and those after.
    /// Whether they could be read.
    fn unlink(&mut self, first: usize) -> bool {
        for block in (first..self.starts.len()).rev() {
            let Some((bytes, start, count)) = self.block(block) else { return false };
            let mut reading = Reading::new(&bytes, start.event);
            let mut links = Vec::new();
            for at in 0..count {
                let (_, slot) = reading.change(&mut |_, _| {});
                if start.change + at >= self.applied {
                    links.push((slot, reading.link));
                }
            }
            for (slot, link) in links.into_iter().rev() {
                self.latest[slot as usize] = block_name(block) - link;
            }
        }
        true
    }

    /// Spills the older half of the full blocks that are in memory. Whether there were enough of them,
    /// and the storage took them.
    pub(crate) fn spill(&mut self, storage: &ColdStorage) -> bool {
        let starts = &self.starts;
        let ends = |number: usize, block: &[u8]| {
            let start = starts[number];
            let mut reading = Reading::new(block, start.event);
            for _ in start.change..starts.get(number + 1).map_or(self.len, |next| next.change) {
                reading.change(&mut |_, _| {});
            }
            (start.event, reading.last.0)
        };
        self.away.spill(&mut self.blocks, storage, ends)
    }

    /// The bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.latest.memory()
            + self.blocks.iter().map(|block| block.len()).sum::<usize>()
            + self.blocks.capacity() * size_of::<Rc<[u8]>>()
            + self.starts.capacity() * size_of::<Start>()
            + self.away.memory()
            + self.open.capacity()
    }

    /// Shares with another history the blocks that are the same.
    pub(crate) fn share(&mut self, other: &Self) {
        self.latest.share(&other.latest);
        let is_shared = |(mine, theirs): &(&Rc<[u8]>, &Rc<[u8]>)| Rc::ptr_eq(mine, theirs);
        let shared = self.blocks.iter().zip(&other.blocks).take_while(is_shared).count();
        let known: HashSet<&Rc<[u8]>, FixedState> = other.blocks[shared..].iter().collect();
        for block in &mut self.blocks[shared..] {
            if let Some(same) = known.get(&&*block) {
                *block = Rc::clone(same);
            }
        }
    }

    /// The bytes of a block, its first change and how many it has; none if it cannot be read back.
    fn block(&self, block: usize) -> Option<(AnyBlock<'_>, Start, usize)> {
        let start = *self.starts.get(block)?;
        let bytes = match block.checked_sub(self.away.len()) {
            Some(here) => AnyBlock::Here(self.blocks.get(here).map_or(&self.open, |block| block)),
            None => self.away.block(block)?,
        };
        let end = self.starts.get(block + 1).map_or(self.len, |next| next.change);
        Some((bytes, start, end - start.change))
    }

    /// Unpacks a block. Whether it can be read.
    fn unpack(&self, block: usize, into: &mut Unpacked) -> bool {
        if into.block == Some(block) {
            return true;
        }
        into.block = None;
        let Some((bytes, start, count)) = self.block(block) else { return false };
        into.block = Some(block);
        into.changes.clear();
        into.cells.clear();
        let mut reading = Reading::new(&bytes, start.event);
        for _ in 0..count {
            let cells = &mut into.cells;
            let (event, slot) =
                reading.change(&mut |index, difference| cells.push((index, difference)));
            into.changes.push((event, slot, into.cells.len()));
        }
        true
    }
}

/// What a block is called where 0 is none. Blocks in memory are fewer than 2^32.
fn block_name(block: usize) -> u32 {
    u32::try_from(block + 1).unwrap_or(u32::MAX)
}

/// Whether a block that has enough ends with a change of this content.
fn is_end(content: i64) -> bool {
    let mixed = content.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32 <= u32::MAX / ENDS
}

impl Unpacked {
    fn change(&self, at: usize) -> (u32, Slot, &[(usize, i64)]) {
        let start = at.checked_sub(1).map_or(0, |before| self.changes[before].2);
        let (event, slot, end) = self.changes[at];
        (event, slot, &self.cells[start..end])
    }
}

/// Reads along the changes of a block.
struct Reading<'a> {
    unpacker: Unpacker<'a>,
    /// The event and slot of the last change.
    last: (u32, Slot),
    /// How many blocks before it the one before it of its slot is.
    link: u32,
}

impl<'a> Reading<'a> {
    /// Of a block whose first change is of this event.
    fn new(bytes: &'a [u8], event: u32) -> Self {
        Self { unpacker: Unpacker::new(bytes, 0), last: (event, 0), link: 0 }
    }

    /// The event and slot of the next change, whose cells are told one by one.
    fn change(&mut self, cell: &mut impl FnMut(usize, i64)) -> (u32, Slot) {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let event = self.last.0.wrapping_add(number(self.unpacker.number()));
        let slot = i64::from(self.last.1).wrapping_add(self.unpacker.signed());
        self.last = (event, Slot::try_from(slot).unwrap_or(Slot::MAX));
        self.link = number(self.unpacker.number());
        let mut at = 0;
        loop {
            let run = self.unpacker.index();
            if run == 0 {
                return self.last;
            }
            at += self.unpacker.index();
            for _ in 0..run {
                cell(at, self.unpacker.signed());
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests;
