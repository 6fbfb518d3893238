//! Events in the order they were accepted.

mod names;
mod seen;

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::ops::Range;

use crate::json::{Json, JsonError};
use crate::{Epoch, Event, NewEvent, Position, Timestamp};
pub(crate) use names::Names;
pub(crate) use seen::Seen;

/// How many of the latest events a log recognises a repeated one among.
pub const DUPLICATE_WINDOW: usize = 1 << 24;

/// The bytes after which the log begins a new piece of storage.
const SEGMENT_BYTES: usize = 1 << 20;

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
    /// The events up to here are not kept: a restored log begins after its snapshot.
    base: Position,
    /// The epoch that a restored log begins with.
    base_epoch: Epoch,
    /// The epochs after that one, each with the index of its first event.
    epochs: Vec<(usize, Epoch)>,
    segments: Vec<String>,
    entries: Vec<Entry>,
    types: Names,
    subjects: Names,
    sources: Names,
    /// Of each stream, the index of its last event in `entries`.
    latest: Vec<Option<Index>>,
    /// Of each source, the last sequence number it gave.
    sequences: Vec<Option<u64>>,
    /// The events that came with a sequence number: index, source and the number before it.
    sequenced: Vec<(usize, u32, Option<u64>)>,
    seen: Seen,
}

/// Where an event lies, and what of it is kept apart from its text.
#[derive(Debug, Clone, Copy)]
struct Entry {
    segment: u32,
    /// Where its record begins in the segment.
    start: u32,
    raw_bytes: u32,
    /// From the start of the record; empty when there is none.
    data: (u32, u32),
    /// From the start of the record, in it or just behind.
    id: (u32, u32),
    event_type: u32,
    subject: u32,
    source: u32,
    version: u32,
    /// The index of the event before it in its stream.
    previous: Option<Index>,
    /// Microseconds since 1970, or `NO_TIME`.
    micros: i64,
}

/// No moment: far before all of them.
const NO_TIME: i64 = i64::MIN;

/// An index in a log's entries, plus 1 so that none takes no room.
type Index = NonZeroU32;

/// The numbers that the log gave an event's names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameCodes {
    pub(crate) event_type: u32,
    pub(crate) subject: u32,
    pub(crate) source: u32,
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
}

impl Log {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
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
            log.sources.add(&source, 0);
            log.sequences.push(sequence);
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
        Position::new(self.base.get() + self.entries.len() as u64)
    }

    /// The epoch of the last event: an event of an earlier one is refused.
    pub fn epoch(&self) -> Epoch {
        self.epochs.last().map_or(self.base_epoch, |(_, epoch)| *epoch)
    }

    fn epoch_of(&self, index: usize) -> Epoch {
        let later = self.epochs.partition_point(|(first, _)| *first <= index);
        later.checked_sub(1).map_or(self.base_epoch, |at| self.epochs[at].1)
    }

    /// The event at `position`, if it is kept.
    pub fn get(&self, position: Position) -> Option<Event<'_>> {
        let index = self.index(position)?;
        let entry = self.entries.get(index)?;
        let rest = &self.segments[entry.segment as usize][entry.start as usize..];
        let raw = &rest[..entry.raw_bytes as usize];
        let data = &raw[entry.data.0 as usize..entry.data.1 as usize];
        Some(Event {
            position,
            epoch: self.epoch_of(index),
            version: u64::from(entry.version),
            id: &rest[entry.id.0 as usize..entry.id.1 as usize],
            source: self.sources.name(entry.source),
            event_type: self.types.name(entry.event_type),
            subject: self.subjects.name(entry.subject),
            time: (entry.micros != NO_TIME).then(|| Timestamp::from_micros(entry.micros)),
            data: if data.is_empty() { Json::NULL.text() } else { data },
            raw,
        })
    }

    /// The numbers of an event's names.
    pub(crate) fn name_codes(&self, position: Position) -> Option<NameCodes> {
        let Entry { event_type, subject, source, .. } = *self.entries.get(self.index(position)?)?;
        Some(NameCodes { event_type, subject, source })
    }

    fn index(&self, position: Position) -> Option<usize> {
        usize::try_from(position.get().checked_sub(self.base.get() + 1)?).ok()
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
        let previous = |index: &Index| self.entries[index.get() as usize - 1].previous;
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
        Some(self.entries.get(self.index(position)?)?.event_type)
    }

    /// The number that [`Log::streams`] gives the stream of the event at `position`.
    pub fn stream_code(&self, position: Position) -> Option<u32> {
        Some(self.entries.get(self.index(position)?)?.subject)
    }

    /// Appends an event.
    ///
    /// # Errors
    ///
    /// Why it is not taken; the log is as it was.
    pub fn append(&mut self, epoch: Epoch, event: &NewEvent) -> Result<Position, AppendError> {
        let data = Json::parse(&event.data)
            .map_err(|error| AppendError::InvalidData { id: event.id.clone(), error })?;
        let raw = event.to_json();
        let end = raw.len() - 1;
        let record = Record {
            id: Cow::Borrowed(&event.id),
            source: Cow::Borrowed(&event.source),
            event_type: Cow::Borrowed(&event.event_type),
            subject: Cow::Borrowed(&event.subject),
            time: event.time,
            sequence: None,
            data: end - data.text().len()..end,
            raw: &raw,
        };
        self.append_record(epoch, &record).map(|_| self.head())
    }

    /// Appends a record whose text was checked; the numbers its source left out before it.
    pub(crate) fn append_record(
        &mut self,
        epoch: Epoch,
        record: &Record<'_>,
    ) -> Result<Option<Gap>, AppendError> {
        if epoch < self.epoch() {
            return Err(AppendError::Fenced { expected: self.epoch(), found: epoch });
        }
        let key = Seen::key(&record.source, &record.id);
        if self.seen.contains(key) {
            return Err(AppendError::Duplicate {
                source_name: record.source.to_string(),
                id: record.id.to_string(),
            });
        }
        let gap = self.check_sequence(record)?;
        let source = self.sources.add(&record.source, 1);
        if self.sequences.len() <= source as usize {
            self.sequences.push(None);
        }
        if record.sequence.is_some() {
            let last = core::mem::replace(&mut self.sequences[source as usize], record.sequence);
            self.sequenced.push((self.entries.len(), source, last));
        }
        if epoch > self.epoch() {
            self.epochs.push((self.entries.len(), epoch));
        }
        self.seen.insert(key);
        self.store(source, record);
        Ok(gap)
    }

    fn check_sequence(&self, record: &Record<'_>) -> Result<Option<Gap>, AppendError> {
        let last = self.sources.code(&record.source).and_then(|code| self.sequences[code as usize]);
        let (Some(found), Some(last)) = (record.sequence, last) else {
            return Ok(None);
        };
        let expected = last.saturating_add(1);
        if found < expected {
            let source_name = record.source.to_string();
            return Err(AppendError::SequenceBack { source_name, expected, found });
        }
        let position = self.head().next();
        Ok((found > expected).then(|| Gap {
            position,
            source: record.source.to_string(),
            expected,
            found,
        }))
    }

    fn store(&mut self, source: u32, record: &Record<'_>) {
        let bytes = record.id.len() + record.raw.len();
        if self.segments.last().is_none_or(|last| last.len() + bytes > last.capacity()) {
            self.segments.push(String::with_capacity(SEGMENT_BYTES.max(bytes)));
        }
        let last = self.segments.len() - 1;
        let segment = &mut self.segments[last];
        let start = segment.len();
        segment.push_str(record.raw);
        let id = match &record.id {
            Cow::Borrowed(id) if let Some(range) = range_within(record.raw, id) => range,
            id => {
                segment.push_str(id);
                record.raw.len()..record.raw.len() + id.len()
            }
        };
        let subject = self.subjects.add(&record.subject, 1);
        if self.latest.len() <= subject as usize {
            self.latest.push(None);
        }
        let index = Index::MIN.saturating_add(narrow(self.entries.len()));
        let previous = self.latest[subject as usize].replace(index);
        self.entries.push(Entry {
            segment: narrow(last),
            start: narrow(start),
            raw_bytes: narrow(record.raw.len()),
            data: (narrow(record.data.start), narrow(record.data.end)),
            id: (narrow(id.start), narrow(id.end)),
            event_type: self.types.add(&record.event_type, 1),
            subject,
            source,
            version: u32::try_from(self.subjects.count(subject)).unwrap_or(u32::MAX),
            previous,
            micros: record.time.map_or(NO_TIME, Timestamp::micros),
        });
    }

    /// Forgets every event after `last`, also of what epoch they were: what comes after a rewind may
    /// rightly be of an earlier one than what was forgotten.
    pub fn truncate(&mut self, last: Position) {
        let kept = self.index(last.next()).unwrap_or(0);
        while self.entries.len() > kept {
            let Some(entry) = self.entries.pop() else { break };
            self.types.remove_one(entry.event_type);
            self.subjects.remove_one(entry.subject);
            self.latest[entry.subject as usize] = entry.previous;
            self.sources.remove_one(entry.source);
            self.seen.remove_last();
            self.segments.truncate(entry.segment as usize + 1);
            self.segments[entry.segment as usize].truncate(entry.start as usize);
        }
        while let Some((_, source, before)) = self.sequenced.pop_if(|(index, ..)| *index >= kept) {
            self.sequences[source as usize] = before;
        }
        self.epochs.truncate(self.epochs.partition_point(|(first, _)| *first < kept));
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    pub(crate) fn sequences(&self) -> impl Iterator<Item = (&str, Option<u64>)> {
        self.sources.iter().zip(&self.sequences).map(|((name, _), sequence)| (name, *sequence))
    }
}

/// Where a text lies in another, if it is a part of it.
fn range_within(whole: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start + part.len();
    (end <= whole.len()).then_some(start..end)
}

/// Records are far smaller than 4 GiB, as [`crate::Limits`] has it, and their number below 2^32 as
/// long as they are in memory.
fn narrow(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
