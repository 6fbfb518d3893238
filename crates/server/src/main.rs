//! The `everview` command: replays event files into views.

mod input;
mod mapping;
mod output;
mod progress;
mod replay;
mod report;
mod selection;

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
}

fn main() -> ExitCode {
    let Arguments { command: Command::Replay(options) } = Arguments::parse();
    match replay::run(&options) {
        Ok(replay::Finding::Clean) => ExitCode::SUCCESS,
        Ok(replay::Finding::SomeRefused) => ExitCode::from(4),
        Err(error) => {
            say(&format!("everview: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

/// Writes a line to standard error. If nobody listens there, there is nobody to tell.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
