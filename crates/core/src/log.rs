//! Events in the order they were accepted.

mod ahead;
mod append;
mod arrange;
mod names;
mod parts;
mod read;
mod seen;
mod segment;
mod shape;
mod stored;

use alloc::borrow::Cow;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::ops::Range;

use crate::cold::{ColdError, ColdStorage};
use crate::json::JsonError;
use crate::list::List;
use crate::{Epoch, Event, Position, Timestamp};
use ahead::LookedAt;
pub(crate) use arrange::Run;
pub(crate) use names::Names;
use parts::Part;
pub(crate) use read::{EventText, Glance};
pub(crate) use seen::{Key, Seen};
use segment::Entry;
pub(crate) use segment::{Held, Holes, Kept, text};
pub(crate) use shape::KindCode;
use shape::Shapes;
pub(crate) use shape::{EnvelopePaths, Finding, Role, Shape};
pub use stored::StoredError;

/// How many of the latest events a log recognises a repeated one among, unless
/// [`crate::Limits::duplicate_window`] says otherwise.
pub const DUPLICATE_WINDOW: usize = 1 << 24;

/// An append-only log in memory.
///
/// It refuses an event that it has ([`AppendError::Duplicate`], by source and id, within the last
/// [`DUPLICATE_WINDOW`] events), one from a leader that was deposed ([`AppendError::Fenced`]) and
/// one whose source has gone back in its own count ([`AppendError::SequenceBack`]).
///
/// ```
/// use everview_core::{Epoch, Log, NewEvent, Position};
///
/// let mut log = Log::new();
/// let event = NewEvent {
///     id: "1".into(),
///     source: "/shop".into(),
///     event_type: "OrderPlaced".into(),
///     subject: "order-1".into(),
///     time: None,
///     data: r#"{"total":1299}"#.into(),
/// };
/// assert_eq!(log.append(Epoch::new(1), &event)?, Position::new(1));
/// assert!(log.append(Epoch::new(1), &event).is_err(), "it is there already");
/// assert_eq!(log.get(Position::new(1)).unwrap().version, 1);
/// # Ok::<(), everview_core::AppendError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// One and the same in all copies, and in no other log.
    origin: Rc<Origin>,
    /// The events up to here are not kept: a restored log begins after its snapshot.
    base: Position,
    /// The epoch that a restored log begins with.
    base_epoch: Epoch,
    /// The epochs after that one, each with the index of its first event.
    epochs: Vec<(usize, Epoch)>,
    parts: Vec<Part>,
    /// Where segments are spilled to.
    storage: Option<ColdStorage>,
    /// How many events there are in all segments.
    len: usize,
    shapes: Shapes,
    types: Names,
    subjects: Names,
    sources: Names,
    /// Of each stream, its last event.
    latest: List<Option<Index>>,
    /// Of each source, the last sequence number it gave.
    sequences: Vec<Option<u64>>,
    /// The events that came with a sequence number: index, source and the number before it.
    sequenced: Vec<(usize, u32, Option<u64>)>,
    seen: Seen,
    recognition: Recognition,
    /// Of each source, what the keys of its events begin from.
    seeds: Vec<u64>,
    ahead: LookedAt,
}

/// Whether the log's own events are among those that repeated ones are recognised by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Recognition {
    #[default]
    Done,
    /// Not before an event is to be appended: it is known that they differ.
    Later,
    /// Nor then: whoever appends has seen to it that the event is new.
    Vouched,
}

/// By it, copies of a log are told from other logs.
#[derive(Debug, Default)]
struct Origin;

/// The number of an event that a log keeps, plus 1 so that none takes no room.
type Index = NonZeroU32;

/// The number of the event that is the last of so many.
#[inline]
fn index_of(len: usize) -> Index {
    let number = u32::try_from(len).unwrap_or(u32::MAX);
    Index::new(number).unwrap_or(Index::MIN)
}

/// What a record says of itself, borrowed from its text.
#[derive(Debug, Clone)]
pub(crate) struct Record<'a> {
    pub(crate) id: Cow<'a, str>,
    pub(crate) source: Cow<'a, str>,
    pub(crate) event_type: Cow<'a, str>,
    pub(crate) subject: Cow<'a, str>,
    pub(crate) time: Option<Timestamp>,
    pub(crate) sequence: Option<u64>,
    pub(crate) raw: &'a str,
    /// The place of the data in `raw`; empty when there is none.
    pub(crate) data: Range<usize>,
}

/// Numbers that a source left out before an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The event before which they are missing.
    pub position: Position,
    /// The source.
    pub source: String,
    /// The number that should have come.
    pub expected: u64,
    /// The number that came.
    pub found: u64,
}

/// An event was not taken. The log is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// It is from a leader that was deposed.
    #[error("expected an event of {expected} or later, found one of {found}: fenced")]
    Fenced {
        /// The log's epoch.
        expected: Epoch,
        /// The event's.
        found: Epoch,
    },
    /// The log has an event with this source and id.
    #[error("the event `{id}` of `{source_name}` is there already")]
    Duplicate {
        /// Its source.
        source_name: String,
        /// Its id.
        id: String,
    },
    /// The source counted back.
    #[error("expected sequence {expected} or later from `{source_name}`, found {found}")]
    SequenceBack {
        /// The source.
        source_name: String,
        /// The number after the last one it gave.
        expected: u64,
        /// The number it gave now.
        found: u64,
    },
    /// The data is not JSON.
    #[error("the data of the event `{id}` is not JSON: {error}")]
    InvalidData {
        /// The event's id.
        id: String,
        /// Where and why.
        error: JsonError,
    },
    /// A part of the log cannot be read back, and nothing is added to what is not known.
    #[error(transparent)]
    Cold(#[from] ColdError),
}

impl Log {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty log that recognises a repeated event among so many of the latest.
    pub(crate) fn with_window(window: usize) -> Self {
        Self { seen: Seen::new(window), ..Self::default() }
    }

    /// A log that goes on after events it does not hold, as a snapshot left it.
    pub(crate) fn resumed(
        base: Position,
        epoch: Epoch,
        seen: Seen,
        streams: impl IntoIterator<Item = (String, u64)>,
        sequences: impl IntoIterator<Item = (String, Option<u64>)>,
    ) -> Self {
        let mut log = Self { base, base_epoch: epoch, seen, ..Self::default() };
        for (subject, version) in streams {
            log.subjects.add(&subject, version);
            log.latest.push(None);
        }
        for (source, sequence) in sequences {
            let code = log.source(&source);
            log.sequences[code as usize] = sequence;
        }
        log
    }

    /// The position before the first event that is kept: [`Position::START`], but for an engine
    /// that was restored from a snapshot.
    pub const fn base(&self) -> Position {
        self.base
    }

    /// The position of the last event.
    pub fn head(&self) -> Position {
        Position::new(self.base.get() + self.len as u64)
    }

    /// The epoch of the last event: an event of an earlier one is refused.
    pub fn epoch(&self) -> Epoch {
        self.epochs.last().map_or(self.base_epoch, |(_, epoch)| *epoch)
    }

    fn epoch_of(&self, index: usize) -> Epoch {
        let later = self.epochs.partition_point(|(first, _)| *first <= index);
        later.checked_sub(1).map_or(self.base_epoch, |at| self.epochs[at].1)
    }

    /// The epoch of the event at a position; where there is none, that of what came before the log.
    pub fn epoch_at(&self, position: Position) -> Epoch {
        self.index(position).map_or(self.base_epoch, |index| self.epoch_of(index))
    }

    /// The number of the event at a position in its stream.
    pub(crate) fn version_at(&self, position: Position) -> u64 {
        let entry = self.index(position).and_then(|index| self.entry(index));
        entry.map_or(0, |entry| entry.version.into())
    }

    fn index(&self, position: Position) -> Option<usize> {
        let index = usize::try_from(position.get().checked_sub(self.base.get() + 1)?).ok()?;
        (index < self.len).then_some(index)
    }

    fn entry(&self, index: usize) -> Option<Entry> {
        let (segment, within) = self.segment_at(index)?;
        segment.entries.get(within).copied()
    }

    /// The events after `position`, in order.
    pub fn after(&self, position: Position) -> impl Iterator<Item = Event<'_>> {
        let first = position.max(self.base).get() + 1;
        (first..=self.head().get()).filter_map(|number| self.get(Position::new(number)))
    }

    /// The events of one stream that are kept, in order. It takes time for these alone, not for
    /// the log.
    pub fn stream(&self, subject: &str) -> impl Iterator<Item = Event<'_>> {
        let latest = self.subjects.code(subject).and_then(|code| self.latest[code as usize]);
        let previous = |index: &Index| self.entry(index.get() as usize - 1)?.previous(*index);
        let mut indices: Vec<Index> = core::iter::successors(latest, previous).collect();
        indices.reverse();
        let base = self.base.get();
        let event = move |index: Index| self.get(Position::new(base + u64::from(index.get())));
        indices.into_iter().filter_map(event)
    }

    /// How many events a stream has.
    pub fn version(&self, subject: &str) -> u64 {
        self.subjects.code(subject).map_or(0, |code| self.subjects.count(code))
    }

    pub(crate) fn type_name(&self, code: u32) -> &str {
        self.types.name(code)
    }

    pub(crate) fn source_name(&self, code: u32) -> &str {
        self.sources.name(code)
    }

    pub(crate) fn subject_name(&self, code: u32) -> &str {
        self.subjects.name(code)
    }

    /// The event types with the number of events of each, in the order they first appeared.
    pub fn types(&self) -> impl Iterator<Item = (&str, u64)> {
        self.types.iter()
    }

    /// The streams with the number of events of each, in the order they first appeared.
    pub fn streams(&self) -> impl Iterator<Item = (&str, u64)> {
        self.subjects.iter()
    }

    /// The number that [`Log::types`] gives the type of the event at `position`.
    pub fn type_code(&self, position: Position) -> Option<u32> {
        Some(self.glance(position)?.event_type)
    }

    /// The number that [`Log::streams`] gives the stream of the event at `position`.
    pub fn stream_code(&self, position: Position) -> Option<u32> {
        Some(self.entry(self.index(position)?)?.subject)
    }

    /// Forgets every event after `last`, also of what epoch they were: what comes after a rewind may
    /// rightly be of an earlier one than what was forgotten. Where a part of the log cannot be read
    /// back, what is before it stays.
    pub fn truncate(&mut self, last: Position) {
        let kept = last.get().saturating_sub(self.base.get());
        let kept = usize::try_from(kept).unwrap_or(self.len);
        let Some((cut, _)) = self.locate(kept).filter(|_| kept < self.len) else { return };
        if self.bring_back(cut).is_err() {
            return;
        }
        while self.len > kept {
            let Some(Glance { event_type, source, .. }) = self.glance(self.head()) else { break };
            let Some(entry) = self.entry(self.len - 1) else { break };
            let previous = entry.previous(index_of(self.len));
            self.len -= 1;
            self.types.remove_one(event_type);
            self.subjects.remove_one(entry.subject);
            self.latest[entry.subject as usize] = previous;
            self.sources.remove_one(source);
            if self.recognition == Recognition::Done {
                self.seen.remove_last();
            }
        }
        self.cut_segments(self.len);
        let kept = kept.max(self.len);
        while let Some((_, source, before)) = self.sequenced.pop_if(|(index, ..)| *index >= kept) {
            self.sequences[source as usize] = before;
        }
        self.epochs.truncate(self.epochs.partition_point(|(first, _)| *first < kept));
    }

    /// The bytes of memory it takes, without what repeated events are recognised by.
    pub(crate) fn memory(&self) -> usize {
        let names = [&self.types, &self.subjects, &self.sources].map(Names::memory);
        self.parts.iter().map(|part| part.place.memory()).sum::<usize>()
            + self.parts.capacity() * size_of::<Part>()
            + names.iter().sum::<usize>()
            + self.latest.memory()
            + self.sequenced.capacity() * size_of::<(usize, u32, Option<u64>)>()
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    pub(crate) fn sequences(&self) -> impl Iterator<Item = (&str, Option<u64>)> {
        self.sources.iter().zip(&self.sequences).map(|((name, _), sequence)| (name, *sequence))
    }
}

#[cfg(test)]
mod tests;
