//! `cargo xtask fuzz`: looks for inputs that break what must hold for any bytes.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::tool::{self, Tool};
use crate::{project, shell};

const FOLDER: &str = "tests/fuzz";

/// Run the fuzz targets with libFuzzer; an input that fails is printed and kept in tests/fuzz/artifacts.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// For how long each target runs.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// Run this target only; the names are those of the folders in tests/fuzz/corpus.
    #[arg(long, value_name = "TARGET")]
    only: Option<String>,
    /// Keep the smallest set of inputs that reach everything that was reached, in tests/fuzz/corpus.
    #[arg(long)]
    keep: bool,
}

/// Runs the targets one after the other.
pub(crate) fn run(options: &Options) -> Result<()> {
    tool::require(&[Tool::CargoFuzz])?;
    let targets = targets()?;
    if let Some(only) = &options.only {
        ensure!(targets.contains(only), "no target {only}; there are {}", targets.join(", "));
    }
    for target in targets.iter().filter(|target| options.only.iter().all(|only| only == *target)) {
        eprintln!("{target}, for {} seconds", options.seconds);
        fuzz(target, options.seconds)?;
        if options.keep {
            keep(target)?;
        }
    }
    Ok(())
}

fn targets() -> Result<Vec<String>> {
    let folder = project::path(FOLDER).join("corpus");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Starts from the inputs that are kept and from those of earlier runs, and adds to the latter.
fn fuzz(target: &str, seconds: u64) -> Result<()> {
    let found = found(target);
    fs::create_dir_all(&found)?;
    let mut run = cargo_fuzz("run", target);
    run.arg(found).arg(kept(target)).args(["--", "-max_len=1024", "-timeout=10"]);
    shell::run(run.args(["-print_final_stats=1", &format!("-max_total_time={seconds}")]))
}

fn keep(target: &str) -> Result<()> {
    let merged = project::target("fuzz/merged");
    if merged.exists() {
        fs::remove_dir_all(&merged)?;
    }
    fs::create_dir_all(&merged)?;
    let mut merge = cargo_fuzz("run", target);
    merge.arg(&merged).arg(kept(target)).arg(found(target));
    // How often a place is reached does not matter: that would keep ten times as many.
    merge.args(["--", "-set_cover_merge=1", "-use_counters=0"]);
    shell::run(&mut merge)?;
    for entry in fs::read_dir(&merged)? {
        let entry = entry?;
        fs::copy(entry.path(), kept(target).join(entry.file_name()))?;
    }
    Ok(())
}

fn cargo_fuzz(command: &str, target: &str) -> Command {
    let mut fuzz = shell::cargo("+nightly fuzz");
    // Sanitised code has a target folder of its own.
    fuzz.env("CARGO_TARGET_DIR", project::target("fuzz/build"));
    fuzz.args([command, "--fuzz-dir"]).arg(project::path(FOLDER)).arg(target);
    fuzz
}

fn kept(target: &str) -> PathBuf {
    project::path(FOLDER).join("corpus").join(target)
}

fn found(target: &str) -> PathBuf {
    project::target("fuzz/corpus").join(target)
}
