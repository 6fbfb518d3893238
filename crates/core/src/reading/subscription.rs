//! Queries that somebody follows: what changed in their answers since they last asked.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::run::{Compiled, Source};
use super::{AsOf, Read};
use crate::cell::{Cell, Dictionary};
use crate::order;
use crate::table::{Slot, Table};
use crate::{Delta, Key, Row};

/// The net changes to the answer of a query since they were last asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What the answer is true at with them.
    pub as_of: AsOf,
    /// The changes in the order of the keys: a row that came to meet the condition is new, and one
    /// that no longer does is gone.
    pub deltas: Vec<Delta>,
}

/// A query and what its follower knows of its answer.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) read: Read,
    /// The number of the view and the query over it; none while there is no view that it can be
    /// read from.
    pub(crate) at: Option<(usize, Compiled)>,
    known: Known,
}

/// What the follower knows.
#[derive(Debug, Clone)]
enum Known {
    /// These rows, and whether the view has others since.
    Rows(BTreeMap<Key, Row>, Freshness),
    /// The rows as they are, but for these, of which it knows what stands here.
    Since(BTreeMap<Slot, Option<Box<[Cell]>>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freshness {
    Fresh,
    Stale,
}

impl Subscription {
    /// A subscription whose follower knows nothing.
    pub(crate) const fn new(read: Read, view: usize, compiled: Compiled) -> Self {
        let known = Known::Rows(BTreeMap::new(), Freshness::Stale);
        Self { read, at: Some((view, compiled)), known }
    }

    /// Takes in the net changes of the table's last settling.
    pub(crate) fn follow(&mut self, table: &Table, dictionary: &mut Dictionary) {
        let Some((_, compiled)) = &self.at else { return };
        for (slot, before, _) in table.changes() {
            match &mut self.known {
                Known::Rows(_, freshness) => {
                    *freshness = Freshness::Stale;
                    return;
                }
                Known::Since(known) => drop(known.entry(slot).or_insert_with(|| {
                    let before = before.filter(|row| compiled.passes(row, dictionary));
                    before.map(Into::into)
                })),
            }
        }
    }

    /// Whether rows may have changed since the last poll.
    pub(crate) fn has_news(&self) -> bool {
        match &self.known {
            _ if self.at.is_none() => true,
            Known::Rows(_, freshness) => matches!(freshness, Freshness::Stale),
            Known::Since(since) => !since.is_empty(),
        }
    }

    /// Keeps what the follower knows while its view is exchanged for another.
    pub(crate) fn detach(&mut self, table: &Table, dictionary: &mut Dictionary) {
        if let (Some((_, compiled)), Known::Since(since)) = (&self.at, &mut self.known) {
            let slots: Vec<Slot> = table.ordered(dictionary).collect();
            let mut rows = BTreeMap::new();
            for slot in slots.into_iter().filter(|slot| !since.contains_key(slot)) {
                if let Some(row) = table.row(slot).filter(|row| compiled.passes(row, dictionary)) {
                    rows.insert(dictionary.values(table.key(slot)), dictionary.values(row));
                }
            }
            for (slot, row) in since {
                if let Some(row) = row {
                    rows.insert(dictionary.values(table.key(*slot)), dictionary.values(row));
                }
            }
            self.known = Known::Rows(rows, Freshness::Stale);
        }
        if let Known::Rows(_, freshness) = &mut self.known {
            *freshness = Freshness::Stale;
        }
        self.at = None;
    }

    /// The net changes since this was last asked; at first, every row as new.
    pub(crate) fn poll(
        &mut self,
        source: &mut Source<'_>,
        dictionary: &mut Dictionary,
    ) -> Vec<Delta> {
        let Some((_, compiled)) = &self.at else { return Vec::new() };
        match &mut self.known {
            Known::Rows(_, Freshness::Fresh) => Vec::new(),
            Known::Rows(known, Freshness::Stale) => {
                let table = source.table;
                let slots = compiled.run(source, None, dictionary).slots;
                let mut rows: BTreeMap<Key, Row> = BTreeMap::new();
                for slot in slots {
                    let row = table.row(slot).unwrap_or_default();
                    rows.insert(dictionary.values(table.key(slot)), dictionary.values(row));
                }
                let deltas = between(known, &rows);
                self.known = if compiled.is_limited() {
                    // Which rows a limit lets in is not told by the rows that changed alone.
                    Known::Rows(rows, Freshness::Fresh)
                } else {
                    Known::Since(BTreeMap::new())
                };
                deltas
            }
            Known::Since(known) => {
                let mut deltas = Vec::new();
                for (slot, before) in core::mem::take(known) {
                    let row = source.table.row(slot);
                    let after = row.filter(|row| compiled.passes(row, dictionary));
                    if before.as_deref() != after {
                        deltas.push(Delta {
                            key: dictionary.values(source.table.key(slot)),
                            before: before.map(|row| dictionary.values(&row)),
                            after: after.map(|row| dictionary.values(row)),
                        });
                    }
                }
                order::sort(&mut deltas, |a, b| a.key.cmp(&b.key));
                deltas
            }
        }
    }
}

/// The changes that make the one of the other, in the order of the keys.
fn between(before: &BTreeMap<Key, Row>, after: &BTreeMap<Key, Row>) -> Vec<Delta> {
    let is_same =
        |a: &Row, b: &Row| a.len() == b.len() && a.iter().zip(&**b).all(|(a, b)| a.is_same(b));
    let mut deltas = Vec::new();
    for (key, row) in before {
        let now = after.get(key);
        if now.is_none_or(|now| !is_same(row, now)) {
            let (before, after) = (Some(row.clone()), now.cloned());
            deltas.push(Delta { key: key.clone(), before, after });
        }
    }
    for (key, row) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        deltas.push(Delta { key: key.clone(), before: None, after: Some(row.clone()) });
    }
    order::sort(&mut deltas, |a, b| a.key.cmp(&b.key));
    deltas
}
