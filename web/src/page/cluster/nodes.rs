//! The nodes, as a picture of zones and as a table.

use everview_protocol::session::{ClusterState, NodeRole, NodeState};
use leptos::prelude::*;

use super::balancer::Kill;
use crate::component::badge::{Badge, Tone};
use crate::model::format::{duration, position};
use crate::reactive::{When, part};

/// A box for each node, named by its zone. A known node never leaves.
#[component]
pub(crate) fn Zones(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let names = Memo::new(move |_| {
        cluster.with(|cluster| {
            cluster
                .iter()
                .flat_map(|now| &now.nodes)
                .map(|node| node.name.clone())
                .collect::<Vec<_>>()
        })
    });
    let boxes = move || {
        names.get().into_iter().map(|name| view! { <NodeBox name cluster /> }).collect_view()
    };
    view! { <div class="zones">{part(boxes)}</div> }
}

/// One node in its zone.
#[component]
fn NodeBox(
    /// Its name.
    name: String,
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let name = StoredValue::new(name);
    let node = Memo::new(move |_| {
        cluster.with(|cluster| {
            let nodes = cluster.iter().flat_map(|now| &now.nodes);
            nodes.into_iter().find(|node| name.with_value(|name| *name == node.name)).cloned()
        })
    });
    let of =
        move |text: fn(&NodeState) -> String| move || node.with(|node| node.as_ref().map(text));
    let role = move || node.with(|node| node.as_ref().map_or(NodeRole::Down, |node| node.role));
    let is_down = Memo::new(move |_| role() == NodeRole::Down);
    let is_followed = move || {
        cluster.with(|cluster| {
            cluster
                .as_ref()
                .is_some_and(|now| name.with_value(|name| now.followed.as_ref() == Some(name)))
        })
    };
    view! {
        <section class="zone" class:zone-down=is_down aria-label=of(|node| format!("Zone {}", node.zone))>
            <h2 class="zone-name">{of(|node| format!("zone {}", node.zone))}</h2>
            <p class="node-name">
                {name.get_value()}
                " "
                <Badge
                    tone=Signal::derive(move || tone(role()))
                    glyph=Signal::derive(move || glyph(role()))
                    word=Signal::derive(move || word(role()).to_owned())
                />
            </p>
            <dl class="facts">
                <dt>"epoch"</dt>
                <dd>{of(|node| node.epoch.to_string())}</dd>
                <dt>"log"</dt>
                <dd>{of(|node| position(node.position))}</dd>
                <dt>"last heartbeat"</dt>
                <dd>{of(heartbeat)}</dd>
            </dl>
            <p class="zone-followed">
                <When is_true=is_followed>"this page follows it"</When>
            </p>
            <Kill name is_down />
        </section>
    }
}

/// The same as a table.
#[component]
pub(crate) fn NodeTable(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let rows = move || {
        cluster.with(|cluster| cluster.iter().flat_map(|now| &now.nodes).map(row).collect_view())
    };
    view! {
        <section>
            <h2>"Nodes"</h2>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Nodes">
                <table class="table" id="nodes">
                    <thead>
                        <tr>
                            <th scope="col">"node"</th>
                            <th scope="col">"zone"</th>
                            <th scope="col">"role"</th>
                            <th scope="col" class="number">"epoch"</th>
                            <th scope="col" class="number">"log position"</th>
                            <th scope="col" class="number">"last heartbeat"</th>
                            <th scope="col" class="number">"its clock"</th>
                        </tr>
                    </thead>
                    <tbody>{part(rows)}</tbody>
                </table>
            </div>
        </section>
    }
}

fn row(node: &NodeState) -> impl IntoView + use<> {
    view! {
        <tr>
            <th scope="row">{node.name.clone()}</th>
            <td>{node.zone.clone()}</td>
            <td>
                <span aria-hidden="true">{glyph(node.role)}" "</span>
                {word(node.role)}
            </td>
            <td class="number">{node.epoch}</td>
            <td class="number">{position(node.position)}</td>
            <td class="number">{heartbeat(node)}</td>
            <td class="number">{clock(node.clock_off_ms)}</td>
        </tr>
    }
}

pub(super) fn clock(ahead_ms: i64) -> String {
    match (ahead_ms.signum(), duration(ahead_ms.unsigned_abs())) {
        (0, _) => "right".to_owned(),
        (1, by) => format!("{by} ahead"),
        (_, by) => format!("{by} behind"),
    }
}

fn heartbeat(node: &NodeState) -> String {
    node.heartbeat_age_ms.map_or_else(|| "never".to_owned(), |age| format!("{} ago", duration(age)))
}

fn tone(role: NodeRole) -> Tone {
    match role {
        NodeRole::Leader => Tone::Info,
        NodeRole::Standby => Tone::Idle,
        NodeRole::Candidate | NodeRole::Suspect | NodeRole::Fenced | NodeRole::Frozen => Tone::Warn,
        NodeRole::Down => Tone::Crit,
    }
}

fn glyph(role: NodeRole) -> &'static str {
    match role {
        NodeRole::Leader => "★",
        NodeRole::Candidate => "◐",
        NodeRole::Standby => "○",
        NodeRole::Suspect => "▲",
        NodeRole::Fenced => "⊘",
        NodeRole::Frozen => "‖",
        NodeRole::Down => "✕",
    }
}

fn word(role: NodeRole) -> &'static str {
    match role {
        NodeRole::Leader => "leader",
        NodeRole::Candidate => "taking over",
        NodeRole::Standby => "standby",
        NodeRole::Suspect => "suspected",
        NodeRole::Fenced => "fenced",
        NodeRole::Frozen => "stands still",
        NodeRole::Down => "down",
    }
}
