//! The program that makes the events and folds them natively.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{project, shell};

/// Builds it: with others that it holds beside Everview, or without, which is quicker.
pub(super) fn build(with: Peers) -> Result<()> {
    let features = match with {
        Peers::Compiled => "peers",
        Peers::LeftOut => "native",
    };
    let mut build = shell::cargo("build --release --package xtask --bin bench-native --features");
    shell::run(build.arg(features))
}

/// Whether the program can run others too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peers {
    Compiled,
    LeftOut,
}

/// The program in one of its modes.
pub(super) fn command(mode: &str) -> Command {
    let mut command = Command::new(project::target("release/bench-native"));
    command.arg(mode);
    command
}

/// A file with so many events as Everview stores them.
pub(super) fn batches(count: u64) -> Result<PathBuf> {
    let mut path = events(count)?.into_os_string();
    path.push(".batches");
    Ok(path.into())
}

/// A file with so many events, which all read.
pub(super) fn events(count: u64) -> Result<PathBuf> {
    let folder = project::target("bench");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("orders-{count}.ndjson"));
    shell::run(command("make").arg(count.to_string()).arg(&path))?;
    Ok(path)
}
