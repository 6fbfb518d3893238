//! Calls: what stands in the parentheses after a name.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::expr::{Aggregate, Expr, Leaf};
use super::function::{Function, Kind, Span, Unit};
use super::lexer::Kind as Token;
use super::parser::Parser;
use super::{SqlError, SqlProblem};
use crate::Value;

/// The most windows of one length that a moment may lie in.
const MOST_WINDOWS: i64 = 1_000;

impl Parser<'_> {
    /// The call of `word`, which stands at `offset`; the opening parenthesis is taken.
    #[inline(never)]
    pub(super) fn call(&mut self, word: &str, offset: usize) -> Result<Expr<Leaf>, SqlError> {
        let expr = match word.to_ascii_lowercase().as_str() {
            "avg" => self.aggregate(Aggregate::Average, offset),
            "count" => self.aggregate(Aggregate::Count, offset),
            "sum" => self.aggregate(Aggregate::Sum, offset),
            name @ ("min" | "max") => self.extreme(name == "min", offset),
            "cast" => self.cast(),
            "extract" => self.extract(),
            "position" => self.position(),
            "iif" => {
                let [when, then, otherwise] = self.arguments("iif", "3 arguments", offset)?;
                Ok(Expr::Case(vec![(when, then)], Box::new(otherwise)))
            }
            "date_part" | "date_trunc" => self.date_call(word, offset),
            "tumble" | "hop" => self.window(word, offset),
            _ => self.function(word, offset),
        }?;
        self.refuse(&["OVER", "FILTER", "WITHIN"])?;
        Ok(expr)
    }

    #[inline(never)]
    fn function(&mut self, word: &str, offset: usize) -> Result<Expr<Leaf>, SqlError> {
        let Some(function) = Function::find(word) else {
            return Err(SqlError::unsupported(format!("the function `{word}`"), offset));
        };
        self.refuse(&["DISTINCT"])?;
        let arguments = if self.take_symbol(")") { Vec::new() } else { self.list()? };
        let (fewest, most, expected) = function.arguments();
        if !(fewest..=most).contains(&arguments.len()) {
            return Err(miscounted(function.name(), expected, arguments.len(), offset));
        }
        Ok(Expr::Call(function, arguments))
    }

    fn arguments<const N: usize>(
        &mut self,
        function: &'static str,
        expected: &'static str,
        offset: usize,
    ) -> Result<[Expr<Leaf>; N], SqlError> {
        let arguments = if self.take_symbol(")") { Vec::new() } else { self.list()? };
        let found = arguments.len();
        arguments.try_into().map_err(|_| miscounted(function, expected, found, offset))
    }

    fn aggregate(&mut self, aggregate: Aggregate, offset: usize) -> Result<Expr<Leaf>, SqlError> {
        let mut aggregate = aggregate;
        let argument = if aggregate == Aggregate::Count && self.take_symbol("*") {
            None
        } else {
            if self.is_word("DISTINCT") {
                if aggregate != Aggregate::Count {
                    let construct = format!("{}(DISTINCT …)", aggregate.name());
                    return Err(SqlError::unsupported(construct, offset));
                }
                self.advance();
                aggregate = Aggregate::CountDistinct;
            }
            Some(Box::new(self.expr()?))
        };
        self.expect_symbol(")", "`)`")?;
        Ok(Expr::Leaf(Leaf::Aggregate(aggregate, argument, offset)))
    }

    /// `min` and `max`: of one argument over rows, of several within one.
    fn extreme(&mut self, is_least: bool, offset: usize) -> Result<Expr<Leaf>, SqlError> {
        // The least of distinct values is the least of all.
        self.take_word("DISTINCT");
        let mut arguments = self.list()?;
        if arguments.len() == 1 {
            let aggregate = if is_least { Aggregate::Min } else { Aggregate::Max };
            let argument = arguments.pop().map(Box::new);
            return Ok(Expr::Leaf(Leaf::Aggregate(aggregate, argument, offset)));
        }
        let function = if is_least { Function::Least } else { Function::Greatest };
        let (_, most, expected) = function.arguments();
        if arguments.len() > most {
            return Err(miscounted(function.name(), expected, arguments.len(), offset));
        }
        Ok(Expr::Call(function, arguments))
    }

    fn cast(&mut self) -> Result<Expr<Leaf>, SqlError> {
        let expr = self.expr()?;
        self.expect_word("AS")?;
        let offset = self.offset();
        let name = self.identifier("a type")?;
        let Some(kind) = Kind::find(&name) else {
            return Err(SqlError::unsupported(format!("CAST AS {name}"), offset));
        };
        if self.is_symbol("(") {
            return Err(SqlError::unsupported(format!("CAST AS {name}(…)"), offset));
        }
        self.expect_symbol(")", "`)`")?;
        Ok(Expr::Call(Function::Cast(kind), vec![expr]))
    }

    /// `extract(year FROM t)`.
    fn extract(&mut self) -> Result<Expr<Leaf>, SqlError> {
        let offset = self.offset();
        let name = self.identifier("a part of a date")?;
        self.expect_word("FROM")?;
        let moment = self.expr()?;
        self.expect_symbol(")", "`)`")?;
        let unit = unit(&name, Unit::is_part, offset)?;
        Ok(Expr::Call(Function::DatePart(unit), vec![moment]))
    }

    /// `position(part IN text)`.
    fn position(&mut self) -> Result<Expr<Leaf>, SqlError> {
        let part = self.sum()?;
        self.expect_word("IN")?;
        let text = self.sum()?;
        self.expect_symbol(")", "`)`")?;
        Ok(Expr::Call(Function::Instr, vec![text, part]))
    }

    fn date_call(&mut self, word: &str, offset: usize) -> Result<Expr<Leaf>, SqlError> {
        let place = self.offset();
        let truncates = word.eq_ignore_ascii_case("date_trunc");
        let name = if truncates { "date_trunc" } else { "date_part" };
        let [part, moment] = self.arguments(name, "2 arguments", offset)?;
        let Expr::Literal(Value::Text(part)) = part else {
            let construct = format!("{name} of anything but a part in quotes, such as 'hour',");
            return Err(SqlError::unsupported(construct, place));
        };
        let function = if truncates {
            Function::DateTrunc(unit(&part, Unit::truncates, place)?)
        } else {
            Function::DatePart(unit(&part, Unit::is_part, place)?)
        };
        Ok(Expr::Call(function, vec![moment]))
    }

    /// `tumble(t, '1 minute')` or `hop(t, '1 minute', '5 minutes')`.
    fn window(&mut self, word: &str, offset: usize) -> Result<Expr<Leaf>, SqlError> {
        let moment = self.expr()?;
        self.expect_symbol(",", "`,`")?;
        let first = self.length()?;
        if word.eq_ignore_ascii_case("tumble") {
            self.expect_symbol(")", "`)`")?;
            return Ok(Expr::Call(Function::Tumble(first), vec![moment]));
        }
        self.expect_symbol(",", "`,`")?;
        let size = self.length()?;
        self.expect_symbol(")", "`)`")?;
        let windows = size.micros() / first.micros();
        if size.micros() % first.micros() != 0 || windows > MOST_WINDOWS {
            let construct = "hop with a size that is not 1 to 1000 times its step";
            return Err(SqlError::unsupported(construct, offset));
        }
        Ok(Expr::Call(Function::Hop { slide: first, size }, vec![moment]))
    }

    /// A length of time above zero.
    fn length(&mut self) -> Result<Span, SqlError> {
        self.span(|span| (span.micros() > 0).then_some(span))
    }

    /// `INTERVAL '5 minutes'`, the word of which may be left out, as what `wanted` makes of it.
    pub(super) fn span(&mut self, wanted: fn(Span) -> Option<Span>) -> Result<Span, SqlError> {
        self.take_word("INTERVAL");
        let span = match self.peek() {
            Token::Text(text) => Span::parse(text).and_then(wanted),
            _ => None,
        };
        let span = span.ok_or_else(|| not_a_span(self.peek(), self.offset()))?;
        self.advance();
        Ok(span)
    }
}

fn unit(name: &str, is_known: fn(Unit) -> bool, offset: usize) -> Result<Unit, SqlError> {
    let unit = Unit::find(name).filter(|unit| is_known(*unit));
    unit.ok_or_else(|| SqlError::unsupported(format!("the part `{name}` of a date"), offset))
}

fn miscounted(
    function: &'static str,
    expected: &'static str,
    found: usize,
    offset: usize,
) -> SqlError {
    SqlError { offset, problem: SqlProblem::Arguments { function, expected, found } }
}

/// A text at `offset` that is no length of time, or none that fits here.
fn not_a_span(found: &Token, offset: usize) -> SqlError {
    let expected = "a length of time such as '5 minutes' or '1 hour 30 seconds'";
    SqlError { offset, problem: SqlProblem::Unexpected { expected, found: found.describe() } }
}
