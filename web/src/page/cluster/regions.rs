//! Regions with a log each: how they are, what gets from one to the other, and what each one knows.

use everview_protocol::session::{
    ClusterState, LinkState, ObserverCondition, RegionState, RegionsState,
};
use leptos::prelude::*;

use super::balancer::Kill;
use super::nodes::clock;
use crate::component::badge::{Badge, Tone};
use crate::model::format::{counted, duration, grouped, short_digest};
use crate::reactive::{When, part};

/// The regions of a cluster in which each has a log.
pub(crate) fn regions_of(cluster: Memo<Option<ClusterState>>) -> Memo<Option<RegionsState>> {
    Memo::new(move |_| cluster.with(|cluster| cluster.as_ref().and_then(|now| now.regions.clone())))
}

/// The names of their sites, in order.
pub(crate) fn names_of(regions: Memo<Option<RegionsState>>) -> Memo<Vec<String>> {
    Memo::new(move |_| {
        regions.with(|regions| {
            let all = regions.iter().flat_map(|now| &now.regions);
            all.map(|one| one.name.clone()).collect()
        })
    })
}

/// A box for each region.
#[component]
pub(crate) fn RegionBoxes(
    /// The regions.
    regions: Memo<Option<RegionsState>>,
    /// The one that this page reads, if it reads one.
    #[prop(into)]
    followed: Signal<Option<String>>,
    /// Whether they are the source, so that they can be killed here.
    #[prop(into)]
    is_source: Signal<bool>,
) -> impl IntoView {
    let names = names_of(regions);
    let boxes = move || {
        let all = names.get().into_iter();
        all.map(|name| view! { <RegionBox name regions followed is_source /> }).collect_view()
    };
    view! { <div class="zones">{part(boxes)}</div> }
}

/// One region.
#[component]
fn RegionBox(
    /// The name of its site.
    name: String,
    /// The regions.
    regions: Memo<Option<RegionsState>>,
    /// The one that this page reads.
    followed: Signal<Option<String>>,
    /// Whether they are the source.
    is_source: Signal<bool>,
) -> impl IntoView {
    let name = StoredValue::new(name);
    let region = Memo::new(move |_| {
        regions.with(|regions| {
            let mut all = regions.iter().flat_map(|now| &now.regions);
            all.find(|one| name.with_value(|name| *name == one.name)).cloned()
        })
    });
    let of = move |text: fn(&RegionState) -> String| {
        move || region.with(|region| region.as_ref().map(text))
    };
    let shown = move || condition(region.with(|one| one.as_ref().map(|one| one.condition)));
    let is_down = Memo::new(move |_| {
        region.with(|one| one.as_ref().is_none_or(|one| one.condition == ObserverCondition::Down))
    });
    let is_followed =
        move || followed.with(|followed| name.with_value(|name| followed.as_ref() == Some(name)));
    view! {
        <section class="zone" class:zone-down=is_down aria-label=of(|one| format!("Region {}", one.region))>
            <h2 class="zone-name">{of(|one| format!("region {}", one.region))}</h2>
            <p class="node-name">
                {name.get_value()}
                " "
                <Badge
                    tone=Signal::derive(move || shown().0)
                    glyph=Signal::derive(move || shown().1)
                    word=Signal::derive(move || shown().2.to_owned())
                />
            </p>
            <dl class="facts">
                <dt>"changes"</dt>
                <dd>{of(|one| grouped(one.changes))}</dd>
                <dt>"wait for a cause"</dt>
                <dd>{of(|one| grouped(one.held_back))}</dd>
                <dt>"views there"</dt>
                <dd><code title=of(|one| one.digest.clone())>{of(digest)}</code></dd>
            </dl>
            <When is_true=move || is_source.get()>
                <p class="zone-followed">
                    <When is_true=is_followed>"this page reads its log"</When>
                </p>
                <Kill name is_down />
            </When>
        </section>
    }
}

/// What runs shows something.
fn digest(region: &RegionState) -> String {
    match region.condition {
        ObserverCondition::Down => "–".to_owned(),
        _ => short_digest(&region.digest).to_owned(),
    }
}

fn condition(condition: Option<ObserverCondition>) -> (Tone, &'static str, &'static str) {
    match condition {
        Some(ObserverCondition::Running) => (Tone::Ok, "●", "takes writes"),
        Some(ObserverCondition::Frozen) => (Tone::Warn, "‖", "stands still"),
        Some(ObserverCondition::Down) | None => (Tone::Crit, "✕", "down"),
    }
}

/// Whether all know the same, and how the links are.
#[component]
pub(super) fn RegionMap(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let regions = regions_of(cluster);
    let followed =
        move || cluster.with(|cluster| cluster.as_ref().and_then(|now| now.followed.clone()));
    view! {
        <RegionBoxes regions followed=Signal::derive(followed) is_source=true />
        <Matrix
            regions
            id="links"
            title="Links"
            hint="Each row is where a link begins, each column where it leads. Changes that are missing there are sent again until they arrive."
            corner="from / to"
            cell=link_cell
        />
    }
}

/// What each region knows of the others' changes.
#[component]
pub(super) fn Knowledge(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    view! {
        <Matrix
            regions=regions_of(cluster)
            id="knowledge"
            title="Version vectors"
            hint="Each row is one region, each column the region whose changes it has taken in, up to that number. Changes that did not know of each other and touched the same are conflicts."
            corner="region / knows of"
            cell=known_cell
        />
    }
}

/// A table of what each region has to do with each.
#[component]
fn Matrix(
    /// The regions.
    regions: Memo<Option<RegionsState>>,
    /// Its id.
    id: &'static str,
    /// What it is.
    title: &'static str,
    /// How to read it.
    hint: &'static str,
    /// What rows and columns are.
    corner: &'static str,
    /// What stands in a cell: of all regions, the row's and the column's.
    cell: fn(&RegionState, &RegionState) -> AnyView,
) -> impl IntoView {
    let names = names_of(regions);
    let heads = move || {
        names.get().into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view()
    };
    let row = move |from: &RegionState, all: &[RegionState]| {
        let cells = all.iter().map(|to| cell(from, to)).collect_view();
        view! { <tr><th scope="row">{from.name.clone()}</th>{cells}</tr> }
    };
    let rows = move || {
        regions.with(|regions| {
            let all = regions.as_ref().map_or(&[][..], |now| &now.regions);
            all.iter().map(|from| row(from, all)).collect_view()
        })
    };
    view! {
        <section aria-label=title>
            <h2>{title}</h2>
            <p class="hint">{hint}</p>
            <div class="table-scroll" tabindex="0" role="region" aria-label=format!("{title} as a table")>
                <table class="table" id=id>
                    <thead>
                        <tr><th scope="col">{corner}</th>{part(heads)}</tr>
                    </thead>
                    <tbody>{part(rows)}</tbody>
                </table>
            </div>
        </section>
    }
}

fn link_cell(from: &RegionState, to: &RegionState) -> AnyView {
    let Some(link) = from.links.iter().find(|link| link.to == to.name) else {
        return view! { <td class="belief-self">"itself"</td> }.into_any();
    };
    let is_down = |one: &&RegionState| one.condition == ObserverCondition::Down;
    let (glyph, word) = match [from, to].into_iter().find(is_down) {
        Some(down) => ("✕", format!("{} is down", down.name)),
        None => link_words(link),
    };
    let lacking = match link.lacking {
        0 => "nothing is missing there".to_owned(),
        missing => format!("{} missing there", counted(missing, "change")),
    };
    view! {
        <td>
            <span aria-hidden="true">{glyph}" "</span>
            {word}
            <span class="belief-age">{lacking}</span>
        </td>
    }
    .into_any()
}

fn link_words(link: &LinkState) -> (&'static str, String) {
    match (link.is_cut, link.lost_percent) {
        (true, _) => ("✕", "cut".to_owned()),
        (false, 0) => ("●", format!("open, {}", duration(link.delay_ms))),
        (false, lost) => ("▲", format!("loses {lost} %, {}", duration(link.delay_ms))),
    }
}

fn known_cell(region: &RegionState, of: &RegionState) -> AnyView {
    let is_self = region.name == of.name;
    let place = usize::from(of.region).saturating_sub(1);
    let known = |one: &RegionState| one.knows.get(place).copied().unwrap_or(0);
    let behind = known(of).saturating_sub(known(region));
    let word = match (is_self, behind) {
        (true, _) => "its own".to_owned(),
        (false, 0) => "all there are".to_owned(),
        (false, behind) => format!("{} behind", grouped(behind)),
    };
    view! {
        <td class:belief-self=is_self>
            {grouped(known(region))}
            <span class="belief-age">{word}</span>
        </td>
    }
    .into_any()
}

/// The regions as a table.
#[component]
pub(super) fn RegionTable(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let regions = regions_of(cluster);
    let rows = move || {
        regions.with(|regions| regions.iter().flat_map(|now| &now.regions).map(row).collect_view())
    };
    view! {
        <section>
            <h2>"Regions"</h2>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Regions">
                <table class="table" id="regions">
                    <thead>
                        <tr>
                            <th scope="col">"site"</th>
                            <th scope="col">"region"</th>
                            <th scope="col">"state"</th>
                            <th scope="col" class="number">"changes"</th>
                            <th scope="col" class="number">"wait for a cause"</th>
                            <th scope="col" class="number">"its clock"</th>
                        </tr>
                    </thead>
                    <tbody>{part(rows)}</tbody>
                </table>
            </div>
        </section>
    }
}

fn row(region: &RegionState) -> impl IntoView + use<> {
    let (_, glyph, word) = condition(Some(region.condition));
    view! {
        <tr>
            <th scope="row">{region.name.clone()}</th>
            <td>{region.region}</td>
            <td>
                <span aria-hidden="true">{glyph}" "</span>
                {word}
            </td>
            <td class="number">{grouped(region.changes)}</td>
            <td class="number">{grouped(region.held_back)}</td>
            <td class="number">{clock(region.clock_off_ms)}</td>
        </tr>
    }
}
