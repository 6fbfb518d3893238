//! The scalar functions.

mod number;
mod text;
mod time;

use alloc::vec::Vec;

use super::evaluate::{EvaluateError, compare};
use crate::Value;
use crate::cell::{Cell, Dictionary};
pub(super) use text::fits;
pub(crate) use time::{Span, Unit};

/// A function, with those of its arguments that are no values but part of what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    /// What it makes of a value.
    Cast(Kind),
    Ceil,
    Coalesce,
    Date,
    DatePart(Unit),
    DateTime,
    DateTrunc(Unit),
    Floor,
    Greatest,
    /// The starts of the windows that a moment lies in: only in GROUP BY.
    Hop {
        slide: Span,
        size: Span,
    },
    Instr,
    Least,
    Left,
    Length,
    Like,
    Lower,
    Mod,
    NullIf,
    Replace,
    Right,
    Round,
    /// A moment so much later.
    Shift(Span),
    Sign,
    Strftime,
    Substr,
    Time,
    Trim,
    TrimEnd,
    TrimStart,
    /// The start of the window that a moment lies in.
    Tumble(Span),
    UnixEpoch,
    Upper,
}

/// What `CAST` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Decimal,
    Integer,
    Text,
}

impl Kind {
    /// The kind of that name.
    pub(super) fn find(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "bool" | "boolean" => Self::Boolean,
            "decimal" | "numeric" => Self::Decimal,
            "bigint" | "int" | "integer" => Self::Integer,
            "text" | "varchar" => Self::Text,
            _ => return None,
        })
    }
}

impl Function {
    /// The function of that name, if it takes nothing but values.
    pub(super) fn find(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "abs" => Self::Abs,
            "ceil" | "ceiling" => Self::Ceil,
            "coalesce" | "ifnull" => Self::Coalesce,
            "date" => Self::Date,
            "datetime" => Self::DateTime,
            "floor" => Self::Floor,
            "greatest" => Self::Greatest,
            "instr" => Self::Instr,
            "least" => Self::Least,
            "left" => Self::Left,
            "length" => Self::Length,
            "lower" => Self::Lower,
            "ltrim" => Self::TrimStart,
            "mod" => Self::Mod,
            "nullif" => Self::NullIf,
            "replace" => Self::Replace,
            "right" => Self::Right,
            "round" => Self::Round,
            "rtrim" => Self::TrimEnd,
            "sign" => Self::Sign,
            "strftime" => Self::Strftime,
            "substr" | "substring" => Self::Substr,
            "time" => Self::Time,
            "trim" => Self::Trim,
            "unixepoch" => Self::UnixEpoch,
            "upper" => Self::Upper,
            name => Self::DatePart(Unit::find(name).filter(|unit| unit.is_function())?),
        })
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Abs => "abs",
            Self::Cast(_) => "CAST",
            Self::Ceil => "ceil",
            Self::Coalesce => "coalesce",
            Self::Date => "date",
            Self::DatePart(_) => "extract",
            Self::DateTime => "datetime",
            Self::DateTrunc(_) => "date_trunc",
            Self::Floor => "floor",
            Self::Greatest => "greatest",
            Self::Hop { .. } => "hop",
            Self::Instr => "instr",
            Self::Least => "least",
            Self::Left => "left",
            Self::Length => "length",
            Self::Like => "LIKE",
            Self::Lower => "lower",
            Self::Mod => "mod",
            Self::NullIf => "nullif",
            Self::Replace => "replace",
            Self::Right => "right",
            Self::Round => "round",
            Self::Shift(_) => "INTERVAL",
            Self::Sign => "sign",
            Self::Strftime => "strftime",
            Self::Substr => "substr",
            Self::Time => "time",
            Self::Trim => "trim",
            Self::TrimEnd => "rtrim",
            Self::TrimStart => "ltrim",
            Self::Tumble(_) => "tumble",
            Self::UnixEpoch => "unixepoch",
            Self::Upper => "upper",
        }
    }

    /// How many arguments it takes, as a range and in words.
    pub(super) const fn arguments(self) -> (usize, usize, &'static str) {
        match self {
            Self::Instr
            | Self::Left
            | Self::Like
            | Self::Mod
            | Self::NullIf
            | Self::Right
            | Self::Strftime => (2, 2, "2 arguments"),
            Self::Round | Self::Trim | Self::TrimEnd | Self::TrimStart => {
                (1, 2, "1 or 2 arguments")
            }
            Self::Substr => (2, 3, "2 or 3 arguments"),
            Self::Replace => (3, 3, "3 arguments"),
            Self::Coalesce | Self::Greatest | Self::Least => (2, 64, "2 to 64 arguments"),
            _ => (1, 1, "1 argument"),
        }
    }

    /// Calls it. `coalesce` is not called: it must not look at what follows its answer.
    pub(super) fn call(
        self,
        arguments: &[Cell],
        dictionary: &mut Dictionary,
    ) -> Result<Cell, EvaluateError> {
        if self == Self::NullIf {
            let [a, b] = *arguments else { return Ok(Cell::NULL) };
            let is_equal = || compare(&dictionary.value(a), &dictionary.value(b)).is_eq();
            return Ok(if !b.is_null() && is_equal() { Cell::NULL } else { a });
        }
        if arguments.iter().any(|argument| argument.is_null()) {
            return Ok(Cell::NULL);
        }
        if let Some(cell) = self.of_moment(arguments, dictionary)? {
            return Ok(cell);
        }
        if let Some(cell) = self.of_moment_text(arguments, dictionary) {
            return Ok(cell);
        }
        let result = self.of_values(dictionary.values(arguments))?;
        Ok(dictionary.cell(&result))
    }

    /// Calls a function that looks at values. Few views call one, and those that do not need none of it.
    #[inline(never)]
    fn of_values(self, values: Vec<Value>) -> Result<Value, EvaluateError> {
        Ok(match self {
            Self::Abs
            | Self::Cast(_)
            | Self::Ceil
            | Self::Floor
            | Self::Mod
            | Self::Round
            | Self::Sign => self.of_numbers(&values)?,
            Self::Greatest | Self::Least => {
                let order = |a: &Value, b: &Value| match self {
                    Self::Least => compare(a, b),
                    _ => compare(b, a),
                };
                values.into_iter().min_by(order).unwrap_or_default()
            }
            _ => self.of_texts(&values)?,
        })
    }

    fn wrong(self, expected: &'static str, found: &Value) -> EvaluateError {
        EvaluateError::Type { operation: self.name(), expected, found: found.kind() }
    }

    fn misread(self, expected: &'static str, text: &str) -> EvaluateError {
        let text = text.chars().take(60).collect();
        EvaluateError::Text { operation: self.name(), expected, text }
    }

    fn integer(self, value: &Value) -> Result<i64, EvaluateError> {
        match value {
            Value::Int(number) => Ok(*number),
            _ => Err(self.wrong("an integer", value)),
        }
    }

    fn text(self, value: &Value) -> Result<&str, EvaluateError> {
        match value {
            Value::Text(text) => Ok(text),
            _ => Err(self.wrong("a text", value)),
        }
    }
}
