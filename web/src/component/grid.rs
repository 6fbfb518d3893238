//! A table of any length, of which only the rows on the screen exist.

mod head;
mod row;
mod scroll;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, KeyboardEvent, WheelEvent};

use head::{Head, Widths};
use row::{Rows, row_id};
use scroll::Scroll;

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
    let chosen = RwSignal::new(None::<u64>);
    react(move || on_window.run((scroll.first.get(), scroll.shown())));
    react(move || {
        if let Some(place) = reveal.and_then(|reveal| reveal.get()) {
            scroll.centre(place);
        }
    });
    let open = Callback::new(move |place: u64| {
        chosen.set(Some(place));
        if let Some(open) = on_open {
            open.run(place);
        }
    });
    let press = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            if let Some(place) = chosen.get_untracked() {
                open.run(place);
            }
        } else if let Some(place) = moved(&event.key(), chosen.get_untracked(), scroll) {
            event.prevent_default();
            let place = place.min(count.get_untracked().saturating_sub(1));
            chosen.set(Some(place));
            scroll.reveal(place);
        }
    };
    let turn = move |event: WheelEvent| {
        if scroll.turn(event.delta_y()) {
            event.prevent_default();
        }
    };
    view! {
        <div
            class="grid"
            class:grid-opens=on_open.is_some()
            node_ref=pane
            role="grid"
            tabindex="0"
            aria-label=label
            aria-rowcount=Signal::derive(move || count.get() + 1)
            aria-activedescendant=Signal::derive(move || chosen.get().map(|at| row_id(label, at)))
            on:scroll=move |event| scroll.scrolled(&event_target::<HtmlElement>(&event))
            on:wheel=turn
            on:keydown=press
        >
            <div class="grid-content" role="presentation" style=content_style(scroll, columns)>
                <table class="grid-table" role="presentation">
                    <Widths columns />
                    <Head columns on_sort />
                    <Rows label columns rows count scroll chosen on_open=open />
                </table>
            </div>
        </div>
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
