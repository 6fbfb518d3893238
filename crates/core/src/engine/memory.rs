//! How much memory an engine takes.

use super::{Engine, Views};
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

/// The checkpoints of an engine, which let it go far through the past without going all the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checkpointed {
    /// How many there are.
    pub count: usize,
    /// The bytes of memory of rows as they were there and are no more. What derived views keep beside
    /// their rows is not counted.
    pub rows: usize,
}

impl Engine {
    /// Its checkpoints.
    pub fn checkpointed(&self) -> Checkpointed {
        let Views { checkpoints, all, .. } = &self.views;
        Checkpointed { count: checkpoints.len(), rows: checkpoints.memory(all) }
    }

    /// Takes less memory, at the price of time: lets the views go that were there before the last
    /// definitions, and then, each time it is called, every other checkpoint. Whether there was
    /// anything to let go of.
    ///
    /// ```
    /// # let mut engine = everview_core::Engine::default();
    /// let budget = 512 << 20;
    /// while engine.memory().total() + engine.checkpointed().rows > budget && engine.thin() {}
    /// ```
    pub fn thin(&mut self) -> bool {
        self.previous.take().is_some() || self.views.checkpoints.thin()
    }

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
