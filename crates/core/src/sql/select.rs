//! The one form of `SELECT` that derived views are.

use alloc::string::String;
use alloc::vec::Vec;

use super::SqlError;
use super::expr::{Expr, Leaf};
use super::parser::Parser;

/// `SELECT items FROM source WHERE … GROUP BY … ORDER BY … LIMIT …`.
#[derive(Debug, Clone)]
pub(crate) struct Select {
    pub(crate) items: Vec<Item>,
    pub(crate) from: String,
    /// What names may be qualified with: the alias or the view's name.
    pub(crate) qualifier: String,
    /// Where the source's name stands.
    pub(crate) from_offset: usize,
    pub(crate) filter: Option<Expr<Leaf>>,
    pub(crate) group: Vec<Expr<Leaf>>,
    /// What to sort by, and whether downwards.
    pub(crate) order: Vec<(Expr<Leaf>, bool)>,
    pub(crate) limit: Option<u64>,
}

/// An entry of the list after `SELECT`.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    /// `*`, and where it stands.
    Everything(usize),
    Column {
        expr: Expr<Leaf>,
        /// The alias or, without one, the expression as it was written.
        name: String,
        offset: usize,
    },
}

pub(crate) fn parse_select(text: &str) -> Result<Select, SqlError> {
    let mut parser = Parser::new(text)?;
    parser.refuse(&["WITH"])?;
    parser.expect_word("SELECT")?;
    parser.refuse(&["DISTINCT", "ALL"])?;
    let mut items = Vec::new();
    loop {
        items.push(item(&mut parser)?);
        if !parser.take_symbol(",") {
            break;
        }
    }
    parser.expect_word("FROM")?;
    if parser.is_symbol("(") {
        return Err(SqlError::unsupported("a subquery", parser.offset()));
    }
    let from_offset = parser.offset();
    let from = parser.identifier("the name of a view")?;
    let qualifier = if parser.take_word("AS") {
        parser.identifier("an alias")?
    } else {
        parser.identifier("").unwrap_or_else(|_| from.clone())
    };
    if parser.is_symbol(",") {
        return Err(SqlError::unsupported("a list of views in FROM", parser.offset()));
    }
    parser.refuse(&["JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL"])?;
    let filter = if parser.take_word("WHERE") { Some(parser.expr()?) } else { None };
    let group =
        if parser.take_word("GROUP") { terms(&mut parser, "GROUP BY")? } else { Vec::new() };
    parser.refuse(&["HAVING", "WINDOW", "UNION", "INTERSECT", "EXCEPT"])?;
    let order = if parser.take_word("ORDER") { sort_terms(&mut parser)? } else { Vec::new() };
    let limit = if parser.take_word("LIMIT") { Some(limit(&mut parser)?) } else { None };
    parser.refuse(&["OFFSET", "UNION", "INTERSECT", "EXCEPT", "FETCH"])?;
    parser.end()?;
    Ok(Select { items, from, qualifier, from_offset, filter, group, order, limit })
}

fn item(parser: &mut Parser<'_>) -> Result<Item, SqlError> {
    let offset = parser.offset();
    if parser.take_symbol("*") {
        return Ok(Item::Everything(offset));
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
    if matches!(term, Expr::Literal(_)) {
        // SQL reads a number here as the number of a column, which breaks when columns move.
        return Err(SqlError::unsupported(alloc::format!("a constant in {clause}"), offset));
    }
    Ok(term)
}

fn sort_terms(parser: &mut Parser<'_>) -> Result<Vec<(Expr<Leaf>, bool)>, SqlError> {
    parser.expect_word("BY")?;
    let mut terms = Vec::new();
    loop {
        let expr = term(parser, "ORDER BY")?;
        let downwards = !parser.take_word("ASC") && parser.take_word("DESC");
        parser.refuse(&["NULLS", "COLLATE"])?;
        terms.push((expr, downwards));
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
