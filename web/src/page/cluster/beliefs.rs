//! What each node and client believes of the nodes: beside each other, so that it shows who is wrong.

use everview_protocol::session::{
    BeliefState, BelievedRole, ClusterState, ObserverCondition, ObserverState,
};
use leptos::prelude::*;

use crate::model::format::duration;
use crate::reactive::part;

/// A row for each observer, a column for each node.
#[component]
pub(crate) fn Beliefs(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let heads = move || {
        cluster.with(|cluster| {
            let nodes = cluster.iter().flat_map(|now| &now.nodes);
            nodes.map(|node| view! { <th scope="col">{node.name.clone()}</th> }).collect_view()
        })
    };
    let rows = move || {
        cluster.with(|cluster| {
            let count = cluster.as_ref().map_or(0, |now| now.nodes.len());
            let observers = cluster.iter().flat_map(|now| &now.beliefs);
            observers.map(|observer| row(observer, count)).collect_view()
        })
    };
    view! {
        <section>
            <h2>"Beliefs"</h2>
            <p class="hint">
                "Each row is one observer, each column the node it has an opinion of. They need not agree: an epoch tells whose leader is the later one."
            </p>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Beliefs">
                <table class="table" id="beliefs">
                    <thead>
                        <tr>
                            <th scope="col">"observer"</th>
                            {part(heads)}
                        </tr>
                    </thead>
                    <tbody>{part(rows)}</tbody>
                </table>
            </div>
        </section>
    }
}

fn row(observer: &ObserverState, nodes: usize) -> AnyView {
    let condition = match observer.condition {
        ObserverCondition::Running => "",
        ObserverCondition::Frozen => " (stands still)",
        ObserverCondition::Down => " (down)",
    };
    let cells = match observer.condition {
        ObserverCondition::Down => {
            view! { <td colspan=nodes.to_string()>"believes nothing: it does not run"</td> }
                .into_any()
        }
        _ => observer.beliefs.iter().map(cell).collect_view().into_any(),
    };
    view! {
        <tr>
            <th scope="row">{observer.name.clone()}{condition}</th>
            {cells}
        </tr>
    }
    .into_any()
}

fn cell(belief: &BeliefState) -> impl IntoView + use<> {
    let (glyph, word) = match belief.role {
        BelievedRole::Leader => ("★", "leader"),
        BelievedRole::Candidate => ("◐", "taking over"),
        BelievedRole::Standby => ("○", "standby"),
        BelievedRole::Suspect => ("▲", "suspected"),
        BelievedRole::Unknown => ("?", "unknown"),
    };
    let epoch = belief.epoch.map(|epoch| format!(" e{epoch}")).unwrap_or_default();
    let age = match (belief.is_self, belief.age_ms) {
        (true, _) => "itself".to_owned(),
        (false, Some(age)) => format!("heard {} ago", duration(age)),
        (false, None) => String::new(),
    };
    let phi = belief.phi_milli.map(|milli| format!(", φ {}.{}", milli / 1_000, milli / 100 % 10));
    view! {
        <td class:belief-self=belief.is_self>
            <span aria-hidden="true">{glyph}" "</span>
            {word}
            {epoch}
            <span class="belief-age">{age}{phi}</span>
        </td>
    }
}
