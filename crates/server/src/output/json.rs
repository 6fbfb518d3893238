//! Views as one JSON object, written row by row.

use std::io;

use everview_core::json::quote;
use everview_core::{Position, Value};

use super::Listing;

pub(super) fn write(
    position: Position,
    views: Vec<Listing<'_>>,
    out: &mut impl io::Write,
) -> io::Result<()> {
    write!(out, "{{\"position\":{},\"views\":{{", position.get())?;
    for (index, view) in views.into_iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let name = quoted(view.name);
        write!(out, "{comma}\n{name}:{{\"digest\":\"{}\",\"rows\":[", view.digest)?;
        write_rows(view, out)?;
        out.write_all(b"]}")?;
    }
    out.write_all(b"}}\n")
}

fn write_rows(view: Listing<'_>, out: &mut impl io::Write) -> io::Result<()> {
    // The names are the same in every row, so they are quoted once.
    let names: Vec<String> = view.columns.iter().map(|name| quoted(name)).collect();
    let mut line = String::new();
    for (index, row) in view.rows.enumerate() {
        line.clear();
        line.push_str(if index == 0 { "\n{" } else { ",\n{" });
        for (column, (name, value)) in names.iter().zip(&*row).enumerate() {
            if column > 0 {
                line.push(',');
            }
            line.push_str(name);
            line.push(':');
            push_value(value, &mut line);
        }
        line.push('}');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

fn push_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Decimal(number) => out.push_str(&number.to_string()),
        Value::Text(text) => quote(text, out),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    quote(text, &mut out);
    out
}
