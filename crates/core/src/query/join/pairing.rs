//! What becomes of two rows that may be a pair.

use alloc::vec::Vec;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::NOBODY;
use super::side::Side;
use crate::cell::Cell;
use crate::query::stream::Stream;
use crate::query::{Context, Operand, RowScope};
use crate::sql::Expr;
use crate::table::Slot;

/// What a join is made from.
pub(in crate::query) struct Parts {
    /// Of each side how many cells a key and a row have, and what must equal the other's.
    pub(in crate::query) sides: [(usize, usize, Vec<Expr<Operand>>); 2],
    /// What else must hold, over the cells of both rows.
    pub(in crate::query) residual: Option<Expr<Operand>>,
    pub(in crate::query) is_left: bool,
    pub(in crate::query) is_last: bool,
    /// Where errors are noted: of the left side here, of the right one at the next, of pairs at the
    /// one after that.
    pub(in crate::query) stage: u16,
}

#[derive(Debug, Clone)]
pub(super) struct Pairing {
    residual: Option<Expr<Operand>>,
    /// The numbers of pairs, if another join is to know them again.
    numbers: Option<HashMap<(Slot, Slot), Slot, FixedState>>,
    pub(super) stage: u16,
    row: Vec<Cell>,
}

/// One of the two rows of a pair, before and after.
#[derive(Debug, Clone, Copy)]
pub(super) struct Half<'a> {
    pub(super) slot: Slot,
    pub(super) key: &'a [Cell],
    pub(super) before: Option<&'a [Cell]>,
    pub(super) after: Option<&'a [Cell]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    NoPair,
    Pair,
    /// The condition could not be computed. The pair is left out, but it is a partner: that there
    /// is none would be a guess.
    Unknown,
}

impl Verdict {
    pub(super) fn counts(self) -> bool {
        self != Self::NoPair
    }
}

impl Pairing {
    pub(super) fn new(residual: Option<Expr<Operand>>, is_last: bool, stage: u16) -> Self {
        let numbers = (!is_last).then(HashMap::default);
        Self { residual, numbers, stage, row: Vec::new() }
    }

    /// Whether two rows were a pair, and whether they are.
    pub(super) fn judge(
        &mut self,
        left: Half<'_>,
        right: Half<'_>,
        context: &mut Context<'_>,
    ) -> (Verdict, Verdict) {
        let was = self.holds(left.before, right.before, context);
        let is = self.holds(left.after, right.after, context);
        if self.residual.is_some() {
            let error = is.as_ref().err().cloned();
            context.record(self.stage + 2, error, &[left.key, right.key]);
        }
        (was.unwrap_or(Verdict::Unknown), is.unwrap_or(Verdict::Unknown))
    }

    fn holds(
        &mut self,
        left: Option<&[Cell]>,
        right: Option<&[Cell]>,
        context: &mut Context<'_>,
    ) -> Result<Verdict, crate::EvaluateError> {
        let (Some(left), Some(right)) = (left, right) else { return Ok(Verdict::NoPair) };
        let Some(residual) = &self.residual else { return Ok(Verdict::Pair) };
        self.row.clear();
        self.row.extend_from_slice(left);
        self.row.extend_from_slice(right);
        let mut scope = RowScope { row: &self.row, dictionary: context.dictionary };
        let holds = residual.is_true("ON", &mut scope)?;
        Ok(if holds { Verdict::Pair } else { Verdict::NoPair })
    }

    /// Tells how a pair changed, if it did.
    pub(super) fn tell(
        &mut self,
        left: Half<'_>,
        right: Half<'_>,
        (was, is): (Verdict, Verdict),
        out: &mut Stream,
    ) {
        let rows = |verdict, left, right| match (verdict, left, right) {
            (Verdict::Pair, Some(left), Some(right)) => Some([left, right]),
            _ => None,
        };
        let before = rows(was, left.before, right.before);
        let after = rows(is, left.after, right.after);
        if before.is_some() || after.is_some() {
            let slot = self.number(left.slot, right.slot);
            out.push(slot, [left.key, right.key], before, after);
        }
    }

    /// Tells how a left row without partners changed: the columns of the right side are NULL.
    pub(super) fn tell_alone(&mut self, left: Half<'_>, right: &Side, out: &mut Stream) {
        let (key, row) = right.nobody();
        let slot = self.number(left.slot, NOBODY);
        out.push(
            slot,
            [left.key, key],
            left.before.map(|left| [left, row]),
            left.after.map(|left| [left, row]),
        );
    }

    fn number(&mut self, left: Slot, right: Slot) -> Slot {
        let Some(numbers) = &mut self.numbers else { return 0 };
        let next = Slot::try_from(numbers.len()).unwrap_or(Slot::MAX);
        *numbers.entry((left, right)).or_insert(next)
    }
}
