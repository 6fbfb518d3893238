//! The log, its views and the playhead, kept together.

mod build;
mod capsule;
mod checkpoint;
mod define;
mod diff;
mod excursion;
mod fold;
mod fork;
mod forks;
mod history;
mod intake;
mod kinds;
mod late;
mod memory;
mod quarantine;
mod read;
mod reading;
mod retaining;
mod search;
mod snapshot;
mod stored;
mod timeline;
mod why;

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use crate::cell::Dictionary;
use crate::input::Limits;
use crate::projection::{AnyProjector, Batch, BatchProjector, Declared, NameCells, Paths, Scratch};
use crate::query::Query;
use crate::reading::Index;
use crate::table::{Change, Slot, Table};
use crate::upcast::{Coded, Upcasters};
use crate::{
    AppendError, ColumnType, Definitions, Digest, Epoch, EvaluateError, IndexDefinition, Key, Log,
    NewEvent, Position, Projector, Row, Value,
};
use build::Build;
pub use build::{Progress, Rehearsal};
pub use capsule::{Capsule, CapsuleError, Divergence};
use checkpoint::Checkpoints;
pub use define::{DefineError, DefineProblem};
pub use diff::Diff;
pub use fork::{CompareError, Edit, ForkError};
pub use forks::{Fork, ForkPlan, Forks};
pub use history::{RowHistory, Written};
pub use intake::Intake;
use kinds::Kinds;
pub use late::{InsertError, Inserted};
pub use memory::{Checkpointed, Memory};
use quarantine::Quarantine;
pub use quarantine::Quarantined;
use reading::Subscriptions;
use retaining::Retaining;
pub use snapshot::RestoreError;
pub(crate) use timeline::Recorder;
use timeline::Timeline;
pub use why::{Cause, Contribution, SourceRow, Why, WhyError};

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
///     ..Definitions::default()
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
    program: Program,
    views: Views,
    timeline: Timeline,
    /// Views that are being built, if any are.
    building: Option<Box<Build>>,
    /// The views as they were defined before, with the tables that nobody has taken over.
    previous: Option<Box<Build>>,
    /// Indexes made on demand.
    indexes: Vec<IndexDefinition>,
    subscriptions: Subscriptions,
}

/// What is written in a program.
#[derive(Debug, Clone, Default)]
struct Program {
    projectors: Vec<(String, Registered)>,
    upcasters: Vec<Coded>,
}

/// The views, compiled together.
#[derive(Debug, Clone, Default)]
struct Views {
    all: Vec<ViewState>,
    /// Numbers of the derived views, each after its source.
    derived: Vec<usize>,
    /// What the declared views read of the data.
    paths: Paths,
    /// The events that are being folded.
    batch: Batch,
    /// What the cells of all tables stand for.
    dictionary: Dictionary,
    names: NameCells,
    scratch: Scratch,
    /// What the event that is being folded did to the view that is looked at.
    changes: Vec<Change>,
    kinds: Kinds,
    upcasters: Upcasters,
    retaining: Retaining,
    checkpoints: Checkpoints,
    /// How many events that are set aside are kept to be shown, of each view.
    kept: usize,
}

#[derive(Debug, Clone)]
struct ViewState {
    name: String,
    key_columns: usize,
    table: Table,
    fold: Fold,
    /// That of the key first.
    indexes: Vec<Index>,
    quarantine: Quarantine,
    /// Whether its table is with the views that answer, while this is one that is built beside them.
    is_elsewhere: bool,
}

/// A view that is written in a program.
#[derive(Debug, Clone)]
enum Registered {
    Each(Rc<dyn AnyProjector>),
    Batched(Rc<dyn BatchProjector>),
}

/// How a view follows from the log.
#[derive(Debug, Clone)]
enum Fold {
    Declared(Declared),
    Projector(Rc<dyn AnyProjector>),
    Batched(Rc<dyn BatchProjector>),
    /// With the numbers of the views it reads.
    Query {
        sources: Vec<usize>,
        query: Box<Query>,
    },
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
            log: Log::with_window(limits.duplicate_window),
            limits,
            intake: Intake::default(),
            definitions: Definitions::default(),
            program: Program::default(),
            views: Views::new(limits),
            timeline: Timeline::default(),
            building: None,
            previous: None,
            indexes: Vec::new(),
            subscriptions: Subscriptions::default(),
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
    ///
    /// Where a part of what was spilled cannot be read back, the playhead stops short of it, and stays
    /// there: [`Engine::failure`].
    pub fn seek(&mut self, position: Position) {
        self.travel(position);
        self.settle();
    }

    /// Lets derived views and subscriptions follow what changed.
    fn settle(&mut self) {
        self.views.settle();
        self.subscriptions.follow(&mut self.views);
    }

    /// Whether the views have arrived.
    fn go(&mut self, position: Position) -> bool {
        let position = self.within_log(position);
        self.views.go(position, &self.log, &mut self.timeline)
    }

    /// Forgets every event after `position`, in the log and in the views.
    pub fn rewind(&mut self, position: Position) {
        let position = self.within_log(position);
        let playhead = self.timeline.position.min(position);
        if self.rewind_views(position) {
            self.log.truncate(position);
            self.seek(playhead);
        }
    }

    /// Lets all views forget what events after a position did, also those that stand beside. Whether
    /// what that takes could be read back.
    fn rewind_views(&mut self, position: Position) -> bool {
        if self.failure().is_some() {
            return false;
        }
        self.jump(position);
        let mut is_done = self.views.rewind(position, &self.log, &mut self.timeline);
        for build in [&mut self.building, &mut self.previous].into_iter().flatten() {
            is_done &= build.views.rewind(position, &self.log, &mut build.timeline);
        }
        if !is_done {
            self.settle();
        }
        is_done
    }

    /// The views, in the order they were defined; those of a program come first.
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

    /// How many events of the log are of types that no view reads.
    pub fn ignored(&self) -> u64 {
        let unread = |(event_type, _): &(&str, u64)| !self.views.reads(event_type);
        self.log.types().filter(unread).map(|(_, count)| count).sum()
    }
}

impl Views {
    fn new(limits: Limits) -> Self {
        let checkpoints = Checkpoints::new(limits.checkpoint_events);
        Self { kept: limits.kept, checkpoints, ..Self::default() }
    }

    /// Takes the views to a position of the log, folding what they have not seen yet. What cannot be
    /// read back ends the way, or keeps them from setting out. Whether they have arrived.
    fn go(&mut self, position: Position, log: &Log, timeline: &mut Timeline) -> bool {
        if !timeline.cross(position, &mut self.all) {
            return false;
        }
        while timeline.folded < position {
            let before = timeline.folded;
            timeline.folded = self.fold(log, timeline, position);
            if timeline.folded == before {
                timeline.position = before;
                return false;
            }
        }
        timeline.position = position;
        true
    }

    /// Forgets what events after a position did. Whether what that takes could be read back.
    fn rewind(&mut self, position: Position, log: &Log, timeline: &mut Timeline) -> bool {
        if !self.go(position.min(timeline.folded), log, timeline) {
            return false;
        }
        for view in &mut self.all {
            if !view.table.history.truncate() {
                return false;
            }
            view.quarantine.truncate(position);
        }
        timeline.folded = timeline.folded.min(position);
        self.checkpoints.truncate(timeline.event(timeline.folded));
        self.truncate(timeline.folded, log);
        log.failure().is_none()
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.all.iter().position(|view| view.name == name)
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
            Fold::Projector(_) | Fold::Batched(_) | Fold::Query { .. } => &[],
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

    /// The rows of [`View::page`], each with the key that names it in [`View::get`],
    /// [`Engine::why`] and [`Engine::history`]. In a derived view the key need not be among the
    /// columns.
    ///
    /// ```
    /// # let engine = everview_core::Engine::default();
    /// for view in engine.views() {
    ///     for (key, row) in view.keyed(0, 10) {
    ///         assert_eq!(view.get(&key), Some(row));
    ///     }
    /// }
    /// ```
    pub fn keyed(self, first: usize, count: usize) -> impl Iterator<Item = (Key, Row)> + 'a {
        let Self { state: ViewState { table, .. }, dictionary } = self;
        let entry = move |slot| {
            Some((dictionary.values(table.key(slot)), dictionary.values(table.row(slot)?)))
        };
        self.slots().skip(first).take(count).filter_map(entry)
    }

    fn slots(self) -> impl Iterator<Item = Slot> + 'a {
        let ordered = match &self.state.fold {
            Fold::Query { query, .. } => query.ordered(),
            Fold::Declared(_) | Fold::Projector(_) | Fold::Batched(_) => None,
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
