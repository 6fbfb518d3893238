//! What became of a row.

use everview_protocol::session::{HistoryPage, RowChange, Version, VersionCell};
use leptos::prelude::*;

use crate::model::format::{grouped, position};
use crate::reactive::{When, part};
use crate::zone::Zone;

/// The versions of a row, the latest first.
#[component]
pub(crate) fn History(
    /// What is known.
    known: RwSignal<Option<HistoryPage>>,
    /// Whether more is being looked for.
    is_asked: RwSignal<bool>,
    /// Called when earlier changes shall be looked for.
    #[prop(into)]
    on_further: Callback<()>,
    /// Called when that shall end.
    #[prop(into)]
    on_stop: Callback<()>,
    /// Called with a position to go to.
    on_seek: Callback<u64>,
) -> impl IntoView {
    let words = move || {
        known.with(|page| {
            page.as_ref().map(|page| {
                let count = page.versions.len() as u64;
                let changes = if count == 1 { "change" } else { "changes" };
                let back = match page.next {
                    Some(next) => format!("back to {}", position(next)),
                    None => "back to the start".into(),
                };
                format!("{} {changes} {back}, as of {}", grouped(count), position(page.position))
            })
        })
    };
    let zone = Zone::of_page();
    let versions = move || {
        known.with(|page| {
            page.as_ref().map(|page| {
                page.versions.iter().map(|one| version(one, zone, on_seek)).collect_view()
            })
        })
    };
    let has_more = move || known.with(|page| page.as_ref().is_some_and(|page| page.next.is_some()));
    view! {
        <p class="hint" role="status" id="history-words">{part(words)}</p>
        <div class="drawer-body" tabindex="0" role="region" aria-label="What became of the row">
            <ol class="steps" id="history-versions">{part(versions)}</ol>
            <When is_true=move || has_more() && !is_asked.get()>
                <button type="button" class="button" on:click=move |_| on_further.run(())>"Look further back"</button>
            </When>
            <When is_true=move || has_more() && is_asked.get()>
                <button type="button" class="button" on:click=move |_| on_stop.run(())>"Stop looking back"</button>
            </When>
        </div>
    }
}

fn version(version: &Version, zone: Zone, on_seek: Callback<u64>) -> impl IntoView + use<> {
    let at = version.position;
    let change = match version.change {
        RowChange::Added => "+ added",
        RowChange::Changed => "~ changed",
        RowChange::Removed => "− removed",
    };
    view! {
        <li class="step">
            <span class="step-head">
                <button type="button" class="link" title="Go to this moment" on:click=move |_| on_seek.run(at)>
                    {position(at)}
                </button>
                <span>{version.event_type.clone()}</span>
                <span class="step-kind">{change}</span>
            </span>
            <span class="step-facts">{version.time_ms.map(|time| move || zone.moment(time))}</span>
            <dl class="facts">{version.cells.iter().map(cell).collect_view()}</dl>
        </li>
    }
}

fn cell(cell: &VersionCell) -> impl IntoView + use<> {
    let text = match &cell.before {
        Some(before) => format!("{before} ▸ {}", cell.text),
        None => cell.text.clone(),
    };
    view! { <dt>{cell.column.clone()}</dt><dd>{text}</dd> }
}
