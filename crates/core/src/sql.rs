//! The part of SQL that views are written in: scalar expressions and one form of `SELECT`.
//!
//! Text becomes an [`Expr`] over [`Leaf`]s; whoever knows the columns turns the leaves into places
//! of values, and [`Expr::evaluate`] does the rest. What is outside the subset is refused with its
//! name and its place.

mod call;
mod evaluate;
mod expr;
mod function;
mod lexer;
mod parser;
mod select;

use alloc::string::{String, ToString as _};

pub use evaluate::EvaluateError;
pub(crate) use evaluate::{Scope, binary};
pub(crate) use expr::{Aggregate, Expr, Leaf, Name, Operator, Step};
pub(crate) use function::Function;
pub(crate) use parser::parse_expr;
pub(crate) use select::{Item, Select, SortTerm, Source, Statement, parse_order, parse_select};

/// An expression or a `SELECT` that cannot be used. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {offset}")]
pub struct SqlError {
    /// Bytes from the start of the text.
    pub offset: usize,
    /// What is wrong there.
    pub problem: SqlProblem,
}

/// What is wrong with an SQL text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqlProblem {
    /// The grammar wants something else here.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What may stand there.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// SQL, but not a part of it that views can use.
    #[error("{construct} is not supported")]
    Unsupported {
        /// Its name.
        construct: String,
    },
    /// No column of this name.
    #[error("no column `{name}`; there are {known}")]
    UnknownColumn {
        /// The name as it was written.
        name: String,
        /// The columns that exist.
        known: String,
    },
    /// A query over a view that is not there.
    #[error("no view `{name}`; there are {known}")]
    UnknownView {
        /// The name.
        name: String,
        /// The views that it could read.
        known: String,
    },
    /// Queries that read each other in a circle.
    #[error("it reads itself: {path}")]
    Cycle {
        /// The way round, such as `a → b → a`.
        path: String,
    },
    /// A name that columns of several views have.
    #[error("column `{name}` is in several views; write it with the name of one")]
    Ambiguous {
        /// The name as it was written.
        name: String,
    },
    /// Two views that names would be qualified with in the same way.
    #[error("a second view called `{name}`; give it another name with AS")]
    SameQualifier {
        /// The name.
        name: String,
    },
    /// Parts of a UNION ALL that do not have the same number of columns.
    #[error("expected {expected} columns as in the first SELECT, found {found}")]
    Columns {
        /// How many the first has.
        expected: usize,
        /// How many this one has.
        found: usize,
    },
    /// Two columns of one name.
    #[error("a second column `{name}`; name one of them with AS")]
    DuplicateColumn {
        /// The name.
        name: String,
    },
    /// A column that is neither grouped by nor inside an aggregate.
    #[error("column `{name}` must be in GROUP BY or inside an aggregate")]
    NotGrouped {
        /// The column.
        name: String,
    },
    /// A function with too few or too many arguments.
    #[error("{function} takes {expected}, found {found}")]
    Arguments {
        /// The function.
        function: &'static str,
        /// How many it takes.
        expected: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A number that cannot be kept exactly.
    #[error("the number {text} is beyond 64 bits or 38 digits, 18 of them after the point")]
    Number {
        /// As it was written.
        text: String,
    },
    /// Parentheses, CASEs or operators nested without end.
    #[error("nested deeper than {limit}")]
    TooDeep {
        /// How deep they may be.
        limit: usize,
    },
}

impl SqlError {
    pub(crate) fn unsupported(construct: impl Into<String>, offset: usize) -> Self {
        Self { offset, problem: SqlProblem::Unsupported { construct: construct.into() } }
    }

    pub(crate) fn unknown_column(name: &Name, known: &[String]) -> Self {
        let known = if known.is_empty() { "none".into() } else { known.join(", ") };
        let problem = SqlProblem::UnknownColumn { name: name.to_string(), known };
        Self { offset: name.offset, problem }
    }
}

#[cfg(test)]
mod tests;
