//! Lists that become long.

use alloc::vec::Vec;

/// From this length on, a list is long.
const LONG: usize = 1 << 12;

/// Makes room for so many things more. A list doubles by itself, and has up to half of its room for
/// nothing then: much, where many lists hold something of each row or stream. A long one grows by a
/// quarter.
#[inline]
pub(crate) fn make<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more && list.len() >= LONG {
        list.reserve_exact(more.max(list.len() / 4));
    }
}

/// Sees to it that a list has a thing at an index: it has blank ones up to there, where it had none.
#[inline]
pub(crate) fn cover<T: Clone>(list: &mut Vec<T>, index: usize, blank: T) {
    if let Some(more) = (index + 1).checked_sub(list.len())
        && more > 0
    {
        make(list, more);
        list.resize(index + 1, blank);
    }
}
