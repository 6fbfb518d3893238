//! Which clause wrote a cell.

use alloc::string::String;
use alloc::vec::Vec;

use super::item::{self, Item};
use super::plan::{Effect, RowScope};
use super::{Declared, EventScope};
use crate::cell::Cell;
use crate::table::{Slot, Table};

/// The cell that is asked about, as it was before the event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traced<'a> {
    pub(crate) slot: Slot,
    pub(crate) before: Option<&'a [Cell]>,
    /// None asks why the row came.
    pub(crate) column: Option<usize>,
}

impl Declared {
    /// Where the clause stands that wrote a cell last when the event was folded, such as
    /// `on.OrderPlaced.set.status`: the event is folded into the row once more, beside the table.
    pub(crate) fn trace(
        &self,
        plan: usize,
        event: &mut EventScope<'_>,
        traced: Traced<'_>,
        table: &Table,
    ) -> Option<String> {
        let mut tracing = Tracing {
            row: traced.before.map_or_else(|| self.defaults.clone(), <[Cell]>::to_vec),
            is_there: traced.before.is_some(),
            place: None,
        };
        let plan = self.plans.get(plan).map_or(&self.any, |(_, plan)| plan);
        match &self.each {
            None => self.trace_row(plan, RowScope::new(event, None), (traced, table), &mut tracing),
            Some(each) => {
                let elements = item::elements(event.json(each.slot)).ok().flatten();
                for (index, element) in elements.into_iter().flatten().enumerate() {
                    let item = Item { index, element, paths: &each.paths };
                    let scope = RowScope::new(event, Some(item));
                    self.trace_row(plan, scope, (traced, table), &mut tracing);
                }
            }
        }
        tracing.place
    }

    fn trace_row(
        &self,
        plan: &[usize],
        scope: RowScope<'_, '_>,
        (traced, table): (Traced<'_>, &Table),
        tracing: &mut Tracing,
    ) {
        let (mut scope, mut key, mut staged) = (scope, Vec::new(), Vec::new());
        if self.find_key(&mut scope, &mut key).is_err() || table.find(&key) != Some(traced.slot) {
            return;
        }
        let Tracing { row, is_there, place } = tracing;
        if !*is_there && place.is_none() {
            self.begin_row(&key, row);
        }
        scope.row = row;
        scope.previous = traced.before;
        for change in plan.iter().map(|change| &self.changes[*change]) {
            match change.apply(&mut scope, &mut staged) {
                Ok(Effect::Kept) => {
                    let writes =
                        change.steps.iter().find(|step| Some(step.column) == traced.column);
                    let begins = (!*is_there).then_some(&change.place);
                    if let Some(found) = writes.map(|step| &step.place).or(begins) {
                        *place = Some(found.clone());
                    }
                    *is_there = true;
                }
                Ok(Effect::Deleted) => {
                    *place = Some([&*change.place, ".delete"].concat());
                    *is_there = false;
                    self.begin_row(&key, scope.row);
                }
                Ok(Effect::None) | Err(_) => {}
            }
        }
    }
}

/// A row on its way through the clauses.
struct Tracing {
    row: Vec<Cell>,
    is_there: bool,
    place: Option<String>,
}
