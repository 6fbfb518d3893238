//! What differs in a view between two positions.

use everview_protocol::session::{
    DiffCell, DiffPage, DiffQuery, DiffRow, Reply, Request, RowChange,
};
use leptos::prelude::*;

use super::selection::{Sight, cursor};
use super::{grid_columns, widen};
use crate::component::grid::{Grid, GridColumn, GridRow, GridRows, RowMark, Sorting};
use crate::model::format::{fork_name, grouped, position};
use crate::reactive::{When, react};
use crate::store::Store;

/// The widest of the words that say what became of a row.
const CHANGE_WIDTH: usize = 10;

/// The rows that differ between mark A and mark B, or the playhead.
#[component]
pub(super) fn DiffPane(
    /// The view's name.
    name: StoredValue<String>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let known = RwSignal::new(None::<DiffPage>);
    let widths = RwSignal::new(Vec::<usize>::new());
    let shown = RwSignal::new((0_u64, 0_u64));
    let history = store.history();
    let marks = Memo::new(move |_| store.address.with(|address| address.marks));
    let stands = Memo::new(move |_| {
        store.session.with(|session| session.as_ref().map_or(0, |session| session.position))
    });
    let fork = Memo::new(move |_| store.fork());
    let ends = Memo::new(move |_| {
        let marks = marks.get();
        let to = marks.b.unwrap_or_else(|| stands.get());
        // Without a mark to compare from, another future is compared with what it was made of.
        let has_from = marks.a.is_some() || fork.with(Option::is_some);
        has_from.then_some((marks.a, to))
    });
    // A mark beyond the head moves with it. Elsewhere new events change nothing.
    let beyond = Memo::new(move |_| {
        let head = store.head();
        ends.get().filter(|(from, to)| head < from.unwrap_or_default().max(*to)).map(|_| head)
    });
    react(move || {
        let (first, count) = shown.get();
        let _ = (history.get(), beyond.get());
        let Some((from, to)) = ends.get() else { return known.set(None) };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let query = DiffQuery { view: name.get_value(), from, to, first, count };
        store.ask(Request::Diff(query), move |reply| {
            let Reply::Diff(page) = reply else { return };
            if let Some(page) = &page {
                widths.update(|widths| widen(widths, &page.columns, |index| widest(page, index)));
            }
            known.set(page);
        });
    });
    let columns = Signal::derive(move || {
        let widths = widths.get();
        known.with(|page| page.as_ref().map_or_else(Vec::new, |page| columns(page, &widths)))
    });
    let rows = Signal::derive(move || {
        known.with(|page| page.as_ref().map_or_else(GridRows::default, grid_rows))
    });
    let count = Memo::new(move |_| {
        known.with(|page| page.as_ref().map_or(0, |page| page.added + page.changed + page.removed))
    });
    let words = move || {
        let sides = fork.get().filter(|_| marks.get().a.is_none());
        let sides = sides.map(|fork| (fork_name(fork.parent), fork_name(Some(fork.number))));
        known.with(|page| page.as_ref().map(|page| words(page, sides)))
    };
    let sight =
        Memo::new(move |_| known.with(|page| page.as_ref().map_or_else(Sight::default, sight)));
    let cursor = cursor(store, sight.into());
    view! {
        <p class="search" role="status" id="diff-summary">{Signal::derive(words)}</p>
        <div class="grid-frame">
            <When is_true=move || ends.get().is_none()>
                <p class="empty">
                    "Nothing to compare with yet: go to a position and set mark A there, by the button on the time bar or the key a. What differs between A and the playhead, or mark B, shows here."
                </p>
            </When>
            <When is_true=move || known.with(Option::is_some) && count.get() == 0>
                <p class="empty">"No row differs between the two."</p>
            </When>
            <Grid label="Rows that differ" columns count rows on_window=move |window| shown.set(window) cursor />
        </div>
    }
}

fn sight(page: &DiffPage) -> Sight {
    let names = page.columns.iter().map(|column| Some(column.name.clone()));
    Sight {
        first: page.first,
        keys: page.rows.iter().map(|row| row.key.clone()).collect(),
        columns: std::iter::once(None).chain(names).collect(),
    }
}

fn words(page: &DiffPage, sides: Option<(String, String)>) -> String {
    let (from, to) = (position(page.from), position(page.to));
    let (from, to) = match sides {
        Some((parent, fork)) => (format!("{parent} at {from}"), format!("{fork} at {to}")),
        None => (from, to),
    };
    format!(
        "from {from} to {to}: + {} added, ~ {} changed, − {} removed",
        grouped(page.added),
        grouped(page.changed),
        grouped(page.removed)
    )
}

fn columns(page: &DiffPage, widths: &[usize]) -> Vec<GridColumn> {
    let change = GridColumn {
        title: "change".into(),
        width_ch: CHANGE_WIDTH,
        is_number: false,
        sorting: Sorting::Never,
    };
    let of_view = grid_columns(&page.columns, widths, |_| Sorting::Never);
    std::iter::once(change).chain(of_view).collect()
}

fn grid_rows(page: &DiffPage) -> GridRows {
    let row = |row: &DiffRow| {
        let change = match row.change {
            RowChange::Added => "+ added",
            RowChange::Changed => "~ changed",
            RowChange::Removed => "− removed",
        };
        let cells = row.cells.iter().map(cell_text);
        GridRow {
            cells: std::iter::once(change.to_owned()).chain(cells).collect(),
            mark: RowMark::Plain,
        }
    };
    GridRows { first: page.first, rows: page.rows.iter().map(row).collect() }
}

fn cell_text(cell: &DiffCell) -> String {
    match &cell.before {
        Some(before) => format!("{before} ▸ {}", cell.text),
        None => cell.text.clone(),
    }
}

fn widest(page: &DiffPage, index: usize) -> usize {
    let cells = page.rows.iter().filter_map(|row| row.cells.get(index));
    cells.map(|cell| cell_text(cell).chars().count() + 1).max().unwrap_or(0)
}
