//! Views as tables for people.

use std::io;

use comfy_table::{Cell, CellAlignment, Table, presets};
use everview_core::{Position, Value};

use super::{Listing, printable};

pub(super) fn write(
    position: Position,
    views: Vec<Listing<'_>>,
    out: &mut impl io::Write,
) -> io::Result<()> {
    for view in views {
        let rows = if view.len == 1 { "row" } else { "rows" };
        let name = printable(view.name);
        writeln!(out, "{name}: {} {rows} at {position}, digest {}", view.len, view.digest)?;
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED);
        table.set_header(view.columns.iter().map(|name| printable(name)));
        for row in view.rows {
            table.add_row(row.iter().map(cell));
        }
        // Tables are as wide as their content: a terminal can scroll, a file has no width.
        for line in table.lines() {
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::new("NULL"),
        Value::Text(text) => Cell::new(printable(text)),
        Value::Bool(truth) => Cell::new(truth),
        Value::Int(number) => Cell::new(number).set_alignment(CellAlignment::Right),
        Value::Decimal(number) => Cell::new(number).set_alignment(CellAlignment::Right),
    }
}
