//! Finding numbered things by their hashes.

use alloc::vec;
use alloc::vec::Vec;

/// The numbers of things, by the hashes of these: four bytes for each, and the room between them.
///
/// Where a number lies there are also bits of the hash, so that what is not sought is hardly ever
/// looked at. And it is all that lies there: looking for something ahead of need has the processor
/// fetch what is read and, if it is not there, written when it is added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hashed {
    /// A power of two of them, or none. 0 where nothing lies; elsewhere a number plus 1 in the bits
    /// that an index has here, and those of the hash in the bits above.
    slots: Vec<u32>,
    len: usize,
}

const FEWEST_SLOTS: usize = 8;

impl Hashed {
    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What lies where looking for a thing begins: it is nobody's business, but from then on it is in
    /// the processor's cache.
    #[inline]
    pub(crate) fn touch(&self, hash: u32) -> u32 {
        let last = self.slots.len().wrapping_sub(1);
        self.slots.get(hash as usize & last).copied().unwrap_or_default()
    }

    /// The number of a thing with this hash that is the one.
    #[inline]
    pub(crate) fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        if self.is_empty() { None } else { self.seek(hash, is_it).1 }
    }

    /// The slot where a thing belongs, and its number if it has one. There are slots that are free.
    #[inline]
    fn seek(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> (usize, Option<u32>) {
        let last = self.slots.len() - 1;
        let mask = narrow(last);
        let mut at = (hash & mask) as usize;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return (at, None);
            }
            if (slot ^ hash) & !mask == 0 && is_it((slot & mask) - 1) {
                return (at, Some((slot & mask) - 1));
            }
            at = (at + 1) & last;
        }
    }

    /// Gives a thing a number, unless it has one: that is returned then. Numbers are less than the
    /// count of things, this one included.
    #[inline]
    pub(crate) fn add(
        &mut self,
        (hash, number): (u32, u32),
        is_it: impl Fn(u32) -> bool,
        hash_of: impl Fn(u32) -> u32,
    ) -> Option<u32> {
        if self.len == room(self.slots.len()) {
            self.reserve(self.len + 1, hash_of);
        }
        let (at, known) = self.seek(hash, is_it);
        if known.is_none() {
            self.put(at, (hash, number));
            self.len += 1;
        }
        known
    }

    #[inline]
    fn put(&mut self, at: usize, (hash, number): (u32, u32)) {
        let mask = narrow(self.slots.len() - 1);
        self.slots[at] = hash & !mask | (number + 1);
    }

    /// Makes room for so many things in all. Those that there are have the numbers from 0 on, and are
    /// asked for their hashes in that order: the one that they lie in here is none in memory.
    #[cold]
    pub(crate) fn reserve(&mut self, things: usize, hash_of: impl Fn(u32) -> u32) {
        let mut slots = self.slots.len().max(FEWEST_SLOTS);
        while room(slots) < things {
            slots *= 2;
        }
        if slots == self.slots.len() {
            return;
        }
        self.slots = vec![0; slots];
        for number in 0..narrow(self.len) {
            let hash = hash_of(number);
            let (at, _) = self.seek(hash, |_| false);
            self.put(at, (hash, number));
        }
    }

    /// Forgets a thing. Those behind it are found as if it had never been there.
    pub(crate) fn remove(&mut self, (hash, number): (u32, u32), hash_of: impl Fn(u32) -> u32) {
        if self.is_empty() {
            return;
        }
        let (mut free, Some(_)) = self.seek(hash, |known| known == number) else { return };
        let last = self.slots.len() - 1;
        let mask = narrow(last);
        let mut at = free;
        loop {
            at = (at + 1) & last;
            let slot = self.slots[at];
            if slot == 0 {
                break;
            }
            let home = (hash_of((slot & mask) - 1) & mask) as usize;
            let from = |start: usize| at.wrapping_sub(start) & last;
            if from(home) >= from(free) {
                self.slots[free] = slot;
                free = at;
            }
        }
        self.slots[free] = 0;
        self.len -= 1;
    }

    /// The bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.slots.capacity() * size_of::<u32>()
    }
}

/// How many things so many slots have room for: some have to be free, and with more that are, fewer
/// are passed on the way.
const fn room(slots: usize) -> usize {
    slots / 4 * 3
}

/// More than 2^32 things do not fit into memory by far.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::Hashed;
    use crate::Rng;

    /// Hashes of which many are the same, or lie next to each other.
    fn hash(thing: u64) -> u32 {
        let spread = u32::try_from(thing % 7).unwrap() << 28;
        spread | u32::try_from(thing % 50).unwrap()
    }

    #[test]
    fn numbers_are_found_whatever_was_added_and_forgotten() {
        let mut hashed = Hashed::default();
        let mut things: Vec<u64> = Vec::new();
        let mut rng = Rng::new(7);
        for _ in 0..20_000 {
            let thing = rng.below(500);
            let known = things.iter().position(|known| *known == thing);
            let known = known.map(|known| u32::try_from(known).unwrap());
            let of = |number: u32| hash(things[number as usize]);
            let is_it = |number: u32| things[number as usize] == thing;
            assert_eq!(hashed.find(hash(thing), is_it), known);
            if rng.below(3) > 0 {
                let next = u32::try_from(things.len()).unwrap();
                assert_eq!(hashed.add((hash(thing), next), is_it, of), known);
                things.extend(known.is_none().then_some(thing));
            } else if let Some(last) = things.last() {
                let number = u32::try_from(things.len() - 1).unwrap();
                hashed.remove((hash(*last), number), of);
                things.pop();
            }
        }
        assert!(things.len() > 100 && hashed.len == things.len());
    }
}
