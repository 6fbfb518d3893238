//! One event, beside the page.

use everview_protocol::session::{EventDetail, WhatIf};
use leptos::prelude::*;

use crate::component::json_tree::JsonTree;
use crate::component::what_if::WhatIfForms;
use crate::model::format::{bytes, gap, grouped, position};
use crate::model::tree::indented;
use crate::reactive::{When, part};
use crate::zone::Zone;

/// What the drawer can be asked for.
#[derive(Clone, Copy)]
pub(crate) struct DrawerCalls {
    /// Close it.
    pub(crate) close: Callback<()>,
    /// Move the playhead to this position.
    pub(crate) seek: Callback<u64>,
    /// Show the event at this position instead.
    pub(crate) open: Callback<u64>,
    /// Make another future of it.
    pub(crate) what_if: Callback<WhatIf>,
}

/// An event's data as a tree, its envelope, and its raw text.
#[component]
pub(crate) fn Drawer(
    /// The event.
    #[prop(into)]
    event: Signal<EventDetail>,
    /// The address of the list of its stream.
    #[prop(into)]
    stream_link: Signal<String>,
    /// The last position.
    #[prop(into)]
    head: Signal<u64>,
    /// What happens.
    calls: DrawerCalls,
) -> impl IntoView {
    let is_raw = RwSignal::new(false);
    let zone = Zone::of_page();
    let at = move || event.with(|event| event.row.position);
    let data = move || event.with(|event| view! { <JsonTree text=event.data.clone() /> });
    let raw =
        move || view! { <pre class="drawer-raw">{event.with(|event| indented(&event.json))}</pre> };
    let tab = move |word: &'static str, shows_raw: bool| {
        view! {
            <button
                type="button"
                class="tab"
                aria-pressed=Signal::derive(move || (is_raw.get() == shows_raw).to_string())
                on:click=move |_| is_raw.set(shows_raw)
            >
                {word}
            </button>
        }
    };
    view! {
        <aside class="drawer" id="drawer" tabindex="-1" aria-label="Event">
            <header class="drawer-head">
                <h2>
                    <span class="drawer-position">{Signal::derive(move || position(at()))}</span>
                    " "
                    {Signal::derive(move || event.with(|event| event.row.event_type.clone()))}
                </h2>
                <button type="button" class="icon" aria-label="Close" title="Close (Esc)" on:click=move |_| calls.close.run(())>
                    "✕"
                </button>
            </header>
            <div class="drawer-moves">
                <button type="button" class="button" disabled=move || at() <= 1 on:click=move |_| calls.open.run(at() - 1)>
                    "◀ before"
                </button>
                <button type="button" class="button" disabled=move || head.get() <= at() on:click=move |_| calls.open.run(at() + 1)>
                    "after ▶"
                </button>
                <button type="button" class="button button-strong" on:click=move |_| calls.seek.run(at())>
                    "Go to this moment"
                </button>
            </div>
            <dl class="facts">{part(move || event.with(|event| facts(event, zone, stream_link.get())))}</dl>
            <WhatIfForms event on_fork=calls.what_if />
            <div class="tabs" role="group" aria-label="How the event is shown">
                {tab("Data", false)} {tab("Raw", true)}
            </div>
            <div class="drawer-body" tabindex="0" role="region" aria-label="Content of the event">
                <When is_true=move || is_raw.get() otherwise=data>{raw}</When>
            </div>
        </aside>
    }
}

fn facts(event: &EventDetail, zone: Zone, stream_link: String) -> impl IntoView + use<> {
    let fact = |name: &'static str, value: String| view! { <dt>{name}</dt><dd>{value}</dd> };
    let stream = event.row.stream.clone();
    view! {
        <dt>"stream"</dt>
        <dd>
            <a href=stream_link>{if stream.is_empty() { "(no name)".into() } else { stream }}</a>
            {format!(", event {} of it", grouped(event.version))}
        </dd>
        {event.time.clone().map(|time| fact("time", time))}
        {event.row.time_ms.and_then(|time| zone.local(time)).map(|time| fact("local time", time))}
        {event.row.gap_ms.map(|since| fact("since the event before", gap(since)))}
        {fact("id", event.id.clone())}
        {fact("source", event.source.clone())}
        {fact("epoch", event.epoch.to_string())}
        {fact("size of the data", bytes(event.row.size))}
    }
}
