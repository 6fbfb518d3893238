//! Plays scenarios by the thousand: what `cargo xtask simulate` runs.
//!
//! `simulate swarm FIRST COUNT`, `simulate scenario FILE FIRST COUNT`, `simulate resumes COUNT` and
//! `simulate controls COUNT` print what they found; the last line says how much that was.

mod controls;
mod report;
mod resumes;
mod scenario;
mod swarm;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let all_is_well = match arguments.as_slice() {
        ["swarm", first, count] => swarm::run(first.parse()?, count.parse()?),
        ["scenario", file, first, count] => scenario::run(file, first.parse()?, count.parse()?)?,
        ["scenario", file] => scenario::tell(file)?,
        ["resumes", count] => resumes::run(count.parse()?),
        ["controls", count] => controls::run(count.parse()?),
        _ => bail!("expected `swarm`, `scenario`, `resumes` or `controls` and its arguments"),
    };
    Ok(if all_is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
