//! What the values of a column are: checked where it is said, told from the clauses where not.

use super::plan::{Action, Source};
use crate::cell::{Cell, Dictionary};
use crate::sql::{EvaluateError, Expr, Function, Operator};
use crate::{ColumnType, Decimal, Value};

/// The cell as a column of this type has it.
#[inline]
pub(super) fn admit(
    column_type: Option<ColumnType>,
    cell: Cell,
    dictionary: &mut Dictionary,
) -> Result<Cell, EvaluateError> {
    match column_type {
        None => Ok(cell),
        Some(_) if cell.is_null() => Ok(cell),
        Some(ColumnType::Integer) if cell.small_integer().is_some() => Ok(cell),
        Some(ColumnType::Text) if cell.is_text() => Ok(cell),
        Some(ColumnType::Time) if cell.is_moment() => Ok(cell),
        Some(column_type) => admit_value(column_type, cell, dictionary),
    }
}

fn admit_value(
    column_type: ColumnType,
    cell: Cell,
    dictionary: &mut Dictionary,
) -> Result<Cell, EvaluateError> {
    let value = dictionary.value(cell);
    let expected = match (column_type, &value) {
        (ColumnType::Boolean, Value::Bool(_))
        | (ColumnType::Integer, Value::Int(_))
        | (ColumnType::Decimal, Value::Decimal(_)) => return Ok(cell),
        (ColumnType::Decimal, Value::Int(number)) => {
            return Ok(dictionary.cell(&Value::Decimal(Decimal::from(*number))));
        }
        (ColumnType::Time, Value::Text(text)) => {
            if let Ok(time) = text.parse() {
                return Ok(Dictionary::moment(time));
            }
            "a time such as 2026-01-02T03:04:05Z"
        }
        (ColumnType::Boolean, _) => "a boolean",
        (ColumnType::Integer, _) => "an integer",
        (ColumnType::Decimal, _) => "a decimal",
        (ColumnType::Text, _) => "a text",
        (ColumnType::Time, _) => "a time",
    };
    Err(EvaluateError::Type { operation: "type", expected, found: value.kind() })
}

/// What is known of the values of an expression or a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// They are all NULL, so they can be of any type.
    Null,
    /// Those that are not NULL are of this type.
    Of(ColumnType),
    Unknown,
}

impl Kind {
    /// What is known of values that are of the one or of the other.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Null, kind) | (kind, Self::Null) => kind,
            (a, b) if a == b => a,
            _ => Self::Unknown,
        }
    }

    pub(super) const fn column_type(self) -> Option<ColumnType> {
        match self {
            Self::Of(column_type) => Some(column_type),
            Self::Null | Self::Unknown => None,
        }
    }

    pub(super) fn of_cell(cell: Cell, dictionary: &Dictionary) -> Self {
        Self::Of(match dictionary.value(cell) {
            Value::Null => return Self::Null,
            Value::Bool(_) => ColumnType::Boolean,
            Value::Int(_) => ColumnType::Integer,
            Value::Decimal(_) => ColumnType::Decimal,
            Value::Text(_) => ColumnType::Text,
        })
    }

    /// What an expression gives, as far as that does not depend on the event's data and the row.
    pub(super) fn of(expr: &Expr<Source>, dictionary: &Dictionary) -> Self {
        match expr {
            Expr::Leaf(source) => match source {
                Source::Constant(cell) => Self::of_cell(*cell, dictionary),
                Source::Event(field) => Self::Of(field.column_type()),
                Source::ItemIndex => Self::Of(ColumnType::Integer),
                Source::Data(_) | Source::Item(_) | Source::Column(_) | Source::Previous(_) => {
                    Self::Unknown
                }
            },
            Expr::Not(_) | Expr::IsNull(_) | Expr::In(_, _) => Self::Of(ColumnType::Boolean),
            Expr::Negate(inner) => match Self::of(inner, dictionary) {
                number @ (Self::Of(ColumnType::Integer | ColumnType::Decimal) | Self::Null) => {
                    number
                }
                _ => Self::Unknown,
            },
            Expr::Binary(operator, a, b) => {
                Self::of_operator(*operator, Self::of(a, dictionary), Self::of(b, dictionary))
            }
            Expr::Case(arms, otherwise) => {
                arms.iter().fold(Self::of(otherwise, dictionary), |kind, (_, then)| {
                    kind.or(Self::of(then, dictionary))
                })
            }
            Expr::Call(function, arguments) => Self::of_function(*function, arguments, dictionary),
            Expr::Literal(_) => Self::Unknown,
        }
    }

    fn of_function(
        function: Function,
        arguments: &[Expr<Source>],
        dictionary: &Dictionary,
    ) -> Self {
        match function {
            Function::Coalesce => arguments
                .iter()
                .fold(Self::Null, |kind, argument| kind.or(Self::of(argument, dictionary))),
            Function::Instr | Function::Length => Self::Of(ColumnType::Integer),
            Function::Left
            | Function::Lower
            | Function::Replace
            | Function::Right
            | Function::Substr
            | Function::Trim
            | Function::TrimEnd
            | Function::TrimStart
            | Function::Upper => Self::Of(ColumnType::Text),
            _ => Self::Unknown,
        }
    }

    fn of_operator(operator: Operator, a: Self, b: Self) -> Self {
        match operator {
            Operator::Concat => Self::Of(ColumnType::Text),
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder => match (a, b) {
                (Self::Of(ColumnType::Integer), Self::Of(ColumnType::Integer)) => a,
                (
                    Self::Of(ColumnType::Integer | ColumnType::Decimal),
                    Self::Of(ColumnType::Integer | ColumnType::Decimal),
                ) => Self::Of(ColumnType::Decimal),
                _ => Self::Unknown,
            },
            _ => Self::Of(ColumnType::Boolean),
        }
    }

    /// What an action puts into a column that gets values of this kind.
    pub(super) fn after(self, action: Action) -> Self {
        match action {
            Action::Append(_) => Self::Of(ColumnType::Text),
            // The first sum begins at the integer 0, and what is there before is not known here.
            Action::Add if self != Self::Of(ColumnType::Integer) => Self::Unknown,
            _ => self,
        }
    }
}
