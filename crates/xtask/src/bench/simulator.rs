//! How much the simulator plays, and what it says of failovers.

use anyhow::Result;

use super::contender::measured;
use super::report::Report;
use super::{Size, median, native};

/// What is measured, in what, and what is to be reached.
pub(super) const FIGURES: [(&str, &str, &str); 4] = [
    ("sim-seeds-per-cpu-second", "five-node minutes", "≥ 50"),
    ("sim-quiet-year", "s", "≤ 1"),
    ("sim-failover-p50", "simulated s", "≤ 1.5"),
    ("sim-failover-p99", "simulated s", "≤ 3"),
];

/// Measures it natively.
pub(super) fn run(size: Size, report: &mut Report) -> Result<()> {
    let run = || measured("everview-native", &mut native::command("simulator"));
    let runs = (0..size.rounds).map(|_| run()).collect::<Result<Vec<_>>>()?;
    for (name, unit, _) in FIGURES {
        let figure = median(runs.iter().map(|run| run.figure(name)));
        report.add(name, "everview-native", figure, unit);
    }
    Ok(())
}
