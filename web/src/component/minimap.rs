//! All of the log below the part of it that is shown, and ways to show another part.

use leptos::html;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

use crate::component::track::{outline, share_at};
use crate::model::format::grouped;
use crate::model::line::{CLOSER, Line, Look, PANNED};
use crate::model::track::Density;

/// A window on a drawing of all of the log, that can be moved.
#[component]
pub(crate) fn Minimap(
    /// What is shown.
    #[prop(into)]
    line: Signal<Line>,
    /// How dense the events are in all of the log.
    #[prop(into)]
    density: Signal<Density>,
    /// Called when another part of the log shall be shown.
    on_look: Callback<Look>,
) -> impl IntoView {
    let area = NodeRef::<html::Div>::new();
    let whole = Signal::derive(move || line.with(Line::whole));
    let extent = Memo::new(move |_| line.with(Line::extent));
    let shown = Memo::new(move |_| line.with(|line| line.shown().rounded()));
    let head = Memo::new(move |_| whole.with(|whole| whole.shown().rounded().1));
    let words = move || match (line.with(Line::is_whole), shown.get()) {
        (true, _) => format!("All of {}", grouped(head.get())),
        (false, (from, to)) => {
            format!("{} to {} of {}", grouped(from), grouped(to), grouped(head.get()))
        }
    };
    let middle = move || shown.get().0.midpoint(shown.get().1);
    // How far from the beginning of the window it is held.
    let grip = StoredValue::new(None::<f64>);
    let follow = move |event: &PointerEvent| {
        let (Some(share), Some(grip)) = (share_at(area, event), grip.get_value()) else { return };
        let (from, length) = extent.get_untracked();
        on_look.run(Look::Pan((share - grip - from) / length));
    };
    let begin = move |event: PointerEvent| {
        let Some(share) = share_at(area, &event) else { return };
        // Without capture the drag ends at the edge, and still works.
        let _ = area.get_untracked().map(|area| area.set_pointer_capture(event.pointer_id()));
        let (from, length) = extent.get_untracked();
        let is_on_it = (from..from + length).contains(&share);
        grip.set_value(Some(if is_on_it { share - from } else { length / 2.0 }));
        follow(&event);
    };
    let press = move |event: KeyboardEvent| {
        if let Some(look) = looked(&event.key()) {
            event.prevent_default();
            on_look.run(look);
        }
    };
    view! {
        <div
            class="minimap"
            node_ref=area
            role="slider"
            tabindex="0"
            aria-label="Part of the log that is shown"
            title="Drag the window to show another part of the log ({ and }); + and − zoom, 0 shows all"
            aria-valuemin=Signal::derive(move || whole.with(|whole| whole.position(0.0)))
            aria-valuemax=head
            aria-valuenow=Signal::derive(middle)
            aria-valuetext=Signal::derive(words)
            style:--at=Signal::derive(move || format!("{}%", extent.get().0 * 100.0))
            style:--width=Signal::derive(move || format!("{}%", extent.get().1 * 100.0))
            on:pointerdown=begin
            on:pointermove=move |event| follow(&event)
            on:pointerup=move |_| grip.set_value(None)
            on:pointercancel=move |_| grip.set_value(None)
            on:keydown=press
        >
            {outline(density, whole)}
            <span class="minimap-shown" aria-hidden="true"></span>
        </div>
    }
}

/// What a key does that is pressed on the minimap.
fn looked(key: &str) -> Option<Look> {
    Some(Look::Pan(match key {
        "ArrowLeft" | "ArrowDown" => -PANNED,
        "ArrowRight" | "ArrowUp" => PANNED,
        "PageDown" => -1.0,
        "PageUp" => 1.0,
        "Home" => f64::NEG_INFINITY,
        "End" => f64::INFINITY,
        _ => return None,
    }))
}

/// Buttons that show more, all, or less of the log.
#[component]
pub(crate) fn Zoom(
    /// What is shown.
    #[prop(into)]
    line: Signal<Line>,
    /// Called with so many times as much that shall be shown.
    on_zoom: Callback<f64>,
    /// Called when another part of the log shall be shown.
    on_look: Callback<Look>,
) -> impl IntoView {
    let is_whole = Signal::derive(move || line.with(Line::is_whole));
    let button = |words: &'static str,
                  key: &'static str,
                  sign,
                  is_off: Signal<bool>,
                  press: Callback<()>| {
        view! {
            <button
                type="button"
                class="icon"
                aria-label=words
                title=format!("{words} ({key})")
                disabled=is_off
                on:click=move |_| press.run(())
            >
                {sign}
            </button>
        }
    };
    let zoom = move |times: f64| Callback::new(move |()| on_zoom.run(times));
    let fit = Callback::new(move |()| on_look.run(Look::Fit));
    view! {
        {button("Show more of the log", "-", "−", is_whole, zoom(1.0 / CLOSER))}
        {button("Show all of the log", "0, or a double click on the line", "⤢", is_whole, fit)}
        {button("Show less of the log", "+", "+", Signal::stored(false), zoom(CLOSER))}
    }
}
