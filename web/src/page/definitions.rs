//! Writing views, and seeing them at once over what is open.

use everview_protocol::session::BuildingState;
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::address::Page;
use crate::model::format::{counted, grouped, percent};
use crate::reactive::{When, part, react};
use crate::store::{Applied, Store};

/// The editor of the definitions.
#[component]
pub(crate) fn DefinitionsPage() -> impl IntoView {
    let store = expect_context::<Store>();
    let applied = RwSignal::new(None::<Applied>);
    let generation = Memo::new(move |_| {
        store.session.with(|session| session.as_ref().map(|session| session.generation))
    });
    react(move || {
        let _ = generation.get();
        if store.definitions.with(Option::is_none) {
            store.load_definitions();
        }
    });
    let building = Memo::new(move |_| {
        store.session.with(|session| session.as_ref().and_then(|session| session.building))
    });
    let is_building = Memo::new(move |_| building.with(Option::is_some));
    let can_go_back = Memo::new(move |_| {
        store.session.with(|session| session.as_ref().is_some_and(|session| session.can_go_back))
    });
    let text = move || store.definitions.get().unwrap_or_default();
    let apply = move || store.apply_definitions(applied);
    let press = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            apply();
        }
    };
    let views = move || store.address.with(|address| address.on(Page::Views).to_string());
    view! {
        <div class="page page-fills definitions">
            <div class="page-head">
                <h1>
                    <a href=Signal::derive(views)>"Views"</a>
                    <span aria-hidden="true">" / "</span>
                    "Definitions"
                </h1>
                <button type="button" class="button button-strong" on:click=move |_| apply()>
                    "Apply"
                </button>
                <button type="button" class="button" on:click=move |_| store.load_definitions()>
                    "Back to what is applied"
                </button>
                <When is_true=move || can_go_back.get()>
                    <button type="button" class="button" on:click=move |_| store.undo_definitions(applied)>
                        "Go back to the views before"
                    </button>
                </When>
                <span class="hint">"Ctrl+Enter applies"</span>
            </div>
            <div class="definitions-result" role="status">
                {part(move || if is_building.get() { Some(computing()) } else { applied.get().map(result) })}
            </div>
            <Building state=building on_cancel=move |()| store.cancel_definitions(applied) />
            <textarea
                id="definitions-text"
                class="definitions-text"
                aria-label="Definitions of the views, in TOML"
                spellcheck="false"
                autocomplete="off"
                wrap="off"
                prop:value=Signal::derive(text)
                on:input:target=move |event| store.definitions.set(Some(event.target().value()))
                on:keydown=press
            ></textarea>
            <p class="hint">
                "A table view folds events by key; a derived view is a SELECT over other views. The views that are shown stay as they are until a text is valid."
            </p>
        </div>
    }
}

/// How far the views are that are being built, and a way out.
#[component]
fn Building(
    /// How far, if there are any.
    #[prop(into)]
    state: Signal<Option<BuildingState>>,
    /// Called when they shall be given up.
    #[prop(into)]
    on_cancel: Callback<()>,
) -> impl IntoView {
    let shown = move || {
        state.get().map(|BuildingState { done, total }| {
            view! {
                <div class="progress" role="group" aria-label="Building the views">
                    <progress aria-label="Built so far" max="100" value=percent(done, total)></progress>
                    <span class="progress-numbers">
                        {format!("{} of {}", grouped(done), counted(total, "event"))}
                    </span>
                    <button type="button" class="button" on:click=move |_| on_cancel.run(())>
                        "Cancel"
                    </button>
                </div>
            }
        })
    };
    view! { {part(shown)} }
}

fn computing() -> AnyView {
    let word = "computing; the views before are shown until it is done".to_owned();
    view! { <Badge tone=Signal::stored(Tone::Info) word=Signal::stored(word) /> }.into_any()
}

fn result(applied: Applied) -> AnyView {
    let (tone, word, problem) = match applied {
        Applied::Asked => (Tone::Info, "being looked at", None),
        Applied::Valid => (Tone::Ok, "applied to every event that is open", None),
        Applied::Cancelled => (Tone::Info, "given up; the views are as they were", None),
        Applied::Invalid(problem) => (Tone::Crit, "not applied", Some(problem)),
    };
    view! {
        <Badge tone=Signal::stored(tone) word=Signal::stored(word.to_owned()) />
        {problem.map(|problem| view! { <pre class="problem">{problem}</pre> })}
    }
    .into_any()
}
