//! Cutting a stream of bytes into records.

use alloc::vec::Vec;

use super::{BYTE_ORDER_MARK, Format, Place, RefuseReason};
use crate::json::{JsonError, JsonProblem};

/// A piece of the input.
pub(super) enum Cut<'a> {
    /// The bytes of one record.
    Record(&'a [u8]),
    /// Bytes that are none, or only the beginning of them when they are too many.
    Refused(&'a [u8], RefuseReason),
}

/// Whoever takes in what was cut.
pub(super) trait Cuts {
    /// Takes the record that a line begins with, if it is one that can be told without looking for
    /// the line's end; the bytes of it and of what ends the line.
    fn line(&mut self, place: Place, rest: &[u8]) -> Option<usize>;

    /// Takes a piece.
    fn cut(&mut self, place: Place, cut: Cut<'_>);
}

impl<F: FnMut(Place, Cut<'_>)> Cuts for F {
    fn line(&mut self, _: Place, _: &[u8]) -> Option<usize> {
        None
    }

    fn cut(&mut self, place: Place, cut: Cut<'_>) {
        self(place, cut);
    }
}

/// Cuts records, however the bytes arrive.
#[derive(Debug, Clone, Default)]
pub(super) struct Framer {
    state: State,
    record_bytes: usize,
    /// The beginning of a record whose end has not come yet.
    carry: Vec<u8>,
    /// Where the record begins.
    start: Place,
    /// Where the next byte is.
    next: Place,
    /// The record is too long and was refused; its end is still to come.
    skipping: bool,
    /// Whether a line ends its record even within quotes: so are lines read again that a quote had
    /// swallowed, since each of them could swallow the rest once more.
    lines_only: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self { line: 1, offset: 0 }
    }
}

/// What the next byte means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Line,
    Csv(Csv),
    Array(Array),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Csv {
    FieldStart,
    Unquoted,
    Quoted,
    /// After a quote within quotes: the end of the field, or the first half of a doubled quote.
    Quote,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Array {
    Before,
    Between,
    /// Inside an element, with the depth of its brackets.
    Element(u32),
    String(u32),
    Escape(u32),
    After,
}

/// What a byte does to the record it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It is part of the record.
    Take,
    /// It stands between records.
    Skip,
    /// It is the last of the record.
    TakeAndEnd,
    /// The record ended before it.
    End,
}

impl Framer {
    pub(super) fn new(format: Format, record_bytes: usize) -> Self {
        let state = match format {
            Format::Ndjson => State::Line,
            Format::Csv => State::Csv(Csv::FieldStart),
            Format::JsonArray => State::Array(Array::Before),
        };
        Self { state, record_bytes, ..Self::default() }
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.next.offset
    }

    pub(super) const fn place(&self) -> Place {
        self.next
    }

    pub(super) fn feed(&mut self, chunk: &[u8], sink: &mut impl Cuts) {
        // Where the part of the record that lies in this chunk begins.
        let mut from = 0;
        let mut at = 0;
        while at < chunk.len() {
            if self.state == State::Line {
                while from == at
                    && self.carry.is_empty()
                    && !self.skipping
                    && let Some(taken) = sink.line(self.start, &chunk[at..])
                {
                    at += taken;
                    from = at;
                    self.next.offset += taken as u64;
                    self.next.line += 1;
                    self.start = self.next;
                }
                if at == chunk.len() {
                    break;
                }
                let end = memchr::memchr(b'\n', &chunk[at..]);
                let taken = end.unwrap_or(chunk.len() - at);
                at += taken;
                self.next.offset += taken as u64;
                if end.is_none() {
                    break;
                }
            }
            let byte = chunk[at];
            let mut step = self.step(byte);
            if self.lines_only && byte == b'\n' {
                self.state = State::Csv(Csv::FieldStart);
                step = Step::End;
            }
            let is_empty = self.carry.is_empty() && from == at && !self.skipping;
            self.next.offset += 1;
            self.next.line += u64::from(byte == b'\n');
            at += 1;
            match step {
                Step::Take => {}
                // Space after the array, but within what should not be there either.
                Step::Skip if !is_empty => {}
                Step::TakeAndEnd => {
                    self.emit(&chunk[from..at], sink);
                    from = at;
                    self.start = self.next;
                }
                Step::End | Step::Skip => {
                    if step == Step::End && !is_empty {
                        self.emit(&chunk[from..at - 1], sink);
                    }
                    from = at;
                    self.start = self.next;
                }
            }
        }
        self.keep(&chunk[from..], sink);
    }

    /// Keeps the beginning of a record for the next chunk, unless it is too long already.
    fn keep(&mut self, part: &[u8], sink: &mut impl Cuts) {
        if self.skipping {
            return;
        }
        self.carry.extend_from_slice(part);
        if self.carry.len() > self.record_bytes {
            if self.state == State::Csv(Csv::Quoted) {
                if memchr::memchr(b'\n', &self.carry).is_some() {
                    let carry = core::mem::take(&mut self.carry);
                    return self.reread_after_quote(&carry, sink);
                }
                // What follows on this line is part of it, and its end is that of the record.
                self.state = State::Csv(Csv::Unquoted);
            }
            let reason = RefuseReason::TooLong { limit: self.record_bytes };
            sink.cut(self.start, Cut::Refused(&self.carry, reason));
            self.carry = Vec::new();
            self.skipping = true;
        }
    }

    fn emit(&mut self, part: &[u8], sink: &mut impl Cuts) {
        if core::mem::take(&mut self.skipping) {
            return;
        }
        if self.carry.is_empty() {
            return self.give(part, sink);
        }
        let mut whole = core::mem::take(&mut self.carry);
        whole.extend_from_slice(part);
        self.give(&whole, sink);
        whole.clear();
        self.carry = whole;
    }

    fn give(&self, bytes: &[u8], sink: &mut impl Cuts) {
        let bytes = if self.start.offset == 0 {
            bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
        } else {
            bytes
        };
        if bytes.len() > self.record_bytes {
            let reason = RefuseReason::TooLong { limit: self.record_bytes };
            return sink.cut(self.start, Cut::Refused(bytes, reason));
        }
        if !bytes.trim_ascii().is_empty() {
            sink.cut(self.start, Cut::Record(bytes));
        }
    }

    /// The end of the input.
    pub(super) fn finish(&mut self, sink: &mut impl Cuts) {
        let carry = core::mem::take(&mut self.carry);
        if core::mem::take(&mut self.skipping) {
            return;
        }
        match (self.state, carry.first()) {
            (State::Csv(Csv::Quoted), _) => {
                self.reread_after_quote(&carry, sink);
                self.finish(sink);
            }
            (State::Array(Array::Before), _) if self.next.offset == 0 => {}
            (State::Array(Array::After), None) => {}
            (State::Array(Array::After), Some(found)) => {
                let problem = JsonProblem::Unexpected { expected: "the end", found: *found };
                let reason = RefuseReason::Json(JsonError { offset: 0, problem });
                sink.cut(self.start, Cut::Refused(&carry, reason));
            }
            (State::Array(_), _) => {
                sink.cut(self.start, Cut::Refused(&carry, RefuseReason::Unfinished));
            }
            (State::Line | State::Csv(_), _) => self.give(&carry, sink),
        }
    }

    /// A quote that is never closed has swallowed the lines after it: its own line is refused, and
    /// the others are read again.
    fn reread_after_quote(&mut self, carry: &[u8], sink: &mut impl Cuts) {
        let line = memchr::memchr(b'\n', carry).unwrap_or(carry.len());
        let offset = memchr::memchr(b'"', carry).unwrap_or(0);
        let reason = RefuseReason::Quote { problem: "a quote that is never closed", offset };
        sink.cut(self.start, Cut::Refused(&carry[..line], reason));
        let rest = carry.get(line + 1..).unwrap_or(&[]);
        self.state = State::Csv(Csv::FieldStart);
        self.next =
            Place { line: self.start.line + 1, offset: self.start.offset + line as u64 + 1 };
        self.start = self.next;
        self.lines_only = true;
        self.feed(rest, sink);
        self.lines_only = false;
    }

    fn step(&mut self, byte: u8) -> Step {
        match &mut self.state {
            State::Line => Step::End,
            State::Csv(csv) => csv.step(byte),
            State::Array(array) => array.step(byte),
        }
    }
}

impl Csv {
    fn step(&mut self, byte: u8) -> Step {
        let quoted = *self == Self::Quoted;
        *self = match (*self, byte) {
            (Self::Quoted, b'"') => Self::Quote,
            (Self::FieldStart | Self::Quote, b'"') | (Self::Quoted, _) => Self::Quoted,
            (_, b',' | b';' | b'\t' | b'|' | b'\n') => Self::FieldStart,
            _ => Self::Unquoted,
        };
        if byte == b'\n' && !quoted { Step::End } else { Step::Take }
    }
}

impl Array {
    fn step(&mut self, byte: u8) -> Step {
        let space = byte.is_ascii_whitespace();
        let (next, step) = match (*self, byte) {
            (Self::Before, b'[') | (Self::Between, b',') => (Self::Between, Step::Skip),
            (Self::Between, b']') => (Self::After, Step::Skip),
            (Self::Before, _) => (*self, Step::Skip),
            (Self::Between | Self::After, _) if space => (*self, Step::Skip),
            (Self::Between, b'"') => (Self::String(0), Step::Take),
            (Self::Between, b'{' | b'[') => (Self::Element(1), Step::Take),
            (Self::Between, _) => (Self::Element(0), Step::Take),
            (Self::Element(depth), b'{' | b'[') => (Self::Element(depth + 1), Step::Take),
            (Self::Element(0), b']') => (Self::After, Step::End),
            (Self::Element(0), b',') => (Self::Between, Step::End),
            (Self::Element(1), b'}' | b']') => (Self::Between, Step::TakeAndEnd),
            (Self::Element(depth), b'}' | b']') => {
                (Self::Element(depth.saturating_sub(1)), Step::Take)
            }
            (Self::String(depth), b'\\') => (Self::Escape(depth), Step::Take),
            (Self::String(depth), b'"') => (Self::Element(depth), Step::Take),
            (Self::Element(depth), b'"') | (Self::Escape(depth), _) => {
                (Self::String(depth), Step::Take)
            }
            (state, _) => (state, Step::Take),
        };
        *self = next;
        step
    }
}
