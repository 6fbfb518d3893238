//! `cargo xtask bench`: how fast, how small, against what one would write by hand.

mod contender;
mod report;
mod size;

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use self::contender::{Contender, Measurement};
use self::report::Report;
use crate::{dashboard, npm, project, shell};

/// Measure folding events into four views, memory and download sizes.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Write every figure to this file too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// How many events are folded.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    events: u64,
    /// How often everyone is measured; the medians count.
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
}

/// Builds everything, measures it and prints the figures.
pub(crate) fn run(options: &Options) -> Result<()> {
    ensure!(options.rounds > 0 && options.events > 0, "there must be something to measure");
    let package = npm::build()?;
    let dashboard = dashboard::build()?;
    shell::run(&mut shell::cargo(
        "build --release --package xtask --features native --bin bench-native",
    ))?;
    let contenders = Contender::all(&package);

    let mut report = Report::default();
    replay(options, &contenders, &mut report)?;
    size::report("package", &size::shipped(&package)?, &mut report)?;
    size::report("dashboard", &size::shipped(&dashboard)?, &mut report)?;
    report.print();
    if let Some(path) = &options.json {
        report.write(path)?;
    }
    Ok(())
}

fn replay(options: &Options, contenders: &[Contender], report: &mut Report) -> Result<()> {
    let folder = project::target("bench");
    fs::create_dir_all(&folder)?;
    let events = folder.join(format!("orders-{}.ndjson", options.events));
    contender::make_events(options.events, &events)?;

    let mut measured: Vec<Vec<Measurement>> = vec![Vec::new(); contenders.len()];
    for round in 1..=options.rounds {
        eprintln!("Round {round} of {}", options.rounds);
        for (contender, measured) in contenders.iter().zip(&mut measured) {
            measured.push(contender.fold(&events)?);
        }
        if round == 1 {
            contender::require_equal_rows(contenders)?;
        }
    }
    let speeds: Vec<f64> = measured.iter().map(|runs| median(runs, Measurement::speed)).collect();
    let javascript = speeds.last().copied().unwrap_or(f64::NAN);
    for (contender, speed) in contenders.iter().zip(&speeds) {
        report.add("replay-ndjson", contender.name, *speed, "events/s");
    }
    for (contender, speed) in contenders.iter().zip(&speeds) {
        report.add("replay-ndjson-ratio", contender.name, speed / javascript, "x javascript");
    }
    for (contender, runs) in contenders.iter().zip(&measured) {
        let bytes = median(runs, Measurement::bytes_per_event);
        report.add("memory-per-event", contender.name, bytes, "bytes");
    }
    Ok(())
}

/// The middle one of the figures.
fn median(runs: &[Measurement], figure: impl Fn(&Measurement) -> f64) -> f64 {
    let mut figures: Vec<f64> = runs.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
