//! Events into a log.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};

use super::ahead::Ahead;
use super::parts::last_of;
use super::segment::Entry;
use super::shape::{EnvelopePaths, HoleKind, KindCode, Shape, Span};
use super::{AppendError, Gap, Key, Log, Recognition, Record, Seen, index_of};
use crate::json::Json;
use crate::{Epoch, NewEvent, Position, Timestamp};

/// What an event says of itself that decides whether it is taken.
struct Claim<'a> {
    source: u32,
    id: &'a [u8],
    sequence: Option<u64>,
}

impl Log {
    /// Appends an event.
    ///
    /// # Errors
    ///
    /// Why it is not taken; the log is as it was.
    pub fn append(&mut self, epoch: Epoch, event: &NewEvent) -> Result<Position, AppendError> {
        let data = Json::parse(&event.data)
            .map_err(|error| AppendError::InvalidData { id: event.id.clone(), error })?;
        let raw = event.to_json();
        let kind = self.shapes.own_kind();
        self.ahead.clear();
        if let Some(found) = self.find(kind, raw.as_bytes())
            && found.len == raw.len()
            && let Some(result) = self.append_found(epoch, &found, (raw.as_bytes(), 0))
        {
            return result.map(|_| self.head());
        }
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
        self.append_record(epoch, Some(kind), &record).map(|_| self.head())
    }

    /// The kind of the records of an input that are read by these paths.
    pub(crate) fn kind(&mut self, paths: &EnvelopePaths, input: &str) -> KindCode {
        self.shapes.kind(paths, input)
    }

    /// Appends the record that [`Log::find`] found, which has these bytes. Nothing, if something in
    /// it is unusual and has to be looked at more closely.
    pub(crate) fn append_found(
        &mut self,
        epoch: Epoch,
        found: &Ahead,
        (bytes, number): (&[u8], u64),
    ) -> Option<Result<Option<Gap>, AppendError>> {
        let spans = core::mem::take(&mut self.ahead.spans);
        let result = self.append_spans(epoch, found, (bytes, number), found.of(&spans));
        self.ahead.spans = spans;
        result
    }

    fn append_spans(
        &mut self,
        epoch: Epoch,
        found: &Ahead,
        (bytes, number): (&[u8], u64),
        spans: &[Span],
    ) -> Option<Result<Option<Gap>, AppendError>> {
        let shape = self.shapes.get(found.shape)?;
        let name = |hole: usize| name(shape, hole, bytes, spans);
        let sequence = match shape.sequence {
            None => None,
            Some(hole) => core::str::from_utf8(name(hole)?).ok()?.parse().ok(),
        };
        let time = match shape.time {
            None => None,
            Some(hole) => Some(time(name(hole)?, shape.holes[hole].kind)?),
        };
        let (event_type, source) = (shape.event_type, shape.source);
        // A record that names no stream is of the one of its source's name.
        let subject = match (found.subject, shape.subject) {
            (None, Some(hole)) => Some(name(hole)?),
            _ => None,
        };
        let numbered = shape.id.is_none().then(|| number.to_string());
        let id = match (&numbered, shape.id) {
            (None, Some(hole)) => name(hole)?,
            (number, _) => number.as_ref().map_or(&[][..], String::as_bytes),
        };
        let key = found.key.unwrap_or_else(|| Seen::key(self.seeds[source as usize], id));
        let gap = match self.admit(epoch, key, &Claim { source, id, sequence }) {
            Ok(gap) => gap,
            Err(error) => return Some(Err(error)),
        };
        let subject = found.subject.unwrap_or_else(|| {
            let subject = subject.unwrap_or(self.sources.name(source).as_bytes());
            self.subjects.add_bytes(subject, 0)
        });
        let place = self.place(subject, (event_type, source));
        let Self { parts, shapes, .. } = self;
        if let (Some(segment), Some(shape)) = (last_of(parts), shapes.get(found.shape)) {
            segment.push(place, (found.shape, shape), (bytes, spans), time);
            if shape.id.is_none() {
                segment.push_id(id);
            }
        }
        Some(Ok(gap))
    }

    /// Appends a record whose text was checked, and learns its shape if its kind is known; the
    /// numbers its source left out before it.
    pub(crate) fn append_record(
        &mut self,
        epoch: Epoch,
        kind: Option<KindCode>,
        record: &Record<'_>,
    ) -> Result<Option<Gap>, AppendError> {
        let source = self.source(&record.source);
        let (id, sequence) = (record.id.as_bytes(), record.sequence);
        let key = Seen::key(self.seeds[source as usize], id);
        let gap = self.admit(epoch, key, &Claim { source, id, sequence })?;
        let event_type = self.types.add(&record.event_type, 0);
        if let Some(kind) = kind {
            self.shapes.learn(kind, record, (event_type, source));
        }
        let subject = self.subjects.add(&record.subject, 0);
        let place = self.place(subject, (event_type, source));
        if let Some(segment) = last_of(&mut self.parts) {
            segment.push_whole(place, (event_type, source), record);
        }
        Ok(gap)
    }

    /// The code of a source.
    pub(super) fn source(&mut self, name: &str) -> u32 {
        let code = self.sources.add(name, 0);
        if self.seeds.len() <= code as usize {
            self.seeds.push(Seen::seed(name));
            self.sequences.push(None);
        }
        code
    }

    /// Takes an event in by name, if it may come next; the numbers its source left out before it.
    fn admit(
        &mut self,
        epoch: Epoch,
        key: Key,
        claim: &Claim<'_>,
    ) -> Result<Option<Gap>, AppendError> {
        self.check()?;
        if epoch < self.epoch() {
            return Err(AppendError::Fenced { expected: self.epoch(), found: epoch });
        }
        if self.recognition == Recognition::Later {
            self.recognise();
            self.check()?;
        }
        let is_recognised = self.recognition == Recognition::Done;
        let source = claim.source as usize;
        let source_name = || self.sources.name(claim.source).to_string();
        if is_recognised && !self.seen.add(key) {
            let id = super::text(claim.id).to_string();
            return Err(AppendError::Duplicate { source_name: source_name(), id });
        }
        let mut gap = None;
        let last = self.sequences[source];
        if let (Some(found), Some(last)) = (claim.sequence, last) {
            let expected = last.saturating_add(1);
            if found < expected {
                if is_recognised {
                    self.seen.remove_last();
                }
                let source_name = source_name();
                return Err(AppendError::SequenceBack { source_name, expected, found });
            }
            let position = self.head().next();
            let source = source_name;
            gap = (found > expected).then(|| Gap { position, source: source(), expected, found });
        }
        if claim.sequence.is_some() {
            self.sequences[source] = claim.sequence;
            self.sequenced.push((self.len, claim.source, last));
        }
        if epoch > self.epoch() {
            self.epochs.push((self.len, epoch));
        }
        Ok(gap)
    }

    /// Makes room for the next event, and counts it.
    #[inline]
    fn place(&mut self, subject: u32, (event_type, source): (u32, u32)) -> Entry {
        self.begin_segment();
        self.types.add_one(event_type);
        self.sources.add_one(source);
        self.next_of(subject)
    }

    /// What is kept of the next event beside its bytes, which is of this stream.
    #[inline]
    pub(super) fn next_of(&mut self, subject: u32) -> Entry {
        let version = u32::try_from(self.subjects.add_one(subject)).unwrap_or(u32::MAX);
        self.len += 1;
        let number = index_of(self.len);
        let of_stream = subject as usize;
        self.latest.cover(of_stream + 1);
        let previous = self.latest[of_stream].replace(number);
        let back = previous.map_or(0, |previous| number.get() - previous.get());
        Entry { start: 0, subject, version, back }
    }
}

/// The text that stands in a hole, if it has no escapes, or the number or boolean as it is written.
#[inline]
pub(super) fn name<'a>(
    shape: &Shape,
    hole: usize,
    bytes: &'a [u8],
    spans: &[Span],
) -> Option<&'a [u8]> {
    let span = spans.get(hole)?;
    let is_name = match shape.holes[hole].kind {
        HoleKind::Text | HoleKind::Time | HoleKind::Subject => !span.escaped,
        HoleKind::Scalar => span.of(bytes) != b"null",
        HoleKind::Array => false,
    };
    is_name.then(|| span.of(bytes))
}

/// The moment that stands in a hole, if that is usual.
fn time(value: &[u8], kind: HoleKind) -> Option<Timestamp> {
    match kind {
        HoleKind::Scalar => {
            let millis = core::str::from_utf8(value).ok()?.parse().ok()?;
            Some(Timestamp::from_millis(millis))
        }
        _ => Timestamp::from_bytes(value),
    }
}
