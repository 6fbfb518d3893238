//! What a definitions file may say, read from its tree.

use everview_core::{
    Append, Clause, ColumnDefinition, ColumnType, Definitions, IndexDefinition, Retain,
    TableDefinition, ViewDefinition,
};

use super::tree::{Fields, Node, Wrong};
use super::{span, upcaster};

const VIEW: [&str; 8] = ["key", "each", "columns", "on", "retain", "sql", "indexes", "unique"];
const CLAUSE: [&str; 7] = ["when", "set", "add", "max", "min", "append", "delete"];

pub(super) fn definitions(file: &Node<'_>) -> Result<Definitions, Wrong> {
    let file = file.fields(&["views", "upcasters"])?;
    let mut definitions = Definitions::default();
    for (name, node) in file.need("views")?.entries()? {
        let fields = node.fields(&VIEW)?;
        definitions.views.push((name.to_owned(), view(&format!("views.{name}"), fields)?));
        for (field, is_unique) in [("indexes", false), ("unique", true)] {
            for columns in fields.get(field).map_or(Ok(&[][..]), Node::list)? {
                let (view, columns) = (name.to_owned(), columns.one_or_list()?);
                definitions.indexes.push(IndexDefinition { view, columns, is_unique });
            }
        }
    }
    if let Some(upcasters) = file.get("upcasters") {
        for (from, node) in upcasters.entries()? {
            let upcaster = upcaster::read(&format!("upcasters.{from}"), node)?;
            definitions.upcasters.push((from.to_owned(), upcaster));
        }
    }
    Ok(definitions)
}

fn view(place: &str, fields: Fields<'_, '_>) -> Result<ViewDefinition, Wrong> {
    let retain = |node| retain(&format!("{place}.retain"), node);
    let table = TableDefinition {
        key: fields.get("key").map_or_else(|| Ok(Vec::new()), Node::one_or_list)?,
        each: fields.text("each")?,
        columns: fields.get("columns").map_or_else(|| Ok(Vec::new()), columns)?,
        on: fields.get("on").map_or_else(|| Ok(Vec::new()), clauses)?,
        retain: fields.get("retain").map_or_else(|| Ok(Retain::default()), retain)?,
    };
    let wrong = |problem: &str| Err(Wrong::meaning(place.to_owned(), problem));
    let has = |field: &&str| fields.get(field).is_some();
    let extra = ["each", "columns", "retain"].into_iter().find(has);
    match (has(&"key"), has(&"on"), fields.text("sql")?, extra) {
        (_, _, Some(_), Some(extra)) => {
            wrong(&format!("`{extra}` belongs to `key` and `on`, not to `sql`"))
        }
        (false, false, Some(sql), None) => Ok(ViewDefinition::Query(sql)),
        (true, true, None, _) => Ok(ViewDefinition::Table(table)),
        (true, false, None, _) => wrong("`key` without `on`: name the event types"),
        (false, true, None, _) => wrong("`on` without `key`: name the row of an event"),
        (false, false, None, _) => wrong("expected `key` and `on`, or `sql`; found neither"),
        (_, _, Some(_), None) => wrong("expected `key` and `on`, or `sql`; found both"),
    }
}

fn retain(place: &str, node: &Node<'_>) -> Result<Retain, Wrong> {
    let fields = node.fields(&["time", "rows"])?;
    let rows = fields.get("rows").map(|rows| rows.count("u64")).transpose()?;
    if rows == Some(0) {
        let problem = "expected at least 1 row, found 0";
        return Err(Wrong::meaning(format!("{place}.rows"), problem));
    }
    let time = fields.text("time")?.as_deref().map(span::parse).transpose();
    let time = time.map_err(|problem| Wrong::meaning(format!("{place}.time"), problem))?;
    if time.is_none() && rows.is_none() {
        let problem = "expected `time` or `rows`; found neither";
        return Err(Wrong::meaning(place.to_owned(), problem));
    }
    Ok(Retain { time, rows })
}

fn columns(node: &Node<'_>) -> Result<Vec<(String, ColumnDefinition)>, Wrong> {
    let column = |(name, node): (&str, &Node<'_>)| {
        let fields = node.fields(&["type", "default"])?;
        let column_type = fields.get("type").map(column_type).transpose()?;
        let default = fields.get("default").map(constant).transpose()?;
        Ok((name.to_owned(), ColumnDefinition { column_type, default }))
    };
    node.entries()?.map(column).collect()
}

fn column_type(node: &Node<'_>) -> Result<ColumnType, Wrong> {
    let name = node.text()?;
    ColumnType::named(&name).ok_or_else(|| {
        let known = ColumnType::ALL.map(ColumnType::name).join(", ");
        node.wrong(format!("unknown type `{name}`, expected one of {known}"))
    })
}

/// A constant expression; integers and booleans may do without quotes. A number with a fraction may
/// not: JSON and TOML have it as one that is rounded.
fn constant(node: &Node<'_>) -> Result<String, Wrong> {
    let expected = "a constant: an expression in quotes, an integer, true or false";
    let text = node.as_str().map(str::to_owned);
    text.or_else(|| node.as_plain()).ok_or_else(|| node.unlike(expected))
}

/// What the events of each type do: one clause, or several in order.
fn clauses(node: &Node<'_>) -> Result<Vec<(String, Clause)>, Wrong> {
    let mut clauses = Vec::new();
    for (event_types, node) in node.entries()? {
        let nodes = match node.as_list() {
            Some([]) => return Err(node.wrong("invalid length 0, expected at least one clause")),
            Some(nodes) => nodes,
            None if node.is_table() => std::slice::from_ref(node),
            None => return Err(node.unlike("a clause or a list of clauses")),
        };
        for node in nodes {
            clauses.push((event_types.to_owned(), clause(node.fields(&CLAUSE)?)?));
        }
    }
    Ok(clauses)
}

fn clause(fields: Fields<'_, '_>) -> Result<Clause, Wrong> {
    Ok(Clause {
        when: fields.text("when")?,
        set: fields.pairs("set")?,
        add: fields.pairs("add")?,
        max: fields.pairs("max")?,
        min: fields.pairs("min")?,
        append: fields.get("append").map_or_else(|| Ok(Vec::new()), appends)?,
        delete: fields.get("delete").map_or(Ok(false), Node::truth)?,
    })
}

fn appends(node: &Node<'_>) -> Result<Vec<(String, Append)>, Wrong> {
    let append = |(column, node): (&str, &Node<'_>)| {
        let fields = node.fields(&["value", "limit"])?;
        let value = fields.need("value")?.text()?;
        let limit = fields.need("limit")?.count("u32")?;
        Ok((column.to_owned(), Append { value, limit }))
    };
    node.entries()?.map(append).collect()
}
