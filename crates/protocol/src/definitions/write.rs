//! Writing definitions as the TOML a person would have written.

use everview_core::{Clause, Definitions, TableDefinition, ViewDefinition};
use toml_writer::{ToTomlKey as _, ToTomlValue as _};

/// An inline table longer than this is written as one line for each of its entries.
const LONGEST_LINE: usize = 100;

/// Writes definitions as a definitions file. Reading it gives the same definitions.
pub fn to_toml(definitions: &Definitions) -> String {
    let mut lines = Vec::new();
    for (name, definition) in &definitions.views {
        let path = format!("views.{}", name.to_toml_key());
        lines.push(format!("[{path}]"));
        match definition {
            ViewDefinition::Query(sql) => lines.push(format!("sql = {}", sql.to_toml_value())),
            ViewDefinition::Table(table) => write_table(&path, table, &mut lines),
        }
        lines.push(String::new());
    }
    if lines.is_empty() {
        lines = vec!["[views]".to_owned(), String::new()];
    }
    lines.join("\n")
}

fn write_table(path: &str, table: &TableDefinition, lines: &mut Vec<String>) {
    let key = match table.key.as_slice() {
        [only] => only.to_toml_value(),
        several => several.to_toml_value(),
    };
    lines.push(format!("key = {key}"));
    if table.on.is_empty() {
        lines.push("on = {}".to_owned());
    }
    for (event_type, clause) in &table.on {
        lines.push(format!("[{path}.on.{}]", event_type.to_toml_key()));
        write_clause(clause, lines);
    }
}

fn write_clause(clause: &Clause, lines: &mut Vec<String>) {
    if let Some(when) = &clause.when {
        lines.push(format!("when = {}", when.to_toml_value()));
    }
    write_columns("set", &clause.set, lines);
    write_columns("add", &clause.add, lines);
    if clause.delete {
        lines.push("delete = true".to_owned());
    }
}

fn write_columns(field: &str, columns: &[(String, String)], lines: &mut Vec<String>) {
    let entries: Vec<String> = columns
        .iter()
        .map(|(column, expression)| {
            format!("{} = {}", column.to_toml_key(), expression.to_toml_value())
        })
        .collect();
    let inline = format!("{field} = {{ {} }}", entries.join(", "));
    if entries.is_empty() {
        return;
    }
    if inline.contains('\n') || inline.chars().count() > LONGEST_LINE {
        lines.extend(entries.iter().map(|entry| format!("{field}.{entry}")));
    } else {
        lines.push(inline);
    }
}
