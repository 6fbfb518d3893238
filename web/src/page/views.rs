//! The list of views.

use everview_protocol::session::ViewSummary;
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::address::Page;
use crate::model::format::{grouped, position, short_digest};
use crate::reactive::{When, part};
use crate::store::Store;

/// Every view with its size, digest and state.
#[component]
pub(crate) fn ViewsPage() -> impl IntoView {
    let store = expect_context::<Store>();
    let editor = move || store.address.with(|address| address.on(Page::Definitions).to_string());
    let rows = move || {
        store.session.with(|session| {
            session.as_ref().map(|session| {
                session.views.iter().map(|known| row(known, session.position, store)).collect_view()
            })
        })
    };
    let is_empty = move || {
        store.session.with(|session| session.as_ref().is_some_and(|open| open.views.is_empty()))
    };
    view! {
        <div class="page views">
            <div class="page-head">
                <h1>"Views"</h1>
                <a class="button" href=Signal::derive(editor)>"Edit the definitions"</a>
            </div>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Views">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"view"</th>
                            <th scope="col">"state"</th>
                            <th scope="col" class="number">"rows"</th>
                            <th scope="col" class="number">"as of"</th>
                            <th scope="col">"digest"</th>
                        </tr>
                    </thead>
                    <tbody>{part(rows)}</tbody>
                </table>
            </div>
            <When is_true=is_empty>
                <p class="empty">"No view is defined. Open the editor and write one."</p>
            </When>
            <p class="hint">
                "A digest is a number that is equal for equal views, whatever the path to them. Move the time bar and it changes; come back and it is the same again."
            </p>
        </div>
    }
}

fn row(known: &ViewSummary, at: u64, store: Store) -> impl IntoView + use<> {
    let page = Page::View(known.name.clone());
    let href = move || store.address.with(|address| address.on(page.clone()).to_string());
    let (tone, word) = match known.troubles {
        0 => (Tone::Ok, "current".to_owned()),
        troubles => (Tone::Warn, format!("{} not computed", grouped(troubles))),
    };
    view! {
        <tr>
            <th scope="row"><a href=Signal::derive(href)>{known.name.clone()}</a></th>
            <td><Badge tone=Signal::stored(tone) word=Signal::stored(word) /></td>
            <td class="number">{grouped(known.rows)}</td>
            <td class="number">{position(at)}</td>
            <td><code title=known.digest.clone()>{short_digest(&known.digest).to_owned()}</code></td>
        </tr>
    }
}
