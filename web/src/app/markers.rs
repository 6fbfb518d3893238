//! The bookmarks and breakpoints, above the time bar.

use leptos::html;
use leptos::prelude::*;

use crate::dom::close_elsewhere;
use crate::model::address::{Bookmark, Breakpoint};
use crate::model::breakpoint::Scan;
use crate::model::format::{counted, percent, position};
use crate::reactive::{When, part};
use crate::store::{Stop, Store, Watched, words};
use crate::wish::Wish;

/// A button that opens the list of what is marked.
#[component]
pub(super) fn MarkerPanel() -> impl IntoView {
    let store = expect_context::<Store>();
    let panel = NodeRef::<html::Details>::new();
    close_elsewhere(panel);
    let bookmarks = Memo::new(move |_| store.address.with(|address| address.bookmarks.clone()));
    let positions = Memo::new(move |_| {
        bookmarks.with(|all| all.iter().map(|known| known.position).collect::<Vec<_>>())
    });
    let count = Memo::new(move |_| store.address.with(|address| address.breakpoints.len()));
    let title = move || {
        let breakpoints = count.get();
        format!("☆ {} ◆ {breakpoints}", bookmarks.with(Vec::len))
    };
    let label = move || {
        let breakpoints = counted(count.get() as u64, "breakpoint");
        format!("Markers: {}, {breakpoints}", counted(bookmarks.with(Vec::len) as u64, "bookmark"))
    };
    let rows = move || {
        positions.get().into_iter().map(|at| view! { <BookmarkRow at bookmarks /> }).collect_view()
    };
    let breakpoints = move || {
        let row = |known: &Watched| match &known.stop {
            Stop::Breakpoint(stop) => Some(breakpoint(stop, &known.scan, store)),
            Stop::Aside | Stop::Conflict => None,
        };
        store.travel().watched.get().iter().filter_map(row).collect_view()
    };
    view! {
        <details class="menu menu-up markers" node_ref=panel>
            <summary class="button" title="Bookmarks and breakpoints">
                <span aria-hidden="true">{Signal::derive(title)}</span>
                <span class="visually-hidden">{Signal::derive(label)}</span>
            </summary>
            <div class="menu-list" role="group" aria-label="Markers">
                <div class="row">
                    <button type="button" class="button" title="[" on:click=move |_| store.to_marker(false)>"◀ marker"</button>
                    <button type="button" class="button" title="]" on:click=move |_| store.to_marker(true)>"marker ▶"</button>
                    <button type="button" class="button" title="b" on:click=move |_| store.toggle_bookmark()>"☆ Bookmark here"</button>
                </div>
                <WishBox wish=store.travel().stops_aside words="Playing stops at ✕ events that views set aside" />
                <When is_true=move || store.is_simulation()>
                    <WishBox wish=store.travel().stops_at_faults words="Playing stops at ⚡ faults and lost leaders" />
                </When>
                <When is_true=move || store.is_regional()>
                    <WishBox wish=store.travel().stops_at_conflicts words="Playing stops at ≠ conflicts of regions" />
                </When>
                <h2>"Bookmarks"</h2>
                <When is_true=move || bookmarks.with(Vec::is_empty)>
                    <p class="hint">"None. The key b sets one at the playhead."</p>
                </When>
                <ul class="marker-list">{part(rows)}</ul>
                <h2>"Breakpoints"</h2>
                <When is_true=move || count.get() == 0>
                    <p class="hint">"None. In a view, under “Find a position”, write a condition: playing stops where it comes to hold."</p>
                </When>
                <ul class="marker-list">{part(breakpoints)}</ul>
            </div>
        </details>
    }
}

/// Something that playing may stop at.
#[component]
fn WishBox(
    /// Whether it does.
    wish: Wish,
    /// What it says.
    words: &'static str,
) -> impl IntoView {
    view! {
        <label class="row">
            <input
                type="checkbox"
                prop:checked=wish.is_on()
                on:change:target=move |event| wish.set(event.target().checked())
            />
            {words}
        </label>
    }
}

/// A bookmark, with its name.
#[component]
fn BookmarkRow(
    /// Where it is.
    at: u64,
    /// All of them.
    bookmarks: Memo<Vec<Bookmark>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let name = move || {
        bookmarks.with(|all| {
            all.iter().find(|known| known.position == at).map(|known| known.name.clone())
        })
    };
    let rename = move |name: String| {
        store.address.update(|address| {
            if let Some(known) = address.bookmarks.iter_mut().find(|known| known.position == at) {
                known.name = name;
            }
        });
    };
    view! {
        <li class="marker-row">
            <button type="button" class="link" title="Go there" on:click=move |_| store.jump(at)>
                {position(at)}
            </button>
            <input
                type="text"
                aria-label=format!("Name of the bookmark at {}", position(at))
                placeholder="name"
                prop:value=Signal::derive(name)
                on:input:target=move |event| rename(event.target().value())
            />
            <button
                type="button"
                class="icon"
                aria-label=format!("Remove the bookmark at {}", position(at))
                on:click=move |_| store.address.update(|address| address.toggle_bookmark(at))
            >
                "✕"
            </button>
        </li>
    }
}

fn breakpoint(breakpoint: &Breakpoint, scan: &Scan, store: Store) -> impl IntoView + use<> {
    let (text, removed) = (words(breakpoint), breakpoint.clone());
    let state = match &scan.problem {
        Some(problem) => format!("✕ stops nothing: {problem}"),
        None if scan.reached < store.head() => {
            let share = percent(scan.reached, store.head());
            format!(
                "stops {} so far · {share} % looked at",
                counted(scan.hits.len() as u64, "time")
            )
        }
        None if scan.hits.is_empty() => "does not come to hold anywhere".into(),
        None => format!("stops {}", counted(scan.hits.len() as u64, "time")),
    };
    let remove = move |_| {
        store.address.update(|address| address.breakpoints.retain(|known| *known != removed));
    };
    view! {
        <li class="marker-row">
            <span aria-hidden="true">"◆"</span>
            <span class="marker-words"><code>{text.clone()}</code><small>{state}</small></span>
            <button type="button" class="icon" aria-label=format!("Remove the breakpoint {text}") on:click=remove>
                "✕"
            </button>
        </li>
    }
}
