//! The developers' commands.
//!
//! `cargo xtask demo` opens the dashboard, `cargo xtask test` checks everything, `cargo xtask npm`
//! builds the npm package, `cargo xtask bench` measures, `cargo xtask fuzz` looks for inputs that
//! break something, and `cargo xtask simulate` for faults that do. Each installs the tools it needs.

mod bench;
mod chromium;
mod dashboard;
mod demo;
mod fuzz;
mod node;
mod npm;
mod project;
mod shell;
mod simulate;
mod test;
mod tool;

use std::process::ExitCode;

use clap::Parser;

/// Everview's commands for developers.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    Demo(demo::Options),
    Test(test::Options),
    Npm(npm::Options),
    Bench(bench::Options),
    Fuzz(fuzz::Options),
    Simulate(simulate::Options),
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Demo(options) => demo::run(&options),
        Task::Test(options) => return test::run(&options),
        Task::Npm(options) => npm::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Simulate(options) => simulate::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
