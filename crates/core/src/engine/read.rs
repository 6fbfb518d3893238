//! Events from bytes into the log and the views.

use alloc::vec::Vec;
use core::hint::black_box;

use super::Engine;
use crate::input::{Outcome, Place, Reader, RefuseReason, Refused, excerpt};
use crate::{AppendError, Position};

impl Engine {
    /// Reads a chunk of an input. With the playhead at the head, it follows.
    pub fn read(&mut self, reader: &mut Reader, chunk: &[u8]) {
        self.room.make(chunk.len());
        let follows = self.follows();
        reader.feed(chunk, &mut |place, outcome| self.take(place, outcome));
        self.follow(follows);
    }

    /// Ends an input: what is left is taken as its last record or refused.
    pub fn finish(&mut self, reader: &mut Reader) {
        let follows = self.follows();
        reader.finish(&mut |place, outcome| self.take(place, outcome));
        self.follow(follows);
    }

    fn follow(&mut self, follows: bool) {
        if follows {
            self.seek(Position::new(u64::MAX));
        }
    }

    fn take(&mut self, place: Place, outcome: Outcome<'_>) {
        let (reason, bytes) = match outcome {
            Outcome::Refused(reason, bytes) => (reason, bytes),
            Outcome::Record(record) => match self.log.append_record(self.log.epoch(), record) {
                Ok(gap) => return self.intake.accept(gap, self.limits.kept),
                Err(AppendError::Duplicate { .. }) => {
                    self.intake.duplicates += 1;
                    return;
                }
                Err(error) => (RefuseReason::Append(error), record.raw.as_bytes()),
            },
        };
        let Place { line, offset } = place;
        let refused = Refused { line, offset, reason, excerpt: excerpt(bytes) };
        self.intake.refuse(refused, self.limits.kept);
    }
}

/// Memory asked for ahead of need, in steps that grow.
///
/// A WebAssembly allocator asks its host for a page at a time, and hosts are slow to answer: for a
/// large input that costs more than reading it. What was allocated once stays with the allocator.
#[derive(Debug, Clone, Default)]
pub(super) struct Room {
    /// Bytes asked for so far.
    asked: usize,
    /// Those of them that are not used up yet, as far as that can be told from the input.
    left: usize,
}

impl Room {
    /// What an event takes in log, rows and their history, for each byte of its record.
    const BYTES_PER_BYTE: usize = 3;
    const SMALLEST_STEP: usize = 1 << 20;

    fn make(&mut self, input: usize) {
        let need = input.saturating_mul(Self::BYTES_PER_BYTE);
        if self.left < need {
            let step = need.max(self.asked / 4).max(Self::SMALLEST_STEP);
            drop(black_box(Vec::<u8>::with_capacity(step)));
            self.asked = self.asked.saturating_add(step);
            self.left += step;
        }
        self.left -= need;
    }
}
