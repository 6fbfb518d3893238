//! Segments of a log that are spilled.
//!
//! They are always the first ones: the oldest go first, and what is read back to be changed brings all
//! after it along.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::ops::Deref;

use super::segment::{SEGMENT_EVENTS, Segment};
use super::{AppendError, Log};
use crate::Position;
use crate::cold::{ColdError, ColdStorage, Extent};

/// A segment, wherever it lies.
#[derive(Debug)]
pub(crate) enum AnySegment<'a> {
    Here(&'a Segment),
    Read(Rc<Segment>),
}

impl Deref for AnySegment<'_> {
    type Target = Segment;

    #[inline]
    fn deref(&self) -> &Segment {
        match self {
            Self::Here(segment) => segment,
            Self::Read(segment) => segment,
        }
    }
}

impl Log {
    /// Why a part of the log cannot be read back, if one could not. What was asked of it since may
    /// have been answered as if the log had ended before that part, and it takes no events.
    #[inline]
    pub fn failure(&self) -> Option<&ColdError> {
        self.storage.as_ref()?.failure()
    }

    #[inline]
    pub(crate) fn check(&self) -> Result<(), ColdError> {
        self.failure().map_or(Ok(()), |error| Err(error.clone()))
    }

    pub(crate) const fn storage(&self) -> Option<&ColdStorage> {
        self.storage.as_ref()
    }

    pub(crate) fn set_storage(&mut self, storage: &ColdStorage) {
        self.storage.get_or_insert_with(|| storage.clone());
    }

    /// Spills the older half of the full segments that are in memory. Whether there were any, and the
    /// storage took them.
    pub(crate) fn spill(&mut self) -> bool {
        let Self { away, segments, storage: Some(storage), .. } = self else { return false };
        let full = segments.len().saturating_sub(1).div_ceil(2);
        let spilled = segments[..full].iter().map_while(|segment| segment.spill(storage));
        let spilled: Vec<Rc<Extent>> = spilled.collect();
        segments.drain(..spilled.len());
        away.extend_from_slice(&spilled);
        !spilled.is_empty()
    }

    /// A segment by its number; none if it cannot be read back.
    #[inline]
    pub(super) fn segment(&self, number: usize) -> Option<AnySegment<'_>> {
        match number.checked_sub(self.away.len()) {
            Some(here) => Some(AnySegment::Here(self.segments.get(here)?)),
            None => load(&self.away[number]).map(AnySegment::Read),
        }
    }

    /// The segment with the event at a position, and the event's number there.
    #[inline]
    pub(crate) fn segment_of(&self, position: Position) -> Option<(AnySegment<'_>, usize)> {
        let index = self.index(position)?;
        Some((self.segment(index / SEGMENT_EVENTS)?, index % SEGMENT_EVENTS))
    }

    /// How many segments there are.
    pub(super) fn segment_count(&self) -> usize {
        self.away.len() + self.segments.len()
    }

    /// The segments from a number on.
    pub(super) fn segments_from(&self, number: usize) -> Result<Vec<Rc<Segment>>, AppendError> {
        let away = self.away.get(number..).unwrap_or_default();
        let here = self.segments.get(number.saturating_sub(self.away.len())..).unwrap_or_default();
        let read: Option<Vec<_>> =
            away.iter().map(load).chain(here.iter().map(|here| Some(Rc::clone(here)))).collect();
        self.check()?;
        Ok(read.unwrap_or_default())
    }

    /// Sees to it that what some events need is in memory: the first and the last of them may be in
    /// two segments. Whether it is.
    #[inline]
    pub(crate) fn can_read(&self, first: Position, last: Position) -> bool {
        let is_away = |position| Some(self.index(position)? / SEGMENT_EVENTS < self.away.len());
        if self.away.is_empty() || is_away(first) != Some(true) {
            return true;
        }
        self.segment_of(first).is_some() && self.segment_of(last).is_some()
    }

    /// Has the segment in memory that would be cut if the log kept so many events. Whether it is.
    pub(super) fn fetch(&mut self, kept: usize) -> bool {
        let number = kept / SEGMENT_EVENTS;
        if kept.is_multiple_of(SEGMENT_EVENTS) || self.away.len() <= number {
            return true;
        }
        let away = self.away[number..].iter().map(load).collect::<Option<Vec<_>>>();
        let Some(mut segments) = away else { return false };
        segments.append(&mut self.segments);
        self.segments = segments;
        self.away.truncate(number);
        true
    }

    /// Forgets all but the first so many segments.
    pub(super) fn truncate_segments(&mut self, count: usize) {
        self.segments.truncate(count.saturating_sub(self.away.len()));
        self.away.truncate(count);
    }

    /// Whether two logs have one and the same segment of a number.
    pub(super) fn shares(&self, other: &Self, number: usize) -> bool {
        let here = |log: &Self| {
            let here = number.checked_sub(log.away.len())?;
            log.segments.get(here).map(Rc::clone)
        };
        let away = |log: &Self, here: Option<&Rc<Segment>>| match here {
            Some(here) => here.written.get().map(Rc::clone),
            None => log.away.get(number).map(Rc::clone),
        };
        let (mine, theirs) = (here(self), here(other));
        let is_same = |pair: (&Rc<Segment>, &Rc<Segment>)| Rc::ptr_eq(pair.0, pair.1);
        if mine.as_ref().zip(theirs.as_ref()).is_some_and(is_same) {
            return true;
        }
        let extents = away(self, mine.as_ref()).zip(away(other, theirs.as_ref()));
        extents.is_some_and(|(mine, theirs)| Rc::ptr_eq(&mine, &theirs))
    }
}

fn load(extent: &Rc<Extent>) -> Option<Rc<Segment>> {
    extent.load(|bytes| Segment::of_spilled(&bytes))
}
