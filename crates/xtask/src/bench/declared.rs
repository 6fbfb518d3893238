//! The views of the orders, declared and written in Rust.

use anyhow::Result;

use super::contender::{Contender, Kind, Measurement};
use super::native;
use super::report::Report;
use super::{Size, median};
use crate::project;

/// Measures both natively, in turns.
pub(super) fn run(size: Size, report: &mut Report) -> Result<()> {
    let events = native::events(size.events)?;
    let contender = |name, mode| Contender { name, kind: Kind::Native(mode), most: u64::MAX };
    let both = [contender("declared", "declared"), contender("rust", "rust")];
    let mut runs = [Vec::new(), Vec::new()];
    for round in 0..size.rounds {
        for (contender, runs) in both.iter().zip(&mut runs) {
            runs.push(contender.run(&events, 0, &project::target("npm"))?);
        }
        if round == 0 {
            both[0].require_rows_of(&both[1])?;
        }
    }
    let [declared, rust] = runs.map(|runs| median(runs.iter().map(Measurement::speed)));
    report.add("declared-vs-rust", "everview-native", rust / declared, "x the time");
    Ok(())
}
