//! Functions of texts.

use alloc::string::String;

use super::super::evaluate::EvaluateError;
use super::Function;
use crate::Value;

/// The longest text that an expression makes: a row that grows by itself must end somewhere.
const LONGEST_TEXT: usize = 1 << 20;

/// Checks the length of a text before it is made.
pub(crate) fn fits(operation: &'static str, length: usize) -> Result<(), EvaluateError> {
    if length > LONGEST_TEXT {
        return Err(EvaluateError::TooLong { operation, limit: LONGEST_TEXT });
    }
    Ok(())
}

impl Function {
    pub(super) fn of_texts(self, arguments: &[Value]) -> Result<Value, EvaluateError> {
        let text = self.text(&arguments[0])?;
        let second = || self.text(&arguments[1]);
        Ok(match self {
            Self::Length => count(text).into(),
            Self::Lower => Value::text(&text.to_ascii_lowercase()),
            Self::Upper => Value::text(&text.to_ascii_uppercase()),
            Self::Substr => {
                let start = self.integer(&arguments[1])?;
                let length = arguments.get(2).map(|length| self.integer(length)).transpose()?;
                Value::text(substr(text, start, length))
            }
            Self::Left => Value::text(substr(text, 1, Some(self.integer(&arguments[1])?.max(0)))),
            Self::Right => match self.integer(&arguments[1])? {
                length if length <= 0 => Value::text(""),
                length => Value::text(substr(text, -length.min(count(text)), None)),
            },
            Self::Instr => {
                let found = text.find(second()?);
                found.map_or(0, |byte| count(&text[..byte]) + 1).into()
            }
            Self::Like => is_like(text, second()?).into(),
            Self::Replace => self.replace(text, second()?, &arguments[2])?,
            Self::Trim | Self::TrimEnd | Self::TrimStart => {
                let cut = if arguments.len() > 1 { second()? } else { " " };
                let text = match self {
                    Self::TrimEnd => text,
                    _ => text.trim_start_matches(|c| cut.contains(c)),
                };
                Value::text(match self {
                    Self::TrimStart => text,
                    _ => text.trim_end_matches(|c| cut.contains(c)),
                })
            }
            _ => Value::Null,
        })
    }

    fn replace(self, text: &str, from: &str, to: &Value) -> Result<Value, EvaluateError> {
        let to = self.text(to)?;
        if from.is_empty() {
            return Ok(Value::text(text));
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(from) {
            fits(self.name(), out.len() + at + to.len())?;
            out.push_str(&rest[..at]);
            out.push_str(to);
            rest = &rest[at + from.len()..];
        }
        fits(self.name(), out.len() + rest.len())?;
        out.push_str(rest);
        Ok(Value::text(&out))
    }
}

fn count(text: &str) -> i64 {
    let count = if text.is_ascii() { text.len() } else { text.chars().count() };
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Whether a text matches a pattern, in which `%` stands for any characters and `_` for one; as in
/// `SQLite`, the letters of ASCII match in either case.
///
/// Only the last `%` is ever tried again, one character further on: what an earlier one would win
/// by taking more, the last one can take itself. So the time is bounded by the product of the
/// lengths.
fn is_like(text: &str, pattern: &str) -> bool {
    let (mut text, mut pattern) = (text.chars(), pattern.chars());
    let mut again = None;
    loop {
        let mut rest = pattern.clone();
        match (rest.next(), text.clone().next()) {
            (Some('%'), _) => {
                again = Some((text.clone(), rest.clone()));
                pattern = rest;
                continue;
            }
            (None, None) => return true,
            (Some(wanted), Some(c)) if wanted == '_' || wanted.eq_ignore_ascii_case(&c) => {
                text.next();
                pattern = rest;
                continue;
            }
            _ => {}
        }
        let Some((start, after)) = &mut again else { return false };
        if start.next().is_none() {
            return false;
        }
        (text, pattern) = (start.clone(), after.clone());
    }
}

/// Characters from `start`, counted from 1 or, if negative, from the end; a negative length takes
/// those before `start`. As `SQLite` has it, 0 is the place before the first.
fn substr(text: &str, start: i64, length: Option<i64>) -> &str {
    let is_ascii = text.is_ascii();
    let count = count(text);
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
