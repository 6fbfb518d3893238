//! The records that could not be read as events.

use everview_protocol::session::{RefusedRecord, Reply, Request};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::component::dialog::Dialog;
use crate::model::format::{counted, grouped};
use crate::reactive::{When, part};
use crate::store::Store;

/// How many there are; pressed, a list of the first ones with the place and the reason.
#[component]
pub(crate) fn Refused() -> impl IntoView {
    let store = expect_context::<Store>();
    let is_open = RwSignal::new(false);
    let records = RwSignal::new(Vec::<RefusedRecord>::new());
    let count = Memo::new(move |_| {
        store.session.with(|session| session.as_ref().map_or(0, |session| session.intake.refused))
    });
    let open = move |_| {
        store.ask(Request::Refused, move |reply| {
            if let Reply::Refused(refused) = reply {
                records.set(refused);
                is_open.set(true);
            }
        });
    };
    let rows = move || records.get().into_iter().map(row).collect_view();
    let more = move || {
        let unlisted = count.get().saturating_sub(records.with(Vec::len) as u64);
        (0 < unlisted).then(|| format!("and {} more", grouped(unlisted)))
    };
    view! {
        <When is_true=move || { 0 < count.get() }>
            <button type="button" class="button" on:click=open>
                <Badge
                    tone=Signal::stored(Tone::Warn)
                    word=Signal::derive(move || format!("{} refused", counted(count.get(), "record")))
                />
            </button>
        </When>
        <Dialog title="Refused records" is_open on_close=move |()| is_open.set(false)>
            <p>"They could not be read as events. The rest of the file was read."</p>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Refused records">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col" class="number">"line"</th>
                            <th scope="col" class="number">"byte"</th>
                            <th scope="col">"reason"</th>
                        </tr>
                    </thead>
                    <tbody>{part(rows)}</tbody>
                </table>
            </div>
            <p class="hint">{Signal::derive(more)}</p>
        </Dialog>
    }
}

fn row(record: RefusedRecord) -> impl IntoView {
    view! {
        <tr>
            <td class="number">{grouped(record.line)}</td>
            <td class="number">{grouped(record.offset)}</td>
            <td>{record.reason}</td>
        </tr>
    }
}
