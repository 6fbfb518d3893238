//! Rows of cells in pages that copies share until one of them writes.
//!
//! A copy takes time for the number of pages, and room for the pages that are written to afterwards.
//! That is what makes a checkpoint cheap, and another future of the same log.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

/// How many rows lie in a page. More would be copied for one row that is written; with less, copies
/// would be lists of pages and nothing else.
const ROWS: usize = 64;

/// Rows of one width, by their numbers.
#[derive(Debug, Clone)]
pub(crate) struct Pages<T> {
    width: usize,
    all: Vec<Rc<[T]>>,
    /// A page that nobody wrote to.
    blank: Option<Rc<[T]>>,
}

impl<T: Copy + Default> Pages<T> {
    pub(crate) const fn new(width: usize) -> Self {
        Self { width, all: Vec::new(), blank: None }
    }

    /// A row, if it is in one of the pages.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<&[T]> {
        let start = row % ROWS * self.width;
        self.all.get(row / ROWS)?.get(start..start + self.width)
    }

    /// A row to write to, which is made if it is not there.
    #[inline]
    pub(crate) fn get_mut(&mut self, row: usize) -> &mut [T] {
        if self.all.len() <= row / ROWS {
            self.cover(row + 1);
        }
        let start = row % ROWS * self.width;
        &mut Rc::make_mut(&mut self.all[row / ROWS])[start..start + self.width]
    }

    /// Makes the rows up to this number.
    pub(crate) fn cover(&mut self, rows: usize) {
        let pages = rows.div_ceil(ROWS);
        if pages > self.all.len() {
            let width = self.width;
            let blank = || vec![T::default(); ROWS * width].into();
            let blank = self.blank.get_or_insert_with(blank);
            self.all.resize(pages, Rc::clone(blank));
        }
    }

    /// The rows in all pages, and so some after the last one.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[T]> {
        self.all.iter().flat_map(|page| page.chunks_exact(self.width.max(1)))
    }

    /// Shares with others the pages that are the same.
    pub(crate) fn share(&mut self, others: &Self)
    where
        T: PartialEq,
    {
        share(&mut self.all, &others.all);
    }

    /// The numbers of the rows in pages that are not shared with others.
    pub(crate) fn unshared(&self, others: &Self) -> impl Iterator<Item = usize> {
        let is_shared = |number: &usize| match (self.all.get(*number), others.all.get(*number)) {
            (Some(page), Some(other)) => Rc::ptr_eq(page, other),
            _ => false,
        };
        let unshared = (0..self.all.len().max(others.all.len())).filter(move |at| !is_shared(at));
        unshared.flat_map(|number| number * ROWS..(number + 1) * ROWS)
    }

    /// The bytes of memory of the pages that are not shared with others.
    pub(crate) fn memory_beside(&self, others: &Self) -> usize {
        let is_shared = |(page, other): &(&Rc<[T]>, &Rc<[T]>)| Rc::ptr_eq(page, other);
        let shared = self.all.iter().zip(&others.all).filter(is_shared).count();
        (self.all.len() - shared) * ROWS * self.width * size_of::<T>()
    }

    /// The bytes of memory that the pages take, be they shared with others or not.
    pub(crate) fn memory(&self) -> usize {
        let page = ROWS * self.width * size_of::<T>();
        self.all.len() * page + self.all.capacity() * size_of::<Rc<[T]>>()
    }
}

/// Has one copy of what is the same in both, in the same place.
pub(crate) fn share<T: PartialEq + ?Sized>(mine: &mut [Rc<T>], others: &[Rc<T>]) {
    for (part, other) in mine.iter_mut().zip(others) {
        if !Rc::ptr_eq(part, other) && part == other {
            *part = Rc::clone(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Pages, ROWS};

    #[test]
    fn a_copy_keeps_what_it_was_and_shares_what_nobody_wrote_to() {
        let mut pages = Pages::new(2);
        for row in 0..3 * ROWS {
            pages.get_mut(row).copy_from_slice(&[row, row * 2]);
        }
        let copy = pages.clone();
        let changed = ROWS + 8;
        pages.get_mut(changed)[1] = 7;
        assert_eq!(copy.get(changed), Some(&[changed, changed * 2][..]));
        assert_eq!(pages.get(changed), Some(&[changed, 7][..]));
        assert_eq!(pages.unshared(&copy).collect::<Vec<_>>(), (ROWS..2 * ROWS).collect::<Vec<_>>());
        assert_eq!(copy.rows().map(|row| row[0]).sum::<usize>(), (0..3 * ROWS).sum());
    }

    #[test]
    fn rows_that_nobody_wrote_to_are_blank() {
        let mut pages = Pages::<u8>::new(3);
        assert_eq!(pages.get(0), None);
        pages.cover(ROWS + 1);
        assert_eq!(pages.get(2 * ROWS - 1), Some(&[0, 0, 0][..]));
        assert_eq!(pages.get(2 * ROWS), None);
        pages.get_mut(0)[2] = 1;
        assert_eq!(pages.get(ROWS), Some(&[0, 0, 0][..]));
    }
}
