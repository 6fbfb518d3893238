//! Long lists, of which many hold something of each row or stream.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::ops::{Index, IndexMut};

/// How many things lie in a page.
const PAGE: usize = 128;

/// Things by number, in pages that copies share until one of them writes. There is room for a page at
/// most that nothing needs, where a list that doubles has up to half of its room for nothing.
#[derive(Debug, Clone)]
pub(crate) struct List<T> {
    pages: Vec<Rc<[T; PAGE]>>,
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
        let last = self.get(self.len.checked_sub(1)?)?;
        self.len -= 1;
        self.pages.truncate(self.len.div_ceil(PAGE));
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
        self.len = len;
        if !first.is_multiple_of(PAGE) {
            // What was popped is blank again.
            for index in first..len.min(first.next_multiple_of(PAGE)) {
                self[index] = T::default();
            }
        }
        self.pages.resize_with(len.div_ceil(PAGE), || Rc::new([T::default(); PAGE]));
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = T> {
        (0..self.len).map(|index| self[index])
    }

    /// Shares with another list the pages that are the same.
    pub(crate) fn share(&mut self, other: &Self)
    where
        T: PartialEq,
    {
        for (page, other) in self.pages.iter_mut().zip(&other.pages) {
            if !Rc::ptr_eq(page, other) && page == other {
                *page = Rc::clone(other);
            }
        }
    }

    /// The bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.pages.len() * size_of::<[T; PAGE]>()
            + self.pages.capacity() * size_of::<Rc<[T; PAGE]>>()
    }
}

impl<T> Index<usize> for List<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: usize) -> &T {
        &self.pages[index / PAGE][index % PAGE]
    }
}

impl<T: Clone> IndexMut<usize> for List<T> {
    #[inline]
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut Rc::make_mut(&mut self.pages[index / PAGE])[index % PAGE]
    }
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
