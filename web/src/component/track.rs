//! The log as a line: how dense its events are, and where the playhead stands.

use leptos::html;
use leptos::prelude::*;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};

use crate::model::marker::{Marker, MarkerKind};
use crate::model::track::{leapt, outline, percent_at, position_at};
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
    /// Events a second along the log, from 0 to 1.
    #[prop(into)]
    density: Signal<Vec<f32>>,
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
    let line = NodeRef::<html::Div>::new();
    let wanted = StoredValue::new(None::<u64>);
    let is_dragged = RwSignal::new(false);
    let place = move |event: &PointerEvent| {
        let Some(line) = line.get_untracked() else { return };
        let area = line.get_bounding_client_rect();
        let position = position_at(
            f64::from(event.client_x()) - area.left(),
            area.width(),
            head.get_untracked(),
        );
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
        let _ = line.get_untracked().map(|line| line.set_pointer_capture(event.pointer_id()));
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
        if let Some(position) = leapt(&event.key(), playhead.get_untracked(), head.get_untracked())
        {
            event.prevent_default();
            on_seek.run(position);
        }
    };
    let filled = move || format!("{}%", percent_at(playhead.get(), head.get()));
    view! {
        <div
            class="track"
            class:track-dragged=is_dragged
            node_ref=line
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
            <svg class="track-density" viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
                <path d=move || outline(&density.get()) />
            </svg>
            <span class="track-later" aria-hidden="true"></span>
            {part(move || markers.get().into_iter().map(|marker| sign(marker, head)).collect_view())}
            <span class="track-playhead" aria-hidden="true"></span>
        </div>
    }
}

/// A marker on the line. What it is, the buttons beside the marks say in words.
fn sign(marker: Marker, head: Signal<u64>) -> impl IntoView {
    let at = move || format!("{}%", percent_at(marker.position, head.get()));
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
