//! Functions of numbers, and `CAST`.

use super::super::evaluate::{EvaluateError, arithmetic};
use super::{Function, Kind};
use crate::sql::Operator;
use crate::{Decimal, Value};

impl Function {
    pub(super) fn of_numbers(self, arguments: &[Value]) -> Result<Value, EvaluateError> {
        let first = &arguments[0];
        let overflow = EvaluateError::Overflow { operation: self.name() };
        match self {
            Self::Cast(kind) => self.cast(kind, first),
            Self::Mod => arithmetic(Operator::Remainder, first, &arguments[1]),
            Self::Abs => {
                if let Value::Int(number) = first {
                    return number.checked_abs().map(Value::Int).ok_or(overflow);
                }
                let number = self.number(first)?;
                if number >= Decimal::ZERO {
                    return Ok(number.into());
                }
                Decimal::ZERO.checked_sub(number).map(Value::Decimal).ok_or(overflow)
            }
            Self::Sign => Ok(Value::Int(self.number(first)?.mantissa().signum() as i64)),
            Self::Ceil | Self::Floor | Self::Round if !matches!(first, Value::Decimal(_)) => {
                self.number(first)?;
                Ok(first.clone())
            }
            Self::Ceil => {
                let number = self.number(first)?;
                let whole = number.trunc();
                let step = i64::from(whole < number);
                whole.checked_add(step.into()).map(Value::Decimal).ok_or(overflow)
            }
            Self::Floor => {
                let number = self.number(first)?;
                let whole = number.trunc();
                let step = i64::from(number < whole);
                whole.checked_sub(step.into()).map(Value::Decimal).ok_or(overflow)
            }
            _ => {
                let digits = arguments.get(1).map_or(Ok(0), |digits| self.integer(digits))?;
                let digits = u32::try_from(digits.clamp(0, 18)).unwrap_or(0);
                Ok(self.number(first)?.round(digits).into())
            }
        }
    }

    fn number(self, value: &Value) -> Result<Decimal, EvaluateError> {
        value.as_decimal().ok_or_else(|| self.wrong("a number", value))
    }

    fn cast(self, kind: Kind, value: &Value) -> Result<Value, EvaluateError> {
        if let Value::Text(text) = value {
            let cast = match kind {
                Kind::Text => return Ok(value.clone()),
                Kind::Integer => (text.parse().ok().map(Value::Int), "an integer"),
                Kind::Decimal => (text.parse().ok().map(Value::Decimal), "a decimal"),
                Kind::Boolean => {
                    let is = |word| text.eq_ignore_ascii_case(word);
                    let truth = if is("true") { Some(true) } else { is("false").then_some(false) };
                    (truth.map(Value::Bool), "true or false")
                }
            };
            return cast.0.ok_or_else(|| self.misread(cast.1, text));
        }
        let number = self.number(value)?;
        Ok(match kind {
            Kind::Text => Value::text(&alloc::format!("{value}")),
            Kind::Decimal => number.into(),
            Kind::Boolean => (number != Decimal::ZERO).into(),
            Kind::Integer => {
                let overflow = EvaluateError::Overflow { operation: self.name() };
                number.trunc().to_i64().map(Value::Int).ok_or(overflow)?
            }
        })
    }
}
