//! Regions with a log each: what two of them wrote without knowing of each other, and how it ended.

use everview_protocol::session::{
    ConflictState, RegionRow, RegionState, RegionsRequest, RegionsState, Reply, Request,
    VersionState,
};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::format::{counted, grouped, short_digest};
use crate::reactive::{When, part};
use crate::store::Store;

/// The fields that can be written, with what decides between two at once.
const FIELDS: [(&str, &str); 5] = [
    ("note", "note: the last writer wins"),
    ("stock", "stock: what is added counts"),
    ("tags", "tags: what is put in counts, -x takes x out"),
    ("bid", "bid: the highest is kept"),
    ("price", "price: a person decides"),
];

/// The regions, a way to part them and to write, their conflicts and their rows.
#[component]
pub(crate) fn Conflicts() -> impl IntoView {
    let store = expect_context::<Store>();
    let problem = RwSignal::new(None::<String>);
    let ask = Callback::new(move |request: RegionsRequest| {
        problem.set(None);
        store.ask(Request::Regions(request), move |reply| {
            if let Reply::Invalid(reason) = reply {
                problem.try_set(Some(reason));
            }
        });
    });
    ask.run(RegionsRequest::Watch { is_watched: true });
    on_cleanup(move || {
        store.send(Request::Regions(RegionsRequest::Watch { is_watched: false }));
    });
    let state = store.simulated().regions;
    let shown = move || state.with(|state| state.as_ref().map(regions));
    let row_list = Memo::new(move |_| {
        state.with(|state| state.as_ref().map_or_else(Vec::new, |state| state.rows.clone()))
    });
    let restart = move |_| ask.run(RegionsRequest::Restart);
    view! {
        <section class="stack" aria-label="Regions">
            {part(shown)}
            <p class="row">
                {STEPS.map(|(words, text)| {
                    let press = move |_| ask.run(RegionsRequest::Step { text: text.to_owned() });
                    view! { <button type="button" class="button" on:click=press>{words}</button> }
                })}
                <button type="button" class="button" on:click=restart>"Begin anew"</button>
            </p>
            <WriteForm ask />
            <p class="problem" role="alert">{part(move || problem.get())}</p>
        </section>
        <section aria-label="Conflicts">
            <h2>"Conflicts"</h2>
            <When
                is_true=move || state.with(|state| state.as_ref().is_some_and(|state| 0 < state.count))
                otherwise=|| {
                    view! { <p class="empty">"None yet. Part the regions: both sides go on writing."</p> }
                }
            >
                <ConflictTable state ask />
            </When>
        </section>
        <section aria-label="Rows">
            <h2>"Rows"</h2>
            {part(move || row_list.with(|list| rows(list)))}
        </section>
    }
}

/// What makes conflicts likely, in one press: what it says, and what it does.
const STEPS: [(&str, &str); 4] = [
    ("Part A from the others for 10 s", "partition A for 10 s"),
    ("Kill B for 10 s", "kill B for 10 s"),
    ("Set C's clock back by 5 s", "skew C by -5000"),
    ("Mend everything", "mend"),
];

fn regions(state: &RegionsState) -> AnyView {
    let (tone, word) = match (&state.violation, state.is_agreed) {
        (Some(_), _) => (Tone::Crit, "stopped: a promise is broken"),
        (None, true) => (Tone::Ok, "all that run know the same"),
        (None, false) => (Tone::Warn, "some changes have not come everywhere yet"),
    };
    let violation = state.violation.clone();
    view! {
        <p role="status" class="row" id="regions-agree">
            <Badge tone=Signal::stored(tone) word=Signal::stored(word.to_owned()) />
            {violation}
        </p>
        <div class="zones">{state.regions.iter().map(region).collect_view()}</div>
    }
    .into_any()
}

fn region(state: &RegionState) -> impl IntoView + use<> {
    let (tone, word) = if state.is_up { (Tone::Ok, "runs") } else { (Tone::Crit, "down") };
    view! {
        <section class="zone" class:zone-down=!state.is_up aria-label=format!("Region {}", state.region)>
            <h2 class="zone-name">{format!("region {}", state.region)}</h2>
            <p class="node-name">
                {state.name.clone()}
                " "
                <Badge tone=Signal::stored(tone) word=Signal::stored(word.to_owned()) />
            </p>
            <dl class="facts">
                <dt>"changes"</dt>
                <dd>{grouped(state.changes)}</dd>
                <dt>"wait for a cause"</dt>
                <dd>{grouped(state.held_back)}</dd>
                <dt>"views"</dt>
                <dd><code title=state.digest.clone()>{short_digest(&state.digest).to_owned()}</code></dd>
            </dl>
        </section>
    }
}

/// A write that somebody makes in a region.
#[component]
fn WriteForm(
    /// Asks for it.
    ask: Callback<RegionsRequest>,
) -> impl IntoView {
    let region = RwSignal::new("A".to_owned());
    let row = RwSignal::new("row-1".to_owned());
    let field = RwSignal::new("note".to_owned());
    let value = RwSignal::new("mine".to_owned());
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let words = [region, row, field, value].map(|word| word.get_untracked().trim().to_owned());
        ask.run(RegionsRequest::Step { text: format!("edit {}", words.join(" ")) });
    };
    view! {
        <form class="command-fields" on:submit=send>
            {choice("edit-region", "In", region, &[("A", "A"), ("B", "B"), ("C", "C")])}
            {input("edit-row", "Row", row)}
            {choice("edit-field", "Field", field, &FIELDS)}
            {input("edit-value", "Value, a word or a number", value)}
            <div class="command-field">
                <button type="submit" class="button">"Write"</button>
            </div>
        </form>
    }
}

fn input(id: &'static str, label: &'static str, text: RwSignal<String>) -> impl IntoView {
    view! {
        <div class="command-field">
            <label for=id>{label}</label>
            <input
                id=id
                type="text"
                autocomplete="off"
                prop:value=text
                on:input:target=move |event| text.set(event.target().value())
            />
        </div>
    }
}

fn choice(
    id: &'static str,
    label: &'static str,
    chosen: RwSignal<String>,
    options: &[(&'static str, &'static str)],
) -> impl IntoView + use<> {
    let option = |(value, words): &(&'static str, &'static str)| {
        view! { <option value=*value>{*words}</option> }
    };
    view! {
        <div class="command-field">
            <label for=id>{label}</label>
            <select id=id on:change:target=move |event| chosen.set(event.target().value())>
                {options.iter().map(option).collect_view()}
            </select>
        </div>
    }
}

/// The conflicts as one region knows them.
#[component]
fn ConflictTable(
    /// The regions.
    state: RwSignal<Option<RegionsState>>,
    /// Asks for what was overruled.
    ask: Callback<RegionsRequest>,
) -> impl IntoView {
    let list = Memo::new(move |_| {
        state.with(|state| state.as_ref().map_or_else(Vec::new, |state| state.conflicts.clone()))
    });
    let words = Memo::new(move |_| {
        state.with(|state| {
            state.as_ref().map(|state| {
                let observer = state.observer.as_deref().unwrap_or("nobody");
                let (all, shown) = (counted(state.count, "conflict"), state.conflicts.len() as u64);
                format!("{all}, as {observer} knows them; the latest {} are here.", grouped(shown))
            })
        })
    });
    view! {
        <p class="hint">{words}</p>
        <div class="table-scroll" tabindex="0" role="region" aria-label="Conflicts as a table">
            <table class="table" id="conflicts">
                <thead>
                    <tr>
                        <th scope="col">"what"</th>
                        <th scope="col">"versions, in the agreed order"</th>
                        <th scope="col">"rule"</th>
                        <th scope="col">"why"</th>
                    </tr>
                </thead>
                <tbody>
                    // A row that stays as it is keeps the focus.
                    <For each=move || list.get() key=|one| format!("{one:?}") let(one)>
                        {conflict(&one, ask)}
                    </For>
                </tbody>
            </table>
        </div>
    }
}

fn conflict(state: &ConflictState, ask: Callback<RegionsRequest>) -> impl IntoView + use<> {
    let what = match &state.field {
        Some(field) => format!("{}, {field}", state.row),
        None => state.row.clone(),
    };
    let versions = state.versions.iter().map(|one| version(one, ask)).collect_view();
    let open = state.is_open.then(|| {
        view! { <Badge tone=Signal::stored(Tone::Warn) word=Signal::stored("open".to_owned()) /> }
    });
    let settled =
        state.settled.as_ref().map(|by| format!(" Written over since, knowing of all, by {by}."));
    view! {
        <tr>
            <th scope="row">{what} " " {open}</th>
            <td><ul class="versions">{versions}</ul></td>
            <td>{state.rule.clone()}</td>
            <td>{state.reason.clone()} {settled}</td>
        </tr>
    }
}

fn version(state: &VersionState, ask: Callback<RegionsRequest>) -> impl IntoView + use<> {
    let (region, number) = (state.region, state.number);
    let value = state.value.clone();
    let shown = if state.is_overruled {
        view! { <s>{value}</s> }.into_any()
    } else {
        view! { <strong>{value}</strong> }.into_any()
    };
    let knew = if state.knew.is_empty() { "nothing".to_owned() } else { state.knew.clone() };
    let restore = state.is_overruled.then(|| {
        let press = move |_| ask.run(RegionsRequest::Restore { region, number });
        let label = format!("Restore {} of region {region} as a new event", state.value);
        view! {
            <button type="button" class="link" aria-label=label on:click=press>"restore"</button>
        }
    });
    view! {
        <li>
            {shown}
            {if state.is_overruled { " overruled, " } else { " " }}
            {format!("{number} of region {region}, {}, knowing {knew} ", clock(&state.time))}
            {restore}
        </li>
    }
}

/// The time of day of a hybrid time: the simulated regions begin in 1970.
fn clock(time: &str) -> String {
    time.split_once('T').map_or_else(|| time.to_owned(), |(_, clock)| clock.replace('Z', ""))
}

fn rows(list: &[RegionRow]) -> AnyView {
    let heads = FIELDS.map(|(name, _)| view! { <th scope="col">{name}</th> });
    let rows = list.iter().map(|row| {
        let cells = FIELDS.map(|(name, _)| {
            let field = row.fields.iter().find(|(known, _)| known == name);
            view! { <td>{field.map(|(_, value)| value.clone())}</td> }
        });
        view! { <tr><th scope="row">{row.key.clone()}</th>{cells}</tr> }
    });
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Rows as a table">
            <table class="table" id="region-rows">
                <thead>
                    <tr><th scope="col">"row"</th>{heads}</tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
