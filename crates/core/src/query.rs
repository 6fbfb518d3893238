//! Derived views: a `SELECT` over a view, kept up from its deltas.
//!
//! A row of the source contributes to at most one row of the result, and what it contributed can be
//! computed again from the row as it was before. So a change takes the old contribution back and
//! puts the new one in, and nothing is ever counted anew.

mod bind;
mod group;
mod order;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::Key;
use crate::cell::{Cell, Dictionary};
use crate::sql::{EvaluateError, Expr, Scope};
use crate::table::{Slot, Table};
pub(crate) use bind::{bind, source_name};
use group::Group;
use order::{Ordered, SortTerm};

/// What an expression of a query takes a value from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    /// A column of the row, by number.
    Column(usize),
    Constant(Cell),
}

/// A derived view at work.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    plan: Plan,
    /// The columns of the source that matter.
    reads: Vec<usize>,
    sort: Vec<(Expr<Operand>, bool)>,
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
    Each(Each),
    /// A result row for each group, with the group's values as its key.
    Group(Group),
}

#[derive(Debug, Clone)]
struct Each {
    filter: Option<Expr<Operand>>,
    items: Vec<Expr<Operand>>,
}

impl Query {
    /// How many cells the key of its rows has, over a source whose keys have so many.
    pub(crate) fn key_width(&self, source: usize) -> usize {
        match &self.plan {
            Plan::Each(_) => source,
            Plan::Group(group) => group.keys.len(),
        }
    }

    /// The rows in the order of the query, if it sorts or cuts.
    pub(crate) fn ordered(&self) -> Option<impl Iterator<Item = Slot>> {
        self.ordered.as_ref().map(Ordered::visible)
    }

    /// Rows that are left out because they could not be computed, with the reason.
    pub(crate) fn errors(&self) -> impl Iterator<Item = (&Key, &EvaluateError)> {
        self.errors.iter().map(|((_, key), error)| (key, error))
    }

    /// Brings a new, empty result up to an empty source: without GROUP BY, an aggregate has its one
    /// row from the start.
    pub(crate) fn begin(&mut self, table: &mut Table, dictionary: &mut Dictionary) {
        if let Plan::Group(group) = &mut self.plan
            && group.is_total()
        {
            let slot = table.slot(&[]);
            self.refresh_group(slot, table, dictionary);
        }
    }

    /// Takes in the net changes of the source.
    pub(crate) fn apply(&mut self, source: &Table, table: &mut Table, dictionary: &mut Dictionary) {
        let mut changed = Vec::new();
        for (slot, before, after) in source.changes() {
            if !self.is_concerned(before, after) {
                continue;
            }
            let error = match &mut self.plan {
                Plan::Each(Each { filter, items }) => {
                    let sort = &self.sort;
                    let computed = after.map_or(Ok(None), |row| {
                        let mut scope = RowScope { row, dictionary };
                        compute_row(filter.as_ref(), items, sort, &mut scope)
                    });
                    let (after, error) = apart(computed);
                    let slot = table.slot(source.key(slot));
                    emit(&mut self.ordered, slot, after, table, dictionary);
                    error
                }
                Plan::Group(group) => {
                    group.change((before, after), table, dictionary, &mut changed)
                }
            };
            self.record(Place::Source, error, || dictionary.values(source.key(slot)));
        }
        for slot in changed {
            self.refresh_group(slot, table, dictionary);
        }
    }

    /// Whether a change touches a column that the query reads.
    fn is_concerned(&self, before: Option<&[Cell]>, after: Option<&[Cell]>) -> bool {
        match (before, after) {
            (Some(before), Some(after)) => {
                self.reads.iter().any(|column| before[*column] != after[*column])
            }
            _ => true,
        }
    }

    fn refresh_group(&mut self, slot: Slot, table: &mut Table, dictionary: &mut Dictionary) {
        let Plan::Group(group) = &mut self.plan else { return };
        let (after, error) = apart(group.result(slot, table.key(slot), &self.sort, dictionary));
        emit(&mut self.ordered, slot, after, table, dictionary);
        self.record(Place::Group, error, || dictionary.values(table.key(slot)));
    }

    fn record(&mut self, place: Place, error: Option<EvaluateError>, key: impl FnOnce() -> Key) {
        match error {
            Some(error) => drop(self.errors.insert((place, key()), error)),
            None if self.errors.is_empty() => {}
            None => drop(self.errors.remove(&(place, key()))),
        }
    }
}

/// A result row and what it is sorted by.
struct ResultRow {
    sort: Vec<SortTerm>,
    cells: Vec<Cell>,
}

fn apart<T>(computed: Result<Option<T>, EvaluateError>) -> (Option<T>, Option<EvaluateError>) {
    match computed {
        Ok(after) => (after, None),
        Err(error) => (None, Some(error)),
    }
}

fn emit(
    ordered: &mut Option<Ordered>,
    slot: Slot,
    after: Option<ResultRow>,
    table: &mut Table,
    dictionary: &Dictionary,
) {
    match ordered {
        Some(ordered) => {
            let key: Key = dictionary.values(table.key(slot));
            ordered.put(slot, &key, after, &mut |slot, row| show(table, slot, row));
        }
        None => show(table, slot, after.as_ref().map(|row| &*row.cells)),
    }
}

fn show(table: &mut Table, slot: Slot, row: Option<&[Cell]>) {
    table.put(slot, row, &mut |_| {});
}

/// A row that an expression is computed over.
struct RowScope<'a> {
    row: &'a [Cell],
    dictionary: &'a mut Dictionary,
}

impl Scope<Operand> for RowScope<'_> {
    fn leaf(&mut self, operand: &Operand) -> Result<Cell, EvaluateError> {
        Ok(match *operand {
            Operand::Column(index) => self.row[index],
            Operand::Constant(cell) => cell,
        })
    }

    fn dictionary(&mut self) -> &mut Dictionary {
        self.dictionary
    }
}

fn passes(filter: Option<&Expr<Operand>>, scope: &mut RowScope<'_>) -> Result<bool, EvaluateError> {
    filter.map_or(Ok(true), |filter| filter.is_true("WHERE", scope))
}

fn compute_row(
    filter: Option<&Expr<Operand>>,
    items: &[Expr<Operand>],
    sort: &[(Expr<Operand>, bool)],
    scope: &mut RowScope<'_>,
) -> Result<Option<ResultRow>, EvaluateError> {
    if !passes(filter, scope)? {
        return Ok(None);
    }
    let cells = items.iter().map(|item| item.evaluate(scope)).collect::<Result<_, _>>()?;
    let term = |(expr, downwards): &(Expr<Operand>, bool)| {
        let cell = expr.evaluate(scope)?;
        Ok(SortTerm { value: scope.dictionary.value(cell), downwards: *downwards })
    };
    let sort = sort.iter().map(term).collect::<Result<_, EvaluateError>>()?;
    Ok(Some(ResultRow { sort, cells }))
}
