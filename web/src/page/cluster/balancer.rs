//! The servers as the balancer sees them.

use everview_protocol::session::{
    BalancerState, ClusterState, ObserverCondition, Request, ServerState, Standing,
};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::format::{counted, duration, position};
use crate::reactive::{When, part};
use crate::store::Store;

/// A box for each server, named by its zone; nothing where there are none.
#[component]
pub(crate) fn Servers(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let names = names(cluster);
    let boxes = move || {
        names.get().into_iter().map(|name| view! { <ServerBox name cluster /> }).collect_view()
    };
    view! {
        <When is_true=move || names.with(|names| !names.is_empty())>
            <h2>"Servers"</h2>
            <div class="zones">{part(boxes)}</div>
            <h2>"Databases"</h2>
        </When>
    }
}

fn names(cluster: Memo<Option<ClusterState>>) -> Memo<Vec<String>> {
    Memo::new(move |_| {
        cluster.with(|cluster| {
            let servers = cluster.iter().flat_map(ClusterState::servers);
            servers.map(|server| server.name.clone()).collect()
        })
    })
}

fn server_of(
    cluster: Memo<Option<ClusterState>>,
    name: StoredValue<String>,
) -> Memo<Option<ServerState>> {
    Memo::new(move |_| {
        cluster.with(|cluster| {
            let is_it = |server: &&ServerState| name.with_value(|name| *name == server.name);
            cluster.as_ref()?.servers().find(is_it).cloned()
        })
    })
}

/// One server in its zone.
#[component]
fn ServerBox(
    /// Its name.
    name: String,
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let name = StoredValue::new(name);
    let server = server_of(cluster, name);
    let of = move |text: fn(&ServerState) -> String| {
        move || server.with(|server| server.as_ref().map(text))
    };
    let is_down = Memo::new(move |_| {
        server.with(|one| one.as_ref().is_none_or(|one| one.condition == ObserverCondition::Down))
    });
    view! {
        <section class="zone" class:zone-down=is_down aria-label=of(|one| format!("Zone {}, server {}", one.zone, one.name))>
            <h2 class="zone-name">{of(|one| format!("zone {}", one.zone))}</h2>
            <p class="node-name">
                {name.get_value()}
                " "
                <ConditionBadge server />
            </p>
            <dl class="facts">
                <dt>"balancer"</dt>
                <dd>{of(standing)}</dd>
                <dt>"copy of the log"</dt>
                <dd>{of(|one| position(one.position))}</dd>
                <dt>"follows"</dt>
                <dd>{of(|one| one.follows.clone().unwrap_or_else(|| "nobody".to_owned()))}</dd>
            </dl>
            <Kill name is_down />
        </section>
    }
}

/// Whether a server's machine runs.
#[component]
fn ConditionBadge(
    /// The server.
    server: Memo<Option<ServerState>>,
) -> impl IntoView {
    let shown = move || {
        let condition = server.with(|server| server.as_ref().map(|one| one.condition));
        match condition {
            Some(ObserverCondition::Running) => (Tone::Ok, "●", "runs"),
            Some(ObserverCondition::Frozen) => (Tone::Warn, "‖", "stands still"),
            Some(ObserverCondition::Down) | None => (Tone::Crit, "✕", "down"),
        }
    };
    view! {
        <Badge
            tone=Signal::derive(move || shown().0)
            glyph=Signal::derive(move || shown().1)
            word=Signal::derive(move || shown().2.to_owned())
        />
    }
}

/// Kills a node or a server, or brings it back.
#[component]
pub(super) fn Kill(
    /// Its name.
    name: StoredValue<String>,
    /// Whether it is down.
    is_down: Memo<bool>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let press = move |_| {
        let verb = if is_down.get_untracked() { "restart" } else { "kill" };
        store.send(Request::Inject { text: format!("{verb} {}", name.get_value()) });
    };
    let words = move || {
        let verb = if is_down.get() { "Bring back" } else { "Kill" };
        format!("{verb} {}", name.get_value())
    };
    view! {
        <button
            type="button"
            class="button"
            class:button-danger=move || !is_down.get()
            disabled=move || store.is_past()
            title=move || store.is_past().then_some("What was is as it was: go to the head first")
            on:click=press
        >
            {Signal::derive(words)}
        </button>
    }
}

/// How commands are spread, and how each server does.
#[component]
pub(crate) fn BalancerPart(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let names = names(cluster);
    let rows =
        move || names.get().into_iter().map(|name| view! { <Row name cluster /> }).collect_view();
    let words = move || {
        cluster.with(|cluster| cluster.as_ref().and_then(|now| now.balancer.as_ref()).map(spread))
    };
    let nothing = || {
        view! {
            <p class="empty">
                "This cluster has no servers: commands go straight to the leader. The scenario “Servers share the work” on the page Chaos has some."
            </p>
        }
    };
    view! {
        <section aria-label="Balancer">
            <h2>"Balancer"</h2>
            <When is_true=move || names.with(|names| !names.is_empty()) otherwise=nothing>
                <p id="balancer">{Signal::derive(words)}</p>
                <div class="table-scroll" tabindex="0" role="region" aria-label="Servers">
                    <table class="table" id="servers">
                        <thead>
                            <tr>
                                <th scope="col">"server"</th>
                                <th scope="col">"zone"</th>
                                <th scope="col">"machine"</th>
                                <th scope="col">"standing"</th>
                                <th scope="col" class="number">"weight"</th>
                                <th scope="col" class="number">"in flight"</th>
                                <th scope="col" class="number">"commands, share"</th>
                                <th scope="col" class="number">"failed"</th>
                                <th scope="col">"maintenance"</th>
                            </tr>
                        </thead>
                        <tbody>{part(rows)}</tbody>
                    </table>
                </div>
            </When>
        </section>
    }
}

/// A server in the table.
#[component]
fn Row(
    /// Its name.
    name: String,
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let name = StoredValue::new(name);
    let server = server_of(cluster, name);
    let of = move |text: fn(&ServerState) -> String| {
        Signal::derive(move || server.with(|server| server.as_ref().map(text)))
    };
    let is_drained = Memo::new(move |_| {
        server.with(|one| {
            let standing = one.as_ref().map(|one| one.standing);
            matches!(standing, Some(Standing::Draining | Standing::Drained))
        })
    });
    let verb = move || if is_drained.get() { "undrain" } else { "drain" };
    let press = move |_| {
        store.send(Request::Inject { text: format!("{} {}", verb(), name.get_value()) });
    };
    let words = move || {
        let verb = if is_drained.get() { "Undrain" } else { "Drain" };
        format!("{verb} {}", name.get_value())
    };
    let weigh = move |event: web_sys::Event| {
        let weight = event_target_value(&event);
        store.send(Request::Inject { text: format!("weigh {} by {weight}", name.get_value()) });
    };
    // Remembered, so that a slider that somebody moves is left alone.
    let weight =
        Memo::new(move |_| server.with(|one| one.as_ref().map_or(1, |one| one.weight)).to_string());
    view! {
        <tr>
            <th scope="row">{name.get_value()}</th>
            <td>{of(|one| one.zone.clone())}</td>
            <td><ConditionBadge server /></td>
            <td>{of(standing)}</td>
            <td class="number weight">
                <input
                    type="range"
                    min="0"
                    max="10"
                    aria-label=format!("Weight of {}", name.get_value())
                    disabled=move || store.is_past()
                    prop:value=weight
                    on:change=weigh
                />
                " "
                {weight}
            </td>
            <td class="number">{of(|one| format!("{} of {}", one.in_flight, one.capacity))}</td>
            <td class="number">{of(|one| format!("{}, {} %", one.picked, one.share_percent))}</td>
            <td class="number">{of(|one| one.failed.to_string())}</td>
            <td>
                <button type="button" class="button" disabled=move || store.is_past() on:click=press>{Signal::derive(words)}</button>
            </td>
        </tr>
    }
}

fn spread(balancer: &BalancerState) -> String {
    let refused = match balancer.shed {
        0 => "None was refused".to_owned(),
        shed => format!("{} refused, to be sent again", counted(shed, "time")),
    };
    format!(
        "Sends each command {}. {refused} because the servers that serve had too much to do.",
        match balancer.strategy.as_str() {
            "round-robin" => "to the next server in turn",
            "weighted" => "to the next server in turn, the more often the more it weighs",
            "least-loaded" => "to the server with the least to do for its weight",
            _ => "to the server where others about the same stream go",
        },
    )
}

/// How a server is to the balancer, with a sign.
fn standing(server: &ServerState) -> String {
    match server.standing {
        Standing::Serving => "● serves".to_owned(),
        Standing::WarmingUp { percent } => format!("◔ warms up, {percent} %"),
        Standing::Ejected { left_ms } => {
            format!("⊘ left out for its answers, {} more", duration(left_ms))
        }
        Standing::Unwell => "✕ health checks fail".to_owned(),
        Standing::Draining => format!("▼ drains, {} to end", server.in_flight),
        Standing::Drained => "○ drained: it can be stopped".to_owned(),
    }
}
