//! The log as a line: how dense its events are, and where the playhead stands.

use leptos::html;
use leptos::prelude::*;
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent, PointerEvent};

use crate::model::axis::Idle;
use crate::model::format::{duration, position, rough};
use crate::model::line::Line;
use crate::model::marker::{Marker, MarkerKind};
use crate::model::track::Density;
use crate::reactive::part;

/// A slider over every position of the log, that can be dragged.
#[component]
pub(crate) fn Track(
    /// The playhead.
    #[prop(into)]
    playhead: Signal<u64>,
    /// The last position.
    #[prop(into)]
    head: Signal<u64>,
    /// Where positions lie.
    #[prop(into)]
    line: Signal<Line>,
    /// How dense the events are on it.
    #[prop(into)]
    density: Signal<Density>,
    /// What is marked.
    #[prop(into)]
    markers: Signal<Vec<Marker>>,
    /// From one position to another one that are marked.
    #[prop(into)]
    range: Signal<Option<(u64, u64)>>,
    /// What the playhead is at, in words.
    #[prop(into)]
    words: Signal<String>,
    /// Called with the position it is dragged to, at most once a frame.
    #[prop(into)]
    on_seek: Callback<u64>,
    /// Called when positions are to be marked.
    on_range: Callback<(u64, u64)>,
) -> impl IntoView {
    // From where to where somebody drags who holds Shift.
    let drawn = RwSignal::new(None::<(u64, u64)>);
    let area = NodeRef::<html::Div>::new();
    let wanted = StoredValue::new(None::<u64>);
    let is_dragged = RwSignal::new(false);
    let place = move |event: &PointerEvent| {
        let Some(share) = share_at(area, event) else { return };
        let position = line.with_untracked(|line| line.position(share));
        let is_asked = wanted.get_value().is_some();
        wanted.set_value(Some(position));
        if !is_asked {
            request_animation_frame(move || {
                if let Some(position) = wanted.try_update_value(Option::take).flatten() {
                    on_seek.run(position);
                }
            });
        }
    };
    let begin = move |event: PointerEvent| {
        let target = event_target::<HtmlElement>(&event);
        // Without capture the drag ends at the edge of the line, and still works.
        let _ = area.get_untracked().map(|area| area.set_pointer_capture(event.pointer_id()));
        let _ = target.focus();
        if event.shift_key() {
            let Some(share) = share_at(area, &event) else { return };
            let position = line.with_untracked(|line| line.position(share));
            return drawn.set(Some((position, position)));
        }
        is_dragged.set(true);
        place(&event);
    };
    let go_on = move |event: PointerEvent| {
        if is_dragged.get_untracked() {
            place(&event);
        } else if let (Some((from, _)), Some(share)) =
            (drawn.get_untracked(), share_at(area, &event))
        {
            drawn.set(Some((from, line.with_untracked(|line| line.position(share)))));
        }
    };
    let end = move |_| {
        is_dragged.set(false);
        let wanted = drawn.get_untracked().map(in_order).filter(|(from, to)| from != to);
        drawn.set(None);
        if let Some(range) = wanted {
            on_range.run(range);
        }
    };
    let shaded = move || {
        let (from, to) = drawn.get().map(in_order).or_else(|| range.get())?;
        let (from, to) =
            line.with(|line| line.meets(from, to).then(|| (line.percent(from), line.percent(to))))?;
        let (at, width) = (format!("{from}%"), format!("{}%", to - from));
        Some(
            view! { <span class="track-range" aria-hidden="true" style:--at=at style:--width=width></span> },
        )
    };
    let press = move |event: KeyboardEvent| {
        let at = playhead.get_untracked();
        if let Some(position) = line.with_untracked(|line| line.leapt(&event.key(), at)) {
            event.prevent_default();
            on_seek.run(position);
        }
    };
    let filled = move || format!("{}%", line.with(|line| line.percent(playhead.get())));
    let is_away = move || !line.with(|line| line.shows(playhead.get()));
    view! {
        <div
            class="track"
            class:track-dragged=is_dragged
            node_ref=area
            role="slider"
            tabindex="0"
            aria-label="Position in the log"
            aria-valuemin=Signal::derive(move || line.with(|line| line.whole().position(0.0)))
            aria-valuemax=head
            aria-valuenow=playhead
            aria-valuetext=words
            style:--filled=Signal::derive(filled)
            on:pointerdown=begin
            on:pointermove=go_on
            on:pointerup=end
            on:pointercancel=end
            on:keydown=press
        >
            {outline(density, line)}
            {part(move || line.with(Line::idle).into_iter().map(|idle| quiet(idle, line)).collect_view())}
            <span class="track-later" aria-hidden="true"></span>
            {part(shaded)}
            {part(move || markers.get().into_iter().map(|marker| sign(marker, line)).collect_view())}
            <span class="track-playhead" hidden=Signal::derive(is_away) aria-hidden="true"></span>
        </div>
    }
}

fn in_order((one, other): (u64, u64)) -> (u64, u64) {
    (one.min(other), one.max(other))
}

/// How dense the events are, as an area behind what is marked.
pub(crate) fn outline(density: Signal<Density>, line: Signal<Line>) -> impl IntoView {
    let path = move || density.with(|density| line.with(|line| density.outline(line)));
    view! {
        <svg class="track-density" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
            <path d=path />
        </svg>
    }
}

/// How far along an element the pointer is.
pub(crate) fn share_at(area: NodeRef<html::Div>, pointer: &MouseEvent) -> Option<f64> {
    let area = area.get_untracked()?.get_bounding_client_rect();
    let is_drawn = 0.0 < area.width();
    is_drawn.then(|| (f64::from(pointer.client_x()) - area.left()) / area.width())
}

/// An idle time, with how long it was.
fn quiet(idle: Idle, line: Signal<Line>) -> impl IntoView {
    let from = move || line.with(|line| line.percent(idle.after));
    let width = move || line.with(|line| line.percent(idle.after + 1)) - from();
    let words = format!("┊┊ {} ┊┊", rough(idle.ms));
    view! {
        <span
            class="track-idle"
            aria-hidden="true"
            title=format!("Nothing for {} after {}", duration(idle.ms), position(idle.after))
            style:--at=Signal::derive(move || format!("{}%", from()))
            style:--width=Signal::derive(move || format!("{}%", width()))
        >
            <span class="track-idle-words">{words}</span>
        </span>
    }
}

/// A marker on the line. What it is, the buttons beside the marks say in words.
fn sign(marker: Marker, line: Signal<Line>) -> impl IntoView {
    let at = move || format!("{}%", line.with(|line| line.percent(marker.position)));
    view! {
        <span
            class="track-mark"
            class:track-bookmark=marker.kind == MarkerKind::Bookmark
            class:track-breakpoint=marker.kind == MarkerKind::Breakpoint
            aria-hidden="true"
            style:--at=Signal::derive(at)
        >
            {marker.kind.sign()}
        </span>
    }
}
