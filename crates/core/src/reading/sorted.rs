//! Rows in the order of some of their cells: a list in chunks, of which one is moved by a change.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use crate::cell::Cell;
use crate::table::Slot;

/// Where an entry is. The place after the last one is that of a chunk that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    chunk: usize,
    at: usize,
}

impl Place {
    pub(super) const START: Self = Self { chunk: 0, at: 0 };
}

/// Entries in order, each the cells it is ordered by and the row's slot. The order itself is told
/// by whoever asks.
#[derive(Debug, Clone)]
pub(super) struct Sorted {
    width: usize,
    /// None of them is empty.
    chunks: Vec<Chunk>,
}

#[derive(Debug, Clone, Default)]
struct Chunk {
    cells: Vec<Cell>,
    slots: Vec<Slot>,
}

/// A full chunk is split. Half full, it moves a few kilobytes for a change.
const CHUNK: usize = 256;

impl Chunk {
    fn cells(&self, at: usize, width: usize) -> &[Cell] {
        &self.cells[at * width..(at + 1) * width]
    }

    /// How many entries from the start are before the place that is looked for.
    fn partition(&self, width: usize, is_before: impl Fn(&[Cell], Slot) -> bool) -> usize {
        let (mut low, mut high) = (0, self.slots.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if is_before(self.cells(middle, width), self.slots[middle]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn split(&mut self, at: usize, width: usize) -> Self {
        Self { cells: self.cells.split_off(at * width), slots: self.slots.split_off(at) }
    }
}

impl Sorted {
    /// Entries that are in order already.
    pub(super) fn new<'c>(width: usize, entries: impl Iterator<Item = (&'c [Cell], Slot)>) -> Self {
        let mut chunks: Vec<Chunk> = Vec::new();
        for (cells, slot) in entries {
            // Room is left for some that come later.
            if chunks.last().is_none_or(|last| last.slots.len() == CHUNK / 4 * 3) {
                chunks.push(Chunk::default());
            }
            if let Some(last) = chunks.last_mut() {
                last.cells.extend_from_slice(cells);
                last.slots.push(slot);
            }
        }
        Self { width, chunks }
    }

    pub(super) fn entry(&self, place: Place) -> Option<(&[Cell], Slot)> {
        let chunk = self.chunks.get(place.chunk)?;
        Some((chunk.cells(place.at, self.width), *chunk.slots.get(place.at)?))
    }

    pub(super) fn before(&self, place: Place) -> Option<(&[Cell], Slot)> {
        self.entry(self.previous(place)?)
    }

    pub(super) fn previous(&self, place: Place) -> Option<Place> {
        let Place { chunk, at } = place;
        if let Some(at) = at.checked_sub(1) {
            return Some(Place { chunk, at });
        }
        let chunk = chunk.checked_sub(1)?;
        Some(Place { chunk, at: self.chunks[chunk].slots.len() - 1 })
    }

    pub(super) const fn end(&self) -> Place {
        Place { chunk: self.chunks.len(), at: 0 }
    }

    /// The first entry that is not before the place that is looked for.
    pub(super) fn seek(&self, is_before: impl Fn(&[Cell], Slot) -> bool) -> Place {
        let Place { chunk, at } = self.room(is_before);
        match self.chunks.get(chunk) {
            Some(found) if at == found.slots.len() => Place { chunk: chunk + 1, at: 0 },
            _ => Place { chunk, at },
        }
    }

    /// The same, where at the end of a chunk the place is in that one still.
    fn room(&self, is_before: impl Fn(&[Cell], Slot) -> bool) -> Place {
        let begins = |chunk: &Chunk| is_before(chunk.cells(0, self.width), chunk.slots[0]);
        let Some(chunk) = self.chunks.partition_point(begins).checked_sub(1) else {
            return Place::START;
        };
        Place { chunk, at: self.chunks[chunk].partition(self.width, is_before) }
    }

    pub(super) fn insert(
        &mut self,
        cells: &[Cell],
        slot: Slot,
        is_before: impl Fn(&[Cell], Slot) -> bool,
    ) {
        let Place { chunk, at } = self.room(is_before);
        if self.chunks.is_empty() {
            self.chunks.push(Chunk { cells: cells.to_vec(), slots: vec![slot] });
            return;
        }
        let found = &mut self.chunks[chunk];
        let start = at * self.width;
        found.cells.splice(start..start, cells.iter().copied());
        found.slots.insert(at, slot);
        if found.slots.len() == CHUNK {
            let rest = found.split(CHUNK / 2, self.width);
            self.chunks.insert(chunk + 1, rest);
        }
    }

    /// Removes the first entry that is not before, which is there.
    pub(super) fn remove(&mut self, is_before: impl Fn(&[Cell], Slot) -> bool) {
        let Place { chunk, at } = self.seek(is_before);
        let Some(found) = self.chunks.get_mut(chunk) else { return };
        let start = at * self.width;
        found.cells.drain(start..start + self.width);
        found.slots.remove(at);
        let len = found.slots.len();
        if len == 0 {
            self.chunks.remove(chunk);
        } else if let Some(next) = self.chunks.get(chunk + 1)
            && len + next.slots.len() < CHUNK / 4
        {
            let next = self.chunks.remove(chunk + 1);
            self.chunks[chunk].cells.extend(next.cells);
            self.chunks[chunk].slots.extend(next.slots);
        }
    }

    pub(super) fn slots(&self, range: Range<Place>) -> impl Iterator<Item = Slot> {
        let Range { start, end } = range;
        let last = self.chunks.len().min(end.chunk + 1);
        (start.chunk..last.max(start.chunk)).flat_map(move |chunk| {
            let slots = &self.chunks[chunk].slots;
            let from = if chunk == start.chunk { start.at } else { 0 };
            let to = if chunk == end.chunk { end.at } else { slots.len() };
            slots[from.min(to)..to].iter().copied()
        })
    }

    /// Every entry in order.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&[Cell], Slot)> {
        self.chunks.iter().flat_map(move |chunk| {
            (0..chunk.slots.len()).map(move |at| (chunk.cells(at, self.width), chunk.slots[at]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Sorted};
    use crate::Rng;
    use crate::cell::Dictionary;
    use alloc::vec::Vec;

    #[test]
    fn entries_stay_in_order_while_they_come_and_go() {
        let mut dictionary = Dictionary::default();
        let mut rng = Rng::new(7);
        let mut naive: Vec<u32> = (0..1_000).map(|n| n * 3).collect();
        let cell = |dictionary: &mut Dictionary, n: u32| dictionary.integer(n.into());
        let cells: Vec<_> = naive.iter().map(|n| [cell(&mut dictionary, *n)]).collect();
        let entries = cells.iter().map(|cells| &cells[..]).zip(naive.iter().copied());
        let mut sorted = Sorted::new(1, entries);
        for round in 0..20_000_u32 {
            let number = u32::try_from(rng.below(6_000)).unwrap();
            // First more come than go, then more go than come.
            let comes = rng.below(10) < if round < 10_000 { 7 } else { 1 };
            match naive.binary_search(&number) {
                Err(at) if comes => {
                    naive.insert(at, number);
                    let cells = [cell(&mut dictionary, number)];
                    sorted.insert(&cells, number, |_, slot| slot < number);
                }
                Ok(at) if !comes => {
                    naive.remove(at);
                    sorted.remove(|_, slot| slot < number);
                }
                _ => {}
            }
            if round % 500 == 0 {
                let from = sorted.seek(|_, slot| slot < number);
                let at = naive.partition_point(|known| *known < number);
                assert_eq!(sorted.entry(from).map(|(_, slot)| slot), naive.get(at).copied());
                let before = at.checked_sub(1).map(|at| naive[at]);
                assert_eq!(sorted.before(from).map(|(_, slot)| slot), before);
                assert!(sorted.slots(from..sorted.end()).eq(naive[at..].iter().copied()));
                assert!(sorted.slots(Place::START..from).eq(naive[..at].iter().copied()));
            }
        }
        assert!(sorted.entries().map(|(_, slot)| slot).eq(naive));
    }
}
