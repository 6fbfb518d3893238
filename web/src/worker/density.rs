//! How dense events are along a log.

use everview_core::{Log, Position};

/// The most stretches that are looked at: a line has no more pixels.
const MOST: usize = 4_096;

/// How many events a second there are after each edge up to the next one, on a logarithmic scale from
/// a tenth to 1; 0 where there are none or times are missing.
pub(super) fn density(log: &Log, edges: &[u64]) -> Vec<f32> {
    let rate = |pair: &[u64]| match *pair {
        [from, to] if from < to => rate(log, from, to),
        _ => None,
    };
    let rates: Vec<Option<f32>> = edges.windows(2).take(MOST).map(rate).collect();
    let known = || rates.iter().flatten().copied();
    let (least, most) = (known().fold(f32::MAX, f32::min), known().fold(f32::MIN, f32::max));
    let scale = |rate: f32| {
        if most <= least { 0.5 } else { 0.1 + 0.9 * (rate - least) / (most - least) }
    };
    rates.into_iter().map(|rate| rate.map_or(0.0, scale)).collect()
}

/// The logarithm of the events a second after `from` up to `to`.
#[expect(clippy::cast_precision_loss, reason = "it is drawn a few dozen pixels high")]
fn rate(log: &Log, from: u64, to: u64) -> Option<f32> {
    let time = |position: u64| log.time(Position::new(position));
    let (begin, end) = (time(from.max(log.base().next().get()))?, time(to)?);
    // Files are not always in the order of time, and many events may have the same one.
    let milliseconds = end.millis_since(begin).unsigned_abs().max(1);
    Some(((to - from) as f32 / milliseconds as f32).ln())
}
