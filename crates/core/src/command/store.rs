//! The log, as the command bus needs it.

use alloc::vec::Vec;

use crate::{AppendError, Engine, Epoch, Event, Log, NewEvent, Position};

/// A log that commands are decided from and whose events they append to.
pub trait EventStore {
    /// How many events a stream has.
    fn version(&self, stream: &str) -> u64;

    /// The events of a stream, in order.
    fn stream(&self, stream: &str) -> Vec<Event<'_>>;

    /// Appends events of one stream that has `expected_version` events: all of them or none.
    ///
    /// # Errors
    ///
    /// Why none of them was taken.
    fn append_all(
        &mut self,
        epoch: Epoch,
        expected_version: u64,
        events: &[NewEvent],
    ) -> Result<Vec<Position>, StoreError>;
}

/// Events that were not appended. The log is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else was faster.
    #[error("expected the stream at version {expected}, found it at {found}")]
    Version {
        /// The version the decision was made at.
        expected: u64,
        /// The version it has.
        found: u64,
    },
    /// The log does not take one of them.
    #[error(transparent)]
    Append(#[from] AppendError),
}

impl EventStore for Log {
    fn version(&self, stream: &str) -> u64 {
        Self::version(self, stream)
    }

    fn stream(&self, stream: &str) -> Vec<Event<'_>> {
        Self::stream(self, stream).collect()
    }

    fn append_all(
        &mut self,
        epoch: Epoch,
        expected_version: u64,
        events: &[NewEvent],
    ) -> Result<Vec<Position>, StoreError> {
        check_version(self, expected_version, events)?;
        let head = self.head();
        let appended: Result<_, _> = events.iter().map(|event| self.append(epoch, event)).collect();
        appended.map_err(|error| {
            self.truncate(head);
            StoreError::Append(error)
        })
    }
}

impl EventStore for Engine {
    fn version(&self, stream: &str) -> u64 {
        self.log().version(stream)
    }

    fn stream(&self, stream: &str) -> Vec<Event<'_>> {
        self.log().stream(stream).collect()
    }

    fn append_all(
        &mut self,
        epoch: Epoch,
        expected_version: u64,
        events: &[NewEvent],
    ) -> Result<Vec<Position>, StoreError> {
        check_version(self.log(), expected_version, events)?;
        let head = self.head();
        let appended: Result<_, _> = events.iter().map(|event| self.append(epoch, event)).collect();
        appended.map_err(|error| {
            self.rewind(head);
            StoreError::Append(error)
        })
    }
}

fn check_version(log: &Log, expected: u64, events: &[NewEvent]) -> Result<(), StoreError> {
    let found = events.first().map_or(expected, |event| log.version(&event.subject));
    if expected == found { Ok(()) } else { Err(StoreError::Version { expected, found }) }
}
