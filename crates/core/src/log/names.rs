//! Names that recur, kept once and counted.

use alloc::sync::Arc;
use alloc::vec::Vec;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// A table of names, numbered from 0 in the order they first appeared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    codes: HashMap<Arc<str>, u32, FixedState>,
    all: Vec<(Arc<str>, u64)>,
    /// The code that was added last: names often come in runs.
    last: u32,
}

impl Names {
    pub(crate) fn add(&mut self, name: &str, count: u64) -> u32 {
        let code = if let Some(code) = self.code(name) {
            code
        } else {
            let code = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
            let name: Arc<str> = name.into();
            self.codes.insert(Arc::clone(&name), code);
            self.all.push((name, 0));
            code
        };
        self.all[code as usize].1 += count;
        self.last = code;
        code
    }

    pub(crate) fn remove_one(&mut self, code: u32) {
        self.all[code as usize].1 -= 1;
    }

    pub(crate) fn code(&self, name: &str) -> Option<u32> {
        match self.all.get(self.last as usize) {
            Some((last, _)) if **last == *name => Some(self.last),
            _ => self.codes.get(name).copied(),
        }
    }

    pub(crate) fn name(&self, code: u32) -> &str {
        &self.all[code as usize].0
    }

    pub(crate) fn count(&self, code: u32) -> u64 {
        self.all[code as usize].1
    }

    /// Each name with its count, in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.all.iter().map(|(name, count)| (&**name, *count))
    }
}
