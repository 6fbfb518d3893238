//! Names that recur, kept once and counted.

use crate::list::List;
use crate::text::{self, Texts};

/// A table of names, numbered from 0 in the order they first appeared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    texts: Texts,
    counts: List<u64>,
    /// The code that was added last: names often come in runs.
    last: u32,
}

impl Names {
    /// Makes room for so many more names.
    pub(crate) fn reserve(&mut self, names: usize) {
        self.texts.reserve(names);
    }

    /// The code of a name, which counts so many times more.
    pub(crate) fn add(&mut self, name: &str, count: u64) -> u32 {
        self.add_bytes(name.as_bytes(), count)
    }

    /// The same of a name by its bytes.
    #[inline]
    pub(crate) fn add_bytes(&mut self, name: &[u8], count: u64) -> u32 {
        let last = self.last as usize;
        let is_last = last < self.len() && self.texts.get(last).as_bytes() == name;
        let code = if is_last { last } else { self.texts.add_bytes(name) };
        self.counts.cover(code + 1);
        self.counts[code] += count;
        // More than 2^32 of them do not fit into memory by far.
        self.last = u32::try_from(code).unwrap_or(u32::MAX);
        self.last
    }

    /// Lets copies share the names that there are.
    pub(crate) fn share(&mut self) {
        self.texts.share();
    }

    /// Shares with other names the counts that are the same.
    pub(crate) fn share_counts(&mut self, other: &Self) {
        self.counts.share(&other.counts);
    }

    /// Counts a name once more; how often that is.
    #[inline]
    pub(crate) fn add_one(&mut self, code: u32) -> u64 {
        let count = &mut self.counts[code as usize];
        *count += 1;
        *count
    }

    pub(crate) fn add_count(&mut self, code: u32, count: u64) {
        self.counts[code as usize] += count;
    }

    pub(crate) fn remove_one(&mut self, code: u32) {
        self.counts[code as usize] -= 1;
    }

    pub(crate) fn len(&self) -> usize {
        self.counts.len()
    }

    pub(crate) fn code(&self, name: &str) -> Option<u32> {
        self.code_of_hashed(text::hash(name.as_bytes()), name.as_bytes())
    }

    /// The same of a name with this hash, by its bytes.
    #[inline]
    pub(crate) fn code_of_hashed(&self, hash: u32, name: &[u8]) -> Option<u32> {
        self.texts.find_hashed(hash, name).and_then(|code| u32::try_from(code).ok())
    }

    /// Sees to it that a name with this hash is found more quickly.
    #[inline]
    pub(crate) fn touch(&self, hash: u32) -> u32 {
        self.texts.touch(hash)
    }

    pub(crate) fn name(&self, code: u32) -> &str {
        self.texts.get(code as usize)
    }

    pub(crate) fn count(&self, code: u32) -> u64 {
        self.counts[code as usize]
    }

    /// Each name with its count, in the order of their numbers.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, u64)> {
        self.texts.iter().zip(self.counts.iter())
    }

    /// The bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.texts.memory() + self.counts.memory()
    }
}
