//! Light, dark, or as the system has it.

use gloo::storage::{LocalStorage, Storage as _};
use leptos::prelude::*;

const KEY: &str = "everview-theme";

/// The colours that somebody chose; the system's choice until then.
#[derive(Clone, Copy)]
pub(crate) struct Theme {
    chosen: RwSignal<Option<bool>>,
}

impl Theme {
    /// The choice of the last visit, kept in the document from now on.
    pub(crate) fn load() -> Self {
        let theme = Self { chosen: RwSignal::new(LocalStorage::get::<bool>(KEY).ok()) };
        Effect::new(move |_| theme.apply());
        theme
    }

    /// The next of system, dark, light.
    pub(crate) fn turn(self) {
        self.chosen.update(|chosen| {
            *chosen = match chosen {
                None => Some(true),
                Some(true) => Some(false),
                Some(false) => None,
            };
        });
    }

    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self.chosen.get() {
            None => "as the system",
            Some(true) => "dark",
            Some(false) => "light",
        }
    }

    /// What stands for it.
    pub(crate) fn glyph(self) -> &'static str {
        match self.chosen.get() {
            None => "◐",
            Some(true) => "●",
            Some(false) => "○",
        }
    }

    fn apply(self) {
        let Some(root) = document().document_element() else { return };
        let chosen = self.chosen.get();
        let done = match chosen {
            None => root.remove_attribute("data-theme"),
            Some(is_dark) => {
                root.set_attribute("data-theme", if is_dark { "dark" } else { "light" })
            }
        };
        debug_assert!(done.is_ok(), "the attribute's name is valid");
        // A browser that keeps nothing asks again next time.
        match chosen {
            None => LocalStorage::delete(KEY),
            Some(is_dark) => drop(LocalStorage::set(KEY, is_dark)),
        }
    }
}
