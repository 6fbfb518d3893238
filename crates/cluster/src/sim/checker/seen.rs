//! What was seen of a log, to compare logs without reading them again.

use alloc::vec::Vec;

use everview_core::{Epoch, Position};

/// Of each event of a log, its epoch and a hash of its text.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Seen(Vec<(Epoch, u64)>);

impl Seen {
    /// The last position that was seen.
    pub(in super::super) fn head(&self) -> Position {
        Position::new(self.0.len() as u64)
    }

    /// Forgets what is after a position.
    pub(in super::super) fn truncate(&mut self, last: Position) {
        self.0.truncate(usize::try_from(last.get()).unwrap_or(usize::MAX));
    }

    pub(super) fn get(&self, position: Position) -> Option<(Epoch, u64)> {
        let index = usize::try_from(position.get()).ok()?.checked_sub(1)?;
        self.0.get(index).copied()
    }

    /// Whether two logs have the same event there.
    pub(in super::super) fn is_same_at(&self, other: &Self, position: Position) -> bool {
        let event = self.get(position);
        event.is_some() && event == other.get(position)
    }

    pub(super) fn push(&mut self, epoch: Epoch, hash: u64) {
        self.0.push((epoch, hash));
    }

    /// How far two logs are the same, if one is known to be from the start.
    pub(super) fn shared(&self, other: &Self) -> Position {
        let mut shared = self.head().min(other.head());
        // Within an epoch there is one log, so where two events are the same, all before them are.
        while shared != Position::START && self.get(shared) != other.get(shared) {
            shared = shared.previous();
        }
        shared
    }
}
