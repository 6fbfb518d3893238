//! The tree of a JSON text.

use std::borrow::Cow;

use everview_core::json::Json;

use super::{Form, Name, Node, Table, Value, Wrong};

pub(super) fn read(text: &str) -> Result<Node<'_>, Wrong> {
    let json = Json::parse(text);
    let json = json.map_err(|error| Wrong::at(error.offset, error.problem.to_string()))?;
    node(json, text)
}

/// The tree of a part of a text. Values are nested no deeper than the scanner allows.
fn node<'t>(json: Json<'t>, whole: &'t str) -> Result<Node<'t>, Wrong> {
    let written = json.text();
    let value = match written.as_bytes().first() {
        Some(b'{') => Value::Table(table(json, whole)?),
        Some(b'[') => {
            Value::List(json.elements().map(|json| node(json, whole)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Value::Text(json.as_str().unwrap_or_default()),
        _ => match (json.as_bool(), json.as_i64()) {
            (Some(truth), _) => Value::Bool(truth),
            (_, Some(number)) => Value::Integer(number),
            _ if json.is_null() => Value::Null,
            _ => {
                let is_integer = written.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
                let kind = if is_integer { "integer" } else { "floating point" };
                Value::Other(kind, Cow::Borrowed(written))
            }
        },
    };
    Ok(Node { at: offset(json, whole), value })
}

/// A name that comes twice is refused: JSON allows it, and one of the two would be lost.
fn table<'t>(json: Json<'t>, whole: &'t str) -> Result<Table<'t>, Wrong> {
    let mut entries: Vec<(Name<'t>, Node<'t>)> = Vec::new();
    let mut members = json.members();
    while let Some((name, value)) = members.next_as_written() {
        let at = offset(name, whole);
        let text = name.as_str().unwrap_or_default();
        if entries.iter().any(|(known, _)| known.text == text) {
            return Err(Wrong::at(at, format!("`{text}` is there twice")));
        }
        entries.push((Name { at, text }, node(value, whole)?));
    }
    Ok(Table { form: Form::Inline, entries })
}

/// Where a part of a text begins.
fn offset(part: Json<'_>, whole: &str) -> usize {
    part.text().as_ptr().addr() - whole.as_ptr().addr()
}
