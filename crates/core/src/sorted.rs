//! Things in an order that whoever holds them knows.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::pages;

/// The most things in a block. Blocks are small enough to be moved about in, and so few that a list
/// of them is.
const BLOCK: usize = 256;

/// Small things in order, in blocks that copies share until one of them writes. What the order is, is
/// told with each call, since it may rest on what lies elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Sorted<T> {
    /// None of them is empty.
    blocks: Vec<Rc<Vec<T>>>,
    len: usize,
}

/// Where a thing is, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    block: usize,
    index: usize,
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self { blocks: Vec::new(), len: 0 }
    }
}

impl<T: Copy> FromIterator<T> for Sorted<T> {
    /// Of things that are in order.
    fn from_iter<I: IntoIterator<Item = T>>(things: I) -> Self {
        let mut sorted = Self::default();
        let mut block = Vec::new();
        for thing in things {
            block.push(thing);
            sorted.len += 1;
            if block.len() == BLOCK {
                sorted.blocks.push(core::mem::take(&mut block).into());
            }
        }
        if !block.is_empty() {
            sorted.blocks.push(block.into());
        }
        sorted
    }
}

impl<T: Copy> Sorted<T> {
    /// Shares with another order the blocks that are the same.
    pub(crate) fn share(&mut self, other: &Self)
    where
        T: PartialEq,
    {
        pages::share(&mut self.blocks, &other.blocks);
    }

    /// How many things there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Where the thing is that `order` calls equal or, failing that, where it belongs. `order` says
    /// how a thing here stands to the one that is looked for.
    pub(crate) fn find(&self, mut order: impl FnMut(T) -> Ordering) -> Result<Place, Place> {
        let after = self.blocks.partition_point(|block| order(block[0]).is_le());
        let block = after.saturating_sub(1);
        let Some(things) = self.blocks.get(block) else {
            return Err(Place { block: 0, index: 0 });
        };
        match things.binary_search_by(|thing| order(*thing)) {
            Ok(index) => Ok(Place { block, index }),
            Err(index) => Err(Place { block, index }),
        }
    }

    /// Puts a thing where it belongs.
    pub(crate) fn insert(&mut self, place: Place, thing: T) {
        if self.blocks.is_empty() {
            self.blocks.push(Rc::default());
        }
        let block = Rc::make_mut(&mut self.blocks[place.block]);
        block.insert(place.index, thing);
        self.len += 1;
        if block.len() > BLOCK {
            let second = block.split_off(BLOCK / 2);
            self.blocks.insert(place.block + 1, second.into());
        }
    }

    /// Takes a thing out.
    pub(crate) fn remove(&mut self, place: Place) {
        let block = Rc::make_mut(&mut self.blocks[place.block]);
        block.remove(place.index);
        self.len -= 1;
        let left = block.len();
        if left == 0 {
            self.blocks.remove(place.block);
        } else if left < BLOCK / 4
            && let Some(next) = self.blocks.get(place.block + 1)
            && left + next.len() < BLOCK / 2
        {
            let next = self.blocks.remove(place.block + 1);
            Rc::make_mut(&mut self.blocks[place.block]).extend_from_slice(&next);
        }
    }

    /// The thing in a place; one after the end of a block is the first of the next.
    pub(crate) fn get(&self, place: Place) -> Option<T> {
        let block = self.blocks.get(place.block)?;
        let next = || self.blocks.get(place.block + 1)?.first();
        block.get(place.index).or_else(next).copied()
    }

    pub(crate) fn get_mut(&mut self, place: Place) -> Option<&mut T> {
        Rc::make_mut(self.blocks.get_mut(place.block)?).get_mut(place.index)
    }

    /// The thing before a place.
    pub(crate) fn before(&self, place: Place) -> Option<T> {
        if place.index > 0 {
            return self.blocks.get(place.block)?.get(place.index - 1).copied();
        }
        self.blocks.get(place.block.checked_sub(1)?)?.last().copied()
    }

    /// The thing after the one in a place.
    pub(crate) fn after(&self, place: Place) -> Option<T> {
        self.get(Place { index: place.index + 1, ..place })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = T> {
        self.blocks.iter().flat_map(|block| block.iter()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Sorted;
    use crate::Rng;
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;

    #[test]
    fn things_are_found_in_order_however_they_came_and_went() {
        let mut rng = Rng::new(7);
        let (mut sorted, mut expected) = (Sorted::default(), BTreeSet::new());
        for round in 0..20_000 {
            let number = rng.below(if round < 10_000 { 3_000 } else { 300 });
            match sorted.find(|other: u64| other.cmp(&number)) {
                Ok(place) => {
                    assert!(expected.remove(&number));
                    assert_eq!(sorted.get(place), Some(number));
                    assert_eq!(sorted.after(place), expected.range(number..).next().copied());
                    sorted.remove(place);
                }
                Err(place) => {
                    assert_eq!(sorted.get(place), expected.range(number..).next().copied());
                    assert_eq!(sorted.before(place), expected.range(..number).next_back().copied());
                    assert!(expected.insert(number));
                    sorted.insert(place, number);
                }
            }
        }
        assert_eq!(sorted.iter().collect::<Vec<_>>(), expected.iter().copied().collect::<Vec<_>>());
        for number in expected {
            let place = sorted.find(|other| other.cmp(&number)).unwrap();
            sorted.remove(place);
        }
        assert_eq!(sorted.iter().next(), None);
    }
}
