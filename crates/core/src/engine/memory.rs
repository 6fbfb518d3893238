//! How much memory an engine takes.

use super::Engine;
use crate::table::Table;

/// Bytes of memory by what they are for, with the room that is kept free for more. What derived views
/// keep beside their rows, to go on from, is not counted, nor what checkpoints keep beside all that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// The events of the log, with the names of their types, streams and sources.
    pub log: usize,
    /// What repeated events are recognised by.
    pub duplicates: usize,
    /// The rows of all views, with those that are being built and the previous ones.
    pub rows: usize,
    /// What events did to the rows, for undoing.
    pub history: usize,
    /// The texts and large numbers of all rows.
    pub dictionary: usize,
}

impl Memory {
    /// All of it.
    pub const fn total(&self) -> usize {
        self.log + self.duplicates + self.rows + self.history + self.dictionary
    }
}

impl Engine {
    /// How much memory its parts take.
    pub fn memory(&self) -> Memory {
        let beside = || [&self.building, &self.previous].into_iter().flatten();
        let views = || beside().map(|build| &build.views).chain([&self.views]);
        let tables = || views().flat_map(|views| &views.all).map(|view| &view.table);
        Memory {
            log: self.log.memory(),
            duplicates: self.log.seen().memory(),
            rows: tables().map(Table::memory).sum(),
            history: tables().map(|table| table.history.memory()).sum(),
            dictionary: self.views.dictionary.memory(),
        }
    }
}
