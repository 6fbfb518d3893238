//! Which events are in the log already.

use alloc::collections::VecDeque;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128_with_seed};

use super::DUPLICATE_WINDOW;

/// The source and id of the latest events, each as a 128-bit hash: that two events share one by
/// chance is less likely than that a disk gives back wrong bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    order: VecDeque<u128>,
    keys: HashSet<u128, FixedState>,
}

impl Seen {
    pub(crate) fn key(source: &str, id: &str) -> u128 {
        xxh3_128_with_seed(id.as_bytes(), xxh3_64(source.as_bytes()))
    }

    pub(crate) fn contains(&self, key: u128) -> bool {
        self.keys.contains(&key)
    }

    pub(crate) fn insert(&mut self, key: u128) {
        if self.order.len() == DUPLICATE_WINDOW
            && let Some(oldest) = self.order.pop_front()
        {
            self.keys.remove(&oldest);
        }
        self.keys.insert(key);
        self.order.push_back(key);
    }

    pub(crate) fn remove_last(&mut self) {
        if let Some(last) = self.order.pop_back() {
            self.keys.remove(&last);
        }
    }

    /// The keys from the oldest to the latest.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = u128> {
        self.order.iter().copied()
    }
}
