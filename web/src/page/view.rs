//! One view as a table.

mod diff;
mod finder;
mod selection;

use everview_protocol::session::{
    CellKind, Column, QuarantinedEvent, Reply, Request, Sort, ViewPage as Page, ViewQuery,
    ViewSummary,
};
use leptos::prelude::*;

use diff::DiffPane;
use finder::Finder;
use selection::{Sight, cursor};

use crate::component::badge::{Badge, Tone};
use crate::component::grid::{Grid, GridColumn, GridRow, GridRows, RowMark, Sorting};
use crate::model::address;
use crate::model::format::{counted, grouped, position, short_digest};
use crate::reactive::{When, part, react};
use crate::store::Store;

/// A column is as wide as its widest text so far, within these bounds.
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=40;

/// The rows of the view that the address names.
#[component]
pub(crate) fn ViewPage(
    /// The view's name.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let name = StoredValue::new(name);
    let known = RwSignal::new(None::<Page>);
    let is_missing = RwSignal::new(false);
    let widths = RwSignal::new(Vec::<usize>::new());
    let shown = RwSignal::new((0_u64, 0_u64));
    let version = store.version();
    let sort = Memo::new(move |_| store.address.with(|address| address.sort.clone()));
    let filter = Memo::new(move |_| store.address.with(|address| address.rows.clone()));
    let digest = Memo::new(move |_| {
        store.session.with(|session| session.as_ref().map(|session| session.position))
    });

    react(move || {
        let (first, fit) = shown.get();
        let _ = version.get();
        let _ = digest.get();
        let query = ViewQuery {
            view: name.get_value(),
            sort: sort.get(),
            filter: filter.get(),
            first,
            count: u32::try_from(fit).unwrap_or(u32::MAX),
        };
        store.ask(Request::View(query), move |reply| {
            let Reply::View(page) = reply else { return };
            is_missing.set(page.is_none());
            if let Some(page) = &page {
                widths.update(|widths| widen(widths, &page.columns, |index| widest(page, index)));
            }
            known.set(page);
        });
    });

    let columns = Signal::derive(move || {
        let sort = sort.get();
        let widths = widths.get();
        known.with(|page| {
            page.as_ref().map_or_else(Vec::new, |page| columns(page, &widths, sort.as_ref()))
        })
    });
    let rows = Signal::derive(move || {
        known.with(|page| page.as_ref().map_or_else(GridRows::default, grid_rows))
    });
    let count =
        Memo::new(move |_| known.with(|page| page.as_ref().map_or(0, |page| page.matching)));
    let turn = move |place: usize| {
        let column = known.with_untracked(|page| {
            page.as_ref().and_then(|page| page.columns.get(place)).map(|column| column.name.clone())
        });
        if let Some(column) = column {
            store.address.update(|address| address.sort = next_sort(address.sort.take(), column));
        }
    };
    let sight = Memo::new(move |_| {
        known.with(|page| {
            page.as_ref().map_or_else(Sight::default, |page| Sight {
                first: page.first,
                keys: page.keys.clone(),
                columns: page.columns.iter().map(|column| Some(column.name.clone())).collect(),
            })
        })
    });
    let cursor = cursor(store, sight.into());
    let is_diff = Memo::new(move |_| store.address.with(|address| address.is_diff));
    view! {
        <div class="page page-fills view">
            <Head name known />
            <Quarantine name known />
            <When is_true=move || is_missing.get()>
                <p class="empty">"There is no view of this name in the definitions."</p>
            </When>
            <Finder name known />
            <When is_true=is_diff>
                <DiffPane name />
            </When>
            <When is_true=move || !is_diff.get()>
                <RowFilter known />
                <div class="grid-frame">
                    <When is_true=move || count.get() == 0 && known.with(Option::is_some)>
                        <div class="empty"><p>{Signal::derive(move || known.with(|page| page.as_ref().map(empty_words)))}</p></div>
                    </When>
                    <Grid label="Rows" columns count rows on_window=move |window| shown.set(window) on_sort=turn cursor />
                </div>
            </When>
            <Definition known />
        </div>
    }
}

/// What the rows are narrowed to.
#[component]
fn RowFilter(
    /// What is known of the view.
    known: RwSignal<Option<Page>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let text = move || store.address.with(|address| address.rows.clone());
    let words = move || known.with(|page| page.as_ref().map(shown_words));
    view! {
        <div class="filters">
            <input
                id="page-filter"
                type="search"
                aria-label="Text in a row"
                placeholder="Text in any column  ( / )"
                prop:value=Signal::derive(text)
                on:input:target=move |event| {
                    let text = event.target().value();
                    store.address.update(|address| address.rows = text);
                }
            />
            <span class="search" role="status">{Signal::derive(words)}</span>
        </div>
    }
}

/// How the view is made.
#[component]
fn Definition(
    /// What is known of the view.
    known: RwSignal<Option<Page>>,
) -> impl IntoView {
    let text = move || known.with(|page| page.as_ref().map(|page| page.definition.clone()));
    view! {
        <details class="definition">
            <summary>"Definition"</summary>
            <pre tabindex="0" role="region" aria-label="Definition">{Signal::derive(text)}</pre>
        </details>
    }
}

/// The view's name, and what it is true at.
#[component]
fn Head(
    /// Its name.
    name: StoredValue<String>,
    /// What is known of it.
    known: RwSignal<Option<Page>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let views = move || store.address.with(|address| address.on(address::Page::Views).to_string());
    let facts = move || {
        known.with(|page| {
            page.as_ref().map(|page| {
                view! {
                    {format!("{} · as of {} · digest ", counted(page.total, "row"), position(page.position))}
                    <code id="view-digest" title=page.digest.clone()>
                        {short_digest(&page.digest).to_owned()}
                    </code>
                }
            })
        })
    };
    view! {
        <div class="page-head">
            <h1>
                <a href=Signal::derive(views)>"Views"</a>
                <span aria-hidden="true">" / "</span>
                {name.get_value()}
            </h1>
            <p class="page-summary">{part(facts)}</p>
            <div class="row">
                <button type="button" class="button" title="Previous change of this view, or of the chosen row (Shift + n)" on:click=move |_| store.find_change(false)>
                    "◀ change"
                </button>
                <button type="button" class="button" title="Next change of this view, or of the chosen row (n)" on:click=move |_| store.find_change(true)>
                    "change ▶"
                </button>
                <button
                    type="button"
                    class="button"
                    aria-pressed=Signal::derive(move || store.address.with(|address| address.is_diff).to_string())
                    title="Show what differs between mark A and mark B, or the playhead (d)"
                    on:click=move |_| store.toggle_diff()
                >
                    "Diff"
                </button>
            </div>
        </div>
    }
}

/// The events that the view could not take in.
#[component]
fn Quarantine(
    /// The view's name.
    name: StoredValue<String>,
    /// What is known of it.
    known: RwSignal<Option<Page>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let count = Memo::new(move |_| {
        let of = |view: &ViewSummary| (view.name == name.get_value()).then_some(view.troubles);
        store.session.with(|session| session.as_ref()?.views.iter().find_map(of))
    });
    let word = move || format!("{} not computed", grouped(count.get().unwrap_or_default()));
    let held = Memo::new(move |_| {
        known.with(|page| page.as_ref().map_or_else(Vec::new, |page| page.quarantined.clone()))
    });
    let missing = Memo::new(move |_| {
        known.with(|page| page.as_ref().map_or_else(Vec::new, |page| page.missing.clone()))
    });
    let events = move || {
        held.get()
            .into_iter()
            .map(|event| {
                let open =
                    move |_| store.address.update(|address| address.event = Some(event.position));
                view! {
                    <li>
                        "event "
                        <button type="button" class="link" on:click=open>{position(event.position)}</button>
                        {reason(&event, store)}
                    </li>
                }
            })
            .collect_view()
    };
    let rows = move || {
        missing
            .get()
            .into_iter()
            .map(|row| view! { <li>{format!("row {}: {}", row.key, row.error)}</li> })
            .collect_view()
    };
    view! {
        <When is_true=move || held.with(|held| !held.is_empty()) || missing.with(|rows| !rows.is_empty())>
            <section class="banner" aria-label="Quarantine" tabindex="0">
                <Badge tone=Signal::stored(Tone::Warn) word=Signal::derive(word) />
                <span>"What could not be computed waits in quarantine; everything else is right."</span>
                <ul>{part(events)} {part(rows)}</ul>
            </section>
        </When>
    }
}

/// Why an event is held: its error, or the event that it waits behind.
fn reason(event: &QuarantinedEvent, store: Store) -> AnyView {
    let Some(behind) = event.behind else {
        return format!(": {}", event.error).into_any();
    };
    let open = move |_| store.address.update(|address| address.event = Some(behind));
    view! {
        " waits behind event "
        <button type="button" class="link" on:click=open>{position(behind)}</button>
    }
    .into_any()
}

/// The columns of a view as those of a grid.
fn grid_columns(
    columns: &[Column],
    widths: &[usize],
    sorting: impl Fn(&str) -> Sorting,
) -> Vec<GridColumn> {
    let column = |(column, width): (&Column, &usize)| GridColumn {
        title: column.name.clone(),
        width_ch: *width,
        is_number: column.kind == CellKind::Number,
        sorting: sorting(&column.name),
    };
    columns.iter().zip(widths).map(column).collect()
}

fn columns(page: &Page, widths: &[usize], sort: Option<&Sort>) -> Vec<GridColumn> {
    grid_columns(&page.columns, widths, |name| match sort {
        Some(sort) if sort.column == name && sort.is_descending => Sorting::Descending,
        Some(sort) if sort.column == name => Sorting::Ascending,
        _ => Sorting::Unsorted,
    })
}

fn grid_rows(page: &Page) -> GridRows {
    let row = |cells: &Vec<String>| GridRow { cells: cells.clone(), mark: RowMark::Plain };
    GridRows { first: page.first, rows: page.rows.iter().map(row).collect() }
}

/// Makes room for the titles of columns and for the widest cell of each, by the column's place.
fn widen(widths: &mut Vec<usize>, columns: &[Column], widest: impl Fn(usize) -> usize) {
    widths.resize(columns.len(), *WIDTHS.start());
    for (index, (width, column)) in widths.iter_mut().zip(columns).enumerate() {
        let title = column.name.chars().count() + 2;
        *width = (*width).max(widest(index)).max(title).min(*WIDTHS.end());
    }
}

fn widest(page: &Page, index: usize) -> usize {
    let cells = page.rows.iter().filter_map(|row| row.get(index));
    cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
}

/// Another column begins with its least; the same one turns, and then is unsorted again.
fn next_sort(sort: Option<Sort>, column: String) -> Option<Sort> {
    match sort {
        Some(sort) if sort.column == column && sort.is_descending => None,
        Some(sort) if sort.column == column => Some(Sort { column, is_descending: true }),
        _ => Some(Sort { column, is_descending: false }),
    }
}

fn shown_words(page: &Page) -> String {
    if page.matching == page.total {
        counted(page.total, "row")
    } else {
        format!("{} of {} match", grouped(page.matching), counted(page.total, "row"))
    }
}

fn empty_words(page: &Page) -> String {
    if 0 < page.total {
        format!("None of its {} has this text.", counted(page.total, "row"))
    } else {
        format!("No row up to {}.", position(page.position))
    }
}
