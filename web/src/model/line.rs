//! The part of the log that the time bar shows, and where positions lie on it.

use super::axis::{Axis, Idle, float};

#[cfg(test)]
mod tests;

/// How much of what is shown is left by one press that shows it larger.
pub(crate) const CLOSER: f64 = 0.5;

/// By how many lengths of the line one press moves on.
pub(crate) const PANNED: f64 = 0.25;

/// How far from the ends of the line something is that was brought on to it.
const MARGIN: f64 = 0.1;

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

impl Stretch {
    /// The positions nearest to its ends.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a log has no position below 0, and none that is too large"
    )]
    pub(crate) fn rounded(self) -> (u64, u64) {
        (self.from.round() as u64, self.to.round() as u64)
    }
}

impl From<(u64, u64)> for Stretch {
    fn from((from, to): (u64, u64)) -> Self {
        Self { from: float(from), to: float(to) }
    }
}

/// Something that somebody does to what is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Look {
    /// So many times as much of the log.
    Zoom {
        /// The share of the line at which what is there stays.
        at: f64,
        /// Less than 1 shows less, and that larger.
        times: f64,
    },
    /// By so many lengths of the line, back if they are negative.
    Pan(f64),
    /// That.
    At(Stretch),
    /// All of the log.
    Fit,
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
        let (base, head) = (axis.base(), axis.head());
        let within = |shown: Stretch| {
            let shown = Stretch { from: shown.from.clamp(base, head), to: shown.to.min(head) };
            (FEWEST <= shown.to - shown.from).then_some(shown)
        };
        Self { axis, shown: shown.and_then(within) }
    }

    /// What of the log is shown.
    pub(crate) fn shown(&self) -> Stretch {
        self.shown.unwrap_or(Stretch { from: self.axis.base(), to: self.axis.head() })
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
        let (from, length) = self.extent();
        ((self.axis.share(float(position)) - from) / length * 100.0).clamp(0.0, 100.0)
    }

    /// The position at a share of the line.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an axis has no position below 0, and none that is too large"
    )]
    pub(crate) fn position(&self, share: f64) -> u64 {
        let (from, length) = self.extent();
        self.axis.position(from + share.clamp(0.0, 1.0) * length).round() as u64
    }

    /// Where a key takes the playhead on the line: a hundredth of it on or back.
    pub(crate) fn leapt(&self, key: &str, position: u64) -> Option<u64> {
        let place = self.percent(position) / 100.0;
        match key {
            "PageUp" => {
                Some(self.position(place + 0.01).max(position + 1).min(self.whole().position(1.0)))
            }
            "PageDown" => Some(self.position(place - 0.01).min(position.saturating_sub(1))),
            _ => None,
        }
    }

    /// What is to be shown when somebody looks otherwise; none is all of it.
    pub(crate) fn looked(&self, look: Look) -> Option<Stretch> {
        let (from, length) = self.extent();
        match look {
            Look::Zoom { at, times } => {
                let at = at.clamp(0.0, 1.0);
                let zoomed = length * times;
                self.stretch(from + at * (length - zoomed), zoomed)
            }
            Look::Pan(by) => self.stretch(from + by * length, length),
            Look::At(shown) => {
                let [from, to] = [shown.from, shown.to].map(|place| self.axis.share(place));
                self.stretch(from, to - from)
            }
            Look::Fit => None,
        }
    }

    /// What is to be shown so that a position is on the line, and not at the very end of it.
    pub(crate) fn revealing(&self, position: u64) -> Option<Stretch> {
        let (from, length) = self.extent();
        let place = self.axis.share(float(position));
        let margin = length * MARGIN;
        self.stretch(from.clamp(place + margin - length, place - margin), length)
    }

    /// So much of the axis from a share of it on, if that is not too little; moved to where there is
    /// something.
    fn stretch(&self, from: f64, length: f64) -> Option<Stretch> {
        if 1.0 <= length {
            return None;
        }
        let from = from.clamp(0.0, 1.0 - length);
        let [from, to] = [from, from + length].map(|share| self.axis.position(share));
        if to - from < FEWEST { self.shown } else { Some(Stretch { from, to }) }
    }

    /// The idle times of which something is shown.
    pub(crate) fn idle(&self) -> Vec<Idle> {
        let is_shown = |idle: &&Idle| self.meets(idle.after, idle.after + 1);
        self.axis.idle().iter().filter(is_shown).copied().collect()
    }

    /// All of the log.
    pub(crate) fn whole(&self) -> Self {
        Self { axis: self.axis.clone(), shown: None }
    }

    /// What is shown, as shares of all of the log: where it begins, and how long it is.
    pub(crate) fn extent(&self) -> (f64, f64) {
        let Stretch { from, to } = self.shown();
        let (from, to) = (self.axis.share(from), self.axis.share(to));
        if self.shown.is_none() { (0.0, 1.0) } else { (from, to - from) }
    }
}
