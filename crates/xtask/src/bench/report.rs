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

#[derive(Debug)]
struct Row {
    bench: String,
    who: &'static str,
    value: f64,
    unit: &'static str,
}

impl Report {
    /// Adds a figure. One that could not be measured here is left out.
    pub(super) fn add(&mut self, bench: &str, who: &'static str, value: f64, unit: &'static str) {
        if value.is_finite() {
            self.rows.push(Row { bench: bench.to_owned(), who, value, unit });
        }
    }

    /// Prints a table.
    pub(super) fn print(&self) {
        for Row { bench, who, value, unit } in &self.rows {
            let digits = if *value < 100.0 { 2 } else { 0 };
            println!("{bench:20} {who:16} {value:>14.digits$} {unit}");
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
