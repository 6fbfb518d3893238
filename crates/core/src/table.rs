//! Rows by key, and the one door through which they change.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::value::{is_same_row, row_digest};
use crate::{Digest, Key, Row, Value};

/// One row's net change: what it was and what it is. None is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The row's name in its view.
    pub key: Key,
    /// Before.
    pub before: Option<Row>,
    /// After.
    pub after: Option<Row>,
}

/// The number of a row in its table. It stays the row's own, whether the row is there or not.
pub(crate) type Slot = u32;

/// The rows of a view. Every change goes through [`Table::put`], which gives back what it undid and
/// keeps the first of it for the next [`Table::settle`].
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) columns: Arc<[String]>,
    slots: HashMap<Key, Slot, FixedState>,
    rows: Vec<Place>,
    /// The rows that are there at the last settling, in the order of their keys.
    order: BTreeMap<Key, Slot>,
    digest: Digest,
    /// The rows that changed since the last settling, with what they were before.
    touched: Vec<(Slot, Option<Row>)>,
    /// What the rows that changed since a reader last asked were before, if somebody reads along.
    watched: Option<BTreeMap<Key, Option<Row>>>,
}

#[derive(Debug, Clone)]
struct Place {
    key: Key,
    row: Option<Row>,
    /// Of the row at the last settling; of no row, the empty one.
    digest: Digest,
    is_touched: bool,
}

impl Table {
    pub(crate) fn new(columns: Vec<String>) -> Self {
        Self {
            columns: columns.into(),
            slots: HashMap::default(),
            rows: Vec::new(),
            order: BTreeMap::new(),
            digest: Digest::default(),
            touched: Vec::new(),
            watched: None,
        }
    }

    pub(crate) fn get(&self, key: &[Value]) -> Option<&Row> {
        self.row(*self.slots.get(key)?)
    }

    pub(crate) fn row(&self, slot: Slot) -> Option<&Row> {
        self.rows[slot as usize].row.as_ref()
    }

    pub(crate) fn key(&self, slot: Slot) -> &Key {
        &self.rows[slot as usize].key
    }

    /// How many rows there are at the last settling.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// The digest at the last settling.
    pub(crate) fn digest(&self) -> Digest {
        self.digest
    }

    /// The rows at the last settling, in the order of their keys.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&Key, &Row)> {
        let row = |slot: &Slot| self.rows[*slot as usize].row.as_ref();
        self.order.iter().filter_map(move |(key, slot)| Some((key, row(slot)?)))
    }

    /// The slot of a key, which gets one if it has none.
    pub(crate) fn slot(&mut self, key: &[Value]) -> Slot {
        if let Some(slot) = self.slots.get(key) {
            return *slot;
        }
        let key: Key = key.into();
        let slot = Slot::try_from(self.rows.len()).unwrap_or(Slot::MAX);
        self.slots.insert(Arc::clone(&key), slot);
        self.rows.push(Place { key, row: None, digest: Digest::default(), is_touched: false });
        slot
    }

    /// The door: the row in `slot` becomes `after`, and what it was is given back.
    pub(crate) fn put(&mut self, slot: Slot, after: Option<Row>) -> Option<Row> {
        let place = &mut self.rows[slot as usize];
        let before = core::mem::replace(&mut place.row, after);
        if !place.is_touched {
            place.is_touched = true;
            self.touched.push((slot, before.clone()));
        }
        before
    }

    /// The net changes since the last settling, with order and digest brought up to them.
    pub(crate) fn settle(&mut self) -> Vec<Delta> {
        let mut buffer = Vec::new();
        let mut deltas = Vec::with_capacity(self.touched.len());
        for (slot, before) in self.touched.drain(..) {
            let place = &mut self.rows[slot as usize];
            place.is_touched = false;
            if is_same_row(before.as_ref(), place.row.as_ref()) {
                continue;
            }
            let (key, after) = (Arc::clone(&place.key), place.row.clone());
            let digest = match &after {
                Some(row) => row_digest(row, &mut buffer),
                None => Digest::default(),
            };
            self.digest = self.digest.without(place.digest).with(digest);
            place.digest = digest;
            match (&before, &after) {
                (None, Some(_)) => {
                    self.order.insert(Arc::clone(&key), slot);
                }
                (Some(_), None) => {
                    self.order.remove(&key);
                }
                _ => {}
            }
            if let Some(watched) = &mut self.watched {
                watched.entry(Arc::clone(&key)).or_insert_with(|| before.clone());
            }
            deltas.push(Delta { key, before, after });
        }
        deltas
    }

    /// The net changes since the last call, in the order of the keys; at the first one, every row
    /// as new.
    pub(crate) fn drain(&mut self) -> Vec<Delta> {
        let delta = |key: &Key, before| Delta {
            key: Arc::clone(key),
            before,
            after: self.get(key).cloned(),
        };
        let deltas = match &self.watched {
            None => self.order.keys().map(|key| delta(key, None)).collect(),
            Some(watched) => watched
                .iter()
                .map(|(key, before)| delta(key, before.clone()))
                .filter(|delta| !is_same_row(delta.before.as_ref(), delta.after.as_ref()))
                .collect(),
        };
        self.watched = Some(BTreeMap::new());
        deltas
    }
}
