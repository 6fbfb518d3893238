//! What parts that fail independently come to together.
//!
//! | parts | is up when | availability |
//! |---|---|---|
//! | in series | all are up | a₁ · a₂ · … |
//! | in parallel | one is up | 1 − (1−a₁) · (1−a₂) · … |
//! | k of n | k of them are up | the sum over all sets of at least k |
//!
//! The formulas hold for parts that fail independently. What two parts share (a rack, a zone, a
//! release) is a part of its own, in series with both.

use alloc::vec;
use core::time::Duration;

use super::{Availability, WHOLE, micros, narrow};

impl Availability {
    /// All of the parts are needed. Of no parts, none is missing.
    ///
    /// ```
    /// use everview_cluster::availability::Availability;
    ///
    /// let part: Availability = "99.9 %".parse()?;
    /// assert_eq!(Availability::in_series(&[part, part]).to_string(), "99.8001 %");
    /// assert_eq!(Availability::in_parallel(&[part, part]).to_string(), "99.9999 %");
    /// assert_eq!(Availability::at_least(2, &[part; 3]).to_string(), "99.9997002 %");
    /// # Ok::<(), everview_cluster::availability::AvailabilityError>(())
    /// ```
    pub fn in_series(parts: &[Self]) -> Self {
        Self::at_least(parts.len(), parts)
    }

    /// One of the parts is enough. Of no parts, none is up.
    pub fn in_parallel(parts: &[Self]) -> Self {
        Self::at_least(1, parts)
    }

    /// `needed` of the parts are enough. It is rounded down, by less than two parts of 10^18 for
    /// each step of the sum.
    pub fn at_least(needed: usize, parts: &[Self]) -> Self {
        // The chance that so many parts are up: rounded down, and rounded up.
        let (mut low, mut high) = (vec![0; parts.len() + 1], vec![0; parts.len() + 1]);
        (low[0], high[0]) = (WHOLE, WHOLE);
        for part in parts {
            for up in (0..=parts.len()).rev() {
                let before = up.checked_sub(1);
                let (came, was) = (before.map_or(0, |before| low[before]), low[up]);
                low[up] = part.of(came) + part.unavailability().of(was);
                let (came, was) = (before.map_or(0, |before| high[before]), high[up]);
                high[up] = part.over(came).saturating_add(part.unavailability().over(was));
            }
        }
        // Neither sum is too high a result; of the two, the one with less rounding is the higher.
        let enough: u64 = low.iter().skip(needed).sum();
        let short = high.iter().take(needed).fold(0_u64, |sum, chance| sum.saturating_add(*chance));
        Self(enough.max(WHOLE.saturating_sub(short)))
    }

    /// This share of `amount`, rounded up.
    fn over(self, amount: u64) -> u64 {
        narrow((u128::from(amount) * u128::from(self.0)).div_ceil(u128::from(WHOLE)))
    }

    /// The availability of a part that works for `between_failures` on average until it fails, and
    /// is then repaired within `to_repair` on average; none if both are 0.
    ///
    /// ```
    /// use core::time::Duration;
    /// use everview_cluster::availability::Availability;
    ///
    /// let days = |days: u64| Duration::from_hours(24 * days);
    /// let found = Availability::of_repair(days(99), days(1)).unwrap();
    /// assert_eq!(found.to_string(), "99 %");
    /// assert_eq!(found.time_to_repair(days(99)), Some(days(1)));
    /// assert_eq!(found.time_between_failures(days(1)), Some(days(99)));
    /// ```
    pub fn of_repair(between_failures: Duration, to_repair: Duration) -> Option<Self> {
        let (up, down) = (micros(between_failures), micros(to_repair));
        Self::ratio(up, up.saturating_add(down))
    }

    /// How quickly a part that fails so often has to be repaired on average to reach this
    /// availability, rounded down; none for [`Availability::NEVER`], which any time reaches.
    pub fn time_to_repair(self, between_failures: Duration) -> Option<Duration> {
        let down = u128::from(micros(between_failures)) * u128::from(self.unavailability().0);
        Some(Duration::from_micros(narrow(down.checked_div(u128::from(self.0))?)))
    }

    /// How long a part has to work on average, if its repair takes so long, to reach this
    /// availability, rounded up; none for [`Availability::ALWAYS`], which no time reaches.
    pub fn time_between_failures(self, to_repair: Duration) -> Option<Duration> {
        let missing = u128::from(self.unavailability().0);
        let up = u128::from(micros(to_repair)) * u128::from(self.0);
        let whole = up.checked_div(missing)? + u128::from(!up.is_multiple_of(missing));
        Some(Duration::from_micros(narrow(whole)))
    }
}
