//! A state, as a glyph on a colour and a word: never by colour alone.

use everview_protocol::session::RegionsState;
use leptos::prelude::*;

/// What a state means to the person who sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Healthy, committed.
    Ok,
    /// Leads, is chosen, looks at the past.
    Info,
    /// Lags, is suspected.
    Warn,
    /// Is down, has failed.
    Crit,
    /// Stands by.
    Idle,
}

impl Tone {
    /// Of regions that all are to take writes.
    pub(crate) fn of_regions(regions: &RegionsState) -> Self {
        match regions.accepting() {
            0 => Self::Crit,
            up if up == regions.regions.len() => Self::Ok,
            _ => Self::Warn,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Ok => "badge badge-ok",
            Self::Info => "badge badge-info",
            Self::Warn => "badge badge-warn",
            Self::Crit => "badge badge-crit",
            Self::Idle => "badge badge-idle",
        }
    }

    fn glyph(self) -> &'static str {
        match self {
            Self::Ok => "●",
            Self::Info => "★",
            Self::Warn => "▲",
            Self::Crit => "✕",
            Self::Idle => "○",
        }
    }
}

/// A glyph and a word.
#[component]
pub(crate) fn Badge(
    /// What it means.
    #[prop(into)]
    tone: Signal<Tone>,
    /// The glyph, where the tone's own does not say it.
    #[prop(into, optional)]
    glyph: Option<Signal<&'static str>>,
    /// The word.
    #[prop(into)]
    word: Signal<String>,
) -> impl IntoView {
    let mark = move || glyph.map_or_else(|| tone.get().glyph(), |glyph| glyph.get());
    view! {
        <span class=move || tone.get().class()>
            <span class="badge-glyph" aria-hidden="true">{Signal::derive(mark)}</span>
            <span class="badge-word">{word}</span>
        </span>
    }
}
