//! Why a cell is what it is.

use everview_protocol::session::{CauseRow, ContributionRow, SourceRow, WhyPage};
use leptos::prelude::*;

use crate::model::format::{counted, grouped, position};
use crate::zone::Zone;

/// What can be asked for.
#[derive(Clone, Copy)]
pub(crate) struct WhyCalls {
    /// Another cell of the row, by its column.
    pub(crate) choose: Callback<String>,
    /// To a position.
    pub(crate) seek: Callback<u64>,
    /// The event at a position, with its data.
    pub(crate) open: Callback<u64>,
    /// The address of why a cell is what it is, by its view, its row's key and its column.
    pub(crate) link: Callback<(String, String, Option<String>), String>,
}

/// A cell, the events that made it, and what it rests on.
#[component]
pub(crate) fn Why(
    /// What is known.
    why: WhyPage,
    /// What happens.
    calls: WhyCalls,
) -> impl IntoView {
    let chosen = why.column.clone();
    let option = |column: &String| {
        view! {
            <option value=column.clone() selected={*column == chosen}>
                {column.clone()}
            </option>
        }
    };
    let options = why.columns.iter().map(option).collect_view();
    let is_derived = !why.contributions.is_empty();
    let zone = Zone::of_page();
    let causes = why.causes.iter().map(|one| cause(one, is_derived, zone, calls)).collect_view();
    let contributions = why.contributions.iter().map(|one| contribution(one, calls)).collect_view();
    let rest = (0 < why.rest).then(|| {
        view! { <p class="hint">{format!("and {} that give less", counted(why.rest, "contribution"))}</p> }
    });
    let earlier = (0 < why.earlier).then(|| {
        view! { <p class="hint">{format!("and {} earlier", counted(why.earlier, "event"))}</p> }
    });
    let rests_on = is_derived.then(|| {
        view! {
            <h3>"What it rests on, the largest first"</h3>
            <ul class="steps" id="why-contributions">{contributions}</ul>
            {rest}
        }
    });
    let heading = if is_derived {
        "The events behind these rows, the latest first"
    } else {
        "The events that made it, the latest first"
    };
    let none = why.causes.is_empty().then(|| {
        view! { <p class="hint">"No event has written to it: it shows the key, or follows from the definition."</p> }
    });
    view! {
        <div class="why-cell">
            <label>
                <span class="visually-hidden">"Cell"</span>
                <select aria-label="Cell" on:change:target=move |event| calls.choose.run(event.target().value())>
                    {options}
                </select>
            </label>
            <strong class="why-value" id="why-value">{why.value}</strong>
            <span class="hint">{format!("as of {}", position(why.position))}</span>
        </div>
        <div class="drawer-body" tabindex="0" role="region" aria-label="Why the cell is what it is">
            {rests_on}
            <h3>{heading}</h3>
            <ol class="steps" id="why-causes">{causes}</ol>
            {none}
            {earlier}
        </div>
    }
}

fn cause(cause: &CauseRow, is_derived: bool, zone: Zone, calls: WhyCalls) -> impl IntoView + use<> {
    let at = cause.position;
    let epoch = (0 < cause.epoch).then(|| format!("epoch {}", grouped(cause.epoch)));
    let origin = cause.origin.iter().map(|(name, value)| format!("{name} {value}"));
    let facts: Vec<String> = cause.clause.clone().into_iter().chain(epoch).chain(origin).collect();
    let row = is_derived.then(|| source(&cause.row, calls));
    let change = match cause.row.column {
        Some(_) => format!("{} ▸ {}", cause.before, cause.after),
        None => "the row came".into(),
    };
    view! {
        <li class="step">
            <span class="step-head">
                <button type="button" class="link" title="Go to this moment" on:click=move |_| calls.seek.run(at)>
                    {position(at)}
                </button>
                <button type="button" class="link" title="Show the event" on:click=move |_| calls.open.run(at)>
                    {cause.event_type.clone()}
                </button>
            </span>
            <strong class="step-change">{change}</strong>
            {row}
            <span class="step-facts">{cause.time_ms.map(|time| move || zone.moment(time))}</span>
            <span class="step-facts">{facts.join(" · ")}</span>
        </li>
    }
}

fn contribution(contribution: &ContributionRow, calls: WhyCalls) -> impl IntoView + use<> {
    let amount = contribution.amount.clone();
    view! {
        <li class="step step-short">
            {amount.map(|amount| view! { <strong class="step-change">{amount}</strong> })}
            {contribution.rows.iter().map(|row| source(row, calls)).collect_view()}
        </li>
    }
}

/// A row that something came from, as a link to why it is what it is.
fn source(row: &SourceRow, calls: WhyCalls) -> impl IntoView + use<> {
    let href = calls.link.run((row.view.clone(), row.key.clone(), row.column.clone()));
    let column = row.column.as_ref().map(|column| format!(" · {column}"));
    view! {
        <span class="step-row">
            <a href=href>{format!("{} {}", row.view, row.key)}</a>
            {column}
        </span>
    }
}
