//! What records of one kind have in common: their text, with a hole for each value that varies.
//!
//! Nearly all records of a stream are one of a few shapes. A record that has a known one is read by
//! comparing what lies between its values, and stored as the values alone.

mod example;
mod learn;
mod trie;

use alloc::string::String;
use alloc::vec::Vec;

use super::Record;
use crate::sql::Step;
use trie::Trie;
pub(crate) use trie::{Found, Span};

/// The parts of an event that a mapping finds a field for, in the order of [`EnvelopePaths`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Id,
    Source,
    Type,
    Subject,
    Time,
    Sequence,
    Data,
}

/// Of each role, the path of names to its field, if the mapping has one.
pub(crate) type EnvelopePaths = [Option<Vec<String>>; 7];

/// A text with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// What stands between the holes, one piece after the other.
    text: String,
    /// Whether each of its records is within one line.
    pub(crate) is_line: bool,
    pub(super) holes: Vec<Hole>,
    pub(crate) event_type: u32,
    pub(crate) source: u32,
    /// The holes that the envelope reads.
    pub(super) id: Option<usize>,
    pub(super) subject: Option<usize>,
    pub(crate) time: Option<usize>,
    pub(super) sequence: Option<usize>,
    /// Where the data begins and ends.
    data: Option<(Mark, Mark)>,
    /// The values in the data, each with its path.
    fields: Vec<(Vec<String>, Field)>,
}

/// A place for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hole {
    /// Where the piece of text before it ends.
    piece_end: usize,
    pub(super) kind: HoleKind,
}

/// What stands in a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HoleKind {
    /// The inside of a string.
    Text,
    /// A number, `true`, `false` or `null`.
    Scalar,
    /// An array.
    Array,
    /// The inside of a string that is the event's time.
    Time,
    /// The inside of a string that is the name of the event's stream, which is kept elsewhere.
    Subject,
}

/// A place in a text with holes: behind so many holes, and so far into the pieces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Mark {
    holes: usize,
    text: usize,
}

/// What stands at a path of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Field {
    Hole(usize),
    /// The same JSON value in all records of the shape.
    Constant(String),
}

/// Where a view finds the value of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finding<'a> {
    /// There is none.
    Nothing,
    Hole(usize),
    /// It is this JSON value.
    Constant(&'a str),
    /// It is not a value by itself: one has to look into the text.
    Inside,
}

impl Shape {
    /// The piece of text before a hole, or behind the last one.
    fn piece(&self, hole: usize) -> &str {
        let start = hole.checked_sub(1).map_or(0, |before| self.holes[before].piece_end);
        let end = self.holes.get(hole).map_or(self.text.len(), |hole| hole.piece_end);
        &self.text[start..end]
    }

    /// Puts a record together again from what stands in its holes; where its data lies.
    pub(super) fn fill(
        &self,
        raw: &mut String,
        mut value: impl FnMut(usize, &mut String),
    ) -> (usize, usize) {
        let mut ends = [0, 0];
        let marks = self.data.map(|(start, end)| [start, end]);
        for hole in 0..=self.holes.len() {
            let piece_start = hole.checked_sub(1).map_or(0, |before| self.holes[before].piece_end);
            for (place, mark) in ends.iter_mut().zip(marks.iter().flatten()) {
                if mark.holes == hole {
                    *place = raw.len() + mark.text - piece_start;
                }
            }
            raw.push_str(self.piece(hole));
            if hole < self.holes.len() {
                value(hole, raw);
            }
        }
        (ends[0], ends[1])
    }

    /// Where the value of a path into the data is.
    pub(crate) fn find(&self, path: &[Step]) -> Finding<'_> {
        let matches =
            |name: &String, step: &Step| matches!(step, Step::Field(field) if field == name);
        for (names, field) in &self.fields {
            let same =
                names.iter().zip(path).take_while(|(name, step)| matches(name, step)).count();
            match field {
                Field::Hole(hole) if same == names.len() && same == path.len() => {
                    return Finding::Hole(*hole);
                }
                Field::Constant(json) if same == names.len() && same == path.len() => {
                    return Finding::Constant(json);
                }
                // The path ends at an object, or goes on into a value.
                _ if same == path.len() || same == names.len() => return Finding::Inside,
                _ => {}
            }
        }
        if path.is_empty() { Finding::Inside } else { Finding::Nothing }
    }
}

/// The shapes of a log's records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shapes {
    all: Vec<Shape>,
    /// Of each shape, the kind of the records it was learned from.
    homes: Vec<KindCode>,
    /// Those that a mapping gives its records.
    kinds: Vec<Kind>,
    own: Option<KindCode>,
}

/// Records that are read by the same paths, and what is known of them.
#[derive(Debug, Clone)]
struct Kind {
    paths: EnvelopePaths,
    input: String,
    trie: Trie,
}

/// Which [`Kind`] records are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KindCode(usize);

/// More shapes than these are not learned, whatever the kinds.
pub(super) const MOST_SHAPES: usize = 1 << 14;

impl Shapes {
    /// The kind of the records that the log itself writes.
    pub(crate) fn own_kind(&mut self) -> KindCode {
        if let Some(kind) = self.own {
            return kind;
        }
        let names = ["id", "source", "type", "subject", "time", "sequence", "data"];
        let kind = self.kind(&names.map(|name| Some([name.into()].into())), "");
        self.own = Some(kind);
        kind
    }

    /// The kind of the records that are read by these paths from this input.
    pub(crate) fn kind(&mut self, paths: &EnvelopePaths, input: &str) -> KindCode {
        let known = |kind: &Kind| kind.paths == *paths && kind.input == input;
        let code = self.kinds.iter().position(known).unwrap_or_else(|| {
            let kind = Kind { paths: paths.clone(), input: input.into(), trie: Trie::default() };
            self.kinds.push(kind);
            self.kinds.len() - 1
        });
        KindCode(code)
    }

    /// The shape with this number.
    #[inline]
    pub(crate) fn get(&self, number: usize) -> Option<&Shape> {
        self.all.get(number)
    }

    /// The shape of the record that some bytes begin with, if it is known; what stands in its holes
    /// is added to `spans`.
    #[inline]
    pub(crate) fn find(
        &self,
        kind: KindCode,
        bytes: &[u8],
        spans: &mut Vec<Span>,
    ) -> Option<Found> {
        self.kinds[kind.0].trie.find(bytes, spans)
    }

    /// Learns the shape of a record, whose names have these codes. Nothing if it is one that cannot
    /// be described, is known already or would be one too many.
    pub(super) fn learn(
        &mut self,
        kind: KindCode,
        record: &Record<'_>,
        names: (u32, u32),
    ) -> Option<()> {
        let Kind { paths, trie, .. } = &self.kinds[kind.0];
        if trie.is_full() {
            return None;
        }
        let shape = learn::shape(record, paths, names)?;
        self.add(kind, shape).map(drop)
    }

    /// Adds a shape of a kind; its number, if the kind did not have it.
    fn add(&mut self, kind: KindCode, shape: Shape) -> Option<usize> {
        let pieces = (0..=shape.holes.len()).map(|hole| {
            let kind = shape.holes.get(hole).map(|hole| hole.kind);
            (shape.piece(hole).as_bytes(), kind)
        });
        let known = self.all.iter().position(|known| *known == shape);
        let number = known.unwrap_or(self.all.len());
        let is_full = number == MOST_SHAPES || self.kinds[kind.0].trie.is_full();
        if is_full || !self.kinds[kind.0].trie.add(pieces, number) {
            return None;
        }
        if known.is_none() {
            self.all.push(shape);
            self.homes.push(kind);
        }
        Some(number)
    }
}
