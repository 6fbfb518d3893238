//! The list of events, and what is left of it by a filter.

mod filters;
mod refused;

use everview_protocol::session::{EventPage, EventRow, Filter, Reply, Request};
use leptos::prelude::*;

use crate::component::grid::{Grid, GridColumn, GridRow, GridRows, RowMark, Sorting};
use crate::model::axis::AxisKind;
use crate::model::format::{bytes, counted, gap, grouped, position};
use crate::reactive::{When, part, react};
use crate::store::Store;
use crate::zone::Zone;
use filters::Filters;
use refused::Refused;

/// Every event in the order of the log.
#[component]
pub(crate) fn StreamsPage() -> impl IntoView {
    let store = expect_context::<Store>();
    let count = Memo::new(move |_| list_length(store));
    let known = RwSignal::new(EventPage::default());
    let shown = RwSignal::new((0_u64, 0_u64));
    let reveal = RwSignal::new(None::<u64>);
    let version = store.version();
    let filter = Memo::new(move |_| store.address.with(|address| address.filter.clone()));

    react(move || {
        let (first, fit) = shown.get();
        let _ = version.get();
        let _ = count.get();
        let _ = filter.get();
        let count = u32::try_from(fit).unwrap_or(u32::MAX);
        store.ask(Request::Events { first, count }, move |reply| {
            if let Reply::Events(page) = reply {
                known.set(page);
            }
        });
    });
    // Live, the list follows its own end, and only if whoever reads is there.
    let is_tailing = Memo::new(move |_| store.is_following() && store.is_simulation());
    react(move || {
        let _ = filter.get();
        if !is_tailing.get() {
            find_row(store, store.playhead.get(), reveal);
        }
    });

    let zone = Zone::of_page();
    let rows = Signal::derive(move || {
        let playhead = store.playhead.get();
        known.with(|page| GridRows {
            first: page.first,
            rows: page.rows.iter().map(|event| row(event, zone, playhead)).collect(),
        })
    });
    let open = move |place: u64| {
        let event = known.with_untracked(|page| {
            let index = usize::try_from(place.checked_sub(page.first)?).ok()?;
            page.rows.get(index).map(|event| event.position)
        });
        if event.is_some() {
            store.address.update(|address| address.event = event);
        }
    };
    view! {
        <div class="page page-fills streams">
            <div class="page-head">
                <h1>"Streams"</h1>
                <Summary />
                <Refused />
            </div>
            <Filters />
            <div
                class="grid-frame grid-events"
                class:grid-gaps=move || store.address.with(|address| address.axis == AxisKind::Gap)
            >
                <When is_true=move || count.get() == 0>
                    <Empty />
                </When>
                <Grid
                    label="Events"
                    columns=columns()
                    count
                    rows
                    on_window=move |window| shown.set(window)
                    on_open=open
                    reveal=reveal.into()
                    is_tailing
                />
                <Pill count shown is_tailing on_press=move |()| reveal.set(Some(count.get_untracked().saturating_sub(1))) />
            </div>
        </div>
    }
}

/// How many events the list has, and how they came.
#[component]
fn Summary() -> impl IntoView {
    let store = expect_context::<Store>();
    let words = move || {
        store.session.with(|session| {
            session.as_ref().map(|session| {
                let intake = session.intake;
                let words = format!(
                    "{} in {} · {} · {}",
                    counted(session.head, "event"),
                    counted(session.streams, "stream"),
                    counted(intake.duplicates, "duplicate"),
                    counted(intake.gaps, "gap"),
                );
                match session.base {
                    0 => words,
                    base => format!("{words} · up to {} only as a snapshot", position(base)),
                }
            })
        })
    };
    view! { <p class="page-summary">{Signal::derive(words)}</p> }
}

/// Why the list is empty, and a way out.
#[component]
fn Empty() -> impl IntoView {
    let store = expect_context::<Store>();
    let is_filtered = move || store.search.with(|search| search.is_filtered);
    let words = move || {
        if is_filtered() {
            let search = store.search.get();
            format!("0 of {} match the filter.", counted(search.scanned, "event"))
        } else {
            "No event yet.".to_owned()
        }
    };
    view! {
        <div class="empty">
            <p>{Signal::derive(words)}</p>
            <When is_true=is_filtered>
                <button
                    type="button"
                    class="button"
                    on:click=move |_| store.filter(|filter| *filter = Filter::default())
                >
                    "Show every event"
                </button>
            </When>
        </div>
    }
}

/// Tells of rows that were added below the screen, instead of moving whoever reads.
#[component]
fn Pill(
    /// How many rows there are.
    count: Memo<u64>,
    /// The first row on the screen, and how many are on it.
    shown: RwSignal<(u64, u64)>,
    /// Whether rows are added as they happen.
    is_tailing: Memo<bool>,
    /// Called when the last row shall be shown.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    let seen = RwSignal::new(0_u64);
    react(move || {
        let (first, fit) = shown.get();
        let count = count.get();
        if count <= first + fit {
            seen.set(count);
        }
    });
    let new =
        move || count.get().checked_sub(seen.get()).filter(|&new| is_tailing.get() && 0 < new);
    part(move || {
        new().map(|new| {
            view! {
                <button type="button" class="pill" on:click=move |_| on_press.run(())>
                    {format!("{} new ↓", grouped(new))}
                </button>
            }
        })
    })
}

/// Brings the last row at or before a position on to the screen.
fn find_row(store: Store, position: u64, reveal: RwSignal<Option<u64>>) {
    store.ask(Request::RowOf { position }, move |reply| {
        if let Reply::Place(Some(place)) = reply {
            reveal.set(Some(place));
        }
    });
}

fn list_length(store: Store) -> u64 {
    let search = store.search.get();
    if search.is_filtered { search.found } else { store.head() - store.base() }
}

fn columns() -> Vec<GridColumn> {
    let column = |title: &str, width_ch, is_number| GridColumn {
        title: title.into(),
        width_ch,
        is_number,
        sorting: Sorting::Never,
    };
    vec![
        column("position", 8, true),
        column("time", 28, false),
        column("gap", 8, true),
        column("type", 18, false),
        column("stream", 14, false),
        column("data", 6, true),
    ]
}

fn row(event: &EventRow, zone: Zone, playhead: u64) -> GridRow {
    let mark = match event.position.cmp(&playhead) {
        std::cmp::Ordering::Less => RowMark::Plain,
        std::cmp::Ordering::Equal => RowMark::Playhead,
        std::cmp::Ordering::Greater => RowMark::Later,
    };
    let cells = vec![
        position(event.position),
        event.time_ms.map(|time| zone.moment(time)).unwrap_or_default(),
        event.gap_ms.map(gap).unwrap_or_default(),
        event.event_type.clone(),
        event.stream.clone(),
        bytes(event.size),
    ];
    GridRow { cells, mark }
}
