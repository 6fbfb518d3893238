//! The `everview` command: replays event files and capsules, and compares designs of clusters.

mod capsule;
mod input;
mod mapping;
mod output;
mod progress;
mod replay;
mod report;
mod selection;
mod study;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Read models that stay up.
#[derive(Debug, Parser)]
#[command(name = "everview", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Replay event files into views and write these to standard output
    Replay(replay::Options),
    /// Replay a capsule that the dashboard saved, and tell whether its views are what they were
    Capsule(capsule::Options),
    /// Compare designs of a cluster by many simulated years of failures
    Study(study::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Replay(options) => match replay::run(&options) {
            Ok(replay::Finding::Clean) => Ok(()),
            Ok(replay::Finding::SomeRefused) => return ExitCode::from(4),
            Err(error) => Err((error.to_string(), error.exit_code())),
        },
        Command::Capsule(options) => {
            capsule::run(&options).map_err(|error| (error.to_string(), error.exit_code()))
        }
        Command::Study(options) => {
            study::run(&options).map_err(|error| (error.to_string(), error.exit_code()))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err((error, code)) => {
            say(&format!("everview: {error}"));
            ExitCode::from(code)
        }
    }
}

/// Writes a line to standard error. If nobody listens there, there is nobody to tell.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
