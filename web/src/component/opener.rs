//! Choosing what to open.

use leptos::prelude::*;
use web_sys::HtmlInputElement;

use crate::component::dialog::Dialog;

/// A file of this computer, an address, or the simulated cluster.
#[component]
pub(crate) fn Opener(
    /// Whether it is open.
    is_open: RwSignal<bool>,
    /// Called with a file that was picked.
    #[prop(into)]
    on_file: Callback<web_sys::File>,
    /// Called with an address that was typed.
    #[prop(into)]
    on_url: Callback<String>,
    /// Called with the seed of the cluster to simulate.
    #[prop(into)]
    on_simulate: Callback<u64>,
) -> impl IntoView {
    let url = RwSignal::new(String::new());
    let seed = RwSignal::new("42".to_owned());
    let picked = move |input: HtmlInputElement| {
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            is_open.set(false);
            on_file.run(file);
        }
    };
    let open_url = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !url.get_untracked().trim().is_empty() {
            is_open.set(false);
            on_url.run(url.get_untracked().trim().to_owned());
        }
    };
    let simulate = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Ok(seed) = seed.get_untracked().trim().parse::<u32>() {
            is_open.set(false);
            on_simulate.run(u64::from(seed));
        }
    };
    view! {
        <Dialog title="Open events" is_open on_close=move |()| is_open.set(false)>
            <div class="opener">
                <section>
                    <h3>"A file"</h3>
                    <p class="hint">
                        "NDJSON, a JSON array or CSV, gzipped or not. It stays on this computer. You can also drop it anywhere on the page."
                    </p>
                    <label class="button button-strong file-button">
                        "Choose a file…"
                        <input
                            type="file"
                            class="visually-hidden"
                            id="file-input"
                            on:change:target=move |event| picked(event.target())
                        />
                    </label>
                </section>
                <form on:submit=open_url>
                    <h3>"An address"</h3>
                    <label for="open-url">"Address of a file"</label>
                    <div class="row">
                        <input id="open-url" type="text" inputmode="url" placeholder="https://…" bind:value=url />
                        <button type="submit" class="button">"Open"</button>
                    </div>
                </form>
                <form on:submit=simulate>
                    <h3>"The simulated cluster"</h3>
                    <p class="hint">
                        "Three nodes in three zones serve a made-up shop. The same seed gives the same history."
                    </p>
                    <label for="open-seed">"Seed"</label>
                    <div class="row">
                        <input id="open-seed" type="number" min="0" max="4294967295" bind:value=seed />
                        <button type="submit" class="button">"Simulate"</button>
                    </div>
                </form>
            </div>
        </Dialog>
    }
}
