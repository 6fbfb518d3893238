//! Aggregates over sets of values, of which any can be taken out again.

use alloc::vec::Vec;
use core::cmp::Ordering;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{Operand, RowScope};
use crate::cell::{Cell, Dictionary};
use crate::pages::Pages;
use crate::sorted::Sorted;
use crate::sql::{Aggregate, EvaluateError, Expr};
use crate::table::Slot;
use crate::{Decimal, Value};

/// What a query wants to know of each group, and what it takes to keep that up: aggregates that can
/// share what they rest on do.
#[derive(Debug, Clone, Default)]
pub(super) struct Aggregates {
    measures: Vec<Measure>,
    /// What sums run over, and whether it must be numbers.
    summed: Vec<(Expr<Operand>, bool)>,
    /// What least and greatest values are of.
    bagged: Vec<Expr<Operand>>,
    /// What distinct values are of, and a number for each that a group ever had.
    counted: Vec<(Expr<Operand>, Numbers)>,
    held: AggregateState,
    parts: Parts,
}

/// The numbers of values in their groups.
type Numbers = HashMap<(Slot, Cell), usize, FixedState>;

/// What the groups hold.
#[derive(Debug, Clone)]
pub(super) struct AggregateState {
    sums: Sums,
    bags: Vec<Bag>,
    sets: Vec<Set>,
}

impl AggregateState {
    pub(super) fn share(&mut self, other: &Self) {
        self.sums.wholes.share(&other.sums.wholes);
        self.sums.fractions.share(&other.sums.fractions);
        for (bag, other) in self.bags.iter_mut().zip(&other.bags) {
            bag.share(other);
        }
        for (set, other) in self.sets.iter_mut().zip(&other.sets) {
            set.times.share(&other.times);
            set.sizes.share(&other.sizes);
        }
    }
}

impl Default for AggregateState {
    fn default() -> Self {
        Self { sums: Sums::new(0), bags: Vec::new(), sets: Vec::new() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Rows,
    Sum(usize, Aggregate),
    Least(usize),
    Greatest(usize),
    Distinct(usize),
}

/// What a row gives to the aggregates, in room that is used again.
#[derive(Debug, Clone, Default)]
struct Parts {
    sums: Vec<Sum>,
    /// Of the bags and then of the sets.
    cells: Vec<Cell>,
}

/// A sum, or what one row gives to it.
///
/// Whole and fractional parts are summed apart, each with room for 2^64 rows, so that no sum can
/// overflow on the way to a result that fits.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    /// Values that are not NULL.
    values: i64,
    /// Those of them that are decimals: while there is one, the sum is a decimal.
    decimals: i64,
    whole: i128,
    /// In units of 10^-18.
    fraction: i128,
}

/// The sums of all groups. Those of whole numbers have no part in the second half, of which then no
/// page is written to.
#[derive(Debug, Clone)]
struct Sums {
    wholes: Pages<Whole>,
    fractions: Pages<Fraction>,
}

/// Half of a [`Sum`], without the gap that its alignment would make.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C, packed(8))]
struct Whole {
    values: i64,
    whole: i128,
}

/// The other half.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Fraction {
    decimals: i64,
    fraction: i128,
}

/// The values of each group in order, each with how often it is there.
type Bag = Sorted<Held>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    group: Slot,
    times: u32,
    cell: Cell,
}

/// How often each value is in its group, by the value's number, and how many there are in a group.
#[derive(Debug, Clone)]
struct Set {
    times: Pages<u32>,
    sizes: Pages<u32>,
}

const FRACTION_DIGITS: u32 = 18;
const FRACTION_UNIT: i128 = 10_i128.pow(FRACTION_DIGITS);

impl Aggregates {
    /// Notes that an aggregate is wanted; its number.
    pub(super) fn want(&mut self, aggregate: Aggregate, argument: Option<Expr<Operand>>) -> usize {
        let measure = match (aggregate, argument) {
            (_, None) => Measure::Rows,
            (Aggregate::Min, Some(expr)) => Measure::Least(self.bag(expr)),
            (Aggregate::Max, Some(expr)) => Measure::Greatest(self.bag(expr)),
            (Aggregate::CountDistinct, Some(expr)) => Measure::Distinct(self.set(expr)),
            (aggregate, Some(expr)) => {
                let wanted = (expr, aggregate != Aggregate::Count);
                let known = self.summed.iter().position(|known| *known == wanted);
                let index = known.unwrap_or(self.summed.len());
                if known.is_none() {
                    self.summed.push(wanted);
                    self.held.sums = Sums::new(self.summed.len());
                }
                Measure::Sum(index, aggregate)
            }
        };
        let known = self.measures.iter().position(|known| *known == measure);
        known.unwrap_or_else(|| {
            self.measures.push(measure);
            self.measures.len() - 1
        })
    }

    fn bag(&mut self, expr: Expr<Operand>) -> usize {
        let known = self.bagged.iter().position(|known| *known == expr);
        known.unwrap_or_else(|| {
            self.bagged.push(expr);
            self.held.bags.push(Bag::default());
            self.bagged.len() - 1
        })
    }

    fn set(&mut self, expr: Expr<Operand>) -> usize {
        let known = self.counted.iter().position(|(known, _)| *known == expr);
        known.unwrap_or_else(|| {
            self.counted.push((expr, HashMap::default()));
            self.held.sets.push(Set { times: Pages::new(1), sizes: Pages::new(1) });
            self.counted.len() - 1
        })
    }

    pub(super) fn keep(&self) -> AggregateState {
        self.held.clone()
    }

    pub(super) fn restore(&mut self, kept: &AggregateState) {
        self.held.clone_from(kept);
    }

    /// The expressions over a row.
    pub(super) fn arguments(&mut self) -> impl Iterator<Item = &mut Expr<Operand>> {
        let summed = self.summed.iter_mut().map(|(expr, _)| expr);
        summed.chain(&mut self.bagged).chain(self.counted.iter_mut().map(|(expr, _)| expr))
    }

    /// What a measure runs over; nothing for `COUNT(*)`.
    pub(super) fn argument(&self, measure: usize) -> Option<&Expr<Operand>> {
        Some(match self.measures[measure] {
            Measure::Rows => return None,
            Measure::Sum(index, _) => &self.summed[index].0,
            Measure::Least(index) | Measure::Greatest(index) => &self.bagged[index],
            Measure::Distinct(index) => &self.counted[index].0,
        })
    }

    pub(super) fn is_least(&self, measure: usize) -> bool {
        matches!(self.measures[measure], Measure::Least(_))
    }

    /// What a row gives to a measure, unless that is nothing: 1 to a count, else its value.
    pub(super) fn gives(
        &self,
        measure: usize,
        scope: &mut RowScope<'_>,
    ) -> Result<Option<Cell>, EvaluateError> {
        let argument = self.argument(measure);
        let cell = argument.map_or(Ok(Cell::TRUE), |argument| argument.evaluate(scope))?;
        let counts =
            matches!(self.measures[measure], Measure::Rows | Measure::Sum(_, Aggregate::Count));
        let amount = if counts { scope.dictionary.integer(1) } else { cell };
        Ok((!cell.is_null()).then_some(amount))
    }

    /// Computes what a row gives.
    pub(super) fn compute(&mut self, scope: &mut RowScope<'_>) -> Result<(), EvaluateError> {
        let Parts { sums, cells } = &mut self.parts;
        sums.clear();
        for (argument, is_number) in &self.summed {
            sums.push(part(argument.evaluate(scope)?, *is_number, scope.dictionary)?);
        }
        cells.clear();
        for argument in &self.bagged {
            cells.push(argument.evaluate(scope)?);
        }
        for (argument, _) in &self.counted {
            let cell = argument.evaluate(scope)?;
            cells.push(scope.dictionary.canonical(cell));
        }
        Ok(())
    }

    /// Gives to a group what was computed, or takes it out again with a sign of -1.
    pub(super) fn add(&mut self, group: Slot, sign: i64, dictionary: &Dictionary) {
        let AggregateState { sums, bags, sets } = &mut self.held;
        sums.add(group, sign, &self.parts.sums);
        let mut cells = self.parts.cells.iter().copied();
        for (bag, cell) in bags.iter_mut().zip(&mut cells) {
            if !cell.is_null() {
                hold(bag, group, cell, sign, dictionary);
            }
        }
        for (((_, numbers), set), cell) in self.counted.iter_mut().zip(sets).zip(cells) {
            if !cell.is_null() {
                let next = numbers.len();
                set.add(group, *numbers.entry((group, cell)).or_insert(next), sign);
            }
        }
    }

    /// Appends a group's results.
    pub(super) fn results(
        &self,
        group: Slot,
        rows: u64,
        dictionary: &mut Dictionary,
        row: &mut Vec<Cell>,
    ) -> Result<(), EvaluateError> {
        let AggregateState { sums, bags, sets } = &self.held;
        for measure in &self.measures {
            row.push(match *measure {
                Measure::Rows => dictionary.integer(i64::try_from(rows).unwrap_or(i64::MAX)),
                Measure::Sum(index, aggregate) => {
                    sums.get(group, index).result(aggregate, dictionary)?
                }
                Measure::Least(index) => {
                    let bag = &bags[index];
                    let first = bag.find(|held: Held| at_or_after(held, group, Ordering::Greater));
                    let held = bag.get(first.unwrap_or_else(|place| place));
                    held.filter(|held| held.group == group).map_or(Cell::NULL, |held| held.cell)
                }
                Measure::Greatest(index) => {
                    let bag = &bags[index];
                    let end = bag.find(|held: Held| at_or_after(held, group, Ordering::Less));
                    let held = bag.before(end.unwrap_or_else(|place| place));
                    held.filter(|held| held.group == group).map_or(Cell::NULL, |held| held.cell)
                }
                Measure::Distinct(index) => {
                    let size = sets[index].sizes.get(group as usize).map(|size| size[0]);
                    dictionary.integer(size.unwrap_or_default().into())
                }
            });
        }
        Ok(())
    }
}

/// How a held value stands to an edge of a group, that all values of the group are `within` of.
fn at_or_after(held: Held, group: Slot, within: Ordering) -> Ordering {
    held.group.cmp(&group).then(within)
}

fn hold(bag: &mut Bag, group: Slot, cell: Cell, sign: i64, dictionary: &Dictionary) {
    let place = bag.find(|held| {
        // Equal numbers of two kinds are told apart, so that which came first does not show.
        let by_value = || dictionary.compare(held.cell, cell);
        let by_kind = || dictionary.is_decimal(held.cell).cmp(&dictionary.is_decimal(cell));
        held.group.cmp(&group).then_with(by_value).then_with(by_kind)
    });
    match place {
        Err(place) => bag.insert(place, Held { group, times: 1, cell }),
        Ok(place) => {
            let Some(held) = bag.get_mut(place) else { return };
            held.times = held.times.wrapping_add_signed(if sign < 0 { -1 } else { 1 });
            if held.times == 0 {
                bag.remove(place);
            }
        }
    }
}

impl Set {
    fn add(&mut self, group: Slot, number: usize, sign: i64) {
        let times = &mut self.times.get_mut(number)[0];
        let was = *times > 0;
        *times = times.wrapping_add_signed(if sign < 0 { -1 } else { 1 });
        let is = *times > 0;
        if was != is {
            let size = &mut self.sizes.get_mut(group as usize)[0];
            *size = size.wrapping_add_signed(if is { 1 } else { -1 });
        }
    }
}

fn part(cell: Cell, is_number: bool, dictionary: &Dictionary) -> Result<Sum, EvaluateError> {
    if cell.is_null() {
        return Ok(Sum::default());
    }
    let counted = Sum { values: 1, ..Sum::default() };
    if !is_number {
        return Ok(counted);
    }
    if let Some(number) = cell.small_integer() {
        return Ok(Sum { whole: number.into(), ..counted });
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
    Ok(Sum {
        decimals: i64::from(matches!(value, Value::Decimal(_))),
        whole,
        fraction: number.mantissa() % unit * (FRACTION_UNIT / unit),
        ..counted
    })
}

impl Sums {
    const fn new(width: usize) -> Self {
        Self { wholes: Pages::new(width), fractions: Pages::new(width) }
    }

    fn get(&self, group: Slot, index: usize) -> Sum {
        let group = group as usize;
        let Whole { values, whole } =
            self.wholes.get(group).map_or_else(Whole::default, |sums| sums[index]);
        let Fraction { decimals, fraction } =
            self.fractions.get(group).map_or_else(Fraction::default, |sums| sums[index]);
        Sum { values, decimals, whole, fraction }
    }

    fn add(&mut self, group: Slot, sign: i64, parts: &[Sum]) {
        let group = group as usize;
        for (sum, part) in self.wholes.get_mut(group).iter_mut().zip(parts) {
            sum.values += sign * part.values;
            sum.whole += i128::from(sign) * part.whole;
        }
        if parts.iter().all(|part| part.decimals == 0) {
            return;
        }
        for (sum, part) in self.fractions.get_mut(group).iter_mut().zip(parts) {
            sum.decimals += sign * part.decimals;
            sum.fraction += i128::from(sign) * part.fraction;
        }
    }
}

impl Sum {
    fn result(
        self,
        aggregate: Aggregate,
        dictionary: &mut Dictionary,
    ) -> Result<Cell, EvaluateError> {
        let overflow = EvaluateError::Overflow { operation: aggregate.name() };
        if aggregate == Aggregate::Count {
            return Ok(dictionary.integer(self.values));
        }
        if self.values == 0 {
            return Ok(Cell::NULL);
        }
        if self.decimals == 0 && aggregate == Aggregate::Sum {
            return i64::try_from(self.whole)
                .map(|whole| dictionary.integer(whole))
                .map_err(|_| overflow);
        }
        let sum = Decimal::new(self.whole, 0)
            .and_then(|whole| whole.checked_add(Decimal::new(self.fraction, FRACTION_DIGITS)?));
        let result = match aggregate {
            Aggregate::Average => sum.and_then(|sum| sum.checked_div(self.values.into())),
            _ => sum,
        };
        result.map(|result| dictionary.cell(&Value::Decimal(result))).ok_or(overflow)
    }
}
