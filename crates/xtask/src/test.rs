//! `cargo xtask test`: everything that must hold before a change is published.

mod count;
mod e2e;
mod package;
mod readme;
mod rust;
mod step;
mod tidy;
mod wasm;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use self::count::Count;
use self::step::{STEPS, Step};

/// Check everything, in order, and stop at the first failure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Run only these steps.
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    only: Vec<String>,
    /// Show the steps and run none.
    #[arg(long)]
    list: bool,
}

/// Runs the steps. The last line printed says how many tests passed and failed.
pub(crate) fn run(options: &Options) -> ExitCode {
    let unknown = options.only.iter().find(|only| STEPS.iter().all(|step| step.name != **only));
    if let Some(unknown) = unknown {
        eprintln!("error: there is no step `{unknown}`; cargo xtask test --list shows them");
        return ExitCode::FAILURE;
    }
    let is_chosen =
        |step: &&Step| options.only.is_empty() || options.only.contains(&step.name.into());
    let steps: Vec<&Step> = STEPS.iter().filter(is_chosen).collect();
    if options.list {
        for step in steps {
            println!("{:14} {}", step.name, step.about);
        }
        return ExitCode::SUCCESS;
    }
    let mut count = Count::default();
    let all_passed = run_all(&steps, &mut count);
    println!("{count}");
    if all_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the steps until one fails.
fn run_all(steps: &[&Step], count: &mut Count) -> bool {
    let start = Instant::now();
    for (index, step) in steps.iter().enumerate() {
        let place = format!("{}/{}", index + 1, steps.len());
        println!("\n== {place} {}: {}", step.name, step.about);
        let step_start = Instant::now();
        if let Err(error) = (step.run)(count) {
            count.fail_at_least_once();
            println!("\nFAILED at {place} {}: {error:#}", step.name);
            println!("Again, alone: cargo xtask test --only {}", step.name);
            return false;
        }
        println!("-- {} passed, in {}", step.name, shown(step_start.elapsed()));
    }
    println!("\nEvery step passed, in {}.", shown(start.elapsed()));
    true
}

fn shown(duration: Duration) -> String {
    match duration.as_secs() {
        whole @ 0..60 => format!("{whole}.{} s", duration.subsec_millis() / 100),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}
