//! How available the cluster was beside what is promised.

use everview_protocol::session::{AlertState, ClusterState, SlaState};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::format::{counted, duration};
use crate::reactive::part;

/// Availability as the page's own client saw it, what is left of the error budget, and how fast it
/// is being spent.
#[component]
pub(crate) fn Sla(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let sla =
        Memo::new(move |_| cluster.with(|cluster| cluster.as_ref().map(|now| now.sla.clone())));
    let parts = move || sla.with(|sla| sla.as_ref().map(parts));
    view! {
        <section id="sla" aria-label="Availability">
            <h2>"Availability"</h2>
            {part(parts)}
        </section>
    }
}

fn parts(sla: &SlaState) -> AnyView {
    let reached = sla.availability.clone().unwrap_or_else(|| "not measured yet".to_owned());
    let outages = match (sla.between_failures_ms, sla.to_repair_ms) {
        (Some(between), Some(repair)) => format!(
            "{}, {} apart and {} long on average.",
            counted(sla.outages, "outage"),
            duration(between),
            duration(repair),
        ),
        _ => "No outage yet.".to_owned(),
    };
    let alerts = sla.alerts.iter().map(alert).collect_view();
    view! {
        <div class="cards">
            <div class="card">
                <p class="big">{sla.objective.clone()}<small>" is the objective"</small></p>
                <p>{format!("{} may be without service.", duration(sla.allowed_ms))}</p>
            </div>
            <div class="card">
                <p class="big">{reached}<small>" available"</small></p>
                <p>
                    {format!(
                        "{} without service of {} simulated, as the client of this page saw it. {outages}",
                        duration(sla.down_ms),
                        duration(sla.measured_ms),
                    )}
                </p>
            </div>
            <div class="card">
                <p class="big">{duration(sla.left_ms)}<small>" left of the error budget"</small></p>
                <p>{format!("{} of it is spent.", sla.spent)}</p>
            </div>
        </div>
        <div class="table-scroll" tabindex="0" role="region" aria-label="Burn rates">
            <table class="table" id="burn-rates">
                <thead>
                    <tr>
                        <th scope="col">"windows"</th>
                        <th scope="col" class="number">"burn rate, long"</th>
                        <th scope="col" class="number">"short"</th>
                        <th scope="col" class="number">"limit"</th>
                        <th scope="col">"alert"</th>
                    </tr>
                </thead>
                <tbody>{alerts}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn alert(alert: &AlertState) -> impl IntoView + use<> {
    let (tone, word) = match (alert.fires, alert.pages) {
        (true, true) => (Tone::Crit, "act now"),
        (true, false) => (Tone::Warn, "look at it"),
        (false, _) => (Tone::Ok, "quiet"),
    };
    let shown = |rate: &Option<String>| rate.clone().unwrap_or_else(|| "–".to_owned());
    view! {
        <tr>
            <th scope="row">{format!("{} and {}", duration(alert.long_ms), duration(alert.short_ms))}</th>
            <td class="number">{shown(&alert.long_rate)}</td>
            <td class="number">{shown(&alert.short_rate)}</td>
            <td class="number">{alert.limit.clone()}</td>
            <td><Badge tone=Signal::stored(tone) word=Signal::stored(word.to_owned()) /></td>
        </tr>
    }
}
