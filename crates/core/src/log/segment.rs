//! Events as a log keeps them: what stands in the holes of their shapes.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::OnceCell;
use core::fmt::Write as _;

use super::shape::{HoleKind, Shape, Span};
use super::{Index, Record};
use crate::Timestamp;
use crate::cold::{ColdStorage, Extent};
use crate::pack::{self, Unpacker, fold_sign, unfold_sign};
use crate::time::TEXT_BYTES;

/// How many events a segment holds at most. Tests of logs with a few events are to have some of them.
pub(crate) const SEGMENT_EVENTS: usize = if cfg!(test) { 1 << 4 } else { 1 << 12 };

/// A number of events one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Segment {
    /// Shared with segments that have the same events, but with another past.
    pub(super) bytes: Rc<Vec<u8>>,
    pub(super) entries: Vec<Entry>,
    /// Moments are counted from this one.
    pub(super) base: i64,
    /// Where it was written to, once it was: logs that share it need to do so only once.
    pub(super) written: OnceCell<Rc<Extent>>,
}

/// What is kept of an event beside its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where its bytes begin.
    pub(super) start: u32,
    pub(crate) subject: u32,
    pub(super) version: u32,
    /// How many events ago the one before it in its stream was; 0 without one.
    pub(super) back: u32,
}

impl Entry {
    /// The event before it in its stream, if this is its own number.
    pub(super) fn previous(self, number: Index) -> Option<Index> {
        let previous = number.get().checked_sub(self.back);
        previous.filter(|previous| *previous < number.get()).and_then(Index::new)
    }
}

/// What stands in a hole.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Held<'a> {
    /// The inside of a string, and whether it has escapes.
    Text(&'a [u8], bool),
    /// The inside of a string that is a moment as [`Timestamp`] prints it, to the millisecond.
    Moment(Timestamp),
    Integer(i64),
    /// Any other value, as JSON.
    Json(&'a [u8]),
    /// The name of the event's stream.
    Subject,
}

/// How a record without a shape is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole<'a> {
    pub(crate) event_type: u32,
    pub(crate) source: u32,
    pub(crate) time: Option<Timestamp>,
    pub(crate) data: (usize, usize),
    pub(crate) id: &'a [u8],
    pub(crate) raw: &'a [u8],
}

/// An event's bytes, begun to be read.
pub(crate) enum Kept<'a> {
    /// The number of its shape, and what stands in its holes.
    Shaped(usize, Holes<'a>),
    Whole(Whole<'a>),
}

/// Reads what stands in the holes of an event, one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holes<'a> {
    unpacker: Unpacker<'a>,
    base: i64,
}

impl Segment {
    /// An empty segment, beside one that is full.
    pub(super) fn after(last: &mut Rc<Self>) -> Self {
        if let Some(bytes) = Rc::get_mut(last).and_then(|last| Rc::get_mut(&mut last.bytes)) {
            bytes.shrink_to_fit();
        }
        let bytes = Vec::with_capacity(last.bytes.len()).into();
        Self { bytes, entries: Vec::with_capacity(SEGMENT_EVENTS), ..Self::default() }
    }

    /// The bytes of memory it takes.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    /// Keeps what `place` says of the next event; what its bytes are added to.
    #[inline]
    fn begin(&mut self, place: Entry) -> &mut Vec<u8> {
        let bytes = Rc::make_mut(&mut self.bytes);
        let start = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.entries.push(Entry { start, ..place });
        bytes
    }

    /// Keeps an event of a shape: `number` is that of the shape, and `id` is given where the text
    /// does not have it.
    pub(super) fn push(
        &mut self,
        place: Entry,
        (number, shape): (usize, &Shape),
        (record, spans): (&[u8], &[Span]),
        time: Option<Timestamp>,
    ) {
        if self.entries.is_empty() {
            self.base = time.map_or(0, Timestamp::millis);
        }
        let base = self.base;
        let out = self.begin(place);
        pack::put(out, number as u64 + 1);
        for (hole, span) in shape.holes.iter().zip(spans) {
            let value = span.of(record);
            let number = match hole.kind {
                HoleKind::Subject => continue,
                HoleKind::Time => {
                    let moment = time.filter(|time| is_as_printed(*time, value));
                    moment.map(|time| time.millis() - base)
                }
                HoleKind::Scalar => integer(value),
                HoleKind::Text | HoleKind::Array => None,
            };
            if let Some(number) = number {
                pack::put(out, fold_sign(number) << 1);
                continue;
            }
            let is_flagged = match hole.kind {
                HoleKind::Text => span.escaped,
                HoleKind::Array => false,
                HoleKind::Time | HoleKind::Scalar | HoleKind::Subject => true,
            };
            pack::put(out, (value.len() as u64) << 1 | u64::from(is_flagged));
            pack::put_part(out, record, span.start as usize..span.end as usize);
        }
    }

    /// Keeps an id that stands in no hole, behind the event that was pushed last.
    pub(super) fn push_id(&mut self, id: &[u8]) {
        put_bytes(Rc::make_mut(&mut self.bytes), id);
    }

    /// Keeps a record as it is.
    pub(super) fn push_whole(
        &mut self,
        place: Entry,
        (event_type, source): (u32, u32),
        record: &Record<'_>,
    ) {
        let out = self.begin(place);
        pack::put(out, 0);
        pack::put(out, event_type.into());
        pack::put(out, source.into());
        out.push(record.time.is_some().into());
        pack::put_signed(out, record.time.map_or(0, Timestamp::micros));
        pack::put(out, record.data.start as u64);
        pack::put(out, record.data.end as u64);
        put_bytes(out, record.id.as_bytes());
        put_bytes(out, record.raw.as_bytes());
    }

    /// Keeps an event as another segment does, of which only the moments are counted otherwise, and
    /// what `place` says of its stream.
    pub(super) fn copy<'a>(
        &mut self,
        (from, index): (&Self, usize),
        place: Entry,
        shape: impl FnOnce(usize) -> Option<&'a Shape>,
    ) {
        let Some(entry) = from.entries.get(index) else { return };
        let end = from.entries.get(index + 1).map_or(from.bytes.len(), |next| next.start as usize);
        if self.entries.is_empty() {
            self.base = from.base;
        }
        let base = self.base;
        let out = self.begin(place);
        let bytes = &from.bytes[..end];
        let mut copied = entry.start as usize;
        if let Some((_, Kept::Shaped(number, mut holes))) = from.open(index)
            && let Some(shape) = shape(number)
            && let Some(time) = shape.time
        {
            holes.pass(shape, time);
            let at = holes.unpacker.position();
            if let Held::Moment(moment) = holes.next(shape, time) {
                out.extend_from_slice(&bytes[copied..at]);
                pack::put(out, fold_sign(moment.millis() - base) << 1);
                copied = holes.unpacker.position();
            }
        }
        out.extend_from_slice(&bytes[copied..]);
    }

    /// Where it lies in a storage, after it was put there if it was not. None if the storage does not
    /// take it.
    pub(super) fn spill(&self, storage: &ColdStorage) -> Option<Rc<Extent>> {
        let written = self.written.get().filter(|written| written.is_in(storage));
        if let Some(written) = written {
            return Some(Rc::clone(written));
        }
        let mut out = Vec::with_capacity(self.bytes.len() + self.entries.len() * 16 + 16);
        pack::put_signed(&mut out, self.base);
        pack::put(&mut out, self.entries.len() as u64);
        for Entry { start, subject, version, back } in &self.entries {
            for number in [start, subject, version, back] {
                out.extend_from_slice(&number.to_le_bytes());
            }
        }
        out.extend_from_slice(&self.bytes);
        let extent = storage.put(&out)?;
        let _ = self.written.set(Rc::clone(&extent));
        Some(extent)
    }

    /// A segment as it was when it was spilled.
    pub(super) fn of_spilled(spilled: &[u8]) -> Self {
        let mut unpacker = Unpacker::new(spilled, 0);
        let (base, count) = (unpacker.signed(), unpacker.index());
        let mut number = || {
            let bytes = unpacker.bytes(4).first_chunk();
            bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
        };
        let mut entry = || {
            let [start, subject, version, back] = [(); 4].map(|()| number());
            Entry { start, subject, version, back }
        };
        let entries = (0..count.min(SEGMENT_EVENTS)).map(|_| entry()).collect();
        let bytes = spilled[unpacker.position()..].to_vec().into();
        Self { bytes, entries, base, written: OnceCell::new() }
    }

    /// Forgets all but the first so many events.
    pub(super) fn truncate(&mut self, events: usize) {
        self.written = OnceCell::new();
        if let Some(entry) = self.entries.get(events) {
            let kept = entry.start as usize;
            match Rc::get_mut(&mut self.bytes) {
                Some(bytes) => bytes.truncate(kept),
                None => self.bytes = self.bytes[..kept].to_vec().into(),
            }
            self.entries.truncate(events);
        }
    }

    /// The bytes of an event, to be read.
    #[inline]
    pub(crate) fn open(&self, index: usize) -> Option<(&Entry, Kept<'_>)> {
        let entry = self.entries.get(index)?;
        let mut unpacker = Unpacker::new(&self.bytes, entry.start as usize);
        let kept = match unpacker.index().checked_sub(1) {
            Some(shape) => Kept::Shaped(shape, Holes { unpacker, base: self.base }),
            None => Kept::Whole(whole(unpacker)),
        };
        Some((entry, kept))
    }
}

fn whole(mut unpacker: Unpacker<'_>) -> Whole<'_> {
    let code = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let event_type = code(unpacker.number());
    let source = code(unpacker.number());
    let is_timed = unpacker.bytes(1) == [1];
    let micros = unpacker.signed();
    let data = (unpacker.index(), unpacker.index());
    let [id, raw] = [(); 2].map(|()| {
        let len = unpacker.index() >> 1;
        unpacker.bytes(len)
    });
    let time = is_timed.then(|| Timestamp::from_micros(micros));
    Whole { event_type, source, time, data, id, raw }
}

impl<'a> Holes<'a> {
    /// What stands in the next hole, which is number `index` of this shape.
    #[inline]
    pub(crate) fn next(&mut self, shape: &Shape, index: usize) -> Held<'a> {
        let kind = shape.holes[index].kind;
        if kind == HoleKind::Subject {
            return Held::Subject;
        }
        let number = self.unpacker.number();
        let (content, flag) = (number >> 1, number & 1 == 1);
        match kind {
            HoleKind::Time if !flag => {
                Held::Moment(Timestamp::from_millis(self.base.wrapping_add(unfold_sign(content))))
            }
            HoleKind::Scalar if !flag => Held::Integer(unfold_sign(content)),
            HoleKind::Text => Held::Text(self.bytes(content), flag),
            HoleKind::Time => Held::Text(self.bytes(content), false),
            _ => Held::Json(self.bytes(content)),
        }
    }

    /// Passes the first so many holes.
    pub(super) fn pass(&mut self, shape: &Shape, count: usize) {
        for hole in 0..count {
            let _ = self.next(shape, hole);
        }
    }

    /// What [`Segment::push_id`] kept, behind the last hole.
    pub(crate) fn id(&mut self) -> &'a [u8] {
        let len = self.unpacker.number() >> 1;
        self.bytes(len)
    }

    fn bytes(&mut self, len: u64) -> &'a [u8] {
        self.unpacker.bytes(usize::try_from(len).unwrap_or(usize::MAX))
    }
}

impl Held<'_> {
    /// Appends the text that stands in the hole.
    pub(crate) fn write(self, subject: &str, out: &mut String) {
        match self {
            Self::Text(bytes, _) | Self::Json(bytes) => out.push_str(text(bytes)),
            Self::Moment(time) => out.push_str(time.write(&mut [0; TEXT_BYTES])),
            // Writing to a String cannot fail.
            Self::Integer(number) => drop(write!(out, "{number}")),
            Self::Subject => out.push_str(subject),
        }
    }
}

/// Bytes that were a text when they were kept.
pub(crate) fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    pack::put(out, (bytes.len() as u64) << 1);
    out.extend_from_slice(bytes);
}

/// Whether a moment to the millisecond prints as this text.
#[inline]
fn is_as_printed(time: Timestamp, text: &[u8]) -> bool {
    // Reading the text gave the moment, so that the letters and the number of digits decide.
    matches!(text, [_, _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', seconds @ ..]
        if matches!(seconds, [tens, _, b'.', _, _, _, b'Z'] if *tens != b'6'))
        && time.micros() % 1_000 == 0
}

/// The integer that is written so, if it leaves two bits of 64 free.
#[inline]
fn integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.len() > 18 || digits.is_empty() || digits[0] == b'0' && text.len() > 1 {
        return None;
    }
    let mut number = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    Some(if digits.len() < text.len() { -number } else { number })
}
