//! What goes wrong in the simulated cluster on purpose, and what comes of it.

mod done;
mod inject;
mod scenarios;

use everview_protocol::session::{ClusterState, Leadership};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::fault::FaultDraft;
use crate::model::format::duration;
use crate::model::regions::{accepting, agreement, conflicts};
use crate::model::scenario::SCENARIOS;
use crate::page::cluster::{OfSimulation, Violation};
use crate::reactive::{When, part};
use crate::store::Store;
use done::Done;
use inject::Inject;
use scenarios::Scenarios;

/// What somebody was about to do, which is there again when they come back to the page.
#[derive(Clone, Copy)]
pub(crate) struct Lab {
    /// The scenario as it stands in its editor.
    scenario: RwSignal<String>,
    /// The fault that is being put together.
    fault: RwSignal<FaultDraft>,
}

impl Default for Lab {
    fn default() -> Self {
        let scenario = RwSignal::new(SCENARIOS[0].to_owned());
        Self { scenario, fault: RwSignal::new(FaultDraft::default()) }
    }
}

/// Scenarios to play, faults to inject, and what was done so far.
#[component]
pub(crate) fn ChaosPage() -> impl IntoView {
    let store = expect_context::<Store>();
    let cluster = Memo::new(move |_| store.simulated().cluster.get());
    view! {
        <div class="page chaos">
            <div class="page-head">
                <h1>"Chaos"</h1>
                <p class="page-summary">
                    "Let things go wrong in the simulated cluster, and see what its clients notice."
                </p>
            </div>
            <OfSimulation>
                <Violation cluster />
                <Effect cluster />
                <Inject cluster />
                <Done cluster />
            </OfSimulation>
            <Scenarios />
        </div>
    }
}

/// How the cluster bears it.
#[component]
fn Effect(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let shown = move || cluster.with(|cluster| cluster.as_ref().map(effect));
    view! {
        <section class="card" aria-label="Effect">
            <h2>"Effect"</h2>
            {part(shown)}
            <When is_true=move || !store.is_following()>
                <p class="hint">
                    "You are looking at the past. The cluster goes on at the head, and faults happen there."
                </p>
            </When>
        </section>
    }
}

fn effect(cluster: &ClusterState) -> AnyView {
    let (led, who) = match cluster.leadership() {
        Leadership::Leader(leader) => {
            (Tone::Info, format!("{leader} leads in epoch {}", cluster.epoch))
        }
        Leadership::Nobody => (Tone::Crit, "nobody leads".to_owned()),
        Leadership::Regions(regions) => (Tone::of_regions(regions), accepting(regions)),
    };
    let agreed = cluster.regions.as_ref().map(|regions| {
        let tone = if regions.is_agreed { Tone::Ok } else { Tone::Warn };
        let words = agreement(regions).to_owned();
        view! {
            <Badge tone=Signal::stored(tone) word=Signal::stored(words) />
            <Badge tone=Signal::stored(Tone::Idle) word=Signal::stored(conflicts(regions)) />
        }
    });
    let (served, service) = match cluster.stale_ms {
        None => (Tone::Ok, "this page is served".to_owned()),
        Some(stale) => (Tone::Warn, format!("this page is not served, for {}", duration(stale))),
    };
    let (kept, promises) = match &cluster.violation {
        None => (Tone::Ok, "every promise is kept"),
        Some(_) => (Tone::Crit, "a promise is broken"),
    };
    let sla = &cluster.sla;
    view! {
        <p class="row">
            <Badge tone=Signal::stored(led) word=Signal::stored(who) />
            {agreed}
            <Badge tone=Signal::stored(served) word=Signal::stored(service) />
            <Badge tone=Signal::stored(kept) word=Signal::stored(promises.to_owned()) />
        </p>
        <p>
            {format!(
                "{} without service of {} simulated. Available: {}; the objective is {}.",
                duration(sla.down_ms),
                duration(sla.measured_ms),
                sla.availability.as_deref().unwrap_or("not measured yet"),
                sla.objective,
            )}
        </p>
    }
    .into_any()
}
