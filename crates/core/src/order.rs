//! Sorting where the size of the code counts for more than the last bit of time: what is sorted are
//! numbers, by one sort that is shared by all types.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::mem;

/// The numbers below `count` in order; those that are equal stay as they are.
pub(crate) fn order(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| compare(*a, *b));
    order
}

/// Sorts; items that are equal stay as they are.
pub(crate) fn sort<T>(items: &mut Vec<T>, mut compare: impl FnMut(&T, &T) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let order = order(items.len(), &mut |a, b| compare(&items[a], &items[b]));
    let mut old: Vec<Option<T>> = mem::take(items).into_iter().map(Some).collect();
    items.extend(order.iter().filter_map(|at| old[*at].take()));
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_sorted_is_in_order_and_equals_stay_as_they_are(
            items in prop::collection::vec((0_u8..5, any::<u8>()), 0..40),
        ) {
            let mut sorted = items.clone();
            super::sort(&mut sorted, |a, b| a.0.cmp(&b.0));
            let mut expected: Vec<_> = items;
            expected.sort_by_key(|item| item.0);
            prop_assert_eq!(sorted, expected);
        }
    }
}
