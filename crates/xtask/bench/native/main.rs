//! What runs natively: makes the events of the benchmark, and folds them.
//!
//! `bench-native make N FILE` writes N events and, beside them, those that come next, the same events
//! as Everview stores them, and the definitions of the views. `bench-native simulator` plays simulated
//! clusters. The other modes fold the events; all of these print what they measured as JSON.

mod derived;
#[cfg(feature = "peers")]
mod differential;
mod everview;
mod measure;
mod simulator;
#[cfg(feature = "peers")]
mod sqlite;
mod timeline;

use std::env;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};

use anyhow::{Context as _, Result, bail};
use everview_core::orders::{OrderStream, VIEWS};

const SEED: u64 = 42;

/// How many events are written beside the others, to be taken one at a time.
const LIVE: usize = 20_000;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["make", count, events] => make(count.parse()?, events),
        ["declared", events, rows, live] => everview::declared(events, rows, live.parse()?),
        ["batches", events, rows, live] => everview::batches(events, rows, live.parse()?),
        ["rust", events, rows, live] => everview::in_rust(events, rows, live.parse()?),
        ["timeline", events] => timeline::run(events),
        ["simulator"] => simulator::run(),
        ["derived", events, batch] => derived::run(events, batch.parse()?),
        #[cfg(feature = "peers")]
        ["differential", events, batch] => differential::run(events, batch.parse()?),
        #[cfg(feature = "peers")]
        ["sqlite", events, rows, live] => sqlite::run(events, rows, live.parse()?),
        _ => bail!("expected a mode that this was built with, and its arguments"),
    }
}

fn make(count: usize, path: &str) -> Result<()> {
    let mut events = OrderStream::new(SEED).events();
    for (path, count) in [(path.to_owned(), count), (format!("{path}.live"), LIVE)] {
        let mut file = BufWriter::new(File::create(path)?);
        for event in events.by_ref().take(count) {
            writeln!(file, "{}", event.to_json())?;
        }
        file.flush()?;
    }
    everview::store(path, &format!("{path}.batches"))?;
    fs::write(format!("{path}.views.toml"), VIEWS).context("cannot write the definitions")
}
