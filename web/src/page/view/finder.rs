//! Positions at which something is so in the view.

use everview_protocol::session::{CellKind, ViewPage as Page};
use leptos::html;
use leptos::prelude::*;

use crate::model::address::{self, Breakpoint};
use crate::model::breakpoint::{Cell, condition};
use crate::reactive::react;
use crate::store::{Reach, Store};

/// A condition, and what can be done with it.
#[component]
pub(super) fn Finder(
    /// The view's name.
    name: StoredValue<String>,
    /// What is known of the view.
    known: RwSignal<Option<Page>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let folder = NodeRef::<html::Details>::new();
    react(move || {
        let is_open = store.travel().is_finder_open.get();
        if let Some(folder) = folder.get() {
            folder.set_open(is_open);
        }
    });
    react(move || {
        let selected = store.address.with(|address| address.selected.clone());
        let of_cell = selected.and_then(|selected| {
            known.with(|page| page.as_ref().and_then(|page| of_cell(page, &selected)))
        });
        store.travel().cell_condition.set(of_cell);
    });
    let is_empty = move || store.travel().condition.with(|text| text.trim().is_empty());
    let text = move || store.travel().condition.get_untracked().trim().to_owned();
    let find = move |reach| store.find_holds(name.get_value(), text(), reach);
    let stop_there = move || {
        let breakpoint = Breakpoint { view: name.get_value(), condition: text() };
        store.add_breakpoint(breakpoint);
    };
    view! {
        <details class="finder" node_ref=folder on:toggle:target=move |event| store.travel().is_finder_open.set(event.target().open())>
            <summary>"Find a position"</summary>
            <form
                class="filters"
                on:submit=move |event| {
                    event.prevent_default();
                    if !is_empty() {
                        find(Reach::First);
                    }
                }
            >
                <input
                    id="condition"
                    type="text"
                    aria-label="Condition over the columns of a row"
                    placeholder="such as  total_cents > 5000 AND status = 'paid'"
                    spellcheck="false"
                    autocomplete="off"
                    prop:value=move || store.travel().condition.get()
                    on:input:target=move |event| store.travel().condition.set(event.target().value())
                />
                <button type="submit" class="button" disabled=is_empty title="The first position at which a row meets it">
                    "First position"
                </button>
                <button type="button" class="button" disabled=is_empty title="Run back to the last position at which a row met it" on:click=move |_| find(Reach::Last)>
                    "Run back to last"
                </button>
                <button type="button" class="button" disabled=is_empty title="A breakpoint: playing stops where a row comes to meet it" on:click=move |_| stop_there()>
                    "◆ Stop there"
                </button>
            </form>
        </details>
    }
}

/// What holds for a cell, and for no other row.
fn of_cell(page: &Page, selected: &address::Selected) -> Option<String> {
    let row = page.keys.iter().position(|key| *key == selected.key)?;
    let cells = page.rows.get(row)?.iter().zip(&page.columns).map(|(text, column)| Cell {
        column: &column.name,
        text,
        is_number: column.kind == CellKind::Number,
        matters: column.is_key || Some(&column.name) == selected.column.as_ref(),
    });
    condition(cells)
}
