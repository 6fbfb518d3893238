//! `cargo xtask simulate`: the cluster under faults, by the thousand seeds.

use std::path::PathBuf;

use anyhow::Result;

use crate::{project, shell};

/// Let simulated clusters get into trouble, and see that they keep their promises.
///
/// Prints a line for each promise that is broken: the seed, the simulated time and the shortest
/// script that still breaks it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many seeds; 1,000 unless said otherwise.
    #[arg(long, value_name = "N")]
    seeds: Option<u64>,
    /// The first of them; 0 unless said otherwise. Alone, it is the only one.
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Play this scenario instead of random ones; with its own seed, and told, unless seeds are
    /// given.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Break each rule on purpose, and see that it is noticed within 5,000 seeds.
    #[arg(long, conflicts_with_all = ["seeds", "seed", "scenario"])]
    controls: bool,
    /// Instead, let clients resume so often, from logs that were lost in part and restored.
    #[arg(long, value_name = "N", conflicts_with_all = ["seeds", "seed", "scenario", "controls"])]
    resumes: Option<u64>,
}

/// The most seeds in which a broken rule is to be noticed.
const CONTROL_SEEDS: &str = "5000";

/// How many seeds, and how many resumes, a change has to go through.
const GATE_SEEDS: &str = "10000";
const GATE_RESUMES: &str = "1000000";

/// What must hold before a change is published: within ten minutes on two cores.
pub(crate) fn gate() -> Result<()> {
    let program = build()?;
    let arguments: [&[&str]; 3] =
        [&["swarm", "0", GATE_SEEDS], &["resumes", GATE_RESUMES], &["controls", CONTROL_SEEDS]];
    arguments.iter().try_for_each(|arguments| shell::run(shell::command(&program).args(*arguments)))
}

fn build() -> Result<String> {
    shell::run(&mut shell::cargo(
        "build --release --package xtask --bin simulate --features simulate --quiet",
    ))?;
    Ok(project::target("release/simulate").to_string_lossy().into_owned())
}

/// Builds the simulator and runs it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut command = shell::command(&build()?);
    let is_seeded = options.seed.or(options.seeds).is_some();
    let count = options.seeds.unwrap_or(if options.seed.is_some() { 1 } else { 1_000 });
    let seeds = [options.seed.unwrap_or(0).to_string(), count.to_string()];
    match &options.scenario {
        _ if options.controls => command.args(["controls", CONTROL_SEEDS]),
        None => match options.resumes {
            Some(count) => command.arg("resumes").arg(count.to_string()),
            None => command.arg("swarm").args(seeds),
        },
        Some(file) => {
            let file = std::path::absolute(file)?;
            command.arg("scenario").arg(file);
            if is_seeded { command.args(seeds) } else { &mut command }
        }
    };
    shell::run(&mut command)
}
