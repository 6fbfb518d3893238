//! From a parsed `SELECT` and the columns of its sources to a query at work.

mod join;
mod names;

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::group::Group;
use super::result::{Items, ResultRows};
use super::top::{Term, Top};
use super::{Branch, Operand, Plan, Query};
use crate::cell::Dictionary;
use crate::sql::{
    Expr, Leaf, Select, SortTerm, Source, SqlError, SqlProblem, Statement, Step, parse_select,
};
use join::Joins;
use names::{Input, Names};

/// The shape of a source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape<'a> {
    pub(crate) columns: &'a [String],
    pub(crate) key_width: usize,
}

/// The views that a derived view reads, each with where its name stands in the text. A view that
/// is read twice is here twice.
pub(crate) fn sources(sql: &str) -> Result<Vec<(String, usize)>, SqlError> {
    let statement = parse_select(sql)?;
    let sources = statement.selects.iter().flat_map(all_sources);
    Ok(sources.map(|source| (source.view.clone(), source.offset)).collect())
}

fn all_sources(select: &Select) -> impl Iterator<Item = &Source> {
    core::iter::once(&select.from).chain(select.joins.iter().map(|join| &join.source))
}

/// The query of an SQL text over sources of these shapes, in the order of [`sources`], and the
/// columns of its result.
pub(crate) fn bind(
    sql: &str,
    shapes: &[Shape<'_>],
    dictionary: &mut Dictionary,
) -> Result<(Query, Vec<String>), SqlError> {
    let statement = parse_select(sql)?;
    let mut bound: Vec<Bound> = Vec::new();
    let mut inputs = Vec::new();
    let mut rest = shapes;
    for (number, select) in statement.selects.iter().enumerate() {
        let (shapes, after) = rest.split_at(1 + select.joins.len());
        rest = after;
        inputs.extend((0..shapes.len()).map(|input| (number, input)));
        let order = if statement.selects.len() == 1 { &*statement.order } else { &[] };
        bound.push(bind_select(select, shapes, order, dictionary)?);
        let (expected, found) = (bound[0].columns.len(), bound[number].columns.len());
        if expected != found {
            let problem = SqlProblem::Columns { expected, found };
            return Err(SqlError { offset: select.offset, problem });
        }
    }
    let columns = bound[0].columns.clone();
    let terms = if bound.len() == 1 {
        core::mem::take(&mut bound[0].terms)
    } else {
        column_terms(&statement, &columns)?
    };
    let is_ordered = !terms.is_empty() || statement.limit.is_some();
    let order = is_ordered.then(|| Top::new(Vec::new(), terms, statement.limit));
    let width = bound.iter().map(|bound| bound.branch.items.exprs.len()).max().unwrap_or(0);
    let (mut branches, mut qualify) = (Vec::new(), Vec::new());
    for one in bound {
        branches.push(one.branch);
        qualify.push(one.qualify);
    }
    number(&mut branches, dictionary);
    let result = ResultRows::new(columns.len(), width, qualify, order);
    Ok((Query { branches, inputs, result, errors: Rc::default(), is_new: true }, columns))
}

/// Gives the branches what they tell their rows apart by, and keys of one width.
fn number(branches: &mut [Branch], dictionary: &mut Dictionary) {
    let is_union = branches.len() > 1;
    let width = branches.iter().map(|branch| branch.key_width).max().unwrap_or(0);
    let mut stage = 0;
    for (number, branch) in branches.iter_mut().enumerate() {
        let stages = 2 + 3 * branch.joins.len();
        branch.key_width = width + usize::from(is_union);
        branch.items.branch = number;
        branch.stage = stage;
        for join in &mut branch.joins {
            join.shift_stages(stage);
        }
        stage += u16::try_from(stages).unwrap_or(0);
        if is_union {
            branch.prefix = vec![dictionary.integer(i64::try_from(number).unwrap_or(0))];
        }
        if let Plan::Group(group) = &mut branch.plan {
            group.prefix.clone_from(&branch.prefix);
            group.key_width = branch.key_width;
        }
    }
}

/// What a UNION ALL is sorted by: names of its columns.
fn column_terms(statement: &Statement, columns: &[String]) -> Result<Vec<Term>, SqlError> {
    let term = |term: &SortTerm| {
        let Expr::Leaf(Leaf::Name(name)) = &term.expr else {
            let construct = "anything but a column in ORDER BY after UNION ALL";
            return Err(SqlError::unsupported(construct, term.offset));
        };
        let column = match name.steps.as_slice() {
            [Step::Field(field)] => names::find(columns, field),
            _ => None,
        };
        let column = column.ok_or_else(|| SqlError::unknown_column(name, columns))?;
        Ok(Term { column, is_downwards: term.is_downwards })
    };
    statement.order.iter().map(term).collect()
}

/// A branch with what the whole makes of it.
struct Bound {
    branch: Branch,
    columns: Vec<String>,
    qualify: Option<Top>,
    terms: Vec<Term>,
}

fn bind_select(
    select: &Select,
    shapes: &[Shape<'_>],
    order: &[SortTerm],
    dictionary: &mut Dictionary,
) -> Result<Bound, SqlError> {
    let mut names = Names::new(inputs(select, shapes)?, dictionary, select.offset);
    let joins = Joins::bind(select, &mut names)?;
    let (columns, items) = names.items(select)?;
    let filter = select.filter.as_ref().map(|filter| names.scalar(filter)).transpose()?;
    names.aliases = Some((columns.clone(), items.clone()));
    let is_grouped = is_grouped(select, &items)?;
    if is_grouped {
        let terms = if select.is_distinct { &items } else { &select.group };
        let keys = terms.iter().map(|term| names.group_key(term)).collect::<Result<_, _>>()?;
        names.group = Some(names::one_hop(keys, select.offset)?);
    }
    let mut wide = Wide { exprs: Vec::new(), names };
    for item in &items {
        let item = wide.names.over_row(item)?;
        wide.exprs.push(item);
    }
    let having = select.having.as_ref().map(|having| wide.names.over_row(having)).transpose()?;
    let terms = wide.terms(order)?;
    let (qualify, canonical_from) = wide.qualify(select)?;
    let Wide { exprs, names } = wide;
    let source_key = shapes.iter().map(|shape| shape.key_width).sum();
    let (plan, key_width) = match names.group {
        Some(keys) => {
            let width = keys.len();
            let group = Group::new(filter, keys, names.aggregates, having);
            (Plan::Group(Box::new(group)), width)
        }
        None => (Plan::Each(filter), source_key),
    };
    let items = Items::new(exprs, canonical_from, 0);
    let prefix = Vec::new();
    let mut branch =
        Branch { reads: Vec::new(), joins: Vec::new(), plan, items, prefix, key_width, stage: 0 };
    joins.finish(&mut branch, shapes);
    Ok(Bound { branch, columns, qualify, terms })
}

fn inputs<'a>(select: &Select, shapes: &[Shape<'a>]) -> Result<Vec<Input<'a>>, SqlError> {
    let mut inputs: Vec<Input<'a>> = Vec::new();
    let mut start = 0;
    for (Source { qualifier, offset, .. }, shape) in all_sources(select).zip(shapes) {
        let (name, offset) = (qualifier.clone(), *offset);
        if inputs.iter().any(|input| input.qualifier.eq_ignore_ascii_case(&name)) {
            return Err(SqlError { offset, problem: SqlProblem::SameQualifier { name } });
        }
        inputs.push(Input { qualifier: name, columns: shape.columns, start });
        start += shape.columns.len();
    }
    Ok(inputs)
}

fn is_grouped(select: &Select, items: &[Expr<Leaf>]) -> Result<bool, SqlError> {
    let has_aggregate = |expr: &Expr<Leaf>| {
        let mut found = false;
        expr.for_each_leaf(&mut |leaf| found |= matches!(leaf, Leaf::Aggregate(..)));
        found
    };
    let is_grouped =
        !select.group.is_empty() || select.having.is_some() || items.iter().any(has_aggregate);
    if select.is_distinct && (is_grouped || select.qualify.is_some()) {
        let construct = "DISTINCT with GROUP BY, aggregates or QUALIFY";
        return Err(SqlError::unsupported(construct, select.offset));
    }
    Ok(is_grouped || select.is_distinct)
}

/// The columns of the result and what else its rows are sorted and parted by.
struct Wide<'a> {
    exprs: Vec<Expr<Operand>>,
    names: Names<'a>,
}

impl Wide<'_> {
    fn terms(&mut self, order: &[SortTerm]) -> Result<Vec<Term>, SqlError> {
        let mut terms = Vec::new();
        for SortTerm { expr, is_downwards, .. } in order {
            let expr = self.names.over_row(&self.names.behind_alias(expr))?;
            let known = self.exprs.iter().position(|known| *known == expr);
            let column = known.unwrap_or(self.exprs.len());
            if known.is_none() {
                self.exprs.push(expr);
            }
            terms.push(Term { column, is_downwards: *is_downwards });
        }
        Ok(terms)
    }

    /// How QUALIFY cuts, and from which expression on the partitions are.
    fn qualify(&mut self, select: &Select) -> Result<(Option<Top>, usize), SqlError> {
        let Some(qualify) = &select.qualify else { return Ok((None, self.exprs.len())) };
        let terms = self.terms(&qualify.order)?;
        let start = self.exprs.len();
        for expr in &qualify.partition {
            let expr = self.names.over_row(expr)?;
            self.exprs.push(expr);
        }
        let partition = (start..self.exprs.len()).collect();
        Ok((Some(Top::new(partition, terms, Some(qualify.limit))), start))
    }
}
