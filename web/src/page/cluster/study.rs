//! Which design keeps the promise: simulated years of several, compared.

use everview_protocol::session::{DesignVerdict, Reply, Request, StudyState};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::format::{grouped, percent};
use crate::reactive::{When, part};
use crate::store::Store;

/// How many years of each design.
const YEARS: u32 = 100;

/// A way to begin a study, how far it is, and what it found.
#[component]
pub(crate) fn StudyPart() -> impl IntoView {
    let store = expect_context::<Store>();
    let study = store.simulated().study;
    let problem = RwSignal::new(None::<String>);
    let begin = move |_| {
        problem.set(None);
        store.ask(Request::Study { years: YEARS }, move |reply| {
            if let Reply::Impossible(reason) = reply {
                problem.set(Some(reason));
            }
        });
    };
    let is_running = Memo::new(move |_| {
        study.with(|study| study.as_ref().is_some_and(|study| study.is_running))
    });
    let progress = move || study.with(|study| study.as_ref().map(progress));
    let table = move || study.with(|study| study.as_ref().map(table));
    let conditions = move || study.with(|study| study.as_ref().map(conditions));
    view! {
        <section class="stack" aria-label="Study">
            <h2>"Study"</h2>
            <p class="hint">
                "Machines, zones, networks, regions and releases fail and are repaired at random. How long a failover takes is measured with the simulator's real nodes. The same seeds give the same table everywhere; "
                <code>"everview study"</code>
                " prints it, and lets rates and load be changed."
            </p>
            <p class="row">
                <button type="button" class="button button-strong" disabled=is_running on:click=begin>
                    "Run 100 years of each design"
                </button>
                <When is_true=move || is_running.get()>
                    <button type="button" class="button" on:click=move |_| store.send(Request::CancelStudy)>
                        "Cancel"
                    </button>
                </When>
            </p>
            <p class="problem" role="alert">{part(move || problem.get())}</p>
            {part(progress)}
            {part(table)}
            {part(conditions)}
        </section>
    }
}

fn progress(study: &StudyState) -> AnyView {
    let words = match (study.is_running, study.done < study.total) {
        (true, _) if study.done == 0 => ": what failures come to is simulated first",
        (true, _) => "",
        (false, true) => ", given up: the table holds for the years that were run",
        (false, false) => ", over",
    };
    view! {
        <div class="progress" role="group" aria-label="How far the study is">
            <progress aria-label="Years that were run" max="100" value=percent(study.done, study.total)></progress>
            <span class="progress-numbers" id="study-progress">
                {format!("{} of {} years{words}", grouped(study.done), grouped(study.total))}
            </span>
        </div>
    }
    .into_any()
}

fn conditions(study: &StudyState) -> AnyView {
    if study.conditions.is_empty() {
        return ().into_any();
    }
    let lines = study.conditions.iter().map(|line| view! { <li>{line.clone()}</li> });
    view! {
        <h3>"Under which conditions"</h3>
        <ul class="hint" id="study-conditions">{lines.collect_view()}</ul>
    }
    .into_any()
}

fn table(study: &StudyState) -> AnyView {
    let verdicts = study.designs.iter().map(|design| {
        let (tone, word) = match design.verdict {
            DesignVerdict::Met => (Tone::Ok, "yes"),
            DesignVerdict::MetInMostYears => (Tone::Warn, "in most years"),
            DesignVerdict::Missed => (Tone::Crit, "no"),
        };
        view! { <td class="number"><Badge tone=Signal::stored(tone) word=Signal::stored(word.to_owned()) /></td> }
    });
    let heads = study.designs.iter().map(|design| {
        view! { <th scope="col" class="number">{design.name.clone()}</th> }
    });
    let rows = study.rows.iter().map(|row| {
        let figures =
            row.figures.iter().map(|figure| view! { <td class="number">{figure.clone()}</td> });
        view! { <tr><th scope="row">{row.label.clone()}</th>{figures.collect_view()}</tr> }
    });
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Designs compared">
            <table class="table" id="study">
                <thead>
                    <tr><th scope="col">"design"</th>{heads.collect_view()}</tr>
                </thead>
                <tbody>
                    <tr>
                        <th scope="row">{format!("keeps {}", study.objective)}</th>
                        {verdicts.collect_view()}
                    </tr>
                    {rows.collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
