//! The other futures of what is open: which one is looked at, and all of them as a tree.

use everview_protocol::session::ForkState;
use leptos::html;
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::dom::close_elsewhere;
use crate::model::format::{fork_name, position};
use crate::reactive::{When, part};
use crate::store::Store;

/// What is looked at when that is not the log itself, and the ways on from there.
#[component]
pub(super) fn WhatIfBar() -> impl IntoView {
    let store = expect_context::<Store>();
    let fork = Memo::new(move |_| store.fork());
    let bar = move || {
        fork.get().map(|fork| {
            let number = fork.number;
            let parent = fork_name(fork.parent);
            let words = format!("{}, parted from {parent} at {}", fork.name, position(fork.parting));
            let mode = format!("WHAT-IF {}", fork_name(Some(number)));
            view! {
                <div class="what-if-bar" role="group" aria-label="Another future">
                    <Badge tone=Signal::stored(Tone::Warn) glyph=Signal::stored("⋔") word=Signal::stored(mode) />
                    <span class="what-if-words">{words}</span>
                    <button type="button" class="button button-strong" on:click=move |_| store.compare_futures()>
                        "Compare"
                    </button>
                    <button type="button" class="button" on:click=move |_| store.look_at(None)>
                        "Keep, and back to the log"
                    </button>
                    <button type="button" class="button" on:click=move |_| store.discard_future(number)>
                        "Discard"
                    </button>
                </div>
            }
        })
    };
    view! { {part(bar)} }
}

/// A button that opens the tree of futures, once there are some.
#[component]
pub(super) fn FuturePanel() -> impl IntoView {
    let store = expect_context::<Store>();
    let panel = NodeRef::<html::Details>::new();
    close_elsewhere(panel);
    let forks = Memo::new(move |_| {
        store
            .session
            .with(|session| session.as_ref().map(|open| open.forks.clone()).unwrap_or_default())
    });
    let current = Memo::new(move |_| store.fork().map(|fork| fork.number));
    let tree = move || {
        let (forks, current) = (forks.get(), current.get());
        let entry = view! {
            <button type="button" class="link" aria-current=(current.is_none()).then_some("true") on:click=move |_| store.look_at(None)>
                "the log itself"
            </button>
        };
        view! { <ul class="future-tree"><li>{entry}{branches(&forks, None, current, store)}</li></ul> }
    };
    view! {
        <When is_true=move || forks.with(|forks| !forks.is_empty())>
            <details class="menu menu-up" node_ref=panel>
                <summary class="button" title="Other futures">
                    <span aria-hidden="true">{Signal::derive(move || format!("⋔ {}", forks.with(Vec::len)))}</span>
                    <span class="visually-hidden">
                        {Signal::derive(move || format!("Other futures: {}", forks.with(Vec::len)))}
                    </span>
                </summary>
                <div class="menu-list" role="group" aria-label="Other futures">
                    <h2>"Futures"</h2>
                    {part(tree)}
                </div>
            </details>
        </When>
    }
}

fn branches(
    forks: &[ForkState],
    parent: Option<u64>,
    current: Option<u64>,
    store: Store,
) -> AnyView {
    let children: Vec<_> = forks.iter().filter(|fork| fork.parent == parent).collect();
    if children.is_empty() {
        return ().into_any();
    }
    let branch = |fork: &ForkState| {
        let number = fork.number;
        let name = fork_name(Some(number));
        let label = format!("Discard {name}");
        let is_current = (current == Some(number)).then_some("true");
        view! {
            <li>
                <span class="marker-row">
                    <button type="button" class="link" aria-current=is_current on:click=move |_| store.look_at(Some(number))>
                        {name}
                    </button>
                    <span class="marker-words">
                        {fork.name.clone()}
                        <small>{format!("parted at {}, ends at {}", position(fork.parting), position(fork.head))}</small>
                    </span>
                    <button type="button" class="icon" aria-label=label on:click=move |_| store.discard_future(number)>
                        "✕"
                    </button>
                </span>
                {branches(forks, Some(number), current, store)}
            </li>
        }
    };
    view! { <ul>{children.into_iter().map(branch).collect_view()}</ul> }.into_any()
}
