//! The simulated cluster: who leads, what happens when the leader dies, and what that costs.

mod balancer;
mod beliefs;
mod conflicts;
mod failovers;
mod nodes;
mod past;
pub(crate) mod regions;
mod sla;
mod study;

use everview_protocol::session::{ClusterState, DigestCheck, Leadership};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::address::{Page, Section};
use crate::model::format::{duration, position, short_digest};
use crate::model::regions::{accepting, agreement, conflicts};
use crate::reactive::{When, part};
use crate::store::Store;
use balancer::{BalancerPart, Servers};
use beliefs::Beliefs;
use conflicts::Conflicts;
use failovers::Failovers;
use nodes::{NodeTable, Zones};
use past::PastBanner;
use regions::{Knowledge, RegionMap, RegionTable};
use sla::Sla;
use study::StudyPart;

/// The cluster, a part at a time: nodes, what they believe, failovers, availability.
#[component]
pub(crate) fn ClusterPage(
    /// The part.
    section: Section,
) -> impl IntoView {
    let store = expect_context::<Store>();
    view! {
        <div class="page cluster">
            <div class="page-head">
                <h1>"Cluster"</h1>
                <p class="page-summary">
                    {Signal::derive(move || summary_of(section, store.is_regional()))}
                </p>
            </div>
            <div class="tabs" role="group" aria-label="Parts of the cluster">
                {Section::ALL.into_iter().map(|known| tab(known, section, store)).collect_view()}
            </div>
            {match section {
                // These are simulated beside whatever is open.
                Section::Conflicts => view! { <Conflicts /> }.into_any(),
                Section::Study => view! { <StudyPart /> }.into_any(),
                section => view! { <OfSimulation><Parts section /></OfSimulation> }.into_any(),
            }}
        </div>
    }
}

/// What there is only of a simulated cluster, or a way to one.
#[component]
pub(crate) fn OfSimulation(
    /// What there is.
    children: ChildrenFn,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let otherwise = move || {
        view! {
            <div class="empty">
                <p>"A file has no cluster."</p>
                <button type="button" class="button" on:click=move |_| store.simulate(42)>
                    "Open the simulation"
                </button>
            </div>
        }
    };
    let children = StoredValue::new(children);
    view! {
        <When is_true=move || store.is_simulation() otherwise>
            {children.with_value(|children| children())}
        </When>
    }
}

fn summary_of(section: Section, is_regional: bool) -> &'static str {
    match section {
        Section::Conflicts if !is_regional => {
            "simulated, active-active: three regions with a log each, beside what is open"
        }
        Section::Study => "years of failures of several designs, beside what is open",
        _ if is_regional => {
            "simulated, active-active: regions with a log each, which all take writes"
        }
        Section::Balancer => {
            "simulated, active-active: servers that all decide commands for one log"
        }
        _ => "simulated: one database leads and keeps the log, the others stand by",
    }
}

fn tab(section: Section, current: Section, store: Store) -> impl IntoView {
    let word = match section {
        Section::Map => "Map",
        Section::Nodes => "Nodes",
        Section::Beliefs => "Beliefs",
        Section::Failovers => "Failovers",
        Section::Conflicts => "Conflicts",
        Section::Availability => "SLA",
        Section::Balancer => "Balancer",
        Section::Study => "Study",
    };
    let link = move || store.address.with(|address| address.on(Page::Cluster(section)).to_string());
    let is_current = (section == current).then_some("true");
    view! { <a class="tab" href=Signal::derive(link) aria-current=is_current>{word}</a> }
}

/// A part of the page, once the worker has said how the cluster is.
#[component]
fn Parts(
    /// Which one.
    section: Section,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let cluster = store.shown_cluster();
    let words = move || cluster.with(|cluster| cluster.as_ref().map(summary));
    // Of this a total is kept, and no past.
    let cluster = match section {
        Section::Availability => Memo::new(move |_| store.simulated().cluster.get()),
        _ => cluster,
    };
    let is_regional = Memo::new(move |_| {
        cluster.with(|cluster| cluster.as_ref().is_some_and(|now| now.regions.is_some()))
    });
    view! {
        <When
            is_true=move || cluster.with(Option::is_some)
            otherwise=|| view! { <p class="empty">"The cluster starts…"</p> }
        >
            <PastBanner section />
            <p role="status" class="cluster-summary">{Signal::derive(words)}</p>
            <Violation cluster />
            <When
                is_true=move || is_regional.get()
                otherwise=move || view! { <OfOneLog section cluster /> }
            >
                <OfRegions section cluster />
            </When>
        </When>
    }
}

/// A part of the page, of nodes that keep one log.
#[component]
fn OfOneLog(
    /// Which one.
    section: Section,
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    match section {
        Section::Map => {
            view! { <Servers cluster /> <Zones cluster /> <Check cluster /> }.into_any()
        }
        Section::Nodes => view! { <NodeTable cluster /> }.into_any(),
        Section::Beliefs => view! { <Beliefs cluster /> }.into_any(),
        Section::Failovers => view! { <Failovers cluster /> }.into_any(),
        Section::Balancer => view! { <BalancerPart cluster /> }.into_any(),
        _ => view! { <Sla cluster /> }.into_any(),
    }
}

/// A part of the page, of regions with a log each.
#[component]
fn OfRegions(
    /// Which one.
    section: Section,
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    match section {
        Section::Map => view! { <RegionMap cluster /> <Check cluster /> }.into_any(),
        Section::Nodes => view! { <RegionTable cluster /> }.into_any(),
        Section::Beliefs => view! { <Knowledge cluster /> }.into_any(),
        Section::Failovers => view! {
            <p class="empty">
                "Nothing fails over here: no region leads, and each goes on alone. What two of them wrote at once is under Conflicts."
            </p>
        }
        .into_any(),
        Section::Balancer => view! {
            <p class="empty">
                "These regions have no servers: each one's site takes the writes itself. The scenario “Servers share the work” on the page Chaos has some."
            </p>
        }
        .into_any(),
        _ => view! { <Sla cluster /> }.into_any(),
    }
}

/// A promise that the cluster broke.
#[component]
pub(crate) fn Violation(
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
            let cluster = cluster.as_ref()?;
            let log = match (&cluster.regions, &cluster.followed) {
                (Some(_), Some(region)) => format!("the merged log of {region}"),
                _ => "the committed log".to_owned(),
            };
            Some(compared(cluster.check.as_ref()?, &log))
        })
    };
    view! {
        <section class="card check" aria-label="Digests">
            <h2>"Views against the log"</h2>
            {part(check)}
        </section>
    }
}

fn compared(check: &DigestCheck, log: &str) -> AnyView {
    let (tone, word) =
        if check.is_equal() { (Tone::Ok, "equal ✓") } else { (Tone::Warn, "different ✗") };
    view! {
        <p>
            <span id="digest-check">
                <Badge tone=Signal::stored(tone) word=Signal::stored(word.to_owned()) />
            </span>
            {format!(" at {}: the views that this page follows are ", position(check.position))}
            <code title=check.views.clone()>{short_digest(&check.views).to_owned()}</code>
            {format!(", a fold of {log} from its start is ")}
            <code title=check.log.clone()>{short_digest(&check.log).to_owned()}</code>
            "."
        </p>
    }
    .into_any()
}

fn summary(cluster: &ClusterState) -> String {
    match (cluster.leadership(), cluster.held_ms) {
        (Leadership::Leader(leader), Some(held)) => {
            format!("{leader} leads in epoch {}, for {}.", cluster.epoch, duration(held))
        }
        (Leadership::Leader(leader), None) => {
            format!("{leader} leads in epoch {}.", cluster.epoch)
        }
        (Leadership::Nobody, _) => "Nobody leads: the nodes are finding a new leader.".to_owned(),
        (Leadership::Regions(regions), _) => {
            format!("{}: {}. {}.", accepting(regions), agreement(regions), conflicts(regions))
        }
    }
}
