//! The form of `SELECT` that derived views are.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::SqlError;
use super::expr::{Expr, Leaf};
use super::parser::Parser;

/// `SELECT … UNION ALL SELECT … ORDER BY … LIMIT …`.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// One, or those that UNION ALL puts together.
    pub(crate) selects: Vec<Select>,
    pub(crate) order: Vec<SortTerm>,
    pub(crate) limit: Option<u64>,
}

/// `SELECT items FROM source JOIN … WHERE … GROUP BY … HAVING … QUALIFY …`.
#[derive(Debug, Clone)]
pub(crate) struct Select {
    /// Where it stands.
    pub(crate) offset: usize,
    pub(crate) is_distinct: bool,
    pub(crate) items: Vec<Item>,
    pub(crate) from: Source,
    pub(crate) joins: Vec<JoinClause>,
    pub(crate) filter: Option<Expr<Leaf>>,
    pub(crate) group: Vec<Expr<Leaf>>,
    pub(crate) having: Option<Expr<Leaf>>,
    pub(crate) qualify: Option<Qualify>,
}

/// A view that is read.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) view: String,
    /// What names may be qualified with: the alias or the view's name.
    pub(crate) qualifier: String,
    /// Where its name stands.
    pub(crate) offset: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct JoinClause {
    pub(crate) source: Source,
    /// Whether rows of the left side that match nothing stay.
    pub(crate) is_left: bool,
    pub(crate) on: Expr<Leaf>,
}

/// `QUALIFY ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) <= limit`.
#[derive(Debug, Clone)]
pub(crate) struct Qualify {
    pub(crate) partition: Vec<Expr<Leaf>>,
    pub(crate) order: Vec<SortTerm>,
    pub(crate) limit: u64,
}

/// What to sort by.
#[derive(Debug, Clone)]
pub(crate) struct SortTerm {
    pub(crate) expr: Expr<Leaf>,
    pub(crate) is_downwards: bool,
    pub(crate) offset: usize,
}

/// An entry of the list after `SELECT`.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    /// `*` or `view.*`, and where it stands.
    Everything(Option<String>, usize),
    Column {
        expr: Expr<Leaf>,
        /// The alias or, without one, the expression as it was written.
        name: String,
        offset: usize,
    },
}

pub(crate) fn parse_select(text: &str) -> Result<Statement, SqlError> {
    let mut parser = Parser::new(text)?;
    parser.refuse(&["WITH", "VALUES"])?;
    let mut selects = vec![select(&mut parser)?];
    while parser.is_word("UNION") {
        let offset = parser.offset();
        parser.advance();
        if !parser.take_word("ALL") {
            return Err(SqlError::unsupported("UNION without ALL", offset));
        }
        selects.push(select(&mut parser)?);
    }
    parser.refuse(&["INTERSECT", "EXCEPT"])?;
    let order = if parser.take_word("ORDER") { sort_terms(&mut parser)? } else { Vec::new() };
    let limit = if parser.take_word("LIMIT") { Some(limit(&mut parser)?) } else { None };
    parser.refuse(&["OFFSET", "UNION", "INTERSECT", "EXCEPT", "FETCH", "FOR"])?;
    parser.end()?;
    Ok(Statement { selects, order, limit })
}

fn select(parser: &mut Parser<'_>) -> Result<Select, SqlError> {
    let offset = parser.offset();
    if parser.is_symbol("(") {
        return Err(SqlError::unsupported("a SELECT in parentheses", offset));
    }
    parser.expect_word("SELECT")?;
    let is_distinct = parser.take_word("DISTINCT");
    parser.refuse(&["ALL", "ON", "TOP"])?;
    let mut items = Vec::new();
    loop {
        items.push(item(parser)?);
        if !parser.take_symbol(",") {
            break;
        }
    }
    parser.expect_word("FROM")?;
    let from = source(parser)?;
    let joins = joins(parser)?;
    let filter = if parser.take_word("WHERE") { Some(parser.expr()?) } else { None };
    let group = if parser.take_word("GROUP") { terms(parser, "GROUP BY")? } else { Vec::new() };
    let having = if parser.take_word("HAVING") { Some(parser.expr()?) } else { None };
    parser.refuse(&["WINDOW"])?;
    let qualify = if parser.take_word("QUALIFY") { Some(qualify(parser)?) } else { None };
    Ok(Select { offset, is_distinct, items, from, joins, filter, group, having, qualify })
}

fn source(parser: &mut Parser<'_>) -> Result<Source, SqlError> {
    if parser.is_symbol("(") {
        return Err(SqlError::unsupported("a subquery", parser.offset()));
    }
    let offset = parser.offset();
    let view = parser.identifier("the name of a view")?;
    let qualifier = if parser.take_word("AS") {
        parser.identifier("an alias")?
    } else {
        parser.identifier("").unwrap_or_else(|_| view.clone())
    };
    if parser.is_symbol(",") {
        return Err(SqlError::unsupported("a list of views in FROM", parser.offset()));
    }
    Ok(Source { view, qualifier, offset })
}

fn joins(parser: &mut Parser<'_>) -> Result<Vec<JoinClause>, SqlError> {
    let mut joins = Vec::new();
    loop {
        parser.refuse(&["RIGHT", "FULL", "CROSS", "NATURAL"])?;
        let is_left = parser.take_word("LEFT");
        if is_left {
            parser.take_word("OUTER");
        }
        if is_left || parser.take_word("INNER") {
            parser.expect_word("JOIN")?;
        } else if !parser.take_word("JOIN") {
            return Ok(joins);
        }
        let source = source(parser)?;
        parser.refuse(&["USING"])?;
        parser.expect_word("ON")?;
        joins.push(JoinClause { source, is_left, on: parser.expr()? });
    }
}

fn item(parser: &mut Parser<'_>) -> Result<Item, SqlError> {
    let offset = parser.offset();
    if parser.take_symbol("*") {
        return Ok(Item::Everything(None, offset));
    }
    if let Some(view) = parser.take_all_of() {
        return Ok(Item::Everything(Some(view), offset));
    }
    let expr = parser.expr()?;
    let written = parser.text[offset..parser.offset()].trim_end();
    let name = if parser.take_word("AS") {
        parser.identifier("an alias")?
    } else if let Expr::Leaf(Leaf::Name(name)) = &expr
        && let Some(super::Step::Field(last)) = name.steps.last()
    {
        last.clone()
    } else {
        written.into()
    };
    Ok(Item::Column { expr, name, offset })
}

fn qualify(parser: &mut Parser<'_>) -> Result<Qualify, SqlError> {
    let offset = parser.offset();
    let form = "QUALIFY by anything but ROW_NUMBER() OVER (…) <= number";
    if !parser.is_word("ROW_NUMBER") {
        return Err(SqlError::unsupported(form, offset));
    }
    parser.advance();
    parser.expect_symbol("(", "`(`")?;
    parser.expect_symbol(")", "`)`")?;
    parser.expect_word("OVER")?;
    parser.expect_symbol("(", "`(`")?;
    let partition =
        if parser.take_word("PARTITION") { terms(parser, "PARTITION BY")? } else { Vec::new() };
    parser.expect_word("ORDER")?;
    let order = sort_terms(parser)?;
    parser.refuse(&["ROWS", "RANGE", "GROUPS"])?;
    parser.expect_symbol(")", "`)`")?;
    let is_strict = parser.is_symbol("<");
    let is_equal = parser.is_symbol("=");
    if !is_strict && !is_equal && !parser.is_symbol("<=") {
        return Err(SqlError::unsupported(form, offset));
    }
    parser.advance();
    let number = limit(parser)?;
    if is_equal && number != 1 {
        return Err(SqlError::unsupported(form, offset));
    }
    Ok(Qualify { partition, order, limit: number.saturating_sub(is_strict.into()) })
}

fn terms(parser: &mut Parser<'_>, clause: &'static str) -> Result<Vec<Expr<Leaf>>, SqlError> {
    parser.expect_word("BY")?;
    let mut terms = Vec::new();
    loop {
        terms.push(term(parser, clause)?);
        if !parser.take_symbol(",") {
            return Ok(terms);
        }
    }
}

fn term(parser: &mut Parser<'_>, clause: &'static str) -> Result<Expr<Leaf>, SqlError> {
    let offset = parser.offset();
    let term = parser.expr()?;
    let is_number = |expr: &Expr<Leaf>| matches!(expr, Expr::Literal(_));
    if is_number(&term) || matches!(&term, Expr::Negate(inner) if is_number(inner)) {
        // SQL reads a number here as the number of a column, which breaks when columns move.
        return Err(SqlError::unsupported(alloc::format!("a constant in {clause}"), offset));
    }
    Ok(term)
}

/// Parses a text that is what stands after `ORDER BY`.
pub(crate) fn parse_order(text: &str) -> Result<Vec<SortTerm>, SqlError> {
    let mut parser = Parser::new(text)?;
    let terms = order_terms(&mut parser)?;
    parser.end()?;
    Ok(terms)
}

fn sort_terms(parser: &mut Parser<'_>) -> Result<Vec<SortTerm>, SqlError> {
    parser.expect_word("BY")?;
    order_terms(parser)
}

fn order_terms(parser: &mut Parser<'_>) -> Result<Vec<SortTerm>, SqlError> {
    let mut terms = Vec::new();
    loop {
        let offset = parser.offset();
        let expr = term(parser, "ORDER BY")?;
        let is_downwards = !parser.take_word("ASC") && parser.take_word("DESC");
        parser.refuse(&["NULLS", "COLLATE"])?;
        terms.push(SortTerm { expr, is_downwards, offset });
        if !parser.take_symbol(",") {
            return Ok(terms);
        }
    }
}

fn limit(parser: &mut Parser<'_>) -> Result<u64, SqlError> {
    let refused = parser.unexpected("a whole number");
    let limit = parser.number().and_then(|text| text.parse().ok()).ok_or(refused)?;
    if parser.is_symbol(",") {
        return Err(SqlError::unsupported("LIMIT with an offset", parser.offset()));
    }
    Ok(limit)
}
