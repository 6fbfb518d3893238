//! Views that are built beside those that answer.
//!
//! New definitions are folded from the first event on in pieces, while the views that are there go
//! on answering. Events that come meanwhile, and a rewind, reach both. Once the new views are where
//! the others are, they take their place. A view that is defined as it was is not folded again: its
//! table changes hands, which is possible since the cells of all tables stand in one dictionary.
//! Derived views are made of the rows of their sources when the new views take over.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem::swap;

use super::{Batch, Engine, Fold, Kinds, Program, Quarantined, Timeline, ViewState, Views};
use crate::{DefineError, DefineProblem, Definitions, Position, Upcaster};

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

/// Views beside those that answer, and how far they are folded.
#[derive(Debug, Clone)]
pub(super) struct Build {
    definitions: Definitions,
    pub(super) views: Views,
    pub(super) timeline: Timeline,
    /// Whether they have answered before.
    is_previous: bool,
}

impl Engine {
    /// Begins to build views beside those that are there, which go on answering. Only views that
    /// are new, or defined otherwise than before, are folded. Views that were being built are given
    /// up.
    ///
    /// # Errors
    ///
    /// Which view is wrong, where and why; nothing has changed.
    pub fn begin_define(&mut self, definitions: &Definitions) -> Result<(), DefineError> {
        let build = self.prepare(definitions, &self.program.clone())?;
        self.cancel_define();
        self.building = Some(build);
        Ok(())
    }

    /// Views that are ready to be built.
    fn prepare(
        &mut self,
        definitions: &Definitions,
        program: &Program,
    ) -> Result<Box<Build>, DefineError> {
        let mut build = self.compile(definitions, program)?;
        let base = self.log.base();
        let is_folded = |view: &&ViewState| !view.is_elsewhere && !view.is_derived();
        match build.views.all.iter().find(is_folded) {
            // With nothing to fold, they are where the others are.
            None => build.go_on(&self.timeline, &self.views),
            Some(view) if base > Position::START => {
                let (view, place) = (view.name.clone(), "history".into());
                let problem = DefineProblem::HistoryMissing { base };
                return Err(DefineError { view, place, problem });
            }
            Some(_) => {}
        }
        Ok(build)
    }

    fn compile(
        &mut self,
        definitions: &Definitions,
        program: &Program,
    ) -> Result<Box<Build>, DefineError> {
        let mut build = Build {
            definitions: definitions.clone(),
            views: Views::new(self.limits),
            timeline: Timeline::new(self.log.base()),
            is_previous: false,
        };
        self.views.lend_to(&mut build.views, |views| views.compile(definitions, program))?;
        self.find_unchanged(&mut build, program);
        Ok(Box::new(build))
    }

    /// Finds the views that those that answer have just so.
    fn find_unchanged(&self, build: &mut Build, program: &Program) {
        let lifted = self.lifted_otherwise(build, program);
        let Build { definitions, views, .. } = build;
        let is_table = |index: &usize| !views.all[*index].is_derived();
        let tables: Vec<usize> = (0..views.all.len()).filter(is_table).collect();
        for &index in tables.iter().chain(&views.derived) {
            let view = &views.all[index];
            let Some(known) = self.views.find(&view.name) else { continue };
            let is_defined_so =
                || self.definitions.view(&view.name) == definitions.view(&view.name);
            let is_lifted_so = || !lifted.iter().any(|name| view.clauses(name).is_some());
            let is_unchanged = match (&known.fold, &view.fold) {
                (Fold::Declared(_), Fold::Declared(_)) => is_defined_so() && is_lifted_so(),
                (Fold::Projector(a), Fold::Projector(b)) => Rc::ptr_eq(a, b) && is_lifted_so(),
                (Fold::Batched(a), Fold::Batched(b)) => Rc::ptr_eq(a, b) && is_lifted_so(),
                (Fold::Query { .. }, Fold::Query { sources, .. }) => {
                    is_defined_so() && sources.iter().all(|source| views.all[*source].is_elsewhere)
                }
                _ => false,
            };
            views.all[index].is_elsewhere = is_unchanged;
        }
    }

    /// The types of events that an upcaster leads from or to which is not the same now and then.
    fn lifted_otherwise(&self, build: &Build, program: &Program) -> Vec<String> {
        let (now, then) = (&self.definitions.upcasters, &build.definitions.upcasters);
        let changed = |these: &[(String, Upcaster)], those: &[(String, Upcaster)]| -> Vec<String> {
            let changed = these.iter().filter(|upcaster| !those.contains(upcaster));
            changed.map(|(from, _)| from.clone()).collect()
        };
        let new = program.upcasters.iter().skip(self.program.upcasters.len());
        let mut types = changed(now, then);
        types.extend(changed(then, now));
        types.extend(new.map(|coded| coded.from.clone()));
        let upcasters = [&self.views.upcasters, &build.views.upcasters];
        types.iter().flat_map(|from| upcasters.map(|these| these.around(from))).flatten().collect()
    }

    /// Folds so many more events into the views that are being built. When they have caught up,
    /// they take the place of those that answered so far, at the same playhead; the last call also
    /// makes the derived views that are new. Without views that are being built, nothing is left to
    /// do. What cannot be read back is not done, however often it is asked for: [`Engine::failure`].
    pub fn build(&mut self, events: usize) -> Progress {
        let target = self.timeline.folded;
        let total = target.get();
        let Some(build) = &mut self.building else { return Progress { done: total, total } };
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        let done = build.timeline.folded.get().saturating_add(events).min(total);
        let (log, Build { views, timeline, .. }) = (&self.log, &mut **build);
        let (is_last, playhead) = (done == total, self.timeline.position);
        let go = |views: &mut Views| {
            views.go(Position::new(done), log, timeline)
                && (!is_last || views.go(playhead, log, timeline))
        };
        if log.failure().is_some() || !self.views.lend_to(views, go) {
            return Progress { done: timeline.folded.get().min(total.saturating_sub(1)), total };
        }
        if is_last && let Some(build) = self.building.take() {
            self.swap(*build);
        }
        Progress { done, total }
    }

    /// Lets views take the place of those that answered so far, at the same playhead.
    fn swap(&mut self, mut build: Build) {
        let stays = |name: &str| build.views.find(name).is_some_and(|view| view.is_elsewhere);
        self.subscriptions.detach(&mut self.views, stays);
        build.views.take_over(&mut self.views, |view| view.is_elsewhere);
        swap(&mut build.views.dictionary, &mut self.views.dictionary);
        swap(&mut build.views, &mut self.views);
        swap(&mut build.timeline, &mut self.timeline);
        swap(&mut build.definitions, &mut self.definitions);
        self.views.settle();
        self.add_indexes();
        self.subscriptions.attach(&mut self.views);
        self.keep(build);
    }

    /// Keeps the views that answered so far, so that one can go back to them. Their derived views
    /// would be made anew.
    fn keep(&mut self, mut before: Build) {
        let program = self.program.clone();
        self.previous = self.compile(&before.definitions, &program).ok().map(|mut build| {
            let is_own = |view: &ViewState| !view.is_elsewhere && !view.is_derived();
            build.views.take_over(&mut before.views, is_own);
            build.go_on(&before.timeline, &before.views);
            build.is_previous = true;
            build
        });
    }

    /// Exchanges the views for those that belong to what is registered.
    pub(super) fn rebuild(&mut self, program: Program) -> Result<(), DefineError> {
        let build = self.prepare(&self.definitions.clone(), &program)?;
        self.program = program;
        let beside = [self.building.replace(build), self.previous.take()];
        self.build(usize::MAX);
        self.check_defined()?;
        // What stands beside would lack what was registered, so it begins again.
        let [building, previous] = beside.map(|build| self.begin_again(&*build?));
        (self.building, self.previous) = (building, previous);
        Ok(())
    }

    /// Begins a build again; none if its views do not go with those that are registered now.
    fn begin_again(&mut self, build: &Build) -> Option<Box<Build>> {
        let mut again = self.prepare(&build.definitions, &self.program.clone()).ok()?;
        again.is_previous = build.is_previous;
        Some(again)
    }

    /// How far the views that are being built have come, if any are.
    pub fn building(&self) -> Option<Progress> {
        let done = self.building.as_ref()?.timeline.folded.get();
        Some(Progress { done, total: self.timeline.folded.get() })
    }

    /// Gives up the views that are being built.
    pub fn cancel_define(&mut self) {
        // Those that answered before are still those that one can go back to.
        let given_up = self.building.take().filter(|build| build.is_previous);
        self.previous = given_up.or_else(|| self.previous.take());
    }

    /// Begins to build the views as they were defined before. Whether there are any to go back to:
    /// none if they were never defined otherwise, or do not go with what was registered since.
    ///
    /// Their tables were kept, so only the events that came since are folded.
    pub fn undo_define(&mut self) -> bool {
        let Some(previous) = self.previous.take() else { return false };
        self.building = Some(previous);
        true
    }

    /// What other definitions would make of the events that are set aside: a dry run of
    /// [`Engine::define`].
    ///
    /// # Errors
    ///
    /// Which view is wrong, where and why.
    pub fn rehearse(&mut self, definitions: &Definitions) -> Result<Rehearsal, DefineError> {
        let mark = self.views.dictionary.mark();
        let rehearsal = self.prepare(definitions, &self.program.clone()).map(|mut build| {
            let Build { views, timeline, .. } = &mut *build;
            let (log, last) = (&self.log, self.timeline.folded);
            self.views.lend_to(views, |views| views.go(last, log, timeline));
            for view in views.all.iter_mut().filter(|view| view.is_elsewhere) {
                if let Some(known) = self.views.find(&view.name) {
                    view.quarantine = known.quarantine.clone();
                }
            }
            let is_mended = |refused: &&Quarantined| {
                let view = views.find(&refused.view);
                view.is_some_and(|view| !view.quarantine.has(refused.position))
            };
            let count = |view: &ViewState| view.quarantine.positions().len() as u64;
            Rehearsal {
                mended: self.views.quarantine().into_iter().filter(is_mended).cloned().collect(),
                refused: views.quarantine().into_iter().cloned().collect(),
                refused_count: views.all.iter().map(count).sum(),
            }
        });
        self.views.dictionary.forget_since(mark);
        self.check_defined()?;
        rehearsal
    }
}

impl Build {
    /// Begins where other views are that have the same tables.
    fn go_on(&mut self, timeline: &Timeline, views: &Views) {
        self.timeline = timeline.clone();
        self.views.retaining.go_on(&views.retaining);
    }
}

impl Views {
    /// Lets others work with the dictionary, which all tables share.
    pub(super) fn lend_to<T>(&mut self, others: &mut Self, work: impl FnOnce(&mut Self) -> T) -> T {
        swap(&mut self.dictionary, &mut others.dictionary);
        let result = work(others);
        swap(&mut self.dictionary, &mut others.dictionary);
        result
    }

    /// Takes over what others of the same names have folded.
    fn take_over(&mut self, others: &mut Self, is_taken: impl Fn(&ViewState) -> bool) {
        for view in self.all.iter_mut().filter(|view| is_taken(view)) {
            view.is_elsewhere = false;
            if let Some(other) = others.all.iter_mut().find(|other| other.name == view.name) {
                view.exchange(other);
            }
        }
        // What they know of the types of events is of views that were folded elsewhere.
        self.kinds = Kinds::default();
        self.checkpoints.clear();
        self.batch = Batch::default();
    }

    fn find(&self, name: &str) -> Option<&ViewState> {
        self.all.iter().find(|view| view.name == name)
    }
}

impl ViewState {
    pub(super) fn is_derived(&self) -> bool {
        matches!(self.fold, Fold::Query { .. })
    }

    /// Exchanges what was folded so far with a view of the same definition.
    fn exchange(&mut self, other: &mut Self) {
        swap(&mut self.table, &mut other.table);
        swap(&mut self.quarantine, &mut other.quarantine);
        if let (Fold::Query { query, .. }, Fold::Query { query: others, .. }) =
            (&mut self.fold, &mut other.fold)
        {
            swap(query, others);
        }
        for index in &mut self.indexes {
            if let Some(other) = other.indexes.iter_mut().find(|other| other.is_same(index)) {
                swap(index, other);
            }
        }
    }
}
