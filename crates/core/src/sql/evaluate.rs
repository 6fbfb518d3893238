//! Computing an expression, exactly or not at all.

use alloc::string::String;
use core::cmp::Ordering;
use core::fmt::Write as _;

use super::expr::{Expr, Operator};
use super::function::Function;
use crate::{Decimal, Value};

/// An expression that has no value for these inputs. No row was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// A result beyond 64 bits, or beyond 38 digits for decimals.
    #[error("`{operation}` overflows")]
    Overflow {
        /// The operator or function.
        operation: &'static str,
    },
    /// Division by zero.
    #[error("`{operation}` by zero")]
    DivisionByZero {
        /// The operator.
        operation: &'static str,
    },
    /// An operand of a kind that the operation does not take.
    #[error("`{operation}` expected {expected}, found {found}")]
    Type {
        /// The operator or function.
        operation: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What it got.
        found: &'static str,
    },
    /// A number in an event that cannot be kept exactly.
    #[error("the number {text} in `{path}` is beyond 64 bits or 38 digits")]
    Number {
        /// Where in the event.
        path: String,
        /// As it was written.
        text: String,
    },
}

impl<L> Expr<L> {
    /// The value, with `leaf` giving those of the leaves.
    pub(crate) fn evaluate<E: From<EvaluateError>>(
        &self,
        leaf: &mut impl FnMut(&L) -> Result<Value, E>,
    ) -> Result<Value, E> {
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Leaf(place) => leaf(place)?,
            Self::Not(inner) => match truth("NOT", &inner.evaluate(leaf)?)? {
                Some(truth) => Value::Bool(!truth),
                None => Value::Null,
            },
            Self::Negate(inner) => {
                arithmetic(Operator::Subtract, &Value::Int(0), &inner.evaluate(leaf)?)?
            }
            Self::Binary(operator @ (Operator::And | Operator::Or), a, b) => {
                logic(*operator, a, b, leaf)?
            }
            Self::Binary(operator, a, b) => {
                let (mut x, mut y) = (Value::Null, Value::Null);
                let a = a.operand(leaf, &mut x)?;
                binary(*operator, a, b.operand(leaf, &mut y)?)?
            }
            Self::IsNull(inner) => Value::Bool(inner.evaluate(leaf)?.is_null()),
            Self::In(first, rest) => one_of(first, rest, leaf)?,
            Self::Case(arms, otherwise) => {
                for (when, then) in arms {
                    if when.is_true("WHEN", leaf)? {
                        return then.evaluate(leaf);
                    }
                }
                otherwise.evaluate(leaf)?
            }
            Self::Call(Function::Coalesce, arguments) => {
                for argument in arguments {
                    let value = argument.evaluate(leaf)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Value::Null
            }
            Self::Call(function, arguments) => {
                let mut values: [Value; 3] = Default::default();
                for (value, argument) in values.iter_mut().zip(arguments) {
                    *value = argument.evaluate(leaf)?;
                }
                function.call(&values[..arguments.len()])?
            }
        })
    }

    /// The value as something to look at: a literal is not copied for that.
    fn operand<'a, E: From<EvaluateError>>(
        &'a self,
        leaf: &mut impl FnMut(&L) -> Result<Value, E>,
        place: &'a mut Value,
    ) -> Result<&'a Value, E> {
        if let Self::Literal(value) = self {
            return Ok(value);
        }
        *place = self.evaluate(leaf)?;
        Ok(place)
    }

    /// Whether a condition holds: neither false nor NULL.
    pub(crate) fn is_true<E: From<EvaluateError>>(
        &self,
        operation: &'static str,
        leaf: &mut impl FnMut(&L) -> Result<Value, E>,
    ) -> Result<bool, E> {
        Ok(truth(operation, &self.evaluate(leaf)?)?.unwrap_or(false))
    }
}

fn truth(operation: &'static str, value: &Value) -> Result<Option<bool>, EvaluateError> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(truth) => Ok(Some(*truth)),
        Value::Int(number) => Ok(Some(*number != 0)),
        Value::Decimal(number) => Ok(Some(*number != Decimal::ZERO)),
        Value::Text(_) => {
            Err(EvaluateError::Type { operation, expected: "a condition", found: value.kind() })
        }
    }
}

/// `AND` and `OR` with NULL as "unknown". The right side is left alone where the left decides.
fn logic<L, E: From<EvaluateError>>(
    operator: Operator,
    a: &Expr<L>,
    b: &Expr<L>,
    leaf: &mut impl FnMut(&L) -> Result<Value, E>,
) -> Result<Value, E> {
    let decides = operator == Operator::Or;
    let a = truth(operator.symbol(), &a.evaluate(leaf)?)?;
    if a == Some(decides) {
        return Ok(Value::Bool(decides));
    }
    let b = truth(operator.symbol(), &b.evaluate(leaf)?)?;
    Ok(match (a, b) {
        (_, Some(b)) if b == decides => Value::Bool(decides),
        (Some(_), Some(_)) => Value::Bool(!decides),
        _ => Value::Null,
    })
}

fn one_of<L, E: From<EvaluateError>>(
    first: &Expr<L>,
    rest: &[Expr<L>],
    leaf: &mut impl FnMut(&L) -> Result<Value, E>,
) -> Result<Value, E> {
    let first = first.evaluate(leaf)?;
    let mut unknown = first.is_null();
    for candidate in rest {
        let mut place = Value::Null;
        let candidate = candidate.operand(leaf, &mut place)?;
        if candidate.is_null() {
            unknown = true;
        } else if compare(candidate, &first).is_eq() {
            return Ok(Value::Bool(true));
        }
    }
    Ok(if unknown { Value::Null } else { Value::Bool(false) })
}

/// The order of two values in an expression, where a boolean beside a number counts as 0 or 1.
pub(super) fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(_), Value::Int(_) | Value::Decimal(_))
        | (Value::Int(_) | Value::Decimal(_), Value::Bool(_)) => {
            a.as_decimal().cmp(&b.as_decimal())
        }
        _ => a.cmp(b),
    }
}

fn binary(operator: Operator, a: &Value, b: &Value) -> Result<Value, EvaluateError> {
    if a.is_null() || b.is_null() {
        return Ok(Value::Null);
    }
    let compared = |test: fn(Ordering) -> bool| Ok(Value::Bool(test(compare(a, b))));
    match operator {
        Operator::Equal => compared(Ordering::is_eq),
        Operator::NotEqual => compared(Ordering::is_ne),
        Operator::Less => compared(Ordering::is_lt),
        Operator::LessOrEqual => compared(Ordering::is_le),
        Operator::Greater => compared(Ordering::is_gt),
        Operator::GreaterOrEqual => compared(Ordering::is_ge),
        Operator::Concat => {
            let mut text = String::new();
            // Writing to a String cannot fail.
            let _ = write!(text, "{a}{b}");
            Ok(Value::text(&text))
        }
        _ => arithmetic(operator, a, b),
    }
}

/// Integers stay integers, so `7 / 2` is 3; with a decimal on either side the result is one.
pub(crate) fn arithmetic(operator: Operator, a: &Value, b: &Value) -> Result<Value, EvaluateError> {
    if a.is_null() || b.is_null() {
        return Ok(Value::Null);
    }
    let operation = operator.symbol();
    let number = |value: &Value| {
        let found = value.kind();
        value.as_decimal().ok_or(EvaluateError::Type { operation, expected: "a number", found })
    };
    let divides = matches!(operator, Operator::Divide | Operator::Remainder);
    if let (Some(a), Some(b)) = (integer(a), integer(b)) {
        if divides && b == 0 {
            return Err(EvaluateError::DivisionByZero { operation });
        }
        let result = match operator {
            Operator::Add => a.checked_add(b),
            Operator::Subtract => a.checked_sub(b),
            Operator::Multiply => a.checked_mul(b),
            Operator::Divide => a.checked_div(b),
            _ => a.checked_rem(b),
        };
        return result.map(Value::Int).ok_or(EvaluateError::Overflow { operation });
    }
    let (x, y) = (number(a)?, number(b)?);
    if divides && y == Decimal::ZERO {
        return Err(EvaluateError::DivisionByZero { operation });
    }
    let result = match operator {
        Operator::Add => x.checked_add(y),
        Operator::Subtract => x.checked_sub(y),
        Operator::Multiply => x.checked_mul(y),
        Operator::Divide => x.checked_div(y),
        _ => x.checked_rem(y),
    }
    .ok_or(EvaluateError::Overflow { operation })?;
    Ok(Value::Decimal(result))
}

/// The integer a value is; a boolean counts as 0 or 1.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Bool(truth) => Some(i64::from(*truth)),
        Value::Null | Value::Decimal(_) | Value::Text(_) => None,
    }
}
