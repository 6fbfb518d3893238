//! The figures, for people and for programs.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::json;

/// What was measured.
#[derive(Debug, Default)]
pub(super) struct Report {
    rows: Vec<Row>,
}

/// A figure.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) bench: String,
    pub(super) who: &'static str,
    pub(super) value: f64,
    pub(super) unit: String,
}

impl Report {
    /// Adds a figure. One that could not be measured here is left out.
    pub(super) fn add(
        &mut self,
        bench: &str,
        who: &'static str,
        value: f64,
        unit: impl Into<String>,
    ) {
        if value.is_finite() {
            self.rows.push(Row { bench: bench.to_owned(), who, value, unit: unit.into() });
        }
    }

    /// A figure, if it was measured.
    pub(super) fn get(&self, bench: &str, who: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.bench == bench && row.who == who)
    }

    /// What was measured, in the order in which it was.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|row| &*row.bench)
    }

    /// Everyone of whom there is such a figure, the highest first.
    pub(super) fn ranked(&self, bench: &str) -> Vec<&Row> {
        let mut rows: Vec<_> = self.rows.iter().filter(|row| row.bench == bench).collect();
        rows.sort_by(|a, b| b.value.total_cmp(&a.value));
        rows
    }

    /// Prints a table.
    pub(super) fn print(&self) {
        for Row { bench, who, value, unit } in &self.rows {
            let digits = if *value < 100.0 { 2 } else { 0 };
            println!("{bench:30} {who:22} {value:>14.digits$} {unit}");
        }
    }

    /// Writes the figures as JSON.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let row = |Row { bench, who, value, unit }: &Row| json!({ "bench": bench, "who": who, "value": value, "unit": unit });
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        let text = serde_json::to_string_pretty(&json!({ "rows": rows }))?;
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}
