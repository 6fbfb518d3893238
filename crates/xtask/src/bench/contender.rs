//! Those who fold the same events into the same views.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::{project, shell};

/// A program that folds a file of events, writes the rows it comes to, and times itself.
#[derive(Debug)]
pub(super) struct Contender {
    pub(super) name: &'static str,
    command: Vec<OsString>,
}

/// What a contender says of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measurement {
    events: f64,
    seconds: f64,
    memory: f64,
}

impl Contender {
    /// Everyone; hand-written JavaScript is the last.
    pub(super) fn all(package: &Path) -> [Self; 3] {
        let script = |name: &str| project::path("crates/xtask/bench").join(name).into_os_string();
        [
            Self {
                name: "everview-wasm",
                command: vec!["node".into(), script("wasm.mjs"), package.into()],
            },
            Self { name: "everview-native", command: vec![native().into(), "fold".into()] },
            Self {
                name: "javascript",
                command: vec!["node".into(), "--expose-gc".into(), script("javascript.mjs")],
            },
        ]
    }

    /// Folds the events once.
    pub(super) fn fold(&self, events: &Path) -> Result<Measurement> {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).arg(events).arg(self.rows());
        let said = shell::output(&mut command)?;
        let said: Value = serde_json::from_str(&said)
            .with_context(|| format!("{} printed no measurement", self.name))?;
        let figure = |name: &str| said[name].as_f64();
        Ok(Measurement {
            events: figure("events").with_context(|| format!("{} counts no events", self.name))?,
            seconds: figure("seconds").with_context(|| format!("{} has no time", self.name))?,
            memory: figure("memory").unwrap_or(f64::NAN),
        })
    }

    fn rows(&self) -> PathBuf {
        project::target("bench").join(format!("{}.rows", self.name))
    }
}

impl Measurement {
    pub(super) fn speed(&self) -> f64 {
        self.events / self.seconds
    }

    pub(super) fn bytes_per_event(&self) -> f64 {
        self.memory / self.events
    }
}

/// Writes the events that all of them read.
pub(super) fn make_events(count: u64, path: &Path) -> Result<()> {
    shell::run(Command::new(native()).args(["make", &count.to_string()]).arg(path))
}

/// Makes sure that they came to the same rows: only then is it the same work that was timed.
pub(super) fn require_equal_rows(contenders: &[Contender]) -> Result<()> {
    let Some((first, others)) = contenders.split_first() else { return Ok(()) };
    let expected = fs::read_to_string(first.rows())?;
    ensure!(!expected.is_empty(), "{} came to no rows", first.name);
    for other in others {
        let found = fs::read_to_string(other.rows())?;
        if found == expected {
            continue;
        }
        let differing =
            expected.lines().zip(found.lines()).find(|(expected, found)| expected != found);
        let (one, two) = differing.unwrap_or(("more or fewer rows", "fewer or more rows"));
        bail!("{} has {one}\nwhere {} has {two}", first.name, other.name);
    }
    Ok(())
}

fn native() -> PathBuf {
    project::target("release/bench-native")
}
