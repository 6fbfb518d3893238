//! One side of a join: its rows, and which of them have what in common.

use alloc::vec;
use alloc::vec::Vec;
use core::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::NOBODY;
use super::pairing::Half;
use crate::cell::Cell;
use crate::query::stream::Change;
use crate::query::{Context, Operand, RowScope};
use crate::sql::{EvaluateError, Expr};
use crate::table::Slot;

#[derive(Debug, Clone)]
pub(super) struct Side {
    pub(super) key_width: usize,
    pub(super) width: usize,
    /// What must equal the other side's, over a row.
    equal: Vec<Expr<Operand>>,
    /// Each row's key, its cells, and what must equal the other side's.
    cells: Vec<Cell>,
    links: Vec<Link>,
    /// The first of the rows that have the same in common.
    index: HashTable<Slot>,
    /// What the row that arrives has in common with others.
    arriving: Vec<Cell>,
    presence: Presence,
    /// A key and a row of NULLs.
    nobody: Vec<Cell>,
}

/// How a row is there, and its neighbours among those that have the same in common.
#[derive(Debug, Clone, Copy)]
struct Link {
    presence: Presence,
    next: Slot,
    previous: Slot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Absent,
    /// It is there, but NULL equals nothing.
    Single,
    Linked,
}

const HASHER: FixedState = FixedState::with_seed(0);

impl Side {
    pub(super) fn new(key_width: usize, width: usize, equal: Vec<Expr<Operand>>) -> Self {
        Self {
            key_width,
            width,
            equal,
            cells: Vec::new(),
            links: Vec::new(),
            index: HashTable::new(),
            arriving: Vec::new(),
            presence: Presence::Absent,
            nobody: vec![Cell::NULL; key_width + width],
        }
    }

    fn stride(&self) -> usize {
        self.key_width + self.width + self.equal.len()
    }

    /// The key of a row, the row and what it has in common with others.
    fn stored(&self, slot: Slot) -> (&[Cell], &[Cell], &[Cell]) {
        let cells = &self.cells[slot as usize * self.stride()..][..self.stride()];
        let (key, rest) = cells.split_at(self.key_width);
        let (row, equal) = rest.split_at(self.width);
        (key, row, equal)
    }

    /// The key and the row that stand for nobody.
    pub(super) fn nobody(&self) -> (&[Cell], &[Cell]) {
        self.nobody.split_at(self.key_width)
    }

    /// Looks at the row that a change brings.
    pub(super) fn arrive(&mut self, change: Change<'_>, stage: u16, context: &mut Context<'_>) {
        let index = change.slot as usize;
        if self.links.len() <= index {
            let absent = Link { presence: Presence::Absent, next: NOBODY, previous: NOBODY };
            self.links.resize(index + 1, absent);
            self.cells.resize((index + 1) * self.stride(), Cell::NULL);
        }
        let computed = match change.after {
            None => Ok(Presence::Absent),
            Some(row) => self.compute(&mut RowScope { row, dictionary: context.dictionary }),
        };
        let error = computed.as_ref().err().cloned();
        context.record(stage, error, &[change.key]);
        self.presence = computed.unwrap_or(Presence::Absent);
    }

    fn compute(&mut self, scope: &mut RowScope<'_>) -> Result<Presence, EvaluateError> {
        self.arriving.clear();
        for expr in &self.equal {
            let cell = expr.evaluate(scope)?;
            // As `=` has it, a boolean equals its number.
            let cell = match cell {
                Cell::TRUE => scope.dictionary.integer(1),
                Cell::FALSE => scope.dictionary.integer(0),
                cell => scope.dictionary.canonical(cell),
            };
            self.arriving.push(cell);
        }
        let has_null = self.arriving.iter().any(|cell| cell.is_null());
        Ok(if has_null { Presence::Single } else { Presence::Linked })
    }

    /// The row that a change brings, unless it cannot be joined.
    pub(super) fn arriving<'c>(&self, change: Change<'c>) -> Option<&'c [Cell]> {
        change.after.filter(|_| self.presence != Presence::Absent)
    }

    /// A row as it was before it changes and, as long as it does not, after.
    pub(super) fn standing<'a>(&'a self, slot: Slot, key: &'a [Cell]) -> Half<'a> {
        let is_there = self.links[slot as usize].presence != Presence::Absent;
        let row = is_there.then(|| self.stored(slot).1);
        Half { slot, key, before: row, after: row }
    }

    /// Every row, with what partners must have in common with it if it can have any.
    pub(super) fn all(&self) -> impl Iterator<Item = (Half<'_>, Option<&[Cell]>)> {
        let present = (0..).zip(&self.links).filter(|(_, link)| link.presence != Presence::Absent);
        present.map(|(slot, link)| {
            let (key, _, equal) = self.stored(slot);
            let is_linked = link.presence == Presence::Linked;
            (self.standing(slot, key), is_linked.then_some(equal))
        })
    }

    /// What the row was and what it becomes, each with what partners must have in common with it:
    /// together, if that stays the same.
    pub(super) fn halves<'a>(&'a self, change: Change<'a>) -> [Option<(Half<'a>, &'a [Cell])>; 2] {
        let Change { slot, key, after, .. } = change;
        let was = self.links[slot as usize].presence == Presence::Linked;
        let is = self.presence == Presence::Linked;
        let (_, row, equal) = self.stored(slot);
        let arriving = &*self.arriving;
        if was && is && equal == arriving {
            return [Some((Half { slot, key, before: Some(row), after }, equal)), None];
        }
        let old = Half { slot, key, before: Some(row), after: None };
        let new = Half { slot, key, before: None, after };
        [was.then_some((old, equal)), is.then_some((new, arriving))]
    }

    /// The rows that have this in common.
    pub(super) fn partners(&self, equal: &[Cell]) -> impl Iterator<Item = Half<'_>> {
        let is_it = |slot: &Slot| self.stored(*slot).2 == equal;
        let first = self.index.find(HASHER.hash_one(equal), is_it).copied();
        let next = |slot: &Slot| {
            let next = self.links[*slot as usize].next;
            (next != NOBODY).then_some(next)
        };
        core::iter::successors(first, next).map(|slot| self.standing(slot, self.stored(slot).0))
    }

    /// Puts the row that a change brought in the place of what was there.
    pub(super) fn settle(&mut self, change: Change<'_>) {
        let (slot, was) = (change.slot, self.links[change.slot as usize].presence);
        let is = self.presence;
        let stays = was == Presence::Linked
            && is == Presence::Linked
            && self.stored(slot).2 == self.arriving;
        if was == Presence::Linked && !stays {
            self.unlink(slot);
        }
        self.links[slot as usize].presence = is;
        if let Some(row) = self.arriving(change) {
            let start = slot as usize * self.stride();
            let (key, width) = (self.key_width, self.width);
            self.cells[start..start + key].copy_from_slice(change.key);
            self.cells[start + key..start + key + width].copy_from_slice(row);
            self.cells[start + key + width..start + key + width + self.equal.len()]
                .copy_from_slice(&self.arriving);
        }
        if is == Presence::Linked && !stays {
            self.link(slot);
        }
    }

    fn link(&mut self, slot: Slot) {
        let (cells, stride, start) = (&self.cells, self.stride(), self.key_width + self.width);
        let equal = |slot: Slot| &cells[slot as usize * stride..][start..stride];
        let wanted = equal(slot);
        let entry = self.index.entry(
            HASHER.hash_one(wanted),
            |other| equal(*other) == wanted,
            |other| HASHER.hash_one(equal(*other)),
        );
        let mut next = NOBODY;
        match entry {
            Entry::Occupied(mut entry) => next = core::mem::replace(entry.get_mut(), slot),
            Entry::Vacant(entry) => drop(entry.insert(slot)),
        }
        if next != NOBODY {
            self.links[next as usize].previous = slot;
        }
        let link = &mut self.links[slot as usize];
        (link.next, link.previous) = (next, NOBODY);
    }

    fn unlink(&mut self, slot: Slot) {
        let Link { next, previous, .. } = self.links[slot as usize];
        if next != NOBODY {
            self.links[next as usize].previous = previous;
        }
        if previous != NOBODY {
            self.links[previous as usize].next = next;
            return;
        }
        let hash = HASHER.hash_one(self.stored(slot).2);
        if let Ok(mut entry) = self.index.find_entry(hash, |first| *first == slot) {
            if next == NOBODY {
                entry.remove();
            } else {
                *entry.get_mut() = next;
            }
        }
    }
}
