//! The folders that have packages of their own from npm.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::{project, shell};

/// What the bundler of the packaging tests asks for.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// A command that runs in a folder of the project, whose locked packages are installed first.
pub(crate) fn command(folder: &str, program: &str) -> Result<Command> {
    install(folder)?;
    let mut command = shell::command(program);
    command.current_dir(project::path(folder));
    Ok(command)
}

/// Installs a folder's packages as locked, unless that was done for this very lock file.
pub(crate) fn install(folder: &str) -> Result<()> {
    require_node()?;
    let folder = project::path(folder);
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", folder.display()))?;
    let installed = folder.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = shell::command("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    shell::run(npm.current_dir(&folder))?;
    fs::write(&installed, lock).with_context(|| format!("cannot write {}", installed.display()))
}

fn require_node() -> Result<()> {
    let version = shell::try_output(shell::command("node").arg("--version"));
    let version = version.context("Node.js is missing: install version 20.19 or later")?;
    let mut parts = version.trim().trim_start_matches('v').split('.').map(str::parse);
    let found = (parts.next(), parts.next());
    let is_enough =
        matches!(found, (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= OLDEST_NODE);
    ensure!(is_enough, "Node.js 20.19 or later is needed, this is {}", version.trim());
    Ok(())
}
