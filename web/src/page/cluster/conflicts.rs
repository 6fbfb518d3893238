//! Regions with a log each: what two of them wrote without knowing of each other, and how it ended.

use everview_protocol::session::{
    ConflictState, ConflictsState, RegionRow, RegionsRequest, Reply, Request, VersionState,
};
use leptos::prelude::*;

use super::regions::{RegionBoxes, names_of};
use crate::component::badge::{Badge, Tone};
use crate::model::format::{counted, grouped};
use crate::model::regions::agreement;
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
    let regions =
        Memo::new(move |_| state.with(|state| state.as_ref().map(|state| state.regions.clone())));
    let names = names_of(regions);
    let has_conflicts = move || {
        regions.with(|regions| regions.as_ref().is_some_and(|regions| 0 < regions.conflicts))
    };
    let observer = move || state.with(|state| state.as_ref()?.observer.clone());
    let row_list = Memo::new(move |_| {
        state.with(|state| state.as_ref().map_or_else(Vec::new, |state| state.rows.clone()))
    });
    let restart = move |_| ask.run(RegionsRequest::Restart);
    let buttons = move || {
        names
            .with(|names| steps(names))
            .into_iter()
            .map(|(words, text)| {
                let press = move |_| ask.run(RegionsRequest::Step { text: text.clone() });
                view! { <button type="button" class="button" on:click=press>{words}</button> }
            })
            .collect_view()
    };
    view! {
        <When is_true=move || store.is_regional() && store.is_past()>
            <p class="banner past" role="status">
                <span aria-hidden="true">"◀"</span>
                "You are looking at the past. What stands here is of now: of conflicts and rows no past is kept."
            </p>
        </When>
        <section class="stack" aria-label="Regions">
            {part(move || state.with(|state| state.as_ref().map(agree)))}
            <RegionBoxes regions followed=Signal::derive(observer) is_source=false />
            <p class="row">
                {part(buttons)}
                <button type="button" class="button" on:click=restart>"Begin anew"</button>
            </p>
            <WriteForm ask names />
            <p class="problem" role="alert">{part(move || problem.get())}</p>
        </section>
        <section aria-label="Conflicts">
            <h2>"Conflicts"</h2>
            <When
                is_true=has_conflicts
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
fn steps(names: &[String]) -> Vec<(String, String)> {
    let (Some(first), Some(last)) = (names.first(), names.last()) else { return Vec::new() };
    let second = names.get(1).unwrap_or(last);
    vec![
        (format!("Part {first} from the others for 10 s"), format!("partition {first} for 10 s")),
        (format!("Kill {second} for 10 s"), format!("kill {second} for 10 s")),
        (format!("Set {last}'s clock back by 5 s"), format!("skew {last} by -5000")),
        ("Mend everything".to_owned(), "mend".to_owned()),
    ]
}

fn agree(state: &ConflictsState) -> AnyView {
    let (tone, word) = match (&state.violation, state.regions.is_agreed) {
        (Some(_), _) => (Tone::Crit, "stopped: a promise is broken"),
        (None, true) => (Tone::Ok, agreement(&state.regions)),
        (None, false) => (Tone::Warn, agreement(&state.regions)),
    };
    view! {
        <p role="status" class="row" id="regions-agree">
            <Badge tone=Signal::stored(tone) word=Signal::stored(word.to_owned()) />
            {state.violation.clone()}
        </p>
    }
    .into_any()
}

/// A write that somebody makes in a region.
#[component]
fn WriteForm(
    /// Asks for it.
    ask: Callback<RegionsRequest>,
    /// The names of the regions' sites.
    names: Memo<Vec<String>>,
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
            {part(move || {
                let names = names.get();
                let options = names.iter().map(|name| (name.as_str(), name.as_str()));
                choice("edit-region", "In", region, options)
            })}
            {input("edit-row", "Row", row)}
            {choice("edit-field", "Field", field, FIELDS)}
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

fn choice<'a>(
    id: &'static str,
    label: &'static str,
    chosen: RwSignal<String>,
    options: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> AnyView {
    let option = |(value, words): (&str, &str)| {
        let name = value.to_owned();
        let is_chosen = move || chosen.with(|chosen| *chosen == name);
        view! {
            <option value=value.to_owned() prop:selected=is_chosen>{words.to_owned()}</option>
        }
    };
    view! {
        <div class="command-field">
            <label for=id>{label}</label>
            <select id=id on:change:target=move |event| chosen.set(event.target().value())>
                {options.into_iter().map(option).collect_view()}
            </select>
        </div>
    }
    .into_any()
}

/// The conflicts as one region knows them.
#[component]
fn ConflictTable(
    /// The regions.
    state: RwSignal<Option<ConflictsState>>,
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
                let (all, shown) =
                    (counted(state.regions.conflicts, "conflict"), state.conflicts.len() as u64);
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
