//! Some views away from the playhead for a while.
//!
//! A question about other positions concerns one view and what it reads. Only these go there, and are
//! put back as they were; nobody else hears of it, since in the end nothing has changed.

use alloc::vec;
use alloc::vec::Vec;

use super::{Engine, Fold, Timeline, ViewState, Views};
use crate::Position;

/// A view and all that it reads, away from the playhead.
#[derive(Debug)]
pub(super) struct Excursion<'a> {
    pub(super) views: &'a mut Views,
    timeline: &'a Timeline,
    view: usize,
    /// The views that are away, by their numbers.
    is_away: Vec<bool>,
    /// Where they are, as the number of an event.
    at: u32,
}

impl Engine {
    /// Sees to it that the events up to a position are folded, without moving the playhead.
    pub(super) fn fold_up_to(&mut self, position: Position) {
        if self.timeline.folded < position {
            let playhead = self.timeline.position;
            self.seek(position);
            self.seek(playhead);
        }
    }

    /// The position that is shown for this one: the nearest that the log reaches.
    pub(super) fn within_log(&self, position: Position) -> Position {
        position.clamp(self.log.base(), self.log.head())
    }
}

impl Excursion<'_> {
    /// Goes to a position among the events that were folded. The changes of the view are then those on
    /// the way.
    pub(super) fn go(&mut self, position: Position) {
        let Self { views, timeline, is_away, .. } = self;
        let event = timeline.event(position.min(timeline.folded));
        let nearest = views.checkpoints.nearest(event, self.at);
        for view in (0..is_away.len()).filter(|view| is_away[*view]) {
            if let Some(nearest) = nearest {
                views.restore_alone(view, nearest, view == self.view);
            }
            if !views.all[view].is_derived() {
                views.all[view].table.cross(event);
            }
        }
        views.settle_among(|view| is_away[view]);
        self.at = event;
    }
}

impl Engine {
    /// Runs something that a view and all that it reads go to other positions for.
    pub(super) fn excursion<T>(
        &mut self,
        view: usize,
        run: impl FnOnce(&mut Excursion<'_>) -> T,
    ) -> T {
        let Self { views, timeline, .. } = self;
        let is_away = views.basis(view);
        let away = |(view, state): (usize, &mut ViewState)| {
            is_away[view].then(|| (view, state.keep(), state.table.take_order()))
        };
        let kept: Vec<_> = views.all.iter_mut().enumerate().filter_map(away).collect();
        let at = timeline.event(timeline.position);
        let result = run(&mut Excursion { views, timeline, view, is_away, at });
        for (view, state, order) in kept {
            let view = &mut views.all[view];
            view.restore(&state, false);
            view.table.put_order(order);
        }
        result
    }
}

impl Views {
    /// Of each view, whether a view is it or reads it.
    pub(super) fn basis(&self, view: usize) -> Vec<bool> {
        let mut is_in = vec![false; self.all.len()];
        is_in[view] = true;
        // A derived view comes after what it reads.
        for &derived in self.derived.iter().rev() {
            if let Fold::Query { sources, .. } = &self.all[derived].fold
                && is_in[derived]
            {
                for source in sources {
                    is_in[*source] = true;
                }
            }
        }
        is_in
    }
}
