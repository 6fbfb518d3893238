//! Scenarios that come with the dashboard, and whatever somebody writes.

use everview_protocol::session::Source;
use leptos::prelude::*;

use super::Lab;
use crate::model::scenario::SCENARIOS;
use crate::reactive::part;
use crate::store::Store;

/// A list to choose from and the text of what is chosen, which can be changed and played.
#[component]
pub(crate) fn Scenarios() -> impl IntoView {
    let (store, lab) = (expect_context::<Store>(), expect_context::<Lab>());
    let option = move |(index, text): (usize, &'static str)| {
        let is_chosen = move || lab.scenario.with(|chosen| chosen == text);
        view! { <option value=index.to_string() prop:selected=is_chosen>{Source::title(text)}</option> }
    };
    let is_own = move || lab.scenario.with(|chosen| !SCENARIOS.contains(&chosen.as_str()));
    let choose = move |value: String| {
        if let Some(text) = value.parse().ok().and_then(|index: usize| SCENARIOS.get(index)) {
            lab.scenario.set((*text).to_owned());
        }
    };
    let lesson = move || {
        lab.scenario.with(|text| {
            let about = text.lines().skip(1).map_while(|line| line.strip_prefix('#'));
            about.map(str::trim).collect::<Vec<_>>().join(" ")
        })
    };
    let play = move |_| store.play_scenario(lab.scenario.get_untracked());
    view! {
        <section class="card scenarios" aria-label="Scenarios">
            <h2>"Scenarios"</h2>
            <div class="row">
                <label for="scenario">"Scenario"</label>
                <select id="scenario" on:change:target=move |event| choose(event.target().value())>
                    {SCENARIOS.into_iter().enumerate().map(option).collect_view()}
                    <option value="" disabled prop:selected=is_own>"as written below"</option>
                </select>
                <button type="button" class="button button-strong" on:click=play>
                    "Play from its start"
                </button>
                <button type="button" class="button" on:click=move |_| store.simulate(42)>
                    "Back to the shop, seed 42"
                </button>
            </div>
            <p class="scenario-lesson">{part(lesson)}</p>
            <textarea
                id="scenario-text"
                class="scenario-text"
                aria-label="Script of the scenario"
                rows="9"
                spellcheck="false"
                autocomplete="off"
                wrap="off"
                prop:value=Signal::derive(move || lab.scenario.get())
                on:input:target=move |event| lab.scenario.set(event.target().value())
            ></textarea>
            <p class="hint">
                "The same script is the same history on every machine. Its address is a link to it, and "
                <code>"cargo xtask simulate --scenario FILE"</code>
                " plays it without a browser."
            </p>
        </section>
    }
}
