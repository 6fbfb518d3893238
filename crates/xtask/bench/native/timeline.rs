//! Going about in the past, with the four views of the orders.

use std::fs;
use std::hint::black_box;

use anyhow::{Context as _, Result, ensure};
use everview_core::orders::VIEWS;
use everview_core::{Edit, Engine, Position, Rng};
use everview_protocol::definitions;
use serde_json::json;

use super::everview::read;
use super::measure::{cpu_time, resident_bytes};

/// How many random positions are gone to.
const SEEKS: usize = 300;

/// How many steps of one event are made.
const STEPS: u32 = 20_000;

/// How many forks are held at a time.
const FORKS: u32 = 8;

/// How many times the events are read with a history and without.
const READS: usize = 5;

/// The longest log that is read so often.
const MOST_READ: u64 = 1_000_000;

/// How many changes of rows are compared, about.
const CHANGES: usize = 10_000;

/// Measures and prints the figures.
pub(crate) fn run(path: &str) -> Result<()> {
    let mut engine = with_views()?;
    let batches = fs::read(path)?;
    let resident_before = resident_bytes();
    let mut read = Ok(());
    let reopen = milliseconds(|| read = engine.read_stored(&batches));
    read?;
    let head = engine.head().get();
    let memory = engine.memory();
    let resident = resident_bytes().zip(resident_before).map(|(after, before)| after - before);
    let mut rng = Rng::new(7);
    let (mut seeks, mut pages) = (Vec::new(), Vec::new());
    for _ in 0..SEEKS {
        let position = Position::new(rng.below(head + 1));
        seeks.push(milliseconds(|| engine.seek(position)));
        pages.push(page(&engine)?);
    }
    let at = |times: &mut Vec<f64>, percent: usize| {
        times.sort_by(f64::total_cmp);
        times[(times.len() - 1) * percent / 100]
    };
    let middle = head / 2;
    engine.seek(Position::new(middle));
    let steps = milliseconds(|| {
        for step in 1..=STEPS {
            engine.seek(Position::new(middle + u64::from(step)));
        }
    });
    let (diff, rows) = diff(&mut engine)?;
    engine.seek(engine.head());
    let (history, written) = history(&mut engine)?;
    let (why_row, why_sum) = why(&mut engine)?;
    let (fork, fork_memory) = forks(&mut engine)?;
    let ends = (Position::START, engine.head());
    let mut rest = Ok(None);
    let bisect = milliseconds(|| rest = engine.bisect("orders", "items < 0", ends.0, ends.1));
    ensure!(rest?.is_none(), "an order with less than nothing");
    let events = path.trim_end_matches(".batches");
    let history_cost = if head <= MOST_READ { Some(history_cost(events)?) } else { None };
    println!(
        "{}",
        json!({
            "reopen": reopen,
            "seek-p50": at(&mut seeks, 50),
            "seek-p99": at(&mut seeks, 99),
            "page-p50": at(&mut pages, 50),
            "page-p99": at(&mut pages, 99),
            "step": steps * 1e3 / f64::from(STEPS),
            "diff-10k": diff,
            "diff-rows": rows,
            "history": history,
            "history-events": written,
            "why-row": why_row,
            "why-sum": why_sum,
            "bisect": bisect,
            "history-cost": history_cost,
            "fork": fork,
            "fork-memory": fork_memory.zip(resident).map(|(of_fork, all)| of_fork / kilobytes(all)),
            "history-bytes": f64::from(u32::try_from(memory.history)?) / f64::from(u32::try_from(head)?),
        })
    );
    Ok(())
}

fn with_views() -> Result<Engine> {
    let mut engine = Engine::default();
    engine.define(&definitions::parse(VIEWS)?)?;
    Ok(engine)
}

/// What share of the time it takes to read a file of events is for being able to go back.
fn history_cost(events: &str) -> Result<f64> {
    let bytes = fs::read(events)?;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..READS {
        for (keeps, times) in [true, false].into_iter().zip(&mut times) {
            let mut engine = with_views()?;
            if !keeps {
                engine.keep_no_history();
            }
            let mut result = Ok(());
            times.push(milliseconds(|| result = read(&mut engine, &bytes)));
            result?;
        }
    }
    let [with, without] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[READS / 2]
    });
    Ok((with - without) / with)
}

/// How long it takes to make a future without one of the events in the middle, and how many kilobytes
/// of memory it takes.
fn forks(engine: &mut Engine) -> Result<(f64, Option<f64>)> {
    let middle = engine.head().get() / 2;
    let fork = |engine: &mut Engine, number: u32| {
        engine.fork(&[Edit::drop(Position::new(middle + u64::from(number)))])
    };
    // What all forks share is made for the first.
    let mut forks = vec![fork(engine, 0)?];
    let before = resident_bytes();
    let mut made = Ok(());
    let time = milliseconds(|| {
        made = (1..=FORKS).try_for_each(|number| fork(engine, number).map(|fork| forks.push(fork)));
    });
    made?;
    let bytes = resident_bytes().zip(before).map(|(after, before)| after.saturating_sub(before));
    Ok((time / f64::from(FORKS), bytes.map(|bytes| kilobytes(bytes) / f64::from(FORKS))))
}

fn kilobytes(bytes: u64) -> f64 {
    u32::try_from(bytes / 1_024).map_or(f64::INFINITY, f64::from)
}

fn milliseconds(run: impl FnOnce()) -> f64 {
    let start = cpu_time();
    run();
    cpu_time().saturating_sub(start).as_secs_f64() * 1e3
}

/// How long it takes to look at the first rows of the orders and at their digest.
fn page(engine: &Engine) -> Result<f64> {
    let orders = engine.view("orders").context("there is no view orders")?;
    Ok(milliseconds(|| {
        black_box((orders.page(0, 100).count(), orders.digest()));
    }))
}

/// How long a diff of so many rows takes that ends at the playhead.
fn diff(engine: &mut Engine) -> Result<(f64, usize)> {
    let to = engine.position();
    let mut distance = CHANGES as u64;
    loop {
        let from = Position::new(to.get().saturating_sub(distance));
        let mut diff = None;
        let took = milliseconds(|| diff = engine.diff("orders", from, to).ok());
        let rows = diff.context("there is no view orders")?.deltas.len();
        if rows >= CHANGES || from == Position::START {
            return Ok((took, rows));
        }
        distance += distance / 4;
    }
}

/// How long the history of the busiest order takes, and how many events it has.
fn history(engine: &mut Engine) -> Result<(f64, usize)> {
    let busiest = engine.log().streams().max_by_key(|(_, events)| *events);
    let key = [busiest.context("there is no order")?.0.into()];
    let mut history = None;
    let took = milliseconds(|| history = engine.history("orders", &key, usize::MAX).ok());
    Ok((took, history.context("there is no view orders")?.written.len()))
}

/// How long it takes to say why the total of the busiest order is what it is, and why that of a
/// region is.
fn why(engine: &mut Engine) -> Result<(f64, f64)> {
    let busiest = engine.log().streams().max_by_key(|(_, events)| *events);
    let order = [busiest.context("there is no order")?.0.into()];
    let region = engine.view("revenue_by_region").and_then(|view| view.rows().next());
    let region = [region.context("there is no region")?[0].clone()];
    let mut asked = |view, key: &[_], column| {
        let mut why = None;
        let took = milliseconds(|| why = engine.why(view, key, column, 10).ok());
        why.with_context(|| format!("there is no {column} in {view}"))?;
        Ok::<_, anyhow::Error>(took)
    };
    let of_order = asked("orders", &order, "total_cents")?;
    Ok((of_order, asked("revenue_by_region", &region, "revenue_cents")?))
}
