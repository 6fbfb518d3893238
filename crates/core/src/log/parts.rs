//! The segments of a log, wherever they lie.
//!
//! A segment that is full never changes. Copies of a log share it, and so does a log whose events before
//! it were edited: what it says of its events does not depend on how many there are before it.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::OnceCell;
use core::ops::Deref;

use super::segment::{Entry, SEGMENT_EVENTS, Segment};
use super::{AppendError, Glance, Log};
use crate::Position;
use crate::cold::{ColdError, ColdStorage, Extent};

/// How many segments are read back at most for events that are looked at together.
const READ_TOGETHER: usize = 2;

/// A segment in its place in a log.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The index of its first event.
    pub(super) first: usize,
    pub(super) place: Place,
}

/// Where a segment lies.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Here(Rc<Segment>),
    /// It is spilled.
    Away(Rc<Extent>),
}

/// A segment, read back if need be.
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

impl Place {
    /// The segment, read back if it is spilled; none if it cannot be.
    pub(super) fn read(&self) -> Option<Rc<Segment>> {
        match self {
            Self::Here(segment) => Some(Rc::clone(segment)),
            Self::Away(extent) => extent.load(|bytes| Segment::of_spilled(&bytes)),
        }
    }

    /// The bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        match self {
            Self::Here(segment) => segment.memory(),
            Self::Away(_) => 0,
        }
    }

    fn extent(&self) -> Option<&Rc<Extent>> {
        match self {
            Self::Here(segment) => segment.written.get(),
            Self::Away(extent) => Some(extent),
        }
    }

    /// Whether two are one and the same segment.
    fn is_same(&self, other: &Self) -> bool {
        if let (Self::Here(here), Self::Here(other)) = (self, other)
            && Rc::ptr_eq(here, other)
        {
            return true;
        }
        let extents = self.extent().zip(other.extent());
        extents.is_some_and(|(mine, theirs)| Rc::ptr_eq(mine, theirs))
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

    /// Spills the older half of the segments in memory that nothing is added to. Whether there were
    /// any, and the storage took them.
    pub(crate) fn spill(&mut self) -> bool {
        let Self { parts, storage: Some(storage), .. } = self else { return false };
        let Some((_, full)) = parts.split_last_mut() else { return false };
        let mut here: Vec<&mut Place> = full
            .iter_mut()
            .map(|part| &mut part.place)
            .filter(|place| matches!(place, Place::Here(_)))
            .collect();
        let older = here.len().div_ceil(2);
        let mut has_spilled = false;
        for place in &mut here[..older] {
            let Place::Here(segment) = &**place else { continue };
            let Some(extent) = segment.spill(storage) else { break };
            **place = Place::Away(extent);
            has_spilled = true;
        }
        has_spilled
    }

    /// The number of the segment with the event of an index, and the event's number there.
    #[inline]
    pub(super) fn locate(&self, index: usize) -> Option<(usize, usize)> {
        // A segment has no more events than that, so it is this one, unless there are smaller ones.
        let mut number = index / SEGMENT_EVENTS;
        let follows = |part: &Part| part.first <= index;
        if self.parts.get(number + 1).is_some_and(follows) {
            number += self.parts[number + 1..].partition_point(follows);
        }
        Some((number, index - self.parts.get(number)?.first))
    }

    /// A segment by its number; none if it cannot be read back.
    #[inline]
    pub(super) fn segment(&self, number: usize) -> Option<AnySegment<'_>> {
        match &self.parts.get(number)?.place {
            Place::Here(segment) => Some(AnySegment::Here(segment)),
            away @ Place::Away(_) => away.read().map(AnySegment::Read),
        }
    }

    /// The segment with the event of an index, and the event's number there.
    #[inline]
    pub(super) fn segment_at(&self, index: usize) -> Option<(AnySegment<'_>, usize)> {
        let (number, within) = self.locate(index)?;
        Some((self.segment(number)?, within))
    }

    /// The same of the event at a position.
    #[inline]
    pub(crate) fn segment_of(&self, position: Position) -> Option<(AnySegment<'_>, usize)> {
        self.segment_at(self.index(position)?)
    }

    /// How many events the last segment has room for.
    pub(super) fn room(&self) -> usize {
        match self.parts.last().map(|part| &part.place) {
            Some(Place::Here(segment)) => SEGMENT_EVENTS - segment.entries.len(),
            Some(Place::Away(_)) | None => 0,
        }
    }

    /// Sees to it that the last segment has room for an event.
    #[inline]
    pub(super) fn begin_segment(&mut self) {
        if self.room() == 0 {
            let segment = match self.parts.last_mut().map(|part| &mut part.place) {
                Some(Place::Here(last)) => Segment::after(last),
                Some(Place::Away(_)) | None => Segment::default(),
            };
            self.parts.push(Part { first: self.len, place: Place::Here(segment.into()) });
        }
    }

    /// Adds a segment with the last events.
    pub(super) fn push_segment(&mut self, segment: Segment) {
        let first = self.len - segment.entries.len();
        self.parts.push(Part { first, place: Place::Here(segment.into()) });
    }

    /// Adds the events of a segment that it had before or another log has: the segment itself, if it
    /// says the same of them here.
    pub(super) fn repeat_segment(&mut self, place: &Place, segment: &Rc<Segment>) {
        let first = self.len;
        let mut entries = Vec::with_capacity(segment.entries.len());
        for (index, entry) in segment.entries.iter().enumerate() {
            self.count(segment, index);
            entries.push(Entry { start: entry.start, ..self.next_of(entry.subject) });
        }
        let place = if entries == segment.entries {
            place.clone()
        } else {
            let (bytes, base) = (Rc::clone(&segment.bytes), segment.base);
            let segment = Segment { bytes, entries, base, written: OnceCell::new() };
            Place::Here(segment.into())
        };
        self.parts.push(Part { first, place });
    }

    /// Counts the type and the source of an event that a segment has.
    pub(super) fn count(&mut self, segment: &Segment, index: usize) {
        if let Some(Glance { event_type, source, .. }) = self.glance_in(segment, index) {
            self.types.add_one(event_type);
            self.sources.add_one(source);
        }
    }

    /// Has the segments from a number on in memory.
    ///
    /// # Errors
    ///
    /// When one cannot be read back; all is as it was.
    pub(super) fn bring_back(&mut self, number: usize) -> Result<(), AppendError> {
        let parts = self.parts.get_mut(number..).unwrap_or_default();
        let read: Option<Vec<_>> = parts.iter().map(|part| part.place.read()).collect();
        for (part, segment) in parts.iter_mut().zip(read.into_iter().flatten()) {
            part.place = Place::Here(segment);
        }
        Ok(self.check()?)
    }

    /// Has in memory what events after a position need, up to the last of them or as far as a few
    /// segments reach; where that ends. None if it cannot be read back.
    #[inline]
    pub(crate) fn fetch(&self, after: Position, last: Position) -> Option<Position> {
        let (Some(index), Some(end)) = (self.index(after.next()), self.index(last)) else {
            return Some(last);
        };
        let mut fetched = 0;
        for part in &self.parts[self.locate(index)?.0..] {
            if part.first > end {
                break;
            }
            if matches!(part.place, Place::Away(_)) {
                if fetched == READ_TOGETHER {
                    return Some(Position::new(self.base.get() + part.first as u64));
                }
                part.place.read()?;
                fetched += 1;
            }
        }
        Some(last)
    }

    /// Forgets all segments but those of the first so many events. The last of those is in memory, if
    /// it has others too.
    pub(super) fn cut_segments(&mut self, events: usize) {
        while self.parts.pop_if(|part| part.first >= events).is_some() {}
        let Some(Part { first, place: Place::Here(last) }) = self.parts.last_mut() else { return };
        let kept = events - *first;
        if kept < last.entries.len() {
            Rc::make_mut(last).truncate(kept);
        }
    }

    /// How many events two logs have in the first segments that are one and the same.
    pub(super) fn shared(&self, other: &Self) -> usize {
        let parts = self.parts.iter().zip(&other.parts);
        let shared = parts.take_while(|(mine, theirs)| mine.place.is_same(&theirs.place)).count();
        self.parts.get(shared).map_or(self.len, |part| part.first)
    }
}

/// The segment that events are added to, which is copied if others have it.
#[inline]
pub(super) fn last_of(parts: &mut [Part]) -> Option<&mut Segment> {
    #[cold]
    fn copy(segment: &mut Rc<Segment>) {
        *segment = Rc::new(Segment::clone(segment));
    }
    let Place::Here(segment) = &mut parts.last_mut()?.place else { return None };
    if Rc::get_mut(segment).is_none() {
        copy(segment);
    }
    Rc::get_mut(segment)
}
