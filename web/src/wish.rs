//! What somebody wishes for.

use gloo::storage::{LocalStorage, Storage as _};
use leptos::prelude::*;

/// Something that is done if somebody wishes it, and on a later visit too.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    /// Where it is kept.
    key: &'static str,
    is_on: RwSignal<bool>,
}

impl Wish {
    /// As somebody left it on an earlier visit; not wished for, if nobody did.
    pub(crate) fn kept(key: &'static str) -> Self {
        Self { key, is_on: RwSignal::new(LocalStorage::get(key).unwrap_or(false)) }
    }

    pub(crate) const fn is_on(self) -> RwSignal<bool> {
        self.is_on
    }

    pub(crate) fn set(self, is_on: bool) {
        self.is_on.set(is_on);
        // A browser that keeps nothing forgets it with the page.
        drop(LocalStorage::set(self.key, is_on));
    }
}
