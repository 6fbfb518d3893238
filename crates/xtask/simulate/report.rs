//! Running seeds on all cores, and what is said about them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use everview_cluster::sim::swarm::{self, Run};
use everview_cluster::sim::{Coverage, Script, Sometimes};

/// How often it is said how far a long run is.
const PROGRESS: Duration = Duration::from_secs(10);

/// What came of many runs.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) seeds: u64,
    pub(crate) faults: u64,
    pub(crate) violations: u64,
    pub(crate) coverage: Coverage,
}

impl Totals {
    fn add(&mut self, run: &Run) {
        self.seeds += 1;
        self.faults += run.faults;
        self.violations += u64::from(run.broken.is_some());
        self.coverage = self.coverage.and(run.coverage);
    }

    /// Says which states were not reached.
    pub(crate) fn print_missing(&self) {
        for state in self.coverage.missing() {
            println!("never reached: {state}");
        }
    }

    /// Says how much was done.
    pub(crate) fn print(&self) {
        let Self { seeds, faults, violations, coverage } = self;
        let (reached, states) = (coverage.count(), Sometimes::ALL.len());
        println!(
            "{seeds} seeds, {faults} faults, {violations} violations, \
             {reached} of {states} states reached"
        );
    }
}

/// Plays the scripts of `count` seeds from `first` on, on all cores. Those that break a promise are
/// printed with the shortest script that does.
pub(crate) fn play(first: u64, count: u64, script: impl Fn(u64) -> Script + Sync) -> Totals {
    let next = AtomicU64::new(0);
    let totals = Mutex::new((Totals::default(), Instant::now()));
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if count <= index {
                return;
            }
            let seed = first.wrapping_add(index);
            let script = script(seed);
            let run = swarm::run(&script, None);
            if run.broken.is_some() {
                print_broken(seed, &script, &run);
            }
            let Ok(mut totals) = totals.lock() else { return };
            totals.0.add(&run);
            if PROGRESS < totals.1.elapsed() {
                totals.1 = Instant::now();
                eprintln!("{} of {count} seeds", totals.0.seeds);
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    totals.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).0
}

fn print_broken(seed: u64, script: &Script, run: &Run) {
    let shrunk = swarm::shrunk(script, None);
    let Some(broken) = swarm::run(&shrunk, None).broken.or_else(|| run.broken.clone()) else {
        return;
    };
    println!("{}", told(seed, &broken, &shrunk));
}

/// A broken promise in a line: the seed, the simulated time, what was broken, and the script.
pub(crate) fn told(seed: u64, broken: &swarm::Broken, script: &Script) -> String {
    let script = script.to_string();
    let lines: Vec<_> = script.lines().collect();
    let at = broken.at.millis();
    format!(
        "seed {seed} at {}.{:03} s: {} | {}",
        at / 1_000,
        at % 1_000,
        broken.violation,
        lines.join("; ")
    )
}
