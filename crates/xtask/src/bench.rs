//! `cargo xtask bench`: how fast, how small, beside what one would write by hand or take instead.

mod contender;
mod declared;
mod derived;
mod document;
mod fold;
mod native;
mod report;
mod simulator;
mod size;
mod timeline;

use std::path::PathBuf;

use anyhow::{Result, ensure};

use self::native::Peers;
use self::report::Report;
use crate::{dashboard, npm};

/// Measure folding events into four views beside other programs, memory and download sizes.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Write every figure to this file too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the figures into docs/measured.md too.
    #[arg(long)]
    document: bool,
    /// How many events are folded.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    events: u64,
    /// How often everyone is measured, in turns; the medians count.
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Measure this only; can be given several times.
    #[arg(long, value_name = "WHAT", value_enum)]
    only: Vec<Bench>,
    /// Measure these only, beside hand-written JavaScript; can be given several times.
    #[arg(long, value_name = "NAME")]
    who: Vec<String>,
    /// One round of 50,000 events: enough to see that it works, not to compare.
    #[arg(long, conflicts_with_all = ["events", "rounds"])]
    quick: bool,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Bench {
    /// Folding a whole file, from its bytes.
    Replay,
    /// One event at a time with the ten best customers read after each.
    Live,
    /// What is held after the replay.
    Memory,
    /// The same views declared and written in Rust.
    Declared,
    /// Keeping derived views up, beside differential dataflow.
    Derived,
    /// Seeking, stepping, comparing positions, the history of a row, and opening a session again.
    Seek,
    /// How much the simulator plays, and how soon its clients are served after a failover.
    Simulator,
    /// The download size of the npm package.
    Package,
    /// The download size of the dashboard.
    Dashboard,
}

impl Options {
    fn wants(&self, bench: Bench) -> bool {
        self.only.is_empty() || self.only.contains(&bench)
    }

    fn wants_who(&self, name: &str) -> bool {
        self.who.is_empty() || self.who.iter().any(|who| who == name)
    }

    fn wants_folding(&self) -> bool {
        [Bench::Replay, Bench::Live, Bench::Memory].iter().any(|bench| self.wants(*bench))
    }

    /// Whether the native program must hold others beside Everview.
    fn native_peers(&self) -> Peers {
        let folds = self.wants_folding() && self.wants_who("sqlite-native");
        let derives = self.wants(Bench::Derived) && self.wants_who("differential-dataflow");
        if folds || derives { Peers::Compiled } else { Peers::LeftOut }
    }

    fn size(&self) -> Size {
        if self.quick {
            Size { events: 50_000, rounds: 1 }
        } else {
            Size { events: self.events, rounds: self.rounds }
        }
    }
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Size {
    events: u64,
    rounds: usize,
}

/// Builds what is measured, measures it and prints the figures.
pub(crate) fn run(options: &Options) -> Result<()> {
    let size = options.size();
    ensure!(size.rounds > 0 && size.events > 0, "there must be something to measure");
    let mut report = Report::default();
    let natives = [Bench::Declared, Bench::Derived, Bench::Seek, Bench::Simulator];
    if options.wants_folding() || natives.iter().any(|bench| options.wants(*bench)) {
        native::build(options.native_peers())?;
    }
    if options.wants_folding() {
        fold::run(options, size, &mut report)?;
    }
    if options.wants(Bench::Declared) && options.wants_who("everview-native") {
        declared::run(size, &mut report)?;
    }
    if options.wants(Bench::Derived) {
        derived::run(options, size, &mut report)?;
    }
    if options.wants(Bench::Seek) {
        timeline::run(options, size, &mut report)?;
    }
    if options.wants(Bench::Simulator) && options.wants_who("everview-native") {
        simulator::run(size, &mut report)?;
    }
    if options.wants(Bench::Package) {
        let package = npm::build()?;
        let is_simulator = |file: &PathBuf| file.starts_with(package.join(npm::SIMULATOR));
        let (simulator, engine): (Vec<_>, Vec<_>) =
            size::shipped(&package)?.into_iter().partition(is_simulator);
        size::report("package", &engine, &mut report)?;
        size::report("simulator", &simulator, &mut report)?;
    }
    if options.wants(Bench::Dashboard) {
        size::report("dashboard", &size::shipped(&dashboard::build()?)?, &mut report)?;
    }
    report.print();
    if let Some(path) = &options.json {
        report.write(path)?;
    }
    if options.document {
        document::write(&report, size)?;
    }
    Ok(())
}

/// The middle one of the figures.
fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
