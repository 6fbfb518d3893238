//! The logs of all regions as one.

use alloc::collections::BTreeMap;

use super::Stamp;

/// The events of all regions in the order of their stamps.
///
/// An event that comes late goes to its place, before others that were there already. Whoever folds
/// the log rewinds by as many as follow it, and replays.
///
/// ```
/// use everview_cluster::clock::{HybridTime, MergedLog, Region, Stamp};
/// use everview_core::Timestamp;
///
/// let at = |millis, region| Stamp {
///     time: HybridTime { wall: Timestamp::from_millis(millis), count: 0 },
///     region: Region::new(region),
///     number: 1,
/// };
/// let mut log = MergedLog::default();
/// assert_eq!(log.insert(at(2_000, 1), "shipped"), Some(0), "it is the last");
/// assert_eq!(log.insert(at(1_000, 2), "paid"), Some(1), "one has to be folded again");
/// assert_eq!(log.insert(at(1_000, 2), "paid"), None, "it is there already");
/// assert_eq!(log.iter().map(|(_, event)| *event).collect::<Vec<_>>(), ["paid", "shipped"]);
/// ```
#[derive(Debug, Clone)]
pub struct MergedLog<T>(BTreeMap<Stamp, T>);

impl<T> Default for MergedLog<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> MergedLog<T> {
    /// Puts an event in its place, and says how many events follow it; none if it is there already.
    pub fn insert(&mut self, stamp: Stamp, event: T) -> Option<usize> {
        if self.0.contains_key(&stamp) {
            return None;
        }
        self.0.insert(stamp, event);
        Some(self.from(stamp).count() - 1)
    }

    /// The events in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Stamp, &T)> {
        self.0.iter()
    }

    /// The events from this stamp on, in order.
    pub fn from(&self, from: Stamp) -> impl Iterator<Item = (&Stamp, &T)> {
        self.0.range(from..)
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
