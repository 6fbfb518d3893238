//! Everview as a native program: makes the events of the benchmark, and folds them.
//!
//! `bench-native make N FILE` writes N events and, beside them, the definitions of the views.
//! `bench-native fold FILE ROWS` folds them and prints what it measured as JSON.

use std::env;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};

use anyhow::{Context as _, Result, bail};
use everview_core::orders::{OrderStream, VIEWS};
use everview_core::{Engine, Format, Limits, Mapping, Reader, Row, Value};
use everview_protocol::definitions;
use serde_json::json;

const SEED: u64 = 42;
const CHUNK: usize = 1 << 24;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["make", count, events] => make(count.parse()?, events),
        ["fold", events, rows] => fold(events, rows),
        _ => bail!("expected `make N FILE` or `fold FILE ROWS`"),
    }
}

fn make(count: usize, path: &str) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for event in OrderStream::new(SEED).events().take(count) {
        writeln!(file, "{}", event.to_json())?;
    }
    file.flush()?;
    fs::write(format!("{path}.views.toml"), VIEWS).context("cannot write the definitions")
}

fn fold(events: &str, rows: &str) -> Result<()> {
    let bytes = fs::read(events)?;
    let definitions = definitions::parse(VIEWS)?;
    let memory_before = resident_bytes();
    let start = cpu_seconds()?;
    let mut engine = Engine::new(Limits::default());
    engine.define(&definitions)?;
    let mapping = Mapping::cloud_events();
    let mut reader = Reader::new(Format::Ndjson, &mapping, events, Limits::default())?;
    for chunk in bytes.chunks(CHUNK) {
        engine.read(&mut reader, chunk);
    }
    engine.finish(&mut reader);
    let seconds = cpu_seconds()? - start;
    let memory = resident_bytes().zip(memory_before).map(|(after, before)| after - before);
    write_rows(&engine, rows)?;
    let report = json!({ "events": engine.head().get(), "seconds": seconds, "memory": memory });
    println!("{report}");
    Ok(())
}

/// One line for each row: the view's name and the values, as the other contenders write them.
fn write_rows(engine: &Engine, path: &str) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for view in engine.views() {
        for row in view.rows() {
            writeln!(file, "{}\t{}", view.name(), values(&row))?;
        }
    }
    file.flush().context("cannot write the rows")
}

fn values(row: &Row) -> serde_json::Value {
    let value = |value: &Value| match value {
        Value::Null => json!(null),
        Value::Bool(bool) => json!(bool),
        Value::Int(int) => json!(int),
        other => json!(other.to_string()),
    };
    row.iter().map(value).collect()
}

/// The CPU time of this process: it says the same on a busy machine. Linux counts it in hundredths
/// of a second.
fn cpu_seconds() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("CPU time is read from /proc")?;
    // The name of the program stands in parentheses and may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat has no name")?;
    let times = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(times.sum::<Result<f64, _>>()? / 100.0)
}

/// How much memory the process holds, where the system says so.
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
