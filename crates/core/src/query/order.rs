//! Result rows in a sorted order, with the first so many of them visible.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Bound;

use crate::{Key, Row, Value};

/// A value to sort by, upwards or downwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SortTerm {
    pub(crate) value: Value,
    pub(crate) downwards: bool,
}

impl PartialOrd for SortTerm {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SortTerm {
    fn cmp(&self, other: &Self) -> Ordering {
        let upwards = self.value.cmp(&other.value);
        if self.downwards { upwards.reverse() } else { upwards }
    }
}

/// A row's place: what it is sorted by, then its key, so that no two are equal.
type Place = (Arc<[SortTerm]>, Key);

/// All result rows by place, of which those up to the last visible one are shown.
#[derive(Debug, Clone)]
pub(super) struct Ordered {
    limit: Option<usize>,
    rows: BTreeMap<Place, Row>,
    places: BTreeMap<Key, Arc<[SortTerm]>>,
    /// The last row that is shown, where a limit cuts rows off or is just met.
    last_visible: Option<Place>,
}

impl Ordered {
    pub(super) fn new(limit: Option<u64>) -> Self {
        Self {
            limit: limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
            rows: BTreeMap::new(),
            places: BTreeMap::new(),
            last_visible: None,
        }
    }

    /// The rows that are shown, in order.
    pub(super) fn visible(&self) -> impl Iterator<Item = &Row> {
        self.rows.values().take(self.limit.unwrap_or(usize::MAX))
    }

    /// Gives a key its new row and place, or none, and tells `show` which rows became visible,
    /// changed or went out of sight.
    pub(super) fn put(
        &mut self,
        key: &Key,
        after: Option<(Vec<SortTerm>, Row)>,
        show: &mut impl FnMut(&Key, Option<Row>),
    ) {
        if let Some(terms) = self.places.remove(key) {
            self.remove(&(terms, Arc::clone(key)), show);
        }
        if let Some((terms, row)) = after {
            let terms: Arc<[SortTerm]> = terms.into();
            self.places.insert(Arc::clone(key), Arc::clone(&terms));
            self.insert(&(terms, Arc::clone(key)), &row, show);
        }
    }

    fn is_visible(&self, place: &Place) -> bool {
        match (self.limit, &self.last_visible) {
            (Some(0), _) => false,
            (_, Some(last)) => place <= last,
            (_, None) => true,
        }
    }

    fn insert(&mut self, place: &Place, row: &Row, show: &mut impl FnMut(&Key, Option<Row>)) {
        let visible = self.is_visible(place);
        self.rows.insert(place.clone(), Arc::clone(row));
        if !visible {
            return;
        }
        show(&place.1, Some(Arc::clone(row)));
        match self.last_visible.take() {
            Some(pushed_out) => {
                show(&pushed_out.1, None);
                self.last_visible = self.before(&pushed_out);
            }
            None if Some(self.rows.len()) == self.limit => {
                self.last_visible = self.rows.last_key_value().map(|(place, _)| place.clone());
            }
            None => {}
        }
    }

    fn remove(&mut self, place: &Place, show: &mut impl FnMut(&Key, Option<Row>)) {
        let visible = self.is_visible(place);
        self.rows.remove(place);
        if !visible {
            return;
        }
        show(&place.1, None);
        // Where no limit is met there is no last visible row, and none to move up.
        let Some(last) = self.last_visible.take() else { return };
        let next = self.rows.range((Bound::Excluded(&last), Bound::Unbounded)).next();
        if let Some((next, row)) = next {
            show(&next.1, Some(Arc::clone(row)));
            self.last_visible = Some(next.clone());
        }
    }

    fn before(&self, place: &Place) -> Option<Place> {
        self.rows.range(..place).next_back().map(|(place, _)| place.clone())
    }
}
