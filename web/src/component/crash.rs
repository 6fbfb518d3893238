//! The worker is gone: said plainly, with a way on.

use leptos::prelude::*;

/// A card in the place of the page.
#[component]
pub(crate) fn Crash(
    /// Why.
    #[prop(into)]
    message: Signal<String>,
) -> impl IntoView {
    let reload = move |_| {
        // Fails only where reloading is forbidden, and then the button does nothing.
        let _ = location().reload();
    };
    view! {
        <section class="crash" role="alert">
            <h1>
                <span class="badge badge-crit">
                    <span class="badge-glyph" aria-hidden="true">"✕"</span>
                    <span class="badge-word">"stopped"</span>
                </span>
                " The engine has stopped"
            </h1>
            <p>"It runs in the background and goes no further. What is on this page is the last thing it said."</p>
            <pre class="crash-message">{message}</pre>
            <button type="button" class="button button-strong" on:click=reload>
                "Reload at this place"
            </button>
        </section>
    }
}
