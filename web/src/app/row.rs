//! A row of the view, beside the page: why its cells are what they are, and what became of it.

use everview_protocol::session::{HistoryPage, HistoryQuery, Reply, Request, WhyPage, WhyQuery};
use leptos::prelude::*;

use crate::component::history::History;
use crate::component::why::{Why, WhyCalls};
use crate::model::address::{Page, Pane, Selected};
use crate::reactive::{When, part, react};
use crate::store::Store;

/// How many changes of a row are asked for at once.
const CHANGES: u32 = 50;

/// A row, by its view and key.
type RowName = (String, String);

/// The row that the address names, with what is told of it.
#[component]
pub(super) fn RowDrawer() -> impl IntoView {
    let store = expect_context::<Store>();
    let pane = Memo::new(move |_| store.address.with(|address| address.pane));
    let row = Memo::new(move |_| {
        store.address.with(|address| match (&address.page, &address.selected) {
            (Page::View(view), Some(selected)) => Some((view.clone(), selected.key.clone())),
            _ => None,
        })
    });
    let is_open = Memo::new(move |_| pane.get().is_some() && row.with(Option::is_some));
    let name = move || row.get().unwrap_or_default();
    let tab = move |word: &'static str, this: Pane| {
        view! {
            <button
                type="button"
                class="tab"
                aria-pressed=Signal::derive(move || (pane.get() == Some(this)).to_string())
                on:click=move |_| store.address.update(|address| address.pane = Some(this))
            >
                {word}
            </button>
        }
    };
    view! {
        <When is_true=is_open>
            <aside class="drawer" id="drawer" tabindex="-1" aria-label="Row">
                <header class="drawer-head">
                    <h2>
                        <span class="drawer-position">{Signal::derive(move || name().0)}</span>
                        " "
                        {Signal::derive(move || row_words(&name().1))}
                    </h2>
                    <button type="button" class="icon" aria-label="Close" title="Close (Esc)" on:click=move |_| store.close()>
                        "✕"
                    </button>
                </header>
                <div class="drawer-moves">
                    <button type="button" class="button" title="Previous change of this row (Shift + n)" on:click=move |_| store.find_change(false)>
                        "◀ change"
                    </button>
                    <button type="button" class="button" title="Next change of this row (n)" on:click=move |_| store.find_change(true)>
                        "change ▶"
                    </button>
                </div>
                <div class="tabs" role="group" aria-label="What is told of the row">
                    {tab("Why", Pane::Why)} {tab("History", Pane::History)}
                </div>
                <When is_true=move || pane.get() == Some(Pane::Why)>
                    <WhyPane row />
                </When>
                <When is_true=move || pane.get() == Some(Pane::History)>
                    <HistoryPane row />
                </When>
            </aside>
        </When>
    }
}

/// The only row of a view has nothing that names it.
fn row_words(key: &str) -> String {
    if key.is_empty() { "its only row".into() } else { key.into() }
}

/// Where the playhead stands in the worker, and what its position means.
fn moment(store: Store) -> Memo<((u32, u32), u64)> {
    let history = store.history();
    Memo::new(move |_| {
        let position =
            store.session.with(|session| session.as_ref().map_or(0, |session| session.position));
        (history.get(), position)
    })
}

/// Why the chosen cell is what it is.
#[component]
fn WhyPane(
    /// The row.
    row: Memo<Option<RowName>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let known = RwSignal::new(None::<Result<WhyPage, String>>);
    let column = Memo::new(move |_| {
        store.address.with(|address| address.selected.as_ref().and_then(|row| row.column.clone()))
    });
    let moment = moment(store);
    react(move || {
        let _ = moment.get();
        let Some((view, key)) = row.get() else { return };
        let query = WhyQuery { view, key, column: column.get() };
        let asked = query.clone();
        store.ask(Request::Why(query), move |reply| {
            let is_wanted = row.try_get_untracked().flatten() == Some((asked.view, asked.key))
                && column.try_get_untracked() == Some(asked.column);
            match reply {
                Reply::Why(why) if is_wanted => known.set(Some(Ok(why))),
                Reply::Impossible(reason) if is_wanted => known.set(Some(Err(reason))),
                _ => {}
            }
        });
    });
    let calls = WhyCalls {
        choose: Callback::new(move |column: String| {
            store.address.update(|address| {
                if let Some(Selected { column: chosen, .. }) = &mut address.selected {
                    *chosen = Some(column);
                }
            });
        }),
        seek: Callback::new(move |position| {
            store.is_playing.set(false);
            store.jump(position);
        }),
        open: Callback::new(move |position| {
            store.address.update(|address| address.event = Some(position));
        }),
        link: Callback::new(move |(view, key, column): (String, String, Option<String>)| {
            store
                .address
                .with(|address| address.on_cell(&view, &key, column.as_deref()).to_string())
        }),
    };
    part(move || {
        known.get().map(|known| match known {
            Ok(why) => view! { <Why why calls /> }.into_any(),
            Err(reason) => nothing(&reason).into_any(),
        })
    })
}

fn nothing(reason: &str) -> impl IntoView + use<> {
    view! { <p class="empty" role="status">{format!("Nothing to tell: {reason}.")}</p> }
}

/// What became of the row.
#[component]
fn HistoryPane(
    /// The row.
    row: Memo<Option<RowName>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let known = RwSignal::new(None::<HistoryPage>);
    let is_asked = RwSignal::new(false);
    let moment = moment(store);
    let run = StoredValue::new(0_u32);
    react(move || {
        let now = moment.get();
        let Some(row) = row.get() else { return };
        // While events arrive, what is under way is finished first: it would never be otherwise.
        let is_new = known.with_untracked(Option::is_none);
        if is_asked.get_untracked() && store.is_following() && !is_new {
            return;
        }
        let number = run.get_value() + 1;
        run.set_value(number);
        is_asked.set(true);
        look_back(Look {
            store,
            known,
            is_asked,
            run,
            number,
            row,
            wanted: CHANGES,
            gathered: None,
        });
        let _ = now;
    });
    let further = move |()| {
        let (Some(row), Some(page)) = (row.get_untracked(), known.get_untracked()) else { return };
        let number = run.get_value() + 1;
        run.set_value(number);
        is_asked.set(true);
        look_back(Look {
            store,
            known,
            is_asked,
            run,
            number,
            row,
            wanted: CHANGES,
            gathered: Some(page),
        });
    };
    let stop = move |()| {
        run.set_value(run.get_value() + 1);
        is_asked.set(false);
    };
    let seek = Callback::new(move |position| {
        store.is_playing.set(false);
        store.jump(position);
    });
    view! { <History known is_asked on_further=further on_stop=stop on_seek=seek /> }
}

/// A look at the changes of a row, made in stretches.
struct Look {
    store: Store,
    known: RwSignal<Option<HistoryPage>>,
    is_asked: RwSignal<bool>,
    /// The number of the last look. An older one is given up.
    run: StoredValue<u32>,
    number: u32,
    row: RowName,
    /// How many changes it looks for.
    wanted: u32,
    gathered: Option<HistoryPage>,
}

fn look_back(look: Look) {
    let (view, key) = look.row.clone();
    let before = look.gathered.as_ref().and_then(|page| page.next);
    let query = HistoryQuery { view, key, before, count: look.wanted };
    look.store.ask(Request::History(query), move |reply| {
        let Look { known, is_asked, run, number, wanted, gathered, .. } = look;
        if run.try_get_value() != Some(number) {
            return;
        }
        let Reply::History(page) = reply else {
            known.set(None);
            return is_asked.set(false);
        };
        let found = u32::try_from(page.versions.len()).unwrap_or(u32::MAX);
        let page = match gathered {
            Some(mut gathered) => {
                gathered.versions.extend(page.versions);
                gathered.next = page.next;
                gathered
            }
            None => page,
        };
        let left = wanted.saturating_sub(found);
        let is_over = left == 0 || page.next.is_none();
        known.set(Some(page.clone()));
        if is_over {
            return is_asked.set(false);
        }
        look_back(Look { wanted: left, gathered: Some(page), ..look });
    });
}
