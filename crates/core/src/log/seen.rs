//! Which events are in the log already.

use alloc::collections::VecDeque;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use twox_hash::XxHash64;

use super::DUPLICATE_WINDOW;

/// Beyond this many events, the numbers of the latest could be those of forgotten ones.
const LARGEST_WINDOW: usize = 1 << 31;

/// The source and id of the latest events, each as a hash of 96 bits: that two of 2^31 events share
/// one by chance is less likely than that a disk gives back wrong bytes.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// How many of the latest are known.
    window: usize,
    order: VecDeque<Kept>,
    /// How many were forgotten because newer ones came, or at least the lowest bits of that.
    forgotten: u32,
    /// The numbers of all in `order`, counted with those forgotten.
    numbers: HashTable<u32>,
}

/// The lower 96 bits of a key, in no more room than they need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kept([u32; 3]);

impl Kept {
    #[expect(clippy::cast_possible_truncation, reason = "each takes its own part of the key")]
    const fn of(key: u128) -> Self {
        Self([key as u32, (key >> 32) as u32, (key >> 64) as u32])
    }

    fn key(self) -> u128 {
        self.0.iter().rev().fold(0, |key, part| key << 32 | u128::from(*part))
    }

    /// A key is a hash already.
    fn hash(self) -> u64 {
        u64::from(self.0[1]) << 32 | u64::from(self.0[0])
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
            order: VecDeque::new(),
            forgotten: 0,
            numbers: HashTable::new(),
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
    pub(crate) fn key(seed: u64, id: &[u8]) -> u128 {
        let (low, high) = (XxHash64::oneshot(seed, id), XxHash64::oneshot(!seed, id));
        u128::from(high) << 64 | u128::from(low)
    }

    #[inline]
    pub(crate) fn contains(&self, key: u128) -> bool {
        self.find(key).is_some()
    }

    /// How many keys came after this one, if it is there.
    pub(crate) fn back(&self, key: u128) -> Option<usize> {
        let index = index(*self.find(key)?, self.forgotten);
        Some(self.order.len() - 1 - index)
    }

    #[inline]
    fn find(&self, key: u128) -> Option<&u32> {
        let (order, forgotten, key) = (&self.order, self.forgotten, Kept::of(key));
        let is_it = |number: &u32| order[index(*number, forgotten)] == key;
        self.numbers.find(key.hash(), is_it)
    }

    /// Adds a key, if it is not there yet; whether it was added.
    pub(crate) fn add(&mut self, key: u128) -> bool {
        if self.order.len() == self.window {
            let is_new = !self.contains(key);
            if is_new {
                self.insert(key);
            }
            return is_new;
        }
        self.make_room();
        let number = self.number_of_next();
        let (order, forgotten, key) = (&self.order, self.forgotten, Kept::of(key));
        let is_it = |number: &u32| order[index(*number, forgotten)] == key;
        let hasher = |number: &u32| order[index(*number, forgotten)].hash();
        let Entry::Vacant(entry) = self.numbers.entry(key.hash(), is_it, hasher) else {
            return false;
        };
        entry.insert(number);
        self.order.push_back(key);
        true
    }

    /// Adds a key that is not there.
    pub(crate) fn insert(&mut self, key: u128) {
        if self.order.len() == self.window
            && let Some(oldest) = self.order.front()
        {
            self.remove(*oldest, self.forgotten);
            self.order.pop_front();
            self.forgotten = self.forgotten.wrapping_add(1);
        }
        let number = self.number_of_next();
        let key = Kept::of(key);
        self.order.push_back(key);
        let (order, forgotten) = (&self.order, self.forgotten);
        let hasher = |number: &u32| order[index(*number, forgotten)].hash();
        self.numbers.insert_unique(key.hash(), number, hasher);
    }

    /// Makes room for one more key. A table that grew by itself would look up the keys in its own
    /// order, which is none in memory.
    #[inline]
    fn make_room(&mut self) {
        if self.numbers.len() < self.numbers.capacity() {
            return;
        }
        let mut numbers = HashTable::with_capacity((self.numbers.len() * 2).max(1));
        for (number, key) in (self.forgotten..=u32::MAX).chain(0..).zip(&self.order) {
            numbers.insert_unique(key.hash(), number, |_| 0);
        }
        self.numbers = numbers;
    }

    pub(crate) fn remove_last(&mut self) {
        if let Some(last) = self.order.pop_back() {
            self.remove(last, self.number_of_next());
        }
    }

    /// The number after that of the latest key. A window is far smaller than 2^32, so numbers may
    /// wrap around.
    fn number_of_next(&self) -> u32 {
        let len = u32::try_from(self.order.len()).unwrap_or(u32::MAX);
        self.forgotten.wrapping_add(len)
    }

    fn remove(&mut self, key: Kept, number: u32) {
        if let Ok(entry) = self.numbers.find_entry(key.hash(), |known| *known == number) {
            entry.remove();
        }
    }

    /// The bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.order.capacity() * size_of::<Kept>() + self.numbers.allocation_size()
    }

    /// The keys from the oldest to the latest.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = u128> {
        self.order.iter().map(|kept| kept.key())
    }
}

fn index(number: u32, forgotten: u32) -> usize {
    number.wrapping_sub(forgotten) as usize
}
