//! Looking at the next records of an input before they are taken.
//!
//! Whether an event is known and which stream it belongs to is found in large tables, whose parts lie
//! far from each other in memory. Asking for a number of events at once lets the processor fetch
//! what they need together.

use alloc::vec::Vec;
use core::hint::black_box;

use super::append::name;
use super::shape::{KindCode, Span};
use super::{Key, Log, Seen};
use crate::text::hash;

/// How many records are looked at together.
const MOST: usize = 64;

/// The records that were looked at, and not yet taken.
#[derive(Debug, Clone, Default)]
pub(super) struct LookedAt {
    records: Vec<Ahead>,
    taken: usize,
    /// What stands in the holes of all of them.
    pub(super) spans: Vec<Span>,
}

/// A record whose shape is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ahead {
    pub(crate) shape: usize,
    /// The bytes of the record.
    pub(crate) len: usize,
    /// Where it lies in memory and how many bytes there were from there on: by both it is known
    /// again. A record may be asked for by itself too, and be as long as all that was left elsewhere.
    address: usize,
    rest: usize,
    spans: (usize, usize),
    /// What it is recognised by, if its id is usual.
    pub(super) key: Option<Key>,
    /// The hash of its stream's name.
    subject_hash: u32,
    /// The code of its stream, if it was there already.
    pub(super) subject: Option<u32>,
}

impl Ahead {
    /// What stands in its holes, of what stands in those of all.
    #[inline]
    pub(super) fn of<'a>(&self, spans: &'a [Span]) -> &'a [Span] {
        &spans[self.spans.0..self.spans.1]
    }
}

impl LookedAt {
    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.spans.clear();
        self.taken = 0;
    }
}

impl Log {
    /// Forgets what it has looked at: other bytes follow.
    pub(crate) fn look_elsewhere(&mut self) {
        self.ahead.clear();
    }

    /// The record that some bytes begin with, if its shape is known. Bytes that it is asked of one
    /// after the other are the rest of each other, unless it was told to look elsewhere.
    #[inline]
    pub(crate) fn find(&mut self, kind: KindCode, bytes: &[u8]) -> Option<Ahead> {
        let LookedAt { records, taken, .. } = &mut self.ahead;
        if let Some(next) = records.get(*taken)
            && (next.address, next.rest) == (bytes.as_ptr().addr(), bytes.len())
        {
            *taken += 1;
            return Some(*next);
        }
        self.look(kind, bytes);
        let first = self.ahead.records.first().copied();
        self.ahead.taken = 1;
        first
    }

    /// Looks at the records that some bytes begin with, as many as have known shapes.
    fn look(&mut self, kind: KindCode, bytes: &[u8]) {
        let Self { ahead, shapes, subjects, seen, seeds, .. } = self;
        ahead.clear();
        let mut at = 0;
        while ahead.records.len() < MOST && at < bytes.len() {
            let (first, rest) = (ahead.spans.len(), &bytes[at..]);
            let Some(found) = shapes.find(kind, rest, &mut ahead.spans) else { break };
            let Some(shape) = shapes.get(found.shape) else { break };
            let in_hole = |hole| name(shape, hole, rest, &ahead.spans[first..]);
            let seed = seeds[shape.source as usize];
            let key = shape.id.and_then(in_hole).map(|id| Seen::key(seed, id));
            let subject = shape.subject.and_then(in_hole);
            let record = Ahead {
                shape: found.shape,
                len: found.len,
                address: rest.as_ptr().addr(),
                rest: rest.len(),
                spans: (first, ahead.spans.len()),
                key,
                subject_hash: subject.map_or(0, hash),
                subject: None,
            };
            ahead.records.push(record);
            match rest.get(found.len) {
                Some(b'\n') => at += found.len + 1,
                _ => break,
            }
        }
        // Nothing here waits for anything else.
        let touched = ahead.records.iter().fold(0, |touched, record| {
            let key = record.key.map_or(0, |key| seen.touch(key));
            touched ^ key ^ subjects.touch(record.subject_hash)
        });
        black_box(touched);
        for record in &mut ahead.records {
            let Some(shape) = shapes.get(record.shape) else { continue };
            let rest = &bytes[bytes.len() - record.rest..];
            let spans = record.of(&ahead.spans);
            let subject = shape.subject.and_then(|hole| name(shape, hole, rest, spans));
            let code = |subject| subjects.code_of_hashed(record.subject_hash, subject);
            record.subject = subject.and_then(code);
        }
    }
}
