//! What is promised, and how much may still go wrong before the promise is broken.

use core::fmt;
use core::time::Duration;

use super::{Availability, Tally, WHOLE, micros};

const DAY: Duration = Duration::from_hours(24);

/// The availability to be reached in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Objective {
    /// How much has to be good.
    pub availability: Availability,
    /// In how long a time.
    pub period: Duration,
}

impl Default for Objective {
    /// 99.99 % in 365 days: 52 minutes and 33.6 seconds may be bad.
    fn default() -> Self {
        Self { availability: Availability(WHOLE - WHOLE / 10_000), period: DAY * 365 }
    }
}

impl Objective {
    /// How long nobody may be served in the period, rounded down to a microsecond.
    pub fn allowed_time(self) -> Duration {
        self.availability.downtime(self.period)
    }

    /// Whether what was counted reaches the availability, exactly. Where nothing was counted,
    /// nothing is broken.
    pub fn is_met_by(self, tally: Tally) -> bool {
        let allowed = u128::from(tally.total()) * u128::from(self.availability.unavailability().0);
        u128::from(tally.bad) * u128::from(WHOLE) <= allowed
    }

    /// The budget of the period in microseconds, of which `down` are spent.
    pub fn budget_of_time(self, down: Duration) -> Budget {
        Budget { allowed: micros(self.allowed_time()), spent: micros(down) }
    }

    /// The budget of these requests: how many of them may be bad, rounded down, and how many were.
    pub fn budget_of_requests(self, requests: Tally) -> Budget {
        let allowed = self.availability.unavailability().of(requests.total());
        Budget { allowed, spent: requests.bad }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) =
            (self.period.as_secs() / DAY.as_secs(), self.period.as_secs() % DAY.as_secs());
        if rest == 0 {
            write!(f, "{} in {days} days", self.availability)
        } else {
            write!(f, "{} in {} s", self.availability, self.period.as_secs())
        }
    }
}

/// How much may be bad, in requests or in microseconds, and how much was.
///
/// ```
/// use core::time::Duration;
/// use everview_cluster::availability::Objective;
///
/// let budget = Objective::default().budget_of_time(Duration::from_secs(1_261));
/// assert_eq!(budget.time_left(), Duration::from_millis(1_892_600));
/// assert_eq!(format!("{:.1}", budget.spent_share()), "39.9 %");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// How much may be bad.
    pub allowed: u64,
    /// How much was.
    pub spent: u64,
}

impl Budget {
    /// What may still be bad; nothing when it is overspent.
    pub const fn left(self) -> u64 {
        self.allowed.saturating_sub(self.spent)
    }

    /// What is left of a budget in microseconds.
    pub const fn time_left(self) -> Duration {
        Duration::from_micros(self.left())
    }

    /// What was bad beyond what was allowed.
    pub const fn overspent(self) -> u64 {
        self.spent.saturating_sub(self.allowed)
    }

    /// The share that is spent, rounded down, at most all of it. A budget of nothing is spent with
    /// the first that is bad.
    pub fn spent_share(self) -> Availability {
        let all = if self.spent == 0 { Availability::NEVER } else { Availability::ALWAYS };
        Availability::ratio(self.spent, self.allowed).unwrap_or(all)
    }
}
