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
//! What is left out is as in [`SimConfig::default`]. A script that is printed and read again is the
//! same.

mod parse;
mod print;
mod transcript;

use alloc::string::String;
use alloc::vec::Vec;

use everview_core::{Rng, Timestamp};

use super::{Fault, SimConfig, Simulation, Violation, bank};

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
    /// Payments that are made all the time, if they are.
    pub payments: Option<Payments>,
    /// What happens, in order of time.
    pub steps: Vec<Step>,
    /// When it ends.
    pub until: Timestamp,
}

/// Payments that are made all the time, none like another.
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
    /// Something goes wrong, or is mended.
    Fault(Fault),
}

impl Script {
    /// The cluster that it tells of, about to start, with a rule that it breaks, if it does.
    pub fn simulation(&self, weakness: Option<super::Weakness>) -> Simulation {
        let config = SimConfig { weakness, ..self.config.clone() };
        let payments = self.payments;
        let mut rng = Rng::new(config.seed ^ 0x7061_796d_656e_7473);
        let mut at = config.start;
        let mut number = 0;
        let workload = move |_| {
            let payments = payments?;
            let pause = rng.between(0, 2 * payments.every_ms);
            at = at.plus_millis(i64::try_from(pause).unwrap_or(i64::MAX));
            // No amount comes twice, so that a payment that is made twice is noticed.
            number += 1;
            let amount = if rng.chance(600_000) { number } else { -number };
            let command = bank::pay(bank::account(rng.below(payments.accounts)), amount);
            (at < payments.until).then_some((at, command))
        };
        let mut simulation = Simulation::new(config, workload, bank::bus);
        if self.steps.iter().all(|step| matches!(step.action, Action::Fault(_))) {
            simulation.expect_distinct();
        }
        simulation
    }

    /// Lets everything happen.
    ///
    /// # Errors
    ///
    /// When a promise is broken.
    pub fn play(&self, simulation: &mut Simulation) -> Result<(), Violation> {
        for step in &self.steps {
            simulation.advance(step.at)?;
            step.happen(simulation)?;
        }
        simulation.advance(self.until)
    }
}

impl Step {
    /// Lets it happen now.
    pub(super) fn happen(&self, simulation: &mut Simulation) -> Result<(), Violation> {
        match (&self.action, self.for_ms) {
            (Action::Pay { account, amount }, _) => {
                simulation.submit(bank::pay(account.clone(), *amount));
                Ok(())
            }
            (Action::Fault(fault), None) => simulation.inject(*fault),
            (Action::Fault(fault), Some(millis)) => simulation.inject_for(*fault, millis),
        }
    }
}

#[cfg(test)]
mod tests;
