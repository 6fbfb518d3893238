//! `GROUP BY` with aggregates that can be taken back.

use alloc::vec::Vec;

use super::{Operand, ResultRow, RowScope, compute_row, passes};
use crate::cell::{Cell, Dictionary};
use crate::sql::{Aggregate, EvaluateError, Expr};
use crate::table::{Slot, Table};
use crate::{Decimal, Value};

/// Groups and what is known of each.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) filter: Option<Expr<Operand>>,
    /// Over the columns of the source.
    pub(super) keys: Vec<Expr<Operand>>,
    /// Over the columns of the source; nothing for `COUNT(*)`.
    pub(super) aggregates: Vec<(Aggregate, Option<Expr<Operand>>)>,
    /// Over the group's keys followed by its aggregates.
    pub(super) items: Vec<Expr<Operand>>,
    /// Of each group, by the slot of its row in the result.
    tallies: Vec<Tally>,
    /// The aggregates of all groups, one group after the other.
    states: Vec<State>,
    contribution: Contribution,
}

/// How many rows a group has.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    rows: u64,
    /// Whether it changed since its result was last asked for.
    is_changed: bool,
}

/// What a source row gives to the group of this key, in room that is used again.
#[derive(Debug, Clone, Default)]
struct Contribution {
    key: Vec<Cell>,
    parts: Vec<Part>,
}

/// An aggregate over a set of values, of which any can be taken out again.
///
/// Whole and fractional parts are summed apart, each with room for 2^64 rows, so that no sum can
/// overflow on the way to a result that fits.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// Values that are not NULL.
    values: i64,
    /// Those of them that are decimals: while there is one, the sum is a decimal.
    decimals: i64,
    whole: i128,
    /// In units of 10^-18.
    fraction: i128,
}

const FRACTION_DIGITS: u32 = 18;
const FRACTION_UNIT: i128 = 10_i128.pow(FRACTION_DIGITS);

/// What one source row gives to an aggregate.
type Part = State;

impl Group {
    pub(super) fn new(
        filter: Option<Expr<Operand>>,
        keys: Vec<Expr<Operand>>,
        aggregates: Vec<(Aggregate, Option<Expr<Operand>>)>,
        items: Vec<Expr<Operand>>,
    ) -> Self {
        Self {
            filter,
            keys,
            aggregates,
            items,
            tallies: Vec::new(),
            states: Vec::new(),
            contribution: Contribution::default(),
        }
    }

    /// Whether there is no GROUP BY: then one group is always there.
    pub(super) fn is_total(&self) -> bool {
        self.keys.is_empty()
    }

    /// Takes the old row's contribution out and puts the new one's in. The groups that changed are
    /// added to `changed`; why the new row contributes nothing is returned, if it could not be
    /// computed.
    pub(super) fn change(
        &mut self,
        (before, after): (Option<&[Cell]>, Option<&[Cell]>),
        table: &mut Table,
        dictionary: &mut Dictionary,
        changed: &mut Vec<Slot>,
    ) -> Option<EvaluateError> {
        let mut error = None;
        for (row, sign) in [(before, -1), (after, 1)] {
            let Some(row) = row else { continue };
            match self.contribute(&mut RowScope { row, dictionary }) {
                Ok(false) => {}
                Ok(true) => {
                    let slot = table.slot(&self.contribution.key);
                    self.add(slot, sign, changed);
                }
                // What the old row failed at was said then.
                Err(found) => error = (sign > 0).then_some(found),
            }
        }
        error
    }

    /// Computes what a row contributes; whether it does at all.
    fn contribute(&mut self, scope: &mut RowScope<'_>) -> Result<bool, EvaluateError> {
        if !passes(self.filter.as_ref(), scope)? {
            return Ok(false);
        }
        let Contribution { key, parts } = &mut self.contribution;
        key.clear();
        for expr in &self.keys {
            let cell = expr.evaluate(scope)?;
            // Equal values name one group, and which of them came first must not show.
            key.push(scope.dictionary.canonical(cell));
        }
        parts.clear();
        for (aggregate, argument) in &self.aggregates {
            parts.push(match argument {
                None => Part { values: 1, ..Part::default() },
                Some(argument) => part(*aggregate, argument.evaluate(scope)?, scope.dictionary)?,
            });
        }
        Ok(true)
    }

    /// Adds the contribution to a group, or takes it out again with a sign of -1.
    fn add(&mut self, slot: Slot, sign: i64, changed: &mut Vec<Slot>) {
        let (index, width) = (slot as usize, self.aggregates.len());
        if self.tallies.len() <= index {
            self.tallies.resize(index + 1, Tally::default());
            self.states.resize((index + 1) * width, State::default());
        }
        let tally = &mut self.tallies[index];
        tally.rows = tally.rows.wrapping_add_signed(sign);
        if !core::mem::replace(&mut tally.is_changed, true) {
            changed.push(slot);
        }
        let states = &mut self.states[index * width..][..width];
        for (state, part) in states.iter_mut().zip(&self.contribution.parts) {
            state.values += sign * part.values;
            state.decimals += sign * part.decimals;
            state.whole += i128::from(sign) * part.whole;
            state.fraction += i128::from(sign) * part.fraction;
        }
    }

    /// The group's row; none when the group has no rows.
    pub(super) fn result(
        &mut self,
        slot: Slot,
        key: &[Cell],
        sort: &[(Expr<Operand>, bool)],
        dictionary: &mut Dictionary,
    ) -> Result<Option<ResultRow>, EvaluateError> {
        let (index, width) = (slot as usize, self.aggregates.len());
        let tally = self.tallies.get_mut(index);
        let rows = tally.map_or(0, |tally| {
            tally.is_changed = false;
            tally.rows
        });
        if rows == 0 && !self.is_total() {
            return Ok(None);
        }
        let none = State::default();
        let mut row = key.to_vec();
        for (number, (aggregate, _)) in self.aggregates.iter().enumerate() {
            let state = self.states.get(index * width + number).unwrap_or(&none);
            row.push(dictionary.cell(&state.value(*aggregate)?));
        }
        compute_row(None, &self.items, sort, &mut RowScope { row: &row, dictionary })
    }
}

fn part(aggregate: Aggregate, cell: Cell, dictionary: &Dictionary) -> Result<Part, EvaluateError> {
    if cell.is_null() {
        return Ok(Part::default());
    }
    let counted = Part { values: 1, ..Part::default() };
    if aggregate == Aggregate::Count {
        return Ok(counted);
    }
    if let Some(number) = cell.small_integer() {
        return Ok(Part { whole: number.into(), ..counted });
    }
    let value = dictionary.value(cell);
    let Some(number) = value.as_decimal() else {
        let (expected, found) = ("a number", value.kind());
        return Err(EvaluateError::Type { operation: "SUM", expected, found });
    };
    let unit = 10_i128.pow(number.scale());
    let whole = number.mantissa() / unit;
    if i64::try_from(whole).is_err() {
        return Err(EvaluateError::Overflow { operation: "SUM" });
    }
    Ok(Part {
        decimals: i64::from(matches!(value, Value::Decimal(_))),
        whole,
        fraction: number.mantissa() % unit * (FRACTION_UNIT / unit),
        ..counted
    })
}

impl State {
    fn value(self, aggregate: Aggregate) -> Result<Value, EvaluateError> {
        let overflow = EvaluateError::Overflow { operation: "SUM" };
        match aggregate {
            Aggregate::Count => Ok(Value::Int(self.values)),
            _ if self.values == 0 => Ok(Value::Null),
            _ if self.decimals == 0 => {
                i64::try_from(self.whole).map(Value::Int).map_err(|_| overflow)
            }
            _ => Decimal::new(self.whole, 0)
                .and_then(|whole| whole.checked_add(Decimal::new(self.fraction, FRACTION_DIGITS)?))
                .map(Value::Decimal)
                .ok_or(overflow),
        }
    }
}
