//! Handing on what is open, and what came of what was handed on.

use everview_protocol::session::{Reply, Request, SharedCapsule, Verdict};
use leptos::html;
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::dom::{close_elsewhere, copy, save};
use crate::model::format::{bytes, counted, position, short_digest};
use crate::model::share::link;
use crate::reactive::part;
use crate::store::Store;

/// A button that makes a capsule of what is open.
#[component]
pub(super) fn SharePanel() -> impl IntoView {
    let store = expect_context::<Store>();
    let panel = NodeRef::<html::Details>::new();
    close_elsewhere(panel);
    let made = RwSignal::new(None::<Result<SharedCapsule, String>>);
    let is_copied = RwSignal::new(false);
    let ask = move |_| {
        if panel.get_untracked().is_some_and(|panel| panel.open()) {
            made.set(None);
            is_copied.set(false);
            store.ask(Request::Capsule(store.shared_place()), move |reply| match reply {
                Reply::Capsule(capsule) => made.set(Some(Ok(capsule))),
                Reply::Impossible(reason) => made.set(Some(Err(reason))),
                _ => {}
            });
        }
    };
    let content = move || match made.get() {
        None => view! { <p class="hint" role="status">"Making it…"</p> }.into_any(),
        Some(Err(reason)) => {
            view! { <p role="status">{format!("No capsule: {reason}.")}</p> }.into_any()
        }
        Some(Ok(capsule)) => ways(capsule, is_copied).into_any(),
    };
    view! {
        <details class="menu menu-up" node_ref=panel on:toggle=ask>
            <summary class="button" title="Hand on what is open as a capsule">
                "share"
            </summary>
            <div class="menu-list" role="group" aria-label="Share">
                <h2>"A capsule"</h2>
                <p class="hint">
                    "What is open with its definitions, marks, bookmarks, breakpoints and other futures. Whoever opens it is told whether they see the same. Opening it sends nothing."
                </p>
                {part(content)}
            </div>
        </details>
    }
}

fn ways(capsule: SharedCapsule, is_copied: RwSignal<bool>) -> impl IntoView + use<> {
    let base = window().location().href().unwrap_or_default();
    let link = capsule.has_events.then(|| link(&base, &capsule.bytes)).flatten();
    let words = format!("{}, {}", capsule.name, bytes(capsule.bytes.len() as u64));
    let events = if capsule.has_events {
        "Its events are in it."
    } else {
        "It has too many events to hold them: it opens where the browser keeps the file of that name."
    };
    let no_link = link.is_none().then(|| {
        view! { <p class="hint">"It is too long for a link: save the file."</p> }
    });
    let copied = link.map(|link| {
        view! {
            <button type="button" class="button" on:click=move |_| copy(&link, is_copied)>
                "Copy the link"
            </button>
        }
    });
    view! {
        <p>{words}<br />{events}</p>
        <div class="row">
            <button type="button" class="button" on:click=move |_| save(&capsule.name, &capsule.bytes)>
                "Save the file"
            </button>
            {copied}
        </div>
        {no_link}
        <p role="status">{Signal::derive(move || if is_copied.get() { "Copied." } else { "" })}</p>
    }
}

/// Whether what was opened from a capsule is what it was made of.
#[component]
pub(super) fn CapsuleBar() -> impl IntoView {
    let store = expect_context::<Store>();
    let bar = move || {
        store.travel().capsule.get().map(|capsule| {
            let (tone, glyph, word, more) = match capsule.verdict {
                Verdict::Reproduced { digest, positions } => (
                    Tone::Ok,
                    "✓",
                    format!("reproduced, hash {}…", short_digest(&digest)),
                    format!("{}: the views were the same at {}.", capsule.name, counted(positions, "position")),
                ),
                Verdict::Diverged { after, at, reason } => {
                    let place = if after + 1 == at {
                        format!("diverged at event {}", position(at))
                    } else {
                        format!("diverged between events {} and {}", position(after + 1), position(at))
                    };
                    (Tone::Crit, "✕", place, format!("{}: {reason}.", capsule.name))
                }
            };
            view! {
                <div class="what-if-bar">
                    <Badge tone=Signal::stored(tone) glyph=Signal::stored(glyph) word=Signal::stored(word) />
                    <span class="what-if-words">{more}</span>
                    <button type="button" class="button" on:click=move |_| store.travel().capsule.set(None)>
                        "Dismiss"
                    </button>
                </div>
            }
        })
    };
    view! { <div role="status" id="capsule-said">{part(bar)}</div> }
}
