//! What was good and what was bad.

use core::time::Duration;

use super::{Availability, micros};

/// What was good and what was bad, in requests or in microseconds.
///
/// ```
/// use core::time::Duration;
/// use everview_cluster::availability::Tally;
///
/// let day = Tally::of_time(Duration::from_secs(86_391), Duration::from_millis(9_000));
/// assert_eq!(format!("{:.2}", day.availability().unwrap()), "99.98 %");
/// assert_eq!(Tally::default().availability(), None, "nothing is known of what nobody asked for");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests that were answered as promised, or microseconds in which they would have been.
    pub good: u64,
    /// The others.
    pub bad: u64,
}

impl Tally {
    /// A tally in microseconds.
    pub fn of_time(up: Duration, down: Duration) -> Self {
        Self { good: micros(up), bad: micros(down) }
    }

    /// Both together.
    pub const fn total(self) -> u64 {
        self.good.saturating_add(self.bad)
    }

    /// What two tallies counted.
    pub const fn plus(self, other: Self) -> Self {
        let (good, bad) =
            (self.good.saturating_add(other.good), self.bad.saturating_add(other.bad));
        Self { good, bad }
    }

    /// The share that was good, rounded down; none when nothing was counted.
    pub fn availability(self) -> Option<Availability> {
        Availability::ratio(self.good, self.total())
    }
}

impl core::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), Self::plus)
    }
}
