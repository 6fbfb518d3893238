//! From positions of the log to places along a line, and back.

use std::sync::Arc;

#[cfg(test)]
pub(crate) mod tests;

/// Where each position lies on a line, as a share of its whole length: straight from knot to knot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    /// Positions and shares. Both grow, from position 0 at share 0 to the head at share 1.
    knots: Arc<[(f64, f64)]>,
}

impl Axis {
    /// Every event takes as much of the line as every other one.
    pub(crate) fn even(head: u64) -> Self {
        Self { knots: [(0.0, 0.0), (float(head), 1.0)].into() }
    }

    /// The last position.
    pub(crate) fn head(&self) -> f64 {
        self.knots.last().map_or(0.0, |last| last.0)
    }

    /// How far along the line a position is.
    pub(crate) fn share(&self, position: f64) -> f64 {
        self.between(position, |knot| *knot)
    }

    /// What is so far along the line, between positions as well.
    pub(crate) fn position(&self, share: f64) -> f64 {
        self.between(share, |knot| (knot.1, knot.0))
    }

    /// Follows the line on which `at` is the first part of a knot to what is the second one there.
    fn between(&self, at: f64, turned: impl Fn(&(f64, f64)) -> (f64, f64)) -> f64 {
        let next = self.knots.partition_point(|knot| turned(knot).0 <= at);
        let knot = |index: usize| self.knots.get(index).map(&turned);
        match (next.checked_sub(1).and_then(knot), knot(next)) {
            (Some((left, low)), Some((right, high))) => {
                low + (at - left) / (right - left) * (high - low)
            }
            (Some((_, end)), None) | (None, Some((_, end))) => end,
            (None, None) => 0.0,
        }
    }
}

/// Exact below 2^53, far more events than a log has.
#[expect(clippy::cast_precision_loss, reason = "a log has fewer than 2^53 events")]
pub(crate) fn float(position: u64) -> f64 {
    position as f64
}
