//! Some views away from the playhead for a while.
//!
//! A question about other positions concerns one view and what it reads. Only these go there and
//! come back, by the same history that a seek goes by; nobody else hears of it, since in the end
//! nothing has changed.

use alloc::vec;
use alloc::vec::Vec;

use super::{Engine, Fold, Timeline, Views};
use crate::Position;

/// A view and all that it reads, by their numbers.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    is_in: Vec<bool>,
}

impl Basis {
    pub(super) fn has(&self, view: usize) -> bool {
        self.is_in[view]
    }
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

impl Views {
    pub(super) fn basis(&self, view: usize) -> Basis {
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
        Basis { is_in }
    }

    /// Takes the views of a basis to a position among the events that were folded. Whoever does so
    /// takes them back.
    pub(super) fn go_alone(&mut self, basis: &Basis, position: Position, timeline: &Timeline) {
        let event = timeline.event(position.min(timeline.folded));
        for (index, view) in self.all.iter_mut().enumerate() {
            if basis.has(index) && !matches!(view.fold, Fold::Query { .. }) {
                view.table.cross(event);
            }
        }
        self.settle_among(|view| basis.has(view));
    }
}
