//! Events in Everview's own form, out of the log and into it.

use alloc::vec::Vec;

use super::Engine;
use crate::{Position, StoredError};

impl Engine {
    /// The events after a position in Everview's own form: a fraction of their JSON, checksummed,
    /// and read back by [`Engine::read_stored`] many times as quickly. To store what is new every
    /// now and then, go on after where the last piece ended; pieces that begin after a multiple of
    /// 4,096 events fit together best.
    ///
    /// ```
    /// use everview_core::{Engine, Epoch, NewEvent, Position};
    ///
    /// let mut engine = Engine::default();
    /// # let event = NewEvent {
    /// #     id: "1".into(),
    /// #     source: "/shop".into(),
    /// #     event_type: "OrderPlaced".into(),
    /// #     subject: "order-1".into(),
    /// #     time: None,
    /// #     data: "{}".into(),
    /// # };
    /// engine.append(Epoch::new(1), &event)?;
    /// let stored = engine.store(Position::START);
    ///
    /// let mut other = Engine::default();
    /// other.read_stored(&stored)?;
    /// assert_eq!(other.head(), Position::new(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn store(&self, after: Position) -> Vec<u8> {
        self.log.store(after)
    }

    /// Reads stored events: those that the log does not have are appended, each of the epoch it
    /// was of. With the playhead at the head, it follows.
    ///
    /// An engine that has no events yet takes them as they are. It fills in by what repeated events
    /// are recognised when the next event comes, which then takes the longer.
    ///
    /// # Errors
    ///
    /// When the bytes are no undamaged stored events, or are more than
    /// [`crate::Limits::input_bytes`], or the log does not take one of the events; nothing has
    /// changed.
    pub fn read_stored(&mut self, bytes: &[u8]) -> Result<(), StoredError> {
        let follows = self.follows();
        let taken = self.log.read_stored(bytes, self.limits.input_bytes)?;
        self.intake.duplicates += taken.duplicates;
        self.intake.accepted += taken.accepted - taken.gaps.len() as u64;
        for gap in taken.gaps {
            self.intake.accept(Some(gap), self.limits.kept);
        }
        if follows {
            self.seek(Position::new(u64::MAX));
        }
        Ok(())
    }
}
