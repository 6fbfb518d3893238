//! Events of a log in another order.

use alloc::rc::Rc;
use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;
use core::iter;
use core::ops::Range;

use super::parts::{Part, Place, last_of};
use super::segment::Segment;
use super::{AppendError, EventText, Key, Log, Recognition};
use crate::{Epoch, Position};

/// Events one after the other, by where they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) after: Position,
    pub(crate) count: u64,
    /// The epoch that they are of in their new place, if not each of its own.
    pub(crate) epoch: Option<Epoch>,
}

/// What a log knew of a run before it was arranged.
struct Known {
    indices: Range<usize>,
    /// Where each epoch begins, counted from the first event.
    epochs: Vec<(usize, Epoch)>,
    /// Sources with their sequence numbers, by the event counted from the first.
    sequences: Vec<(usize, u32, u64)>,
    /// By what the events are recognised.
    keys: Vec<Key>,
}

impl Log {
    /// Puts the events after a position in this order, byte for byte what they were. Those that are
    /// left out are forgotten. It takes time for the events after the position, not for the log, and
    /// memory for the segments of which something is otherwise then.
    ///
    /// # Errors
    ///
    /// When a source would count back, or a part of the log cannot be read back; the log is as it was.
    pub(crate) fn arrange(&mut self, after: Position, runs: &[Run]) -> Result<(), AppendError> {
        let first = self.index(after.next()).unwrap_or(self.len);
        let sequences = self.sequences_after(first);
        let runs = runs.iter().filter(|run| run.count > 0);
        let runs: Vec<Known> = runs.map(|run| self.know(run, first, &sequences)).collect();
        let numbers = runs.iter().flat_map(|run| &run.sequences);
        self.check_sequences(first, numbers.map(|(_, source, number)| (*source, *number)))?;
        let begin = self.locate(first).map_or(self.parts.len(), |(number, _)| number);
        let parts = self.parts.get(begin..).unwrap_or_default().to_vec();
        self.bring_back(begin)?;
        let here = self.parts.get(begin..).unwrap_or_default().to_vec();
        self.truncate(after);
        self.ahead.clear();
        for run in runs {
            self.enter(&run);
            let Range { mut start, end } = run.indices;
            while start < end {
                let number = parts.partition_point(|part| part.first <= start).saturating_sub(1);
                let Some(Part { first, place: Place::Here(segment) }) = here.get(number) else {
                    break;
                };
                let within = start - first..segment.entries.len().min(end - first);
                start = first + within.end;
                let is_whole = within == (0..segment.entries.len());
                if is_whole && self.room() < within.len() {
                    self.repeat_segment(&parts[number].place, segment);
                } else {
                    within.for_each(|index| self.repeat(segment, index));
                }
            }
        }
        Ok(())
    }

    fn know(&self, run: &Run, first: usize, sequences: &[(u64, u32, u64)]) -> Known {
        let start = self.index(run.after.next()).unwrap_or(self.len);
        let indices = start..start + usize::try_from(run.count).unwrap_or(usize::MAX);
        let later = self.epochs.iter().filter(|(index, _)| start < *index && *index < indices.end);
        let epochs = if let Some(epoch) = run.epoch {
            vec![(0, epoch)]
        } else {
            let later = later.map(|(index, epoch)| (index - start, *epoch));
            iter::once((0, self.epoch_of(start))).chain(later).collect()
        };
        let offset = |offset: u64| first + usize::try_from(offset).unwrap_or(usize::MAX);
        let from = sequences.partition_point(|(of, ..)| offset(*of) < start);
        let sequences = sequences[from..]
            .iter()
            .map(|(of, source, number)| (offset(*of), *source, *number))
            .take_while(|(index, ..)| *index < indices.end)
            .map(|(index, source, number)| (index - start, source, number))
            .collect();
        let is_recognised = self.recognition == Recognition::Done;
        let keys = self.keys(start).take(if is_recognised { indices.len() } else { 0 }).collect();
        Known { indices, epochs, sequences, keys }
    }

    /// Notes what is known of the events of a run, which come next.
    fn enter(&mut self, run: &Known) {
        for (offset, epoch) in &run.epochs {
            if *epoch > self.epoch() {
                self.epochs.push((self.len + offset, *epoch));
            }
        }
        for (offset, source, number) in &run.sequences {
            let before = self.sequences[*source as usize].replace(*number);
            self.sequenced.push((self.len + offset, *source, before));
        }
        for key in &run.keys {
            self.seen.insert(*key);
        }
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
        let Some(subject) = from.entries.get(index).map(|entry| entry.subject) else { return };
        self.begin_segment();
        self.count(from, index);
        let entry = self.next_of(subject);
        let Self { parts, shapes, .. } = self;
        if let Some(segment) = last_of(parts) {
            segment.copy((from, index), entry, |shape| shapes.get(shape));
        }
    }

    /// Shares with another log what is the same in both, beside the segments.
    pub(crate) fn share(&mut self, other: &Self) {
        self.latest.share(&other.latest);
        self.subjects.share_counts(&other.subjects);
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
        let mut same = self.shared(other).min(parting);
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

#[cfg(test)]
mod tests;
