//! Checking events that come from outside, so that whoever reads them later need not.

use alloc::vec::Vec;

use crate::json::{Json, Scanner, is_inside_of_string};
use crate::log::segment::Entry;
use crate::log::shape::{HoleKind, Shape, Shapes};
use crate::pack::Unpacker;

/// What has to be in the bytes of the events of each shape.
#[derive(Debug)]
pub(super) struct Checks<'a> {
    shapes: Vec<ShapeCheck<'a>>,
    types: usize,
    sources: usize,
    /// The names of the events that are of no shape.
    whole: Vec<(u32, u32)>,
}

#[derive(Debug)]
struct ShapeCheck<'a> {
    shape: &'a Shape,
    /// What may stand in the holes that are kept with the event.
    holes: Vec<HoleKind>,
    has_id: bool,
    /// Whether the name of the stream stands in a string as it is.
    has_subject: bool,
    count: u64,
}

/// What does not hold.
type Problem = &'static str;

const CUT: Problem = "the end of an event";

impl<'a> Checks<'a> {
    /// For events of these shapes, with so many types and sources.
    pub(super) fn new(shapes: &'a Shapes, (types, sources): (usize, usize)) -> Self {
        let shapes = shapes.iter().map(|(_, shape)| ShapeCheck::new(shape)).collect();
        Self { shapes, types, sources, whole: Vec::new() }
    }

    /// Checks that some bytes are just these events, and notes where each begins; what is wrong and
    /// where. `plain` tells of each stream whether its name may stand in a string as it is.
    pub(super) fn events(
        &mut self,
        bytes: &[u8],
        entries: &mut [Entry],
        plain: &[bool],
    ) -> Result<(), (usize, Problem)> {
        let mut unpacker = Unpacker::new(bytes, 0);
        for entry in entries {
            // A segment of 4 GiB would have been too large as a whole.
            entry.start = u32::try_from(unpacker.position()).unwrap_or(u32::MAX);
            let is_plain = plain.get(entry.subject as usize) == Some(&true);
            self.event(&mut unpacker, bytes, is_plain)
                .map_err(|problem| (unpacker.position(), problem))?;
        }
        let end = unpacker.position();
        if end == bytes.len() { Ok(()) } else { Err((end, "bytes after the last event")) }
    }

    #[inline]
    fn event(
        &mut self,
        unpacker: &mut Unpacker<'_>,
        bytes: &[u8],
        is_plain_subject: bool,
    ) -> Result<(), Problem> {
        let number = unpacker.checked_number().ok_or(CUT)?;
        let Some(number) = number.checked_sub(1) else { return self.whole_event(unpacker) };
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let check = self.shapes.get_mut(number).ok_or("a shape that is not there")?;
        check.count += 1;
        if check.has_subject && !is_plain_subject {
            return Err("a stream whose name does not fit the shape");
        }
        for hole in &check.holes {
            let number = unpacker.checked_number().ok_or(CUT)?;
            let (len, is_flagged) = (number >> 1, number & 1 == 1);
            let is_bytes = match hole {
                HoleKind::Text | HoleKind::Array => true,
                HoleKind::Time | HoleKind::Scalar => is_flagged,
                HoleKind::Subject => continue,
            };
            if is_bytes {
                let start = unpacker.position();
                let content = take(unpacker, len)?;
                let is_right = match hole {
                    HoleKind::Text if is_flagged => is_escaped(content),
                    HoleKind::Text | HoleKind::Time | HoleKind::Subject => {
                        is_plain_at(bytes, start, content)
                    }
                    HoleKind::Scalar => is_json(content, |first| !b"\"[{".contains(&first)),
                    HoleKind::Array => is_json(content, |first| first == b'['),
                };
                if !is_right {
                    return Err("what does not fit the shape");
                }
            }
        }
        if check.has_id {
            let len = unpacker.checked_number().ok_or(CUT)? >> 1;
            text(take(unpacker, len)?)?;
        }
        Ok(())
    }

    /// Checks a record that is kept as it is.
    #[cold]
    fn whole_event(&mut self, unpacker: &mut Unpacker<'_>) -> Result<(), Problem> {
        fn number(unpacker: &mut Unpacker<'_>) -> Result<u64, Problem> {
            unpacker.checked_number().ok_or(CUT)
        }
        let code = |number: u64, count: usize| {
            let code = (number < count as u64).then(|| u32::try_from(number).ok()).flatten();
            code.ok_or("a name that is not there")
        };
        let names = (code(number(unpacker)?, self.types)?, code(number(unpacker)?, self.sources)?);
        if !matches!(take(unpacker, 1)?, [0 | 1]) {
            return Err("neither a time nor none");
        }
        number(unpacker)?;
        let [start, end] = [number(unpacker)?, number(unpacker)?].map(usize::try_from);
        let id_len = number(unpacker)? >> 1;
        text(take(unpacker, id_len)?)?;
        let raw_len = number(unpacker)? >> 1;
        let raw = text(take(unpacker, raw_len)?)?;
        let is_whole = |text: &str| Json::parse(text).is_ok_and(|json| json.text() == text);
        let (Ok(start), Ok(end)) = (start, end) else { return Err("data outside of the record") };
        let data = raw.get(start..end).ok_or("data outside of the record")?;
        if !is_whole(raw) || !(data.is_empty() || is_whole(data)) {
            return Err("a record that is not JSON");
        }
        self.whole.push(names);
        Ok(())
    }

    /// The shapes with the numbers of their events.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&'a Shape, u64)> {
        self.shapes.iter().map(|check| (check.shape, check.count))
    }

    /// The types and sources of the events that are of no shape.
    pub(super) fn whole(&self) -> &[(u32, u32)] {
        &self.whole
    }
}

impl<'a> ShapeCheck<'a> {
    fn new(shape: &'a Shape) -> Self {
        let kinds = || shape.holes.iter().map(|hole| hole.kind);
        Self {
            shape,
            holes: kinds().filter(|kind| *kind != HoleKind::Subject).collect(),
            has_id: shape.id.is_none(),
            has_subject: kinds().any(|kind| kind == HoleKind::Subject),
            count: 0,
        }
    }
}

fn take<'a>(unpacker: &mut Unpacker<'a>, len: u64) -> Result<&'a [u8], Problem> {
    let len = usize::try_from(len).map_err(|_| CUT)?;
    let taken = unpacker.bytes(len);
    if taken.len() == len { Ok(taken) } else { Err(CUT) }
}

fn text(bytes: &[u8]) -> Result<&str, Problem> {
    core::str::from_utf8(bytes).map_err(|_| "a text that is not UTF-8")
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Whether none of eight bytes is a quote, a backslash, a control character or part of another.
#[inline]
const fn is_plain_word(word: u64) -> bool {
    const fn below(word: u64, limit: u64) -> u64 {
        word.wrapping_sub(ONES * limit)
    }
    let marks = below(word, 0x20) | below(word ^ (ONES * 0x22), 1) | below(word ^ (ONES * 0x5c), 1);
    (marks | word) & HIGHS == 0
}

/// Whether bytes may stand within a string as they are; `content` begins at `start` of `bytes`.
#[inline]
fn is_plain_at(bytes: &[u8], start: usize, content: &[u8]) -> bool {
    let mut at = start;
    let end = start + content.len();
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*eight);
        if at + 8 >= end {
            // What lies behind the end is taken for spaces.
            let behind = u32::try_from(8 * (at + 8 - end)).unwrap_or(64);
            let keep = u64::MAX.checked_shr(behind).unwrap_or(0);
            let last = word & keep | (ONES * 0x20) & !keep;
            return is_plain_word(last) || is_plain(content);
        }
        if !is_plain_word(word) {
            return is_plain(content);
        }
        at += 8;
    }
    is_plain(content)
}

/// Whether bytes may stand within a string as they are.
#[cold]
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    let is_special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    !bytes.iter().any(is_special) && core::str::from_utf8(bytes).is_ok()
}

fn is_escaped(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes).is_ok_and(is_inside_of_string)
}

/// Whether bytes are one JSON value, whose first byte is right.
fn is_json(bytes: &[u8], is_first: impl Fn(u8) -> bool) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let mut scanner = Scanner::new(text);
    bytes.first().is_some_and(|first| is_first(*first) && *first > b' ')
        && scanner.value().is_ok()
        && scanner.position() == bytes.len()
}
