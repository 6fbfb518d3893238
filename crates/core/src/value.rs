//! What a cell of a row holds.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::Decimal;
use crate::json::Json;

/// A value of a row: never a binary float.
///
/// Values are ordered as `SQLite` orders them, NULL first, then numbers, then texts by their bytes,
/// with booleans after NULL. `1` and `1.0` are equal.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// Nothing known.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// A text.
    Text(Arc<str>),
}

/// A row of a view: the key's columns first, then the others.
pub type Row = Arc<[Value]>;

/// What names a row within its view.
pub type Key = Arc<[Value]>;

impl Value {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// The value of a JSON value; none for a number that cannot be kept exactly: an integer beyond
    /// 64 bits or a decimal beyond what [`Decimal`] holds. Objects and arrays become their text.
    pub fn from_json(json: Json<'_>) -> Option<Self> {
        let text = json.text();
        Some(match text.as_bytes().first()? {
            b'n' => Self::Null,
            b't' => Self::Bool(true),
            b'f' => Self::Bool(false),
            b'"' => Self::Text(json.as_str()?.into()),
            b'-' | b'0'..=b'9' => {
                if text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
                    Self::Decimal(text.parse().ok()?)
                } else {
                    Self::Int(text.parse().ok()?)
                }
            }
            _ => Self::text(text),
        })
    }

    /// Whether it is NULL.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether two values are the same in every respect, be they equal or not: `1` and `1.0` are
    /// equal, but not the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self == other && self.kind() == other.kind()
    }

    /// The name of its kind, as messages say it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Bool(_) => "boolean",
            Self::Int(_) => "integer",
            Self::Decimal(_) => "decimal",
            Self::Text(_) => "text",
        }
    }

    /// The number it is, if it is one.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Bool(truth) => Some(i64::from(*truth).into()),
            Self::Int(number) => Some((*number).into()),
            Self::Decimal(number) => Some(*number),
            Self::Null | Self::Text(_) => None,
        }
    }

    /// Appends bytes that are equal for equal values and differ for different ones, also when
    /// values follow each other.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.push(0),
            Self::Bool(truth) => out.extend_from_slice(&[3, u8::from(*truth)]),
            Self::Text(text) => Self::encode_text(text, out),
            Self::Int(_) | Self::Decimal(_) => {
                let number = self.as_decimal().unwrap_or(Decimal::ZERO);
                out.push(1);
                out.extend_from_slice(&number.scale().to_le_bytes());
                out.extend_from_slice(&number.mantissa().to_le_bytes());
            }
        }
    }

    pub(crate) fn encode_integer(number: i64, out: &mut Vec<u8>) {
        out.push(1);
        out.extend_from_slice(&0_u32.to_le_bytes());
        out.extend_from_slice(&i128::from(number).to_le_bytes());
    }

    pub(crate) fn encode_text(text: &str, out: &mut Vec<u8>) {
        out.push(2);
        out.extend_from_slice(&(text.len() as u64).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }

    /// The one of its equals that stands for all: the integer for a decimal that is one.
    pub(crate) fn canonical(&self) -> Self {
        match self {
            Self::Decimal(number) => number.to_i64().map_or_else(|| self.clone(), Self::Int),
            _ => self.clone(),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) | Self::Decimal(_) => 2,
            Self::Text(_) => 3,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            // Names that recur are shared, so most equal texts are one text.
            (Self::Text(a), Self::Text(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => self.cmp(other).is_eq(),
        }
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => match (self.rank(), other.rank()) {
                (a, b) if a == b => self.as_decimal().cmp(&other.as_decimal()),
                (a, b) => a.cmp(&b),
            },
        }
    }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Null => state.write_u8(0),
            Self::Bool(truth) => state.write_u8(1 + u8::from(*truth)),
            Self::Int(number) => state.write_i64(*number),
            Self::Decimal(number) => match number.to_i64() {
                Some(number) => state.write_i64(number),
                None => state.write_i128(number.mantissa()),
            },
            Self::Text(text) => state.write(text.as_bytes()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Bool(truth) => fmt::Display::fmt(truth, f),
            Self::Int(number) => fmt::Display::fmt(number, f),
            Self::Decimal(number) => fmt::Display::fmt(number, f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Self::Decimal(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Value;
    use crate::json::Json;
    use alloc::vec::Vec;

    #[test]
    fn values_are_ordered_as_sqlite_orders_them() {
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
        let ordered = [
            Value::Null,
            false.into(),
            true.into(),
            decimal("-1.5"),
            0.into(),
            decimal("0.5"),
            1.into(),
            decimal("1.5"),
            "".into(),
            "a".into(),
            "b".into(),
        ];
        assert!(ordered.is_sorted_by(|a, b| a < b));
        assert_eq!(Value::Int(1), decimal("1.0"));
    }

    #[test]
    fn equal_rows_have_equal_codes_and_others_do_not() {
        let code = |row: &[Value]| {
            let mut code = Vec::new();
            for value in row {
                value.encode(&mut code);
            }
            code
        };
        assert_eq!(code(&[1.into()]), code(&[Value::Decimal("1.0".parse().unwrap())]));
        assert_ne!(code(&["ab".into(), "c".into()]), code(&["a".into(), "bc".into()]));
        assert_ne!(code(&[Value::Null]), code(&["".into()]));
        assert_ne!(code(&[1.into()]), code(&["1".into()]));
    }

    #[test]
    fn json_becomes_a_value_or_nothing_but_never_another_number() {
        let value = |text: &'static str| Value::from_json(Json::parse(text).unwrap());
        assert_eq!(value("9223372036854775807"), Some(i64::MAX.into()));
        assert_eq!(value("9223372036854775808"), None);
        assert_eq!(value("1e400"), None);
        assert_eq!(value("[1, 2]"), Some("[1, 2]".into()));
        assert_eq!(value("null"), Some(Value::Null));
    }

    #[test]
    fn a_value_is_24_bytes() {
        assert_eq!(size_of::<Value>(), 24);
    }
}
