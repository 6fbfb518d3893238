//! From positions of the log to places along a line, and back.

use std::sync::Arc;

use everview_protocol::session::Moment;

#[cfg(test)]
pub(crate) mod tests;

/// Where each position lies on a line, as a share of its whole length: straight from knot to knot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    /// Positions and shares. Both grow, from before the first event at share 0 to the head at share 1.
    knots: Arc<[(f64, f64)]>,
    idle: Arc<[Idle]>,
}

/// A long time between two events, that is drawn short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Idle {
    /// The event that it follows; the next one ends it.
    pub(crate) after: u64,
    /// How long it was, in milliseconds.
    pub(crate) ms: u64,
}

/// The position before the first event that is there, and that of the last one.
pub(crate) type Ends = (u64, u64);

/// What a line follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum AxisKind {
    /// Every event takes as much of it.
    #[default]
    Position,
    /// The recorded time, with idle times short.
    Clock,
    /// Every event takes as much of it, and what is drawn is how long it was since the one before.
    Gap,
}

impl AxisKind {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Position, Self::Clock, Self::Gap];

    /// What it is called, in addresses as well.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::Clock => "clock",
            Self::Gap => "gap",
        }
    }

    /// The one of a name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The next one.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Position => Self::Clock,
            Self::Clock => Self::Gap,
            Self::Gap => Self::Position,
        }
    }
}

/// How much of an axis of time the events share evenly, so that those of one moment lie apart.
const SPREAD: f64 = 0.02;

/// How much of an axis of time an idle time takes.
const IDLE: f64 = 0.04;

/// How much of it all of them take, however many there are.
const ALL_IDLE: f64 = 0.4;

/// The most times that are drawn short.
const MOST_IDLE: usize = 50;

/// How many times as long as the mean time between two others an idle time is, at least.
const LONG: u64 = 10;

/// Which part of the whole time an idle time is, at least.
const LARGE: u64 = 100;

impl Axis {
    /// Every event takes as much of the line as every other one.
    pub(crate) fn even((base, head): Ends) -> Self {
        Self { knots: [(float(base), 0.0), (float(head), 1.0)].into(), idle: [].into() }
    }

    /// Events lie where the time was at which they happened, but for idle times, which are short. What
    /// comes after the last moment that is known lies as on an even axis.
    pub(crate) fn of_times(moments: &[Moment], (base, head): Ends) -> Self {
        let Some(first) = moments.first() else { return Self::even((base, head)) };
        let mut latest = first.time_ms;
        // Files are not always in the order of time. The moment before the first event is its own.
        let in_order = moments
            .iter()
            .filter(|moment| (base + 1..=head).contains(&moment.position))
            .map(|moment| {
                latest = latest.max(moment.time_ms);
                (moment.position, latest)
            });
        let points: Vec<(u64, i64)> = [(base, first.time_ms)].into_iter().chain(in_order).collect();
        let times = || points.windows(2).map(|pair| pair[0].1.abs_diff(pair[1].1));
        let is_idle = idle_times(&points);
        let idle = is_idle.iter().filter(|is_idle| **is_idle).count();
        let each = IDLE.min(ALL_IDLE / float(idle as u64));
        let busy: u64 =
            times().zip(&is_idle).filter(|(_, is_idle)| !**is_idle).map(|(time, _)| time).sum();
        let last = points.last().map_or(base, |last| last.0);
        if busy == 0 || last <= base {
            return Self::even((base, head));
        }
        let all = float(last - base);
        let known = all / float(head - base);
        let rest = 1.0 - SPREAD - if idle == 0 { 0.0 } else { each * float(idle as u64) };
        let mut share = 0.0;
        let mut knots = vec![(float(base), 0.0)];
        for ((pair, time), &is_idle) in points.windows(2).zip(times()).zip(&is_idle) {
            let events = float(pair[1].0 - pair[0].0) / all;
            let clock = if is_idle { each } else { float(time) / float(busy) * rest };
            share += SPREAD * events + clock;
            knots.push((float(pair[1].0), share * known));
        }
        // Sums are rounded: the end is where it is.
        if let Some(end) = knots.last_mut() {
            end.1 = known;
        }
        if last < head {
            knots.push((float(head), 1.0));
        }
        let long = points.windows(2).zip(times()).zip(&is_idle).filter(|(_, is_idle)| **is_idle);
        let idle = long.map(|((pair, ms), _)| Idle { after: pair[0].0, ms });
        Self { knots: knots.into(), idle: idle.collect() }
    }

    /// The times that are drawn short.
    pub(crate) fn idle(&self) -> &[Idle] {
        &self.idle
    }

    /// The position before the first event.
    pub(crate) fn base(&self) -> f64 {
        self.knots.first().map_or(0.0, |first| first.0)
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

/// Which of the times between points are idle: those between two events that follow each other, are
/// far longer than others, and would take much of the line.
fn idle_times(points: &[(u64, i64)]) -> Vec<bool> {
    let time = |pair: &[(u64, i64)]| pair[0].1.abs_diff(pair[1].1);
    let mut gaps: Vec<(u64, usize)> = points
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0].0 + 1 == pair[1].0)
        .map(|(index, pair)| (time(pair), index))
        .collect();
    gaps.sort_unstable_by(|one, other| other.cmp(one));
    let mut rest: u64 = points.windows(2).map(time).sum();
    let mut others = points.last().map_or(0, |last| last.0 - points[0].0);
    let mut is_idle = vec![false; points.len().saturating_sub(1)];
    for (time, index) in gaps.into_iter().take(MOST_IDLE) {
        let without = rest - time;
        others = others.saturating_sub(1);
        let is_long = without.saturating_mul(LONG) < time.saturating_mul(others);
        if without == 0 || !is_long || time.saturating_mul(LARGE) < rest {
            break;
        }
        is_idle[index] = true;
        rest = without;
    }
    is_idle
}

/// Exact below 2^53, far more events than a log has.
#[expect(clippy::cast_precision_loss, reason = "a log has fewer than 2^53 events")]
pub(crate) fn float(position: u64) -> f64 {
    position as f64
}
