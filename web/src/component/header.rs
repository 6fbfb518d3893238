//! What is open, in which mode, and who leads: always in sight.

use everview_protocol::session::{ClusterState, Leadership, SessionState, Source};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::format::{duration, fork_name, grouped};
use crate::model::regions::accepting;
use crate::reactive::part;
use crate::theme::Theme;

/// The top line of the page.
#[component]
pub(crate) fn Header(
    /// What is open.
    #[prop(into)]
    session: Signal<Option<SessionState>>,
    /// The simulated cluster, while it is the source.
    #[prop(into)]
    cluster: Signal<Option<ClusterState>>,
    /// The playhead.
    #[prop(into)]
    playhead: Signal<u64>,
    /// Called when something shall be opened.
    #[prop(into)]
    on_open: Callback<()>,
    /// Called when the keys shall be shown.
    #[prop(into)]
    on_help: Callback<()>,
) -> impl IntoView {
    let source = move || session.with(|session| session.as_ref().map(source_name));
    let theme = Theme::load();
    view! {
        <header class="header">
            <span class="header-name">"Everview"</span>
            <button
                type="button"
                class="header-source button"
                title="Open a file, an address or the simulation"
                on:click=move |_| on_open.run(())
            >
                <span class="header-source-name">{Signal::derive(move || source().unwrap_or_else(|| "…".into()))}</span>
                <span class="header-source-open">"Open…"</span>
            </button>
            <Mode session cluster playhead />
            <Leader cluster />
            <span class="header-space"></span>
            <button
                type="button"
                class="icon"
                aria-label=Signal::derive(move || format!("Colours: {}", theme.name()))
                title=Signal::derive(move || format!("Colours: {}", theme.name()))
                on:click=move |_| theme.turn()
            >
                {Signal::derive(move || theme.glyph())}
            </button>
            <button
                type="button"
                class="icon header-help"
                aria-label="Keys"
                title="Keys (?)"
                on:click=move |_| on_help.run(())
            >
                "?"
            </button>
        </header>
    }
}

/// Whether the page shows now or then.
#[component]
fn Mode(
    /// What is open.
    session: Signal<Option<SessionState>>,
    /// The simulated cluster, while it is the source.
    cluster: Signal<Option<ClusterState>>,
    /// The playhead.
    playhead: Signal<u64>,
) -> impl IntoView {
    let is_open = Memo::new(move |_| session.with(Option::is_some));
    let is_live = Memo::new(move |_| {
        session.with(|session| {
            session
                .as_ref()
                .is_some_and(|session| session.is_following && session.source.is_simulated())
        })
    });
    let behind = move || {
        session
            .with(|session| session.as_ref().map_or(0, |session| session.head))
            .saturating_sub(playhead.get())
    };
    let stale = move || {
        cluster
            .with(|cluster| cluster.as_ref().and_then(|cluster| cluster.stale_ms))
            .filter(|_| is_live.get())
    };
    let fork = move || session.with(|session| session.as_ref().and_then(|open| open.fork));
    let look = Memo::new(move |_| match (is_live.get(), stale(), behind()) {
        _ if fork().is_some() => (Tone::Warn, "⋔", format!("WHAT-IF {}", fork_name(fork()))),
        (true, Some(stale), _) => (Tone::Warn, "▲", format!("STALE for {}", duration(stale))),
        (true, None, _) => (Tone::Ok, "●", "LIVE".to_owned()),
        (false, _, 0) => (Tone::Info, "◀", "REPLAY, at the end".to_owned()),
        (false, _, behind) => (Tone::Info, "◀", format!("REPLAY −{}", grouped(behind))),
    });
    let tone = Signal::derive(move || look.with(|look| look.0));
    let glyph = Signal::derive(move || look.with(|look| look.1));
    let word = Signal::derive(move || look.with(|look| look.2.clone()));
    view! {
        <span class="header-mode">
            {move || is_open.get().then(|| view! { <Badge tone glyph word /> })}
        </span>
    }
}

/// Who leads the cluster, in which epoch and for how long, or that all regions take writes.
#[component]
fn Leader(
    /// The simulated cluster, while it is the source.
    cluster: Signal<Option<ClusterState>>,
) -> impl IntoView {
    let shown = Memo::new(move |_| cluster.with(|cluster| cluster.as_ref().map(led)));
    view! {
        <span class="header-leader">
            {part(move || shown.get().map(|(tone, word)| {
                view! { <Badge tone=Signal::stored(tone) word=Signal::stored(word) /> }
            }))}
        </span>
    }
}

fn led(cluster: &ClusterState) -> (Tone, String) {
    match (cluster.leadership(), cluster.held_ms) {
        (Leadership::Leader(leader), Some(held)) => {
            let held = duration(held);
            (Tone::Info, format!("{leader} leads, epoch {}, for {held}", cluster.epoch))
        }
        (Leadership::Leader(leader), None) => {
            (Tone::Info, format!("{leader} leads, epoch {}", cluster.epoch))
        }
        (Leadership::Nobody, _) => (Tone::Crit, "no leader".to_owned()),
        (Leadership::Regions(regions), _) => (Tone::of_regions(regions), accepting(regions)),
    }
}

fn source_name(session: &SessionState) -> String {
    match &session.source {
        Source::Simulation { seed } => format!("SIM seed {seed}"),
        Source::Scenario { text } => format!("SIM {}", Source::title(text)),
        Source::File { name, .. } => format!("FILE {name}"),
    }
}
