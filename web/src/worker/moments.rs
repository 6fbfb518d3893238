//! When the events of a log happened, at a few positions that tell the most of it.

use std::collections::BinaryHeap;

use everview_core::{Log, Position};
use everview_protocol::session::Moment;

#[cfg(test)]
mod tests;

/// How many positions of a stretch are told, at equal distances first.
const EVEN: u64 = 512;

/// How many are told in all. The longest times without one are halved until there are as many, which
/// finds the two events that a long time lies between without a look at all the others.
const MOST: usize = 2_000;

/// Positions of the log in order with the times of their events, and more of them in a stretch. Those
/// without a time are left out.
pub(super) fn moments(log: &Log, closer: Option<(u64, u64)>) -> Vec<Moment> {
    let mut all = stretch(log, 1, u64::MAX);
    if let Some((from, to)) = closer {
        all.extend(stretch(log, from, to));
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn stretch(log: &Log, from: u64, to: u64) -> Vec<Moment> {
    let first = log.base().next().get();
    let (from, to) = (from.max(first), to.min(log.head().get()));
    if to < from {
        return Vec::new();
    }
    let moment = |position| {
        let time = log.time(Position::new(position))?;
        Some(Moment { position, time_ms: time.millis() })
    };
    let steps = EVEN.min(to - from);
    let place = |step: u64| from + (to - from) * step / steps.max(1);
    let mut found: Vec<Moment> = (0..=steps).filter_map(|step| moment(place(step))).collect();
    let between = |left: Moment, right: Moment| {
        let can_be_halved = left.position + 1 < right.position;
        can_be_halved.then(|| (left.time_ms.abs_diff(right.time_ms), left, right))
    };
    let mut longest: BinaryHeap<_> =
        found.windows(2).filter_map(|pair| between(pair[0], pair[1])).collect();
    while found.len() < MOST
        && let Some((_, left, right)) = longest.pop()
    {
        let Some(middle) = moment(left.position.midpoint(right.position)) else { continue };
        found.push(middle);
        longest.extend(between(left, middle));
        longest.extend(between(middle, right));
    }
    found
}
