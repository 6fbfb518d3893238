//! Keys whose events are set aside.

use alloc::vec::Vec;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::Position;

/// The keys of a view for which an event was refused, each with that event: the later ones of the
/// key wait behind it.
///
/// A key is known by the slot of its row or, in a view that does not tell its keys, by the log's
/// number of the stream.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aside {
    first: HashMap<u32, Position, FixedState>,
    order: Vec<(Position, u32)>,
}

impl Aside {
    /// The event that those of the key wait behind.
    #[inline]
    pub(crate) fn behind(&self, key: u32) -> Option<Position> {
        if self.order.is_empty() { None } else { self.first.get(&key).copied() }
    }

    /// Sets the events of a key aside from the one at `position` on, if they are not yet.
    pub(crate) fn add(&mut self, key: u32, position: Position) {
        if self.first.try_insert(key, position).is_ok() {
            self.order.push((position, key));
        }
    }

    /// Forgets what was set aside after a position.
    pub(crate) fn truncate(&mut self, last: Position) {
        let kept = self.order.partition_point(|(position, _)| *position <= last);
        for (_, key) in self.order.drain(kept..) {
            self.first.remove(&key);
        }
    }

    /// Each key with its first event, in the order of the events.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (Position, u32)> {
        self.order.iter().copied()
    }
}
