//! Giving an engine its views.

use alloc::borrow::Borrow;
use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use super::{
    BatchProjector, Engine, Fold, Program, Projector, Quarantine, Registered, Retaining, ViewState,
    Views,
};
use crate::cold::ColdError;
use crate::order;
use crate::projection::Declared;
use crate::query;
use crate::reading::Index;
use crate::table::{Retention, Table};
use crate::upcast::{Coded, Unusable, Upcasters};
use crate::{
    Append, Definitions, EvaluateError, Event, IndexDefinition, Position, SqlError, SqlProblem,
    UpcasterProblem, ViewDefinition,
};

/// Views that cannot be defined. The engine keeps those it had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{place}: {problem}", of_view(view))]
pub struct DefineError {
    /// The view; empty for what belongs to none.
    pub view: String,
    /// The part of its definition, such as `on.OrderPlaced.set.total`, `sql` or
    /// `upcasters.OrderPlaced.v1`.
    pub place: String,
    /// What is wrong there.
    pub problem: DefineProblem,
}

/// What is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DefineProblem {
    /// A part of the log cannot be read back from where it was spilled to.
    #[error(transparent)]
    Cold(#[from] ColdError),
    /// An expression or a query that is not understood.
    #[error("{0}")]
    Sql(#[from] SqlError),
    /// A table view without a key.
    #[error("a table view needs a key")]
    NoKey,
    /// Two parts of a key with one name.
    #[error("the part `{name}` of the key has the name of another part")]
    SameColumn {
        /// The part.
        name: String,
    },
    /// A clause that deletes a row and changes it too.
    #[error("`delete` stands alone: the row it would set or add to is gone")]
    DeleteAndChange,
    /// A clause that changes a column in two ways.
    #[error("column `{name}` is in `{first}` and in `{second}` of one clause")]
    TwoChanges {
        /// The column.
        name: String,
        /// The one way.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A list with room for nothing, or for too much.
    #[error("expected a limit from 1 to {}, found {found}", Append::LONGEST)]
    ListLimit {
        /// The limit.
        found: u32,
    },
    /// A list in a column of another type.
    #[error("a list is kept as text, and the column's type is {found}")]
    ListType {
        /// The type.
        found: &'static str,
    },
    /// An array to unnest that is not in the data.
    #[error("expected a path into the data, such as `data.items`")]
    EachPath,
    /// An event type without a name.
    #[error("expected event types separated by commas, found an empty one")]
    NoEventType,
    /// `*` in a list of event types.
    #[error("`*` is every type and stands alone")]
    EveryTypeAndOthers,
    /// An event type twice in one list.
    #[error("`{name}` is there twice")]
    SameEventType {
        /// The type.
        name: String,
    },
    /// Something said of a column that is not there.
    #[error("no clause changes this column, and it is no part of the key")]
    UnchangedColumn,
    /// A default for a column that every row has from its key.
    #[error("a column of the key has no default")]
    KeyDefault,
    /// A default that reads something.
    #[error("expected a constant, found an expression that reads the event")]
    NotConstant,
    /// A default that has no value, or one that its column does not take.
    #[error("{0}")]
    Default(EvaluateError),
    /// Two views of one name.
    #[error("a second view of this name")]
    SameView,
    /// A view with more columns than a row can have.
    #[error("expected at most {limit} columns, found {found}")]
    TooManyColumns {
        /// How many there may be.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// An index over no column.
    #[error("an index needs a column")]
    NoColumn,
    /// An index over a column that the view does not have.
    #[error("no column `{name}`; there are {known}")]
    UnknownColumn {
        /// The name.
        name: String,
        /// The columns that are.
        known: String,
    },
    /// More than 65,535 views.
    #[error("a view after the first 65,535")]
    TooManyViews,
    /// An upcaster that cannot be used.
    #[error("{0}")]
    Upcaster(#[from] UpcasterProblem),
    /// An index of a view that is not there.
    #[error("no view `{name}`; there are {known}")]
    UnknownView {
        /// The name.
        name: String,
        /// Those that are.
        known: String,
    },
    /// The events before this position are not kept, so no new view can be folded from them.
    #[error("events up to {base} are not kept, and a new view would need them")]
    HistoryMissing {
        /// The position the engine was restored at.
        base: Position,
    },
}

fn of_view(view: &str) -> String {
    if view.is_empty() { String::new() } else { format!("view `{view}`, ") }
}

impl Engine {
    /// Replaces the declared views and folds the log into those that are new or changed. Views
    /// written in Rust stay. [`Engine::begin_define`] does it in pieces, while the old ones answer.
    ///
    /// # Errors
    ///
    /// Which view is wrong, where and why; the engine keeps the views it had.
    pub fn define(&mut self, definitions: &Definitions) -> Result<(), DefineError> {
        self.begin_define(definitions)?;
        self.build(usize::MAX);
        let defined = self.check_defined();
        if defined.is_err() {
            self.cancel_define();
        }
        defined
    }

    /// Whether all that was to be folded could be read back.
    pub(super) fn check_defined(&self) -> Result<(), DefineError> {
        self.log.check().map_err(|problem| error("", "log", problem))
    }

    /// Adds a view written in Rust and folds the log into it up to the playhead.
    ///
    /// # Errors
    ///
    /// When there is a view of that name; nothing has changed.
    pub fn register(
        &mut self,
        name: &str,
        projector: impl Projector + 'static,
    ) -> Result<(), DefineError> {
        self.add_registered(name, Registered::Each(Rc::new(projector)))
    }

    /// The same for a view that takes its events in batches.
    ///
    /// # Errors
    ///
    /// When there is a view of that name; nothing has changed.
    pub fn register_batched(
        &mut self,
        name: &str,
        projector: impl BatchProjector + 'static,
    ) -> Result<(), DefineError> {
        self.add_registered(name, Registered::Batched(Rc::new(projector)))
    }

    fn add_registered(&mut self, name: &str, registered: Registered) -> Result<(), DefineError> {
        let mut program = self.program.clone();
        program.projectors.push((name.to_string(), registered));
        self.rebuild(program)
    }

    /// Adds an upcaster written in Rust, from one version of an event to the next, and folds the
    /// log again into the views that read such events. It gives the event's data in the new version, as JSON text, or says why it cannot.
    ///
    /// It must be a pure function: the same event gives the same data.
    ///
    /// # Errors
    ///
    /// When the versions do not lead from one to the next any more; nothing has changed.
    pub fn upcast(
        &mut self,
        from: &str,
        to: &str,
        upcaster: impl Fn(&Event<'_>) -> Result<String, String> + 'static,
    ) -> Result<(), DefineError> {
        let mut program = self.program.clone();
        let (from, to, code) = (from.to_string(), to.to_string(), Rc::new(upcaster));
        program.upcasters.push(Coded { from, to, code });
        self.rebuild(program)
    }

    /// Gives the views the indexes that were made on demand.
    pub(super) fn add_indexes(&mut self) {
        for index in &self.indexes {
            // A view that is gone takes its indexes with it.
            let _ = self.views.add_index(index);
        }
    }
}

impl Registered {
    /// Its columns, how many of them are the key's, and how the view follows from the log.
    fn begin(&self) -> (Vec<String>, usize, Fold) {
        match self {
            Self::Each(projector) => {
                let fold = Fold::Projector(Rc::clone(projector));
                (projector.columns(), projector.key_columns(), fold)
            }
            Self::Batched(projector) => {
                let mut columns = projector.key();
                let key_columns = columns.len();
                columns.extend(projector.columns());
                (columns, key_columns, Fold::Batched(Rc::clone(projector)))
            }
        }
    }
}

impl Views {
    /// Adds the views of definitions and those that are registered.
    pub(super) fn compile(
        &mut self,
        definitions: &Definitions,
        program: &Program,
    ) -> Result<(), DefineError> {
        let upcasters = Upcasters::compile(&definitions.upcasters, &program.upcasters);
        self.upcasters = upcasters.map_err(|Unusable { from, wrong: (place, problem) }| {
            error("", &format!("upcasters.{from}{place}"), problem)
        })?;
        for (name, registered) in &program.projectors {
            let (columns, key_columns, fold) = registered.begin();
            self.add(name, key_columns, Table::new(columns, key_columns), fold)?;
        }
        let mut queries = Vec::new();
        for (name, definition) in &definitions.views {
            match definition {
                ViewDefinition::Table(table) => {
                    let declared =
                        Declared::compile(name, table, &mut self.paths, &mut self.dictionary)?;
                    let retention = Retention::new(table.retain);
                    let mut table = Table::new(declared.columns.clone(), declared.key_width());
                    table.retention = retention;
                    self.add(name, declared.key_columns, table, Fold::Declared(declared))?;
                }
                ViewDefinition::Query(sql) => queries.push((name.as_str(), sql.as_str())),
            }
        }
        self.add_queries(&queries)?;
        let order = |name: &str| definitions.views.iter().position(|(known, _)| known == name);
        self.list_by(|name| order(name).map_or(0, |index| index + 1));
        for index in &definitions.indexes {
            self.add_index(index)?;
        }
        self.retaining = Retaining::of(&self.all);
        Ok(())
    }

    fn add(
        &mut self,
        name: &str,
        key_columns: usize,
        table: Table,
        fold: Fold,
    ) -> Result<(), DefineError> {
        if self.index(name).is_some() {
            return Err(error(name, "name", DefineProblem::SameView));
        }
        let (found, limit) = (table.columns.len(), usize::from(u16::MAX) - 1);
        if found > limit {
            return Err(error(name, "columns", DefineProblem::TooManyColumns { limit, found }));
        }
        if self.all.len() == usize::from(u16::MAX) {
            return Err(error(name, "name", DefineProblem::TooManyViews));
        }
        let shown = if key_columns == table.key_width() { key_columns } else { 0 };
        let indexes = vec![Index::new("key".into(), (0..shown).collect(), false)];
        self.all.push(ViewState {
            name: name.to_string(),
            key_columns,
            table,
            fold,
            indexes,
            quarantine: Quarantine::default(),
            is_elsewhere: false,
        });
        Ok(())
    }

    /// Adds an index, unless the view has it.
    pub(super) fn add_index(&mut self, index: &IndexDefinition) -> Result<(), DefineError> {
        let IndexDefinition { view: name, columns, is_unique } = index;
        let Some(view) = self.all.iter_mut().find(|view| view.name == *name) else {
            let known: Vec<&str> = self.all.iter().map(|view| view.name.as_str()).collect();
            let problem = DefineProblem::UnknownView { name: name.clone(), known: listed(&known) };
            return Err(error(name, "indexes", problem));
        };
        let known = &view.table.columns;
        let unknown = |column: &str| {
            let problem =
                DefineProblem::UnknownColumn { name: column.to_string(), known: listed(known) };
            error(name, "indexes", problem)
        };
        let number = |column: &String| {
            known.iter().position(|known| known == column).ok_or_else(|| unknown(column))
        };
        let numbers = columns.iter().map(number).collect::<Result<Vec<_>, _>>()?;
        if numbers.is_empty() {
            return Err(error(name, "indexes", DefineProblem::NoColumn));
        }
        let index = Index::new(columns.join(", "), numbers, *is_unique);
        if !view.indexes.iter().any(|known| known.is_same(&index)) {
            view.indexes.push(index);
        }
        Ok(())
    }

    /// Adds the derived views, each once its sources are there.
    fn add_queries(&mut self, queries: &[(&str, &str)]) -> Result<(), DefineError> {
        let mut waiting = queries
            .iter()
            .map(|&(name, sql)| {
                let sources = query::sources(sql).map_err(|problem| error(name, "sql", problem))?;
                Ok(Waiting { name, sql, sources })
            })
            .collect::<Result<Vec<_>, DefineError>>()?;
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut still = Vec::new();
            for query in waiting {
                let sources = query.sources.iter().map(|(source, _)| self.index(source));
                match sources.collect::<Option<Vec<_>>>() {
                    Some(sources) => self.add_query(&query, sources)?,
                    None => still.push(query),
                }
            }
            waiting = still;
            if waiting.len() == before {
                return Err(self.unresolved(&waiting));
            }
        }
        Ok(())
    }

    fn add_query(&mut self, waiting: &Waiting<'_>, sources: Vec<usize>) -> Result<(), DefineError> {
        let shape = |index: &usize| {
            let table = &self.all[*index].table;
            query::Shape { columns: &table.columns, key_width: table.key_width() }
        };
        let shapes: Vec<_> = sources.iter().map(shape).collect();
        let (mut query, columns) = query::bind(waiting.sql, &shapes, &mut self.dictionary)
            .map_err(|problem| error(waiting.name, "sql", problem))?;
        let mut table = Table::new(columns, query.key_width());
        query.begin(&mut table, &mut self.dictionary);
        self.derived.push(self.all.len());
        self.add(waiting.name, 0, table, Fold::Query { sources, query: Box::new(query) })
    }

    /// Why none of these queries has its sources: one is not there, or they read each other.
    fn unresolved(&self, waiting: &[Waiting<'_>]) -> DefineError {
        let find = |name: &str| waiting.iter().find(|query| query.name == name);
        let refused = |query: &Waiting<'_>, offset, problem| {
            error(query.name, "sql", SqlError { offset, problem })
        };
        for query in waiting {
            let is_unknown = |name: &str| self.index(name).is_none() && find(name).is_none();
            if let Some((name, offset)) = query.sources.iter().find(|(name, _)| is_unknown(name)) {
                let others = waiting.iter().map(|query| query.name);
                let others = others.filter(|name| *name != query.name);
                let known = self.all.iter().map(|view| view.name.as_str()).chain(others);
                let known = listed(&known.collect::<Vec<_>>());
                let name = name.clone();
                return refused(query, *offset, SqlProblem::UnknownView { name, known });
            }
        }
        // The first source that keeps a query waiting.
        let missing = |query: &Waiting<'_>| {
            let missing = query.sources.iter().find(|(name, _)| self.index(name).is_none());
            missing.map_or((None, 0), |(name, offset)| (find(name), *offset))
        };
        let mut path = vec![&waiting[0]];
        while let (Some(next), _) = missing(path[path.len() - 1]) {
            let seen = path.iter().position(|query| query.name == next.name);
            path.push(next);
            if let Some(start) = seen {
                path.drain(..start);
                break;
            }
        }
        let names: Vec<&str> = path.iter().map(|query| query.name).collect();
        let problem = SqlProblem::Cycle { path: names.join(" → ") };
        refused(path[0], missing(path[0]).1, problem)
    }

    /// Puts the views in the order of `rank`, with the numbers by which they know each other.
    fn list_by(&mut self, rank: impl Fn(&str) -> usize) {
        let rank = |view: &ViewState| rank(&view.name);
        let order =
            order::order(self.all.len(), &mut |a, b| rank(&self.all[a]).cmp(&rank(&self.all[b])));
        let place = |old: usize| order.iter().position(|index| *index == old).unwrap_or(old);
        for view in &mut self.all {
            if let Fold::Query { sources, .. } = &mut view.fold {
                for source in sources {
                    *source = place(*source);
                }
            }
        }
        for index in &mut self.derived {
            *index = place(*index);
        }
        order::sort(&mut self.all, |a, b| rank(a).cmp(&rank(b)));
    }
}

fn listed<T: Borrow<str>>(names: &[T]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

/// A derived view whose sources are not all there yet.
struct Waiting<'a> {
    name: &'a str,
    sql: &'a str,
    /// With their places in the text.
    sources: Vec<(String, usize)>,
}

fn error(view: &str, place: &str, problem: impl Into<DefineProblem>) -> DefineError {
    DefineError { view: view.to_string(), place: place.to_string(), problem: problem.into() }
}
