//! The simulated cluster: who leads, what happens when the leader dies, and what that costs.

mod failovers;
mod nodes;
mod sla;

use everview_protocol::session::{ClusterState, DigestCheck};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::format::{duration, position, short_digest};
use crate::reactive::{When, part};
use crate::store::Store;
use failovers::Failovers;
use nodes::{NodeTable, Zones};
use sla::Sla;

/// The nodes in their zones, the failovers, and whether the views still are those of the log.
#[component]
pub(crate) fn ClusterPage() -> impl IntoView {
    let store = expect_context::<Store>();
    view! {
        <div class="page cluster">
            <div class="page-head">
                <h1>"Cluster"</h1>
                <p class="page-summary">"simulated, active-passive: one leader takes commands, two stand by"</p>
            </div>
            <When
                is_true=move || store.is_simulation()
                otherwise=move || {
                    view! {
                        <div class="empty">
                            <p>"A file has no cluster."</p>
                            <button type="button" class="button" on:click=move |_| store.simulate(42)>
                                "Open the simulation"
                            </button>
                        </div>
                    }
                }
            >
                <Parts />
            </When>
        </div>
    }
}

/// The parts of the page, once the worker has said how the cluster is.
#[component]
fn Parts() -> impl IntoView {
    let store = expect_context::<Store>();
    let cluster = Memo::new(move |_| store.cluster.get());
    let words = move || cluster.with(|cluster| cluster.as_ref().map(summary));
    view! {
        <When
            is_true=move || cluster.with(Option::is_some)
            otherwise=|| view! { <p class="empty">"The cluster starts…"</p> }
        >
            <p role="status" class="cluster-summary">{Signal::derive(words)}</p>
            <Violation cluster />
            <Zones cluster />
            <Check cluster />
            <Failovers cluster />
            <NodeTable cluster />
            <Sla cluster />
        </When>
    }
}

/// A promise that the cluster broke.
#[component]
fn Violation(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let violation =
        move || cluster.with(|cluster| cluster.as_ref().and_then(|now| now.violation.clone()));
    part(move || {
        violation().map(|broken| {
            view! {
                <section class="banner" role="alert">
                    <Badge tone=Signal::stored(Tone::Crit) word=Signal::stored("stopped".to_owned()) />
                    {format!("The cluster broke a promise, and the simulation stands still there: {broken}.")}
                </section>
            }
        })
    })
}

/// The views that this page follows beside a fold of the leader's log.
#[component]
fn Check(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let check = move || {
        cluster.with(|cluster| {
            cluster.as_ref().and_then(|cluster| cluster.check.as_ref().map(compared))
        })
    };
    view! {
        <section class="card check" aria-label="Digests">
            <h2>"Views against the log"</h2>
            {part(check)}
        </section>
    }
}

fn compared(check: &DigestCheck) -> AnyView {
    let (tone, word) =
        if check.is_equal() { (Tone::Ok, "equal ✓") } else { (Tone::Warn, "different ✗") };
    view! {
        <p>
            <span id="digest-check">
                <Badge tone=Signal::stored(tone) word=Signal::stored(word.to_owned()) />
            </span>
            {format!(" at {}: the views that this page follows are ", position(check.position))}
            <code title=check.views.clone()>{short_digest(&check.views).to_owned()}</code>
            ", a fold of the committed log from its start is "
            <code title=check.log.clone()>{short_digest(&check.log).to_owned()}</code>
            "."
        </p>
    }
    .into_any()
}

fn summary(cluster: &ClusterState) -> String {
    match (&cluster.leader, cluster.held_ms) {
        (Some(leader), Some(held)) => {
            format!("{leader} leads in epoch {}, for {}.", cluster.epoch, duration(held))
        }
        (Some(leader), None) => format!("{leader} leads in epoch {}.", cluster.epoch),
        (None, _) => "Nobody leads: the nodes are finding a new leader.".to_owned(),
    }
}
