//! Which slot a key has.

use core::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::Slot;
use crate::cell::Cell;
use crate::list::List;

/// The slots of the keys of a table.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    /// Of each text, by its code, the slot of the key that is this text alone, plus 1; 0 is none. There
    /// are only few more codes here than slots.
    by_text: List<u32>,
    /// Those of all other keys.
    others: HashTable<Slot>,
}

/// By so many there may be more codes than twice the slots.
const ROOM: usize = 64;

impl Slots {
    /// The slot of a key, if it has one. `key` gives the key of a slot.
    #[inline]
    pub(super) fn find<'k>(
        &self,
        cells: &[Cell],
        key: impl Fn(Slot) -> &'k [Cell],
    ) -> Option<Slot> {
        let known = text_code(cells).and_then(|code| self.by_text.get(code)?.checked_sub(1));
        let among_others = || {
            let others = Some(&self.others).filter(|others| !others.is_empty());
            others?.find(hash(cells), |slot| key(*slot) == cells).copied()
        };
        known.or_else(among_others)
    }

    /// Adds a key that has no slot yet, which gets the next one.
    pub(super) fn add<'k>(&mut self, cells: &[Cell], next: Slot, key: impl Fn(Slot) -> &'k [Cell]) {
        let code = text_code(cells).filter(|code| *code < next as usize * 2 + ROOM);
        let Some(code) = code else {
            self.others.insert_unique(hash(cells), next, |slot| hash(key(*slot)));
            return;
        };
        self.by_text.cover(code + 1);
        self.by_text[code] = next + 1;
    }

    /// The bytes of memory it takes.
    pub(super) fn memory(&self) -> usize {
        self.by_text.memory() + self.others.allocation_size()
    }
}

/// The code of the text that is the whole of a key.
#[inline]
fn text_code(cells: &[Cell]) -> Option<usize> {
    match cells {
        [cell] => cell.text_code(),
        _ => None,
    }
}

fn hash(key: &[Cell]) -> u64 {
    FixedState::with_seed(0).hash_one(key)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{ROOM, Slots};
    use crate::cell::{Cell, Dictionary};

    #[test]
    fn keys_keep_their_slots_whatever_their_codes_are() {
        let mut dictionary = Dictionary::default();
        let texts: Vec<Cell> =
            (0..9_000).map(|number| dictionary.text(&alloc::format!("text {number}"))).collect();
        // The codes of the first are too high, and then are not.
        let mut cells = [texts[8_999], texts[5_000], texts[0]].to_vec();
        cells.extend((0..100).map(Cell::of_count));
        cells.extend(texts[1..8_000].iter().filter(|text| **text != texts[5_000]));
        let (mut slots, mut keys) = (Slots::default(), Vec::<Cell>::new());
        for cell in cells {
            let key = |slot: u32| core::slice::from_ref(&keys[slot as usize]);
            assert_eq!(slots.find(&[cell], key), None);
            slots.add(&[cell], u32::try_from(keys.len()).unwrap(), key);
            keys.push(cell);
        }
        let key = |slot: u32| core::slice::from_ref(&keys[slot as usize]);
        for (slot, cell) in (0..).zip(&keys) {
            assert_eq!(slots.find(&[*cell], key), Some(slot));
        }
        assert!(!slots.others.is_empty() && slots.by_text.len() <= keys.len() * 2 + ROOM);
    }
}
