//! Table views that are data.

mod compile;

use alloc::string::String;
use alloc::vec::Vec;

use super::ProjectError;
use super::field::{Fields, Paths};
use crate::Event;
use crate::cell::{Cell, Dictionary};
use crate::engine::Recorder;
use crate::log::NameCodes;
use crate::sql::{EvaluateError, Expr, Operator, Scope, binary};

/// A declared table view at work.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    key: Vec<Expr<Source>>,
    /// The columns that show the key's parts; a part whose column the view sets itself has none.
    key_places: Vec<Option<usize>>,
    pub(crate) columns: Vec<String>,
    pub(crate) key_columns: usize,
    by_type: Vec<(String, Vec<Change>)>,
    /// What every event does, before what its type does.
    any: Vec<Change>,
}

/// Where an expression of a table view takes a value from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Id,
    Origin,
    Subject,
    Type,
    Time,
    Position,
    Epoch,
    /// A slot of the event's data.
    Data(usize),
    /// A column of the row as it is.
    Column(usize),
    Constant(Cell),
}

/// A clause, with its columns by number and its expressions ready.
#[derive(Debug, Clone)]
struct Change {
    /// Where it stands, such as `on.OrderPlaced`.
    place: String,
    when: Option<Expr<Source>>,
    set: Vec<(usize, Expr<Source>)>,
    add: Vec<(usize, Expr<Source>)>,
    delete: bool,
}

/// What the views can see of an event.
#[derive(Debug)]
pub(crate) struct EventScope<'a> {
    pub(crate) event: &'a Event<'a>,
    pub(crate) names: EventNames,
    pub(crate) paths: &'a Paths,
    pub(crate) fields: &'a mut Fields,
    pub(crate) dictionary: &'a mut Dictionary,
}

/// The names of an event that recur.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventNames {
    event_type: Cell,
    subject: Cell,
    source: Cell,
}

/// The cells of a log's names, by the numbers that the log gave them.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameCells {
    types: Vec<Cell>,
    subjects: Vec<Cell>,
    sources: Vec<Cell>,
}

impl NameCells {
    pub(crate) fn of(
        &mut self,
        codes: NameCodes,
        event: &Event<'_>,
        dictionary: &mut Dictionary,
    ) -> EventNames {
        let mut cell = |cells: &mut Vec<Cell>, code: u32, name: &str| {
            let code = code as usize;
            if cells.len() <= code {
                cells.resize(code + 1, Cell::NULL);
            }
            if cells[code].is_null() {
                cells[code] = dictionary.text(name);
            }
            cells[code]
        };
        EventNames {
            event_type: cell(&mut self.types, codes.event_type, event.event_type),
            subject: cell(&mut self.subjects, codes.subject, event.subject),
            source: cell(&mut self.sources, codes.source, event.source),
        }
    }
}

/// An event and the row it is folded into, as a clause finds it.
struct RowScope<'s, 'a> {
    event: &'s mut EventScope<'a>,
    row: Option<&'s [Cell]>,
}

impl Scope<Source> for RowScope<'_, '_> {
    fn leaf(&mut self, source: &Source) -> Result<Cell, EvaluateError> {
        let EventScope { event, names, paths, fields, dictionary } = &mut *self.event;
        Ok(match *source {
            Source::Id => dictionary.text(event.id),
            Source::Origin => names.source,
            Source::Subject => names.subject,
            Source::Type => names.event_type,
            Source::Time => event.time.map_or(Cell::NULL, Dictionary::moment),
            Source::Position => dictionary.integer(whole(event.position.get())),
            Source::Epoch => dictionary.integer(whole(event.epoch.get())),
            Source::Data(slot) => fields.value(slot, paths, event, dictionary)?,
            Source::Column(index) => self.row.map_or(Cell::NULL, |row| row[index]),
            Source::Constant(cell) => cell,
        })
    }

    fn dictionary(&mut self) -> &mut Dictionary {
        self.event.dictionary
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Room that is used again from event to event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch {
    key: Vec<Cell>,
    row: ScratchRow,
    after: Vec<Cell>,
}

/// A row that is being changed.
#[derive(Debug, Clone, Default)]
struct ScratchRow {
    is_there: bool,
    cells: Vec<Cell>,
}

impl ScratchRow {
    fn cells(&self) -> Option<&[Cell]> {
        self.is_there.then_some(&*self.cells)
    }
}

impl Declared {
    /// The number of the clauses that events of this type go through, if any do.
    pub(crate) fn clauses(&self, event_type: &str) -> Option<usize> {
        let own = self.by_type.iter().position(|(name, _)| name == event_type);
        own.or((!self.any.is_empty()).then_some(self.by_type.len()))
    }

    /// How many parts its key has.
    pub(crate) fn key_width(&self) -> usize {
        self.key.len()
    }

    /// Folds an event into its row, through the clauses of its type.
    pub(crate) fn fold(
        &self,
        clauses: usize,
        scope: &mut EventScope<'_>,
        scratch: &mut Scratch,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), ProjectError> {
        scratch.key.clear();
        for part in &self.key {
            let cell = part
                .evaluate(&mut RowScope { event: scope, row: None })
                .map_err(|error| ProjectError::Evaluate { place: "key".into(), error })?;
            if cell.is_null() {
                return Err(ProjectError::NullKey);
            }
            scratch.key.push(scope.dictionary.canonical(cell));
        }
        let slot = recorder.table.slot(&scratch.key);
        let row = recorder.table.row(slot);
        scratch.row.is_there = row.is_some();
        scratch.row.cells.clear();
        scratch.row.cells.extend_from_slice(row.unwrap_or_default());
        let own = self.by_type.get(clauses).map(|(_, changes)| changes);
        for change in self.any.iter().chain(own.into_iter().flatten()) {
            self.change(change, scratch, scope)?;
        }
        recorder.put(slot, scratch.row.cells());
        Ok(())
    }

    /// Takes the row through one clause. All its expressions see the row as it was before the
    /// clause.
    fn change(
        &self,
        change: &Change,
        scratch: &mut Scratch,
        event: &mut EventScope<'_>,
    ) -> Result<(), ProjectError> {
        let failed = |part: &str, column: &str| {
            let place = [&change.place, part, column].concat();
            move |error| ProjectError::Evaluate { place, error }
        };
        let Scratch { key, row, after } = scratch;
        let mut scope = RowScope { event, row: row.cells() };
        if let Some(when) = &change.when {
            let holds =
                when.is_true("when", &mut scope).map_err(|error| failed(".when", "")(error))?;
            if !holds {
                return Ok(());
            }
        }
        if change.delete {
            row.is_there = false;
            return Ok(());
        }
        after.clear();
        match scope.row {
            Some(cells) => after.extend_from_slice(cells),
            None => self.begin_row(key, after),
        }
        for (column, expr) in &change.set {
            after[*column] = expr
                .evaluate(&mut scope)
                .map_err(|error| failed(".set.", &self.columns[*column])(error))?;
        }
        for (column, expr) in &change.add {
            after[*column] = expr
                .evaluate(&mut scope)
                .and_then(|amount| sum(after[*column], amount, scope.event.dictionary))
                .map_err(|error| failed(".add.", &self.columns[*column])(error))?;
        }
        row.is_there = true;
        core::mem::swap(&mut row.cells, after);
        Ok(())
    }

    fn begin_row(&self, key: &[Cell], row: &mut Vec<Cell>) {
        row.resize(self.columns.len(), Cell::NULL);
        for (cell, place) in key.iter().zip(&self.key_places) {
            if let Some(index) = place {
                row[*index] = *cell;
            }
        }
    }
}

/// A sum in which a missing number counts as 0.
fn sum(before: Cell, amount: Cell, dictionary: &mut Dictionary) -> Result<Cell, EvaluateError> {
    let zero = dictionary.integer(0);
    let or_zero = |cell: Cell| if cell.is_null() { zero } else { cell };
    binary(Operator::Add, or_zero(before), or_zero(amount), dictionary)
}
