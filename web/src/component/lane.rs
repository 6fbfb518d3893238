//! The cluster's own history below the line of the log: who led, and what went wrong on purpose.

use everview_protocol::session::{FaultState, TermState};
use leptos::html;
use leptos::prelude::*;
use web_sys::{Element, PointerEvent};

use crate::component::track::share_at;
use crate::model::format::{duration, position};
use crate::model::line::{Line, Look};
use crate::model::term::bands;
use crate::reactive::part;

/// A band for each time in which somebody led, or nobody. The page of the cluster tells the same in
/// words.
#[component]
pub(crate) fn Leaders(
    /// Who led when.
    #[prop(into)]
    terms: Signal<Vec<TermState>>,
    /// Where positions lie.
    #[prop(into)]
    line: Signal<Line>,
    /// Called when it is dragged.
    on_look: Callback<Look>,
) -> impl IntoView {
    let known = Memo::new(move |_| terms.get());
    let all = move || {
        let bands = known.with(|terms| bands(terms));
        (!bands.is_empty()).then(|| {
            let bands = bands.into_iter().map(|(term, end)| band(&term, end, line)).collect_view();
            lane("leader-lane", bands.into_any(), on_look)
        })
    };
    part(all)
}

/// A lane, which is dragged to show what comes before or after.
fn lane(id: &'static str, content: AnyView, on_look: Callback<Look>) -> impl IntoView {
    let area = NodeRef::<html::Div>::new();
    let held = StoredValue::new(None::<f64>);
    let begin = move |event: PointerEvent| {
        if event_target::<Element>(&event).matches(".lane-mark") == Ok(true) {
            return;
        }
        // Without capture the drag ends at the edge of the lane, and still works.
        let _ = area.get_untracked().map(|area| area.set_pointer_capture(event.pointer_id()));
        held.set_value(share_at(area, &event));
    };
    let follow = move |event: PointerEvent| {
        if let (Some(from), Some(to)) = (held.get_value(), share_at(area, &event)) {
            on_look.run(Look::Pan(from - to));
            held.set_value(Some(to));
        }
    };
    view! {
        <div
            class="lane"
            id=id
            node_ref=area
            aria-hidden="true"
            on:pointerdown=begin
            on:pointermove=follow
            on:pointerup=move |_| held.set_value(None)
            on:pointercancel=move |_| held.set_value(None)
        >
            {content}
        </div>
    }
}

fn band(term: &TermState, end: Option<u64>, line: Signal<Line>) -> impl IntoView + use<> {
    let from = term.position;
    let last = end.unwrap_or(u64::MAX);
    let at = move || line.with(|line| line.percent(from));
    let width = move || line.with(|line| line.percent(last)) - at();
    let label = term.leader.as_ref().map(|leader| format!("{leader} e{}", term.epoch));
    let words = term.leader.as_ref().map_or_else(
        || "nobody led".to_owned(),
        |leader| format!("{leader} led in epoch {}", term.epoch),
    );
    let title =
        format!("{words}, from {} after the start, {}", duration(term.since_ms), position(from));
    let is_led = label.is_some();
    view! {
        <span
            class="lane-term"
            hidden=Signal::derive(move || !line.with(|line| line.meets(from, last)))
            class:lane-nobody=!is_led
            class:lane-odd=term.epoch % 2 == 1
            style:--at=Signal::derive(move || format!("{}%", at()))
            style:--width=Signal::derive(move || format!("{}%", width()))
            title=title
        >
            {label.map(|label| view! { <span class="lane-label">{label}</span> })}
        </span>
    }
}

/// A mark where each fault began, as long as it lasted. The page of faults lists the same in words.
#[component]
pub(crate) fn Faults(
    /// What was done.
    #[prop(into)]
    faults: Signal<Vec<FaultState>>,
    /// Where positions lie.
    #[prop(into)]
    line: Signal<Line>,
    /// Called with the position of a mark that is pressed.
    #[prop(into)]
    on_seek: Callback<u64>,
    /// Called when it is dragged.
    on_look: Callback<Look>,
) -> impl IntoView {
    let marks = move || {
        let faults = faults.get();
        (!faults.is_empty()).then(|| {
            let marks = faults.into_iter().map(|fault| mark(&fault, line, on_seek)).collect_view();
            lane("fault-lane", marks.into_any(), on_look)
        })
    };
    part(marks)
}

fn mark(fault: &FaultState, line: Signal<Line>, on_seek: Callback<u64>) -> impl IntoView + use<> {
    let (from, until) = (fault.position, fault.until_position);
    let is_open = fault.until_ms.is_some() && until.is_none();
    let end = until.unwrap_or(if is_open { u64::MAX } else { from });
    let at = move || line.with(|line| line.percent(from));
    let width = move || line.with(|line| line.percent(end)) - at();
    view! {
        <span
            class="lane-mark"
            hidden=Signal::derive(move || !line.with(|line| line.meets(from, end)))
            class:lane-mends=fault.mends
            style:--at=Signal::derive(move || format!("{}%", at()))
            style:--width=Signal::derive(move || format!("{}%", width()))
            title=format!("{}, {}", fault.step.text, position(from))
            on:click=move |_| on_seek.run(from)
        >
            {if fault.mends { "✓" } else { "⚡" }}
        </span>
    }
}
