//! Which events are in the log already.

use twox_hash::XxHash64;

use super::DUPLICATE_WINDOW;
use crate::hashed::Hashed;
use crate::list::List;

/// Beyond this many events, their numbers would take more bits than there are.
const LARGEST_WINDOW: usize = 1 << 31;

/// The source and id of the latest events, each as a hash of 96 bits: that two of 2^31 events share
/// one by chance is less likely than that a disk gives back wrong bytes.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// How many of the latest are known.
    window: usize,
    /// Their keys. When there are as many, a new one takes the place of the oldest.
    keys: List<Key>,
    /// The place of the oldest, and how many there are from there on.
    first: usize,
    len: usize,
    /// The places of the keys.
    places: Hashed,
}

/// By what an event is recognised: 96 bits, in no more room than they need.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Key([u32; 3]);

impl Key {
    /// The key whose lower 96 bits are these.
    #[expect(clippy::cast_possible_truncation, reason = "each takes its own part of the key")]
    pub(crate) const fn of(bits: u128) -> Self {
        Self([bits as u32, (bits >> 32) as u32, (bits >> 64) as u32])
    }

    pub(crate) fn bits(self) -> u128 {
        self.0.iter().rev().fold(0, |bits, part| bits << 32 | u128::from(*part))
    }

    /// A key is a hash already.
    const fn hash(self) -> u32 {
        self.0[0]
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self::new(DUPLICATE_WINDOW)
    }
}

impl Seen {
    /// A window of this many events, of at least one and far fewer than 2^32.
    pub(crate) fn new(window: usize) -> Self {
        Self {
            window: window.clamp(1, LARGEST_WINDOW),
            keys: List::default(),
            first: 0,
            len: 0,
            places: Hashed::default(),
        }
    }

    /// How many of the latest are known.
    pub(crate) const fn window(&self) -> usize {
        self.window
    }

    /// What the keys of a source begin from.
    pub(crate) fn seed(source: &str) -> u64 {
        XxHash64::oneshot(0, source.as_bytes())
    }

    /// Two hashes of 64 bits are quicker than one of 128 where numbers of 128 bits are not at home.
    #[inline]
    pub(crate) fn key(seed: u64, id: &[u8]) -> Key {
        let (low, high) = (XxHash64::oneshot(seed, id), XxHash64::oneshot(!seed, id));
        Key::of(u128::from(high) << 64 | u128::from(low))
    }

    /// Sees to it that a key is found more quickly, as [`Hashed::touch`] does.
    #[inline]
    pub(crate) fn touch(&self, key: Key) -> u32 {
        self.places.touch(key.hash())
    }

    pub(crate) fn contains(&self, key: Key) -> bool {
        self.find(key).is_some()
    }

    /// How many keys came after this one, if it is there.
    pub(crate) fn back(&self, key: Key) -> Option<usize> {
        let place = self.find(key)? as usize;
        let index = (place + self.window - self.first) % self.window;
        Some(self.len - 1 - index)
    }

    #[inline]
    fn find(&self, key: Key) -> Option<u32> {
        self.places.find(key.hash(), |place| self.keys[place as usize] == key)
    }

    /// Adds a key, if it is not there yet; whether it was added.
    pub(crate) fn add(&mut self, key: Key) -> bool {
        if self.len == self.window {
            let is_new = !self.contains(key);
            if is_new {
                self.insert(key);
            }
            return is_new;
        }
        self.put(key, false)
    }

    /// Adds a key that is not there.
    pub(crate) fn insert(&mut self, key: Key) {
        if self.len == self.window {
            self.remove(self.first);
            self.first = self.place(1);
        }
        self.put(key, true);
    }

    #[inline]
    fn put(&mut self, key: Key, is_new: bool) -> bool {
        let place = self.place(self.len);
        let Self { keys, places, .. } = self;
        let is_it = |place: u32| !is_new && keys[place as usize] == key;
        let hash_of = |place: u32| keys[place as usize].hash();
        let was_there = places.add((key.hash(), narrow(place)), is_it, hash_of).is_some();
        if !was_there {
            keys.cover(place + 1);
            keys[place] = key;
            self.len += 1;
        }
        !was_there
    }

    pub(crate) fn remove_last(&mut self) {
        if let Some(last) = self.len.checked_sub(1) {
            self.remove(self.place(last));
        }
    }

    fn remove(&mut self, place: usize) {
        let hash_of = |place: u32| self.keys[place as usize].hash();
        let place = narrow(place);
        self.places.remove((hash_of(place), place), hash_of);
        self.len -= 1;
    }

    /// The place of the key that came so many after the oldest.
    #[inline]
    const fn place(&self, index: usize) -> usize {
        let place = self.first + index;
        if place < self.window { place } else { place - self.window }
    }

    /// The bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.keys.memory() + self.places.memory()
    }

    /// The keys from the oldest to the latest.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Key> {
        (0..self.len).map(|index| self.keys[self.place(index)])
    }
}

/// A place is within a window, which is far smaller than 2^32.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Key, Seen};
    use crate::Rng;

    #[test]
    fn the_latest_keys_are_known_whatever_was_forgotten() {
        let mut rng = Rng::new(3);
        for window in [1, 5, 64, 1_000] {
            let (mut seen, mut model) = (Seen::new(window), Vec::new());
            for _ in 0..5_000 {
                let key = Key::of(rng.below(window as u64 * 2).into());
                let known = model.iter().rev().position(|known| *known == key);
                assert_eq!((seen.contains(key), seen.back(key)), (known.is_some(), known));
                if rng.below(4) == 0 {
                    seen.remove_last();
                    model.pop();
                    continue;
                }
                assert_eq!(seen.add(key), known.is_none());
                if known.is_none() {
                    model.push(key);
                    model.drain(..model.len().saturating_sub(window));
                }
            }
            assert!(seen.iter().eq(model));
        }
    }
}
