//! Positions at which something is so, or happened.
//!
//! Each search goes from one position to another, onwards or back, and stops at the first that it
//! finds: one that goes back finds the last. It takes time for the events on the way, so a search
//! through a long log can be made in pieces.

use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;

use super::{Engine, Program, Timeline, Views};
use crate::cell::{Cell, Dictionary};
use crate::cold::ColdError;
use crate::reading::Compiled;
use crate::table::Slot;
use crate::{
    Clause, DefineError, Definitions, Position, Read, ReadError, TableDefinition, Value,
    ViewDefinition,
};

/// How many events are looked at together for what they say themselves.
const WINDOW: u64 = 4_096;

/// A row that changed: its slot, and what it was and is.
type Changed<'a> = (Slot, Option<&'a [Cell]>, Option<&'a [Cell]>);

impl Engine {
    /// The first position on the way from one to another, both included, at which the view has a row
    /// for which the condition holds: onwards, where it became so; back, where it was so last. The
    /// playhead stays where it is.
    ///
    /// ```
    /// use everview_core::{
    ///     Clause, Definitions, Engine, Epoch, NewEvent, Position, TableDefinition, ViewDefinition,
    /// };
    ///
    /// let set = Clause { set: vec![("level".into(), "data.level".into())], ..Clause::default() };
    /// let mut engine = Engine::default();
    /// engine.define(&Definitions {
    ///     views: vec![(
    ///         "stock".into(),
    ///         ViewDefinition::Table(TableDefinition {
    ///             key: vec!["subject".into()],
    ///             on: vec![("Counted".into(), set)],
    ///             ..TableDefinition::default()
    ///         }),
    ///     )],
    ///     ..Definitions::default()
    /// })?;
    /// for (id, level) in [("1", 5), ("2", -1), ("3", -2), ("4", 7)] {
    ///     engine.append(
    ///         Epoch::new(1),
    ///         &NewEvent {
    ///             id: id.into(),
    ///             source: "/shop".into(),
    ///             event_type: "Counted".into(),
    ///             subject: "nails".into(),
    ///             time: None,
    ///             data: format!(r#"{{"level":{level}}}"#),
    ///         },
    ///     )?;
    /// }
    /// let (start, head) = (Position::START, engine.head());
    /// assert_eq!(engine.bisect("stock", "level < 0", start, head)?, Some(Position::new(2)));
    /// assert_eq!(engine.bisect("stock", "level < 0", head, start)?, Some(Position::new(3)));
    /// assert_eq!(engine.bisect("stock", "level > 9", start, head)?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such view, or the condition is not understood.
    pub fn bisect(
        &mut self,
        view: &str,
        condition: &str,
        from: Position,
        to: Position,
    ) -> Result<Option<Position>, ReadError> {
        let number = self.views.number(view)?;
        let mut holds = self.holding(number, condition)?;
        Ok(self.walk(number, (from, to), |views, is_first| holds.look(views, is_first))?)
    }

    /// The events after one position up to another with which a condition came to hold: before each
    /// of them the view had no row for which it holds, and after it there is one. Where a player
    /// with a breakpoint stops.
    ///
    /// ```
    /// use everview_core::{
    ///     Clause, Definitions, Engine, Epoch, NewEvent, Position, TableDefinition, ViewDefinition,
    /// };
    ///
    /// let set = Clause { set: vec![("level".into(), "data.level".into())], ..Clause::default() };
    /// let mut engine = Engine::default();
    /// engine.define(&Definitions {
    ///     views: vec![(
    ///         "stock".into(),
    ///         ViewDefinition::Table(TableDefinition {
    ///             key: vec!["subject".into()],
    ///             on: vec![("Counted".into(), set)],
    ///             ..TableDefinition::default()
    ///         }),
    ///     )],
    ///     ..Definitions::default()
    /// })?;
    /// for (id, level) in [("1", 5), ("2", -1), ("3", -2), ("4", 7), ("5", -3)] {
    ///     engine.append(
    ///         Epoch::new(1),
    ///         &NewEvent {
    ///             id: id.into(),
    ///             source: "/shop".into(),
    ///             event_type: "Counted".into(),
    ///             subject: "nails".into(),
    ///             time: None,
    ///             data: format!(r#"{{"level":{level}}}"#),
    ///         },
    ///     )?;
    /// }
    /// let onsets = engine.onsets("stock", "level < 0", Position::START, engine.head())?;
    /// assert_eq!(onsets, [Position::new(2), Position::new(5)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such view, or the condition is not understood.
    pub fn onsets(
        &mut self,
        view: &str,
        condition: &str,
        after: Position,
        to: Position,
    ) -> Result<Vec<Position>, ReadError> {
        let number = self.views.number(view)?;
        let mut holds = self.holding(number, condition)?;
        let (mut onsets, mut held) = (Vec::new(), true);
        let mut position = self.within_log(after);
        if self.within_log(to) <= position {
            return Ok(onsets);
        }
        self.walk(number, (position, to), |views, is_first| {
            let holds_now = holds.look(views, is_first);
            if !is_first {
                position = position.next();
                if holds_now && !held {
                    onsets.push(position);
                }
            }
            held = holds_now;
            false
        })?;
        Ok(onsets)
    }

    fn holding(&mut self, view: usize, condition: &str) -> Result<Holding, ReadError> {
        let name = self.views.all[view].name.clone();
        let read = Read { view: name, filter: Some(condition.to_string()), ..Read::default() };
        let condition = self.views.compile_read(view, &read)?;
        Ok(Holding { view, condition, rows: 0 })
    }

    /// The next event on the way from one position to another that changes the view or, with a key,
    /// that row of it. The way begins beside `from`: onwards with the event after it, back with the
    /// one before.
    ///
    /// ```
    /// # use everview_core::{Engine, Position};
    /// let (start, head) = (Position::START, Position::new(9));
    /// let refused = Engine::default().next_change("orders", None, start, head).unwrap_err();
    /// assert_eq!(refused.to_string(), "no view `orders`; there are none");
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such view.
    pub fn next_change(
        &mut self,
        view: &str,
        key: Option<&[Value]>,
        from: Position,
        to: Position,
    ) -> Result<Option<Position>, ReadError> {
        let number = self.views.number(view)?;
        let (from, to) = (self.within_log(from), self.within_log(to));
        let is_back = to < from;
        // What an event changed is seen between the position before it and its own.
        let from = if is_back { from.previous() } else { from };
        let to = if is_back { to.previous() } else { to };
        if is_back && from <= to {
            return Ok(None);
        }
        let found = self.walk(number, (from, to), |views, is_first| {
            let (table, dictionary) = (&views.all[number].table, &views.dictionary);
            let is_row = |(slot, ..): Changed<'_>| match key {
                None => true,
                Some(key) => table.find_values(key, dictionary) == Some(slot),
            };
            !is_first && table.changes().any(is_row)
        })?;
        Ok(found.map(|position| if is_back { position.next() } else { position }))
    }

    /// The next event on the way from one position to another for which a condition holds over the
    /// event as it was recorded, before any upcaster, such as `type = 'OrderPaid' AND data.total > 100` or
    /// `time >= '2026-01-02T03:04:05Z'`. The way begins beside `from`: onwards with the event after
    /// it, back with the one before.
    ///
    /// ```
    /// use everview_core::{Engine, Epoch, NewEvent, Position};
    ///
    /// let mut engine = Engine::default();
    /// for (id, total) in [("1", 50), ("2", 150), ("3", 70)] {
    ///     engine.append(
    ///         Epoch::new(1),
    ///         &NewEvent {
    ///             id: id.into(),
    ///             source: "/shop".into(),
    ///             event_type: "OrderPaid".into(),
    ///             subject: format!("order-{id}"),
    ///             time: None,
    ///             data: format!(r#"{{"total":{total}}}"#),
    ///         },
    ///     )?;
    /// }
    /// let large = "type = 'OrderPaid' AND data.total > 100";
    /// let next = engine.next_event(large, Position::START, engine.head())?;
    /// assert_eq!(next, Some(Position::new(2)));
    /// assert_eq!(engine.next_event(large, Position::new(2), engine.head())?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What of the condition is not understood: it is that of a view called `events`, which has a row
    /// for each event that is found.
    pub fn next_event(
        &mut self,
        condition: &str,
        from: Position,
        to: Position,
    ) -> Result<Option<Position>, DefineError> {
        let (from, to) = (self.within_log(from), self.within_log(to));
        let mark = self.views.dictionary.mark();
        let mut views = Views::new(self.limits);
        let definitions = matching(condition);
        let compile = |views: &mut Views| views.compile(&definitions, &Program::default());
        let compiled = self.views.lend_to(&mut views, compile);
        let found = compiled.map(|()| {
            let log = &self.log;
            self.views.lend_to(&mut views, |views| {
                windows(from, to).find_map(|(after, last)| {
                    let mut timeline = Timeline::new(after);
                    while timeline.folded < last && log.failure().is_none() {
                        timeline.folded = views.fold(log, &timeline, last);
                    }
                    let keys = views.all[0].table.rows().map(|(slot, ..)| slot);
                    let slot = if to < from { keys.last() } else { keys.into_iter().next() };
                    let key = views.all[0].table.key(slot?);
                    let position = key.first()?.small_integer()?;
                    Some(Position::new(position.unsigned_abs()))
                })
            })
        });
        self.views.dictionary.forget_since(mark);
        self.check_defined()?;
        found
    }

    /// Takes a view and what it reads from one position to another, event by event, until `is_found`
    /// says so; where that was. It is told whether the first position is
    /// looked at, at which nothing has changed yet.
    fn walk(
        &mut self,
        view: usize,
        (from, to): (Position, Position),
        mut is_found: impl FnMut(&mut Views, bool) -> bool,
    ) -> Result<Option<Position>, ColdError> {
        let (from, to) = (self.within_log(from), self.within_log(to));
        self.fold_up_to(from.max(to));
        let found = self.excursion(view, |excursion| {
            let mut position = from;
            loop {
                excursion.go(position);
                if is_found(excursion.views, position == from) {
                    return Some(position);
                }
                if position == to {
                    return None;
                }
                position = if to < from { position.previous() } else { position.next() };
            }
        });
        self.log.check()?;
        Ok(found)
    }
}

/// How many rows of a view meet a condition, while the view goes from position to position.
struct Holding {
    view: usize,
    condition: Compiled,
    rows: i64,
}

impl Holding {
    /// Whether any does: all rows are looked at first, and then those that have changed.
    fn look(&mut self, views: &mut Views, is_first: bool) -> bool {
        let Views { all, dictionary, .. } = views;
        let passes = |row: Option<&[Cell]>, dictionary: &mut Dictionary| {
            i64::from(row.is_some_and(|row| self.condition.passes(row, dictionary)))
        };
        let table = &all[self.view].table;
        if is_first {
            self.rows = table.rows().map(|(.., row)| passes(row, dictionary)).sum();
        } else {
            for (_, before, after) in table.changes() {
                self.rows += passes(after, dictionary) - passes(before, dictionary);
            }
        }
        self.rows > 0
    }
}

/// The events on the way from one position to another in pieces: each is told by the position before
/// its first event and that of its last.
fn windows(from: Position, to: Position) -> impl Iterator<Item = (Position, Position)> {
    let is_back = to < from;
    let mut at = if is_back { from.previous().get() } else { from.get() };
    // Back, the event at `to` is the last to be looked at.
    let end = if is_back { to.previous().get() } else { to.get() };
    core::iter::from_fn(move || {
        if is_back {
            let last = at;
            at = last.saturating_sub(WINDOW).max(end);
            (at < last).then_some((Position::new(at), Position::new(last)))
        } else {
            let after = at;
            at = after.saturating_add(WINDOW).min(end);
            (after < at).then_some((Position::new(after), Position::new(at)))
        }
    })
}

/// A view of the events for which a condition holds: a row for each.
fn matching(condition: &str) -> Definitions {
    let clause = Clause {
        when: Some(condition.to_string()),
        set: vec![("matches".to_string(), "TRUE".to_string())],
        ..Clause::default()
    };
    let table = TableDefinition {
        key: vec!["position".to_string()],
        on: vec![("*".to_string(), clause)],
        ..TableDefinition::default()
    };
    let views = vec![("events".to_string(), ViewDefinition::Table(table))];
    Definitions { views, ..Definitions::default() }
}
