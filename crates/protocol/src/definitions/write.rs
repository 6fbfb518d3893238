//! Writing definitions as the TOML a person would have written.

use everview_core::{
    Append, Clause, ColumnDefinition, Definitions, IndexDefinition, Retain, TableDefinition,
    ViewDefinition,
};
use toml_writer::{ToTomlKey as _, ToTomlValue as _};

use super::{span, upcaster};

/// An inline table longer than this is written as one line for each of its entries.
const LONGEST_LINE: usize = 100;

/// Writes definitions as a definitions file. Reading it gives the same definitions.
pub fn to_toml(definitions: &Definitions) -> String {
    let mut lines = Vec::new();
    for (name, definition) in &definitions.views {
        let path = format!("views.{}", name.to_toml_key());
        lines.push(format!("[{path}]"));
        let rest = lines.len() + 1;
        match definition {
            ViewDefinition::Query(sql) => lines.push(format!("sql = {}", sql.to_toml_value())),
            ViewDefinition::Table(table) => write_table(&path, table, &mut lines),
        }
        let indexes = definitions.indexes.iter().filter(|index| index.view == *name);
        lines.splice(rest..rest, write_indexes(indexes));
        lines.push(String::new());
    }
    if lines.is_empty() {
        lines = vec!["[views]".to_owned(), String::new()];
    }
    for (from, definition) in &definitions.upcasters {
        upcaster::write(from, definition, &mut lines);
        lines.push(String::new());
    }
    lines.join("\n")
}

/// The lines of a view's indexes, which stand after its key or its query.
fn write_indexes<'d>(indexes: impl Iterator<Item = &'d IndexDefinition>) -> Vec<String> {
    let (unique, plain): (Vec<_>, Vec<_>) = indexes.partition(|index| index.is_unique);
    let index = |index: &&IndexDefinition| one_or_list(&index.columns);
    let line = |field: &str, indexes: &[&IndexDefinition]| {
        let listed: Vec<String> = indexes.iter().map(index).collect();
        (!listed.is_empty()).then(|| format!("{field} = [{}]", listed.join(", ")))
    };
    [line("indexes", &plain), line("unique", &unique)].into_iter().flatten().collect()
}

fn one_or_list(texts: &[String]) -> String {
    match texts {
        [only] => only.to_toml_value(),
        several => several.to_toml_value(),
    }
}

fn write_table(path: &str, table: &TableDefinition, lines: &mut Vec<String>) {
    lines.push(format!("key = {}", one_or_list(&table.key)));
    if let Some(each) = &table.each {
        lines.push(format!("each = {}", each.to_toml_value()));
    }
    write_retain(table.retain, lines);
    if table.on.is_empty() {
        lines.push("on = {}".to_owned());
    }
    if !table.columns.is_empty() {
        lines.push(format!("[{path}.columns]"));
        lines.extend(table.columns.iter().map(column));
    }
    let mut rest = table.on.as_slice();
    while let Some((event_types, _)) = rest.first() {
        let same = rest.iter().take_while(|(other, _)| other == event_types).count();
        let (clauses, others) = rest.split_at(same);
        let name = format!("{path}.on.{}", event_types.to_toml_key());
        for (_, clause) in clauses {
            lines.push(if same > 1 { format!("[[{name}]]") } else { format!("[{name}]") });
            write_clause(clause, lines);
        }
        rest = others;
    }
}

fn column((name, definition): &(String, ColumnDefinition)) -> String {
    let ColumnDefinition { column_type, default } = definition;
    let column_type = column_type.map(|known| format!("type = \"{}\"", known.name()));
    let default = default.as_ref().map(|text| format!("default = {}", constant(text)));
    let fields: Vec<String> = column_type.into_iter().chain(default).collect();
    let fields = if fields.is_empty() { "{}".to_owned() } else { braces(&fields) };
    format!("{} = {fields}", name.to_toml_key())
}

/// Integers and booleans need no quotes.
fn constant(text: &str) -> String {
    let is_plain = text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
    if is_plain || matches!(text, "true" | "false") {
        text.to_owned()
    } else {
        text.to_toml_value()
    }
}

fn write_retain(Retain { time, rows }: Retain, lines: &mut Vec<String>) {
    let time = time.map(|time| format!("time = {}", span::write(time).to_toml_value()));
    let parts: Vec<String> =
        time.into_iter().chain(rows.map(|rows| format!("rows = {rows}"))).collect();
    if !parts.is_empty() {
        lines.push(format!("retain = {}", braces(&parts)));
    }
}

fn write_clause(clause: &Clause, lines: &mut Vec<String>) {
    if let Some(when) = &clause.when {
        lines.push(format!("when = {}", when.to_toml_value()));
    }
    let pairs =
        [("set", &clause.set), ("add", &clause.add), ("max", &clause.max), ("min", &clause.min)];
    for (field, columns) in pairs {
        write_texts(field, columns, lines);
    }
    let append = |(name, Append { value, limit }): &(String, Append)| {
        let fields = [format!("value = {}", value.to_toml_value()), format!("limit = {limit}")];
        (name.clone(), braces(&fields))
    };
    let appended: Vec<_> = clause.append.iter().map(append).collect();
    write_columns("append", appended.iter().map(|(name, text)| (name, text.clone())), lines);
    if clause.delete {
        lines.push("delete = true".to_owned());
    }
}

/// Columns or fields with texts.
pub(super) fn write_texts(field: &str, texts: &[(String, String)], lines: &mut Vec<String>) {
    write_columns(field, texts.iter().map(|(name, text)| (name, text.to_toml_value())), lines);
}

fn write_columns<'c>(
    field: &str,
    columns: impl Iterator<Item = (&'c String, String)>,
    lines: &mut Vec<String>,
) {
    let entries: Vec<String> =
        columns.map(|(column, value)| format!("{} = {value}", column.to_toml_key())).collect();
    if entries.is_empty() {
        return;
    }
    let inline = format!("{field} = {}", braces(&entries));
    if inline.contains('\n') || inline.chars().count() > LONGEST_LINE {
        lines.extend(entries.iter().map(|entry| format!("{field}.{entry}")));
    } else {
        lines.push(inline);
    }
}

fn braces(fields: &[String]) -> String {
    format!("{{ {} }}", fields.join(", "))
}
