//! The scalar functions.

use super::evaluate::{EvaluateError, compare};
use crate::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    Coalesce,
    Length,
    Lower,
    NullIf,
    Round,
    Substr,
    Upper,
}

impl Function {
    /// The function of that name.
    pub(super) fn find(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "abs" => Self::Abs,
            "coalesce" => Self::Coalesce,
            "length" => Self::Length,
            "lower" => Self::Lower,
            "nullif" => Self::NullIf,
            "round" => Self::Round,
            "substr" => Self::Substr,
            "upper" => Self::Upper,
            _ => return None,
        })
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Abs => "abs",
            Self::Coalesce => "coalesce",
            Self::Length => "length",
            Self::Lower => "lower",
            Self::NullIf => "nullif",
            Self::Round => "round",
            Self::Substr => "substr",
            Self::Upper => "upper",
        }
    }

    /// How many arguments it takes, as a range and in words.
    pub(super) const fn arguments(self) -> (usize, usize, &'static str) {
        match self {
            Self::Abs | Self::Length | Self::Lower | Self::Upper => (1, 1, "1 argument"),
            Self::NullIf => (2, 2, "2 arguments"),
            Self::Round => (1, 2, "1 or 2 arguments"),
            Self::Substr => (2, 3, "2 or 3 arguments"),
            Self::Coalesce => (2, 64, "2 to 64 arguments"),
        }
    }

    /// Calls it. `coalesce` is not called: it must not look at what follows its answer.
    pub(super) fn call(self, arguments: &[Value]) -> Result<Value, EvaluateError> {
        if self == Self::NullIf {
            let [a, b] = arguments else { return Ok(Value::Null) };
            return Ok(if !b.is_null() && compare(a, b).is_eq() { Value::Null } else { a.clone() });
        }
        if arguments.iter().any(Value::is_null) {
            return Ok(Value::Null);
        }
        let first = &arguments[0];
        match self {
            Self::Abs => {
                let overflow = EvaluateError::Overflow { operation: "abs" };
                if let Value::Int(number) = first {
                    return number.checked_abs().map(Value::Int).ok_or(overflow);
                }
                let number = self.number(first)?;
                if number >= crate::Decimal::ZERO {
                    return Ok(number.into());
                }
                crate::Decimal::ZERO.checked_sub(number).map(Value::Decimal).ok_or(overflow)
            }
            Self::Round => {
                let digits = arguments.get(1).map_or(Ok(0), |digits| self.integer(digits))?;
                let digits = u32::try_from(digits.clamp(0, 18)).unwrap_or(0);
                match first {
                    Value::Int(_) | Value::Bool(_) => Ok(first.clone()),
                    _ => Ok(self.number(first)?.round(digits).into()),
                }
            }
            Self::Length => {
                let count = self.text(first)?.chars().count();
                Ok(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)))
            }
            Self::Lower => Ok(Value::text(&self.text(first)?.to_ascii_lowercase())),
            Self::Upper => Ok(Value::text(&self.text(first)?.to_ascii_uppercase())),
            Self::Substr => {
                let start = self.integer(&arguments[1])?;
                let length = arguments.get(2).map(|length| self.integer(length)).transpose()?;
                Ok(Value::text(substr(self.text(first)?, start, length)))
            }
            Self::Coalesce | Self::NullIf => Ok(Value::Null),
        }
    }

    fn wrong(self, expected: &'static str, found: &Value) -> EvaluateError {
        EvaluateError::Type { operation: self.name(), expected, found: found.kind() }
    }

    fn number(self, value: &Value) -> Result<crate::Decimal, EvaluateError> {
        value.as_decimal().ok_or_else(|| self.wrong("a number", value))
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

/// Characters from `start`, counted from 1 or, if negative, from the end; a negative length takes
/// those before `start`. As `SQLite` has it, 0 is the place before the first.
pub(super) fn substr(text: &str, start: i64, length: Option<i64>) -> &str {
    let is_ascii = text.is_ascii();
    let count = if is_ascii { text.len() } else { text.chars().count() };
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let mut begin = match start {
        0 => -1,
        start if start < 0 => count.saturating_add(start),
        start => start - 1,
    };
    let mut end = match length {
        None => count,
        Some(length) => begin.saturating_add(length),
    };
    if end < begin {
        core::mem::swap(&mut begin, &mut end);
    }
    // Within the text, so both fit.
    let place = |number: i64| usize::try_from(number.clamp(0, count)).unwrap_or(0);
    let byte = |place: usize| {
        if is_ascii {
            return place;
        }
        text.char_indices().nth(place).map_or(text.len(), |(byte, _)| byte)
    };
    &text[byte(place(begin))..byte(place(end))]
}
