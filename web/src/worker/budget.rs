//! What the engine may take of the computer's memory.

use everview_core::{Checkpointed, ColdError, ColdStorage, Engine, Memory};
use everview_protocol::session::MemoryState;

/// The budget until somebody sets another.
const FIRST_BUDGET: u64 = 512_000_000;

/// How many times something is done before the engine is measured again.
const BETWEEN: u32 = 64;

/// A budget, and what was given up for it.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: u64,
    is_thinned: bool,
    waited: u32,
    /// Where engines spill to that take more than they may.
    storage: Option<ColdStorage>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: FIRST_BUDGET, is_thinned: false, waited: 0, storage: None }
    }
}

impl Budget {
    /// Sets it.
    pub(super) fn set(&mut self, bytes: u64) {
        self.bytes = bytes;
    }

    /// Has a place to spill to from now on.
    pub(super) fn spill_to(&mut self, storage: ColdStorage) {
        self.storage = Some(storage);
    }

    /// Why something cannot be read back that was spilled, if so.
    pub(super) fn failure(&self) -> Option<&ColdError> {
        self.storage.as_ref()?.failure()
    }

    /// Begins anew with another engine.
    pub(super) fn begin(&mut self) {
        self.is_thinned = false;
    }

    /// Lets an engine that takes more than it may give up what it can do without. Returns whether it
    /// had to.
    pub(super) fn keep(&mut self, engine: &mut Engine) -> bool {
        if self.bytes < self.state(engine).total()
            && let Some(storage) = self.storage.as_ref().filter(|it| it.failure().is_none())
        {
            engine.spill_to(storage);
        }
        let had_to = engine.thin_to(usize::try_from(self.bytes).unwrap_or(usize::MAX));
        self.is_thinned |= had_to;
        had_to
    }

    /// The same, but not every time: measuring takes some time too.
    pub(super) fn keep_now_and_then(&mut self, engine: &mut Engine) -> bool {
        self.waited += 1;
        self.waited.is_multiple_of(BETWEEN) && self.keep(engine)
    }

    /// What an engine takes.
    pub(super) fn state(&self, engine: &Engine) -> MemoryState {
        let Memory { log, duplicates, rows, history, dictionary } = engine.memory();
        let checkpoints: Checkpointed = engine.checkpointed();
        MemoryState {
            log: log as u64,
            duplicates: duplicates as u64,
            rows: rows as u64,
            history: history as u64,
            dictionary: dictionary as u64,
            checkpoints: checkpoints.rows as u64,
            checkpoint_count: checkpoints.count as u64,
            budget: self.bytes,
            is_thinned: self.is_thinned,
            spilled: self.storage.as_ref().map(ColdStorage::bytes),
            is_disk_full: self.storage.as_ref().is_some_and(|storage| storage.full().is_some()),
            taken: everview_heap::taken(),
        }
    }
}
