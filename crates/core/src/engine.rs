//! The log, its views and the playhead, kept together.

mod define;
mod intake;
mod read;
mod snapshot;
mod timeline;

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use crate::cell::Dictionary;
use crate::input::Limits;
use crate::log::{EventText, Glance};
use crate::projection::{AnyProjector, Declared, EventScope, Fields, NameCells, Paths, Scratch};
use crate::query::Query;
use crate::table::{Change, Slot, Table};
use crate::{
    AppendError, ColumnType, Definitions, Delta, Digest, Epoch, EvaluateError, Event, Key, Log,
    NewEvent, Position, ProjectError, Projector, Row, Value,
};
pub use define::{DefineError, DefineProblem};
pub use intake::Intake;
use read::Room;
pub use snapshot::RestoreError;
pub(crate) use timeline::Recorder;
use timeline::Timeline;

/// A log of events and the views over it, which can be taken to any position.
///
/// Every change to a row is remembered with what it undid. So [`Engine::seek`] goes back and forth
/// by swapping cells, [`Engine::rewind`] does the same and then forgets, and derived views follow
/// from the changed rows either way.
///
/// ```
/// use everview_core::{
///     Clause, Definitions, Engine, Epoch, NewEvent, Position, TableDefinition, Value,
///     ViewDefinition,
/// };
///
/// let mut engine = Engine::default();
/// engine.define(&Definitions {
///     views: vec![
///         (
///             "orders".into(),
///             ViewDefinition::Table(TableDefinition {
///                 key: vec!["subject".into()],
///                 on: vec![(
///                     "OrderPlaced".into(),
///                     Clause {
///                         set: vec![("total".into(), "data.total".into())],
///                         ..Clause::default()
///                     },
///                 )],
///                 ..TableDefinition::default()
///             }),
///         ),
///         ("turnover".into(), ViewDefinition::Query("SELECT SUM(total) AS total FROM orders".into())),
///     ],
/// })?;
/// for (id, total) in [("1", 1299), ("2", 801)] {
///     engine.append(
///         Epoch::new(1),
///         &NewEvent {
///             id: id.into(),
///             source: "/shop".into(),
///             event_type: "OrderPlaced".into(),
///             subject: format!("order-{id}"),
///             time: None,
///             data: format!(r#"{{"total":{total}}}"#),
///         },
///     )?;
/// }
/// let turnover = |engine: &Engine| engine.view("turnover").unwrap().rows().next().unwrap()[0].clone();
/// assert_eq!(turnover(&engine), Value::Int(2100));
/// engine.seek(Position::new(1));
/// assert_eq!(turnover(&engine), Value::Int(1299));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Engine {
    log: Log,
    limits: Limits,
    intake: Intake,
    definitions: Definitions,
    projectors: Vec<(String, Rc<dyn AnyProjector>)>,
    views: Views,
    timeline: Timeline,
    quarantine: Quarantine,
    room: Room,
}

/// The views, compiled together.
#[derive(Debug, Clone, Default)]
struct Views {
    all: Vec<ViewState>,
    /// Numbers of the derived views, each after its source.
    derived: Vec<usize>,
    /// What the declared views read of the data.
    paths: Paths,
    /// What was found of it in the event that is being folded.
    fields: Fields,
    /// What the cells of all tables stand for.
    dictionary: Dictionary,
    names: NameCells,
    scratch: Scratch,
    /// What the event that is being folded did to the view that is looked at.
    changes: Vec<Change>,
    /// Of each type of event, by the log's number, the views that read it, each with the number of
    /// its clauses; none where it is not known yet.
    readers: Vec<Option<Vec<(usize, usize)>>>,
}

#[derive(Debug, Clone)]
struct ViewState {
    name: String,
    key_columns: usize,
    table: Table,
    fold: Fold,
}

/// How a view follows from the log.
#[derive(Debug, Clone)]
enum Fold {
    Declared(Declared),
    Projector(Rc<dyn AnyProjector>),
    /// With the numbers of the views it reads.
    Query {
        sources: Vec<usize>,
        query: Box<Query>,
    },
}

/// An event that a view refused. The view stays as it was before the event; other views and later
/// events go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The event.
    pub position: Position,
    /// The view.
    pub view: String,
    /// Why.
    pub error: ProjectError,
}

/// Refused events: all counted, the first of them kept.
#[derive(Debug, Clone, Default)]
struct Quarantine {
    limit: usize,
    kept: Vec<Quarantined>,
    /// The positions of all of them, with the number of the view.
    all: Vec<(Position, u32)>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Engine {
    /// An engine without events and views.
    pub fn new(limits: Limits) -> Self {
        Self {
            log: Log::default(),
            limits,
            intake: Intake::default(),
            definitions: Definitions::default(),
            projectors: Vec::new(),
            views: Views::default(),
            timeline: Timeline::default(),
            quarantine: Quarantine::new(limits),
            room: Room::default(),
        }
    }

    /// The log.
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// What was read, dropped and refused so far.
    pub const fn intake(&self) -> &Intake {
        &self.intake
    }

    /// The limits it was made with.
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// The last event's position.
    pub fn head(&self) -> Position {
        self.log.head()
    }

    /// The playhead: the position that the views are true at.
    pub const fn position(&self) -> Position {
        self.timeline.position
    }

    /// Appends an event. With the playhead at the head, the views take it in and the playhead
    /// follows; with the playhead in the past, the views stay there.
    ///
    /// # Errors
    ///
    /// Why the log does not take it; nothing has changed.
    pub fn append(&mut self, epoch: Epoch, event: &NewEvent) -> Result<Position, AppendError> {
        let follows = self.follows();
        let position = self.log.append(epoch, event)?;
        if follows {
            self.seek(position);
        }
        Ok(position)
    }

    fn follows(&self) -> bool {
        self.timeline.position == self.log.head()
    }

    /// Takes the playhead, and with it every view, to a position; one beyond the head means the
    /// head, and one before what the log keeps means the first that it can show.
    pub fn seek(&mut self, position: Position) {
        self.go(position);
        self.views.settle();
    }

    fn go(&mut self, position: Position) {
        let position = position.clamp(self.log.base(), self.log.head());
        let mut text = EventText::default();
        let timeline = &mut self.timeline;
        timeline.cross(position, &mut self.views.all);
        while timeline.folded < position {
            let next = timeline.folded.next();
            let codes = self.log.glance(next);
            if let (Some(event), Some(codes)) = (self.log.read(next, &mut text), codes) {
                let number = timeline.event(next);
                self.views.fold(&event, codes, number, &mut self.quarantine);
            }
            timeline.folded = next;
        }
        timeline.position = position;
    }

    /// Forgets every event after `position`, in the log and in the views.
    pub fn rewind(&mut self, position: Position) {
        let position = position.clamp(self.log.base(), self.log.head());
        let playhead = self.timeline.position.min(position);
        self.go(position.min(self.timeline.folded));
        for view in &mut self.views.all {
            view.table.history.truncate();
        }
        self.timeline.folded = self.timeline.folded.min(position);
        self.quarantine.truncate(position);
        self.log.truncate(position);
        self.seek(playhead);
    }

    /// The views, in the order they were defined; those written in Rust come first.
    pub fn views(&self) -> impl Iterator<Item = View<'_>> {
        let dictionary = &self.views.dictionary;
        self.views.all.iter().map(move |state| View { state, dictionary })
    }

    /// A view by its name.
    pub fn view(&self, name: &str) -> Option<View<'_>> {
        self.views().find(|view| view.name() == name)
    }

    /// The declared views as they were defined.
    pub const fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// One digest for all the views, with their names.
    pub fn digest(&self) -> Digest {
        let of_view = |view: View<'_>| {
            let mut bytes: Vec<u8> = view.digest().to_u128().to_le_bytes().into();
            bytes.extend_from_slice(view.name().as_bytes());
            Digest::of(&bytes)
        };
        self.views().map(of_view).fold(Digest::default(), Digest::with)
    }

    /// The events up to the playhead that views refused, in order, as far as they are kept.
    pub fn quarantine(&self) -> impl Iterator<Item = &Quarantined> {
        let position = self.timeline.position;
        self.quarantine.kept.iter().take_while(move |refused| refused.position <= position)
    }

    /// How many events up to the playhead a view refused.
    pub fn quarantined(&self, view: &str) -> usize {
        let Some(index) = self.views.index(view) else { return 0 };
        let upto = |(position, _): &&(Position, u32)| *position <= self.timeline.position;
        let of_view = |(_, view): &&(Position, u32)| *view as usize == index;
        self.quarantine.all.iter().take_while(upto).filter(of_view).count()
    }

    /// How many events of the log are of types that no view reads.
    pub fn ignored(&self) -> u64 {
        let unread = |(event_type, _): &(&str, u64)| !self.views.reads(event_type);
        self.log.types().filter(unread).map(|(_, count)| count).sum()
    }

    /// The net changes to a view's rows since this was last asked; the first time, every row as
    /// new. Nothing for a view that is not there.
    pub fn drain_deltas(&mut self, view: &str) -> Vec<Delta> {
        match self.views.index(view) {
            Some(index) => self.views.all[index].table.drain(&self.views.dictionary),
            None => Vec::new(),
        }
    }
}

impl Quarantine {
    fn new(limits: Limits) -> Self {
        Self { limit: limits.kept, ..Self::default() }
    }

    fn add(&mut self, position: Position, view: u32, name: &str, error: ProjectError) {
        self.all.push((position, view));
        if self.kept.len() < self.limit {
            self.kept.push(Quarantined { position, view: name.into(), error });
        }
    }

    fn truncate(&mut self, last: Position) {
        self.all.truncate(self.all.partition_point(|(position, _)| *position <= last));
        self.kept.truncate(self.kept.partition_point(|refused| refused.position <= last));
    }
}

impl Views {
    fn index(&self, name: &str) -> Option<usize> {
        self.all.iter().position(|view| view.name == name)
    }

    fn reads(&self, event_type: &str) -> bool {
        self.all.iter().any(|view| view.clauses(event_type).is_some())
    }

    /// Learns which views read a type of event, when it comes for the first time.
    fn note_type(&mut self, event_type: &str, code: u32) {
        let known = self.readers.len();
        let code = code as usize;
        if code < known && self.readers[code].is_some() {
            return;
        }
        self.readers.resize(known.max(code + 1), None);
        let clauses = |(index, view): (usize, &ViewState)| Some((index, view.clauses(event_type)?));
        self.readers[code] = Some(self.all.iter().enumerate().filter_map(clauses).collect());
    }

    fn fold(&mut self, event: &Event<'_>, codes: Glance, number: u32, quarantine: &mut Quarantine) {
        self.note_type(event.event_type, codes.event_type);
        let readers = self.readers[codes.event_type as usize].as_deref().unwrap_or_default();
        if readers.is_empty() {
            return;
        }
        self.fields.find(&self.paths, event, codes.event_type);
        let mut scope = EventScope {
            event,
            names: self.names.of(codes, event, &mut self.dictionary),
            paths: &self.paths,
            fields: &mut self.fields,
            dictionary: &mut self.dictionary,
        };
        for &(index, clauses) in readers {
            let view = &mut self.all[index];
            self.changes.clear();
            let mut recorder = Recorder { table: &mut view.table, changes: &mut self.changes };
            let result = match &view.fold {
                Fold::Declared(declared) => {
                    declared.fold(clauses, &mut scope, &mut self.scratch, &mut recorder)
                }
                Fold::Projector(projector) => {
                    projector.fold(event, scope.dictionary, &mut recorder)
                }
                Fold::Query { .. } => Ok(()),
            };
            match result {
                Ok(()) => view.table.history.push(number, &self.changes),
                Err(error) => {
                    let view_number = u32::try_from(index).unwrap_or(u32::MAX);
                    quarantine.add(event.position, view_number, &view.name, error);
                }
            }
        }
    }

    /// Lets the derived views follow what changed in the views they read.
    fn settle(&mut self) {
        for view in &mut self.all {
            if !matches!(view.fold, Fold::Query { .. }) {
                view.table.settle(&self.dictionary);
            }
        }
        for &index in &self.derived {
            for input in 0.. {
                let Fold::Query { sources, .. } = &self.all[index].fold else { break };
                let Some(source) = sources.get(input).copied() else { break };
                let Ok([view, source]) = self.all.get_disjoint_mut([index, source]) else { break };
                if let Fold::Query { query, .. } = &mut view.fold {
                    query.take(input, &source.table, &mut view.table, &mut self.dictionary);
                }
            }
            let view = &mut self.all[index];
            if let Fold::Query { query, .. } = &mut view.fold {
                query.finish(&mut view.table, &mut self.dictionary);
            }
            view.table.settle(&self.dictionary);
        }
    }
}

impl ViewState {
    /// The number of the clauses through which events of this type change the view, if they do.
    fn clauses(&self, event_type: &str) -> Option<usize> {
        match &self.fold {
            Fold::Declared(declared) => declared.clauses(event_type),
            Fold::Projector(projector) => projector.reads(event_type).then_some(0),
            Fold::Query { .. } => None,
        }
    }
}

/// A view at the playhead, borrowed from its engine.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    state: &'a ViewState,
    dictionary: &'a Dictionary,
}

impl<'a> View<'a> {
    /// Its name.
    pub fn name(self) -> &'a str {
        &self.state.name
    }

    /// The names of its columns.
    pub fn columns(self) -> &'a [String] {
        &self.state.table.columns
    }

    /// What the values of each column are, where the definition of a table view says it or it can be
    /// told from the clauses.
    pub fn column_types(self) -> impl Iterator<Item = Option<ColumnType>> + 'a {
        let declared = match &self.state.fold {
            Fold::Declared(declared) => declared.types.as_slice(),
            Fold::Projector(_) | Fold::Query { .. } => &[],
        };
        let unknown = core::iter::repeat(None);
        declared.iter().copied().chain(unknown).take(self.columns().len())
    }

    /// How many of its columns, the first ones, show the key. None do in a derived view.
    pub fn key_columns(self) -> usize {
        self.state.key_columns
    }

    /// Whether it is a query over another view.
    pub fn is_derived(self) -> bool {
        matches!(self.state.fold, Fold::Query { .. })
    }

    /// How many rows it has.
    pub fn len(self) -> usize {
        self.state.table.len()
    }

    /// Whether it has no rows.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// A number that is equal for equal rows.
    pub fn digest(self) -> Digest {
        self.state.table.digest(self.dictionary)
    }

    /// The rows in the view's order: that of `ORDER BY` and then, or without one, that of the keys.
    pub fn rows(self) -> impl Iterator<Item = Row> + 'a {
        self.page(0, usize::MAX)
    }

    /// As many of [`View::rows`] as `count`, from number `first` on, which is counted from 0.
    pub fn page(self, first: usize, count: usize) -> impl Iterator<Item = Row> + 'a {
        let slots = self.slots().skip(first).take(count);
        slots.filter_map(move |slot| Some(self.dictionary.values(self.state.table.row(slot)?)))
    }

    fn slots(self) -> impl Iterator<Item = Slot> + 'a {
        let ordered = match &self.state.fold {
            Fold::Query { query, .. } => query.ordered(),
            Fold::Declared(_) | Fold::Projector(_) => None,
        };
        let by_key = ordered.is_none().then(|| self.state.table.ordered(self.dictionary));
        ordered.into_iter().flatten().chain(by_key.into_iter().flatten())
    }

    /// The row of a key: for a derived view the group's values, or the key of the source row.
    pub fn get(self, key: &[Value]) -> Option<Row> {
        let slot = self.state.table.find_values(key, self.dictionary)?;
        Some(self.dictionary.values(self.state.table.row(slot)?))
    }

    /// Rows of a derived view that are left out because they could not be computed, by key.
    pub fn errors(self) -> impl Iterator<Item = (&'a Key, &'a EvaluateError)> {
        let query = match &self.state.fold {
            Fold::Query { query, .. } => Some(&**query),
            _ => None,
        };
        query.into_iter().flat_map(Query::errors)
    }
}

#[cfg(test)]
mod tests;
