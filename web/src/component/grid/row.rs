//! The rows that are on the screen.

use leptos::prelude::*;

use super::scroll::Scroll;
use super::{GridColumn, GridRow, GridRows, RowMark};
use crate::reactive::part;

/// What is chosen, and what happens when something is.
#[derive(Clone, Copy)]
pub(super) struct Picking {
    /// The chosen cell, where cells can be chosen.
    pub(super) cursor: Option<Signal<Option<(u64, usize)>>>,
    /// The chosen row.
    pub(super) chosen: Signal<Option<u64>>,
    /// Called with the row's place and the column's.
    pub(super) on_pick: Callback<(u64, usize)>,
}

/// The rows of the window.
#[component]
pub(super) fn Rows(
    /// What the grid lists.
    label: &'static str,
    /// The columns.
    columns: Signal<Vec<GridColumn>>,
    /// The rows that are known.
    rows: Signal<GridRows>,
    /// How many rows there are in all.
    count: Signal<u64>,
    /// Which of them are on the screen.
    scroll: Scroll,
    /// What is chosen, and what happens when something is.
    picking: Picking,
) -> impl IntoView {
    let numbers = Memo::new(move |_| {
        columns.with(|columns| columns.iter().map(|column| column.is_number).collect::<Vec<_>>())
    });
    let visible = move || {
        let first = scroll.first.get();
        let last = (first + scroll.shown()).min(count.get());
        let (rows, numbers) = (rows.read(), numbers.read());
        let row = |place| {
            let content = Content { known: rows.at(place), numbers: &numbers };
            content.draw(label, place, picking)
        };
        (first..last).map(row).collect_view()
    };
    view! { <tbody role="rowgroup">{part(visible)}</tbody> }
}

/// The id of a row's element.
pub(super) fn row_id(label: &str, place: u64) -> String {
    format!("{}-row-{place}", label.replace(' ', "-").to_lowercase())
}

/// The id of a cell's element.
pub(super) fn cell_id(label: &str, place: u64, column: usize) -> String {
    format!("{}-{column}", row_id(label, place))
}

impl GridRows {
    fn at(&self, place: u64) -> Option<&GridRow> {
        self.rows.get(usize::try_from(place.checked_sub(self.first)?).ok()?)
    }
}

/// What a row shows, and which of its cells are numbers.
struct Content<'a> {
    known: Option<&'a GridRow>,
    numbers: &'a [bool],
}

impl Content<'_> {
    fn draw(&self, label: &str, place: u64, picking: Picking) -> impl IntoView + use<> {
        let Picking { cursor, chosen, on_pick } = picking;
        let cells = self.known.map_or_else(|| vec!["…".to_owned()], |row| row.cells.clone());
        let cell = |(column, (text, &is_number)): (usize, (String, &bool))| {
            let is_cell =
                cursor.map(|at| Signal::derive(move || at.get() == Some((place, column))));
            view! {
                <td
                    role="gridcell"
                    id=cursor.map(|_| cell_id(label, place, column))
                    class:grid-number=is_number
                    class:grid-cell-chosen=move || is_cell.is_some_and(|is_cell| is_cell.get())
                    aria-selected=move || is_cell.map(|is_cell| is_cell.get().to_string())
                    on:click=move |_| on_pick.run((place, column))
                >
                    {text}
                </td>
            }
        };
        let cells = cells.into_iter().zip(self.numbers).enumerate().map(cell).collect_view();
        let mark = self.known.map_or(RowMark::Plain, |row| row.mark);
        let is_chosen = Signal::derive(move || chosen.get() == Some(place));
        view! {
            <tr
                role="row"
                id=row_id(label, place)
                class="grid-row"
                class:grid-row-playhead=mark == RowMark::Playhead
                class:grid-row-later=mark == RowMark::Later
                class:grid-row-chosen=is_chosen
                aria-rowindex=place + 2
                aria-selected=Signal::derive(move || is_chosen.get().to_string())
                aria-current=(mark == RowMark::Playhead).then_some("true")
            >
                {cells}
            </tr>
        }
    }
}
