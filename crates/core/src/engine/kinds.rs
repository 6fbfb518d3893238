//! Types of events as the views see them.

use alloc::vec::Vec;

use crate::log::Names;

/// What is known of each type of event that came, or that one was lifted to.
#[derive(Debug, Clone, Default)]
pub(super) struct Kinds {
    names: Names,
    all: Vec<Kind>,
}

/// One type of event.
#[derive(Debug, Clone, Default)]
pub(super) struct Kind {
    /// Of each view, the number of its clauses, if it reads such events.
    pub(super) clauses: Vec<Option<usize>>,
    /// Whether an upcaster may begin at it.
    pub(super) is_lifted: bool,
}

impl Kinds {
    /// The number of the kind of this name, which is looked at when it comes for the first time.
    pub(super) fn named(&mut self, name: &str, look: impl FnOnce() -> Kind) -> u32 {
        let number = self.names.add(name, 0);
        if self.all.len() <= number as usize {
            self.all.push(look());
        }
        number
    }

    /// The number of a view's clauses for events of a kind, if it reads them.
    #[inline]
    pub(super) fn clauses(&self, kind: u32, view: usize) -> Option<usize> {
        self.all.get(kind as usize)?.clauses[view]
    }

    pub(super) fn get(&self, kind: u32) -> &Kind {
        &self.all[kind as usize]
    }
}
