//! Something went wrong, and the rest goes on.

use leptos::prelude::*;

use crate::reactive::part;

/// A line that stays until it is dismissed.
#[component]
pub(crate) fn Notice(
    /// What happened, if something did.
    text: RwSignal<Option<String>>,
) -> impl IntoView {
    let shown = move || {
        text.get().map(|text_now| {
            view! {
                <div class="notice">
                    <span class="badge badge-crit">
                        <span class="badge-glyph" aria-hidden="true">"✕"</span>
                        <span class="badge-word">"failed"</span>
                    </span>
                    <span class="notice-text">{text_now}</span>
                    <button type="button" class="button" on:click=move |_| text.set(None)>
                        "Dismiss"
                    </button>
                </div>
            }
        })
    };
    view! { <div role="alert" class="notices">{part(shown)}</div> }
}
