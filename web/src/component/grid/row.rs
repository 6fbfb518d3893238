//! The rows that are on the screen.

use leptos::prelude::*;

use super::scroll::Scroll;
use super::{GridColumn, GridRow, GridRows, RowMark};
use crate::reactive::part;

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
    /// The row that somebody chose.
    chosen: RwSignal<Option<u64>>,
    /// Called with a row's place when it is opened.
    on_open: Callback<u64>,
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
            content.draw(row_id(label, place), place, chosen, on_open)
        };
        (first..last).map(row).collect_view()
    };
    view! { <tbody role="rowgroup">{part(visible)}</tbody> }
}

/// The id of a row's element.
pub(super) fn row_id(label: &str, place: u64) -> String {
    format!("{}-row-{place}", label.replace(' ', "-").to_lowercase())
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
    fn draw(
        &self,
        id: String,
        place: u64,
        chosen: RwSignal<Option<u64>>,
        on_open: Callback<u64>,
    ) -> impl IntoView + use<> {
        let cells = self.known.map_or_else(|| vec!["…".to_owned()], |row| row.cells.clone());
        let cell = |(text, &is_number)| {
            view! { <td role="gridcell" class:grid-number=is_number>{text}</td> }
        };
        let cells = cells.into_iter().zip(self.numbers).map(cell).collect_view();
        let mark = self.known.map_or(RowMark::Plain, |row| row.mark);
        let is_chosen = Signal::derive(move || chosen.get() == Some(place));
        view! {
            <tr
                role="row"
                id=id
                class="grid-row"
                class:grid-row-playhead=mark == RowMark::Playhead
                class:grid-row-later=mark == RowMark::Later
                class:grid-row-chosen=is_chosen
                aria-rowindex=place + 2
                aria-selected=Signal::derive(move || is_chosen.get().to_string())
                aria-current=(mark == RowMark::Playhead).then_some("true")
                on:click=move |_| on_open.run(place)
            >
                {cells}
            </tr>
        }
    }
}
