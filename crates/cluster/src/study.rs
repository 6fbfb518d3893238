//! Which design keeps the promise: many seeded years of several configurations, compared.
//!
//! A year is told as outages, not as messages: machines, zones, networks, regions and releases fail
//! and are repaired at random ([`Rates`]), and what that means for the requests of clients follows
//! from the [`Configuration`].
//!
//! # What is measured
//!
//! How long it takes to go on is not made up: it comes from the real state machines in the simulator
//! ([`Recovery::measured`]). Of active-passive, the phases of a failover until clients follow the new
//! leader; of active-active over one log, and of each region of several, the phases until servers behind
//! a balancer have something decided again, and how long the balancer still sends to a server that died.
//!
//! A [`Study`] runs one year of one configuration at a time, so it can be paused, shown as it goes
//! and given up. Every configuration lives through the same failures of a seed, as far as it has
//! the parts. The same seed gives the same year on every platform.
//!
//! # What is modelled
//!
//! - Outages of each part at exponentially distributed times, with exponentially distributed
//!   repairs, each part by itself. What takes several parts down at once is a part of its own: the
//!   zone, its network, the region, the release.
//! - The leader of each region's log: failover when it is lost, waiting when there is no quorum.
//! - The share of the requests that goes to a dead server until it is missed, capacity that is missing,
//!   and the time until clients of a lost region are sent to another ([`Load::reroute_after`], which no
//!   simulator measures). A server that is back takes its share at once.
//! - Acknowledged writes that an asynchronous promotion loses, writes that are stuck in a lost
//!   region until it is back, and conflicts: how many are to be expected, not drawn.
//!
//! # What is not
//!
//! The balancer and the name service themselves, clients' own networks, disks that are destroyed
//! for good, overload by a surge of requests, slow parts that are not down, wrong code that answers
//! wrongly, restarts for upkeep (a planned switchover loses no request), and failures that come in
//! bursts. A zone whose network is cut is as good as down. So a study is kinder than the world: it
//! tells designs apart, it does not promise a figure.
//!
//! ```
//! use everview_cluster::study::{Recovery, Study, StudyConfig};
//!
//! let config = StudyConfig { years: 5, ..StudyConfig::new(Recovery::measured(1, 3)?) };
//! let mut study = Study::new(config)?;
//! while let Some(progress) = study.next() {
//!     if progress.done == 2 {
//!         break; // It can go on later, or not at all.
//!     }
//! }
//! study.by_ref().for_each(drop);
//! let active_passive = &study.summaries()[0];
//! assert_eq!(active_passive.years, 5);
//! assert_eq!(active_passive.machines, 3);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod configuration;
mod draw;
mod model;
mod rates;
mod recovery;
mod region;
mod summary;
mod table;
mod unit;

use alloc::vec::Vec;

use crate::availability::Objective;
use model::Model;

pub use configuration::{Configuration, ConfigurationError, Load, Replication, Serving};
pub use rates::{Rate, RateError, Rates};
pub use recovery::{Measuring, Recovery};
pub use summary::{Spread, Summary, Verdict, Year};
pub use table::{conditions, table};

/// What a study is made of.
#[derive(Debug, Clone)]
pub struct StudyConfig {
    /// What is compared.
    pub configurations: Vec<Configuration>,
    /// How often parts fail.
    pub rates: Rates,
    /// How long failovers take.
    pub recovery: Recovery,
    /// What clients do.
    pub load: Load,
    /// What is to be reached.
    pub objective: Objective,
    /// The seed of the first year; the others follow.
    pub first_seed: u64,
    /// How many years of each configuration.
    pub years: u32,
}

impl StudyConfig {
    /// A hundred years of [`Configuration::standard`], with the defaults of everything else.
    pub fn new(recovery: Recovery) -> Self {
        Self {
            configurations: Configuration::standard(),
            rates: Rates::default(),
            recovery,
            load: Load::default(),
            objective: Objective::default(),
            first_seed: 0,
            years: 100,
        }
    }
}

/// A study that is under way: an iterator that runs a year with each step.
#[derive(Debug, Clone)]
pub struct Study {
    config: StudyConfig,
    /// Of each configuration.
    years: Vec<Vec<Year>>,
    done: u64,
}

/// How far a study is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Years that were run.
    pub done: u64,
    /// Years that there are to run.
    pub total: u64,
}

impl Study {
    /// A study that is about to begin.
    ///
    /// # Errors
    ///
    /// If a configuration makes no sense.
    pub fn new(config: StudyConfig) -> Result<Self, ConfigurationError> {
        config.configurations.iter().try_for_each(Configuration::check)?;
        let years = config.configurations.iter().map(|_| Vec::new()).collect();
        Ok(Self { config, years, done: 0 })
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let total = u64::from(self.config.years) * self.config.configurations.len() as u64;
        Progress { done: self.done, total }
    }

    /// What it is made of.
    pub const fn config(&self) -> &StudyConfig {
        &self.config
    }

    /// What was found so far, for each configuration of which a year was run.
    pub fn summaries(&self) -> Vec<Summary> {
        let all = self.config.configurations.iter().zip(&self.years);
        let begun = all.filter(|(_, years)| !years.is_empty());
        begun.map(|(one, years)| Summary::new(one, years, self.config.objective)).collect()
    }
}

impl Iterator for Study {
    type Item = Progress;

    /// Runs the next year: one of each configuration in turn.
    fn next(&mut self) -> Option<Progress> {
        let Progress { done, total } = self.progress();
        if total <= done {
            return None;
        }
        let count = self.config.configurations.len() as u64;
        let place = usize::try_from(done % count).ok()?;
        let seed = self.config.first_seed.wrapping_add(done / count);
        let year = Model::new(&self.config, &self.config.configurations[place], seed).run();
        self.years[place].push(year);
        self.done += 1;
        Some(self.progress())
    }
}

#[cfg(test)]
mod tests;
