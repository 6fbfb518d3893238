//! How commands and events are written as a type name and JSON, and read back.

use alloc::borrow::{Cow, ToOwned as _};
use alloc::string::String;
use core::fmt::Write as _;

use crate::json::{Json, quote};

/// A command or an event that can be written as a type name with JSON data, and read back.
///
/// ```
/// use everview_core::json::Json;
/// use everview_core::command::{Fields, Message, MessageError, ObjectWriter};
///
/// #[derive(Debug, PartialEq)]
/// enum Counter {
///     Raised { by: i64 },
/// }
///
/// impl Message for Counter {
///     const TYPES: &'static [&'static str] = &["Raised"];
///
///     fn type_name(&self) -> &'static str {
///         "Raised"
///     }
///
///     fn data(&self) -> String {
///         let Self::Raised { by } = self;
///         ObjectWriter::new().integer("by", *by).finish()
///     }
///
///     fn read(_: &str, data: Json<'_>) -> Result<Self, MessageError> {
///         Ok(Self::Raised { by: Fields::of(data).integer("by")? })
///     }
/// }
///
/// let raised = Counter::Raised { by: 2 };
/// assert_eq!(raised.data(), r#"{"by":2}"#);
/// assert_eq!(Counter::read("Raised", Json::parse(&raised.data()).unwrap()), Ok(raised));
/// ```
pub trait Message: Sized {
    /// Every type name that [`Message::read`] understands, each once.
    const TYPES: &'static [&'static str];

    /// The type name of this value: one of [`Message::TYPES`].
    fn type_name(&self) -> &'static str;

    /// The rest of this value, as JSON text.
    fn data(&self) -> String;

    /// Reads a value back.
    ///
    /// # Errors
    ///
    /// Says which field is not as expected.
    fn read(type_name: &str, data: Json<'_>) -> Result<Self, MessageError>;
}

/// A command or an event that cannot be read. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// The type has another name than those that are understood.
    #[error("unknown type `{found}`")]
    Type {
        /// The type name.
        found: String,
    },
    /// A field is missing or of another kind.
    #[error("field `{field}`: expected {expected}, found {found}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
        /// What it is: the start of its JSON text, or `nothing`.
        found: String,
    },
}

impl MessageError {
    /// The error for a type name that is not among [`Message::TYPES`].
    pub fn unknown_type(found: &str) -> Self {
        Self::Type { found: found.to_owned() }
    }
}

/// The fields of a message's data, each read as the kind it must be.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    data: Json<'a>,
}

impl<'a> Fields<'a> {
    /// The fields of `data`; none if it is no object.
    pub const fn of(data: Json<'a>) -> Self {
        Self { data }
    }

    /// A field that is a string.
    ///
    /// # Errors
    ///
    /// When it is missing or something else.
    pub fn text(self, field: &'static str) -> Result<Cow<'a, str>, MessageError> {
        let value = self.data.get(field);
        value.and_then(Json::as_str).ok_or_else(|| wrong_field(field, "a text", value))
    }

    /// A field that is a whole number of 64 bits.
    ///
    /// # Errors
    ///
    /// When it is missing or something else.
    pub fn integer(self, field: &'static str) -> Result<i64, MessageError> {
        let value = self.data.get(field);
        value.and_then(Json::as_i64).ok_or_else(|| wrong_field(field, "a whole number", value))
    }
}

fn wrong_field(
    field: &'static str,
    expected: &'static str,
    value: Option<Json<'_>>,
) -> MessageError {
    const SHOWN: usize = 60;
    let text = value.map_or("nothing", Json::text);
    MessageError::Field { field, expected, found: text.chars().take(SHOWN).collect() }
}

/// Writes a JSON object field by field.
///
/// ```
/// use everview_core::command::ObjectWriter;
///
/// let data = ObjectWriter::new().text("sku", "tea").integer("quantity", 2).finish();
/// assert_eq!(data, r#"{"sku":"tea","quantity":2}"#);
/// ```
#[derive(Debug, Clone)]
pub struct ObjectWriter {
    out: String,
}

impl ObjectWriter {
    /// An object without fields.
    pub fn new() -> Self {
        Self { out: "{".to_owned() }
    }

    /// Adds a string.
    pub fn text(mut self, field: &str, value: &str) -> Self {
        self.name(field);
        quote(value, &mut self.out);
        self
    }

    /// Adds a whole number.
    pub fn integer(mut self, field: &str, value: i64) -> Self {
        self.name(field);
        // Writing to a String cannot fail.
        let _ = write!(self.out, "{value}");
        self
    }

    /// The JSON text.
    pub fn finish(mut self) -> String {
        self.out.push('}');
        self.out
    }

    fn name(&mut self, field: &str) {
        if self.out.len() > 1 {
            self.out.push(',');
        }
        quote(field, &mut self.out);
        self.out.push(':');
    }
}

impl Default for ObjectWriter {
    fn default() -> Self {
        Self::new()
    }
}
