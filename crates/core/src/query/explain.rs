//! From a row of a result back to the rows that it was made of.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::stream::Change;
use super::{Branch, Context, Operand, Plan, Query, RowScope};
use crate::cell::{Cell, Dictionary};
use crate::order;
use crate::sql::Expr;
use crate::table::Table;

/// What a cell of the result rests on: a row, or several where sources are joined.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// What it gives to the cell.
    pub(crate) amount: Cell,
    pub(crate) rows: Vec<OriginRow>,
}

/// A row of a source.
#[derive(Debug, Clone)]
pub(crate) struct OriginRow {
    /// Which of the query's sources.
    pub(crate) input: usize,
    /// The row's key there.
    pub(crate) key: Vec<Cell>,
    /// The columns there that matter; none if it matters only that the row is there.
    pub(crate) columns: Vec<usize>,
}

/// A row on its way through a branch, with what it gives to a cell.
struct Part {
    key: Vec<Cell>,
    amount: Cell,
}

impl Query {
    /// What a cell of the row with this key rests on: the first so many, with the one that gives the
    /// most first or, for a least value, the least; and how many there are beside them.
    pub(crate) fn origins(
        &mut self,
        (key, column): (&[Cell], Option<usize>),
        sources: &[&Table],
        most: usize,
        (table, dictionary): (&mut Table, &mut Dictionary),
    ) -> (Vec<Origin>, usize) {
        let prefix = |branch: &Branch| key.starts_with(&branch.prefix);
        let Some(number) = self.branches.iter().position(prefix) else { return Default::default() };
        let of_branch =
            |(input, (branch, _)): (usize, &(usize, usize))| (*branch == number).then_some(input);
        let inputs: Vec<usize> = self.inputs.iter().enumerate().filter_map(of_branch).collect();
        let tables: Vec<&Table> = inputs.iter().map(|input| sources[*input]).collect();
        let errors = Rc::make_mut(&mut self.errors);
        let mut context = Context { table, dictionary, errors };
        let branch = &mut self.branches[number];
        let (mut parts, is_upwards) = branch.parts(key, column, &tables, &mut context);
        let rest = parts.len().saturating_sub(most);
        let dictionary = &*context.dictionary;
        let by_place = |a: &Part, b: &Part| {
            let by_amount = dictionary.compare(b.amount, a.amount);
            let by_amount = if is_upwards { by_amount.reverse() } else { by_amount };
            by_amount.then_with(|| compare_keys(&a.key, &b.key, dictionary))
        };
        if rest > 0 && most > 0 {
            parts.select_nth_unstable_by(most - 1, by_place);
        }
        parts.truncate(most);
        order::sort(&mut parts, by_place);
        let read = branch.columns_read(column, &tables);
        let origin = |Part { key, amount }| {
            let mut at = 0;
            let row = |((input, table), columns): ((&usize, &&Table), &Vec<usize>)| {
                let key = &key[at..at + table.key_width()];
                at += key.len();
                // A left join has rows that nobody is the partner of.
                table.find(key).and_then(|slot| table.row(slot))?;
                Some(OriginRow { input: *input, key: key.to_vec(), columns: columns.clone() })
            };
            let rows = inputs.iter().zip(&tables).zip(&read).filter_map(row).collect();
            Origin { amount, rows }
        };
        (parts.into_iter().map(origin).collect(), rest)
    }
}

fn compare_keys(a: &[Cell], b: &[Cell], dictionary: &Dictionary) -> Ordering {
    let orders = a.iter().zip(b).map(|(a, b)| dictionary.compare(*a, *b));
    orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

impl Branch {
    /// The rows of all sources together that a cell rests on, and whether the least counts most.
    fn parts(
        &mut self,
        key: &[Cell],
        column: Option<usize>,
        tables: &[&Table],
        context: &mut Context<'_>,
    ) -> (Vec<Part>, bool) {
        let Plan::Group(group) = &mut self.plan else {
            let width: usize = tables.iter().map(|table| table.key_width()).sum();
            let key = key[self.prefix.len()..][..width].to_vec();
            return (Vec::from([Part { key, amount: Cell::NULL }]), false);
        };
        let exprs = &self.items.exprs;
        let measure = column.and_then(|column| group.measure_of(&exprs[column]));
        let mut parts = Vec::new();
        let mut see = |change: Change<'_>, dictionary: &mut Dictionary| {
            let Some(row) = change.after else { return };
            let mut scope = RowScope { row, dictionary };
            if let Ok(Some(amount)) = group.gives(key, measure, &mut scope) {
                parts.push(Part { key: change.key.to_vec(), amount });
            }
        };
        if let Some(join) = self.joins.last_mut() {
            let mut stream = join.stream();
            join.all(&mut stream, context);
            stream.iter().for_each(|change| see(change, context.dictionary));
        } else {
            let table = tables[0];
            for (slot, before, after) in table.rows() {
                see(Change { slot, key: table.key(slot), before, after }, context.dictionary);
            }
        }
        let is_upwards = measure.is_some_and(|measure| group.aggregates.is_least(measure));
        (parts, is_upwards)
    }

    /// Of each source the columns that a column of the result is computed from.
    fn columns_read(&self, column: Option<usize>, tables: &[&Table]) -> Vec<Vec<usize>> {
        let mut used = Vec::new();
        let mut see = |expr: &Expr<Operand>| {
            expr.for_each_leaf(&mut |operand| {
                if let Operand::Column(column) = operand {
                    used.push(*column);
                }
            });
        };
        let expr = column.map(|column| &self.items.exprs[column]);
        match &self.plan {
            Plan::Each(_) => expr.into_iter().for_each(see),
            Plan::Group(group) => {
                group.filter.iter().chain(&group.keys).for_each(&mut see);
                let measure = expr.and_then(|expr| group.measure_of(expr));
                let argument = measure.and_then(|measure| group.aggregates.argument(measure));
                argument.into_iter().for_each(see);
            }
        }
        used.sort_unstable();
        used.dedup();
        let mut start = 0;
        let is_joined = !self.joins.is_empty();
        let of_source = |(table, reads): (&&Table, &Vec<usize>)| {
            // Joins carry only the columns that are read.
            let width = if is_joined { reads.len() } else { table.columns.len() };
            let here = used.iter().filter_map(|column| column.checked_sub(start));
            let here: Vec<usize> = here
                .filter(|column| *column < width)
                .map(|column| if is_joined { reads[column] } else { column })
                .collect();
            start += width;
            here
        };
        tables.iter().zip(&self.reads).map(of_source).collect()
    }
}
