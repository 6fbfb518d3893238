//! How far a file has come, and a way out.

use everview_protocol::session::OpeningState;
use leptos::prelude::*;

use crate::model::format::{bytes, counted, grouped, percent};
use crate::reactive::part;

/// A bar with bytes, events and rate, while a file is being opened.
#[component]
pub(crate) fn Progress(
    /// The file, if one is being opened.
    #[prop(into)]
    opening: Signal<Option<OpeningState>>,
    /// Called when it shall be given up.
    #[prop(into)]
    on_cancel: Callback<()>,
) -> impl IntoView {
    let shown = move || {
        opening.get().map(|opening| {
            let share = opening.total.map(|total| percent(opening.bytes, total));
            view! {
                <div class="progress" role="group" aria-label="Opening a file">
                    <strong class="progress-name">{format!("Opening {}", opening.name)}</strong>
                    <progress aria-label="Read so far" max="100" value=share></progress>
                    <span class="progress-numbers">{numbers(&opening)}</span>
                    <button type="button" class="button" on:click=move |_| on_cancel.run(())>
                        "Cancel"
                    </button>
                </div>
            }
        })
    };
    view! { {part(shown)} }
}

fn numbers(opening: &OpeningState) -> String {
    let of = opening.total.map(|total| format!(" of {}", bytes(total))).unwrap_or_default();
    let refused = match opening.refused {
        0 => String::new(),
        refused => format!(" · {} refused", grouped(refused)),
    };
    format!(
        "{}{of} · {} · {} events/s{refused}",
        bytes(opening.bytes),
        counted(opening.events, "event"),
        grouped(opening.events_per_second),
    )
}
