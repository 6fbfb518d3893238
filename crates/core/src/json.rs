//! JSON that is checked once and then read in place.
//!
//! A text is scanned, not turned into a tree: [`Json`] borrows the bytes of one valid value, and
//! what nobody asks for costs nothing more than the one pass that proved it well formed.

mod scan;
mod walk;

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt::Write as _;

pub use scan::{JsonError, JsonProblem};
pub(crate) use scan::{Scanned, Scanner, is_inside_of_string, plain_text, starts_with};
use walk::Walker;

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 128;

/// One valid JSON value, borrowed from the text it stands in.
///
/// ```
/// use everview_core::json::Json;
///
/// let order = Json::parse(r#"{"total": 1299, "tags": ["new"]}"#)?;
/// assert_eq!(order.get("total").and_then(|total| total.as_i64()), Some(1299));
/// assert_eq!(order.get("tags").unwrap().elements().count(), 1);
/// # Ok::<(), everview_core::json::JsonError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<'a> {
    text: &'a str,
}

impl<'a> Json<'a> {
    /// The JSON `null`.
    pub const NULL: Self = Self { text: "null" };

    /// Checks `text` from end to end.
    ///
    /// # Errors
    ///
    /// Where and why it is not one JSON value, or one nested deeper than [`MAX_DEPTH`].
    pub fn parse(text: &'a str) -> Result<Self, JsonError> {
        let mut scanner = Scanner::new(text);
        scanner.space();
        let start = scanner.position();
        scanner.value()?;
        let end = scanner.position();
        scanner.end()?;
        Ok(Self { text: &text[start..end] })
    }

    /// A value whose text was checked before, when it was scanned as a part of a record.
    pub(crate) const fn from_checked(text: &'a str) -> Self {
        Self { text }
    }

    /// The value as it was written, without the space around it.
    pub const fn text(self) -> &'a str {
        self.text
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.text == "null"
    }

    /// The boolean, if it is one.
    pub fn as_bool(self) -> Option<bool> {
        match self.text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The integer, if it is one written without fraction or exponent and fits 64 bits.
    pub fn as_i64(self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// The string without its quotes and escapes, if it is one.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        if self.text.as_bytes().first() != Some(&b'"') {
            return None;
        }
        let inner = self.text.get(1..self.text.len() - 1)?;
        // In a checked string nothing but a backslash does not stand for itself.
        let is_escaped = scan::plain_bytes(inner.as_bytes()) < inner.len();
        Some(if is_escaped { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) })
    }

    /// The value of a field, if this is an object that has it; the last one if it is there twice.
    pub fn get(self, field: &str) -> Option<Self> {
        self.members().filter(|(name, _)| name == field).map(|(_, value)| value).last()
    }

    /// The fields of an object in the order they are written; nothing for any other value.
    pub fn members(self) -> Members<'a> {
        Members { walker: Walker::inside(self.text, b'{') }
    }

    /// The elements of an array; nothing for any other value.
    pub fn elements(self) -> Elements<'a> {
        Elements { walker: Walker::inside(self.text, b'[') }
    }
}

/// The fields of an object, with their names unescaped.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    walker: Walker<'a>,
}

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, Json<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.next_as_written()?;
        Some((name.as_str()?, value))
    }
}

impl<'a> Members<'a> {
    /// The next name, as it is written, and its value.
    ///
    /// ```
    /// use everview_core::json::Json;
    ///
    /// let mut members = Json::parse(r#"{"tot\u0061l": 1299}"#)?.members();
    /// let (name, _) = members.next_as_written().unwrap();
    /// assert_eq!(name.text(), r#""tot\u0061l""#);
    /// # Ok::<(), everview_core::json::JsonError>(())
    /// ```
    pub fn next_as_written(&mut self) -> Option<(Json<'a>, Json<'a>)> {
        let name = Json { text: self.walker.next_value()? };
        Some((name, Json { text: self.walker.next_value()? }))
    }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    walker: Walker<'a>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(Json { text: self.walker.next_value()? })
    }
}

/// Appends `text` to `out` as a JSON string, quotes and escapes included.
///
/// ```
/// let mut out = String::new();
/// everview_core::json::quote("a \"b\"\n", &mut out);
/// assert_eq!(out, r#""a \"b\"\n""#);
/// ```
pub fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Takes the escapes out of the inside of a checked string.
pub(crate) fn unescape(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = rest.as_bytes()[at + 1];
        rest = &rest[at + 2..];
        match escape {
            b'n' => out.push('\n'),
            b't' => out.push('\t'),
            b'r' => out.push('\r'),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'u' => {
                let mut code = hex4(rest);
                rest = &rest[4..];
                if (0xd800..0xdc00).contains(&code) {
                    code = 0x1_0000 + ((code - 0xd800) << 10) + (hex4(&rest[2..]) - 0xdc00);
                    rest = &rest[6..];
                }
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => out.push(char::from(other)),
        }
    }
    out.push_str(rest);
    out
}

fn hex4(text: &str) -> u32 {
    u32::from_str_radix(&text[..4], 16).unwrap_or(0xfffd)
}

#[cfg(test)]
mod tests;
