//! A table of any length, of which only the rows on the screen exist.

mod head;
mod row;
mod scroll;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, KeyboardEvent, WheelEvent};

use head::{Head, Widths};
use row::{Picking, Rows, cell_id, row_id};
use scroll::Scroll;

use crate::dom::show_later;
use crate::reactive::react;

/// The height of the row of titles, in pixels, as in the style sheet.
const HEAD_PX: f64 = 32.0;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GridColumn {
    /// What stands above it.
    pub(crate) title: String,
    /// Its width in characters.
    pub(crate) width_ch: usize,
    /// Whether it holds numbers, which stand at the right.
    pub(crate) is_number: bool,
    /// Whether a press on the title sorts by it, and how it is sorted now.
    pub(crate) sorting: Sorting,
}

/// How a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sorting {
    /// It cannot be.
    Never,
    /// It could be.
    Unsorted,
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// Some rows, of which the first is that many rows from the top.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GridRows {
    /// The first row's place, from 0.
    pub(crate) first: u64,
    /// The rows.
    pub(crate) rows: Vec<GridRow>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GridRow {
    /// A text for each column.
    pub(crate) cells: Vec<String>,
    /// How it stands to the playhead.
    pub(crate) mark: RowMark,
}

/// How a row stands to the playhead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowMark {
    /// Before it, or it does not matter.
    Plain,
    /// At it.
    Playhead,
    /// After it: not yet happened.
    Later,
}

/// A cell that is chosen, where cells can be, by its row's place and its column's.
#[derive(Clone, Copy)]
pub(crate) struct Cursor {
    /// Where it is, if its row is known.
    pub(crate) at: Signal<Option<(u64, usize)>>,
    /// Called when it shall be elsewhere.
    pub(crate) choose: Callback<(u64, usize)>,
    /// Called when more shall be told of it.
    pub(crate) open: Callback<()>,
}

/// A table that scrolls.
#[component]
pub(crate) fn Grid(
    /// What it lists.
    label: &'static str,
    /// Its columns.
    #[prop(into)]
    columns: Signal<Vec<GridColumn>>,
    /// How many rows there are in all.
    #[prop(into)]
    count: Signal<u64>,
    /// The rows that are known; the others show as not yet loaded.
    #[prop(into)]
    rows: Signal<GridRows>,
    /// Called with the first row on the screen and the number of them, when they change.
    #[prop(into)]
    on_window: Callback<(u64, u64)>,
    /// Called with a row's place when it is opened.
    #[prop(into, optional)]
    on_open: Option<Callback<u64>>,
    /// The cell that is chosen, where cells can be.
    #[prop(optional)]
    cursor: Option<Cursor>,
    /// Called with a column's place when its title is pressed.
    #[prop(into, optional)]
    on_sort: Option<Callback<usize>>,
    /// A row that shall come on to the screen, whenever it is set.
    #[prop(optional)]
    reveal: Option<Signal<Option<u64>>>,
    /// Whether the last row stays in sight while rows are added, if it is in sight.
    #[prop(into, default = false.into())]
    is_tailing: Signal<bool>,
) -> impl IntoView {
    let pane = NodeRef::<html::Div>::new();
    let scroll = Scroll::new(pane, count, is_tailing, HEAD_PX);
    let row_chosen = RwSignal::new(None::<u64>);
    let chosen = Signal::derive(move || match cursor {
        Some(cursor) => cursor.at.get().map(|(place, _)| place),
        None => row_chosen.get(),
    });
    react(move || on_window.run((scroll.first.get(), scroll.shown())));
    react(move || {
        if let Some(place) = reveal.and_then(|reveal| reveal.get()) {
            scroll.centre(place);
        }
    });
    let column = move || cursor.and_then(|cursor| cursor.at.get_untracked()).map_or(0, |at| at.1);
    let choose = move |place: u64, column: usize| match cursor {
        Some(cursor) => cursor.choose.run((place, column)),
        None => row_chosen.set(Some(place)),
    };
    let open = move |place: u64| match (cursor, on_open) {
        (Some(cursor), _) => cursor.open.run(()),
        (None, Some(open)) => open.run(place),
        (None, None) => {}
    };
    let on_pick = Callback::new(move |(place, column): (u64, usize)| {
        choose(place, column);
        open(place);
    });
    let press = move |event: KeyboardEvent| {
        let (key, at) = (event.key(), chosen.get_untracked());
        let beside = at.filter(|_| cursor.is_some()).and_then(|at| {
            let last = columns.with_untracked(Vec::len).saturating_sub(1);
            Some((at, beside(&key, column(), last)?))
        });
        if key == "Enter" {
            if let Some(place) = at {
                open(place);
            }
        } else if let Some((place, column)) = beside {
            event.prevent_default();
            choose(place, column);
            show_later(cell_id(label, place, column));
        } else if let Some(place) = moved(&key, at, scroll) {
            event.prevent_default();
            let place = place.min(count.get_untracked().saturating_sub(1));
            choose(place, column());
            scroll.reveal(place);
        }
    };
    let active = Signal::derive(move || match cursor.map(|cursor| cursor.at.get()) {
        Some(at) => at.map(|(place, column)| cell_id(label, place, column)),
        None => chosen.get().map(|place| row_id(label, place)),
    });
    let picking = Picking { cursor: cursor.map(|cursor| cursor.at), chosen, on_pick };
    let turn = move |event: WheelEvent| {
        if scroll.turn(event.delta_y()) {
            event.prevent_default();
        }
    };
    view! {
        <div
            class="grid"
            class:grid-opens=on_open.is_some() || cursor.is_some()
            node_ref=pane
            role="grid"
            tabindex="0"
            aria-label=label
            aria-rowcount=Signal::derive(move || count.get() + 1)
            aria-activedescendant=active
            on:scroll=move |event| scroll.scrolled(&event_target::<HtmlElement>(&event))
            on:wheel=turn
            on:keydown=press
        >
            <div class="grid-content" role="presentation" style=content_style(scroll, columns)>
                <table class="grid-table" role="presentation">
                    <Widths columns />
                    <Head columns on_sort />
                    <Rows label columns rows count scroll picking />
                </table>
            </div>
        </div>
    }
}

/// Where a key takes the chosen cell within its row.
fn beside(key: &str, column: usize, last: usize) -> Option<usize> {
    match key {
        "ArrowRight" => Some((column + 1).min(last)),
        "ArrowLeft" => Some(column.saturating_sub(1)),
        _ => None,
    }
}

/// Where a key takes the chosen row; beyond the last one means the last one.
fn moved(key: &str, chosen: Option<u64>, scroll: Scroll) -> Option<u64> {
    let first = scroll.first.get_untracked();
    let at = chosen.unwrap_or(first);
    let page = scroll.fit().max(1);
    Some(match key {
        "ArrowDown" | "j" => chosen.map_or(first, |at| at + 1),
        "ArrowUp" | "k" => at.saturating_sub(1),
        "PageDown" => at + page,
        "PageUp" => at.saturating_sub(page),
        "Home" => 0,
        "End" => u64::MAX,
        _ => return None,
    })
}

/// The size of what scrolls: as high as the scroll bar travels, as wide as the columns.
fn content_style(scroll: Scroll, columns: Signal<Vec<GridColumn>>) -> Signal<String> {
    Signal::derive(move || {
        let width = columns.with(|columns| columns.iter().map(GridColumn::width).sum::<usize>());
        format!("height: {}; min-width: {width}ch", scroll.height())
    })
}

impl GridColumn {
    /// Its width in characters, with the space around the text.
    fn width(&self) -> usize {
        self.width_ch + 3
    }
}

/// Whether an element is a grid, which moves by its own arrows.
pub(crate) fn is_grid(element: &web_sys::Element) -> bool {
    element.dyn_ref::<HtmlElement>().is_some_and(|element| element.class_list().contains("grid"))
}
