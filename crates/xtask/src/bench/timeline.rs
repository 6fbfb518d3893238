//! Going about in the past, natively and in WebAssembly.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::contender::{Measurement, measured};
use super::native;
use super::report::Report;
use super::{Options, Size, median};
use crate::{chromium, node, npm, project, shell};

/// What is said with the number of events, and in what.
const OF_A_LOG: [(&str, &str); 5] = [
    ("seek-p50", "ms"),
    ("seek-p99", "ms"),
    ("page-p50", "ms"),
    ("page-p99", "ms"),
    ("reopen", "ms"),
];

/// What does not depend on it.
const FIGURES: [(&str, &str); 12] = [
    ("step", "µs"),
    ("diff-10k", "ms"),
    ("diff-rows", "rows"),
    ("history", "ms"),
    ("history-events", "events"),
    ("history-bytes", "bytes/event"),
    ("history-cost", "of replay"),
    ("fork", "ms"),
    ("fork-memory", "of all"),
    ("why-row", "ms"),
    ("why-sum", "ms"),
    ("bisect", "ms"),
];

/// How many times longer the long log is.
const LONG: u64 = 5;

/// Where the engine runs.
pub(super) const WHERE: [&str; 3] = ["everview-native", "everview-wasm", "everview-chromium"];

/// Measures seeking in a log and in one that is five times longer and, in the first, stepping,
/// comparing positions and the history of a row.
pub(super) fn run(options: &Options, size: Size, report: &mut Report) -> Result<()> {
    let wanted = WHERE.map(|who| options.wants_who(who));
    let package = if wanted[1] || wanted[2] { Some(npm::build()?) } else { None };
    for (events, figures) in [(size.events, &FIGURES[..]), (size.events * LONG, &[])] {
        let file = native::batches(events)?;
        for (who, _) in WHERE.into_iter().zip(wanted).filter(|(_, is_wanted)| *is_wanted) {
            let run = || measured(who, &mut command(who, package.as_deref(), &file)?);
            add(who, (events, figures), size.rounds, report, run)?;
        }
    }
    Ok(())
}

/// What measures with a file of stored events, natively if there is no package for the place.
fn command(who: &str, package: Option<&Path>, file: &Path) -> Result<Command> {
    let Some(package) = package.filter(|_| who != "everview-native") else {
        let mut native = native::command("timeline");
        native.arg(file);
        return Ok(native);
    };
    let mut node = shell::command("node");
    if who == "everview-chromium" {
        node::install(npm::SOURCES)?;
        let pages = project::path("crates/xtask/bench/timeline-chromium.mjs");
        node.arg(pages).args([package, file, &project::path(npm::SOURCES)]);
        node.env("CHROMIUM", chromium::require()?.browser);
    } else {
        let program = project::path("crates/xtask/bench/timeline-node.mjs");
        node.arg(program).args([package, file]);
    }
    Ok(node)
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
