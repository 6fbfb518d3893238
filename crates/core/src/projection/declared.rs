//! Table views that are data.

mod column;
mod compile;
mod item;
mod list;
mod pending;
mod plan;
mod trace;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::{EventScope, ProjectError};
use crate::ColumnType;
use crate::cell::Cell;
use crate::engine::Recorder;
use crate::sql::Name;
use crate::table::Table;
use item::Item;
use pending::Pending;
use plan::{Change, Compute, Effect, RowScope};
pub(crate) use trace::Traced;

/// A declared table view at work.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    key: Vec<KeyPart>,
    each: Option<Each>,
    pub(crate) columns: Vec<String>,
    pub(crate) key_columns: usize,
    /// What the values of the columns are, where that is said or can be told.
    pub(crate) types: Vec<Option<ColumnType>>,
    /// What is in the columns of a row before anything was put there.
    defaults: Vec<Cell>,
    changes: Vec<Change>,
    /// Of each type of event that is named, the numbers of the changes that it goes through.
    plans: Vec<(String, Vec<usize>)>,
    /// Those that an event of any other type goes through.
    any: Vec<usize>,
}

#[derive(Debug, Clone)]
struct KeyPart {
    value: Compute,
    column_type: Option<ColumnType>,
    /// The column that shows it; a part whose column the view changes itself has none.
    column: Option<usize>,
}

/// The array that an event is unnested by.
#[derive(Debug, Clone)]
struct Each {
    /// Where it is in the data.
    slot: usize,
    /// The paths into an element that are read.
    paths: Vec<Name>,
}

/// Room that is used again from event to event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch {
    key: Vec<Cell>,
    pending: Pending,
    staged: Vec<Cell>,
}

impl Declared {
    /// The number of the plan for events of this type, if they do anything.
    pub(crate) fn clauses(&self, event_type: &str) -> Option<usize> {
        let own = self.plans.iter().position(|(name, _)| name == event_type);
        own.or((!self.any.is_empty()).then_some(self.plans.len()))
    }

    /// How many parts its key has.
    pub(crate) fn key_width(&self) -> usize {
        self.key.len()
    }

    /// Folds an event into its rows. All of them are decided on before one goes through the door;
    /// if it is refused, its keys are set aside.
    pub(crate) fn fold(
        &self,
        plan: usize,
        event: &mut EventScope<'_>,
        scratch: &mut Scratch,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), ProjectError> {
        let decided = self.decide(plan, event, scratch, recorder.table);
        if decided.is_err() {
            self.set_aside(event, &mut scratch.key, recorder.table);
            return decided;
        }
        for (slot, row) in scratch.pending.changed(self.columns.len()) {
            recorder.put(slot, row);
        }
        Ok(())
    }

    fn decide(
        &self,
        plan: usize,
        event: &mut EventScope<'_>,
        scratch: &mut Scratch,
        table: &mut Table,
    ) -> Result<(), ProjectError> {
        scratch.pending.clear();
        let plan = self.plans.get(plan).map_or(&self.any, |(_, plan)| plan);
        match &self.each {
            None => self.fold_row(plan, RowScope::new(event, None), scratch, table)?,
            Some(each) => {
                let elements = item::elements(event.json(each.slot))
                    .map_err(|error| ProjectError::Evaluate { place: "each".into(), error })?;
                for (index, element) in elements.into_iter().flatten().enumerate() {
                    let item = Item { index, element, paths: &each.paths };
                    let scope = RowScope::new(event, Some(item));
                    self.fold_row(plan, scope, scratch, table)
                        .map_err(|error| ProjectError::Element { index, error: Box::new(error) })?;
                }
            }
        }
        Ok(())
    }

    /// Sets aside every key of an event that can be computed.
    #[cold]
    fn set_aside(&self, event: &mut EventScope<'_>, key: &mut Vec<Cell>, table: &mut Table) {
        let position = event.event.position;
        let mut set_aside = |mut scope: RowScope<'_, '_>| {
            if self.find_key(&mut scope, key).is_ok() {
                let slot = table.slot(key);
                table.aside.add(slot, position);
            }
        };
        let Some(each) = &self.each else { return set_aside(RowScope::new(event, None)) };
        let elements = item::elements(event.json(each.slot)).ok().flatten();
        for (index, element) in elements.into_iter().flatten().enumerate() {
            let item = Item { index, element, paths: &each.paths };
            set_aside(RowScope::new(event, Some(item)));
        }
    }

    /// Takes the row that the event, or an element of it, belongs to through the plan.
    fn fold_row(
        &self,
        plan: &[usize],
        scope: RowScope<'_, '_>,
        scratch: &mut Scratch,
        table: &mut Table,
    ) -> Result<(), ProjectError> {
        let Scratch { key, pending, staged } = scratch;
        let mut scope = scope;
        self.find_key(&mut scope, key)?;
        let slot = table.slot(key);
        if let Some(first) = table.aside.behind(slot) {
            return Err(ProjectError::Waiting { first });
        }
        let before = table.row(slot);
        let (index, is_new) = match &self.each {
            None => (pending.add(slot, before), true),
            Some(_) => pending.find_or_add(slot, before),
        };
        let (state, row) = pending.row(index, self.columns.len());
        if is_new && before.is_none() {
            self.begin_row(key, row);
        }
        scope.row = row;
        scope.previous = before;
        for change in plan {
            match self.changes[*change].apply(&mut scope, staged)? {
                Effect::None => {}
                Effect::Kept => state.becomes(true),
                Effect::Deleted => {
                    state.becomes(false);
                    self.begin_row(key, scope.row);
                }
            }
        }
        Ok(())
    }

    fn find_key(
        &self,
        scope: &mut RowScope<'_, '_>,
        key: &mut Vec<Cell>,
    ) -> Result<(), ProjectError> {
        key.clear();
        for part in &self.key {
            let cell = part
                .value
                .compute(scope)
                .and_then(|cell| column::admit(part.column_type, cell, scope.event.dictionary))
                .map_err(|error| ProjectError::Evaluate { place: "key".into(), error })?;
            if cell.is_null() {
                return Err(ProjectError::NullKey);
            }
            key.push(scope.event.dictionary.canonical(cell));
        }
        Ok(())
    }

    /// Makes `row` what a row of this key is before anything was put there.
    fn begin_row(&self, key: &[Cell], row: &mut [Cell]) {
        row.copy_from_slice(&self.defaults);
        for (cell, part) in key.iter().zip(&self.key) {
            if let Some(column) = part.column {
                row[column] = *cell;
            }
        }
    }
}
