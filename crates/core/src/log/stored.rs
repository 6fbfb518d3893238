//! Events in Everview's own form, as bytes to keep elsewhere and to read back quickly.
//!
//! After the magic and the version come the names of types and sources, the kinds of records with
//! their shapes, the names of streams, the epochs, the sequence numbers, and then blocks of events
//! as the log keeps them. The last 16 bytes are the digest of all before them. Numbers are packed,
//! and a list begins with its length.
//!
//! A shape is told by an example, so that one read back is a shape like any that was learned, and
//! what stands in its holes is checked before anything is taken: a checksum is no protection
//! against who means harm.

mod blob;
mod events;
mod merge;
mod read;
mod write;

use alloc::string::String;

use crate::AppendError;
use crate::cold::ColdError;

/// The first bytes of all stored events.
const MAGIC: &[u8; 8] = b"evstored";

/// The layout that this version writes and reads.
const VERSION: u64 = 1;

/// The bytes of the magic and the version.
const HEAD_BYTES: usize = 16;

/// The bytes of the checksum.
const CHECKSUM_BYTES: usize = 16;

/// Stored events that cannot be used. Nothing was taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoredError {
    /// They are no stored events of Everview's.
    #[error("these are no stored events of Everview's")]
    Foreign,
    /// They are of a layout that this version does not read.
    #[error("expected stored events of version {VERSION}, found version {found}")]
    Version {
        /// Their version.
        found: u64,
    },
    /// Bytes are missing or changed.
    #[error("the stored events are damaged: {detail} at byte {offset}")]
    Damaged {
        /// Bytes from their start.
        offset: usize,
        /// What does not hold there.
        detail: &'static str,
    },
    /// They are more than [`crate::Limits::input_bytes`].
    #[error("expected at most {limit} bytes, found {found}")]
    TooLarge {
        /// How many there may be.
        limit: u64,
        /// How many there are.
        found: u64,
    },
    /// What they would follow cannot be read back from where it was spilled to.
    #[error(transparent)]
    Cold(#[from] ColdError),
    /// The log does not take one of them.
    #[error("event {number} of those stored: {error}")]
    Append {
        /// Which one, counted from 1.
        number: u64,
        /// Why.
        error: AppendError,
    },
}

/// What became of stored events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) accepted: u64,
    /// Events that were in the log already.
    pub(crate) duplicates: u64,
    pub(crate) gaps: alloc::vec::Vec<super::Gap>,
}

/// A field's path, as a kind has it.
type Path = Option<alloc::vec::Vec<String>>;

#[cfg(test)]
mod tests;
