//! The failovers, taken apart.

use everview_protocol::session::{ClusterState, FailoverState, Phase};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::format::{duration, percent};
use crate::reactive::{When, part};
use crate::store::Store;

/// Every change of leader, the latest first, with how long each part of it took.
#[component]
pub(crate) fn Failovers(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let failovers = Memo::new(move |_| {
        cluster.with(|cluster| cluster.as_ref().map_or_else(Vec::new, |now| now.failovers.clone()))
    });
    let rows = move || failovers.get().iter().map(|one| row(one, store)).collect_view();
    view! {
        <section>
            <h2>"Failovers"</h2>
            <When
                is_true=move || failovers.with(|failovers| !failovers.is_empty())
                otherwise=|| view! { <p class="empty">"None yet. Kill the leader and watch."</p> }
            >
                <div class="table-scroll" tabindex="0" role="region" aria-label="Failovers">
                    <table class="table" id="failovers">
                        <thead>
                            <tr>
                                <th scope="col">"leader"</th>
                                <th scope="col" class="number">"epoch"</th>
                                <th scope="col" class="number">"took"</th>
                                <th scope="col">"parts"</th>
                                <th scope="col" class="number">"at (simulated)"</th>
                            </tr>
                        </thead>
                        <tbody>{part(rows)}</tbody>
                    </table>
                </div>
            </When>
        </section>
    }
}

fn row(failover: &FailoverState, store: Store) -> impl IntoView + use<> {
    let (position, at_ms) = (failover.position, failover.at_ms);
    let change = match &failover.to {
        Some(to) => format!("{} → {to}", failover.from),
        None => format!("{} → ?", failover.from),
    };
    let took = match failover.total_ms {
        Some(total) => view! { {duration(total)} }.into_any(),
        None => {
            view! { <Badge tone=Signal::stored(Tone::Warn) word=Signal::stored("under way".to_owned()) /> }
                .into_any()
        }
    };
    view! {
        <tr>
            <th scope="row">{change}</th>
            <td class="number">{failover.epoch.map_or_else(|| "?".to_owned(), |epoch| epoch.to_string())}</td>
            <td class="number">{took}</td>
            <td>{phases(&failover.phases)}</td>
            <td class="number">
                <button
                    type="button"
                    class="link"
                    title="Look at the cluster as it was then"
                    on:click=move |_| store.jump_to_moment(position, at_ms)
                >
                    {duration(at_ms)}
                </button>
            </td>
        </tr>
    }
}

/// The parts as a bar, and as words in it and below it.
fn phases(phases: &[Phase]) -> impl IntoView + use<> {
    let total = phases.iter().map(|phase| phase.ms).sum::<u64>();
    let bars = phases
        .iter()
        .map(|phase| {
            let width = format!("{}%", percent(phase.ms, total));
            view! { <span class="phase" style:width=width></span> }
        })
        .collect_view();
    let words = phases
        .iter()
        .map(|phase| format!("{} {}", phase.name, duration(phase.ms)))
        .collect::<Vec<_>>()
        .join(" · ");
    view! {
        <div class="phases" aria-hidden="true">{bars}</div>
        <span>{words}</span>
    }
}
