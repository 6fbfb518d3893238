//! Columns that are lists: the text of a JSON array.

use alloc::string::{String, ToString as _};

use crate::Value;
use crate::cell::{Cell, Dictionary};
use crate::json::{Json, quote};
use crate::sql::EvaluateError;

/// The list with one more element at its end, and without as many at its beginning as are beyond
/// the limit. NULL is the empty list, and appending NULL changes nothing.
pub(super) fn append(
    list: Cell,
    value: Cell,
    limit: usize,
    dictionary: &mut Dictionary,
) -> Result<Cell, EvaluateError> {
    if value.is_null() {
        return Ok(list);
    }
    let list = dictionary.value(list);
    let Some(elements) = inside(&list) else {
        let found = list.kind();
        return Err(EvaluateError::Type { operation: "append", expected: "a list", found });
    };
    let mut out = String::from("[");
    let count = elements.elements().count();
    for element in elements.elements().skip((count + 1).saturating_sub(limit)) {
        out.push_str(element.text());
        out.push(',');
    }
    write(&dictionary.value(value), &mut out);
    out.push(']');
    Ok(dictionary.text(&out))
}

/// The array that a value is.
fn inside(list: &Value) -> Option<Json<'_>> {
    match list {
        Value::Null => Some(Json::NULL),
        Value::Text(text) => Json::parse(text).ok().filter(|json| json.text().starts_with('[')),
        _ => None,
    }
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(_) | Value::Decimal(_) => out.push_str(&value.to_string()),
        Value::Text(text) => quote(text, out),
    }
}
