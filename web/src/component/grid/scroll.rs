//! Keeping the scroll bar and the first row on the screen in step.

use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlElement;

use crate::dom::{media, on_resize};
use crate::model::window::Window;
use crate::reactive::react;

/// The heights of a row in pixels, as in the style sheet: with a mouse, and under a thumb.
const ROW_PX: (f64, f64) = (28.0, 44.0);

/// Where a grid is scrolled to.
///
/// The first row on the screen is the truth. The scroll bar follows it, and is asked only when
/// somebody has moved it: in a long list one of its pixels stands for many rows.
#[derive(Clone, Copy)]
pub(super) struct Scroll {
    /// The row at the top of the screen.
    pub(super) first: RwSignal<u64>,
    pane: NodeRef<html::Div>,
    window: Memo<Window>,
    /// Where the scroll bar was put last.
    put: StoredValue<f64>,
}

impl Scroll {
    pub(super) fn new(
        pane: NodeRef<html::Div>,
        count: Signal<u64>,
        is_tailing: Signal<bool>,
        head_px: f64,
    ) -> Self {
        let height = RwSignal::new(0.0_f64);
        let is_narrow = media("(max-width: 767px)");
        let row_px = move || if is_narrow.get() { ROW_PX.1 } else { ROW_PX.0 };
        let window = Memo::new(move |_| Window {
            rows: count.get(),
            fit: whole_rows(height.get() - head_px, row_px()),
            row_px: row_px(),
        });
        let scroll = Self { first: RwSignal::new(0), pane, window, put: StoredValue::new(0.0) };
        react(move || {
            if let Some(pane) = pane.get() {
                let watched = pane.clone();
                on_resize(&pane, move |_, _| height.set(f64::from(watched.client_height())));
            }
        });
        Effect::new(move |before: Option<Window>| {
            let now = window.get();
            let first = scroll.first.get_untracked();
            let was_at_end = before.is_none_or(|before| before.last_first() <= first);
            let first =
                if is_tailing.get_untracked() && was_at_end { now.last_first() } else { first };
            scroll.put(first.min(now.last_first()));
            now
        });
        scroll
    }

    /// How many whole rows are on the screen.
    pub(super) fn fit(self) -> u64 {
        self.window.get_untracked().fit
    }

    /// How many rows are on the screen, with the one that is cut.
    pub(super) fn shown(self) -> u64 {
        self.window.get().fit + 1
    }

    /// The height of the scrolled content, for the style.
    pub(super) fn height(self) -> String {
        format!("calc(100% + {}px)", self.window.get().travel())
    }

    /// Somebody has moved the scroll bar, or the page has.
    pub(super) fn scrolled(self, pane: &HtmlElement) {
        let top = f64::from(pane.scroll_top());
        if 1.0 < (top - self.put.get_value()).abs() {
            self.put.set_value(top);
            self.set_first(self.window.get_untracked().first_at(top));
        }
    }

    /// Turns by rows where a pixel of the scroll bar stands for many. Returns whether it did.
    pub(super) fn turn(self, pixels: f64) -> bool {
        let window = self.window.get_untracked();
        if window.is_scaled() && pixels != 0.0 {
            self.put(window.turned(self.first.get_untracked(), pixels));
        }
        window.is_scaled()
    }

    /// Brings a row on to the screen with the least movement.
    pub(super) fn reveal(self, place: u64) {
        self.put(self.window.get_untracked().revealing(self.first.get_untracked(), place));
    }

    /// Brings a row to the middle, unless it is on the screen.
    pub(super) fn centre(self, place: u64) {
        self.put(self.window.get_untracked().centring(self.first.get_untracked(), place));
    }

    fn put(self, first: u64) {
        self.set_first(first);
        let top = self.window.get_untracked().scroll_top(first).round();
        self.put.set_value(top);
        if let Some(pane) = self.pane.get_untracked() {
            #[expect(clippy::cast_possible_truncation, reason = "at most 8 million pixels")]
            pane.set_scroll_top(top as i32);
        }
    }

    fn set_first(self, first: u64) {
        if self.first.get_untracked() != first {
            self.first.set(first);
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a screen has a few hundred rows, and never fewer than none"
)]
fn whole_rows(height: f64, row_px: f64) -> u64 {
    (height / row_px).floor().max(0.0) as u64
}
