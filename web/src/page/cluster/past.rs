//! Says that the cluster is shown as it was, and when that was.

use everview_protocol::session::PastCluster;
use leptos::prelude::*;

use crate::model::address::Section;
use crate::model::format::{duration, position};
use crate::reactive::{When, part};
use crate::store::Store;

/// How finely the time between two events is looked at, in milliseconds: as often as the cluster was.
const STEP_MS: u64 = 50;

/// Which moment is shown, with a slider over the time in which no further event came.
#[component]
pub(super) fn PastBanner(
    /// The part of the page.
    section: Section,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let is_past = Memo::new(move |_| store.is_past());
    let past = move || store.simulated().past.get();
    let words = move || match section {
        Section::Availability => {
            "You are looking at the past. This is a total until now.".to_owned()
        }
        _ => past().map_or_else(|| "The past is looked up…".to_owned(), |past| told(&past)),
    };
    let span = Memo::new(move |_| {
        let past = store.simulated().past.get()?;
        let is_long = past.from_ms + STEP_MS < past.until_ms;
        is_long.then_some((past.position, past.from_ms, past.until_ms))
    });
    let slider = move || {
        span.get().filter(|_| section != Section::Availability).map(|(at, from, until)| {
            let now = move || past().map_or(from, |past| past.state.now_ms);
            let choose = move |text: String| {
                if let Ok(chosen) = text.parse() {
                    store.simulated().moment.set(Some((at, chosen)));
                    // What is shown may be of a later event, where the one asked for left no moment.
                    if store.playhead.get_untracked() != at {
                        store.seek(at);
                    }
                }
            };
            view! {
                <label class="past-moment">
                    {format!("until the next event, {}", duration(until - from))}
                    <input
                        type="range"
                        min=from
                        max=until.saturating_sub(1)
                        step=STEP_MS
                        prop:value=Signal::derive(move || now().to_string())
                        aria-valuetext=Signal::derive(move || format!("{} after the start", duration(now())))
                        on:input:target=move |event| choose(event.target().value())
                    />
                </label>
            }
        })
    };
    view! {
        <When is_true=move || is_past.get()>
            <section class="banner past" aria-label="The past">
                <span aria-hidden="true">"◀"</span>
                <span id="past-words">{part(words)}</span>
                {part(slider)}
                <button type="button" class="button" on:click=move |_| store.follow()>"To the head"</button>
            </section>
        </When>
    }
}

fn told(past: &PastCluster) -> String {
    let at = position(past.position);
    // What one region made early, another one may have got late.
    let of_event = match past.state.regions {
        Some(_) => format!("when {at} was the last event made, here or there"),
        None => format!("when this page had {at}"),
    };
    let passed = duration(past.state.now_ms);
    format!("The past: the cluster as it was {of_event}, {passed} after its start.")
}
