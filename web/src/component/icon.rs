//! The signs on the buttons of the time bar: drawn, since few fonts have all of them.

use leptos::prelude::*;

/// A sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    /// To the start.
    First,
    /// One back.
    Back,
    /// Begin to play.
    Play,
    /// Stand still.
    Pause,
    /// One on.
    Forward,
    /// To the end.
    Last,
}

impl Icon {
    /// The sign in the colour of the text around it.
    pub(crate) fn draw(self) -> impl IntoView {
        view! {
            <svg class="icon-sign" viewBox="0 0 16 16" aria-hidden="true">
                <path d=self.path() />
            </svg>
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::First => "M2 2h2v12H2zM14 2v12L5 8z",
            Self::Back => "M11 3v10L4 8zM12 3h1.6v10H12z",
            Self::Play => "M4 2l10 6-10 6z",
            Self::Pause => "M3 2h4v12H3zM9 2h4v12H9z",
            Self::Forward => "M5 3v10l7-5zM2.4 3H4v10H2.4z",
            Self::Last => "M12 2h2v12h-2zM2 2v12l9-6z",
        }
    }
}
