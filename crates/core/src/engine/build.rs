//! Views that are built beside those that answer.
//!
//! New definitions are folded from the first event on in pieces, while the views that are there go
//! on answering. Events that come meanwhile, and a rewind, reach both. Once the new views are where
//! the others are, they take their place.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Engine, Quarantine, Quarantined, Timeline, Views};
use crate::{DefineError, Definitions, Position};

/// How far views that are being built have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Events that are folded.
    pub done: u64,
    /// Events to fold. With all of them done, the new views are those that answer.
    pub total: u64,
}

/// What other definitions would make of the events that are set aside. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// Events set aside now that the views would take in, in order, as far as they are kept.
    pub mended: Vec<Quarantined>,
    /// Events that the views would set aside, in order, as far as they would be kept.
    pub refused: Vec<Quarantined>,
    /// How many those are altogether.
    pub refused_count: u64,
}

/// Views under other definitions, and how far they are folded.
#[derive(Debug, Clone)]
pub(super) struct Build {
    definitions: Definitions,
    pub(super) views: Views,
    pub(super) timeline: Timeline,
    pub(super) quarantine: Quarantine,
}

impl Engine {
    /// Begins to build views beside those that are there, which go on answering. Views that were
    /// being built are given up.
    ///
    /// # Errors
    ///
    /// Which view is wrong, where and why; nothing has changed.
    pub fn begin_define(&mut self, definitions: &Definitions) -> Result<(), DefineError> {
        self.building = Some(Box::new(self.prepare(definitions)?));
        Ok(())
    }

    fn prepare(&self, definitions: &Definitions) -> Result<Build, DefineError> {
        Ok(Build {
            definitions: definitions.clone(),
            views: self.compile(definitions, &self.projectors, &self.upcasters)?,
            timeline: Timeline::new(Position::START),
            quarantine: Quarantine::new(self.limits),
        })
    }

    /// Folds so many more events into the views that are being built. When they have caught up,
    /// they take the place of those that answered so far, at the same playhead. Without views that
    /// are being built, nothing is left to do.
    pub fn build(&mut self, events: usize) -> Progress {
        let target = self.timeline.folded;
        let total = target.get();
        let Some(build) = &mut self.building else { return Progress { done: total, total } };
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        let done = build.timeline.folded.get().saturating_add(events).min(total);
        let Build { views, timeline, quarantine, .. } = &mut **build;
        views.go(Position::new(done), &self.log, timeline, quarantine);
        views.settle();
        if done == total
            && let Some(build) = self.building.take()
        {
            self.swap(*build);
        }
        Progress { done, total }
    }

    /// Begins a build again; none if its views do not go with those that are registered now.
    pub(super) fn begin_again(&self, build: &Build) -> Option<Box<Build>> {
        self.prepare(&build.definitions).ok().map(Box::new)
    }

    fn swap(&mut self, build: Build) {
        let playhead = self.timeline.position;
        let definitions = core::mem::replace(&mut self.definitions, build.definitions);
        self.previous = Some(definitions);
        self.subscriptions.detach(&mut self.views);
        self.views = build.views;
        self.timeline = build.timeline;
        self.quarantine = build.quarantine;
        // Who follows the views takes them up where they are empty, and then every row is new.
        self.go(Position::START);
        self.views.settle();
        self.add_indexes();
        self.subscriptions.attach(&mut self.views);
        self.seek(playhead);
    }

    /// How far the views that are being built have come, if any are.
    pub fn building(&self) -> Option<Progress> {
        let done = self.building.as_ref()?.timeline.folded.get();
        Some(Progress { done, total: self.timeline.folded.get() })
    }

    /// Gives up the views that are being built.
    pub fn cancel_define(&mut self) {
        self.building = None;
    }

    /// Begins to build the views as they were defined before, if they ever were otherwise. Whether
    /// they were.
    ///
    /// # Errors
    ///
    /// Why they cannot be defined any more, say beside a view that was registered since.
    pub fn undo_define(&mut self) -> Result<bool, DefineError> {
        let Some(previous) = self.previous.clone() else { return Ok(false) };
        self.begin_define(&previous)?;
        Ok(true)
    }

    /// What other definitions would make of the events that are set aside: a dry run of
    /// [`Engine::define`].
    ///
    /// # Errors
    ///
    /// Which view is wrong, where and why.
    pub fn rehearse(&self, definitions: &Definitions) -> Result<Rehearsal, DefineError> {
        let mut build = self.prepare(definitions)?;
        let Build { views, timeline, quarantine, .. } = &mut build;
        views.go(self.timeline.folded, &self.log, timeline, quarantine);
        let is_mended = |refused: &&Quarantined| {
            views.index(&refused.view).is_some_and(|view| !quarantine.has(refused.position, view))
        };
        Ok(Rehearsal {
            mended: self.quarantine.all_kept().filter(is_mended).cloned().collect(),
            refused: quarantine.all_kept().cloned().collect(),
            refused_count: quarantine.count(),
        })
    }
}
