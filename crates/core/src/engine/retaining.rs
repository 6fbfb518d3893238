//! Letting rows go that views do not retain.

use alloc::vec::Vec;

use super::{Recorder, ViewState, Views};
use crate::Position;
use crate::log::Log;
use crate::projection::BatchEvent;
use crate::table::{Change, Clock, Moment, Retention, Table};

/// The views that let rows go, and the clock that they go by.
#[derive(Debug, Clone, Default)]
pub(super) struct Retaining {
    views: Vec<usize>,
    clock: Clock,
    /// Where the log begins, and what the clock said there.
    base: Moment,
}

impl Retaining {
    pub(super) fn of(all: &[ViewState]) -> Self {
        let lets_go = |(_, view): &(usize, &ViewState)| view.table.retention.is_some();
        let views = all.iter().enumerate().filter(lets_go).map(|(index, _)| index).collect();
        Self { views, ..Self::default() }
    }

    /// Goes on where the clock of others stands.
    pub(super) const fn go_on(&mut self, others: &Self) {
        (self.clock, self.base) = (others.clock, others.base);
    }

    pub(super) const fn clock(&self) -> Clock {
        self.clock
    }

    /// Sets the clock at the beginning of a restored log.
    pub(super) fn restore(&mut self, position: Position, clock: Clock) {
        self.clock = clock;
        self.base = Moment { position, clock };
    }

    /// Whether any view lets rows go. Then every event moves the clock, whether a view reads it or
    /// not.
    pub(super) const fn is_active(&self) -> bool {
        !self.views.is_empty()
    }

    /// Moves the clock past events that every view has taken in.
    pub(super) fn pass(&mut self, events: &[BatchEvent]) {
        if self.is_active() {
            for event in events {
                self.clock.tick(event.time);
            }
        }
    }
}

/// Tells a table that lets rows go of an event before that is folded.
pub(super) fn begin(table: &mut Table, event: &BatchEvent, clock: &mut Clock) {
    clock.tick(event.time);
    if let Some(retention) = &mut table.retention {
        retention.begin(Moment { position: event.position, clock: *clock });
    }
}

/// Lets go of the rows whose time is up once the event with this number was folded. They leave as
/// if the event had removed them.
pub(super) fn let_go(table: &mut Table, number: u32, changes: &mut Vec<Change>) {
    changes.clear();
    while let Some(slot) = table.retention.as_mut().and_then(Retention::due) {
        Recorder { table, changes }.put(slot, None);
    }
    table.history.push(number, changes);
}

impl Views {
    /// Forgets what events after a position did, apart from the rows.
    pub(super) fn truncate(&mut self, last: Position, log: &Log) {
        for view in &mut self.all {
            view.table.truncate(last);
        }
        let Retaining { views, clock, base } = &mut self.retaining;
        if views.is_empty() {
            return;
        }
        let latest = |index: &usize| self.all[*index].table.retention.as_ref()?.latest();
        let from = views.iter().filter_map(latest).chain([*base]).max_by_key(|at| at.position);
        let from = from.unwrap_or_default();
        *clock = from.clock;
        for event in log.after(from.position).take_while(|event| event.position <= last) {
            clock.tick(event.time);
        }
    }
}
