//! Views as they were at a position, for whoever lacks the events before it.

use alloc::sync::Arc;
use core::fmt;

use everview_core::{Digest, Engine, Epoch, Position, RestoreError};

use crate::{Cursor, History};

/// The views of an engine at the end of a log's beginning. Cheap to clone.
///
/// ```
/// use everview_cluster::{History, Snapshot};
/// use everview_cluster::sim::bank;
///
/// let mut engine = bank::engine();
/// let snapshot = Snapshot::of(&mut engine, &History::default());
///
/// let mut other = bank::engine();
/// snapshot.restore(&mut other)?;
/// assert_eq!(other.digest(), snapshot.digest);
/// # Ok::<(), everview_core::RestoreError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The place in a log that they are true at, and that is gone on from.
    pub at: Cursor,
    /// The digest of all views.
    pub digest: Digest,
    /// The views, as [`Engine::snapshot`] gives them.
    pub bytes: Arc<[u8]>,
}

impl Snapshot {
    /// The views of an engine at its head, which has folded a beginning of the log with this history.
    pub fn of(engine: &mut Engine, history: &History) -> Self {
        let (playhead, head) = (engine.position(), engine.head());
        engine.seek(head);
        let digest = engine.digest();
        let bytes = engine.snapshot().into();
        engine.seek(playhead);
        let event_id = engine.log().get(head).map(|event| event.id.into());
        let at = Cursor { history: history.until(head), position: head, event_id, base: head };
        Self { at, digest, bytes }
    }

    /// Lets an engine with the same views go on from here.
    ///
    /// # Errors
    ///
    /// When the bytes are damaged, or other views or of another position than is said here; the engine
    /// is as it was.
    pub fn restore(&self, engine: &mut Engine) -> Result<(), RestoreError> {
        engine.resume_at(&self.bytes, self.at.position, self.digest)
    }
}

/// The views themselves are left out.
impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, digest, bytes } = self;
        let size = bytes.len();
        f.debug_struct("Snapshot")
            .field("at", at)
            .field("digest", digest)
            .field("size", &size)
            .finish()
    }
}

/// Why a follower does not start from a snapshot that a node sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotRefused {
    /// The follower needs every event, and said so.
    #[error("expected events, found a snapshot at {found}")]
    Unasked {
        /// Where the snapshot is.
        found: Position,
    },
    /// It comes from a leader that was deposed.
    #[error("expected a snapshot from a leader of {expected} or later, found one of {found}")]
    LowerEpoch {
        /// The highest epoch that the follower has heard of.
        expected: Epoch,
        /// The leader's.
        found: Epoch,
    },
    /// It is not of a beginning of the leader's log.
    #[error(
        "expected a snapshot of the leader's log, found one at {found} that parts from it after {shared}"
    )]
    OtherLog {
        /// Where the snapshot is.
        found: Position,
        /// The last position up to which the two logs are the same.
        shared: Position,
    },
    /// The follower has all that is in it.
    #[error("expected a snapshot after {expected}, which is there, found one at {found}")]
    Older {
        /// The last position that the follower shares with the leader, and can go on from.
        expected: Position,
        /// Where the snapshot is.
        found: Position,
    },
    /// The views could not be restored from it.
    #[error("{0}")]
    Unusable(#[from] RestoreError),
}
