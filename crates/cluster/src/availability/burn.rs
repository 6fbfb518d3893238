//! How fast an error budget is being spent, and when that is too fast.

use core::fmt;
use core::time::Duration;

use super::{Availability, Meter, Objective, Tally, WHOLE, micros, narrow};
use everview_core::Timestamp;

/// How many times faster than allowed the budget is being spent, in millionths, rounded down: at a
/// rate of 1 all of it is spent at the end of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BurnRate(u64);

const UNIT: u64 = 1_000_000;

impl BurnRate {
    /// The rate of so many millionths.
    pub const fn from_millionths(millionths: u64) -> Self {
        Self(millionths)
    }

    /// How many millionths it is.
    pub const fn millionths(self) -> u64 {
        self.0
    }

    /// The rate at which a budget was spent while `tally` was counted; none when nothing was. If
    /// nothing is allowed to be bad and something was, it is the highest there is.
    ///
    /// ```
    /// use everview_cluster::availability::{BurnRate, Objective, Tally};
    ///
    /// let tally = Tally { good: 99_856, bad: 144 };
    /// let rate = BurnRate::of(Objective::default(), tally).unwrap();
    /// assert_eq!(rate.to_string(), "14.4");
    /// ```
    pub fn of(objective: Objective, tally: Tally) -> Option<Self> {
        if tally.total() == 0 {
            return None;
        }
        // bad / total / (1 - objective), as one fraction of whole numbers.
        let allowed =
            u128::from(tally.total()) * u128::from(objective.availability.unavailability().0);
        let (bad, lift) = (u128::from(tally.bad), u128::from(WHOLE) * u128::from(UNIT));
        let highest = if bad == 0 { 0 } else { u128::MAX };
        let rate = match bad.checked_mul(lift) {
            Some(bad) => bad.checked_div(allowed),
            // Beyond what there is room for, the last digits do not count.
            None => (bad * u128::from(WHOLE)).checked_div(allowed.div_ceil(u128::from(UNIT))),
        };
        Some(Self(narrow(rate.unwrap_or(highest))))
    }
}

impl fmt::Display for BurnRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, mut fraction, mut width) = (self.0 / UNIT, self.0 % UNIT, 6);
        while width > 0 && fraction % 10 == 0 {
            (fraction, width) = (fraction / 10, width - 1);
        }
        if width == 0 { write!(f, "{whole}") } else { write!(f, "{whole}.{fraction:0width$}") }
    }
}

/// How an alert reaches people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody should look at it within days.
    Ticket,
    /// Somebody has to act now.
    Page,
}

/// A rate that must not be reached in a long and in a short window at once: in the long one so that
/// it matters, in the short one so that it still goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// The long window.
    pub long: Duration,
    /// The short window.
    pub short: Duration,
    /// The rate.
    pub rate: BurnRate,
    /// How it reaches people.
    pub severity: Severity,
}

impl Alert {
    /// The three that the Site Reliability Workbook (Google, 2018, chapter 5, "Alerting on SLOs")
    /// recommends to begin with. They fire when 2 %, 5 % and 10 % of a budget of 30 days are spent;
    /// [`Alert::budget_share`] says how much that is of another period's.
    pub const WORKBOOK: [Self; 3] = [
        Self {
            long: Duration::from_hours(1),
            short: Duration::from_mins(5),
            rate: BurnRate(14_400_000),
            severity: Severity::Page,
        },
        Self {
            long: Duration::from_hours(6),
            short: Duration::from_mins(30),
            rate: BurnRate(6_000_000),
            severity: Severity::Page,
        },
        Self {
            long: Duration::from_hours(72),
            short: Duration::from_hours(6),
            rate: BurnRate(1_000_000),
            severity: Severity::Ticket,
        },
    ];

    /// The rates in its long and in its short window; none where nothing was counted.
    pub fn rates(
        &self,
        objective: Objective,
        meter: &Meter,
        now: Timestamp,
    ) -> [Option<BurnRate>; 2] {
        [self.long, self.short].map(|window| BurnRate::of(objective, meter.window(now, window)))
    }

    /// Whether the rate is reached in both windows.
    pub fn fires(&self, objective: Objective, meter: &Meter, now: Timestamp) -> bool {
        self.rates(objective, meter, now).iter().all(|rate| Some(self.rate) <= *rate)
    }

    /// How much of the budget of a period is spent when the rate was kept up for the long window,
    /// at most all of it.
    pub fn budget_share(&self, period: Duration) -> Availability {
        let spent = u128::from(self.rate.0) * u128::from(micros(self.long)) / u128::from(UNIT);
        Availability::ratio(narrow(spent), micros(period)).unwrap_or(Availability::ALWAYS)
    }
}
