//! Those who fold the same events into the same views.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::native;
use crate::{project, shell};

/// The folder of what is measured from npm, with packages of its own.
pub(super) const NPM_PEERS: &str = "crates/xtask/bench/peers";

/// Everyone is compared with this one.
pub(super) const JAVASCRIPT: &str = "javascript";

/// Where the program comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Everview's npm package.
    Wasm,
    /// A mode of the native program.
    Native(&'static str),
    /// A mode of the native program that holds others too.
    NativePeer(&'static str),
    /// Written by hand.
    Script,
    /// With packages from npm.
    NpmPeer(&'static str),
}

/// A program that folds a file of events, writes the rows it comes to, and times itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contender {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// More events than these take it too long.
    pub(super) most: u64,
}

/// Everyone.
pub(super) const ALL: &[Contender] = &[
    contender("everview-wasm", Kind::Wasm),
    contender("everview-native", Kind::Native("declared")),
    contender("sqlite-native", Kind::NativePeer("sqlite")),
    contender("arquero", Kind::NpmPeer("arquero.mjs")),
    contender("crossfilter2", Kind::NpmPeer("crossfilter.mjs")),
    contender("duckdb-wasm", Kind::NpmPeer("duckdb.mjs")),
    contender("sql.js", Kind::NpmPeer("sqljs.mjs")),
    Contender { most: 100_000, ..contender("redux-toolkit", Kind::NpmPeer("redux.mjs")) },
    Contender { most: 100_000, ..contender("tanstack-db-ivm", Kind::NpmPeer("tanstack.mjs")) },
    contender(JAVASCRIPT, Kind::Script),
];

const fn contender(name: &'static str, kind: Kind) -> Contender {
    Contender { name, kind, most: u64::MAX }
}

/// What a contender says of one run.
#[derive(Debug, Clone)]
pub(super) struct Measurement(Value);

impl Contender {
    /// The same from stored batches, if it can read them, and the file of those.
    pub(super) fn with_batches(&self, events: &Path) -> Option<(Self, PathBuf)> {
        let mut file = events.as_os_str().to_owned();
        file.push(".batches");
        let kind = match self.kind {
            Kind::Wasm => Kind::Wasm,
            Kind::Native("declared") => Kind::Native("batches"),
            _ => return None,
        };
        Some((Self { kind, ..*self }, file.into()))
    }

    /// Folds the events once, then so many more one at a time. `package` is Everview's npm package.
    pub(super) fn run(&self, events: &Path, live: u64, package: &Path) -> Result<Measurement> {
        let mut command = self.command(package);
        command.arg(events).arg(self.rows()).arg(live.to_string());
        measured(self.name, &mut command)
    }

    fn command(&self, package: &Path) -> Command {
        let script = |script: PathBuf| {
            let mut node = shell::command("node");
            node.arg("--expose-gc").arg(script);
            node
        };
        let folder = project::path("crates/xtask/bench");
        match self.kind {
            Kind::Native(mode) | Kind::NativePeer(mode) => native::command(mode),
            Kind::Script => script(folder.join("javascript.mjs")),
            Kind::NpmPeer(name) => script(folder.join("peers").join(name)),
            Kind::Wasm => {
                let mut wasm = script(folder.join("wasm.mjs"));
                wasm.arg::<OsString>(package.into());
                wasm
            }
        }
    }

    fn rows(&self) -> PathBuf {
        project::target("bench").join(format!("{}.rows", self.name))
    }

    /// Makes sure that it came to the same rows as another: only then is it the same work.
    pub(super) fn require_rows_of(&self, other: &Self) -> Result<()> {
        let (expected, found) =
            (fs::read_to_string(other.rows())?, fs::read_to_string(self.rows())?);
        ensure!(!expected.is_empty(), "{} came to no rows", other.name);
        if found == expected {
            return Ok(());
        }
        let differing =
            expected.lines().zip(found.lines()).find(|(expected, found)| expected != found);
        let (one, two) = differing.unwrap_or(("more or fewer rows", "fewer or more rows"));
        bail!("{} has {one}\nwhere {} has {two}", other.name, self.name)
    }
}

impl Measurement {
    /// A figure, or NaN where there is none.
    pub(super) fn figure(&self, name: &str) -> f64 {
        self.0[name].as_f64().unwrap_or(f64::NAN)
    }

    pub(super) fn speed(&self) -> f64 {
        self.figure("events") / self.figure("seconds")
    }

    pub(super) fn for_each_event(&self, name: &str) -> f64 {
        self.figure(name) / self.figure("events")
    }
}

/// Runs a command that prints a measurement.
pub(super) fn measured(name: &str, command: &mut Command) -> Result<Measurement> {
    let said = shell::output(command)?;
    let said = serde_json::from_str(&said)
        .with_context(|| format!("{name} printed no measurement, but {said}"))?;
    Ok(Measurement(said))
}
