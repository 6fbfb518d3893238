//! What was done to the cluster on purpose, below the line of the log.

use everview_protocol::session::FaultState;
use leptos::prelude::*;

use crate::model::format::position;
use crate::model::track::percent_at;
use crate::reactive::part;

/// A mark where each fault began, as long as it lasted. The page of faults lists the same in words.
#[component]
pub(crate) fn Lane(
    /// What was done.
    #[prop(into)]
    faults: Signal<Vec<FaultState>>,
    /// The last position.
    #[prop(into)]
    head: Signal<u64>,
    /// Called with the position of a mark that is pressed.
    #[prop(into)]
    on_seek: Callback<u64>,
) -> impl IntoView {
    let marks = move || {
        let faults = faults.get();
        (!faults.is_empty()).then(|| {
            let marks = faults.into_iter().map(|fault| mark(&fault, head, on_seek)).collect_view();
            view! { <div class="lane" id="fault-lane" aria-hidden="true">{marks}</div> }
        })
    };
    part(marks)
}

fn mark(fault: &FaultState, head: Signal<u64>, on_seek: Callback<u64>) -> impl IntoView + use<> {
    let (from, until) = (fault.position, fault.until_position);
    let is_open = fault.until_ms.is_some() && until.is_none();
    let end = move || until.unwrap_or(if is_open { head.get() } else { from });
    let at = move || format!("{}%", percent_at(from, head.get()));
    let width =
        move || format!("{}%", percent_at(end(), head.get()) - percent_at(from, head.get()));
    view! {
        <span
            class="lane-mark"
            class:lane-mends=fault.mends
            style:--at=Signal::derive(at)
            style:--width=Signal::derive(width)
            title=format!("{}, {}", fault.step.text, position(from))
            on:click=move |_| on_seek.run(from)
        >
            {if fault.mends { "✓" } else { "⚡" }}
        </span>
    }
}
