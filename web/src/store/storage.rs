//! What is kept, and what memory may be taken.

use everview_protocol::session::{MemoryState, Reply, Request};
use gloo::storage::{LocalStorage, Storage as _};
use leptos::prelude::*;

use super::Store;

/// Where the budget is kept that somebody set.
const BUDGET: &str = "everview-budget";

impl Store {
    /// Lets the engine take no more memory than somebody said on an earlier visit.
    pub(super) fn restore_budget(self) {
        if let Ok(bytes) = LocalStorage::get::<u64>(BUDGET) {
            self.send(Request::Budget { bytes });
        }
    }

    /// Lets the engine take no more memory than this, from now on.
    pub(crate) fn set_budget(self, bytes: u64, memory: RwSignal<Option<MemoryState>>) {
        // A browser that keeps nothing forgets it with the page.
        drop(LocalStorage::set(BUDGET, bytes));
        self.ask(Request::Budget { bytes }, move |reply| {
            if let Reply::Memory(state) = reply {
                memory.set(Some(state));
            }
        });
    }
}
