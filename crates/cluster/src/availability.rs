//! How much of the time, or of the requests, clients were served: measured, promised and computed.
//!
//! What was measured is a [`Tally`] of good and bad, in requests or in microseconds. An
//! [`Objective`] says how much of it has to be good, and what is left of the rest is its error
//! [`Budget`]. A [`BurnRate`] says how fast it is being spent, an [`Alert`] when that is too fast.
//! [`Availability::at_least`] computes on paper what a design of independent parts should reach.
//!
//! There are no binary floats: an availability is a whole number of parts of 10^18, and what does
//! not come out even is rounded down. So nothing is ever shown as better than it was, and 100 % is
//! shown if nothing was bad.
//!
//! ```
//! use core::time::Duration;
//! use everview_cluster::availability::{Objective, Tally};
//!
//! let objective = Objective::default();
//! assert_eq!(objective.to_string(), "99.99 % in 365 days");
//! assert_eq!(objective.allowed_time(), Duration::from_millis(52 * 60_000 + 33_600));
//!
//! let requests = Tally { good: 999_950, bad: 50 };
//! assert_eq!(requests.availability().unwrap().to_string(), "99.995 %");
//! assert!(objective.is_met_by(requests));
//! assert_eq!(objective.budget_of_requests(requests).left(), 50);
//! ```

mod burn;
mod compose;
mod meter;
mod objective;
mod tally;
mod watch;

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use everview_core::Decimal;

pub use burn::{Alert, BurnRate, Severity};
pub use meter::Meter;
pub use objective::{Budget, Objective};
pub use tally::Tally;
pub use watch::{Seen, Watch};

/// A share of the time or of the requests, from none to all, in parts of 10^18.
///
/// ```
/// use everview_cluster::availability::Availability;
///
/// let shown = |text: &str| text.parse::<Availability>().map(|parsed| format!("{parsed:.2}"));
/// assert_eq!(shown("99.999 %"), Ok("99.99 %".to_owned()), "rounded down");
/// assert!(shown("101 %").is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Availability(u64);

/// How many parts make the whole.
pub(crate) const WHOLE: u64 = 1_000_000_000_000_000_000;

/// Digits after the point that a percentage can have.
const PERCENT_DIGITS: u32 = 16;

/// A text that is no availability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a percentage from 0 to 100 with at most 16 digits after the point")]
pub struct AvailabilityError;

impl Availability {
    /// None of the time.
    pub const NEVER: Self = Self(0);
    /// All of the time.
    pub const ALWAYS: Self = Self(WHOLE);

    /// So many parts of 10^18; none if that is more than the whole.
    pub const fn from_parts(parts: u64) -> Option<Self> {
        if parts <= WHOLE { Some(Self(parts)) } else { None }
    }

    /// How many parts of 10^18 it is.
    pub const fn parts(self) -> u64 {
        self.0
    }

    /// The share that is missing, exactly.
    pub const fn unavailability(self) -> Self {
        Self(WHOLE - self.0)
    }

    /// This share of `amount`, rounded down.
    pub fn of(self, amount: u64) -> u64 {
        narrow(u128::from(amount) * u128::from(self.0) / u128::from(WHOLE))
    }

    /// The time without service in `period`, rounded down to a microsecond.
    ///
    /// ```
    /// use core::time::Duration;
    /// use everview_cluster::availability::Availability;
    ///
    /// let month = Duration::from_hours(30 * 24);
    /// let four_nines: Availability = "99.99 %".parse()?;
    /// assert_eq!(four_nines.downtime(month), Duration::from_millis(4 * 60_000 + 19_200));
    /// # Ok::<(), everview_cluster::availability::AvailabilityError>(())
    /// ```
    pub fn downtime(self, period: Duration) -> Duration {
        Duration::from_micros(self.unavailability().of(micros(period)))
    }

    /// `part` of `whole`, rounded down; none if `whole` is 0.
    fn ratio(part: u64, whole: u64) -> Option<Self> {
        let parts = (u128::from(part) * u128::from(WHOLE)).checked_div(u128::from(whole))?;
        Some(Self(narrow(parts).min(WHOLE)))
    }
}

impl fmt::Display for Availability {
    /// As a percentage: with as many digits as it has, or rounded down to the precision asked for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(PERCENT_DIGITS);
        let (whole, fraction) = (self.0 / unit, self.0 % unit);
        let (mut digits, mut shown) = (PERCENT_DIGITS, fraction);
        let kept = f.precision().and_then(|digits| u32::try_from(digits).ok());
        while digits > 0 && kept.map_or(shown % 10 == 0, |kept| kept < digits) {
            (digits, shown) = (digits - 1, shown / 10);
        }
        match digits {
            0 => write!(f, "{whole} %"),
            _ => write!(f, "{whole}.{shown:0width$} %", width = digits as usize),
        }
    }
}

impl FromStr for Availability {
    type Err = AvailabilityError;

    /// Reads a percentage, with or without its sign.
    fn from_str(text: &str) -> Result<Self, AvailabilityError> {
        let number = text.strip_suffix('%').unwrap_or(text).trim_ascii();
        let percent: Decimal = number.parse().map_err(|_| AvailabilityError)?;
        let lift = PERCENT_DIGITS.checked_sub(percent.scale()).ok_or(AvailabilityError)?;
        let parts = percent.mantissa().checked_mul(10_i128.pow(lift)).ok_or(AvailabilityError)?;
        let parts = u64::try_from(parts).map_err(|_| AvailabilityError)?;
        Self::from_parts(parts).ok_or(AvailabilityError)
    }
}

/// Whole microseconds, at most those of 584,542 years.
pub(crate) fn micros(time: Duration) -> u64 {
    narrow(time.as_micros())
}

/// The number, or the largest there is room for.
pub(crate) fn narrow(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
