//! Events that views refused, and those that wait behind them.

use alloc::string::String;
use alloc::vec::Vec;

use super::Engine;
use crate::{Limits, Position, ProjectError};

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

/// Events that were set aside: all counted, the first of them kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Quarantine {
    limit: usize,
    kept: Vec<Quarantined>,
    /// How many of those kept were refused, and how many wait: a key that many events wait for does
    /// not keep other refusals from being shown.
    counts: [usize; 2],
    /// The positions of all of them, with the number of the view.
    all: Vec<(Position, u32)>,
}

impl Quarantine {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limit: limits.kept, ..Self::default() }
    }

    pub(super) fn add(&mut self, position: Position, view: u32, name: &str, error: ProjectError) {
        self.all.push((position, view));
        let count = &mut self.counts[usize::from(error.behind().is_some())];
        if *count < self.limit {
            *count += 1;
            self.kept.push(Quarantined { position, view: name.into(), error });
        }
    }

    /// Where a view, by its number, set events aside.
    pub(super) fn positions(&self, view: usize) -> impl Iterator<Item = Position> {
        let is_of_view = move |(_, other): &&(Position, u32)| *other as usize == view;
        self.all.iter().filter(is_of_view).map(|(position, _)| *position)
    }

    /// Whether a view, by its number, set the event at a position aside.
    pub(super) fn has(&self, position: Position, view: usize) -> bool {
        self.all.binary_search(&(position, u32::try_from(view).unwrap_or(u32::MAX))).is_ok()
    }

    /// How many there are altogether.
    pub(super) fn count(&self) -> u64 {
        self.all.len() as u64
    }

    /// Those that are kept, of all views.
    pub(super) fn all_kept(&self) -> impl Iterator<Item = &Quarantined> {
        self.kept.iter()
    }

    /// What is kept of a view's.
    pub(super) fn kept(&self, view: &str) -> impl Iterator<Item = &Quarantined> {
        self.kept.iter().filter(move |refused| refused.view == view)
    }

    /// Takes in what a snapshot holds of a view's.
    pub(super) fn restore(&mut self, view: u32, all: Vec<Position>, kept: Vec<Quarantined>) {
        self.all.extend(all.into_iter().map(|position| (position, view)));
        self.kept.extend(kept);
    }

    /// Brings what snapshots hold into the order of the events.
    pub(super) fn sort(&mut self) {
        self.all.sort_unstable();
        self.kept.sort_by_key(|refused| refused.position);
        for refused in &self.kept {
            self.counts[usize::from(refused.behind().is_some())] += 1;
        }
    }

    pub(super) fn truncate(&mut self, last: Position) {
        self.all.truncate(self.all.partition_point(|(position, _)| *position <= last));
        let kept = self.kept.partition_point(|refused| refused.position <= last);
        for refused in self.kept.drain(kept..) {
            self.counts[usize::from(refused.behind().is_some())] -= 1;
        }
    }
}

impl Engine {
    /// The events up to the playhead that views set aside, in order, as far as they are kept.
    pub fn quarantine(&self) -> impl Iterator<Item = &Quarantined> {
        let position = self.timeline.position;
        self.quarantine.kept.iter().take_while(move |refused| refused.position <= position)
    }

    /// How many events up to the playhead a view set aside.
    pub fn quarantined(&self, view: &str) -> usize {
        let Some(index) = self.views.index(view) else { return 0 };
        let upto = |position: &Position| *position <= self.timeline.position;
        self.quarantine.positions(index).take_while(upto).count()
    }
}
