//! A log as it was, to decide commands from.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::store::{EventStore, StoreError};
use crate::json::Json;
use crate::{AppendError, Epoch, Event, Log, NewEvent, Position};

/// A log as it was at a position. What commands decide there is kept beside it: the log stays as it
/// is, and can be forked with what was decided ([`Edit::add`](crate::Edit::add)).
///
/// Give such a command a key that no other has. Its events are named after the key; without one, by
/// their place in the stream, where the log as it is now has others of the same name.
///
/// ```
/// use everview_core::command::{EventStore, Past};
/// use everview_core::{Epoch, Log, NewEvent, Position};
///
/// let event = |id: &str| NewEvent {
///     id: id.into(),
///     source: "/shop".into(),
///     event_type: "OrderPlaced".into(),
///     subject: "order-1".into(),
///     time: None,
///     data: "{}".into(),
/// };
/// let mut log = Log::new();
/// log.append(Epoch::new(1), &event("a"))?;
/// log.append(Epoch::new(1), &event("b"))?;
/// // A command bus does this with what a decider says.
/// let mut past = Past::new(&log, Position::new(1));
/// past.append_all(Epoch::new(1), 1, &[event("what-if")])?;
/// assert_eq!(past.version("order-1"), 2);
/// assert_eq!(past.into_events(), [event("what-if")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Past<'a> {
    log: &'a Log,
    position: Position,
    decided: Vec<(Epoch, NewEvent)>,
}

impl<'a> Past<'a> {
    /// The log as it was at a position.
    pub const fn new(log: &'a Log, position: Position) -> Self {
        Self { log, position, decided: Vec::new() }
    }

    /// The events that were decided on.
    pub fn into_events(self) -> Vec<NewEvent> {
        self.decided.into_iter().map(|(_, event)| event).collect()
    }

    /// How many events the log has of a stream up to the position.
    fn logged(&self, stream: &str) -> u64 {
        let later = self.log.stream(stream).filter(|event| event.position > self.position);
        self.log.version(stream) - later.count() as u64
    }

    fn check(&self, events: &[NewEvent], event: &NewEvent) -> Result<(), AppendError> {
        Json::parse(&event.data)
            .map_err(|error| AppendError::InvalidData { id: event.id.clone(), error })?;
        let decided = self.decided.iter().map(|(_, decided)| decided).chain(events);
        let is_same = |other: &&NewEvent| other.id == event.id && other.source == event.source;
        if decided.filter(is_same).count() > 1 {
            let (source_name, id) = (event.source.clone(), event.id.clone());
            return Err(AppendError::Duplicate { source_name, id });
        }
        Ok(())
    }
}

impl EventStore for Past<'_> {
    fn version(&self, stream: &str) -> u64 {
        let decided = self.decided.iter().filter(|(_, event)| event.subject == stream);
        self.logged(stream) + decided.count() as u64
    }

    fn stream(&self, stream: &str) -> Vec<Event<'_>> {
        let logged = self.log.stream(stream);
        let mut events: Vec<_> =
            logged.take_while(|event| event.position <= self.position).collect();
        let place = (self.position.get() + 1..).map(Position::new);
        let decided = place.zip(&self.decided).filter(|(_, (_, event))| event.subject == stream);
        for (version, (position, (epoch, event))) in (self.logged(stream) + 1..).zip(decided) {
            events.push(Event {
                position,
                epoch: *epoch,
                version,
                id: Cow::Borrowed(&event.id),
                source: &event.source,
                event_type: &event.event_type,
                subject: &event.subject,
                time: event.time,
                data: Cow::Borrowed(&event.data),
                raw: Cow::Owned(event.to_json()),
            });
        }
        events
    }

    fn append_all(
        &mut self,
        epoch: Epoch,
        expected_version: u64,
        events: &[NewEvent],
    ) -> Result<Vec<Position>, StoreError> {
        let found = events.first().map_or(expected_version, |event| self.version(&event.subject));
        if found != expected_version {
            return Err(StoreError::Version { expected: expected_version, found });
        }
        for event in events {
            self.check(events, event)?;
        }
        let first = self.position.get() + self.decided.len() as u64 + 1;
        self.decided.extend(events.iter().map(|event| (epoch, event.clone())));
        Ok((first..).take(events.len()).map(Position::new).collect())
    }
}
