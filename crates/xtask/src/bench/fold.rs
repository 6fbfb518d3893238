//! Everyone folds the same file and then takes events one at a time, in turns.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::contender::{ALL, Contender, JAVASCRIPT, Kind, Measurement, NPM_PEERS};
use super::native;
use super::report::Report;
use super::{Bench, Options, Size, median};
use crate::{node, npm};

/// How many events are taken one at a time.
const LIVE: u64 = 20_000;

/// Contenders that fold the same number of events; JavaScript is among them.
#[derive(Debug)]
struct Heat {
    events: u64,
    file: PathBuf,
    contenders: Vec<Runs>,
}

/// What each run of a contender said.
#[derive(Debug)]
struct Runs {
    contender: Contender,
    from_json: Vec<Measurement>,
    from_batches: Vec<Measurement>,
}

/// Measures replay, live events and memory, as far as they are wanted.
pub(super) fn run(options: &Options, size: Size, report: &mut Report) -> Result<()> {
    let wanted =
        |contender: &&Contender| contender.name == JAVASCRIPT || options.wants_who(contender.name);
    let contenders: Vec<Contender> = ALL.iter().filter(wanted).copied().collect();
    let package = build(&contenders)?;
    let live = if options.wants(Bench::Live) { LIVE } else { 0 };
    let mut heats = heats(&contenders, size.events)?;
    for round in 1..=size.rounds {
        eprintln!("Round {round} of {}", size.rounds);
        for heat in &mut heats {
            heat.run(live, &package)?;
            if options.wants(Bench::Replay) {
                heat.run_batches(&package)?;
            }
        }
    }
    for heat in &heats {
        heat.report(options, heat.events < size.events, report);
    }
    Ok(())
}

/// Builds what the contenders need, and returns the folder of Everview's npm package.
fn build(contenders: &[Contender]) -> Result<PathBuf> {
    let any = |wanted: fn(&Kind) -> bool| contenders.iter().any(|one| wanted(&one.kind));
    if any(|kind| matches!(kind, Kind::NpmPeer(_))) {
        node::install(NPM_PEERS)?;
    }
    if any(|kind| *kind == Kind::Wasm) { npm::build() } else { Ok(PathBuf::new()) }
}

/// Those who can take all events, and those who can take fewer.
fn heats(contenders: &[Contender], events: u64) -> Result<Vec<Heat>> {
    let mut counts: Vec<u64> = contenders.iter().map(|one| one.most.min(events)).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    counts.dedup();
    let heat = |count| {
        let takes = |one: &&Contender| one.name == JAVASCRIPT || one.most.min(events) == count;
        let mut contenders: Vec<_> =
            contenders.iter().filter(takes).map(|one| Runs::new(*one)).collect();
        // The others are compared with it, so it comes first.
        contenders.sort_by_key(|runs| runs.contender.name != JAVASCRIPT);
        Ok(Heat { events: count, file: native::events(count)?, contenders })
    };
    counts.into_iter().map(heat).collect()
}

impl Runs {
    const fn new(contender: Contender) -> Self {
        Self { contender, from_json: Vec::new(), from_batches: Vec::new() }
    }
}

impl Heat {
    fn run(&mut self, live: u64, package: &Path) -> Result<()> {
        let javascript = self.contenders[0].contender;
        for Runs { contender, from_json, .. } in &mut self.contenders {
            from_json.push(contender.run(&self.file, live, package)?);
            if from_json.len() == 1 {
                contender.require_rows_of(&javascript)?;
            }
        }
        Ok(())
    }

    fn run_batches(&mut self, package: &Path) -> Result<()> {
        let javascript = self.contenders[0].contender;
        for Runs { contender, from_batches, .. } in &mut self.contenders {
            let Some((contender, file)) = contender.with_batches(&self.file) else { continue };
            from_batches.push(contender.run(&file, 0, package)?);
            if from_batches.len() == 1 {
                contender.require_rows_of(&javascript)?;
            }
        }
        Ok(())
    }

    fn report(&self, options: &Options, is_smaller: bool, report: &mut Report) {
        let of = if is_smaller { format!(" ({} events)", self.events) } else { String::new() };
        let javascript = median(self.contenders[0].from_json.iter().map(Measurement::speed));
        for Runs { contender, from_json: runs, from_batches } in &self.contenders {
            // It has its figures from the others' heat.
            if is_smaller && contender.name == JAVASCRIPT {
                continue;
            }
            let middle = |figure: &dyn Fn(&Measurement) -> f64| median(runs.iter().map(figure));
            let mut add = |bench: Bench, name: &str, value: f64, unit: &str| {
                if options.wants(bench) {
                    report.add(name, contender.name, value, format!("{unit}{of}"));
                }
            };
            let speed = middle(&Measurement::speed);
            add(Bench::Replay, "replay-ndjson", speed, "events/s");
            add(Bench::Replay, "replay-ndjson-ratio", speed / javascript, "x javascript");
            let speed = median(from_batches.iter().map(Measurement::speed));
            add(Bench::Replay, "replay-batches", speed, "events/s");
            add(Bench::Replay, "replay-batches-ratio", speed / javascript, "x javascript");
            add(Bench::Live, "live-top10-p50", middle(&|run| run.figure("p50")), "µs");
            add(Bench::Live, "live-top10-p99", middle(&|run| run.figure("p99")), "µs");
            let memory = middle(&|run| run.for_each_event("memory_views"));
            add(Bench::Memory, "memory-views", memory, "bytes/event");
            let memory = middle(&|run| run.for_each_event("memory"));
            add(Bench::Memory, "memory-total", memory, "bytes/event");
        }
    }
}
