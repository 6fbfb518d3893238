//! Long lists, of which many hold something of each row or stream.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::iter;
use core::ops::{Index, IndexMut};

use crate::pages;

/// How many things lie in a page. What says whether it is shared lies at its beginning, and that of all
/// pages of a long list is to stay near the processor.
const PAGE: usize = 1 << 10;

/// How many lie in the page of a list that is short. It doubles until it is as long as others.
const FIRST: usize = 1 << 4;

/// Things by number, in pages that copies share until one of them writes. There is room for a page at
/// most that nothing needs, where a list that doubles has up to half of its room for nothing.
#[derive(Debug, Clone)]
pub(crate) struct List<T> {
    pages: Vec<Rc<[T]>>,
    len: usize,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { pages: Vec::new(), len: 0 }
    }
}

impl<T: Copy + Default> List<T> {
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<T> {
        (index < self.len).then(|| self[index])
    }

    #[inline]
    pub(crate) fn push(&mut self, thing: T) {
        let index = self.len;
        self.cover(index + 1);
        self[index] = thing;
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        let index = self.len.checked_sub(1)?;
        // What comes there later begins blank.
        let last = core::mem::take(&mut self[index]);
        self.len = index;
        self.pages.truncate(index.div_ceil(PAGE));
        Some(last)
    }

    /// Sees to it that there are so many things: blank ones, where there were none.
    #[inline]
    pub(crate) fn cover(&mut self, len: usize) {
        if self.len < len {
            self.grow(len);
        }
    }

    fn grow(&mut self, len: usize) {
        let first = self.len;
        if let [page] = &mut self.pages[..]
            && page.len() < len.min(PAGE)
        {
            *page = blank(&page[..first], len.next_power_of_two().min(PAGE));
        }
        let page = if len < PAGE { len.next_power_of_two().max(FIRST) } else { PAGE };
        self.pages.resize_with(len.div_ceil(PAGE), || blank(&[], page));
        self.len = len;
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = T> {
        (0..self.len).map(|index| self[index])
    }

    /// Shares with another list the pages that are the same.
    pub(crate) fn share(&mut self, other: &Self)
    where
        T: PartialEq,
    {
        pages::share(&mut self.pages, &other.pages);
    }

    /// The bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.pages.iter().map(|page| size_of_val(&**page)).sum::<usize>()
            + self.pages.capacity() * size_of::<Rc<[T]>>()
    }
}

impl<T> Index<usize> for List<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: usize) -> &T {
        &self.pages[index / PAGE][index % PAGE]
    }
}

impl<T: Copy> IndexMut<usize> for List<T> {
    #[inline]
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut own(&mut self.pages[index / PAGE])[index % PAGE]
    }
}

/// A page to write to, which is copied if others have it.
#[inline]
fn own<T: Copy>(page: &mut Rc<[T]>) -> &mut [T] {
    #[cold]
    fn copy<T: Copy>(page: &mut Rc<[T]>) {
        *page = Rc::from(&page[..]);
    }
    if Rc::get_mut(page).is_none() {
        copy(page);
    }
    Rc::get_mut(page).unwrap_or_default()
}

/// A page that begins with these, and is blank from there on.
fn blank<T: Copy + Default>(known: &[T], len: usize) -> Rc<[T]> {
    known.iter().copied().chain(iter::repeat(T::default())).take(len).collect()
}

#[cfg(test)]
mod tests {
    use alloc::rc::Rc;
    use alloc::vec::Vec;

    use super::{List, PAGE};

    #[test]
    fn a_copy_keeps_what_it_was_and_shares_what_is_the_same() {
        let mut list = List::default();
        (0..3 * PAGE).for_each(|number| list.push(number));
        let copy = list.clone();
        list[PAGE + 3] = 0;
        list.cover(3 * PAGE + 2);
        assert_eq!((copy[PAGE + 3], copy.len(), copy.get(3 * PAGE)), (PAGE + 3, 3 * PAGE, None));
        assert!(copy.iter().eq(0..3 * PAGE));
        assert_eq!((list[PAGE + 3], list.get(3 * PAGE + 1)), (0, Some(0)));
        list[PAGE + 3] = PAGE + 3;
        list.share(&copy);
        let shared =
            list.pages.iter().zip(&copy.pages).filter(|(page, other)| Rc::ptr_eq(page, other));
        assert_eq!(shared.count(), 3);
    }

    #[test]
    fn what_was_popped_does_not_come_back() {
        let mut list: List<u32> = List::default();
        let mut model = Vec::new();
        for len in [1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE + 5] {
            while list.len() < len {
                list.push(7);
                model.push(7);
            }
            for _ in 0..len.min(3) {
                assert_eq!(list.pop(), model.pop());
            }
            list.cover(len + 2);
            model.resize(len + 2, 0);
            assert!(list.iter().eq(model.iter().copied()));
        }
        assert_eq!(List::<u32>::default().pop(), None);
    }
}
