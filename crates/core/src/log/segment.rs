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

/// How many events a segment holds.
pub(crate) const SEGMENT_EVENTS: usize = 1 << 12;

/// A number of events one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Segment {
    pub(super) bytes: Vec<u8>,
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
    /// The event before it in its stream.
    pub(super) previous: Option<Index>,
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
    pub(super) fn after(last: Option<&mut Rc<Self>>) -> Self {
        let room = last.map_or(0, |last| {
            if let Some(last) = Rc::get_mut(last) {
                last.bytes.shrink_to_fit();
            }
            last.bytes.len()
        });
        let entries = if room == 0 { 0 } else { SEGMENT_EVENTS };
        let (bytes, entries) = (Vec::with_capacity(room), Vec::with_capacity(entries));
        Self { bytes, entries, ..Self::default() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.entries.len() == SEGMENT_EVENTS
    }

    /// The bytes of memory it takes.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    fn begin(&mut self, subject: u32, version: u32, previous: Option<Index>) {
        let start = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.entries.push(Entry { start, subject, version, previous });
    }

    /// Keeps an event of a shape: `number` is that of the shape, and `id` is given where the text
    /// does not have it.
    pub(super) fn push(
        &mut self,
        (subject, version, previous): (u32, u32, Option<Index>),
        (number, shape): (usize, &Shape),
        (record, spans): (&[u8], &[Span]),
        time: Option<Timestamp>,
    ) {
        self.begin(subject, version, previous);
        if self.entries.len() == 1 {
            self.base = time.map_or(0, Timestamp::millis);
        }
        let out = &mut self.bytes;
        pack::put(out, number as u64 + 1);
        for (index, (hole, span)) in shape.holes.iter().zip(spans).enumerate() {
            let value = span.of(record);
            match hole.kind {
                HoleKind::Subject => {}
                HoleKind::Text if shape.time == Some(index) => {
                    let moment = time.filter(|time| is_as_printed(*time, value));
                    let millis = moment.map(|time| fold_sign(time.millis() - self.base) << 1);
                    match millis {
                        Some(number) => pack::put(out, number),
                        None => put_bytes(out, value, 1),
                    }
                }
                HoleKind::Text => put_bytes(out, value, u64::from(span.escaped)),
                HoleKind::Scalar => match integer(value) {
                    Some(number) => pack::put(out, fold_sign(number) << 1),
                    None => put_bytes(out, value, 1),
                },
                HoleKind::Array => put_bytes(out, value, 0),
            }
        }
    }

    /// Keeps an id that stands in no hole, behind the event that was pushed last.
    pub(super) fn push_id(&mut self, id: &[u8]) {
        put_bytes(&mut self.bytes, id, 0);
    }

    /// Keeps a record as it is.
    pub(super) fn push_whole(
        &mut self,
        (subject, version, previous): (u32, u32, Option<Index>),
        (event_type, source): (u32, u32),
        record: &Record<'_>,
    ) {
        self.begin(subject, version, previous);
        let out = &mut self.bytes;
        pack::put(out, 0);
        pack::put(out, event_type.into());
        pack::put(out, source.into());
        out.push(record.time.is_some().into());
        pack::put_signed(out, record.time.map_or(0, Timestamp::micros));
        pack::put(out, record.data.start as u64);
        pack::put(out, record.data.end as u64);
        put_bytes(out, record.id.as_bytes(), 0);
        put_bytes(out, record.raw.as_bytes(), 0);
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
        self.begin(place.subject, place.version, place.previous);
        let bytes = &from.bytes[..end];
        let mut copied = entry.start as usize;
        if let Some((_, Kept::Shaped(number, mut holes))) = from.open(index)
            && let Some(shape) = shape(number)
            && let Some(time) = shape.time
        {
            holes.pass(shape, time);
            let at = holes.unpacker.position();
            if let Held::Moment(moment) = holes.next(shape, time) {
                self.bytes.extend_from_slice(&bytes[copied..at]);
                pack::put(&mut self.bytes, fold_sign(moment.millis() - self.base) << 1);
                copied = holes.unpacker.position();
            }
        }
        self.bytes.extend_from_slice(&bytes[copied..]);
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
        for Entry { start, subject, version, previous } in &self.entries {
            for number in [*start, *subject, *version, previous.map_or(0, Index::get)] {
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
            let [start, subject, version, previous] = [(); 4].map(|()| number());
            Entry { start, subject, version, previous: Index::new(previous) }
        };
        let entries = (0..count.min(SEGMENT_EVENTS)).map(|_| entry()).collect();
        let bytes = spilled[unpacker.position()..].into();
        Self { bytes, entries, base, written: OnceCell::new() }
    }

    /// Forgets all but the first so many events.
    pub(super) fn truncate(&mut self, events: usize) {
        self.written = OnceCell::new();
        if let Some(entry) = self.entries.get(events) {
            self.bytes.truncate(entry.start as usize);
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

impl PartialEq for Segment {
    fn eq(&self, other: &Self) -> bool {
        (self.base, &self.entries, &self.bytes) == (other.base, &other.entries, &other.bytes)
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
            HoleKind::Text if shape.time == Some(index) && !flag => {
                Held::Moment(Timestamp::from_millis(self.base.wrapping_add(unfold_sign(content))))
            }
            HoleKind::Scalar if !flag => Held::Integer(unfold_sign(content)),
            HoleKind::Text => Held::Text(self.bytes(content), flag && shape.time != Some(index)),
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

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8], flag: u64) {
    pack::put(out, (bytes.len() as u64) << 1 | flag);
    pack::put_bytes(out, bytes);
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
