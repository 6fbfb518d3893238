//! Blocks of a history that are spilled.
//!
//! They are always the first ones, and lie in the storage by the run, since one is small. A way through
//! them is fetched as a whole before anybody sets out: of all views, or of none.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::ops::Deref;

use crate::cold::{ColdStorage, Extent};

/// How many blocks lie together.
const RUN: usize = 32;

/// Blocks that are spilled.
#[derive(Debug, Clone, Default)]
pub(super) struct Away {
    runs: Vec<Run>,
    /// Those that somebody is on the way through, by their numbers.
    fetched: Vec<(usize, Rc<Blocks>)>,
}

#[derive(Debug, Clone)]
struct Run {
    /// The events of its first change and its last.
    first: u32,
    last: u32,
    extent: Rc<Extent>,
}

/// A run that was read back: how long each block is, and their bytes.
#[derive(Debug)]
pub(super) struct Blocks(Vec<u8>);

/// A block, wherever it lies.
#[derive(Debug)]
pub(super) enum AnyBlock<'a> {
    Here(&'a [u8]),
    /// With its number in the run.
    Read(Rc<Blocks>, usize),
}

impl Deref for AnyBlock<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Here(bytes) => bytes,
            Self::Read(blocks, number) => blocks.get(*number),
        }
    }
}

impl Blocks {
    fn pack(blocks: &[Rc<[u8]>]) -> Vec<u8> {
        let mut out = Vec::new();
        for block in blocks {
            out.extend_from_slice(&u32::try_from(block.len()).unwrap_or(u32::MAX).to_le_bytes());
        }
        for block in blocks {
            out.extend_from_slice(block);
        }
        out
    }

    fn get(&self, number: usize) -> &[u8] {
        let len = |number: usize| {
            let bytes = self.0.get(number * 4..).and_then(|rest| rest.first_chunk());
            bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize)
        };
        let start = RUN * 4 + (0..number).map(len).sum::<usize>();
        self.0.get(start..start + len(number)).unwrap_or_default()
    }
}

impl Away {
    /// How many blocks are spilled.
    pub(super) fn len(&self) -> usize {
        self.runs.len() * RUN
    }

    /// A block of those that are; none if it cannot be read back.
    pub(super) fn block(&self, number: usize) -> Option<AnyBlock<'static>> {
        Some(AnyBlock::Read(self.run(number / RUN)?, number % RUN))
    }

    fn run(&self, number: usize) -> Option<Rc<Blocks>> {
        if let Some((_, blocks)) = self.fetched.iter().find(|(fetched, _)| *fetched == number) {
            return Some(Rc::clone(blocks));
        }
        self.runs.get(number)?.extent.load(Blocks)
    }

    /// Whether a block is spilled and has only changes of events up to this one.
    pub(super) fn is_before(&self, block: usize, event: u32) -> bool {
        self.runs.get(block / RUN).is_some_and(|run| run.last <= event)
    }

    /// Whether a block is spilled and has only changes of later events.
    pub(super) fn is_after(&self, block: usize, event: u32) -> bool {
        self.runs.get(block / RUN).is_some_and(|run| event < run.first)
    }

    /// Reads the runs between so many blocks and an event. Whether all can be read.
    pub(super) fn fetch(&mut self, blocks: usize, event: u32) -> bool {
        if self.runs.is_empty() {
            return true;
        }
        let (here, count) = (blocks / RUN, self.runs.len());
        let first = self.runs.partition_point(|run| run.last <= event).min(here);
        let end = self.runs.partition_point(|run| run.first <= event).max(here + 1).min(count);
        let fetched = (first..end).map(|number| Some((number, self.run(number)?))).collect();
        let Some(fetched) = fetched else { return false };
        self.fetched = fetched;
        true
    }

    /// Lets go of what was fetched.
    pub(super) fn let_go(&mut self) {
        self.fetched.clear();
    }

    /// Spills the older half of some blocks, as far as they make whole runs. Whether any do, and the
    /// storage took them. `ends` tells the events of the first change of a block and of its last, by
    /// the block's number among all.
    pub(super) fn spill(
        &mut self,
        blocks: &mut Vec<Rc<[u8]>>,
        storage: &ColdStorage,
        ends: impl Fn(usize, &[u8]) -> (u32, u32),
    ) -> bool {
        let wanted = (blocks.len() / RUN).div_ceil(2);
        let run = |(number, blocks): (usize, &[Rc<[u8]>])| {
            let extent = storage.put(&Blocks::pack(blocks))?;
            let last = number + RUN - 1;
            let (first, last) = (ends(number, &blocks[0]).0, ends(last, &blocks[RUN - 1]).1);
            Some(Run { first, last, extent })
        };
        let before = self.runs.len();
        let numbers = (self.len()..).step_by(RUN);
        self.runs.extend(numbers.zip(blocks.chunks_exact(RUN)).take(wanted).map_while(run));
        let spilled = self.runs.len() - before;
        blocks.drain(..spilled * RUN);
        spilled > 0
    }

    /// Puts blocks back before those that are in memory, so that a block is among them. Whether they
    /// can be read.
    pub(super) fn bring_back(&mut self, block: usize, blocks: &mut Vec<Rc<[u8]>>) -> bool {
        if self.len() <= block {
            return true;
        }
        let number = block / RUN;
        let Some(run) = self.run(number) else { return false };
        // Those behind the run are not needed: they are about to be forgotten.
        *blocks = (0..RUN).map(|number| run.get(number).into()).collect();
        self.fetched.clear();
        self.runs.truncate(number);
        true
    }

    pub(super) fn memory(&self) -> usize {
        self.runs.capacity() * size_of::<Run>()
    }
}
