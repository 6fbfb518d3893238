//! The part of the log that the time bar shows, and where positions lie on it.

use super::axis::{Axis, float};

#[cfg(test)]
mod tests;

/// No fewer positions are shown, if there are as many.
const FEWEST: f64 = 10.0;

/// A part of the log, between positions as well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stretch {
    /// Where it begins.
    pub(crate) from: f64,
    /// Where it ends.
    pub(crate) to: f64,
}

/// A line on which a part of the log is drawn.
///
/// What is shown is kept as positions: it stays when the log grows and when the axis is another one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    axis: Axis,
    shown: Option<Stretch>,
}

impl Line {
    /// A line that shows a part of an axis, or all of it.
    pub(crate) fn new(axis: Axis, shown: Option<Stretch>) -> Self {
        let head = axis.head();
        let within = |shown: Stretch| {
            let shown = Stretch { from: shown.from.clamp(0.0, head), to: shown.to.min(head) };
            (FEWEST <= shown.to - shown.from).then_some(shown)
        };
        Self { axis, shown: shown.and_then(within) }
    }

    /// What of the log is shown.
    pub(crate) fn shown(&self) -> Stretch {
        self.shown.unwrap_or(Stretch { from: 0.0, to: self.axis.head() })
    }

    /// Whether all of the log is shown.
    pub(crate) fn is_whole(&self) -> bool {
        self.shown.is_none()
    }

    /// Whether a position is on the line.
    pub(crate) fn shows(&self, position: u64) -> bool {
        self.meets(position, position)
    }

    /// Whether something of what lasts from one position to another is on the line.
    pub(crate) fn meets(&self, from: u64, to: u64) -> bool {
        let shown = self.shown();
        float(from) <= shown.to && shown.from <= float(to)
    }

    /// How far along the line a position is, in percent; one that is not on it is at the nearer end.
    pub(crate) fn percent(&self, position: u64) -> f64 {
        let (from, length) = self.shares();
        ((self.axis.share(float(position)) - from) / length * 100.0).clamp(0.0, 100.0)
    }

    /// The position at a share of the line.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an axis has no position below 0, and none that is too large"
    )]
    pub(crate) fn position(&self, share: f64) -> u64 {
        let (from, length) = self.shares();
        self.axis.position(from + share.clamp(0.0, 1.0) * length).round() as u64
    }

    /// Where a key takes the playhead on the line: a hundredth of it on or back.
    pub(crate) fn leapt(&self, key: &str, position: u64) -> Option<u64> {
        let place = self.percent(position) / 100.0;
        match key {
            "PageUp" => Some(self.position(place + 0.01).max(position + 1).min(self.last())),
            "PageDown" => Some(self.position(place - 0.01).min(position.saturating_sub(1))),
            _ => None,
        }
    }

    fn last(&self) -> u64 {
        Self { shown: None, ..self.clone() }.position(1.0)
    }

    /// What is shown, as a share of the axis: where it begins, and how long it is.
    fn shares(&self) -> (f64, f64) {
        let Stretch { from, to } = self.shown();
        let (from, to) = (self.axis.share(from), self.axis.share(to));
        if self.shown.is_none() { (0.0, 1.0) } else { (from, to - from) }
    }
}
