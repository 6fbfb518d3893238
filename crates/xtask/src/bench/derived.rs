//! Keeping derived views up from the same changes, beside differential dataflow.

use std::path::Path;

use anyhow::Result;

use super::contender::{Measurement, measured};
use super::native;
use super::report::Report;
use super::{Options, Size, median};

/// Differential dataflow would take minutes for more when they come one at a time.
const MOST_EVENTS: u64 = 200_000;

/// What is kept up, by the names that the programs print.
const VIEWS: [&str; 4] = ["group", "top", "join", "distinct"];

/// How many events come at once, and what that is called.
const BATCHES: [(u64, &str); 2] = [(1_000, ""), (1, "-single")];

/// Measures each kind of view, in turns.
pub(super) fn run(options: &Options, size: Size, report: &mut Report) -> Result<()> {
    let everyone = [("everview-native", "derived"), ("differential-dataflow", "differential")];
    let wanted: Vec<_> = everyone.iter().filter(|(name, _)| options.wants_who(name)).collect();
    let events = native::events(size.events.min(MOST_EVENTS))?;
    for (batch, suffix) in BATCHES {
        let mut runs: Vec<Vec<Measurement>> = vec![Vec::new(); wanted.len()];
        for _ in 0..size.rounds {
            for ((name, mode), runs) in wanted.iter().zip(&mut runs) {
                runs.push(keep_up(name, mode, &events, batch)?);
            }
        }
        for view in VIEWS {
            for ((name, _), runs) in wanted.iter().zip(&runs) {
                let cost = median(runs.iter().map(|run| run.figure(view)));
                report.add(&format!("derived-update-{view}{suffix}"), name, cost, "ns/delta");
            }
        }
    }
    Ok(())
}

fn keep_up(name: &str, mode: &str, events: &Path, batch: u64) -> Result<Measurement> {
    measured(name, native::command(mode).arg(events).arg(batch.to_string()))
}
