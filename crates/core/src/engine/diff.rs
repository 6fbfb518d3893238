//! What differs between two positions.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Engine, Views};
use crate::order;
use crate::{Delta, Position, ReadError};

/// What differs between a view at one position and at another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// The position that the rows before are true at.
    pub from: Position,
    /// The position that the rows after are true at.
    pub to: Position,
    /// The names of the columns.
    pub columns: Arc<[String]>,
    /// The rows that differ, in the order of their keys.
    pub deltas: Vec<Delta>,
}

impl Diff {
    /// How many rows came.
    pub fn added(&self) -> usize {
        self.deltas.iter().filter(|delta| delta.before.is_none()).count()
    }

    /// How many rows went.
    pub fn removed(&self) -> usize {
        self.deltas.iter().filter(|delta| delta.after.is_none()).count()
    }

    /// How many rows stayed, but not the same.
    pub fn changed(&self) -> usize {
        self.deltas.len() - self.added() - self.removed()
    }
}

impl Engine {
    /// What differs between a view at one position and at another, be they before or after the
    /// playhead, which stays where it is. A position that the log does not reach means the nearest
    /// that it does, as in [`Engine::seek`].
    ///
    /// The view and what it reads go to both positions from the nearest checkpoints. That takes time for
    /// what differs and some thousand events, not for the log or the rows.
    ///
    /// ```
    /// use everview_core::{
    ///     Clause, Definitions, Engine, Epoch, NewEvent, Position, TableDefinition, Value,
    ///     ViewDefinition,
    /// };
    ///
    /// let add = Clause { add: vec![("total".into(), "data.cents".into())], ..Clause::default() };
    /// let mut engine = Engine::default();
    /// engine.define(&Definitions {
    ///     views: vec![(
    ///         "orders".into(),
    ///         ViewDefinition::Table(TableDefinition {
    ///             key: vec!["subject".into()],
    ///             on: vec![("ItemAdded".into(), add)],
    ///             ..TableDefinition::default()
    ///         }),
    ///     )],
    ///     ..Definitions::default()
    /// })?;
    /// for (id, order, cents) in [("1", "a", 500), ("2", "b", 700), ("3", "a", 250)] {
    ///     engine.append(
    ///         Epoch::new(1),
    ///         &NewEvent {
    ///             id: id.into(),
    ///             source: "/shop".into(),
    ///             event_type: "ItemAdded".into(),
    ///             subject: order.into(),
    ///             time: None,
    ///             data: format!(r#"{{"cents":{cents}}}"#),
    ///         },
    ///     )?;
    /// }
    /// let diff = engine.diff("orders", Position::new(1), Position::new(3))?;
    /// assert_eq!((diff.added(), diff.changed(), diff.removed()), (1, 1, 0));
    /// let a = &diff.deltas[0];
    /// assert_eq!(a.columns().map(|column| &*diff.columns[column]).collect::<Vec<_>>(), ["total"]);
    /// assert_eq!(a.after.as_ref().unwrap()[1], Value::Int(750));
    /// assert_eq!(engine.position(), Position::new(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such view, or something that was spilled cannot be read back.
    pub fn diff(&mut self, view: &str, from: Position, to: Position) -> Result<Diff, ReadError> {
        let number = self.views.number(view)?;
        let (from, to) = (self.within_log(from), self.within_log(to));
        self.fold_up_to(from.max(to));
        let playhead = self.timeline.position;
        let distance = |position: Position| position.get().abs_diff(playhead.get());
        let is_turned = distance(to) < distance(from);
        let (first, second) = if is_turned { (to, from) } else { (from, to) };
        let mut deltas: Vec<Delta> = self.excursion(number, |excursion| {
            excursion.go(first);
            excursion.go(second);
            let Views { all, dictionary, .. } = &*excursion.views;
            let table = &all[number].table;
            let values = |row: Option<&[_]>| row.map(|row| dictionary.values(row));
            let delta = |(slot, before, after)| {
                let (before, after) = if is_turned { (after, before) } else { (before, after) };
                let key = dictionary.values(table.key(slot));
                Delta { key, before: values(before), after: values(after) }
            };
            table.changes().map(delta).collect()
        });
        self.log.check()?;
        let columns = Arc::clone(&self.views.all[number].table.columns);
        order::sort(&mut deltas, |a, b| a.key.cmp(&b.key));
        Ok(Diff { from, to, columns, deltas })
    }
}
