//! The titles of the columns.

use leptos::prelude::*;

use super::{GridColumn, Sorting};
use crate::reactive::part;

/// How wide the columns are.
#[component]
pub(super) fn Widths(
    /// The columns.
    columns: Signal<Vec<GridColumn>>,
) -> impl IntoView {
    let width = |column: &GridColumn| {
        let width = format!("{}ch", column.width());
        view! { <col style:width=width /> }
    };
    view! { <colgroup>{part(move || columns.read().iter().map(width).collect_view())}</colgroup> }
}

/// The row of titles.
#[component]
pub(super) fn Head(
    /// The columns.
    columns: Signal<Vec<GridColumn>>,
    /// Called with a column's place when its title is pressed.
    on_sort: Option<Callback<usize>>,
) -> impl IntoView {
    let titles = move || {
        let columns = columns.get().into_iter().enumerate();
        columns.map(|(place, column)| title(place, column, on_sort)).collect_view()
    };
    view! {
        <thead role="rowgroup">
            <tr role="row" aria-rowindex="1">{part(titles)}</tr>
        </thead>
    }
}

fn title(place: usize, column: GridColumn, on_sort: Option<Callback<usize>>) -> impl IntoView {
    let (order, arrow) = match column.sorting {
        Sorting::Never => (None, ""),
        Sorting::Unsorted => (Some("none"), ""),
        Sorting::Ascending => (Some("ascending"), " ▲"),
        Sorting::Descending => (Some("descending"), " ▼"),
    };
    let text = column.title.clone();
    let content = match on_sort.filter(|_| order.is_some()) {
        Some(sort) => view! {
            <button type="button" class="grid-sort" on:click=move |_| sort.run(place)>
                {column.title}
                <span aria-hidden="true">{arrow}</span>
            </button>
        }
        .into_any(),
        None => view! { <span>{column.title}</span> }.into_any(),
    };
    view! {
        <th
            role="columnheader"
            scope="col"
            class:grid-number=column.is_number
            title=text
            aria-sort=order
        >
            {content}
        </th>
    }
}
