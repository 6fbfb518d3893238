//! `GROUP BY` with aggregates that can be taken back.

use alloc::sync::Arc;
use alloc::vec::Vec;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::order::SortTerm;
use super::{column, passes, sort_terms};
use crate::sql::{Aggregate, EvaluateError, Expr};
use crate::table::Delta;
use crate::{Decimal, Key, Row, Value};

/// Groups and what is known of each.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Over the columns of the source.
    pub(super) keys: Vec<Expr<usize>>,
    /// Over the columns of the source; nothing for `COUNT(*)`.
    pub(super) aggregates: Vec<(Aggregate, Option<Expr<usize>>)>,
    /// Over the group's keys followed by its aggregates.
    pub(super) items: Vec<Expr<usize>>,
    groups: HashMap<Key, Tally, FixedState>,
}

/// How many rows a group has, and its aggregates.
#[derive(Debug, Clone)]
struct Tally {
    rows: u64,
    states: Vec<State>,
    /// Whether it changed since its result was last asked for.
    is_changed: bool,
}

/// An aggregate over a set of values, of which any can be taken out again.
///
/// Whole and fractional parts are summed apart, each with room for 2^64 rows, so that no sum can
/// overflow on the way to a result that fits.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// Values that are not NULL.
    values: u64,
    /// Those of them that are decimals: while there is one, the sum is a decimal.
    decimals: u64,
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
        keys: Vec<Expr<usize>>,
        aggregates: Vec<(Aggregate, Option<Expr<usize>>)>,
        items: Vec<Expr<usize>>,
    ) -> Self {
        Self { keys, aggregates, items, groups: HashMap::default() }
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
        filter: Option<&Expr<usize>>,
        delta: &Delta,
        changed: &mut Vec<Key>,
    ) -> Option<EvaluateError> {
        if let Some(row) = &delta.before
            && let Ok(Some((key, parts))) = self.contribution(filter, row)
        {
            self.take_out(&key, &parts, changed);
        }
        match delta.after.as_ref().map_or(Ok(None), |row| self.contribution(filter, row)) {
            Ok(None) => None,
            Ok(Some((key, parts))) => {
                self.put_in(&key, &parts, changed);
                None
            }
            Err(error) => Some(error),
        }
    }

    fn contribution(
        &self,
        filter: Option<&Expr<usize>>,
        row: &[Value],
    ) -> Result<Option<(Key, Vec<Part>)>, EvaluateError> {
        if !passes(filter, row)? {
            return Ok(None);
        }
        // Equal values name one group, and which of them came first must not show.
        let key = self
            .keys
            .iter()
            .map(|key| key.evaluate(&mut column(row)).map(|value| value.canonical()))
            .collect::<Result<_, EvaluateError>>()?;
        let parts = self
            .aggregates
            .iter()
            .map(|(aggregate, argument)| match argument {
                None => Ok(Part { values: 1, ..Part::default() }),
                Some(argument) => part(*aggregate, &argument.evaluate(&mut column(row))?),
            })
            .collect::<Result<_, _>>()?;
        Ok(Some((key, parts)))
    }

    fn put_in(&mut self, key: &Key, parts: &[Part], changed: &mut Vec<Key>) {
        if !self.groups.contains_key(key) {
            let states = alloc::vec![State::default(); parts.len()];
            self.groups.insert(Arc::clone(key), Tally { rows: 0, states, is_changed: false });
        }
        let Some(tally) = self.groups.get_mut(key) else { return };
        tally.rows += 1;
        tally.note_change(key, changed);
        for (state, part) in tally.states.iter_mut().zip(parts) {
            state.values += part.values;
            state.decimals += part.decimals;
            state.whole += part.whole;
            state.fraction += part.fraction;
        }
    }

    fn take_out(&mut self, key: &Key, parts: &[Part], changed: &mut Vec<Key>) {
        let Some(tally) = self.groups.get_mut(key) else { return };
        tally.rows -= 1;
        tally.note_change(key, changed);
        if tally.rows == 0 {
            self.groups.remove(key);
            return;
        }
        for (state, part) in tally.states.iter_mut().zip(parts) {
            state.values -= part.values;
            state.decimals -= part.decimals;
            state.whole -= part.whole;
            state.fraction -= part.fraction;
        }
    }

    /// The group's row with its place in the order; none when the group has no rows.
    pub(super) fn result(
        &mut self,
        key: &Key,
        sort: &[(Expr<usize>, bool)],
    ) -> Result<Option<(Vec<SortTerm>, Row)>, EvaluateError> {
        let empty = alloc::vec![State::default(); self.aggregates.len()];
        let is_total = self.is_total();
        let states = match self.groups.get_mut(key) {
            Some(tally) => {
                tally.is_changed = false;
                &tally.states
            }
            None if is_total => &empty,
            None => return Ok(None),
        };
        let mut values: Vec<Value> = key.to_vec();
        for ((aggregate, _), state) in self.aggregates.iter().zip(states) {
            values.push(state.value(*aggregate)?);
        }
        let row = self
            .items
            .iter()
            .map(|item| item.evaluate(&mut column(&values)))
            .collect::<Result<_, _>>()?;
        Ok(Some((sort_terms(sort, &values)?, row)))
    }
}

impl Tally {
    fn note_change(&mut self, key: &Key, changed: &mut Vec<Key>) {
        if !core::mem::replace(&mut self.is_changed, true) {
            changed.push(Arc::clone(key));
        }
    }
}

fn part(aggregate: Aggregate, value: &Value) -> Result<Part, EvaluateError> {
    if value.is_null() {
        return Ok(Part::default());
    }
    let counted = Part { values: 1, ..Part::default() };
    if aggregate == Aggregate::Count {
        return Ok(counted);
    }
    if let Value::Int(number) = value {
        return Ok(Part { whole: i128::from(*number), ..counted });
    }
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
        decimals: u64::from(matches!(value, Value::Decimal(_))),
        whole,
        fraction: number.mantissa() % unit * (FRACTION_UNIT / unit),
        ..counted
    })
}

impl State {
    fn value(self, aggregate: Aggregate) -> Result<Value, EvaluateError> {
        let overflow = EvaluateError::Overflow { operation: "SUM" };
        match aggregate {
            Aggregate::Count => Ok(Value::Int(i64::try_from(self.values).map_err(|_| overflow)?)),
            Aggregate::Sum if self.values == 0 => Ok(Value::Null),
            Aggregate::Sum if self.decimals == 0 => {
                i64::try_from(self.whole).map(Value::Int).map_err(|_| overflow)
            }
            Aggregate::Sum => Decimal::new(self.whole, 0)
                .and_then(|whole| whole.checked_add(Decimal::new(self.fraction, FRACTION_DIGITS)?))
                .map(Value::Decimal)
                .ok_or(overflow),
        }
    }
}
