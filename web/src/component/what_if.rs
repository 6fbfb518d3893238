//! Making another future out of an event.

use everview_protocol::session::{EventDetail, WhatIf};
use leptos::prelude::*;

use crate::model::tree::indented;
use crate::store::CommandKind;

/// The ways in which things might have gone otherwise at an event.
#[component]
pub(crate) fn WhatIfForms(
    /// The event.
    #[prop(into)]
    event: Signal<EventDetail>,
    /// Called with what shall be otherwise.
    #[prop(into)]
    on_fork: Callback<WhatIf>,
) -> impl IntoView {
    let changed = RwSignal::new(String::new());
    let (added_type, added_stream) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let added = RwSignal::new(String::new());
    let sent = RwSignal::new(CommandKind::default());
    let (sent_stream, sent_data) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| sent_data.set(indented(&sent.get().example())));
    let at = Memo::new(move |_| event.with(|event| event.row.position));
    // Another event begins with what it says itself.
    Effect::new(move |_| {
        let _ = at.get();
        event.with_untracked(|event| {
            changed.set(indented(&event.data));
            added_type.set(event.row.event_type.clone());
            added_stream.set(event.row.stream.clone());
            added.set(indented(&event.data));
            sent_stream.set(event.row.stream.clone());
        });
    });
    let drop = move |_| on_fork.run(WhatIf::Without { position: at.get_untracked() });
    let change = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let (position, data) = (at.get_untracked(), changed.get_untracked());
        on_fork.run(WhatIf::Changed { position, data });
    };
    let add = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        on_fork.run(WhatIf::Added {
            after: at.get_untracked(),
            event_type: added_type.get_untracked().trim().to_owned(),
            stream: added_stream.get_untracked().trim().to_owned(),
            data: added.get_untracked(),
        });
    };
    let command = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        on_fork.run(WhatIf::Commanded {
            after: at.get_untracked(),
            command_type: sent.get_untracked().name().to_owned(),
            stream: sent_stream.get_untracked().trim().to_owned(),
            data: sent_data.get_untracked(),
        });
    };
    let option = move |kind: CommandKind| {
        view! { <option value=kind.name() selected=move || sent.get() == kind>{kind.name()}</option> }
    };
    let choose = move |name: String| {
        let kind = CommandKind::ALL.into_iter().find(|kind| kind.name() == name);
        sent.set(kind.unwrap_or_default());
    };
    view! {
        <details class="what-if">
            <summary>"⋔ What if…"</summary>
            <p class="hint">"Another future of the log, beside it. The log itself stays as it is, and nothing is sent."</p>
            <button type="button" class="button" on:click=drop>"This event had not happened"</button>
            <form on:submit=change>
                <label for="what-if-changed">"It had said"</label>
                <textarea id="what-if-changed" rows="5" spellcheck="false" bind:value=changed></textarea>
                <button type="submit" class="button">"Change it"</button>
            </form>
            <form on:submit=add>
                <label for="what-if-type">"Another event after it, of type"</label>
                <input id="what-if-type" type="text" required bind:value=added_type />
                <label for="what-if-stream">"in stream"</label>
                <input id="what-if-stream" type="text" bind:value=added_stream />
                <label for="what-if-added">"saying"</label>
                <textarea id="what-if-added" rows="5" spellcheck="false" bind:value=added></textarea>
                <button type="submit" class="button">"Add it"</button>
            </form>
            <form on:submit=command>
                <label for="what-if-command">"A command was sent after it"</label>
                <select id="what-if-command" on:change:target=move |event| choose(event.target().value())>
                    {CommandKind::ALL.into_iter().map(option).collect_view()}
                </select>
                <label for="what-if-order">"about order"</label>
                <input id="what-if-order" type="text" required bind:value=sent_stream />
                <label for="what-if-data">"with"</label>
                <textarea id="what-if-data" rows="5" spellcheck="false" bind:value=sent_data></textarea>
                <button type="submit" class="button">"Send it there"</button>
            </form>
        </details>
    }
}
