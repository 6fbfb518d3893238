//! A scenario out of a file.

use std::fs;

use anyhow::{Context as _, Result};
use everview_cluster::sim::{Script, SimConfig};

use crate::report;

fn read(file: &str) -> Result<Script> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
    // What is told below a line of dashes is what happened once.
    let script = text.split("----\n").next().unwrap_or_default();
    script.parse().with_context(|| format!("cannot read {file}"))
}

/// Plays it with so many seeds; whether no promise was broken.
pub(crate) fn run(file: &str, first: u64, count: u64) -> Result<bool> {
    let script = read(file)?;
    let totals = report::play(first, count, |seed| {
        let config = SimConfig { seed, ..script.config.clone() };
        Script { config, ..script.clone() }
    });
    totals.print();
    Ok(totals.violations == 0)
}

/// Plays it with its own seed and tells what happens; whether no promise was broken.
pub(crate) fn tell(file: &str) -> Result<bool> {
    let script = read(file)?;
    print!("{}", script.transcript());
    let totals = report::play(script.config.seed, 1, |_| script.clone());
    totals.print();
    Ok(totals.violations == 0)
}
