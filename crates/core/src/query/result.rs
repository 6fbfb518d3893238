//! From what a query computes to what its table shows.

use alloc::vec::Vec;

use super::top::{Ground, Rows, Shown, Term, Top, TopState};
use super::{Context, Operand, RowScope};
use crate::cell::{Cell, Dictionary};
use crate::sql::{EvaluateError, Expr};
use crate::table::{Slot, Table};

/// What is computed of a row that is to be seen: its columns, and then what else it is sorted and
/// parted by.
#[derive(Debug, Clone)]
pub(super) struct Items {
    pub(super) exprs: Vec<Expr<Operand>>,
    /// From here on, equal values must be one: partitions.
    pub(super) canonical_from: usize,
    /// The number of the branch.
    pub(super) branch: usize,
    row: Vec<Cell>,
}

impl Items {
    pub(super) fn new(exprs: Vec<Expr<Operand>>, canonical_from: usize, branch: usize) -> Self {
        Self { exprs, canonical_from, branch, row: Vec::new() }
    }

    pub(super) fn compute(&mut self, scope: &mut RowScope<'_>) -> Result<(), EvaluateError> {
        self.row.clear();
        for (index, expr) in self.exprs.iter().enumerate() {
            let mut cell = expr.evaluate(scope)?;
            if index >= self.canonical_from {
                cell = scope.dictionary.canonical(cell);
            }
            self.row.push(cell);
        }
        Ok(())
    }

    /// What was computed last.
    pub(super) fn row(&self) -> &[Cell] {
        &self.row
    }
}

/// The rows of the result, shown or not.
#[derive(Debug, Clone)]
pub(super) struct ResultRows {
    /// How many cells of a row are its columns.
    columns: usize,
    rows: Rows,
    /// Of each branch how it cuts its rows by QUALIFY, if it does.
    qualify: Vec<Option<Top>>,
    /// How the result is sorted and cut, if it is.
    order: Option<Top>,
    key: Vec<Cell>,
}

/// What rows that come and go change of a result.
#[derive(Debug, Clone)]
pub(super) struct ResultState {
    rows: Rows,
    tops: Vec<TopState>,
}

impl ResultState {
    pub(super) fn share(&mut self, other: &Self) {
        self.rows.share(&other.rows);
        for (top, other) in self.tops.iter_mut().zip(&other.tops) {
            top.share(other);
        }
    }
}

impl ResultRows {
    pub(super) fn keep(&self) -> ResultState {
        let tops = self.qualify.iter().flatten().chain(&self.order).map(Top::keep).collect();
        ResultState { rows: self.rows.clone(), tops }
    }

    pub(super) fn restore(&mut self, kept: &ResultState) {
        self.rows.clone_from(&kept.rows);
        let tops = self.qualify.iter_mut().flatten().chain(&mut self.order);
        for (top, kept) in tops.zip(&kept.tops) {
            top.restore(kept);
        }
    }

    pub(super) fn new(
        columns: usize,
        width: usize,
        qualify: Vec<Option<Top>>,
        order: Option<Top>,
    ) -> Self {
        Self { columns, rows: Rows::new(width), qualify, order, key: Vec::new() }
    }

    pub(super) fn ordered(&self) -> Option<impl Iterator<Item = Slot>> {
        self.order.as_ref().map(Top::shown)
    }

    pub(super) fn terms(&self) -> Option<&[Term]> {
        let terms = self.order.as_ref()?.terms();
        terms.iter().all(|term| term.column < self.columns).then_some(terms)
    }

    /// The key of a row, with what tells the branches apart and as wide as the widest.
    pub(super) fn key(&mut self, prefix: &[Cell], key: &[Cell], width: usize) -> &[Cell] {
        self.key.clear();
        self.key.extend_from_slice(prefix);
        self.key.extend_from_slice(key);
        self.key.resize(width, Cell::NULL);
        &self.key
    }

    /// Puts a row, or none, in the place of what was there.
    pub(super) fn put(
        &mut self,
        branch: usize,
        slot: Slot,
        after: Option<&[Cell]>,
        context: &mut Context<'_>,
    ) {
        let table = &mut *context.table;
        if self.qualify[branch].is_none() && self.order.is_none() {
            show(table, slot, after.map(|row| &row[..self.columns]));
            return;
        }
        let before = self.rows.get(slot);
        if let (Some(before), Some(after)) = (before, after) {
            let mut tops = self.qualify[branch].iter().chain(&self.order);
            if tops.all(|top| top.is_same_place(before, after)) {
                self.rows.put(slot, Some(after));
                let last = self.order.as_ref().or(self.qualify[branch].as_ref());
                if last.is_some_and(|top| top.is_shown(slot)) {
                    show(table, slot, Some(&after[..self.columns]));
                }
                return;
            }
        }
        if before.is_some() {
            self.enter_or_leave(branch, (slot, false), context);
        }
        self.rows.put(slot, after);
        if after.is_some() {
            self.enter_or_leave(branch, (slot, true), context);
        }
    }

    /// Takes a row into the orders, or out of them, and shows what comes of it.
    fn enter_or_leave(&mut self, branch: usize, change: Shown, context: &mut Context<'_>) {
        let Context { table, dictionary, .. } = context;
        let Self { rows, qualify, order, columns, .. } = self;
        let qualified = step(qualify[branch].as_mut(), change, rows, table, dictionary);
        for change in qualified.into_iter().flatten() {
            for (slot, is_shown) in
                step(order.as_mut(), change, rows, table, dictionary).into_iter().flatten()
            {
                let row = rows.get(slot).filter(|_| is_shown);
                show(table, slot, row.map(|row| &row[..*columns]));
            }
        }
    }
}

/// What a row's coming or going means after one of the orders.
fn step(
    top: Option<&mut Top>,
    (slot, comes): Shown,
    rows: &Rows,
    table: &Table,
    dictionary: &Dictionary,
) -> [Option<Shown>; 2] {
    let ground = Ground { rows, table, dictionary };
    match top {
        None => [Some((slot, comes)), None],
        Some(top) if comes => top.insert(slot, ground),
        Some(top) => top.remove(slot, ground),
    }
}

fn show(table: &mut Table, slot: Slot, row: Option<&[Cell]>) {
    table.put(slot, row, &mut |_| {});
}
