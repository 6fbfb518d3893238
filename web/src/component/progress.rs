//! How far a file has come, a way to see that much of it, and a way out.

use everview_protocol::session::OpeningState;
use leptos::prelude::*;

use crate::model::format::{bytes, counted, grouped, percent};
use crate::reactive::When;

/// A bar with bytes, events and rate, while a file is being opened.
#[component]
pub(crate) fn Progress(
    /// The file, if one is being opened.
    #[prop(into)]
    opening: Signal<Option<OpeningState>>,
    /// Called when what has come shall be shown.
    #[prop(into)]
    on_show: Callback<()>,
    /// Called when it shall be given up.
    #[prop(into)]
    on_cancel: Callback<()>,
) -> impl IntoView {
    // Each is a memo of its own: what is drawn anew ten times a second cannot keep the focus.
    let of = move |tell: fn(&OpeningState) -> String| {
        Memo::new(move |_| opening.with(|opening| opening.as_ref().map(tell).unwrap_or_default()))
    };
    let is_shown = Memo::new(move |_| opening.with(|it| it.as_ref().is_some_and(|it| it.is_shown)));
    let can_show = Memo::new(move |_| opening.with(|it| it.as_ref().is_some_and(|it| it.can_show)));
    let title = of(|opening| {
        let doing = if opening.is_shown { "Reading on in" } else { "Opening" };
        format!("{doing} {}", opening.name)
    });
    let share = Memo::new(move |_| {
        let opening = opening.get()?;
        opening.total.map(|total| percent(opening.bytes, total))
    });
    let numbers = of(numbers);
    view! {
        <When is_true=Signal::derive(move || opening.with(Option::is_some))>
            <div class="progress" role="group" aria-label="Opening a file">
                <strong class="progress-name">{title}</strong>
                <progress aria-label="Read so far" max="100" value=share></progress>
                <span class="progress-numbers">{numbers}</span>
                <When is_true=can_show>
                    <button type="button" class="button" on:click=move |_| on_show.run(())>
                        "Show what has come"
                    </button>
                </When>
                <button type="button" class="button" on:click=move |_| on_cancel.run(())>
                    {move || if is_shown.get() { "Stop" } else { "Cancel" }}
                </button>
            </div>
        </When>
    }
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
