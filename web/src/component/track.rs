//! The log as a line: how dense its events are, and where the playhead stands.

use leptos::html;
use leptos::prelude::*;
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent, PointerEvent};

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
    /// What the playhead is at, in words.
    #[prop(into)]
    words: Signal<String>,
    /// Called with the position it is dragged to, at most once a frame.
    #[prop(into)]
    on_seek: Callback<u64>,
) -> impl IntoView {
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
        is_dragged.set(true);
        place(&event);
    };
    let go_on = move |event: PointerEvent| {
        if is_dragged.get_untracked() {
            place(&event);
        }
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
            aria-valuemin="0"
            aria-valuemax=head
            aria-valuenow=playhead
            aria-valuetext=words
            style:--filled=Signal::derive(filled)
            on:pointerdown=begin
            on:pointermove=go_on
            on:pointerup=move |_| is_dragged.set(false)
            on:pointercancel=move |_| is_dragged.set(false)
            on:keydown=press
        >
            {outline(density, line)}
            <span class="track-later" aria-hidden="true"></span>
            {part(move || markers.get().into_iter().map(|marker| sign(marker, line)).collect_view())}
            <span class="track-playhead" hidden=Signal::derive(is_away) aria-hidden="true"></span>
        </div>
    }
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
