//! Result rows in a sorted order, with the first so many of them visible.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Bound;

use super::ResultRow;
use crate::Value;
use crate::cell::Cell;
use crate::table::Slot;

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

/// A row's place: what it is sorted by and, so that no two are equal, its key.
type Place = Arc<[SortTerm]>;

/// All result rows by place, of which those up to the last visible one are shown.
#[derive(Debug, Clone)]
pub(super) struct Ordered {
    limit: Option<usize>,
    rows: BTreeMap<Place, (Slot, Box<[Cell]>)>,
    /// Of each row, by its slot.
    places: Vec<Option<Place>>,
    /// The last row that is shown, where a limit cuts rows off or is just met.
    last_visible: Option<Place>,
}

impl Ordered {
    pub(super) fn new(limit: Option<u64>) -> Self {
        Self {
            limit: limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
            rows: BTreeMap::new(),
            places: Vec::new(),
            last_visible: None,
        }
    }

    /// The rows that are shown, in order.
    pub(super) fn visible(&self) -> impl Iterator<Item = Slot> {
        self.rows.values().map(|(slot, _)| *slot).take(self.limit.unwrap_or(usize::MAX))
    }

    /// Gives a slot its new row and place, or none, and tells `show` which rows became visible,
    /// changed or went out of sight.
    pub(super) fn put(
        &mut self,
        slot: Slot,
        key: &[Value],
        after: Option<ResultRow>,
        show: &mut impl FnMut(Slot, Option<&[Cell]>),
    ) {
        let index = slot as usize;
        if self.places.len() <= index {
            self.places.resize(index + 1, None);
        }
        if let Some(place) = self.places[index].take() {
            self.remove(&place, slot, show);
        }
        if let Some(ResultRow { sort, cells }) = after {
            let by_key =
                key.iter().map(|value| SortTerm { value: value.clone(), downwards: false });
            let place: Place = sort.into_iter().chain(by_key).collect();
            self.places[index] = Some(Arc::clone(&place));
            self.insert(place, slot, cells.into(), show);
        }
    }

    fn is_visible(&self, place: &Place) -> bool {
        match (self.limit, &self.last_visible) {
            (Some(0), _) => false,
            (_, Some(last)) => place <= last,
            (_, None) => true,
        }
    }

    fn insert(
        &mut self,
        place: Place,
        slot: Slot,
        row: Box<[Cell]>,
        show: &mut impl FnMut(Slot, Option<&[Cell]>),
    ) {
        let visible = self.is_visible(&place);
        if visible {
            show(slot, Some(&row));
        }
        self.rows.insert(place, (slot, row));
        if !visible {
            return;
        }
        match self.last_visible.take() {
            Some(last) => {
                if let Some((pushed_out, _)) = self.rows.get(&last) {
                    show(*pushed_out, None);
                }
                self.last_visible = self.before(&last);
            }
            None if Some(self.rows.len()) == self.limit => {
                self.last_visible = self.rows.last_key_value().map(|(place, _)| Arc::clone(place));
            }
            None => {}
        }
    }

    fn remove(&mut self, place: &Place, slot: Slot, show: &mut impl FnMut(Slot, Option<&[Cell]>)) {
        let visible = self.is_visible(place);
        self.rows.remove(place);
        if !visible {
            return;
        }
        show(slot, None);
        // Where no limit is met there is no last visible row, and none to move up.
        let Some(last) = self.last_visible.take() else { return };
        let next = self.rows.range((Bound::Excluded(Arc::clone(&last)), Bound::Unbounded)).next();
        if let Some((next, (slot, row))) = next {
            show(*slot, Some(row));
            self.last_visible = Some(Arc::clone(next));
        }
    }

    fn before(&self, place: &Place) -> Option<Place> {
        self.rows.range::<Place, _>(..place).next_back().map(|(place, _)| Arc::clone(place))
    }
}
