//! One side of a join: its rows, and which of them have what in common.

use alloc::vec;
use alloc::vec::Vec;
use core::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::pairing::Half;
use crate::cell::Cell;
use crate::pages::Pages;
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
    /// What rows ever had in common, one after the other, and the numbers of all of it. A number stays
    /// that of what it is of, whether there are rows or not.
    common: Vec<Cell>,
    numbers: HashTable<u32>,
    state: SideState,
    /// What the row that arrives has in common with others.
    arriving: Vec<Cell>,
    presence: Presence,
    /// A key and a row of NULLs.
    nobody: Vec<Cell>,
}

/// What rows that come and go change of a side.
#[derive(Debug, Clone)]
pub(super) struct SideState {
    /// Each row's key and its cells.
    cells: Pages<Cell>,
    links: Pages<Link>,
    /// The first of the rows that have the same in common, by the number of that.
    firsts: Pages<Option<Slot>>,
}

/// How a row is there, and its neighbours among those that have the same in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Link {
    presence: Presence,
    next: Option<Slot>,
    previous: Option<Slot>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Presence {
    #[default]
    Absent,
    /// It is there, but NULL equals nothing.
    Single,
    /// By the number of what it has in common with others.
    Linked(u32),
}

impl SideState {
    pub(super) fn share(&mut self, other: &Self) {
        self.cells.share(&other.cells);
        self.links.share(&other.links);
        self.firsts.share(&other.firsts);
    }
}

const HASHER: FixedState = FixedState::with_seed(0);

impl Side {
    pub(super) fn new(key_width: usize, width: usize, equal: Vec<Expr<Operand>>) -> Self {
        Self {
            key_width,
            width,
            equal,
            common: Vec::new(),
            numbers: HashTable::new(),
            state: SideState {
                cells: Pages::new(key_width + width),
                links: Pages::new(1),
                firsts: Pages::new(1),
            },
            arriving: Vec::new(),
            presence: Presence::Absent,
            nobody: vec![Cell::NULL; key_width + width],
        }
    }

    pub(super) fn keep(&self) -> SideState {
        self.state.clone()
    }

    pub(super) fn restore(&mut self, kept: &SideState) {
        self.state.clone_from(kept);
    }

    fn link_of(&self, slot: Slot) -> Link {
        self.state.links.get(slot as usize).map_or_else(Link::default, |link| link[0])
    }

    fn link_mut(&mut self, slot: Slot) -> &mut Link {
        &mut self.state.links.get_mut(slot as usize)[0]
    }

    /// The key of a row and the row.
    fn stored(&self, slot: Slot) -> (&[Cell], &[Cell]) {
        self.state.cells.get(slot as usize).unwrap_or(&self.nobody).split_at(self.key_width)
    }

    /// What goes by a number.
    fn common(&self, number: u32) -> &[Cell] {
        common(&self.common, self.equal.len(), number)
    }

    /// The key and the row that stand for nobody.
    pub(super) fn nobody(&self) -> (&[Cell], &[Cell]) {
        self.nobody.split_at(self.key_width)
    }

    /// Looks at the row that a change brings.
    pub(super) fn arrive(&mut self, change: Change<'_>, stage: u16, context: &mut Context<'_>) {
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
        Ok(if has_null { Presence::Single } else { Presence::Linked(self.number()) })
    }

    /// The row that a change brings, unless it cannot be joined.
    pub(super) fn arriving<'c>(&self, change: Change<'c>) -> Option<&'c [Cell]> {
        change.after.filter(|_| self.presence != Presence::Absent)
    }

    /// A row as it was before it changes and, as long as it does not, after.
    pub(super) fn standing<'a>(&'a self, slot: Slot, key: &'a [Cell]) -> Half<'a> {
        let is_there = self.link_of(slot).presence != Presence::Absent;
        let row = is_there.then(|| self.stored(slot).1);
        Half { slot, key, before: row, after: row }
    }

    /// Every row, with what partners must have in common with it if it can have any.
    pub(super) fn all(&self) -> impl Iterator<Item = (Half<'_>, Option<&[Cell]>)> {
        let present = (0..).zip(self.state.links.rows());
        present.filter_map(|(slot, link)| match link[0].presence {
            Presence::Absent => None,
            Presence::Single => Some((self.standing(slot, self.stored(slot).0), None)),
            Presence::Linked(number) => {
                Some((self.standing(slot, self.stored(slot).0), Some(self.common(number))))
            }
        })
    }

    /// What the row was and what it becomes, each with what partners must have in common with it:
    /// together, if that stays the same.
    pub(super) fn halves<'a>(&'a self, change: Change<'a>) -> [Option<(Half<'a>, &'a [Cell])>; 2] {
        let Change { slot, key, after, .. } = change;
        let number = |presence| match presence {
            Presence::Linked(number) => Some(number),
            Presence::Absent | Presence::Single => None,
        };
        let (was, is) = (number(self.link_of(slot).presence), number(self.presence));
        let (_, row) = self.stored(slot);
        let half =
            |number, before, after| Some((Half { slot, key, before, after }, self.common(number?)));
        if was.is_some() && was == is {
            return [half(was, Some(row), after), None];
        }
        [half(was, Some(row), None), half(is, None, after)]
    }

    /// The rows that have this in common.
    pub(super) fn partners(&self, equal: &[Cell]) -> impl Iterator<Item = Half<'_>> {
        let is_it = |number: &u32| self.common(*number) == equal;
        let number = self.numbers.find(HASHER.hash_one(equal), is_it);
        let first = number.and_then(|number| self.first(*number));
        core::iter::successors(first, |slot| self.link_of(*slot).next)
            .map(|slot| self.standing(slot, self.stored(slot).0))
    }

    fn first(&self, number: u32) -> Option<Slot> {
        self.state.firsts.get(number as usize).and_then(|first| first[0])
    }

    /// The number of what the row that arrives has in common with others.
    fn number(&mut self) -> u32 {
        let Self { common: cells, numbers, arriving, equal, .. } = self;
        let (width, next) = (equal.len(), u32::try_from(numbers.len()).unwrap_or(u32::MAX));
        let entry = numbers.entry(
            HASHER.hash_one(&**arriving),
            |number| common(cells, width, *number) == arriving,
            |number| HASHER.hash_one(common(cells, width, *number)),
        );
        let number = *entry.or_insert(next).get();
        if number == next {
            cells.extend_from_slice(arriving);
        }
        number
    }

    /// Puts the row that a change brought in the place of what was there.
    pub(super) fn settle(&mut self, change: Change<'_>) {
        let (slot, is) = (change.slot, self.presence);
        let was = self.link_of(slot).presence;
        if let Some(row) = self.arriving(change) {
            let (key, cells) = self.state.cells.get_mut(slot as usize).split_at_mut(self.key_width);
            key.copy_from_slice(change.key);
            cells.copy_from_slice(row);
        }
        if was == is {
            return;
        }
        if let Presence::Linked(number) = was {
            self.unlink(slot, number);
        }
        self.link_mut(slot).presence = is;
        if let Presence::Linked(number) = is {
            self.link(slot, number);
        }
    }

    fn link(&mut self, slot: Slot, number: u32) {
        let next = self.state.firsts.get_mut(number as usize)[0].replace(slot);
        if let Some(next) = next {
            self.link_mut(next).previous = Some(slot);
        }
        let link = self.link_mut(slot);
        (link.next, link.previous) = (next, None);
    }

    fn unlink(&mut self, slot: Slot, number: u32) {
        let Link { next, previous, .. } = self.link_of(slot);
        if let Some(next) = next {
            self.link_mut(next).previous = previous;
        }
        match previous {
            Some(previous) => self.link_mut(previous).next = next,
            None => self.state.firsts.get_mut(number as usize)[0] = next,
        }
    }
}

fn common(cells: &[Cell], width: usize, number: u32) -> &[Cell] {
    &cells[number as usize * width..][..width]
}
