//! The time bar, with what is open.

use everview_protocol::session::{Reply, Request};
use leptos::prelude::*;

use super::futures::FuturePanel;
use super::markers::MarkerPanel;
use super::range::{RANGE, RangePanel};
use super::share::SharePanel;
use crate::component::time_bar::{TimeBar, TimeBarCalls};
use crate::dom::unfold_later;
use crate::model::axis::AxisKind;
use crate::model::line::Line;
use crate::model::marker::drawn;
use crate::model::track::Density;
use crate::reactive::{When, part, react};
use crate::store::{Finding, Outcome, Store, Turn};

/// Into how many stretches the line of the time bar is cut.
const STRETCHES: u32 = 250;

/// The time bar, with the density of what is open.
#[component]
pub(super) fn Time() -> impl IntoView {
    let store = expect_context::<Store>();
    let line = Memo::new(move |_| store.line());
    let whole = Memo::new(move |_| line.with(Line::whole));
    let densities = [density(store, line), density(store, whole)];
    let axis = Memo::new(move |_| store.address.with(|address| address.axis));
    let calls = TimeBarCalls {
        seek: Callback::new(move |position| {
            store.is_playing.set(false);
            store.seek(position);
        }),
        step: Callback::new(move |forward| store.step(forward)),
        follow: Callback::new(move |()| store.follow()),
        toggle_playing: Callback::new(move |()| store.toggle_playing()),
        look: Callback::new(move |look| store.look(look)),
        zoom: Callback::new(move |times| store.zoom(times)),
        follow_axis: Callback::new(move |kind| store.address.update(|address| address.axis = kind)),
        mark_range: Callback::new(move |range| {
            store.mark_range(range);
            unfold_later(RANGE);
        }),
        mark: Callback::new(move |mark| store.mark(mark)),
    };
    let marked = Memo::new(move |_| store.markers());
    let markers = Memo::new(move |_| marked.with(|marked| line.with(|line| drawn(marked, line))));
    let faults = Memo::new(move |_| {
        store.simulated().cluster.with(|cluster| {
            cluster.iter().flat_map(|cluster| cluster.chaos.faults()).cloned().collect::<Vec<_>>()
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
            densities
            axis
            range_panel=view! { <RangePanel /> }.into_any()
            calls
        >
            <Search />
            <MarkerPanel />
            <FuturePanel />
            <SharePanel />
        </TimeBar>
    }
}

/// How dense the events are on a line. While that moves, what is known of them stays where it lies.
fn density(store: Store, line: Memo<Line>) -> Signal<Density> {
    let known = RwSignal::new(Density::default());
    let history = store.history();
    // A line looks the same until what lies on it has changed by one of the stretches.
    let coarse = Memo::new(move |_| {
        let (from, to) = line.with(|line| line.shown().rounded());
        let stretch = ((to - from) / u64::from(STRETCHES)).max(1);
        let places = [0.0, 0.25, 0.5, 0.75, 1.0];
        (history.get(), stretch, line.with(|line| places.map(|at| line.position(at) / stretch)))
    });
    let turn = StoredValue::new(Turn::Free);
    let want = move || {
        let edge = |line: &Line, edge| line.position(f64::from(edge) / f64::from(STRETCHES));
        let edges: Vec<u64> =
            line.with_untracked(|line| (0..=STRETCHES).map(|at| edge(line, at)).collect());
        let request = Request::Density { edges: edges.clone() };
        let answer = move |reply| {
            if let Reply::Density(heights) = reply {
                known.try_set(Density { edges, heights });
            }
        };
        (request, answer)
    };
    react(move || {
        let _ = coarse.get();
        store.ask_in_turn(turn, want);
    });
    let is_gap = Memo::new(move |_| store.address.with(|address| address.axis == AxisKind::Gap));
    Signal::derive(move || {
        known.with(|known| if is_gap.get() { known.gaps() } else { known.clone() })
    })
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
