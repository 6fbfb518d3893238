//! What was sent from this page.

use everview_core::command::Message as _;
use everview_protocol::session::CommandResult;
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::format::{duration, position};
use crate::reactive::{When, part};
use crate::store::{SentCommand, Store};

/// The commands, the latest first, with what became of them.
#[component]
pub(crate) fn History() -> impl IntoView {
    let store = expect_context::<Store>();
    let rows = move || store.sent.get().into_iter().map(row).collect_view();
    view! {
        <section aria-label="History">
            <h2>"Sent from this page"</h2>
            <When
                is_true=move || store.sent.with(|sent| !sent.is_empty())
                otherwise=|| view! { <p class="empty">"Nothing yet."</p> }
            >
                <div class="table-scroll" tabindex="0" role="region" aria-label="Commands sent">
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">"command"</th>
                                <th scope="col">"order"</th>
                                <th scope="col">"result"</th>
                                <th scope="col">"by"</th>
                                <th scope="col" class="number">"took"</th>
                                <th scope="col">"idempotency key"</th>
                            </tr>
                        </thead>
                        <tbody role="log" aria-live="polite">{part(rows)}</tbody>
                    </table>
                </div>
            </When>
        </section>
    }
}

fn row(sent: SentCommand) -> impl IntoView {
    let (tone, word) = match sent.outcome.as_ref().map(|outcome| &outcome.result) {
        None => (Tone::Info, "on its way".to_owned()),
        Some(CommandResult::Accepted { first, last }) => {
            (Tone::Ok, format!("accepted, {}", places(*first, *last)))
        }
        Some(CommandResult::Repeated { first, last }) => {
            (Tone::Ok, format!("done before, {}", places(*first, *last)))
        }
        Some(CommandResult::Rejected { reason }) => (Tone::Crit, format!("rejected: {reason}")),
        Some(CommandResult::Unavailable { reason }) => {
            (Tone::Warn, format!("not decided: {reason}"))
        }
    };
    let node = sent.outcome.and_then(|outcome| outcome.node).unwrap_or_default();
    view! {
        <tr>
            <th scope="row">{sent.command.type_name()}</th>
            <td>{sent.order}</td>
            <td><Badge tone=Signal::stored(tone) word=Signal::stored(word) /></td>
            <td>{node}</td>
            <td class="number">{sent.took_ms.map(duration)}</td>
            <td><code>{sent.key}</code></td>
        </tr>
    }
}

fn places(first: u64, last: u64) -> String {
    if first == last {
        position(first)
    } else {
        format!("{} to {}", position(first), position(last))
    }
}
