//! Events of a log in another order.

use alloc::rc::Rc;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use super::segment::{SEGMENT_EVENTS, Segment};
use super::{AppendError, EventText, Glance, Log, Recognition};
use crate::{Epoch, Position};

/// An event by where it was, and the epoch that it is of in its new place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) was: Position,
    pub(crate) epoch: Epoch,
}

impl Log {
    /// Puts the events after a position in this order, byte for byte what they were. Those that are
    /// left out are forgotten. It takes time for the events after the position, not for the log.
    ///
    /// # Errors
    ///
    /// When a source would count back, or a part of the log cannot be read back; the log is as it was.
    pub(crate) fn arrange(&mut self, after: Position, order: &[Placed]) -> Result<(), AppendError> {
        let first = self.index(after.next()).unwrap_or(self.len);
        let sequences = self.sequences_after(first);
        let of = |index: usize| {
            let offset = index.checked_sub(first)? as u64;
            let found = sequences.binary_search_by_key(&offset, |(offset, ..)| *offset).ok()?;
            Some((sequences[found].1, sequences[found].2))
        };
        let indices: Vec<usize> =
            order.iter().filter_map(|placed| self.index(placed.was)).collect();
        self.check_sequences(first, indices.iter().filter_map(|index| of(*index)))?;
        let is_recognised = self.recognition == Recognition::Done;
        let keys: Vec<u128> = if is_recognised { self.keys(first).collect() } else { Vec::new() };
        let segments = self.segments_from(first / SEGMENT_EVENTS)?;
        self.truncate(after);
        self.ahead.clear();
        for (placed, index) in order.iter().zip(indices) {
            if placed.epoch > self.epoch() {
                self.epochs.push((self.len, placed.epoch));
            }
            if let Some((source, number)) = of(index) {
                let before = self.sequences[source as usize].replace(number);
                self.sequenced.push((self.len, source, before));
            }
            if let Some(key) = index.checked_sub(first).and_then(|offset| keys.get(offset)) {
                self.seen.insert(*key);
            }
            let number = (index / SEGMENT_EVENTS).checked_sub(first / SEGMENT_EVENTS);
            if let Some(segment) = number.and_then(|number| segments.get(number)) {
                self.repeat(segment, index % SEGMENT_EVENTS);
            }
        }
        // What is as before after all stays shared with copies of the log.
        let from = (first / SEGMENT_EVENTS).saturating_sub(self.away.len());
        let now = self.segments.iter_mut().skip(from);
        for (now, before) in now.zip(segments) {
            if *now == before {
                *now = before;
            }
        }
        Ok(())
    }

    /// Whether sources only count on if they give these numbers after those before an index.
    fn check_sequences(
        &self,
        first: usize,
        numbers: impl Iterator<Item = (u32, u64)>,
    ) -> Result<(), AppendError> {
        let mut latest = self.sequences.clone();
        for (_, source, before) in self.sequenced.iter().rev().take_while(|(of, ..)| *of >= first) {
            latest[*source as usize] = *before;
        }
        for (source, found) in numbers {
            let last = latest[source as usize].replace(found);
            if let Some(last) = last.filter(|last| *last >= found) {
                let source_name = self.source_name(source).to_string();
                let expected = last.saturating_add(1);
                return Err(AppendError::SequenceBack { source_name, expected, found });
            }
        }
        Ok(())
    }

    /// Appends an event as a segment keeps it that is or was one of this log's.
    fn repeat(&mut self, from: &Segment, index: usize) {
        let Some(Glance { event_type, source, subject }) = self.glance_in(from, index) else {
            return;
        };
        self.begin_segment();
        self.types.add_one(event_type);
        self.sources.add_one(source);
        let entry = self.next_of(subject);
        let Self { segments, shapes, .. } = self;
        if let Some(segment) = segments.last_mut() {
            Rc::make_mut(segment).copy((from, index), entry, |shape| shapes.get(shape));
        }
    }

    /// The last position up to which this log and another hold the same; none if neither was ever a
    /// copy of the other or both of a third. It takes time for the segments, and for the events of one.
    pub(crate) fn parting(&self, other: &Self) -> Option<Position> {
        if !Rc::ptr_eq(&self.origin, &other.origin) || self.base != other.base {
            return None;
        }
        let mut parting = self.len.min(other.len);
        let epochs = self.epochs.iter().zip(&other.epochs);
        let alike = epochs.take_while(|(one, another)| one == another).count();
        for (first, _) in [&self.epochs, &other.epochs].iter().filter_map(|all| all.get(alike)) {
            parting = parting.min(*first);
        }
        let count = self.segment_count().min(other.segment_count());
        let shared = (0..count).take_while(|number| self.shares(other, *number)).count();
        let mut same = (shared * SEGMENT_EVENTS).min(parting);
        let [mut text, mut other_text] = [(); 2].map(|()| EventText::default());
        while same < parting {
            let position = Position::new(self.base.get() + same as u64 + 1);
            let (one, another) =
                (self.read(position, &mut text), other.read(position, &mut other_text));
            if one != another {
                break;
            }
            same += 1;
        }
        Some(Position::new(self.base.get() + same as u64))
    }
}
