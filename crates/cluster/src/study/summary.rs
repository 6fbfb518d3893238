//! What many years of a configuration come to.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::Configuration;
use crate::availability::{Availability, Objective, Tally};
use crate::sim::Phase;

/// A year of a configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Year {
    /// Its seed.
    pub seed: u64,
    /// Its microseconds: those of which the requests were served, and the others. Of a time in
    /// which some were, the share of those counts.
    pub time: Tally,
    /// The microseconds of the phases of each failover, in the order of [`Phase::ALL`].
    pub failovers: Vec<[i64; Phase::ALL.len()]>,
    /// Acknowledged writes that were lost.
    pub writes_lost: u64,
    /// Acknowledged writes that others saw only when their region was back.
    pub writes_late: u64,
    /// Conflicts that are to be expected, rounded down.
    pub conflicts: u64,
    /// The microseconds of all machines: those in which they answered requests, and the others.
    pub machines: Tally,
}

/// A figure over many years, or over many failovers: by nearest rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread<T> {
    /// One in twenty is at most this (the 5th percentile).
    pub low: T,
    /// Half are at most this.
    pub median: T,
    /// One in twenty is at least this (the 95th percentile).
    pub high: T,
}

/// What was found for a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The configuration's name.
    pub name: String,
    /// How many machines are paid for.
    pub machines: u32,
    /// Which share of them answered requests, over all years.
    pub used: Availability,
    /// How many years were run.
    pub years: usize,
    /// How available they were.
    pub availability: Spread<Availability>,
    /// How many years met the objective.
    pub met: usize,
    /// What that means.
    pub verdict: Verdict,
    /// How many failovers there were in all years.
    pub failovers: usize,
    /// The microseconds that failovers took; none if there were none.
    pub recovery: Option<Spread<i64>>,
    /// And each phase, in the order of [`Phase::ALL`].
    pub phases: Option<[Spread<i64>; Phase::ALL.len()]>,
    /// Acknowledged writes that were lost in a year.
    pub writes_lost: Spread<u64>,
    /// Acknowledged writes that others saw late in a year.
    pub writes_late: Spread<u64>,
    /// Conflicts to be expected in a year.
    pub conflicts: Spread<u64>,
}

/// Whether an objective is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// In 19 of 20 years or more: the 5th percentile reaches it.
    Met,
    /// In half of the years or more: the median reaches it.
    MetInMostYears,
    /// In fewer.
    Missed,
}

impl<T: Ord + Copy> Spread<T> {
    /// The figures of these values; none if there are none.
    ///
    /// ```
    /// use everview_cluster::study::Spread;
    ///
    /// let spread = Spread::of((1..=100).rev()).unwrap();
    /// assert_eq!((spread.low, spread.median, spread.high), (5, 50, 95));
    /// ```
    pub fn of(values: impl IntoIterator<Item = T>) -> Option<Self> {
        let mut sorted: Vec<T> = values.into_iter().collect();
        sorted.sort_unstable();
        // The smallest value that so many in a hundred do not exceed.
        let rank = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100);
            sorted.get(rank.saturating_sub(1)).copied()
        };
        Some(Self { low: rank(5)?, median: rank(50)?, high: rank(95)? })
    }
}

impl Summary {
    /// What these years of a configuration come to.
    pub(super) fn new(one: &Configuration, years: &[Year], objective: Objective) -> Self {
        let share = |tally: Tally| tally.availability().unwrap_or(Availability::ALWAYS);
        let nothing = Spread { low: 0, median: 0, high: 0 };
        let count = |of: fn(&Year) -> u64| Spread::of(years.iter().map(of)).unwrap_or(nothing);
        let availability = Spread::of(years.iter().map(|year| share(year.time)));
        let always = Availability::ALWAYS;
        let availability =
            availability.unwrap_or(Spread { low: always, median: always, high: always });
        let failovers = || years.iter().flat_map(|year| &year.failovers);
        let phases = Phase::ALL.map(|phase| Spread::of(failovers().map(|one| one[phase as usize])));
        Self {
            name: one.name.clone(),
            machines: one.machines(),
            used: share(years.iter().map(|year| year.machines).sum()),
            years: years.len(),
            met: years.iter().filter(|year| objective.is_met_by(year.time)).count(),
            verdict: match objective.availability {
                wanted if wanted <= availability.low => Verdict::Met,
                wanted if wanted <= availability.median => Verdict::MetInMostYears,
                _ => Verdict::Missed,
            },
            availability,
            failovers: failovers().count(),
            recovery: Spread::of(failovers().map(|phases| phases.iter().sum())),
            phases: phases
                .into_iter()
                .collect::<Option<Vec<_>>>()
                .and_then(|all| all.try_into().ok()),
            writes_lost: count(|year| year.writes_lost),
            writes_late: count(|year| year.writes_late),
            conflicts: count(|year| year.conflicts),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Met => "yes",
            Self::MetInMostYears => "in most years",
            Self::Missed => "no",
        })
    }
}
