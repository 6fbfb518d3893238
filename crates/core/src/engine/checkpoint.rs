//! Views as they were at positions some way apart, so that a seek goes by the changes since the
//! nearest of them and not by all that lie between.
//!
//! A checkpoint shares with the views, and with the others, all that was not changed in between. It is
//! made whenever the views pass its place and have none there, so one that was lost comes again.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Engine, Fold, Timeline, ViewState, Views};
use crate::Position;
use crate::query::QueryState;
use crate::table::TableState;

/// How many events lie between two checkpoints.
const APART: u32 = 1 << 15;

/// How many events are crossed as soon as a checkpoint is gone to.
const NEAR: u32 = 1 << 10;

/// The checkpoints of some views, by the number of the event that they are true after.
#[derive(Debug, Clone, Default)]
pub(super) struct Checkpoints {
    all: BTreeMap<u32, Vec<ViewCheckpoint>>,
}

/// A view at a checkpoint.
#[derive(Debug, Clone)]
struct ViewCheckpoint {
    table: TableState,
    query: Option<QueryState>,
}

impl Checkpoints {
    /// The nearest to an event, if it is nearer than `here`.
    fn nearest(&self, event: u32, here: u32) -> Option<u32> {
        let before = self.all.range(..=event).next_back();
        let after = self.all.range(event..).next();
        let places = before.into_iter().chain(after).map(|(place, _)| *place);
        let nearest = places.min_by_key(|place| place.abs_diff(event))?;
        (nearest.abs_diff(event).saturating_add(NEAR) < here.abs_diff(event)).then_some(nearest)
    }

    /// The first place on the way between two events where one should be and is not.
    fn missing(&self, from: u32, to: u32) -> Option<u32> {
        let (first, last) = (from.min(to) / APART, from.max(to) / APART);
        let on_the_way = |place: &u32| {
            let between = if from < to { from < *place } else { *place < from };
            between && (from.min(to)..=from.max(to)).contains(place)
        };
        let mut places = (first..=last).map(|number| number * APART);
        let is_missing = |place: &u32| on_the_way(place) && !self.all.contains_key(place);
        if from < to { places.find(is_missing) } else { places.rev().find(is_missing) }
    }

    /// Forgets those after an event.
    pub(super) fn truncate(&mut self, event: u32) {
        self.all.split_off(&event.saturating_add(1));
    }

    /// Forgets the one at the head, which events have been added to, unless its place is there.
    fn let_head_go(&mut self) {
        if let Some(entry) = self.all.last_entry()
            && !entry.key().is_multiple_of(APART)
        {
            entry.remove();
        }
    }
}

impl Engine {
    /// Goes to a position past the places of checkpoints on the way, which are made where they are
    /// missing.
    pub(super) fn travel(&mut self, position: Position) {
        let position = self.within_log(position);
        self.jump(position);
        let target = self.timeline.event(position);
        let here = |timeline: &Timeline| timeline.event(timeline.position);
        if position > self.timeline.folded {
            self.views.checkpoints.let_head_go();
        }
        while let Some(place) = self.views.checkpoints.missing(here(&self.timeline), target) {
            self.go(self.timeline.position_of(place));
            self.settle();
            self.views.keep_checkpoint(place);
        }
        self.go(position);
    }

    /// Goes to the checkpoint that is nearest to a position, if that is nearer than the playhead.
    pub(super) fn jump(&mut self, position: Position) {
        let here = self.timeline.event(self.timeline.position);
        let wanted = self.timeline.event(position.min(self.timeline.folded));
        let Some(nearest) = self.views.checkpoints.nearest(wanted, here) else { return };
        if self.timeline.position == self.timeline.folded {
            self.settle();
            self.views.keep_checkpoint(here);
        }
        let Self { views, timeline, subscriptions, .. } = self;
        views.restore_checkpoint(nearest, |view| subscriptions.has_view(view));
        timeline.position = timeline.position_of(nearest);
        subscriptions.follow(views);
    }
}

impl Views {
    /// Keeps the views as they are after an event, when they are settled.
    fn keep_checkpoint(&mut self, event: u32) {
        let keep = |view: &ViewState| ViewCheckpoint {
            table: view.table.keep(),
            query: match &view.fold {
                Fold::Query { query, .. } => Some(query.keep()),
                Fold::Declared(_) | Fold::Projector(_) | Fold::Batched(_) => None,
            },
        };
        let views = self.all.iter().map(keep).collect();
        self.checkpoints.all.insert(event, views);
    }

    /// Takes the views to a checkpoint, and settles them.
    fn restore_checkpoint(&mut self, event: u32, is_followed: impl Fn(usize) -> bool) {
        let Some(checkpoint) = self.checkpoints.all.get(&event) else { return };
        for (index, (view, kept)) in self.all.iter_mut().zip(checkpoint).enumerate() {
            let is_followed = is_followed(index) || view.indexes.iter().any(super::Index::is_made);
            view.table.restore(&kept.table, is_followed);
            if let (Fold::Query { query, .. }, Some(kept)) = (&mut view.fold, &kept.query) {
                query.restore(kept);
            }
            if is_followed {
                view.settle(&self.dictionary);
            }
        }
    }
}
