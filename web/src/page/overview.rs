//! What is open, who leads, what the views say: at a glance.

use everview_protocol::session::{ClusterState, FailoverState, Leadership, SessionState, Source};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::address::{Page, Section};
use crate::model::format::{counted, duration, grouped, position, short_digest};
use crate::model::regions::{accepting, agreement, conflicts};
use crate::page::settings::keeping_badge;
use crate::reactive::part;
use crate::store::Store;

/// The page people come to first.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let store = expect_context::<Store>();
    let link = move |page: Page| {
        move || store.address.with(|address| address.on(page.clone()).to_string())
    };
    let events = move || store.session.with(|session| session.as_ref().map(events_card));
    let views = move || {
        store.session.with(|session| session.as_ref().map(|session| views_card(session, store)))
    };
    let shown = store.shown_cluster();
    let cluster = move || {
        if store.is_simulation() {
            shown.with(|cluster| cluster.as_ref().map(cluster_card))
        } else {
            Some(no_cluster_card())
        }
    };
    view! {
        <div class="page overview">
            <h1>"Overview"</h1>
            <div class="cards">
                <section class="card">
                    <h2><a href=link(Page::Streams)>"Events"</a></h2>
                    {part(events)}
                </section>
                <section class="card">
                    <h2><a href=link(Page::Views)>"Views"</a></h2>
                    {part(views)}
                </section>
                <section class="card">
                    <h2><a href=link(Page::Cluster(Section::Map))>"Cluster"</a></h2>
                    {part(cluster)}
                </section>
            </div>
        </div>
    }
}

fn events_card(session: &SessionState) -> AnyView {
    let from = match &session.source {
        Source::Simulation { seed } => format!("from a simulated shop, seed {seed}"),
        Source::Scenario { text } => format!("from a simulated cluster: {}", Source::title(text)),
        Source::File { name, .. } => format!("from {name}"),
    };
    let kept = keeping_badge(&session.keeping);
    let intake = session.intake;
    let types = session.types.iter().take(6).map(|known| {
        view! {
            <tr>
                <th scope="row">{known.name.clone()}</th>
                <td class="number">{grouped(known.count)}</td>
            </tr>
        }
    });
    let others = session.types.len().saturating_sub(6);
    view! {
        <p class="big">{grouped(session.head)}<small>{format!(" events {from}")}</small></p>
        <p>
            {format!(
                "{} · {} dropped · {} refused · {}",
                counted(session.streams, "stream"),
                counted(intake.duplicates, "duplicate"),
                counted(intake.refused, "record"),
                counted(intake.gaps, "gap"),
            )}
        </p>
        {kept.map(|badge| view! { <p>{badge}</p> })}
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">"type"</th>
                    <th scope="col" class="number">"events"</th>
                </tr>
            </thead>
            <tbody>{types.collect_view()}</tbody>
        </table>
        {(0 < others).then(|| view! { <p class="hint">{format!("and {}", counted(others as u64, "other type"))}</p> })}
    }
    .into_any()
}

fn views_card(session: &SessionState, store: Store) -> AnyView {
    let rows = session.views.iter().map(|known| {
        let page = Page::View(known.name.clone());
        let href = move || store.address.with(|address| address.on(page.clone()).to_string());
        view! {
            <tr>
                <th scope="row"><a href=Signal::derive(href)>{known.name.clone()}</a></th>
                <td class="number">{grouped(known.rows)}</td>
                <td><code title=known.digest.clone()>{short_digest(&known.digest).to_owned()}</code></td>
            </tr>
        }
    });
    view! {
        <p class="big">{position(session.position)}<small>" is the position they are true at"</small></p>
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">"view"</th>
                    <th scope="col" class="number">"rows"</th>
                    <th scope="col">"digest"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn cluster_card(cluster: &ClusterState) -> AnyView {
    let check = match &cluster.check {
        Some(check) if check.is_equal() => (Tone::Ok, "views equal the log"),
        Some(_) => (Tone::Warn, "views differ from the log"),
        None => (Tone::Idle, "not compared yet"),
    };
    let epoch = || (format!("epoch {}", cluster.epoch), " of the simulated cluster");
    let (big, writes, last) = match cluster.leadership() {
        Leadership::Leader(leader) => {
            (epoch(), (Tone::Info, format!("{leader} leads")), last_failover(cluster))
        }
        Leadership::Nobody => {
            (epoch(), (Tone::Crit, "no leader".to_owned()), last_failover(cluster))
        }
        Leadership::Regions(regions) => {
            let count = counted(regions.regions.len() as u64, "region");
            let words = format!("{}; {}.", conflicts(regions), agreement(regions));
            let writes = (Tone::of_regions(regions), accepting(regions));
            ((count, " with a log each, and no leader"), writes, words)
        }
    };
    view! {
        <p class="big">{big.0}<small>{big.1}</small></p>
        <p class="row">
            <Badge tone=Signal::stored(writes.0) word=Signal::stored(writes.1) />
            <Badge tone=Signal::stored(check.0) word=Signal::stored(check.1.to_owned()) />
        </p>
        <p>{last}</p>
    }
    .into_any()
}

fn last_failover(cluster: &ClusterState) -> String {
    cluster.failovers.first().map_or_else(
        || "No failover yet: kill the leader on the page of the cluster.".to_owned(),
        failover_words,
    )
}

fn no_cluster_card() -> AnyView {
    view! { <p>"A file has no cluster. Open the simulation to see one fail over."</p> }.into_any()
}

fn failover_words(failover: &FailoverState) -> String {
    match (&failover.to, failover.epoch, failover.total_ms) {
        (Some(to), Some(epoch), Some(total)) => {
            let took = duration(total);
            format!("Last failover: {} to {to}, epoch {epoch}, in {took}.", failover.from)
        }
        _ => format!("{} is lost, a new leader is being found.", failover.from),
    }
}
