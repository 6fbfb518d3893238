//! Tallies over time, so that the last hour can be told from the last three days.

use alloc::collections::BTreeMap;
use core::time::Duration;

use everview_core::Timestamp;

use super::{Tally, micros};

/// Counts what is good and bad, and remembers it for a while.
///
/// It counts in slots of one width, so a window is a number of slots: the one that `now` is in and
/// those before it, which begin less than the window's length before the end of that one.
///
/// ```
/// use core::time::Duration;
/// use everview_cluster::availability::{Meter, Tally};
/// use everview_core::Timestamp;
///
/// let mut requests = Meter::new(Duration::from_mins(1), Duration::from_hours(72));
/// requests.count(Timestamp::from_millis(30_000), Tally { good: 98, bad: 2 });
/// requests.count(Timestamp::from_millis(90_000), Tally { good: 100, bad: 0 });
///
/// let now = Timestamp::from_millis(100_000);
/// assert_eq!(requests.window(now, Duration::from_mins(1)), Tally { good: 100, bad: 0 });
/// assert_eq!(requests.window(now, Duration::from_mins(5)), Tally { good: 198, bad: 2 });
/// ```
#[derive(Debug, Clone)]
pub struct Meter {
    slot_micros: i64,
    kept: i64,
    slots: BTreeMap<i64, Tally>,
    total: Tally,
}

impl Meter {
    /// A meter with slots of `width`, at least a microsecond, that remembers them for `kept`.
    pub fn new(width: Duration, kept: Duration) -> Self {
        let slot_micros = signed(width).max(1);
        let kept = slots(kept, slot_micros);
        Self { slot_micros, kept, slots: BTreeMap::new(), total: Tally::default() }
    }

    /// Counts what was good and bad at a moment. What is older than the meter remembers counts for
    /// the total only.
    pub fn count(&mut self, at: Timestamp, tally: Tally) {
        self.total = self.total.plus(tally);
        let slot = self.slot(at);
        let latest = self.slots.last_key_value().map_or(slot, |(latest, _)| *latest).max(slot);
        let first = latest - self.kept + 1;
        if first <= slot {
            let counted = self.slots.entry(slot).or_default();
            *counted = counted.plus(tally);
        }
        while self.slots.first_entry().is_some_and(|oldest| *oldest.key() < first) {
            self.slots.pop_first();
        }
    }

    /// Counts the time from `from` to `to` as good or as bad, each slot its part.
    pub fn count_time(&mut self, from: Timestamp, to: Timestamp, good: bool) {
        let mut at = from.micros();
        while at < to.micros() {
            let slot_end =
                (self.slot(Timestamp::from_micros(at)) + 1).saturating_mul(self.slot_micros);
            // What is older than the meter will remember need not be told apart.
            let forgotten = to.micros().saturating_sub(self.kept.saturating_mul(self.slot_micros));
            let end = slot_end.max(forgotten).min(to.micros());
            let length = (end - at).unsigned_abs();
            let tally = if good { (length, 0) } else { (0, length) };
            self.count(Timestamp::from_micros(at), Tally { good: tally.0, bad: tally.1 });
            at = end;
        }
    }

    /// What was counted in the window of that length which ends with the slot of `now`.
    pub fn window(&self, now: Timestamp, length: Duration) -> Tally {
        let last = self.slot(now);
        let first = last - slots(length, self.slot_micros) + 1;
        if last < first {
            return Tally::default();
        }
        self.slots.range(first..=last).map(|(_, tally)| *tally).sum()
    }

    /// All that was ever counted.
    pub const fn total(&self) -> Tally {
        self.total
    }

    /// The slots that are remembered and not empty: when each begins, and what was counted in it.
    pub fn slots(&self) -> impl Iterator<Item = (Timestamp, Tally)> {
        let begin = |slot: &i64| Timestamp::from_micros(slot.saturating_mul(self.slot_micros));
        self.slots.iter().map(move |(slot, tally)| (begin(slot), *tally))
    }

    const fn slot(&self, at: Timestamp) -> i64 {
        at.micros().div_euclid(self.slot_micros)
    }
}

fn signed(time: Duration) -> i64 {
    i64::try_from(micros(time)).unwrap_or(i64::MAX)
}

/// How many slots a time takes, begun ones included, but never so many that numbering them overflows.
fn slots(time: Duration, slot_micros: i64) -> i64 {
    let micros = signed(time).min(i64::MAX / 4);
    micros / slot_micros + i64::from(micros % slot_micros != 0)
}
