//! `everview study`: which design keeps the promise.

mod rate;
mod table;

use std::io::{self, BufWriter};
use std::ops::Range;

use everview_cluster::availability::{Availability, Objective};
use everview_cluster::sim::Violation;
use everview_cluster::study::{
    self, Configuration, ConfigurationError, Load, Rates, Recovery, Study, StudyConfig,
};

use crate::progress::Progress;
use crate::say;
use rate::Assignment;

/// What to compare, and under which conditions.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Failures come at random, each kind of part by itself; failovers, with and without servers \
behind a balancer, take as long as in the simulator. What is modelled and what is not is told in the \
documentation of everview_cluster::study.

Exit codes:
  0  the study ran; whether a design keeps the promise is in the table
  1  the output could not be written
  2  the arguments make no sense
  5  the simulator found a promise broken, so there is nothing to study"
)]
pub(crate) struct Options {
    /// How many years of each design
    #[arg(long, value_name = "YEARS", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    seeds: u32,

    /// The seed of the first year, and of the failovers
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,

    /// The availability to be reached in a year, as a percentage
    #[arg(long, value_name = "PERCENT", default_value = "99.99")]
    objective: Availability,

    /// How often a kind of part fails and how long its repair takes, such as machine=90d/10min or
    /// region=never; may be repeated
    #[arg(long = "rate", value_name = "PART=BETWEEN/REPAIR")]
    rates: Vec<Assignment>,

    /// Acknowledged writes a second
    #[arg(long, value_name = "COUNT", default_value_t = Load::default().writes_per_second)]
    writes: u32,

    /// How many of a hundred requests only read
    #[arg(long, value_name = "PERCENT", default_value_t = Load::default().reads_percent, value_parser = clap::value_parser!(u8).range(0..=100))]
    reads: u8,

    /// How many failures of each kind to simulate, to draw from
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    failovers: u32,
}

/// A study that wrote no table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StudyError {
    #[error("the output: {0}")]
    Write(#[from] io::Error),
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    #[error("the simulator: {0}")]
    Violation(#[from] Violation),
}

impl StudyError {
    /// The exit code, as the help lists it.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Write(_) => 1,
            Self::Configuration(_) => 2,
            Self::Violation(_) => 5,
        }
    }
}

/// Runs the study and writes its table to standard output.
pub(crate) fn run(options: &Options) -> Result<(), StudyError> {
    let mut progress = Progress::start();
    let recovery = Recovery::measured(options.seed, options.failovers)?;
    let mut rates = Rates::default();
    for assignment in &options.rates {
        assignment.apply(&mut rates);
    }
    let objective = Objective { availability: options.objective, ..Objective::default() };
    let load =
        Load { writes_per_second: options.writes, reads_percent: options.reads, ..Load::default() };
    let config = StudyConfig {
        configurations: Configuration::standard(),
        rates,
        load,
        objective,
        first_seed: options.seed,
        years: options.seeds,
        recovery,
    };
    tell_conditions(&config);
    let mut study = Study::new(config)?;
    for done in study.by_ref() {
        progress.show(|_| format!("{} of {} years", done.done, done.total));
    }
    progress.clear();
    let done = study.progress().done;
    say(&progress.described(done, "years"));
    table::write(&study.summaries(), objective, BufWriter::new(io::stdout().lock()))?;
    Ok(())
}

/// Under which conditions the figures hold.
fn tell_conditions(config: &StudyConfig) {
    let seeds = seeds(config);
    let (first, last) = (seeds.start, seeds.end - 1);
    let count = config.recovery.phases().len();
    say(&format!("seeds {first} to {last}, failovers drawn from {count} simulated ones"));
    for line in study::conditions(config) {
        say(&line);
    }
}

const fn seeds(config: &StudyConfig) -> Range<u128> {
    let first = config.first_seed as u128;
    first..first + config.years as u128
}
