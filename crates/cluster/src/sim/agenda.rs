//! What will happen, by time and then by the order in which it was decided on.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;

use everview_core::Timestamp;

use super::Happening;

/// What will happen.
#[derive(Debug)]
pub(super) struct Agenda<H = Happening> {
    order: BinaryHeap<Reverse<(Timestamp, u64, usize)>>,
    decided_on: u64,
    /// What happens; the order moves only where it is.
    happenings: Vec<Option<H>>,
    free: Vec<usize>,
}

impl<H> Default for Agenda<H> {
    fn default() -> Self {
        Self { order: BinaryHeap::new(), decided_on: 0, happenings: Vec::new(), free: Vec::new() }
    }
}

impl<H> Agenda<H> {
    pub(super) fn add(&mut self, at: Timestamp, happening: H) {
        self.decided_on += 1;
        let place = self.free.pop().unwrap_or(self.happenings.len());
        if place == self.happenings.len() {
            self.happenings.push(Some(happening));
        } else {
            self.happenings[place] = Some(happening);
        }
        self.order.push(Reverse((at, self.decided_on, place)));
    }

    /// What happens next, if it does until `to`.
    pub(super) fn take(&mut self, to: Timestamp) -> Option<(Timestamp, H)> {
        let Reverse((at, ..)) = self.order.peek()?;
        if to < *at {
            return None;
        }
        let Reverse((at, _, place)) = self.order.pop()?;
        self.free.push(place);
        Some((at, self.happenings[place].take()?))
    }
}

impl Agenda {
    /// When the first of those happens that are such.
    pub(super) fn next(&self, is_such: impl Fn(&Happening) -> bool) -> Option<Timestamp> {
        let such = self
            .order
            .iter()
            .filter(|Reverse((.., place))| self.happenings[*place].as_ref().is_some_and(&is_such));
        such.map(|Reverse((at, ..))| *at).min()
    }

    /// Moves all that moves with the cluster by so much.
    pub(super) fn shift(&mut self, millis: i64) {
        let order = core::mem::take(&mut self.order).into_iter();
        self.order = order
            .map(|Reverse((mut at, number, place))| {
                if let Some(happening) = &mut self.happenings[place] {
                    happening.shift(&mut at, millis);
                }
                Reverse((at, number, place))
            })
            .collect();
    }
}
