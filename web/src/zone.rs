//! Recorded times in UTC, or as the clock on the wall had it where the reader is.

use leptos::prelude::*;

use crate::model::format;
use crate::wish::Wish;

const KEY: &str = "everview-local-time";

/// The zone in which times are shown. Everything that shows one finds it in the context.
#[derive(Clone, Copy)]
pub(crate) struct Zone {
    is_local: Wish,
}

impl Zone {
    /// The choice of the last visit; UTC without one.
    pub(crate) fn load() -> Self {
        Self { is_local: Wish::kept(KEY) }
    }

    /// That of the page.
    pub(crate) fn of_page() -> Self {
        expect_context()
    }

    /// The other one.
    pub(crate) fn turn(self) {
        self.is_local.set(!self.is_local.is_on().get_untracked());
    }

    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        if self.is_local.is_on().get() { "local" } else { "UTC" }
    }

    /// A moment, with the zone that it is told in.
    pub(crate) fn moment(self, milliseconds: i64) -> String {
        self.local(milliseconds).unwrap_or_else(|| format::moment(milliseconds, None))
    }

    /// A moment as the clock on the wall had it, if times are shown so.
    pub(crate) fn local(self, milliseconds: i64) -> Option<String> {
        let offset = if self.is_local.is_on().get() { offset(milliseconds) } else { None };
        offset.map(|offset| format::moment(milliseconds, Some(offset)))
    }
}

/// By how many minutes the local time was ahead of UTC at a moment; none of one that no calendar has.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 fit, and a day has few minutes"
)]
fn offset(milliseconds: i64) -> Option<i32> {
    let minutes = js_sys::Date::new(&(milliseconds as f64).into()).get_timezone_offset();
    minutes.is_finite().then(|| -minutes.round() as i32)
}
