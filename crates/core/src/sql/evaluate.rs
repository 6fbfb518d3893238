//! Computing an expression, exactly or not at all.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::expr::{Expr, Operator};
use super::function::{Function, fits};
use crate::cell::{Cell, Dictionary};
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
    /// A text that cannot be read as what the operation takes.
    #[error("`{operation}` expected {expected}, found '{text}'")]
    Text {
        /// The operator or function.
        operation: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What it got, or its beginning.
        text: String,
    },
    /// A text longer than expressions may make.
    #[error("`{operation}` makes a text of more than {limit} bytes")]
    TooLong {
        /// The operator or function.
        operation: &'static str,
        /// The most bytes.
        limit: usize,
    },
    /// A number in an event that cannot be kept exactly.
    #[error(
        "the number {text} in `{path}` is beyond 64 bits or 38 digits, 18 of them after the point"
    )]
    Number {
        /// Where in the event.
        path: String,
        /// As it was written.
        text: String,
    },
}

/// Where an expression gets the values of its leaves from.
pub(crate) trait Scope<L> {
    /// The value of a leaf.
    fn leaf(&mut self, leaf: &L) -> Result<Cell, EvaluateError>;

    /// What the cells stand for.
    fn dictionary(&mut self) -> &mut Dictionary;
}

impl<L> Expr<L> {
    /// The value.
    pub(crate) fn evaluate(&self, scope: &mut impl Scope<L>) -> Result<Cell, EvaluateError> {
        Ok(match self {
            Self::Literal(value) => scope.dictionary().cell(value),
            Self::Leaf(place) => scope.leaf(place)?,
            Self::Not(inner) => {
                let value = inner.evaluate(scope)?;
                truth("NOT", value, scope.dictionary())?.map_or(Cell::NULL, |truth| (!truth).into())
            }
            Self::Negate(inner) => {
                let value = inner.evaluate(scope)?;
                let zero = scope.dictionary().integer(0);
                binary(Operator::Subtract, zero, value, scope.dictionary())?
            }
            Self::Binary(operator @ (Operator::And | Operator::Or), a, b) => {
                logic(*operator, a, b, scope)?
            }
            Self::Binary(operator, a, b) => {
                let (a, b) = (a.evaluate(scope)?, b.evaluate(scope)?);
                binary(*operator, a, b, scope.dictionary())?
            }
            Self::IsNull(inner) => inner.evaluate(scope)?.is_null().into(),
            Self::In(first, rest) => one_of(first, rest, scope)?,
            Self::Case(arms, otherwise) => {
                for (when, then) in arms {
                    if when.is_true("WHEN", scope)? {
                        return then.evaluate(scope);
                    }
                }
                otherwise.evaluate(scope)?
            }
            Self::Call(Function::Coalesce, arguments) => {
                for argument in arguments {
                    let value = argument.evaluate(scope)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Cell::NULL
            }
            Self::Call(function, arguments) => {
                if let [argument] = arguments.as_slice() {
                    let value = argument.evaluate(scope)?;
                    return function.call(&[value], scope.dictionary());
                }
                let values: Vec<Cell> = arguments
                    .iter()
                    .map(|argument| argument.evaluate(scope))
                    .collect::<Result<_, _>>()?;
                function.call(&values, scope.dictionary())?
            }
        })
    }

    /// Whether a condition holds: neither false nor NULL.
    #[inline]
    pub(crate) fn is_true(
        &self,
        operation: &'static str,
        scope: &mut impl Scope<L>,
    ) -> Result<bool, EvaluateError> {
        let value = self.evaluate(scope)?;
        Ok(truth(operation, value, scope.dictionary())?.unwrap_or(false))
    }
}

fn truth(
    operation: &'static str,
    cell: Cell,
    dictionary: &Dictionary,
) -> Result<Option<bool>, EvaluateError> {
    match cell {
        Cell::NULL => return Ok(None),
        Cell::TRUE => return Ok(Some(true)),
        Cell::FALSE => return Ok(Some(false)),
        _ => {}
    }
    match dictionary.value(cell) {
        Value::Null => Ok(None),
        Value::Bool(truth) => Ok(Some(truth)),
        Value::Int(number) => Ok(Some(number != 0)),
        Value::Decimal(number) => Ok(Some(number != Decimal::ZERO)),
        value @ Value::Text(_) => {
            Err(EvaluateError::Type { operation, expected: "a condition", found: value.kind() })
        }
    }
}

/// `AND` and `OR` with NULL as "unknown". The right side is left alone where the left decides.
fn logic<L>(
    operator: Operator,
    a: &Expr<L>,
    b: &Expr<L>,
    scope: &mut impl Scope<L>,
) -> Result<Cell, EvaluateError> {
    let decides = operator == Operator::Or;
    let a = a.evaluate(scope)?;
    let a = truth(operator.symbol(), a, scope.dictionary())?;
    if a == Some(decides) {
        return Ok(decides.into());
    }
    let b = b.evaluate(scope)?;
    let b = truth(operator.symbol(), b, scope.dictionary())?;
    Ok(match (a, b) {
        (_, Some(b)) if b == decides => decides.into(),
        (Some(_), Some(_)) => (!decides).into(),
        _ => Cell::NULL,
    })
}

fn one_of<L>(
    first: &Expr<L>,
    rest: &[Expr<L>],
    scope: &mut impl Scope<L>,
) -> Result<Cell, EvaluateError> {
    let first = first.evaluate(scope)?;
    let mut unknown = first.is_null();
    for candidate in rest {
        let candidate = candidate.evaluate(scope)?;
        if candidate.is_null() {
            unknown = true;
        } else if binary(Operator::Equal, first, candidate, scope.dictionary())? == Cell::TRUE {
            return Ok(Cell::TRUE);
        }
    }
    Ok(if unknown { Cell::NULL } else { Cell::FALSE })
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

/// What an operator other than `AND` and `OR` makes of two values.
pub(crate) fn binary(
    operator: Operator,
    a: Cell,
    b: Cell,
    dictionary: &mut Dictionary,
) -> Result<Cell, EvaluateError> {
    if a.is_null() || b.is_null() {
        return Ok(Cell::NULL);
    }
    if let (Some(x), Some(y)) = (a.small_integer(), b.small_integer()) {
        return match operator.comparison() {
            Some(holds) => Ok(holds(x.cmp(&y)).into()),
            None if operator == Operator::Concat => Ok(dictionary.text(&format!("{x}{y}"))),
            None => Ok(dictionary.integer(whole(operator, x, y)?)),
        };
    }
    let Some(holds) = operator.comparison() else {
        let (a, b) = (dictionary.value(a), dictionary.value(b));
        let result = match operator {
            Operator::Concat => {
                let joined = format!("{a}{b}");
                fits("||", joined.len())?;
                Value::text(&joined)
            }
            _ => arithmetic(operator, &a, &b)?,
        };
        return Ok(dictionary.cell(&result));
    };
    if a.is_text() && b.is_text() {
        return Ok(match operator {
            // One text has one cell.
            Operator::Equal => a == b,
            Operator::NotEqual => a != b,
            _ => holds(dictionary.compare(a, b)),
        }
        .into());
    }
    Ok(holds(compare(&dictionary.value(a), &dictionary.value(b))).into())
}

fn whole(operator: Operator, a: i64, b: i64) -> Result<i64, EvaluateError> {
    let operation = operator.symbol();
    if b == 0 && matches!(operator, Operator::Divide | Operator::Remainder) {
        return Err(EvaluateError::DivisionByZero { operation });
    }
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide => a.checked_div(b),
        _ => a.checked_rem(b),
    };
    result.ok_or(EvaluateError::Overflow { operation })
}

/// Integers stay integers, so `7 / 2` is 3; with a decimal on either side the result is one.
pub(super) fn arithmetic(operator: Operator, a: &Value, b: &Value) -> Result<Value, EvaluateError> {
    let operation = operator.symbol();
    let number = |value: &Value| {
        let found = value.kind();
        value.as_decimal().ok_or(EvaluateError::Type { operation, expected: "a number", found })
    };
    if let (Some(a), Some(b)) = (integer(a), integer(b)) {
        return whole(operator, a, b).map(Value::Int);
    }
    let (x, y) = (number(a)?, number(b)?);
    if y == Decimal::ZERO && matches!(operator, Operator::Divide | Operator::Remainder) {
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
