//! The condition of a query, in parts that an index may serve.

use alloc::string::String;
use alloc::vec::Vec;

use super::interval::Intervals;
use crate::cell::{Cell, Dictionary};
pub(super) use crate::query::Operand;
use crate::query::RowScope;
use crate::sql::{EvaluateError, Expr, Function, Leaf, Name, Operator, SqlError, Step};
use crate::{Value, sql};

/// Conditions that must all hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) parts: Vec<Part>,
}

#[derive(Debug, Clone)]
pub(super) struct Part {
    expr: Expr<Operand>,
    /// If it is about one column alone, what it says of that.
    on: Option<On>,
}

/// What a condition says of a column.
#[derive(Debug, Clone)]
struct On {
    column: usize,
    /// The values for which it holds.
    intervals: Intervals,
    /// Whether it holds for all of them. If not, the rows must be looked at.
    is_exact: bool,
}

impl Filter {
    /// Compiles a condition over the columns of a view.
    pub(super) fn new(
        text: &str,
        view: &str,
        columns: &[String],
        dictionary: &mut Dictionary,
    ) -> Result<Self, SqlError> {
        let parsed = sql::parse_expr(text)?;
        let bound = parsed.try_map(&mut |node| match node {
            Expr::Literal(value) => Ok(Some(Expr::Leaf(Operand::Constant(dictionary.cell(value))))),
            Expr::Leaf(Leaf::Name(name)) => {
                column(name, view, columns).map(|column| Some(Expr::Leaf(Operand::Column(column))))
            }
            Expr::Leaf(Leaf::Aggregate(_, _, offset)) => {
                Err(SqlError::unsupported("an aggregate here", *offset))
            }
            Expr::Call(Function::Hop { .. }, _) => {
                Err(SqlError::unsupported("hop outside of GROUP BY", 0))
            }
            _ => Ok(None),
        })?;
        let mut parts = Vec::new();
        split(bound, dictionary, &mut parts);
        Ok(Self { parts })
    }

    /// For which values of a column all parts hold that are about it alone, if some are.
    pub(super) fn of_column(&self, column: usize, dictionary: &Dictionary) -> Option<Intervals> {
        let on = self.parts.iter().filter_map(|part| part.on.as_ref());
        let all = on.filter(|on| on.column == column).map(|on| on.intervals.clone());
        all.reduce(|a, b| a.and(&b, dictionary))
    }

    /// The numbers of the parts that hold for a row if one of these columns has the right value.
    pub(super) fn numbers(&self, columns: &[usize]) -> impl Iterator<Item = usize> {
        let is_on = |on: &On| on.is_exact && columns.contains(&on.column);
        let parts = self.parts.iter().enumerate();
        parts.filter(move |(_, part)| part.on.as_ref().is_some_and(is_on)).map(|(number, _)| number)
    }

    /// Whether a row passes all parts but those with these numbers.
    pub(super) fn passes(
        &self,
        row: &[Cell],
        served: &[usize],
        dictionary: &mut Dictionary,
    ) -> Result<bool, EvaluateError> {
        let mut scope = RowScope { row, dictionary };
        for (number, part) in self.parts.iter().enumerate() {
            if !served.contains(&number) && !part.expr.is_true("WHERE", &mut scope)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The column that a name means: as it is written or, failing that, whatever the case of its
/// letters.
pub(super) fn column(name: &Name, view: &str, columns: &[String]) -> Result<usize, SqlError> {
    let field = match name.steps.as_slice() {
        [Step::Field(field)] => Some(field),
        [Step::Field(of), Step::Field(field)] if of.eq_ignore_ascii_case(view) => Some(field),
        _ => None,
    };
    let exact = |field: &&String| columns.iter().position(|column| column == *field);
    let any_case =
        |field: &String| columns.iter().position(|column| column.eq_ignore_ascii_case(field));
    field
        .and_then(|field| exact(&field).or_else(|| any_case(field)))
        .ok_or_else(|| SqlError::unknown_column(name, columns))
}

fn split(expr: Expr<Operand>, dictionary: &mut Dictionary, parts: &mut Vec<Part>) {
    match expr {
        Expr::Binary(Operator::And, a, b) => {
            split(*a, dictionary, parts);
            split(*b, dictionary, parts);
        }
        expr => {
            let on = served(&expr, dictionary);
            parts.push(Part { expr, on });
        }
    }
}

/// What a condition says of a column, if it is about one.
fn served(expr: &Expr<Operand>, dictionary: &mut Dictionary) -> Option<On> {
    match expr {
        Expr::Binary(operator @ (Operator::And | Operator::Or), a, b) => {
            let (a, b) = (served(a, dictionary)?, served(b, dictionary)?);
            let intervals = match operator {
                Operator::And => a.intervals.and(&b.intervals, dictionary),
                _ => a.intervals.or(b.intervals, dictionary),
            };
            let is_exact = a.is_exact && b.is_exact;
            (a.column == b.column).then_some(On { column: a.column, intervals, is_exact })
        }
        Expr::Call(Function::Like, arguments) => like(arguments, dictionary),
        _ => {
            let (column, intervals) = compared(expr, dictionary)?;
            Some(On { column, intervals, is_exact: true })
        }
    }
}

fn compared(expr: &Expr<Operand>, dictionary: &mut Dictionary) -> Option<(usize, Intervals)> {
    match expr {
        Expr::Binary(Operator::Equal, a, b) if matches!(**a, Expr::Call(..)) => {
            prefix(a, b, dictionary)
        }
        Expr::Binary(operator, a, b) => {
            let (column, operator, other) = match (column_of(a), column_of(b)) {
                (Some(column), None) => (column, *operator, b),
                (None, Some(column)) => (column, mirrored(*operator)?, a),
                _ => return None,
            };
            let constant = constant(other, dictionary)?;
            Some((column, Intervals::compared(operator, constant, dictionary)?))
        }
        Expr::In(first, rest) => {
            let column = column_of(first)?;
            let mut any = Intervals(Vec::new());
            for expr in rest {
                let constant = constant(expr, dictionary)?;
                let equal = Intervals::compared(Operator::Equal, constant, dictionary)?;
                any = any.or(equal, dictionary);
            }
            Some((column, any))
        }
        Expr::IsNull(inner) => Some((column_of(inner)?, Intervals::null(true))),
        Expr::Not(inner) => match &**inner {
            Expr::IsNull(inner) => Some((column_of(inner)?, Intervals::null(false))),
            _ => None,
        },
        _ => None,
    }
}

fn column_of(expr: &Expr<Operand>) -> Option<usize> {
    match expr {
        Expr::Leaf(Operand::Column(column)) => Some(*column),
        _ => None,
    }
}

/// `substr(column, 1, n) = text` or `left(column, n) = text`, where the text has n characters.
fn prefix(
    call: &Expr<Operand>,
    text: &Expr<Operand>,
    dictionary: &mut Dictionary,
) -> Option<(usize, Intervals)> {
    let Expr::Call(function, arguments) = call else { return None };
    let (column, count) = match (function, arguments.as_slice()) {
        (Function::Left, [column, count]) => (column, count),
        (Function::Substr, [column, first, count])
            if constant(first, dictionary)?.small_integer() == Some(1) =>
        {
            (column, count)
        }
        _ => return None,
    };
    let (column, count) = (column_of(column)?, constant(count, dictionary)?);
    let text = constant(text, dictionary)?;
    let Value::Text(text) = dictionary.value(text) else { return None };
    let is_prefix = count.small_integer() == i64::try_from(text.chars().count()).ok();
    is_prefix.then(|| (column, Intervals::prefixed(&text, dictionary)))
}

/// `column LIKE pattern`: what stands before the pattern's first wildcard is a prefix, in whatever
/// case its letters are.
fn like(arguments: &[Expr<Operand>], dictionary: &mut Dictionary) -> Option<On> {
    const MOST: usize = 64;
    let [column, pattern] = arguments else { return None };
    let column = column_of(column)?;
    let pattern = constant(pattern, dictionary)?;
    let Value::Text(pattern) = dictionary.value(pattern) else { return None };
    let mut prefixes = alloc::vec![String::new()];
    for letter in pattern.chars().take_while(|letter| !matches!(letter, '%' | '_')) {
        let (lower, upper) = (letter.to_ascii_lowercase(), letter.to_ascii_uppercase());
        let cases = if lower == upper { &[lower][..] } else { &[lower, upper] };
        if prefixes.len() * cases.len() > MOST {
            break;
        }
        let with = |prefix: &String, letter: char| alloc::format!("{prefix}{letter}");
        let all = prefixes.iter().flat_map(|prefix| cases.iter().map(|case| with(prefix, *case)));
        prefixes = all.collect();
    }
    if prefixes.iter().any(String::is_empty) {
        return None;
    }
    let mut any = Intervals(Vec::new());
    for prefix in &prefixes {
        let with = Intervals::prefixed(prefix, dictionary);
        any = any.or(with, dictionary);
    }
    Some(On { column, intervals: any, is_exact: false })
}

/// The operator that says the same with its sides exchanged.
const fn mirrored(operator: Operator) -> Option<Operator> {
    Some(match operator {
        Operator::Equal | Operator::NotEqual => operator,
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        _ => return None,
    })
}

/// The value of an expression that reads no column.
fn constant(expr: &Expr<Operand>, dictionary: &mut Dictionary) -> Option<Cell> {
    let mut reads_row = false;
    expr.for_each_leaf(&mut |leaf| reads_row |= matches!(leaf, Operand::Column(_)));
    if reads_row {
        return None;
    }
    expr.evaluate(&mut RowScope { row: &[], dictionary }).ok()
}
