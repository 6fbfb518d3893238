//! Everview, with its views declared or written in Rust.

use std::fs;

use anyhow::{Context as _, Result};
use everview_core::orders::{MinuteRows, OrderRows, VIEWS};
use everview_core::{Definitions, Engine, Format, Limits, Mapping, Position, Reader, Row, Value};
use everview_protocol::definitions;
use serde_json::json;

use super::measure::{Contender, Kept, measure};

const CHUNK: usize = 1 << 24;

struct Everview {
    engine: Engine,
    tail: Reader,
    /// Whether it is given stored batches instead of JSON.
    is_stored: bool,
}

/// The views as they are declared.
pub(crate) fn declared(events: &str, rows: &str, live: usize) -> Result<()> {
    measure(|| Everview::declared(false), (events, rows, live))
}

/// The same from stored batches.
pub(crate) fn batches(events: &str, rows: &str, live: usize) -> Result<()> {
    measure(|| Everview::declared(true), (events, rows, live))
}

/// Stores the events of a file.
pub(crate) fn store(events: &str, batches: &str) -> Result<()> {
    let mut engine = Engine::default();
    read(&mut engine, &fs::read(events)?)?;
    fs::write(batches, engine.store(Position::START)).context("cannot write the batches")
}

/// The same, with those that read events written in Rust.
pub(crate) fn in_rust(events: &str, rows: &str, live: usize) -> Result<()> {
    let begin = || {
        let mut engine = Engine::default();
        engine.register("orders", OrderRows)?;
        engine.register("orders_per_minute", MinuteRows)?;
        let mut views = definitions::parse(VIEWS)?.views;
        views.retain(|(name, _)| name != "orders" && name != "orders_per_minute");
        engine.define(&Definitions { views, ..Definitions::default() })?;
        Everview::new(engine)
    };
    measure(begin, (events, rows, live))
}

/// Reads a whole file into an engine.
pub(crate) fn read(engine: &mut Engine, bytes: &[u8]) -> Result<()> {
    let mut reader = reader()?;
    for chunk in bytes.chunks(CHUNK) {
        engine.read(&mut reader, chunk);
    }
    engine.finish(&mut reader);
    Ok(())
}

fn reader() -> Result<Reader> {
    let mapping = Mapping::cloud_events();
    Ok(Reader::new(Format::Ndjson, &mapping, "/bench", Limits::default())?)
}

impl Everview {
    fn new(engine: Engine) -> Result<Self> {
        Ok(Self { engine, tail: reader()?, is_stored: false })
    }

    fn declared(is_stored: bool) -> Result<Self> {
        let mut engine = Engine::default();
        engine.define(&definitions::parse(VIEWS)?)?;
        Ok(Self { is_stored, ..Self::new(engine)? })
    }
}

impl Contender for Everview {
    fn replay(&mut self, bytes: &[u8]) -> Result<u64> {
        if self.is_stored {
            self.engine.read_stored(bytes)?;
        } else {
            read(&mut self.engine, bytes)?;
        }
        Ok(self.engine.head().get())
    }

    fn apply(&mut self, line: &[u8]) -> Result<()> {
        self.engine.read(&mut self.tail, line);
        Ok(())
    }

    fn top(&mut self) -> Result<Vec<serde_json::Value>> {
        let view = self.engine.view("top_customers").context("there is no view top_customers")?;
        Ok(view.rows().map(|row| values(&row)).collect())
    }

    fn views(&mut self) -> Result<Vec<(String, serde_json::Value)>> {
        let mut rows = Vec::new();
        for name in ["orders", "revenue_by_region", "top_customers", "orders_per_minute"] {
            let view =
                self.engine.view(name).with_context(|| format!("there is no view {name}"))?;
            rows.extend(view.rows().map(|row| (name.to_owned(), values(&row))));
        }
        Ok(rows)
    }

    fn kept(&self) -> Kept {
        let memory = self.engine.memory();
        Kept { log: memory.log, duplicates: memory.duplicates }
    }
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
