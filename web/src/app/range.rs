//! What can be done with the events between the marks.

use leptos::html;
use leptos::prelude::*;

use crate::dom::close_elsewhere;
use crate::model::format::{counted, position};
use crate::model::line::Look;
use crate::reactive::When;
use crate::store::Store;

/// The id of the panel, to unfold it.
pub(super) const RANGE: &str = "range";

/// A button that opens the list of what can be done, once both marks stand.
#[component]
pub(super) fn RangePanel() -> impl IntoView {
    let store = expect_context::<Store>();
    let range = Memo::new(move |_| store.address.with(|address| address.marks.range()));
    view! {
        <When is_true=move || range.get().is_some()>
            <Panel range />
        </When>
    }
}

#[component]
fn Panel(
    /// From one mark to the other.
    range: Memo<Option<(u64, u64)>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let panel = NodeRef::<html::Details>::new();
    close_elsewhere(panel);
    let loops = store.travel().loops;
    let now = move || range.get_untracked().unwrap_or_default();
    let words = move || {
        let (from, to) = range.get().unwrap_or_default();
        let events = counted(to - from.max(1) + 1, "event");
        format!("{} to {}: {events}", position(from), position(to))
    };
    let close = move || panel.get_untracked().map(|panel| panel.set_open(false));
    let act = move |act: fn(Store, (u64, u64))| {
        move |_| {
            close();
            act(store, now());
        }
    };
    view! {
        <details class="menu menu-up" id=RANGE node_ref=panel>
            <summary class="button" title="What can be done with the events between A and B">
                <span aria-hidden="true">{Signal::derive(move || if loops.get() { "A⟲B" } else { "A–B" })}</span>
                <span class="visually-hidden">{Signal::derive(move || format!("Range {}", words()))}</span>
            </summary>
            <div class="menu-list" role="group" aria-label="Range">
                <h2>{Signal::derive(words)}</h2>
                <label class="row">
                    <input type="checkbox" prop:checked=loops on:change=move |_| store.toggle_loop() />
                    "Play it again and again (l)"
                </label>
                <button type="button" class="button" on:click=act(Store::list_range)>"List these events"</button>
                <button type="button" class="button" on:click=act(Store::export)>"Save them as NDJSON"</button>
                <button type="button" class="button" on:click=act(|store, range| store.look(Look::At(range.into())))>
                    "Show only them on the line"
                </button>
                <button type="button" class="button" on:click=act(|store, _| store.unmark())>"Take A and B away"</button>
            </div>
        </details>
    }
}
