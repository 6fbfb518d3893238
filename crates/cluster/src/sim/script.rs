//! Scenarios as text: a cluster, what it is asked to do, and what goes wrong when.
//!
//! ```text
//! # What it is about.
//! seed 7
//! places 1.1 1.2 2.3
//! replication asynchronous
//! payments every 40 ms in 5 accounts until 6 s
//! at 0.5 s pay alice 10
//! at 1 s kill leader for 0.8 s
//! at 2.25 s slow A client by 300 for 1 s
//! until 8 s
//! ```
//!
//! Instead of payments, `orders 4 times as fast` lets a shop send what [`OrderStream`] makes up.
//! What is left out is as in [`SimConfig::default`]; times count from the start. A script that is
//! printed and read again is the same.

mod parse;
mod print;
mod transcript;

use alloc::string::String;
use alloc::vec::Vec;

use everview_core::command::CommandBus;
use everview_core::orders::{OrderStream, Orders};
use everview_core::{Rng, Timestamp};

use super::regions::Regions;
use super::{Fault, SimConfig, Simulation, Violation, Workload, bank};
use crate::{NodeId, Region};

pub use parse::{ScriptError, ScriptProblem};

/// A scenario.
///
/// ```
/// use everview_cluster::sim::Script;
///
/// let script: Script = "seed 7\nat 1 s kill leader for 0.8 s\nuntil 8 s\n".parse()?;
/// assert_eq!(script.to_string().parse::<Script>()?, script);
///
/// let mut simulation = script.simulation(None);
/// script.play(&mut simulation).unwrap();
/// assert_eq!(simulation.failovers().len(), 1);
/// # Ok::<(), everview_cluster::sim::ScriptError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// What it is about, a line at a time.
    pub about: Vec<String>,
    /// The cluster.
    pub config: SimConfig,
    /// What clients ask for all the time.
    pub work: Work,
    /// What happens, in order of time.
    pub steps: Vec<Step>,
    /// When it ends.
    pub until: Timestamp,
}

/// What clients ask for all the time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Work {
    /// Nothing.
    #[default]
    Nothing,
    /// Payments, none like another.
    Payments(Payments),
    /// Every region has a log of its own, and takes changes of rows: of these, if any are made by
    /// themselves. See [`super::regions`].
    Regions(Option<Edits>),
    /// What a busy shop sends ([`everview_core::orders::OrderStream`]).
    Orders {
        /// How many times faster than its customers' clocks; at least 1.
        pace: u32,
        /// Until when, if it ends.
        until: Option<Timestamp>,
    },
}

/// Changes of rows that are made all the time, by all regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edits {
    /// How long after another one is made, on average.
    pub every_ms: u64,
    /// To how many rows.
    pub rows: u64,
    /// Until when.
    pub until: Timestamp,
}

/// Payments that are made all the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payments {
    /// How long after another one is made, on average.
    pub every_ms: u64,
    /// In how many accounts.
    pub accounts: u64,
    /// Until when.
    pub until: Timestamp,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: Action,
    /// For how many milliseconds, if it is a fault that ends by itself.
    pub for_ms: Option<i64>,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Somebody pays into an account, or out of it.
    Pay {
        /// The account.
        account: String,
        /// How much.
        amount: i64,
    },
    /// A region writes to a field of a row: see [`super::regions::deed`].
    Edit {
        /// The node that is the region's.
        node: NodeId,
        /// The row.
        row: String,
        /// The field.
        field: String,
        /// What is written.
        value: String,
    },
    /// A region writes again what was overruled.
    Restore {
        /// The node that is the region's.
        node: NodeId,
        /// Where that was written.
        region: Region,
        /// Which of the changes that were written there, counted from 1.
        number: u64,
    },
    /// Something goes wrong, or is mended.
    Fault(Fault),
}

impl Script {
    /// The cluster that it tells of, about to start, with a rule that it breaks, if it does.
    pub fn simulation(&self, weakness: Option<super::Weakness>) -> Simulation {
        let config = SimConfig { weakness, ..self.config.clone() };
        let mut simulation = match self.work {
            // Regions with a log each have a simulation of their own.
            Work::Nothing | Work::Regions(_) => Simulation::new(config, |_| None, bank::bus),
            Work::Payments(payments) => {
                let workload = payments.workload(&config);
                Simulation::new(config, workload, bank::bus)
            }
            Work::Orders { pace, until } => shop(config, pace, until),
        };
        let has_payments = |step: &Step| matches!(step.action, Action::Pay { .. });
        if !self.steps.iter().any(has_payments) && !matches!(self.work, Work::Orders { .. }) {
            simulation.expect_distinct();
        }
        simulation
    }

    /// Whether every region has a log of its own: then [`Script::regions`] plays it.
    pub const fn is_regional(&self) -> bool {
        matches!(self.work, Work::Regions(_))
    }

    /// The regions that it tells of, about to start, with a rule that they break, if they do.
    pub fn regions(&self, weakness: Option<super::Weakness>) -> Regions {
        let edits = if let Work::Regions(edits) = self.work { edits } else { None };
        Regions::new(SimConfig { weakness, ..self.config.clone() }, edits)
    }

    /// Lets everything happen.
    ///
    /// # Errors
    ///
    /// When a promise is broken.
    pub fn play(&self, simulation: &mut Simulation) -> Result<(), Violation> {
        for step in &self.steps {
            simulation.advance(simulation.after_start(step.at))?;
            step.happen(simulation)?;
        }
        simulation.advance(simulation.after_start(self.until))
    }
}

impl Script {
    /// Lets everything happen that it tells of regions with a log each.
    ///
    /// # Errors
    ///
    /// When a promise is broken.
    pub fn play_regions(&self, regions: &mut Regions) -> Result<(), Violation> {
        for step in &self.steps {
            regions.advance(step.at)?;
            step.happen_to_regions(regions)?;
        }
        regions.advance(self.until)
    }
}

impl Payments {
    fn workload(self, config: &SimConfig) -> impl Workload + 'static {
        let mut rng = Rng::new(config.seed ^ 0x7061_796d_656e_7473);
        let mut at = config.start;
        let mut number = 0;
        move |_| {
            let pause = rng.between(0, 2 * self.every_ms);
            at = at.plus_millis(i64::try_from(pause).unwrap_or(i64::MAX));
            // No amount comes twice, so that a payment that is made twice is noticed.
            number += 1;
            let amount = if rng.chance(600_000) { number } else { -number };
            let command = bank::pay(bank::account(rng.below(self.accounts)), amount);
            (at < self.until).then_some((at, command))
        }
    }
}

/// A cluster that a shop sends its orders to. It starts when the first of them is placed.
fn shop(config: SimConfig, pace: u32, until: Option<Timestamp>) -> Simulation {
    let mut orders = OrderStream::new(config.seed);
    let mut next = orders.next();
    let start = next.as_ref().map_or(config.start, |first| first.time);
    let end = until.map(|until| start.plus_millis(until.millis()));
    let workload = move |now: Timestamp| {
        let generated = core::mem::replace(&mut next, orders.next())?;
        let passed = generated.time.millis_since(start) / i64::from(pace.max(1));
        let due = start.plus_millis(passed);
        let is_over = end.is_some_and(|end| end <= due);
        (!is_over).then(|| (due.max(now), generated.to_command()))
    };
    Simulation::new(SimConfig { start, ..config }, workload, || {
        let mut bus = CommandBus::new();
        // The first decider of its types is never refused.
        let registered = bus.register(Orders);
        debug_assert_eq!(registered, Ok(()));
        bus
    })
}

impl Step {
    /// Lets it happen now.
    ///
    /// # Errors
    ///
    /// When a promise is broken by it, or was before.
    pub fn happen(&self, simulation: &mut Simulation) -> Result<(), Violation> {
        match (&self.action, self.for_ms) {
            (Action::Pay { account, amount }, _) => {
                simulation.submit(bank::pay(account.clone(), *amount));
                Ok(())
            }
            (Action::Edit { .. } | Action::Restore { .. }, _) => Ok(()),
            (Action::Fault(fault), None) => simulation.inject(*fault),
            (Action::Fault(fault), Some(millis)) => simulation.inject_for(*fault, millis),
        }
    }
}

impl Step {
    /// Lets it happen now to regions with a log each. What is for one log does nothing.
    ///
    /// # Errors
    ///
    /// When a promise was broken before.
    pub fn happen_to_regions(&self, regions: &mut Regions) -> Result<(), Violation> {
        match &self.action {
            Action::Edit { node, row, field, value } => {
                regions.edit(*node, row, field, value);
                Ok(())
            }
            Action::Restore { node, region, number } => {
                regions.restore(*node, *region, *number);
                Ok(())
            }
            Action::Fault(fault) => regions.inject(*fault, self.for_ms),
            Action::Pay { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
