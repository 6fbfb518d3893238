//! The key of a row as a text that people can read in an address.
//!
//! Values stand side by side: `order-1`, `north,2026`. A text is quoted as in JSON where it would
//! be read as something else.

use everview_core::json::{Json, quote};
use everview_core::{Key, Value};

#[cfg(test)]
mod tests;

/// A key as text.
pub(super) fn text_from_key(key: &[Value]) -> String {
    key.iter().map(part).collect::<Vec<_>>().join(",")
}

fn part(value: &Value) -> String {
    let Value::Text(text) = value else {
        return if value.is_null() { "null".into() } else { value.to_string() };
    };
    let is_plain = !text.is_empty() && !text.contains([',', '"']) && plain(text) == *value;
    if is_plain {
        return text.to_string();
    }
    let mut quoted = String::new();
    quote(text, &mut quoted);
    quoted
}

/// The key that a text stands for. Every text stands for one.
pub(super) fn key_from_text(text: &str) -> Key {
    let mut values = Vec::new();
    let mut rest = (!text.is_empty()).then_some(text);
    while let Some(text) = rest {
        let end = if text.starts_with('"') { quoted_end(text) } else { None };
        let end = end.or_else(|| text.find(',')).unwrap_or(text.len());
        let (part, after) = text.split_at(end);
        values.push(plain(part));
        rest = after.strip_prefix(',');
    }
    values.into()
}

/// Where a quoted text ends that is followed by another value or by nothing.
fn quoted_end(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => {
                let end = at + 1;
                return matches!(text.as_bytes().get(end), None | Some(b',')).then_some(end);
            }
            _ => {}
        }
    }
    None
}

/// What stands alone: a literal of JSON, or else a text.
fn plain(text: &str) -> Value {
    let literal = Json::parse(text).ok().filter(|json| !json.text().starts_with(['{', '[']));
    literal.and_then(Value::from_json).unwrap_or_else(|| Value::text(text))
}
