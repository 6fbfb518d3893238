//! How much memory an engine takes.

#[cfg(feature = "measure")]
use super::Checkpoints;
use super::{Engine, Views};
use crate::cold::{ColdError, ColdStorage};
use crate::table::Table;

/// Bytes of memory by what they are for, with the room that is kept free for more. What derived views
/// keep beside their rows, to go on from, is not counted, nor what checkpoints keep beside all that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// The events of the log, with the names of their types, streams and sources, and with what was
    /// read back last of what is spilled.
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

    /// Spills what is seldom needed to a storage from now on, when it is to take less memory
    /// ([`Engine::thin`]). Its forks do too. Nothing that it says depends on it. An engine that has a
    /// storage keeps the one it has.
    pub fn spill_to(&mut self, storage: &ColdStorage) {
        self.log.set_storage(storage);
    }

    /// Where it spills to, if it has such a place.
    pub const fn storage(&self) -> Option<&ColdStorage> {
        self.log.storage()
    }

    /// Why something that was spilled cannot be read back, if anything could not. The engine stands
    /// still then: its rows go on being those of [`Engine::position`], and what needs anything further
    /// is refused or not done.
    pub fn failure(&self) -> Option<&ColdError> {
        self.log.failure()
    }

    /// Takes less memory, at the price of time. Each time it is called, it does the first of these
    /// that can be done: lets the views go that were there before the last definitions; spills the
    /// older half of the log, and then of what events did to the rows of a view, if it has a storage
    /// ([`Engine::spill_to`]); lets every other checkpoint go. Whether there was anything to do.
    pub fn thin(&mut self) -> bool {
        self.previous.take().is_some()
            || self.log.spill()
            || self.spill_histories()
            || self.views.checkpoints.thin()
    }

    /// Takes less memory ([`Engine::thin`]) until what is known of it ([`Engine::memory`], and the rows of
    /// [`Engine::checkpointed`]) is no more than so many bytes, or nothing is left that it can do
    /// without. Whether anything was done.
    ///
    /// ```
    /// # let mut engine = everview_core::Engine::default();
    /// engine.thin_to(512 << 20);
    /// ```
    pub fn thin_to(&mut self, bytes: usize) -> bool {
        let mut is_thinned = false;
        while self.memory().total() + self.checkpointed().rows > bytes && self.thin() {
            is_thinned = true;
        }
        is_thinned
    }

    fn spill_histories(&mut self) -> bool {
        let Some(storage) = self.log.storage() else { return false };
        let building = self.building.iter_mut().map(|build| &mut build.views);
        let mut views = building.chain([&mut self.views]).flat_map(|views| &mut views.all);
        views.any(|view| view.table.history.spill(storage))
    }

    /// Keeps nothing from now on of what events do to the rows, and makes no checkpoints, to measure what
    /// that costs. The views are right at the head alone.
    #[cfg(feature = "measure")]
    pub fn keep_no_history(&mut self) {
        self.views.checkpoints = Checkpoints::new(u32::MAX);
        for view in &mut self.views.all {
            view.table.history.is_off = true;
        }
    }

    /// How much memory its parts take.
    pub fn memory(&self) -> Memory {
        let beside = || [&self.building, &self.previous].into_iter().flatten();
        let views = || beside().map(|build| &build.views).chain([&self.views]);
        let tables = || views().flat_map(|views| &views.all).map(|view| &view.table);
        let loaded = self.log.storage().map_or(0, ColdStorage::loaded);
        Memory {
            log: self.log.memory() + usize::try_from(loaded).unwrap_or(usize::MAX),
            duplicates: self.log.seen().memory(),
            rows: tables().map(Table::memory).sum(),
            history: tables().map(|table| table.history.memory()).sum(),
            dictionary: self.views.dictionary.memory(),
        }
    }
}
