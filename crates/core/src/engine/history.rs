//! What became of a row.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Engine, Fold};
use crate::{Delta, Position, ReadError, Row, Value};

/// What events made of a row, up to the playhead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowHistory {
    /// The names of the columns.
    pub columns: Arc<[String]>,
    /// The events that changed the row, in order.
    pub written: Vec<Written>,
    /// Whether there are earlier ones than were asked for.
    pub has_earlier: bool,
}

/// What one event made of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The event.
    pub position: Position,
    /// The row before and after; [`Delta::columns`] are the cells that changed.
    pub delta: Delta,
}

impl Engine {
    /// What events made of the row with this key up to the playhead: the latest so many of them. A
    /// row that never was has no history.
    ///
    /// For a table view this takes time for the events of the row. A derived view goes back event by
    /// event, with what it reads, until that many are found.
    ///
    /// ```
    /// use everview_core::{
    ///     Clause, Definitions, Engine, Epoch, NewEvent, Position, TableDefinition, ViewDefinition,
    /// };
    ///
    /// let set = Clause { set: vec![("total".into(), "data.cents".into())], ..Clause::default() };
    /// let mut engine = Engine::default();
    /// engine.define(&Definitions {
    ///     views: vec![(
    ///         "orders".into(),
    ///         ViewDefinition::Table(TableDefinition {
    ///             key: vec!["subject".into()],
    ///             on: vec![("Priced".into(), set)],
    ///             ..TableDefinition::default()
    ///         }),
    ///     )],
    ///     ..Definitions::default()
    /// })?;
    /// for (id, order, cents) in [("1", "a", 17), ("2", "b", 5), ("3", "a", 19)] {
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
    /// let history = engine.history("orders", &["a".into()], 10)?;
    /// let positions: Vec<_> = history.written.iter().map(|written| written.position).collect();
    /// assert_eq!(positions, [Position::new(1), Position::new(3)]);
    /// let last = &history.written[1].delta;
    /// assert_eq!(last.columns().collect::<Vec<_>>(), [1]);
    /// assert_eq!(last.before.as_ref().unwrap()[1], 17.into());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such view, or something that was spilled cannot be read back.
    pub fn history(
        &mut self,
        view: &str,
        key: &[Value],
        latest: usize,
    ) -> Result<RowHistory, ReadError> {
        let number = self.views.number(view)?;
        let columns = Arc::clone(&self.views.all[number].table.columns);
        let wanted = latest.saturating_add(1);
        let mut written = match &self.views.all[number].fold {
            Fold::Query { .. } => self.derived_history(number, key, wanted),
            Fold::Declared(_) | Fold::Projector(_) | Fold::Batched(_) => {
                self.table_history(number, key, wanted)
            }
        };
        self.log.check()?;
        let has_earlier = written.len() > latest;
        if has_earlier {
            written.pop_front();
        }
        Ok(RowHistory { columns, written: written.into(), has_earlier })
    }

    fn table_history(&self, view: usize, key: &[Value], latest: usize) -> VecDeque<Written> {
        let (table, dictionary) = (&self.views.all[view].table, &self.views.dictionary);
        let Some(slot) = table.find_values(key, dictionary) else { return VecDeque::new() };
        let values = |row: Option<Vec<_>>| row.map(|row| dictionary.values::<Row>(&row));
        let key = dictionary.values(table.key(slot));
        let written = |(event, before, after)| {
            let (before, after) = (values(before), values(after));
            let delta = Delta { key: Arc::clone(&key), before, after };
            Written { position: self.timeline.position_of(event), delta }
        };
        let mut all: Vec<Written> = table.row_history(slot).take(latest).map(written).collect();
        all.reverse();
        all.into()
    }

    /// Takes the view back event by event and watches the row.
    fn derived_history(&mut self, view: usize, key: &[Value], latest: usize) -> VecDeque<Written> {
        let (mut position, base) = (self.timeline.position, self.log.base());
        self.excursion(view, |excursion| {
            let mut written = VecDeque::new();
            while position > base && written.len() < latest {
                excursion.go(position.previous());
                let (table, dictionary) =
                    (&excursion.views.all[view].table, &excursion.views.dictionary);
                if table.has_changes()
                    && let Some(slot) = table.find_values(key, dictionary)
                    && let Some((_, after, before)) =
                        table.changes().find(|(changed, ..)| *changed == slot)
                {
                    let values = |row: Option<&[_]>| row.map(|row| dictionary.values(row));
                    let key = dictionary.values(table.key(slot));
                    let delta = Delta { key, before: values(before), after: values(after) };
                    written.push_front(Written { position, delta });
                }
                position = position.previous();
            }
            written
        })
    }
}
