//! Derived views: a `SELECT` over a view, kept up from its deltas.
//!
//! A row of the source contributes to at most one row of the result, and what it contributed can be
//! computed again from the row as it was before. So a change takes the old contribution back and
//! puts the new one in, and nothing is ever counted anew.

mod bind;
mod group;
mod order;

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::sql::{EvaluateError, Expr};
use crate::table::{Delta, Table};
use crate::value::is_same_value;
use crate::{Key, Row, Value};
pub(crate) use bind::{bind, source_name};
use group::Group;
use order::{Ordered, SortTerm};

/// A derived view at work.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    filter: Option<Expr<usize>>,
    plan: Plan,
    /// The columns of the source that matter.
    reads: Vec<usize>,
    sort: Vec<(Expr<usize>, bool)>,
    /// Result rows in the view's order, if it sorts or cuts.
    ordered: Option<Ordered>,
    /// Rows that could not be computed: of the source, or of a group.
    errors: BTreeMap<(Place, Key), EvaluateError>,
}

/// Where a row could not be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Source,
    Group,
}

#[derive(Debug, Clone)]
enum Plan {
    /// A result row for each source row, with the key of the source row.
    Each(Vec<Expr<usize>>),
    /// A result row for each group, with the group's values as its key.
    Group(Group),
}

impl Query {
    /// The rows in the order of the query, if it sorts or cuts.
    pub(crate) fn ordered_rows(&self) -> Option<impl Iterator<Item = &Row>> {
        self.ordered.as_ref().map(Ordered::visible)
    }

    /// Rows that are left out because they could not be computed, with the reason.
    pub(crate) fn errors(&self) -> impl Iterator<Item = (&Key, &EvaluateError)> {
        self.errors.iter().map(|((_, key), error)| (key, error))
    }

    /// Brings a new, empty result up to an empty source: without GROUP BY, an aggregate has its one
    /// row from the start.
    pub(crate) fn begin(&mut self, table: &mut Table) {
        if let Plan::Group(group) = &mut self.plan
            && group.is_total()
        {
            let key: Key = Arc::new([]);
            self.refresh_group(&key, table);
        }
    }

    /// Takes in the net changes of the source.
    pub(crate) fn apply(&mut self, deltas: &[Delta], table: &mut Table) {
        let mut changed = Vec::new();
        for delta in deltas {
            if !self.is_concerned(delta) {
                continue;
            }
            match &mut self.plan {
                Plan::Each(_) => self.change_row(delta, table),
                Plan::Group(group) => {
                    let error = group.change(self.filter.as_ref(), delta, &mut changed);
                    record(&mut self.errors, Place::Source, &delta.key, error);
                }
            }
        }
        for key in changed {
            self.refresh_group(&key, table);
        }
    }

    /// Whether a change touches a column that the query reads.
    fn is_concerned(&self, delta: &Delta) -> bool {
        match (&delta.before, &delta.after) {
            (Some(before), Some(after)) => {
                self.reads.iter().any(|column| !is_same_value(&before[*column], &after[*column]))
            }
            _ => true,
        }
    }

    fn change_row(&mut self, delta: &Delta, table: &mut Table) {
        let Plan::Each(items) = &self.plan else { return };
        let computed = match &delta.after {
            Some(row) => compute_row(self.filter.as_ref(), items, &self.sort, row),
            None => Ok(None),
        };
        let (after, error) = match computed {
            Ok(after) => (after, None),
            Err(error) => (None, Some(error)),
        };
        record(&mut self.errors, Place::Source, &delta.key, error);
        self.emit(&delta.key, after, table);
    }

    fn refresh_group(&mut self, key: &Key, table: &mut Table) {
        let Plan::Group(group) = &mut self.plan else { return };
        let (after, error) = match group.result(key, &self.sort) {
            Ok(after) => (after, None),
            Err(error) => (None, Some(error)),
        };
        record(&mut self.errors, Place::Group, key, error);
        self.emit(key, after, table);
    }

    fn emit(&mut self, key: &Key, after: Option<(Vec<SortTerm>, Row)>, table: &mut Table) {
        match &mut self.ordered {
            Some(ordered) => ordered.put(key, after, &mut |key, row| show(table, key, row)),
            None => show(table, key, after.map(|(_, row)| row)),
        }
    }
}

fn show(table: &mut Table, key: &Key, row: Option<Row>) {
    let slot = table.slot(key);
    table.put(slot, row);
}

fn record(
    errors: &mut BTreeMap<(Place, Key), EvaluateError>,
    place: Place,
    key: &Key,
    error: Option<EvaluateError>,
) {
    match error {
        Some(error) => {
            errors.insert((place, Arc::clone(key)), error);
        }
        None if errors.is_empty() => {}
        None => {
            errors.remove(&(place, Arc::clone(key)));
        }
    }
}

/// The value of an expression over the columns of a row.
fn column(row: &[Value]) -> impl FnMut(&usize) -> Result<Value, EvaluateError> + '_ {
    |index| Ok(row[*index].clone())
}

fn passes(filter: Option<&Expr<usize>>, row: &[Value]) -> Result<bool, EvaluateError> {
    filter.map_or(Ok(true), |filter| filter.is_true("WHERE", &mut column(row)))
}

fn sort_terms(sort: &[(Expr<usize>, bool)], row: &[Value]) -> Result<Vec<SortTerm>, EvaluateError> {
    sort.iter()
        .map(|(expr, downwards)| {
            expr.evaluate(&mut column(row)).map(|value| SortTerm { value, downwards: *downwards })
        })
        .collect()
}

fn compute_row(
    filter: Option<&Expr<usize>>,
    items: &[Expr<usize>],
    sort: &[(Expr<usize>, bool)],
    row: &[Value],
) -> Result<Option<(Vec<SortTerm>, Row)>, EvaluateError> {
    if !passes(filter, row)? {
        return Ok(None);
    }
    let result =
        items.iter().map(|item| item.evaluate(&mut column(row))).collect::<Result<_, _>>()?;
    Ok(Some((sort_terms(sort, row)?, result)))
}
