//! Going about in the past, natively and in WebAssembly.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;

use super::contender::{Measurement, measured};
use super::native;
use super::report::Report;
use super::{Options, Size, median};
use crate::{npm, project, shell};

/// What is said with the number of events, and in what.
const OF_A_LOG: [(&str, &str); 5] = [
    ("seek-p50", "ms"),
    ("seek-p99", "ms"),
    ("page-p50", "ms"),
    ("page-p99", "ms"),
    ("reopen", "ms"),
];

/// What does not depend on it.
const FIGURES: [(&str, &str); 9] = [
    ("step", "µs"),
    ("diff-10k", "ms"),
    ("diff-rows", "rows"),
    ("history", "ms"),
    ("history-events", "events"),
    ("history-bytes", "bytes/event"),
    ("why-row", "ms"),
    ("why-sum", "ms"),
    ("bisect", "ms"),
];

/// How many times longer the long log is.
const LONG: u64 = 5;

/// Measures seeking in a log and in one that is five times longer and, in the first, stepping,
/// comparing positions and the history of a row.
pub(super) fn run(options: &Options, size: Size, report: &mut Report) -> Result<()> {
    let wants_wasm = options.wants_who("everview-wasm");
    let package = if wants_wasm { Some(npm::build()?) } else { None };
    for (events, figures) in [(size.events, &FIGURES[..]), (size.events * LONG, &[])] {
        let file = native::batches(events)?;
        if options.wants_who("everview-native") {
            let run = || measured("everview-native", native::command("timeline").arg(&file));
            add("everview-native", (events, figures), size.rounds, report, run)?;
        }
        if let Some(package) = &package {
            let run = || in_wasm(package, &file);
            add("everview-wasm", (events, figures), size.rounds, report, run)?;
        }
    }
    Ok(())
}

/// The figures that are in a report, each once.
pub(super) fn figures(report: &Report) -> Vec<&str> {
    let of_a_log = |bench: &str| {
        OF_A_LOG
            .iter()
            .any(|(name, _)| bench.strip_prefix(name).is_some_and(|events| events.starts_with('-')))
    };
    let is_ours = |bench: &&str| of_a_log(bench) || FIGURES.iter().any(|(name, _)| name == bench);
    let mut known = BTreeSet::new();
    report.names().filter(is_ours).filter(|name| known.insert(*name)).collect()
}

fn in_wasm(package: &Path, file: &Path) -> Result<Measurement> {
    let mut node = shell::command("node");
    node.arg(project::path("crates/xtask/bench/timeline.mjs"));
    node.arg::<OsString>(package.into()).arg(file);
    measured("everview-wasm", &mut node)
}

fn add(
    who: &'static str,
    (events, figures): (u64, &[(&str, &str)]),
    rounds: usize,
    report: &mut Report,
    run: impl Fn() -> Result<Measurement>,
) -> Result<()> {
    let runs = (0..rounds).map(|_| run()).collect::<Result<Vec<_>>>()?;
    let figure = |name: &str| median(runs.iter().map(|run| run.figure(name)));
    for (name, unit) in OF_A_LOG {
        report.add(&format!("{name}-{}", short(events)), who, figure(name), unit);
    }
    for (name, unit) in figures {
        report.add(name, who, figure(name), *unit);
    }
    Ok(())
}

/// A number of events as it stands in a name: `1m`, `50k`.
fn short(events: u64) -> String {
    match events {
        events if events.is_multiple_of(1_000_000) => format!("{}m", events / 1_000_000),
        events if events.is_multiple_of(1_000) => format!("{}k", events / 1_000),
        events => events.to_string(),
    }
}
