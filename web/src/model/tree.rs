//! JSON as a tree that opens branch by branch.

use everview_core::json::{Json, quote};

#[cfg(test)]
mod tests;

/// The members that a branch shows at once.
pub(crate) const MEMBERS_AT_ONCE: usize = 200;

/// A value of a JSON text, not yet taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// An object or an array.
    Branch {
        /// Whether it is an array.
        is_array: bool,
        /// How many members it has.
        members: usize,
        /// Its text, from which [`members`] are taken when somebody opens it.
        text: String,
    },
    /// A text without its quotes.
    Text(String),
    /// A number, `true`, `false` or `null`, exactly as it is written.
    Literal(String),
}

/// The value of a JSON text; the text itself when it is no JSON.
pub(crate) fn node(text: &str) -> Node {
    Json::parse(text).map_or_else(|_| Node::Text(text.into()), of)
}

/// The members of a branch: names and values, places and values for an array.
pub(crate) fn members(text: &str) -> Vec<(String, Node)> {
    let Ok(json) = Json::parse(text) else { return Vec::new() };
    if json.text().starts_with('[') {
        json.elements().enumerate().map(|(place, value)| (place.to_string(), of(value))).collect()
    } else {
        json.members().map(|(name, value)| (name.into_owned(), of(value))).collect()
    }
}

/// A JSON text with line breaks, two spaces a level.
pub(crate) fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    write(&node(text), 0, &mut out);
    out
}

fn of(json: Json<'_>) -> Node {
    match json.text().as_bytes().first() {
        Some(b'{') => Node::Branch {
            is_array: false,
            members: json.members().count(),
            text: json.text().into(),
        },
        Some(b'[') => Node::Branch {
            is_array: true,
            members: json.elements().count(),
            text: json.text().into(),
        },
        _ => match json.as_str() {
            Some(text) => Node::Text(text.into_owned()),
            None => Node::Literal(json.text().into()),
        },
    }
}

fn write(node: &Node, level: usize, out: &mut String) {
    match node {
        Node::Text(text) => quote(text, out),
        Node::Literal(text) => out.push_str(text),
        Node::Branch { is_array, members: 0, .. } => {
            out.push_str(if *is_array { "[]" } else { "{}" });
        }
        Node::Branch { is_array, text, .. } => {
            out.push(if *is_array { '[' } else { '{' });
            for (index, (name, value)) in members(text).iter().enumerate() {
                out.push_str(if index == 0 { "\n" } else { ",\n" });
                out.push_str(&"  ".repeat(level + 1));
                if !is_array {
                    quote(name, out);
                    out.push_str(": ");
                }
                write(value, level + 1, out);
            }
            out.push('\n');
            out.push_str(&"  ".repeat(level));
            out.push(if *is_array { ']' } else { '}' });
        }
    }
}
