//! The time bar, with what is open.

use everview_protocol::session::{Reply, Request};
use leptos::prelude::*;

use super::futures::FuturePanel;
use super::markers::MarkerPanel;
use super::share::SharePanel;
use crate::component::time_bar::{TimeBar, TimeBarCalls};
use crate::model::marker::drawn;
use crate::reactive::{When, part, react};
use crate::store::{Finding, Outcome, Store};

/// Into how many stretches the line of the time bar is cut.
const DENSITY_BINS: u32 = 250;

/// The time bar, with the density of what is open.
#[component]
pub(super) fn Time() -> impl IntoView {
    let store = expect_context::<Store>();
    let density = RwSignal::new(Vec::<f32>::new());
    let version = store.version();
    // A line of a few hundred stretches looks the same until the log has grown by one of them.
    let coarse = Memo::new(move |_| {
        let (generation, head) = version.get();
        (generation, head / (head / u64::from(DENSITY_BINS)).max(1))
    });
    react(move || {
        let _ = coarse.get();
        store.ask(Request::Density { bins: DENSITY_BINS }, move |reply| {
            if let Reply::Density(bins) = reply {
                density.set(bins);
            }
        });
    });
    let calls = TimeBarCalls {
        seek: Callback::new(move |position| {
            store.is_playing.set(false);
            store.seek(position);
        }),
        step: Callback::new(move |forward| store.step(forward)),
        follow: Callback::new(move |()| store.follow()),
        toggle_playing: Callback::new(move |()| store.toggle_playing()),
        mark: Callback::new(move |mark| store.mark(mark)),
    };
    let line = Memo::new(move |_| store.line());
    let marked = Memo::new(move |_| store.markers());
    let markers = Memo::new(move |_| marked.with(|marked| line.with(|line| drawn(marked, line))));
    let faults = Memo::new(move |_| {
        store.simulated().cluster.with(|cluster| {
            cluster.as_ref().map_or_else(Vec::new, |cluster| cluster.chaos.done.clone())
        })
    });
    let terms = Memo::new(move |_| {
        store
            .simulated()
            .cluster
            .with(|cluster| cluster.as_ref().map_or_else(Vec::new, |cluster| cluster.terms.clone()))
    });
    view! {
        <TimeBar
            session=store.session
            playhead=store.playhead
            marks=Signal::derive(move || store.address.with(|address| address.marks))
            line
            markers
            faults
            terms
            is_playing=store.is_playing
            pace=store.travel().pace
            density
            calls
        >
            <Search />
            <MarkerPanel />
            <FuturePanel />
            <SharePanel />
        </TimeBar>
    }
}

/// A search through positions that is under way, or what the last one came to.
#[component]
fn Search() -> impl IntoView {
    let store = expect_context::<Store>();
    let is_finding = move || store.travel().finding.with(Option::is_some);
    let progress =
        move || store.travel().finding.with(|finding| finding.as_ref().map(Finding::words));
    let outcome = move || {
        store.travel().outcome.with(|outcome| {
            outcome.as_ref().map(|outcome| match outcome {
                Outcome::Said(words) => words.clone(),
                Outcome::Problem(reason) => format!("✕ Not understood: {reason}"),
            })
        })
    };
    let words = move || progress().or_else(outcome);
    let has_ended = move || !is_finding() && store.travel().outcome.with(Option::is_some);
    view! {
        <div class:time-bar-says=move || is_finding() || has_ended()>
            <span role="status" id="time-said">{part(words)}</span>
            <When is_true=is_finding>
                <button type="button" class="button" on:click=move |_| store.stop_finding()>
                    "Stop"
                </button>
            </When>
            <When is_true=has_ended>
                <button type="button" class="icon" aria-label="Dismiss" on:click=move |_| store.travel().outcome.set(None)>
                    "✕"
                </button>
            </When>
        </div>
    }
}
