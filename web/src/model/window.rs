//! Which rows of a long list are on the screen.
//!
//! A browser caps the height of an element at about 16.7 million pixels, which is 599,000 rows of 28
//! pixels. So the scrolled content is never higher than [`TALLEST`], and beyond that the scroll bar
//! stands for a fraction of the list; rows are always shown whole, from the first one of the window.

#[cfg(test)]
mod tests;

/// The most pixels that the scroll bar travels.
const TALLEST: f64 = 8_000_000.0;

/// A window on to a list of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    /// How many rows the list has.
    pub(crate) rows: u64,
    /// How many of them fit on the screen.
    pub(crate) fit: u64,
    /// The height of a row in pixels.
    pub(crate) row_px: f64,
}

impl Window {
    /// The last row that may be at the top.
    pub(crate) fn last_first(self) -> u64 {
        self.rows.saturating_sub(self.fit)
    }

    /// How far the scroll bar travels, in pixels.
    pub(crate) fn travel(self) -> f64 {
        (number(self.last_first()) * self.row_px).min(TALLEST)
    }

    /// Whether a pixel of the scroll bar stands for more than a pixel of the list.
    pub(crate) fn is_scaled(self) -> bool {
        TALLEST < number(self.last_first()) * self.row_px
    }

    /// The row at the top when the scroll bar is there.
    pub(crate) fn first_at(self, scroll_top: f64) -> u64 {
        let travel = self.travel();
        if travel - 1.0 <= scroll_top {
            // Browsers round the last pixel, which may stand for many rows.
            return self.last_first();
        }
        row((scroll_top.max(0.0) / travel * number(self.last_first())).round())
    }

    /// Where the scroll bar is when this row is at the top.
    pub(crate) fn scroll_top(self, first: u64) -> f64 {
        match self.last_first() {
            0 => 0.0,
            last => number(first.min(last)) / number(last) * self.travel(),
        }
    }

    /// The row at the top after a wheel has turned by so many pixels.
    pub(crate) fn turned(self, first: u64, pixels: f64) -> u64 {
        let rows = (pixels.abs() / self.row_px).ceil();
        let by = row(rows);
        let moved = if pixels < 0.0 { first.saturating_sub(by) } else { first.saturating_add(by) };
        moved.min(self.last_first())
    }

    /// The row at the top that brings `wanted` on to the screen with the least movement.
    pub(crate) fn revealing(self, first: u64, wanted: u64) -> u64 {
        let lowest = (wanted + 1).saturating_sub(self.fit.max(1));
        first.clamp(lowest, wanted.max(lowest)).min(self.last_first())
    }

    /// The row at the top that brings `wanted` to the middle, unless it is on the screen already.
    pub(crate) fn centring(self, first: u64, wanted: u64) -> u64 {
        if first <= wanted && wanted < first + self.fit {
            return first.min(self.last_first());
        }
        wanted.saturating_sub(self.fit / 2).min(self.last_first())
    }
}

/// Exact below 2^53, far more rows than a memory holds.
#[expect(clippy::cast_precision_loss, reason = "a list has fewer than 2^53 rows")]
fn number(rows: u64) -> f64 {
    rows as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "callers pass whole numbers that are not negative"
)]
fn row(number: f64) -> u64 {
    number as u64
}
