//! Measuring a contender as `measure.mjs` does.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// Nobody waits longer than this for the live events: a slow contender takes fewer of them.
const LIVE_TIME: Duration = Duration::from_secs(5);

/// Somebody who keeps the four views.
pub(crate) trait Contender {
    /// Folds all events of an NDJSON file; every view is up to date after it.
    fn replay(&mut self, bytes: &[u8]) -> Result<u64>;
    /// Folds one event.
    fn apply(&mut self, line: &[u8]) -> Result<()>;
    /// The rows of `top_customers`.
    fn top(&mut self) -> Result<Vec<Value>>;
    /// The rows of the four views, each with the name of its view.
    fn views(&mut self) -> Result<Vec<(String, Value)>>;
    /// How many bytes of its memory are not for the views.
    fn kept(&self) -> Kept {
        Kept::default()
    }
}

/// Bytes of memory that hold the events, and by what repeated ones are recognised.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Kept {
    pub(crate) log: usize,
    pub(crate) duplicates: usize,
}

/// Measures a contender that `begin` makes, and prints the figures.
pub(crate) fn measure<C: Contender>(
    begin: impl FnOnce() -> Result<C>,
    (events, rows, live): (&str, &str, usize),
) -> Result<()> {
    let bytes = fs::read(events)?;
    let memory_before = resident_bytes();
    let start = cpu_time();
    let mut contender = begin()?;
    let count = contender.replay(&bytes)?;
    contender.top()?;
    let seconds = cpu_time().saturating_sub(start).as_secs_f64();
    let memory = resident_bytes().zip(memory_before).map(|(after, before)| after - before);
    let Kept { log, duplicates } = contender.kept();
    let views = memory.map(|memory| memory.saturating_sub((log + duplicates) as u64));
    let mut report = json!({
        "events": count,
        "seconds": seconds,
        "memory": memory,
        "memory_views": views,
    });
    let mut file = BufWriter::new(File::create(rows)?);
    for (view, row) in contender.views()? {
        writeln!(file, "{view}\t{row}")?;
    }
    file.flush()?;
    if live > 0 {
        latencies(&mut contender, &fs::read(format!("{events}.live"))?, live, &mut report)?;
    }
    println!("{report}");
    Ok(())
}

fn latencies(
    contender: &mut impl Contender,
    events: &[u8],
    count: usize,
    report: &mut Value,
) -> Result<()> {
    let until = Instant::now() + LIVE_TIME;
    let mut times = Vec::with_capacity(count);
    for line in events.split_inclusive(|byte| *byte == b'\n').take(count) {
        let start = Instant::now();
        contender.apply(line)?;
        contender.top()?;
        let end = Instant::now();
        times.push((end - start).as_secs_f64() * 1e6);
        if end > until {
            break;
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times.get(times.len() * percent / 100).copied();
    report["live"] = times.len().into();
    report["p50"] = at(50).into();
    report["p99"] = at(99).into();
    Ok(())
}

/// The CPU time of this process: it says the same on a busy machine.
pub(crate) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// How much memory the process holds, where the system says so.
pub(crate) fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// The lines of an NDJSON file.
#[cfg(feature = "peers")]
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// Nanoseconds for each delta.
pub(crate) fn per_delta(time: Duration, deltas: usize) -> Result<f64> {
    let deltas = u32::try_from(deltas).context("too many deltas")?;
    Ok(time.as_secs_f64() * 1e9 / f64::from(deltas.max(1)))
}
