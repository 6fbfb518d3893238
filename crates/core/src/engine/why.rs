//! Why a cell is what it is.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{Engine, Fold, ViewState, Views};
use crate::cell::Cell;
use crate::log::EventText;
use crate::order;
use crate::projection::{EventScope, Traced};
use crate::query::{Origin, OriginRow};
use crate::table::{Slot, Table};
use crate::{Epoch, Key, Log, Position, ReadError, Value};

/// Why a cell is what it is at the playhead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// What is in the cell.
    pub value: Value,
    /// The events that made it, in order. In a derived view: those that made the cells that it
    /// rests on, as far as contributions are listed.
    pub causes: Vec<Cause>,
    /// In a derived view: what it rests on, with what gives the most first or, for a `MIN`, the
    /// least. What they give to a `COUNT` or `SUM` adds up to it.
    pub contributions: Vec<Contribution>,
    /// How many contributions there are beside those listed.
    pub rest: usize,
}

/// An event that wrote a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The event.
    pub position: Position,
    /// The leadership term that it was accepted in.
    pub epoch: Epoch,
    /// Its name, unique within its source.
    pub id: String,
    /// What happened.
    pub event_type: String,
    /// The table view that the cell is in.
    pub view: String,
    /// The row there.
    pub key: Key,
    /// The column there; none where it matters only that the row came.
    pub column: Option<String>,
    /// What was in the cell.
    pub before: Value,
    /// What the event put there.
    pub after: Value,
    /// The clause that did, such as `on.OrderPlaced.set.total`; none in a view that is written in a
    /// program.
    pub clause: Option<String>,
}

/// What a cell of a derived view rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// What it gives to an aggregate: 1 to a count, to others a value. NULL where nothing is
    /// aggregated.
    pub amount: Value,
    /// The row, or the rows where views are joined. Why their cells are what they are can be asked
    /// in turn.
    pub rows: Vec<SourceRow>,
}

/// A row that a cell of a derived view rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// The view that it is in.
    pub view: String,
    /// What names it there.
    pub key: Key,
    /// The columns that matter; none if it matters only that the row is there.
    pub columns: Vec<String>,
}

/// Why it cannot be said why a cell is what it is. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WhyError {
    /// There is no such view.
    #[error(transparent)]
    View(#[from] ReadError),
    /// The view has no such row at the playhead.
    #[error("view `{view}` has no such row at {position}")]
    NoRow {
        /// The view.
        view: String,
        /// The playhead.
        position: Position,
    },
    /// The view has no such column.
    #[error("no column `{column}`; there are {known}")]
    UnknownColumn {
        /// The column.
        column: String,
        /// Those that are.
        known: String,
    },
}

/// A cell, or with no column whether there is a row.
#[derive(Debug, Clone, Copy)]
struct Place {
    view: usize,
    slot: Slot,
    column: Option<usize>,
}

impl Engine {
    /// Why a cell of a row is what it is at the playhead: the events that made it. In a derived view
    /// also the rows that it rests on, the first so many of them, and how many there are beside.
    ///
    /// ```
    /// use everview_core::{
    ///     Clause, Definitions, Engine, Epoch, NewEvent, TableDefinition, ViewDefinition,
    /// };
    ///
    /// let set = Clause { set: vec![("total".into(), "data.cents".into())], ..Clause::default() };
    /// let sum = "SELECT COUNT(*) AS orders, SUM(total) AS total FROM orders";
    /// let mut engine = Engine::default();
    /// engine.define(&Definitions {
    ///     views: vec![
    ///         (
    ///             "orders".into(),
    ///             ViewDefinition::Table(TableDefinition {
    ///                 key: vec!["subject".into()],
    ///                 on: vec![("Priced".into(), set)],
    ///                 ..TableDefinition::default()
    ///             }),
    ///         ),
    ///         ("turnover".into(), ViewDefinition::Query(sum.into())),
    ///     ],
    ///     ..Definitions::default()
    /// })?;
    /// for (id, order, cents) in [("1", "a", 17), ("2", "b", 500), ("3", "a", 19)] {
    ///     engine.append(
    ///         Epoch::new(1),
    ///         &NewEvent {
    ///             id: id.into(),
    ///             source: "/shop".into(),
    ///             event_type: "Priced".into(),
    ///             subject: order.into(),
    ///             time: None,
    ///             data: format!(r#"{{"cents":{cents}}}"#),
    ///         },
    ///     )?;
    /// }
    /// let why = engine.why("orders", &["a".into()], "total", 10)?;
    /// let last = why.causes.last().unwrap();
    /// assert_eq!((&*last.id, &last.before, &last.after), ("3", &17.into(), &19.into()));
    /// assert_eq!(last.clause.as_deref(), Some("on.Priced.set.total"));
    ///
    /// let why = engine.why("turnover", &[], "total", 1)?;
    /// assert_eq!((why.value, why.rest), (519.into(), 1));
    /// assert_eq!(why.contributions[0].amount, 500.into());
    /// assert_eq!(why.causes[0].id, "2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such view, row or column, or something that was spilled cannot be read back.
    pub fn why(
        &mut self,
        view: &str,
        key: &[Value],
        column: &str,
        most: usize,
    ) -> Result<Why, WhyError> {
        let number = self.views.number(view)?;
        let (table, dictionary) = (&self.views.all[number].table, &self.views.dictionary);
        let found = table.columns.iter().position(|known| known == column);
        let column = found.ok_or_else(|| WhyError::UnknownColumn {
            column: column.to_string(),
            known: table.columns.join(", "),
        })?;
        let row =
            table.find_values(key, dictionary).and_then(|slot| Some((slot, table.row(slot)?)));
        let (slot, row) = row.ok_or_else(|| WhyError::NoRow {
            view: view.to_string(),
            position: self.timeline.position,
        })?;
        let value = dictionary.value(row[column]);
        let place = Place { view: number, slot, column: Some(column) };
        let mut why = Why { value, causes: Vec::new(), contributions: Vec::new(), rest: 0 };
        if self.views.all[number].is_derived() {
            let (origins, rest) = self.views.origins(place, most);
            why.rest = rest;
            let contribution = |origin: &Origin| self.views.contribution(number, origin);
            why.contributions = origins.iter().map(contribution).collect();
            self.trace(number, &origins, most, &mut why.causes);
        } else {
            self.causes(place, &mut why.causes);
        }
        order::sort(&mut why.causes, |a, b| {
            let by_place = a.position.cmp(&b.position).then_with(|| a.view.cmp(&b.view));
            by_place.then_with(|| a.key.cmp(&b.key)).then_with(|| a.column.cmp(&b.column))
        });
        why.causes.dedup();
        self.log.check().map_err(ReadError::Cold)?;
        Ok(why)
    }

    /// Finds the events behind what a cell of a derived view rests on.
    fn trace(&mut self, view: usize, origins: &[Origin], most: usize, causes: &mut Vec<Cause>) {
        for OriginRow { input, key, columns } in origins.iter().flat_map(|origin| &origin.rows) {
            let Some(view) = self.views.source_of(view, *input) else { continue };
            let Some(slot) = self.views.all[view].table.find(key) else { continue };
            let whole = columns.is_empty().then_some(None);
            for column in columns.iter().map(|column| Some(*column)).chain(whole) {
                let place = Place { view, slot, column };
                if self.views.all[view].is_derived() {
                    let (origins, _) = self.views.origins(place, most);
                    self.trace(view, &origins, most, causes);
                } else {
                    self.causes(place, causes);
                }
            }
        }
    }

    /// Finds the events that wrote a cell of a table view, since its row came.
    fn causes(&mut self, place: Place, causes: &mut Vec<Cause>) {
        let mut text = EventText::default();
        let table = &self.views.all[place.view].table;
        let mut written: Vec<(u32, Option<Vec<Cell>>, Cell)> = Vec::new();
        for (event, before, after) in table.row_history(place.slot) {
            let Some(after) = after else { break };
            let is_new = before.is_none();
            let cell = |row: &[Cell]| place.column.map_or(Cell::NULL, |column| row[column]);
            if is_new || before.as_deref().map(cell) != Some(cell(&after)) {
                written.push((event, before, cell(&after)));
            }
            if is_new {
                break;
            }
        }
        for (event, before, after) in written {
            let position = self.timeline.position_of(event);
            let clause = self.views.clause(&self.log, position, place, before.as_deref());
            let Some(event) = self.log.read(position, &mut text) else { continue };
            let (view, dictionary) = (&self.views.all[place.view], &self.views.dictionary);
            let column = |column: usize| view.table.columns[column].clone();
            let before = before.as_deref().zip(place.column).map(|(row, column)| row[column]);
            causes.push(Cause {
                position,
                epoch: event.epoch,
                id: event.id.to_string(),
                event_type: event.event_type.to_string(),
                view: view.name.clone(),
                key: dictionary.values(view.table.key(place.slot)),
                column: place.column.map(column),
                before: before.map_or(Value::Null, |cell| dictionary.value(cell)),
                after: dictionary.value(after),
                clause,
            });
        }
    }
}

impl Views {
    /// The number of a source of a derived view.
    fn source_of(&self, view: usize, input: usize) -> Option<usize> {
        match &self.all[view].fold {
            Fold::Query { sources, .. } => sources.get(input).copied(),
            Fold::Declared(_) | Fold::Projector(_) | Fold::Batched(_) => None,
        }
    }

    /// What a cell of a derived view rests on, and how much there is beside.
    fn origins(&mut self, place: Place, most: usize) -> (Vec<Origin>, usize) {
        let (mut asked, mut tables): (Option<&mut ViewState>, _) = (None, Vec::new());
        for (index, view) in self.all.iter_mut().enumerate() {
            if index == place.view {
                asked = Some(view);
            } else {
                tables.push((index, &view.table));
            }
        }
        let Some(ViewState { fold: Fold::Query { sources, query }, table, .. }) = asked else {
            return Default::default();
        };
        let table_of = |source: &usize| {
            let found = tables.iter().find(|(index, _)| index == source);
            found.map(|(_, table)| *table)
        };
        let sources: Vec<&Table> = sources.iter().filter_map(table_of).collect();
        let key = table.key(place.slot).to_vec();
        let dictionary = &mut self.dictionary;
        query.origins((&key, place.column), &sources, most, (table, dictionary))
    }

    fn contribution(&self, view: usize, origin: &Origin) -> Contribution {
        let row = |OriginRow { input, key, columns }: &OriginRow| {
            let source = &self.all[self.source_of(view, *input)?];
            let names = &source.table.columns;
            Some(SourceRow {
                view: source.name.clone(),
                key: self.dictionary.values(key),
                columns: columns.iter().map(|column| names[*column].clone()).collect(),
            })
        };
        Contribution {
            amount: self.dictionary.value(origin.amount),
            rows: origin.rows.iter().filter_map(row).collect(),
        }
    }

    /// The clause that wrote a cell last when the event at a position was folded.
    fn clause(
        &mut self,
        log: &Log,
        position: Position,
        place: Place,
        before: Option<&[Cell]>,
    ) -> Option<String> {
        self.read_batch(log, position.previous(), position);
        let Self { all, kinds, paths, dictionary, batch, .. } = self;
        let ViewState { fold: Fold::Declared(declared), table, .. } = &all[place.view] else {
            return None;
        };
        let columns = batch.columns();
        let event = columns.events.first()?;
        let clauses = kinds.clauses(event.kind, place.view)?;
        let traced = Traced { slot: place.slot, before, column: place.column };
        let mut scope = EventScope { event, number: 0, columns, paths, log, dictionary };
        declared.trace(clauses, &mut scope, traced, table)
    }
}
