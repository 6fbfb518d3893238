//! From a parsed `SELECT` and the columns of its source to a query at work.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::group::Group;
use super::order::Ordered;
use super::{Each, Operand, Plan, Query};
use crate::Value;
use crate::cell::Dictionary;
use crate::sql::{
    Aggregate, Expr, Item, Leaf, Name, Select, SqlError, SqlProblem, Step, parse_select,
};

/// The view a derived view reads, with where its name stands in the text.
pub(crate) fn source_name(sql: &str) -> Result<(String, usize), SqlError> {
    let select = parse_select(sql)?;
    Ok((select.from, select.from_offset))
}

/// The query of an SQL text over a source with these columns, and the columns of its result.
pub(crate) fn bind(
    sql: &str,
    source: &[String],
    dictionary: &mut Dictionary,
) -> Result<(Query, Vec<String>), SqlError> {
    let select = parse_select(sql)?;
    let mut binder = Binder { select: &select, source, dictionary };
    let (columns, items) = binder.items()?;
    let filter = select.filter.as_ref().map(|filter| binder.scalar(filter)).transpose()?;
    let group = select
        .group
        .iter()
        .map(|term| binder.scalar(Binder::behind_alias(term, &columns, &items)))
        .collect::<Result<Vec<_>, _>>()?;
    let sort = || {
        select
            .order
            .iter()
            .map(|(term, downwards)| (Binder::behind_alias(term, &columns, &items), *downwards))
    };
    let is_grouped = !group.is_empty() || items.iter().any(has_aggregate);
    let (plan, sort) = if is_grouped {
        let mut aggregates = Vec::new();
        let mut grouped = |expr: &Expr<Leaf>| binder.grouped(expr, &group, &mut aggregates);
        let items = items.iter().map(&mut grouped).collect::<Result<_, _>>()?;
        let sort = sort()
            .map(|(term, downwards)| Ok((grouped(term)?, downwards)))
            .collect::<Result<Vec<_>, SqlError>>()?;
        (Plan::Group(Group::new(filter, group, aggregates, items)), sort)
    } else {
        let items = items.iter().map(|item| binder.scalar(item)).collect::<Result<_, _>>()?;
        let sort = sort()
            .map(|(term, downwards)| Ok((binder.scalar(term)?, downwards)))
            .collect::<Result<Vec<_>, SqlError>>()?;
        (Plan::Each(Each { filter, items }), sort)
    };
    let is_ordered = !sort.is_empty() || select.limit.is_some();
    let ordered = is_ordered.then(|| Ordered::new(select.limit));
    let reads = reads(&plan, &sort);
    Ok((Query { plan, reads, sort, ordered, errors: BTreeMap::new() }, columns))
}

struct Binder<'a> {
    select: &'a Select,
    source: &'a [String],
    dictionary: &'a mut Dictionary,
}

impl Binder<'_> {
    /// The names and expressions of the result's columns, with `*` written out.
    fn items(&self) -> Result<(Vec<String>, Vec<Expr<Leaf>>), SqlError> {
        let mut columns: Vec<String> = Vec::new();
        let mut exprs = Vec::new();
        let mut add = |name: &String, expr, offset| {
            if columns.contains(name) {
                let problem = SqlProblem::DuplicateColumn { name: name.clone() };
                return Err(SqlError { offset, problem });
            }
            columns.push(name.clone());
            exprs.push(expr);
            Ok(())
        };
        for item in &self.select.items {
            match item {
                Item::Everything(offset) => {
                    for name in self.source {
                        let steps = alloc::vec![Step::Field(name.clone())];
                        let leaf = Leaf::Name(Name { steps, offset: *offset });
                        add(name, Expr::Leaf(leaf), *offset)?;
                    }
                }
                Item::Column { expr, name, offset } => add(name, expr.clone(), *offset)?,
            }
        }
        Ok((columns, exprs))
    }

    /// A term of GROUP BY or ORDER BY that is the name of a result column means that column.
    fn behind_alias<'e>(
        term: &'e Expr<Leaf>,
        columns: &[String],
        items: &'e [Expr<Leaf>],
    ) -> &'e Expr<Leaf> {
        if let Expr::Leaf(Leaf::Name(name)) = term
            && let [Step::Field(field)] = name.steps.as_slice()
            && let Some(index) = find(columns, field)
        {
            return &items[index];
        }
        term
    }

    fn column(&self, name: &Name) -> Result<usize, SqlError> {
        let field = match name.steps.as_slice() {
            [Step::Field(field)] => Some(field),
            [Step::Field(view), Step::Field(field)]
                if view.eq_ignore_ascii_case(&self.select.qualifier) =>
            {
                Some(field)
            }
            _ => None,
        };
        field
            .and_then(|field| find(self.source, field))
            .ok_or_else(|| SqlError::unknown_column(name, self.source))
    }

    fn constant(&mut self, value: &Value) -> Expr<Operand> {
        Expr::Leaf(Operand::Constant(self.dictionary.cell(value)))
    }

    /// An expression over one row of the source.
    fn scalar(&mut self, expr: &Expr<Leaf>) -> Result<Expr<Operand>, SqlError> {
        expr.try_map(&mut |node| match node {
            Expr::Literal(value) => Ok(Some(self.constant(value))),
            Expr::Leaf(Leaf::Name(name)) => {
                self.column(name).map(|index| Some(Expr::Leaf(Operand::Column(index))))
            }
            Expr::Leaf(Leaf::Aggregate(_, _, offset)) => {
                Err(SqlError::unsupported("an aggregate here", *offset))
            }
            _ => Ok(None),
        })
    }

    /// An expression over a group's keys followed by its aggregates.
    fn grouped(
        &mut self,
        expr: &Expr<Leaf>,
        group: &[Expr<Operand>],
        aggregates: &mut Vec<(Aggregate, Option<Expr<Operand>>)>,
    ) -> Result<Expr<Operand>, SqlError> {
        expr.try_map(&mut |node| {
            if let Expr::Leaf(Leaf::Aggregate(aggregate, argument, offset)) = node {
                if !matches!(aggregate, Aggregate::Count | Aggregate::Sum) {
                    return Err(SqlError::unsupported(aggregate.name(), *offset));
                }
                let argument = argument.as_deref().map(|expr| self.scalar(expr)).transpose()?;
                let wanted = (*aggregate, argument);
                let known = aggregates.iter().position(|known| *known == wanted);
                let index = known.unwrap_or(aggregates.len());
                if known.is_none() {
                    aggregates.push(wanted);
                }
                return Ok(Some(Expr::Leaf(Operand::Column(group.len() + index))));
            }
            // Part of it may hold an aggregate; then it is no key, but its own parts may be.
            if let Ok(scalar) = self.scalar(node)
                && let Some(index) = group.iter().position(|key| *key == scalar)
            {
                return Ok(Some(Expr::Leaf(Operand::Column(index))));
            }
            match node {
                Expr::Literal(value) => Ok(Some(self.constant(value))),
                Expr::Leaf(Leaf::Name(name)) => {
                    self.column(name)?;
                    let problem = SqlProblem::NotGrouped { name: name.to_string() };
                    Err(SqlError { offset: name.offset, problem })
                }
                _ => Ok(None),
            }
        })
    }
}

/// A column by its name: as it is written or, failing that, whatever the case of its letters.
fn find(columns: &[String], name: &str) -> Option<usize> {
    let exact = columns.iter().position(|column| column == name);
    exact.or_else(|| columns.iter().position(|column| column.eq_ignore_ascii_case(name)))
}

fn has_aggregate(expr: &Expr<Leaf>) -> bool {
    let mut found = false;
    expr.for_each_leaf(&mut |leaf| found |= matches!(leaf, Leaf::Aggregate(..)));
    found
}

/// The columns of the source that a query reads.
fn reads(plan: &Plan, sort: &[(Expr<Operand>, bool)]) -> Vec<usize> {
    let mut reads = Vec::new();
    let note = |expr: &Expr<Operand>| {
        expr.for_each_leaf(&mut |operand| {
            if let Operand::Column(column) = operand {
                reads.push(*column);
            }
        });
    };
    match plan {
        Plan::Each(Each { filter, items }) => {
            filter.iter().chain(items).chain(sort.iter().map(|(term, _)| term)).for_each(note);
        }
        Plan::Group(group) => {
            let arguments = group.aggregates.iter().filter_map(|(_, argument)| argument.as_ref());
            group.filter.iter().chain(&group.keys).chain(arguments).for_each(note);
        }
    }
    reads.sort_unstable();
    reads.dedup();
    reads
}
