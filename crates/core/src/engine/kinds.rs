//! Types of events as the views see them.

use alloc::vec::Vec;

use crate::log::Names;

/// What is known of each type of event that came, or that one was lifted to.
#[derive(Debug, Clone, Default)]
pub(super) struct Kinds {
    names: Names,
    all: Vec<Kind>,
    /// Of each type, by the log's number, its kind.
    of_types: Vec<Option<u32>>,
}

/// One type of event.
#[derive(Debug, Clone, Default)]
pub(super) struct Kind {
    /// The views that read it, each with the number of its clauses.
    pub(super) readers: Vec<(usize, usize)>,
    /// Whether an upcaster may begin at it.
    pub(super) is_lifted: bool,
}

impl Kinds {
    /// The kind of a type that came before, by the log's number.
    pub(super) fn of_type(&self, code: u32) -> Option<u32> {
        self.of_types.get(code as usize).copied().flatten()
    }

    /// Notes which kind the log's number stands for.
    pub(super) fn note_type(&mut self, code: u32, kind: u32) {
        let code = code as usize;
        if self.of_types.len() <= code {
            self.of_types.resize(code + 1, None);
        }
        self.of_types[code] = Some(kind);
    }

    /// The kind of a name, which is looked at when it comes for the first time.
    pub(super) fn named(&mut self, name: &str, look: impl FnOnce() -> Kind) -> u32 {
        let number = self.names.add(name, 0);
        if self.all.len() <= number as usize {
            self.all.push(look());
        }
        number
    }

    pub(super) fn get(&self, kind: u32) -> &Kind {
        &self.all[kind as usize]
    }
}
