//! Events of a log as bytes.

use alloc::vec::Vec;

use super::{MAGIC, VERSION};
use crate::log::Log;
use crate::log::segment::{SEGMENT_EVENTS, Segment};
use crate::pack::{put, put_signed};
use crate::{Digest, Position};

impl Log {
    /// The events after a position in Everview's own form, to be read by
    /// [`crate::Engine::read_stored`]. Pieces fit together best when they begin after a multiple
    /// of 4,096 events. Empty, which is no stored events at all, if a part of the log cannot be read
    /// back ([`Log::failure`]).
    pub fn store(&self, after: Position) -> Vec<u8> {
        let first = self.index(after.max(self.base).next()).unwrap_or(self.len);
        let mut out = Vec::with_capacity(self.memory() / 2 + 64);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        for names in [&self.types, &self.sources] {
            list(&mut out, names.iter(), |out, (name, _)| put_text(out, name));
        }
        self.store_shapes(&mut out);
        let (subjects, codes) = self.subjects_after(first);
        list(&mut out, subjects.iter(), |out, code| put_text(out, self.subjects.name(*code)));
        let epochs: Vec<_> = self.epochs_after(first);
        list(&mut out, epochs.into_iter(), |out, (index, epoch)| {
            put(out, index);
            put(out, epoch);
        });
        let sequences = self.sequences_after(first);
        list(&mut out, sequences.into_iter(), |out, (index, source, sequence)| {
            put(out, index);
            put(out, source.into());
            put(out, sequence);
        });
        put(&mut out, (self.len - first) as u64);
        let mut next = 0;
        self.blocks_after(first, |segment| {
            put_signed(&mut out, segment.base);
            // A stream that is new is told by 0, any other by how long before that it came first.
            for entry in &segment.entries {
                let code = codes[entry.subject as usize];
                put(&mut out, u64::from(next - code));
                next += u32::from(code == next);
            }
            put(&mut out, segment.bytes.len() as u64);
            out.extend_from_slice(&segment.bytes);
        });
        if self.failure().is_some() {
            return Vec::new();
        }
        let checksum = Digest::of(&out).to_u128();
        out.extend_from_slice(&checksum.to_le_bytes());
        out
    }

    /// The events from an index on, in segments that are full but for the last.
    fn blocks_after(&self, first: usize, mut tell: impl FnMut(&Segment)) {
        let mut block = Segment::default();
        let mut index = first;
        while index < self.len {
            let Some((from, within)) = self.segment_at(index) else { break };
            let count = from.entries.len() - within;
            index += count;
            if block.entries.is_empty()
                && (count == SEGMENT_EVENTS || index == self.len && within == 0)
            {
                tell(&from);
                continue;
            }
            for (within, place) in from.entries.iter().enumerate().skip(within) {
                block.copy((&from, within), *place, |shape| self.shapes.get(shape));
                if block.entries.len() == SEGMENT_EVENTS {
                    tell(&block);
                    block = Segment::default();
                }
            }
        }
        if !block.entries.is_empty() {
            tell(&block);
        }
    }

    /// The kinds of records, and the shapes with an example each.
    fn store_shapes(&self, out: &mut Vec<u8>) {
        list(out, self.shapes.kinds(), |out, (paths, input)| {
            for path in paths {
                put(out, path.as_ref().map_or(0, |path| path.len() as u64 + 1));
                path.iter().flatten().for_each(|name| put_text(out, name));
            }
            put_text(out, input);
        });
        list(out, self.shapes.iter(), |out, (kind, shape)| {
            put(out, kind as u64);
            put(out, shape.event_type.into());
            put(out, shape.source.into());
            put_text(out, &shape.example());
        });
    }

    /// The streams of the events from an index on, in the order they first appear there, and of
    /// each stream its place in that order.
    fn subjects_after(&self, first: usize) -> (Vec<u32>, Vec<u32>) {
        let mut subjects = Vec::new();
        let mut codes = Vec::new();
        for index in first..self.len {
            let Some(entry) = self.entry(index) else { break };
            let subject = entry.subject as usize;
            if codes.len() <= subject {
                codes.resize(subject + 1, u32::MAX);
            }
            if codes[subject] == u32::MAX {
                codes[subject] = u32::try_from(subjects.len()).unwrap_or(u32::MAX);
                subjects.push(entry.subject);
            }
        }
        (subjects, codes)
    }

    /// Where each epoch begins among the events from an index on.
    fn epochs_after(&self, first: usize) -> Vec<(u64, u64)> {
        let later = self.epochs.iter().filter(|(index, _)| *index > first);
        let begin = (first < self.len).then(|| (0, self.epoch_of(first).get()));
        let later = later.map(|(index, epoch)| ((index - first) as u64, epoch.get()));
        begin.into_iter().chain(later).collect()
    }

    /// The events from an index on that have sequence numbers: each with its source and number.
    pub(in crate::log) fn sequences_after(&self, first: usize) -> Vec<(u64, u32, u64)> {
        let mut latest = self.sequences.clone();
        let mut sequences = Vec::new();
        for (index, source, before) in self.sequenced.iter().rev() {
            let Some(offset) = index.checked_sub(first) else { break };
            let number = core::mem::replace(&mut latest[*source as usize], *before);
            sequences.push((offset as u64, *source, number.unwrap_or_default()));
        }
        sequences.reverse();
        sequences
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// A list: its length, then what `write` writes of each.
fn list<T>(
    out: &mut Vec<u8>,
    items: impl ExactSizeIterator<Item = T>,
    write: impl Fn(&mut Vec<u8>, T),
) {
    put(out, items.len() as u64);
    for item in items {
        write(out, item);
    }
}
