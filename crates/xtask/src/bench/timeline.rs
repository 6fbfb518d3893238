//! Going about in the past.

use anyhow::Result;

use super::contender::{Measurement, measured};
use super::native;
use super::report::Report;
use super::{Size, median};

/// What the program prints, and in what.
const FIGURES: [(&str, &str); 11] = [
    ("seek-p50", "ms"),
    ("seek-p99", "ms"),
    ("step", "µs"),
    ("diff", "ms"),
    ("diff-rows", "rows"),
    ("history", "ms"),
    ("history-events", "events"),
    ("history-bytes", "bytes/event"),
    ("why-row", "ms"),
    ("why-sum", "ms"),
    ("bisect", "ms"),
];

/// Measures seeking, stepping, comparing positions and the history of a row.
pub(super) fn run(size: Size, report: &mut Report) -> Result<()> {
    let (events, who) = (native::events(size.events)?, "everview-native");
    let run = |_| measured(who, native::command("timeline").arg(&events));
    let runs = (0..size.rounds).map(run).collect::<Result<Vec<Measurement>>>()?;
    for (figure, unit) in FIGURES {
        report.add(figure, who, median(runs.iter().map(|run| run.figure(figure))), unit);
    }
    Ok(())
}
