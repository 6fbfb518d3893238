//! Views as they were at positions some way apart, so that a seek goes by the changes since the
//! nearest of them and not by all that lie between.
//!
//! A checkpoint shares with the views, and with the others, all that was not changed in between. It is
//! made whenever the views pass its place and have none there, so one that was lost comes again.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Engine, Fold, Index, Timeline, ViewState, Views};
use crate::Position;
use crate::query::QueryState;
use crate::table::TableState;

/// How many checkpoints there are at most: with more, every other one goes.
const MOST: usize = 96;

/// The checkpoints of some views, by the number of the event that they are true after.
#[derive(Debug, Clone, Default)]
pub(super) struct Checkpoints {
    all: BTreeMap<u32, Vec<ViewCheckpoint>>,
    /// How many events lie between two of them.
    apart: u32,
}

/// A view at a checkpoint.
#[derive(Debug, Clone)]
pub(super) struct ViewCheckpoint {
    table: TableState,
    query: Option<QueryState>,
}

impl Checkpoints {
    pub(super) fn new(apart: u32) -> Self {
        Self { all: BTreeMap::new(), apart: apart.max(1) }
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        self.all.clear();
    }

    /// Shares with others what is the same at the same places.
    fn share(&mut self, others: &Self) {
        for (place, views) in &mut self.all {
            let others = others.all.get(place).into_iter().flatten();
            views.iter_mut().zip(others).for_each(|(view, other)| view.share(other));
        }
    }

    fn add(&mut self, event: u32, views: Vec<ViewCheckpoint>) {
        self.all.insert(event, views);
        if self.all.len() > MOST {
            self.apart = self.apart.saturating_mul(2);
            let (apart, head) = (self.apart, event);
            self.all.retain(|place, _| place.is_multiple_of(apart) || *place == head);
        }
    }

    /// The places before and after an event, or at it.
    fn around(&self, event: u32) -> impl Iterator<Item = u32> {
        let before = self.all.range(..=event).next_back();
        let after = self.all.range(event..).next();
        before.into_iter().chain(after).map(|(place, _)| *place)
    }

    fn closest(&self, event: u32) -> Option<u32> {
        self.around(event).min_by_key(|place| place.abs_diff(event))
    }

    /// The nearest to an event, if it is nearer than `here`.
    pub(super) fn nearest(&self, event: u32, here: u32) -> Option<u32> {
        let nearest = self.closest(event)?;
        (nearest.abs_diff(event).saturating_add(self.apart / 32) < here.abs_diff(event))
            .then_some(nearest)
    }

    /// The first place on the way between two events where one should be and is not.
    fn missing(&self, from: u32, to: u32) -> Option<u32> {
        let (first, last) = (from.min(to) / self.apart, from.max(to) / self.apart);
        let on_the_way = |place: &u32| {
            let between = if from < to { from < *place } else { *place < from };
            between && (from.min(to)..=from.max(to)).contains(place)
        };
        let mut places = (first..=last).map(|number| number * self.apart);
        let is_missing = |place: &u32| on_the_way(place) && !self.all.contains_key(place);
        if from < to { places.find(is_missing) } else { places.rev().find(is_missing) }
    }

    /// Forgets those after an event.
    pub(super) fn truncate(&mut self, event: u32) {
        self.all.split_off(&event.saturating_add(1));
    }

    /// Keeps every other one, and makes no more than those from now on. Whether that made them fewer.
    pub(super) fn thin(&mut self) -> bool {
        let before = self.all.len();
        while self.all.len() == before && self.apart < u32::MAX {
            self.apart = self.apart.saturating_mul(2);
            self.all.retain(|place, _| place.is_multiple_of(self.apart));
        }
        self.all.len() < before
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The bytes of memory of the rows that some of these views had and have no more.
    pub(super) fn memory(&self, views: &[ViewState]) -> usize {
        let mut later: Option<&Vec<ViewCheckpoint>> = None;
        let mut bytes = 0;
        for kept in self.all.values().rev() {
            let beside = |(index, view): (usize, &ViewState)| {
                let later = later.map(|later| &later[index].table);
                view.table.memory_beside(&kept[index].table, later)
            };
            bytes += views.iter().enumerate().map(beside).sum::<usize>();
            later = Some(kept);
        }
        bytes
    }

    /// Forgets the one at the head, which events have been added to, unless its place is there.
    fn let_head_go(&mut self) {
        if let Some(entry) = self.all.last_entry()
            && !entry.key().is_multiple_of(self.apart)
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
        if self.failure().is_some() {
            return;
        }
        self.jump(position);
        let target = self.timeline.event(position);
        let here = |timeline: &Timeline| timeline.event(timeline.position);
        if position > self.timeline.folded {
            self.views.checkpoints.let_head_go();
        }
        while let Some(place) = self.views.checkpoints.missing(here(&self.timeline), target) {
            if !self.go(self.timeline.position_of(place)) {
                return;
            }
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

impl ViewCheckpoint {
    fn share(&mut self, other: &Self) {
        self.table.share(&other.table);
        if let (Some(query), Some(other)) = (&mut self.query, &other.query) {
            query.share(other);
        }
    }
}

impl Views {
    /// Shares with others, which are the same views elsewhere, what is the same in both.
    pub(super) fn share(&mut self, others: &Self) {
        for (view, other) in self.all.iter_mut().zip(&others.all) {
            let mut kept = view.keep();
            kept.share(&other.keep());
            view.restore(&kept, false);
            view.table.share(&other.table);
        }
        self.checkpoints.share(&others.checkpoints);
    }

    /// Keeps the views as they are after an event, when they are settled.
    fn keep_checkpoint(&mut self, event: u32) {
        let other =
            self.checkpoints.closest(event).and_then(|place| self.checkpoints.all.get(&place));
        let keep = |(index, view): (usize, &ViewState)| {
            let ViewCheckpoint { table, query } = view.keep();
            let other = other.map(|views| &views[index].table);
            ViewCheckpoint { table: table.with_digest(other, &self.dictionary), query }
        };
        let views = self.all.iter().enumerate().map(keep).collect();
        self.checkpoints.add(event, views);
    }

    /// Takes the views to a checkpoint, and settles them.
    fn restore_checkpoint(&mut self, event: u32, is_followed: impl Fn(usize) -> bool) {
        let Some(checkpoint) = self.checkpoints.all.get(&event) else { return };
        for (index, (view, kept)) in self.all.iter_mut().zip(checkpoint).enumerate() {
            let is_followed = is_followed(index) || view.indexes.iter().any(Index::is_made);
            view.restore(kept, is_followed);
            if is_followed {
                view.table.settle(&self.dictionary);
                view.follow_with_indexes(&self.dictionary);
            }
        }
    }

    /// Takes a view of those that are away from the playhead to a checkpoint. One whose changes are
    /// asked for is not settled.
    pub(super) fn restore_alone(&mut self, view: usize, event: u32, is_followed: bool) {
        if let Some(checkpoint) = self.checkpoints.all.get(&event) {
            self.all[view].restore(&checkpoint[view], is_followed);
        }
    }
}

impl ViewState {
    /// The view as its last settling left it.
    pub(super) fn keep(&self) -> ViewCheckpoint {
        let query = match &self.fold {
            Fold::Query { query, .. } => Some(query.keep()),
            Fold::Declared(_) | Fold::Projector(_) | Fold::Batched(_) => None,
        };
        ViewCheckpoint { table: self.table.keep(), query }
    }

    /// Takes the view to where it was.
    pub(super) fn restore(&mut self, kept: &ViewCheckpoint, is_followed: bool) {
        self.table.restore(&kept.table, is_followed);
        if let (Fold::Query { query, .. }, Some(kept)) = (&mut self.fold, &kept.query) {
            query.restore(kept);
        }
    }
}
