//! When a node was heard, and how long it may be quiet after that.

use alloc::collections::VecDeque;

use super::phi;
use crate::Timing;

/// The times between the last heartbeats of a node, in microseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrivals {
    intervals: VecDeque<u32>,
    sum: u64,
    squares: u64,
}

/// The longest time between two heartbeats that counts: a thousand squares of it can be added.
const LONGEST_MICROS: u32 = 60_000_000;

impl Arrivals {
    /// As if two heartbeats had come about when they should.
    pub(crate) fn new(timing: &Timing) -> Self {
        let mut arrivals = Self::default();
        if timing.phi().is_some() {
            let quarter = timing.heartbeat_ms / 4;
            for millis in [timing.heartbeat_ms - quarter, timing.heartbeat_ms + quarter] {
                arrivals.push(millis.saturating_mul(1_000), usize::MAX);
            }
        }
        arrivals
    }

    /// The node was heard so long after the last time.
    pub(crate) fn note(&mut self, timing: &Timing, micros: i64) {
        // What comes between two heartbeats says nothing of how late one of them can be.
        let is_heartbeat = timing.heartbeat_ms.saturating_mul(500) <= micros;
        if let Some(phi) = timing.phi().filter(|_| is_heartbeat) {
            self.push(micros, usize::from(phi.window.max(2)));
        }
    }

    fn push(&mut self, micros: i64, window: usize) {
        let interval =
            u32::try_from(micros.max(0)).map_or(LONGEST_MICROS, |one| one.min(LONGEST_MICROS));
        self.intervals.push_back(interval);
        self.sum += u64::from(interval);
        self.squares += u64::from(interval).pow(2);
        while window < self.intervals.len()
            && let Some(oldest) = self.intervals.pop_front()
        {
            self.sum -= u64::from(oldest);
            self.squares -= u64::from(oldest).pow(2);
        }
    }

    /// For how many milliseconds the node may be quiet before it is taken to be down.
    pub(crate) fn patience_ms(&self, timing: &Timing) -> i64 {
        let ceiling = timing.suspicion_ms;
        let Some(z_milli) = timing.phi().and_then(|phi| phi::z_milli(phi.threshold_milli)) else {
            return ceiling;
        };
        let (expected, deviation) = self.spread(timing);
        let late = i128::from(deviation) * i128::from(z_milli) / 1_000;
        let late = i64::try_from(late).unwrap_or(i64::MAX);
        (expected.saturating_add(late) / 1_000 + 1).clamp(0, ceiling.max(0))
    }

    /// Thousandths of φ after so many microseconds of quiet; none where deadlines alone decide.
    pub(crate) fn phi_milli(&self, timing: &Timing, quiet: i64) -> Option<u32> {
        timing.phi()?;
        let (expected, deviation) = self.spread(timing);
        let z_milli = (i128::from(quiet) - i128::from(expected)) * 1_000 / i128::from(deviation);
        let ends = if z_milli < 0 { i64::MIN } else { i64::MAX };
        Some(phi::phi_milli(i64::try_from(z_milli).unwrap_or(ends)))
    }

    /// When a heartbeat is expected at the latest, and the standard deviation, which is not 0.
    fn spread(&self, timing: &Timing) -> (i64, i64) {
        let (pause_ms, least_ms) =
            timing.phi().map_or((0, 0), |phi| (phi.pause_ms, phi.deviation_ms));
        let count = self.intervals.len().max(1) as u128;
        let (sum, squares) = (u128::from(self.sum), u128::from(self.squares));
        let mean = i64::try_from(sum / count).unwrap_or(i64::MAX);
        let variance = (count * squares).saturating_sub(sum * sum) / (count * count);
        let deviation = i64::try_from(variance.isqrt()).unwrap_or(i64::MAX);
        let expected = mean.saturating_add(pause_ms.saturating_mul(1_000));
        (expected, deviation.max(least_ms.saturating_mul(1_000)).max(1))
    }
}
