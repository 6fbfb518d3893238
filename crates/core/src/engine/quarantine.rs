//! Events that views refused, and those that wait behind them.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Engine, Views};
use crate::order;
use crate::{Position, ProjectError};

/// An event that a view set aside. The view stays as it was before the event; other keys and other
/// views go on.
///
/// The first event of a key that is refused has its error. The later ones of the same key wait
/// behind it ([`ProjectError::Waiting`]), since they were written by somebody who knew it. An event
/// whose key cannot be computed is set aside alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The event.
    pub position: Position,
    /// The view.
    pub view: String,
    /// Why.
    pub error: ProjectError,
}

impl Quarantined {
    /// The refused event of the same key that this one waits behind.
    pub const fn behind(&self) -> Option<Position> {
        self.error.behind()
    }
}

/// Events that a view set aside: all counted, the first of them kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Quarantine {
    kept: Vec<Quarantined>,
    /// How many of those kept were refused, and how many wait: a key that many events wait for does
    /// not keep other refusals from being shown.
    counts: [usize; 2],
    /// The positions of all of them.
    all: Vec<Position>,
}

impl Quarantine {
    /// Sets an event aside, to be kept if there are fewer than `limit` of its sort.
    pub(super) fn add(
        &mut self,
        position: Position,
        name: &str,
        error: ProjectError,
        limit: usize,
    ) {
        self.all.push(position);
        let count = &mut self.counts[usize::from(error.behind().is_some())];
        if *count < limit {
            *count += 1;
            self.kept.push(Quarantined { position, view: name.into(), error });
        }
    }

    /// Where they are.
    pub(super) fn positions(&self) -> &[Position] {
        &self.all
    }

    /// Whether the event at a position was set aside.
    pub(super) fn has(&self, position: Position) -> bool {
        self.all.binary_search(&position).is_ok()
    }

    /// Those that are kept.
    pub(super) fn kept(&self) -> &[Quarantined] {
        &self.kept
    }

    /// Takes in what a snapshot holds.
    pub(super) fn restore(&mut self, all: Vec<Position>, kept: Vec<Quarantined>) {
        for refused in &kept {
            self.counts[usize::from(refused.behind().is_some())] += 1;
        }
        (self.all, self.kept) = (all, kept);
    }

    pub(super) fn truncate(&mut self, last: Position) {
        self.all.truncate(self.all.partition_point(|position| *position <= last));
        let kept = self.kept.partition_point(|refused| refused.position <= last);
        for refused in self.kept.drain(kept..) {
            self.counts[usize::from(refused.behind().is_some())] -= 1;
        }
    }
}

impl Views {
    /// The events that are set aside, in order and as far as they are kept.
    pub(super) fn quarantine(&self) -> Vec<&Quarantined> {
        let mut all: Vec<&Quarantined> =
            self.all.iter().flat_map(|view| view.quarantine.kept()).collect();
        order::sort(&mut all, |a, b| a.position.cmp(&b.position));
        all
    }
}

impl Engine {
    /// The events up to the playhead that views set aside, in order. Of each view as many as
    /// [`Limits::kept`](crate::Limits::kept) are kept of those that it refused, and of those that wait
    /// behind them.
    pub fn quarantine(&self) -> impl Iterator<Item = &Quarantined> {
        let position = self.timeline.position;
        self.views.quarantine().into_iter().take_while(move |refused| refused.position <= position)
    }

    /// Where views set events aside, wherever the playhead is: the positions after one, in order, and no
    /// more than so many.
    ///
    /// ```
    /// # use everview_core::{Engine, Limits, Position};
    /// let engine = Engine::new(Limits::default());
    /// assert!(engine.set_aside(Position::START, 100).is_empty());
    /// ```
    pub fn set_aside(&self, after: Position, most: usize) -> Vec<Position> {
        let mut all = Vec::new();
        for view in &self.views.all {
            let positions = view.quarantine.positions();
            let first = positions.partition_point(|position| *position <= after);
            all.extend(positions.iter().skip(first).take(most));
        }
        order::sort(&mut all, Position::cmp);
        all.dedup();
        all.truncate(most);
        all
    }

    /// How many events up to the playhead a view set aside.
    pub fn quarantined(&self, view: &str) -> usize {
        let Some(index) = self.views.index(view) else { return 0 };
        let positions = self.views.all[index].quarantine.positions();
        positions.partition_point(|position| *position <= self.timeline.position)
    }
}
