//! `GROUP BY`, and what a row gives to its group.

use alloc::vec::Vec;

use super::aggregate::{AggregateState, Aggregates};
use super::stream::Change;
use super::{Context, Operand, RowScope, passes};
use crate::cell::{Cell, Dictionary};
use crate::pages::Pages;
use crate::sql::{EvaluateError, Expr, Function};
use crate::table::{Slot, Table};

/// Groups and what is known of each.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) filter: Option<Expr<Operand>>,
    /// Over the columns of the source.
    pub(super) keys: Vec<Expr<Operand>>,
    pub(super) aggregates: Aggregates,
    /// Over the group's keys followed by its aggregates.
    pub(super) having: Option<Expr<Operand>>,
    /// What stands before the keys in the key of the group's row.
    pub(super) prefix: Vec<Cell>,
    /// How many cells the key of a row has.
    pub(super) key_width: usize,
    /// Of each group, by the slot of its row in the result.
    tallies: Pages<Tally>,
    /// The groups that changed since their results were last asked for.
    changed: Vec<Slot>,
    key: Vec<Cell>,
    /// The starts of the windows that the row lies in, and the place of theirs in the key.
    windows: (usize, Vec<Cell>),
}

/// What rows that come and go change of groups.
#[derive(Debug, Clone)]
pub(super) struct GroupState {
    tallies: Pages<Tally>,
    held: AggregateState,
}

/// How many rows a group has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    rows: u32,
    is_changed: bool,
}

impl GroupState {
    pub(super) fn share(&mut self, other: &Self) {
        self.tallies.share(&other.tallies);
        self.held.share(&other.held);
    }
}

impl Group {
    pub(super) fn new(
        filter: Option<Expr<Operand>>,
        keys: Vec<Expr<Operand>>,
        aggregates: Aggregates,
        having: Option<Expr<Operand>>,
    ) -> Self {
        Self {
            filter,
            key_width: keys.len(),
            keys,
            aggregates,
            having,
            prefix: Vec::new(),
            tallies: Pages::new(1),
            changed: Vec::new(),
            key: Vec::new(),
            windows: (0, Vec::new()),
        }
    }

    /// What rows that come and go change of it, when no result is waiting to be asked for.
    pub(super) fn keep(&self) -> GroupState {
        GroupState { tallies: self.tallies.clone(), held: self.aggregates.keep() }
    }

    pub(super) fn restore(&mut self, kept: &GroupState) {
        self.tallies.clone_from(&kept.tallies);
        self.aggregates.restore(&kept.held);
        self.changed.clear();
    }

    /// Without GROUP BY one group is always there.
    pub(super) fn begin(&mut self, table: &mut Table) {
        if self.keys.is_empty() {
            self.key.clone_from(&self.prefix);
            self.key.resize(self.key_width, Cell::NULL);
            let slot = table.slot(&self.key);
            self.note(slot, 0);
        }
    }

    /// Takes out what the old row gave and puts in what the new one gives. Why the new row gives
    /// nothing is returned, if it could not be computed.
    pub(super) fn change(
        &mut self,
        change: Change<'_>,
        context: &mut Context<'_>,
    ) -> Option<EvaluateError> {
        let mut error = None;
        for (row, sign) in [(change.before, -1), (change.after, 1)] {
            let Some(row) = row else { continue };
            match self.compute(&mut RowScope { row, dictionary: context.dictionary }) {
                Ok(false) => {}
                Ok(true) => self.add(sign, context.table, context.dictionary),
                // What the old row failed at was said then.
                Err(found) => error = (sign > 0).then_some(found),
            }
        }
        error
    }

    /// Computes what a row gives, and to which groups; whether it gives anything at all.
    fn compute(&mut self, scope: &mut RowScope<'_>) -> Result<bool, EvaluateError> {
        if !passes(self.filter.as_ref(), "WHERE", scope)? {
            return Ok(false);
        }
        self.windows.1.clear();
        self.key.clone_from(&self.prefix);
        for expr in &self.keys {
            if let Expr::Call(function @ Function::Hop { .. }, arguments) = expr {
                self.windows.0 = self.key.len();
                let moment = arguments[0].evaluate(scope)?;
                windows(*function, moment, scope.dictionary, &mut self.windows.1)?;
                self.key.push(Cell::NULL);
                continue;
            }
            let cell = expr.evaluate(scope)?;
            // Equal values name one group, and which of them came first must not show.
            self.key.push(scope.dictionary.canonical(cell));
        }
        self.key.resize(self.key_width, Cell::NULL);
        self.aggregates.compute(scope)?;
        Ok(true)
    }

    /// The measure that an expression over the group's keys and aggregates rests on, the first if
    /// there are several.
    pub(super) fn measure_of(&self, expr: &Expr<Operand>) -> Option<usize> {
        let mut measure = None;
        expr.for_each_leaf(&mut |operand| {
            if let Operand::Column(column) = operand {
                measure = measure.or(column.checked_sub(self.keys.len()));
            }
        });
        measure
    }

    /// What a row gives to a measure of the group with this key, if it gives anything: NULL where
    /// no measure is asked for.
    pub(super) fn gives(
        &mut self,
        key: &[Cell],
        measure: Option<usize>,
        scope: &mut RowScope<'_>,
    ) -> Result<Option<Cell>, EvaluateError> {
        // Most rows are of other groups, and nearly all of those tell so by a text.
        let is_elsewhere = |(expr, key): (&Expr<Operand>, &Cell)| match expr {
            Expr::Leaf(Operand::Column(column)) => {
                scope.row[*column].is_text() && scope.row[*column] != *key
            }
            _ => false,
        };
        let keys = key.iter().skip(self.prefix.len());
        if self.keys.iter().zip(keys).any(is_elsewhere) || !self.compute(scope)? {
            return Ok(None);
        }
        let (place, windows) = &self.windows;
        let is_of_group = if windows.is_empty() {
            self.key == key
        } else {
            windows.iter().any(|start| {
                let mut cells = self.key.iter().zip(key).enumerate();
                cells.all(
                    |(at, (own, other))| if at == *place { start == other } else { own == other },
                )
            })
        };
        if !is_of_group {
            return Ok(None);
        }
        measure.map_or(Ok(Some(Cell::NULL)), |measure| self.aggregates.gives(measure, scope))
    }

    fn add(&mut self, sign: i64, table: &mut Table, dictionary: &Dictionary) {
        for window in 0..self.windows.1.len().max(1) {
            if let Some(start) = self.windows.1.get(window) {
                self.key[self.windows.0] = *start;
            }
            let slot = table.slot(&self.key);
            self.note(slot, if sign < 0 { -1 } else { 1 });
            self.aggregates.add(slot, sign, dictionary);
        }
    }

    fn note(&mut self, slot: Slot, sign: i32) {
        let tally = &mut self.tallies.get_mut(slot as usize)[0];
        tally.rows = tally.rows.wrapping_add_signed(sign);
        if !core::mem::replace(&mut tally.is_changed, true) {
            self.changed.push(slot);
        }
    }

    /// A group that changed, and each only once.
    pub(super) fn next_changed(&mut self) -> Option<Slot> {
        let slot = self.changed.pop()?;
        self.tallies.get_mut(slot as usize)[0].is_changed = false;
        Some(slot)
    }

    /// The group's keys and aggregates, in `row`; whether the group is to be seen.
    pub(super) fn result(
        &self,
        slot: Slot,
        table: &Table,
        dictionary: &mut Dictionary,
        row: &mut Vec<Cell>,
    ) -> Result<bool, EvaluateError> {
        let rows = self.tallies.get(slot as usize).map_or(0, |tally| tally[0].rows);
        if rows == 0 && !self.keys.is_empty() {
            return Ok(false);
        }
        row.clear();
        row.extend_from_slice(&table.key(slot)[self.prefix.len()..][..self.keys.len()]);
        self.aggregates.results(slot, rows.into(), dictionary, row)?;
        passes(self.having.as_ref(), "HAVING", &mut RowScope { row, dictionary })
    }
}

/// The starts of all windows that a moment lies in; of no moment, NULL.
fn windows(
    hop: Function,
    moment: Cell,
    dictionary: &Dictionary,
    starts: &mut Vec<Cell>,
) -> Result<(), EvaluateError> {
    let Function::Hop { slide, size } = hop else { return Ok(()) };
    if moment.is_null() {
        starts.push(Cell::NULL);
        return Ok(());
    }
    let micros = hop.micros(moment, dictionary)?;
    let mut start = slide.start(micros);
    while micros < start.saturating_add(size.micros()) {
        starts.push(hop.within(start)?);
        start -= slide.micros();
    }
    Ok(())
}
