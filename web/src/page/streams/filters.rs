//! What the list is narrowed to.

use leptos::html;
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::dom::close_elsewhere;
use crate::model::format::{grouped, percent};
use crate::reactive::{When, part};
use crate::store::Store;

/// A text, a stream, and the types with their counts.
#[component]
pub(crate) fn Filters() -> impl IntoView {
    let store = expect_context::<Store>();
    let text = move || store.address.with(|address| address.filter.text.clone());
    let stream = move || store.address.with(|address| address.filter.stream.clone());
    let unset_stream = move |_| store.filter(|filter| filter.stream = None);
    let stream_chip = move || {
        stream().map(|name| {
            view! {
                <button
                    type="button"
                    class="chip"
                    aria-label=format!("Show every stream, not only {name}")
                    on:click=unset_stream
                >
                    {format!("stream: {name}")}
                    <span aria-hidden="true">" ✕"</span>
                </button>
            }
        })
    };
    view! {
        <div class="filters">
            <input
                id="page-filter"
                type="search"
                aria-label="Text in the event"
                placeholder="Text in id, type, stream or data  ( / )"
                prop:value=Signal::derive(text)
                on:input:target=move |event| {
                    let text = event.target().value();
                    store.filter(|filter| filter.text = text);
                }
            />
            {part(stream_chip)}
            <Types />
            <Search />
        </div>
    }
}

/// The types, with a box for each.
#[component]
fn Types() -> impl IntoView {
    let store = expect_context::<Store>();
    let known = Memo::new(move |_| {
        store
            .session
            .with(|session| session.as_ref().map_or_else(Vec::new, |open| open.types.clone()))
    });
    let names = Memo::new(move |_| {
        known.with(|known| known.iter().map(|known| known.name.clone()).collect::<Vec<_>>())
    });
    let chosen = move || store.address.with(|address| address.filter.types.len());
    let title = move || match chosen() {
        0 => format!("types: all {}", names.with(Vec::len)),
        chosen => format!("types: {chosen} of {}", names.with(Vec::len)),
    };
    let list = NodeRef::<html::Details>::new();
    close_elsewhere(list);
    let boxes =
        move || names.get().into_iter().map(|name| view! { <TypeBox name known /> }).collect_view();
    view! {
        <details class="menu types" node_ref=list>
            <summary class="button">{Signal::derive(title)}</summary>
            <div class="menu-list" role="group" aria-label="Types">
                <When is_true=move || { 0 < chosen() }>
                    <button
                        type="button"
                        class="button"
                        on:click=move |_| store.filter(|filter| filter.types.clear())
                    >
                        "all types"
                    </button>
                </When>
                {part(boxes)}
            </div>
        </details>
    }
}

/// One type.
#[component]
fn TypeBox(
    /// Its name.
    name: String,
    /// All of them with their counts.
    known: Memo<Vec<everview_protocol::session::TypeCount>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let (counted, chosen, changed) = (name.clone(), name.clone(), name.clone());
    let count = move || {
        known
            .with(|known| known.iter().find(|known| known.name == counted).map(|known| known.count))
    };
    let is_chosen = move || store.address.with(|address| address.filter.types.contains(&chosen));
    let change = move |is_wanted: bool| {
        store.filter(|filter| {
            filter.types.retain(|known| *known != changed);
            if is_wanted {
                filter.types.push(changed.clone());
            }
        });
    };
    view! {
        <label class="type-box">
            <input
                type="checkbox"
                prop:checked=Signal::derive(is_chosen)
                on:change:target=move |event| change(event.target().checked())
            />
            <span class="type-name">{name}</span>
            <span class="type-count">{Signal::derive(move || count().map(grouped))}</span>
        </label>
    }
}

/// How far the search has come, and a way to stop it.
#[component]
fn Search() -> impl IntoView {
    let store = expect_context::<Store>();
    let search = store.search;
    let is_running =
        move || search.with(|now| now.is_filtered && !now.is_stopped && now.scanned < now.head);
    let words = move || {
        search.with(|now| {
            format!(
                "{} of {} match{}",
                grouped(now.found),
                grouped(now.head),
                if now.scanned < now.head {
                    format!(" · {} % looked at", percent(now.scanned, now.head))
                } else {
                    String::new()
                }
            )
        })
    };
    view! {
        <When is_true=move || search.with(|now| now.is_filtered)>
            <span class="search" role="status">{Signal::derive(words)}</span>
            <When is_true=is_running>
                <button
                    type="button"
                    class="button"
                    on:click=move |_| store.send(everview_protocol::session::Request::StopFilter)
                >
                    "Stop"
                </button>
            </When>
            <When is_true=move || search.with(|now| now.is_stopped)>
                <Badge tone=Signal::stored(Tone::Warn) word=Signal::stored("stopped".to_owned()) />
            </When>
        </When>
    }
}
