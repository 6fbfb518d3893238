//! From the log to the views: events into table views, and what changed there into derived ones.

use alloc::vec::Vec;

use super::kinds::Kind;
use super::{Fold, Recorder, Timeline, ViewState, Views, retaining};
use crate::cell::Dictionary;
use crate::log::EventText;
use crate::order;
use crate::projection::{BATCH_EVENTS, BatchEvent, Batched, EventScope, KindOf, Pending, Reading};
use crate::{Event, Log, Position, ProjectError};

impl Views {
    pub(super) fn reads(&self, event_type: &str) -> bool {
        let mut types = self.upcasters.ends(event_type);
        types.push(event_type);
        let reads = |view: &ViewState| types.iter().any(|name| view.clauses(name).is_some());
        self.all.iter().any(reads)
    }

    /// Folds the events after those that were folded, up to the last or as many as are looked at
    /// together; where that ends. Nowhere, if they cannot be read back.
    pub(super) fn fold(&mut self, log: &Log, timeline: &Timeline, last: Position) -> Position {
        let last = last.min(Position::new(timeline.folded.get() + BATCH_EVENTS));
        let Some(last) = log.fetch(timeline.folded, last) else { return timeline.folded };
        self.read_batch(log, timeline.folded, last);
        let mut refused = Vec::new();
        for (event_type, position, error) in self.batch.unlifted() {
            let ends = self.upcasters.ends(event_type);
            for (index, view) in self.all.iter().enumerate() {
                if ends.iter().any(|end| view.clauses(end).is_some()) {
                    refused.push((*position, index, ProjectError::Upcast(error.clone())));
                }
            }
        }
        for index in 0..self.all.len() {
            if matches!(self.all[index].fold, Fold::Batched(_)) {
                self.fold_together(index, log, timeline, &mut refused);
            } else {
                self.fold_view(index, log, timeline, &mut refused);
            }
        }
        self.retaining.pass(&self.batch.columns().events);
        order::sort(&mut refused, |(a, ..), (b, ..)| a.cmp(b));
        for (position, index, error) in refused {
            let ViewState { quarantine, name, .. } = &mut self.all[index];
            quarantine.add(position, name, error, self.kept);
        }
        last
    }

    pub(super) fn read_batch(&mut self, log: &Log, after: Position, last: Position) {
        let Self { all, kinds, upcasters, paths, names, dictionary, batch, .. } = self;
        let is_retaining = self.retaining.is_active();
        let upcasters = &*upcasters;
        let mut kind_of = |name: &str| {
            let look = || Kind {
                clauses: all.iter().map(|view| view.clauses(name)).collect(),
                is_lifted: upcasters.concern(name),
            };
            let number = kinds.named(name, look);
            let Kind { clauses, is_lifted } = kinds.get(number);
            KindOf { number, is_read: clauses.iter().any(Option::is_some), is_lifted: *is_lifted }
        };
        let kind_of = &mut kind_of;
        let all = is_retaining;
        let reading = Reading { log, paths, names, dictionary, upcasters, all, kind_of };
        batch.read(&mut { reading }, after, last);
    }

    /// Folds the events of the batch into one view.
    fn fold_view(
        &mut self,
        index: usize,
        log: &Log,
        timeline: &Timeline,
        refused: &mut Vec<(Position, usize, ProjectError)>,
    ) {
        let Self { all, kinds, upcasters, paths, dictionary, batch, scratch, changes, .. } = self;
        let ViewState { fold, table, .. } = &mut all[index];
        if matches!(fold, Fold::Query { .. }) {
            return;
        }
        let (columns, mut clock) = (batch.columns(), self.retaining.clock());
        let mut text = EventText::default();
        for (number, event) in columns.events.iter().enumerate() {
            if table.retention.is_some() {
                retaining::begin(table, event, &mut clock);
            }
            changes.clear();
            let mut recorder = Recorder { table, changes };
            let result = match (&mut *fold, kinds.clauses(event.kind, index)) {
                (Fold::Declared(declared), Some(clauses)) => {
                    let mut scope = EventScope { event, number, columns, paths, log, dictionary };
                    declared.fold(clauses, &mut scope, scratch, &mut recorder)
                }
                (Fold::Projector(projector), Some(_)) => {
                    let Some(stored) = log.read(event.position, &mut text) else { continue };
                    let lifted = upcasters.lift(&stored).ok().flatten();
                    let seen = match &lifted {
                        Some(lifted) => lifted.event(&stored),
                        None => stored,
                    };
                    projector.fold(&seen, event.stream, dictionary, &mut recorder)
                }
                _ => Ok(()),
            };
            let event_number = timeline.event(event.position);
            match result {
                Ok(()) => table.history.push(event_number, changes),
                Err(error) => refused.push((event.position, index, error)),
            }
            if table.retention.is_some() {
                retaining::let_go(table, event_number, changes);
            }
        }
    }

    /// Folds the events of the batch into a view that takes them together.
    #[inline(never)]
    fn fold_together(
        &mut self,
        index: usize,
        log: &Log,
        timeline: &Timeline,
        refused: &mut Vec<(Position, usize, ProjectError)>,
    ) {
        let Self { all, kinds, upcasters, dictionary, batch, changes, .. } = self;
        let ViewState { fold: Fold::Batched(projector), table, .. } = &mut all[index] else {
            return;
        };
        let pending = |seen: &BatchEvent| {
            kinds.clauses(seen.kind, index)?;
            let event = log.get(seen.position)?;
            let lifted = upcasters.lift(&event).ok().flatten();
            let number = timeline.event(seen.position);
            Some(Pending { event, lifted, stream: seen.stream, number })
        };
        let events = batch.columns().events.iter().filter_map(pending).collect();
        let mut refuse = |event: &Event<'_>, error| refused.push((event.position, index, error));
        let projector = &**projector;
        Batched { projector, table, dictionary, changes }.fold(events, &mut refuse);
    }

    /// Lets the derived views follow what changed in the views they read.
    pub(super) fn settle(&mut self) {
        self.settle_among(|_| true);
        for view in &mut self.all {
            view.follow_with_indexes(&self.dictionary);
        }
    }

    /// The same for some of the views, all of whose sources are among them, without their indexes.
    pub(super) fn settle_among(&mut self, is_among: impl Fn(usize) -> bool) {
        for (index, view) in self.all.iter_mut().enumerate() {
            if !matches!(view.fold, Fold::Query { .. }) && is_among(index) {
                view.table.settle(&self.dictionary);
            }
        }
        for &index in self.derived.iter().filter(|index| is_among(**index)) {
            for input in 0.. {
                let Fold::Query { sources, .. } = &self.all[index].fold else { break };
                let Some(source) = sources.get(input).copied() else { break };
                let Ok([view, source]) = self.all.get_disjoint_mut([index, source]) else { break };
                if let Fold::Query { query, .. } = &mut view.fold {
                    query.take(input, &source.table, &mut view.table, &mut self.dictionary);
                }
            }
            let view = &mut self.all[index];
            if let Fold::Query { query, .. } = &mut view.fold {
                query.finish(&mut view.table, &mut self.dictionary);
            }
            view.table.settle(&self.dictionary);
        }
    }
}

impl ViewState {
    /// Brings the indexes up to what the last settling found.
    pub(super) fn follow_with_indexes(&mut self, dictionary: &Dictionary) {
        for index in &mut self.indexes {
            index.follow(&self.table, dictionary);
        }
    }

    /// The number of the clauses through which events of this type change the view, if they do.
    pub(super) fn clauses(&self, event_type: &str) -> Option<usize> {
        match &self.fold {
            _ if self.is_elsewhere => None,
            Fold::Declared(declared) => declared.clauses(event_type),
            Fold::Projector(projector) => projector.reads(event_type).then_some(0),
            Fold::Batched(projector) => projector.reads(event_type).then_some(0),
            Fold::Query { .. } => None,
        }
    }
}
