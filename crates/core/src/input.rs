//! Events from bytes: NDJSON, a JSON array or CSV, in chunks of any size.
//!
//! A [`Reader`] cuts the bytes into records and reads each record's envelope through a [`Mapping`].
//! A record that cannot be read is refused with its line, its place and the reason, and the next
//! one is read. Nothing here reads a file: shells feed the bytes, and unpack them before if need be.

mod csv;
mod frame;
mod mapping;

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::json::JsonError;
use crate::log::{EnvelopePaths, Record};
use crate::{AppendError, DUPLICATE_WINDOW, TimestampError};
use frame::{Cut, Cuts, Framer};
pub(crate) use mapping::DEFAULT_TYPE;
use mapping::Roles;
pub use mapping::{Mapping, MappingError};

/// How records follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A JSON object on each line.
    Ndjson,
    /// One JSON array of objects, such as a CloudEvents batch.
    JsonArray,
    /// Lines of fields after a line with their names, as RFC 4180 has it; the fields may also be
    /// separated by `;`, tab or `|`.
    Csv,
}

impl Format {
    /// The format that some first bytes look like: an array after `[`, NDJSON after `{`, else CSV.
    pub fn detect(bytes: &[u8]) -> Self {
        let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii_start();
        match text.first() {
            Some(b'[') => Self::JsonArray,
            Some(b'{') | None => Self::Ndjson,
            Some(_) => Self::Csv,
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What an input may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest record, in bytes: 16 MiB.
    pub record_bytes: usize,
    /// The longest input, in bytes once unpacked: 4 GiB. A packed file that would unpack to more is
    /// given up there; so is a snapshot.
    pub input_bytes: u64,
    /// Among how many of the latest events a repeated one is recognised: 16,777,216. Each takes
    /// 17 to 23 bytes.
    pub duplicate_window: usize,
    /// How many refused records, gaps and quarantined events are kept to be shown; all are
    /// counted: 1,000.
    pub kept: usize,
    /// How many events, at least, lie between two checkpoints of the views, from which a seek to a
    /// position between them sets out: 32,768. There are 64 at most, so in a long log they lie
    /// further apart.
    pub checkpoint_events: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes: 16 << 20,
            input_bytes: 4 << 30,
            duplicate_window: DUPLICATE_WINDOW,
            kept: 1_000,
            checkpoint_events: 1 << 15,
        }
    }
}

/// A record that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The line it begins in, from 1.
    pub line: u64,
    /// Bytes before it in the unpacked input.
    pub offset: u64,
    /// Why.
    pub reason: RefuseReason,
    /// How it begins, with what is no text replaced.
    pub excerpt: String,
}

/// Why a record was refused. The records around it are not affected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefuseReason {
    /// It is not well-formed JSON.
    #[error("not JSON: {0}")]
    Json(#[from] JsonError),
    /// It is not UTF-8.
    #[error("not UTF-8 at byte {offset}")]
    Utf8 {
        /// Bytes from the start of the record.
        offset: usize,
    },
    /// It is JSON, but no object.
    #[error("expected a JSON object, found {found}")]
    NoObject {
        /// What it is.
        found: &'static str,
    },
    /// It is longer than [`Limits::record_bytes`].
    #[error("longer than the {limit} bytes that a record may have")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// The input is longer than [`Limits::input_bytes`]; reading stops here.
    #[error("the input goes on after the {limit} bytes that it may have; the rest is not read")]
    InputTooLong {
        /// The limit.
        limit: u64,
    },
    /// The input ends within the record.
    #[error("the input ends within this record")]
    Unfinished,
    /// A field of the envelope is missing.
    #[error("no `{field}`, which is the event's {role}")]
    Missing {
        /// The field.
        field: String,
        /// What it would be.
        role: &'static str,
    },
    /// A field of the envelope is of the wrong kind.
    #[error("`{field}`: expected {expected}, found {found}")]
    Field {
        /// The field.
        field: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// The time is none.
    #[error("`{field}`: {error}")]
    Time {
        /// The field.
        field: String,
        /// Why.
        error: TimestampError,
    },
    /// A CSV line with more or fewer fields than the header.
    #[error("expected {expected} fields as in the header, found {found}")]
    FieldCount {
        /// Those of the header.
        expected: usize,
        /// Those of the line.
        found: usize,
    },
    /// A CSV quote that is not closed, or stands within a field.
    #[error("{problem} at byte {offset}")]
    Quote {
        /// What is wrong with it.
        problem: &'static str,
        /// Bytes from the start of the record.
        offset: usize,
    },
    /// The log does not take it.
    #[error("{0}")]
    Append(AppendError),
}

/// Cuts bytes into records and reads their envelopes. It holds no more than one record.
#[derive(Debug, Clone)]
pub struct Reader {
    format: Format,
    framer: Framer,
    limits: Limits,
    roles: Roles,
    /// What records are said to come from that do not say it themselves.
    source: String,
    /// Records seen so far, refused ones too, the header of a CSV file not.
    records: u64,
    header: Option<csv::Header>,
    is_full: bool,
}

/// Where a record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) offset: u64,
}

impl Reader {
    /// A reader at the start of an input. `source` names the input, such as `/orders.csv`: it is
    /// the source of events whose records do not name theirs.
    ///
    /// # Errors
    ///
    /// When a field of the mapping cannot be read.
    pub fn new(
        format: Format,
        mapping: &Mapping,
        source: impl Into<String>,
        limits: Limits,
    ) -> Result<Self, MappingError> {
        Ok(Self {
            format,
            framer: Framer::new(format, limits.record_bytes),
            limits,
            roles: mapping.compile()?,
            source: source.into(),
            records: 0,
            header: None,
            is_full: false,
        })
    }

    /// Whether the input was longer than its limit, so that nothing more is read from it.
    pub const fn is_full(&self) -> bool {
        self.is_full
    }

    /// Bytes taken in so far.
    pub const fn bytes(&self) -> u64 {
        self.framer.bytes()
    }

    /// By which paths it reads its records, and what they come from that do not say it themselves.
    pub(crate) fn kind(&self) -> (&EnvelopePaths, &str) {
        (self.roles.paths(), &self.source)
    }

    /// Takes in a chunk and tells `sink` of each record in it that is complete.
    pub(crate) fn feed(&mut self, chunk: &[u8], sink: &mut impl Sink) {
        if self.is_full {
            return;
        }
        let room = usize::try_from(self.limits.input_bytes - self.bytes()).unwrap_or(usize::MAX);
        let taken = chunk.len().min(room);
        let mut framer = core::mem::take(&mut self.framer);
        framer.feed(&chunk[..taken], &mut Reading { reader: self, sink });
        self.framer = framer;
        if taken < chunk.len() {
            self.is_full = true;
            let reason = RefuseReason::InputTooLong { limit: self.limits.input_bytes };
            sink.refuse(self.framer.place(), reason, &[]);
        }
    }

    /// Ends the input: what is left is a record or, if it is none, refused.
    pub(crate) fn finish(&mut self, sink: &mut impl Sink) {
        let mut framer = core::mem::take(&mut self.framer);
        framer.finish(&mut Reading { reader: self, sink });
        self.framer = framer;
    }

    fn record(&mut self, place: Place, cut: Cut<'_>, sink: &mut impl Sink) {
        let (bytes, text) = match cut {
            Cut::Record(bytes) => (
                bytes,
                core::str::from_utf8(bytes)
                    .map_err(|error| RefuseReason::Utf8 { offset: error.valid_up_to() }),
            ),
            Cut::Refused(bytes, reason) => (bytes, Err(reason)),
        };
        let json = match text {
            Ok(line) if self.format == Format::Csv => match self.csv_object(line) {
                Ok(Some(object)) => Ok(Cow::Owned(object)),
                Ok(None) => return,
                Err(reason) => Err(reason),
            },
            text => text.map(Cow::Borrowed),
        };
        self.records += 1;
        let json = match &json {
            Ok(json) => json.trim_ascii(),
            Err(reason) => return sink.refuse(place, reason.clone(), bytes),
        };
        let end = |rest: &[u8]| rest.is_empty().then_some(0);
        if sink.known(place, json.as_bytes(), (self.records, None), end).is_some() {
            return;
        }
        match self.roles.read(json, &self.source, self.records) {
            Ok(record) => sink.record(place, &record),
            Err(reason) => sink.refuse(place, reason, bytes),
        }
    }

    /// The JSON object of a CSV line; nothing for the header.
    fn csv_object(&mut self, line: &str) -> Result<Option<String>, RefuseReason> {
        if let Some(header) = &self.header {
            return header.object(line).map(Some);
        }
        self.header = Some(csv::Header::parse(line)?);
        Ok(None)
    }
}

/// Whoever takes in the records of an input.
pub(crate) trait Sink {
    /// Takes the record that some bytes begin with, if its shape is known and what follows it is its
    /// end, of so many bytes; the bytes of both. The record is number so and so in its input, and a
    /// line of at most so many bytes where it was not cut out yet.
    fn known(
        &mut self,
        place: Place,
        bytes: &[u8],
        number_and_longest_line: (u64, Option<usize>),
        end: impl FnOnce(&[u8]) -> Option<usize>,
    ) -> Option<usize>;

    /// Takes a record.
    fn record(&mut self, place: Place, record: &Record<'_>);

    /// Hears of a record that cannot be read.
    fn refuse(&mut self, place: Place, reason: RefuseReason, bytes: &[u8]);
}

/// A reader and whom it reads for.
struct Reading<'a, S> {
    reader: &'a mut Reader,
    sink: &'a mut S,
}

impl<S: Sink> Cuts for Reading<'_, S> {
    fn line(&mut self, place: Place, rest: &[u8]) -> Option<usize> {
        let end_of_line = |rest: &[u8]| match rest {
            [b'\n', ..] => Some(1),
            [b'\r', b'\n', ..] => Some(2),
            _ => None,
        };
        let longest = self.reader.limits.record_bytes;
        let number = self.reader.records + 1;
        let taken = self.sink.known(place, rest, (number, Some(longest)), end_of_line)?;
        self.reader.records = number;
        Some(taken)
    }

    fn cut(&mut self, place: Place, cut: Cut<'_>) {
        self.reader.record(place, cut, self.sink);
    }
}

/// The first records of an input as JSON texts, to guess a mapping from and to show.
///
/// ```
/// use everview_core::{Format, Mapping, sample};
///
/// let bytes = b"case,activity,at\n1,Placed,2026-01-01T10:00:00Z\n";
/// let records = sample(Format::detect(bytes), bytes, 3);
/// let mapping = Mapping::guess(&records[0]).unwrap();
/// assert_eq!(mapping.event_type.as_deref(), Some("activity"));
/// assert_eq!(mapping.subject.as_deref(), Some("case"));
/// assert_eq!(mapping.time.as_deref(), Some("at"));
/// ```
pub fn sample(format: Format, bytes: &[u8], count: usize) -> Vec<String> {
    let mut records = Vec::new();
    let mut header = None;
    let mut framer = Framer::new(format, Limits::default().record_bytes);
    framer.feed(bytes, &mut |_: Place, cut: Cut<'_>| {
        let Cut::Record(bytes) = cut else { return };
        let Ok(text) = core::str::from_utf8(bytes) else { return };
        if records.len() == count {
            return;
        }
        if format != Format::Csv {
            records.push(text.to_string());
        } else if let Some(header) = &header {
            records.extend(csv::Header::object(header, text));
        } else {
            header = csv::Header::parse(text).ok();
        }
    });
    records
}

/// How an excerpt of a refused record is cut.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    const SHOWN: usize = 200;
    String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]).into_owned()
}

#[cfg(test)]
mod tests;
