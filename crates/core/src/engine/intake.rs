//! What was read, dropped and refused.

use alloc::vec::Vec;

use crate::input::Refused;
use crate::log::Gap;

/// What became of the records of all inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// Events that are in the log because of them.
    pub accepted: u64,
    /// Events that were in the log already and were dropped.
    pub duplicates: u64,
    /// Records that were refused.
    pub refused: u64,
    /// The first of those, up to [`crate::Limits::kept`].
    pub refusals: Vec<Refused>,
    /// How often a source left numbers of its own count out. The events after a gap are in the log:
    /// what is missing cannot be had from this input.
    pub gap_count: u64,
    /// The first of those gaps, up to [`crate::Limits::kept`].
    pub gaps: Vec<Gap>,
}

impl Intake {
    pub(super) fn refuse(&mut self, refused: Refused, kept: usize) {
        self.refused += 1;
        if self.refusals.len() < kept {
            self.refusals.push(refused);
        }
    }

    pub(super) fn accept(&mut self, gap: Option<Gap>, kept: usize) {
        self.accepted += 1;
        if let Some(gap) = gap {
            self.gap_count += 1;
            if self.gaps.len() < kept {
                self.gaps.push(gap);
            }
        }
    }
}
