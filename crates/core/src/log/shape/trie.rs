//! Finding out which shape a record has, in one pass over its bytes.

use alloc::vec::Vec;

use super::HoleKind;
use crate::json::{Scanner, is_inside_of_string, plain_text, starts_with};

/// Shapes by the pieces of their texts, with what they share at the front kept once.
#[derive(Debug, Clone, Default)]
pub(super) struct Trie {
    nodes: Vec<Node>,
    first: Vec<u32>,
    /// The pieces of text, one after the other.
    text: Vec<u8>,
    shapes: usize,
}

/// A piece of text and what follows it.
#[derive(Debug, Clone)]
struct Node {
    start: u32,
    end: u32,
    after: After,
    next: Vec<u32>,
}

/// What follows a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// More text.
    Text,
    Hole(HoleKind),
    /// The end of a record of this shape.
    End(u32),
}

/// What stands in a hole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Whether it has escapes.
    pub(crate) escaped: bool,
}

impl Span {
    pub(crate) fn of(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start as usize..self.end as usize]
    }
}

/// A record that has a known shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) shape: usize,
    /// The bytes of the record.
    pub(crate) len: usize,
}

/// More shapes than this are no shapes, but a stream of records that have little in common.
const MOST_SHAPES: usize = 256;
const MOST_TEXT: usize = 1 << 20;

impl Trie {
    pub(super) fn is_full(&self) -> bool {
        self.shapes == MOST_SHAPES || self.text.len() >= MOST_TEXT
    }

    /// Adds a shape by its pieces, each with the hole behind it; whether it was not there yet.
    pub(super) fn add<'a>(
        &mut self,
        pieces: impl Iterator<Item = (&'a [u8], Option<HoleKind>)>,
        shape: usize,
    ) -> bool {
        let end = After::End(narrow(shape));
        let (mut at, before) = (None, self.nodes.len());
        for (piece, hole) in pieces {
            at = Some(self.step(at, piece, hole.map_or(end, After::Hole)));
        }
        let is_new = self.nodes.len() > before;
        self.shapes += usize::from(is_new);
        is_new
    }

    fn next_of(&mut self, node: Option<u32>) -> &mut Vec<u32> {
        match node {
            None => &mut self.first,
            Some(node) => &mut self.nodes[node as usize].next,
        }
    }

    /// The node of a piece that comes behind another, and of what follows it.
    fn step(&mut self, mut from: Option<u32>, piece: &[u8], after: After) -> u32 {
        let mut rest = piece;
        loop {
            let siblings = self.next_of(from).clone();
            let is_it = |node: &&u32| {
                self.nodes[**node as usize].after == after && self.text(**node) == rest
            };
            if let Some(node) = siblings.iter().find(is_it) {
                return *node;
            }
            let common = |node: u32| {
                let text = self.text(node);
                (text.iter().zip(rest).take_while(|(a, b)| a == b).count(), node)
            };
            match siblings.iter().map(|node| common(*node)).max_by_key(|(common, _)| *common) {
                Some((common, node)) if common > 0 => {
                    let is_text = self.nodes[node as usize].after == After::Text;
                    if common < self.text(node).len() || !is_text {
                        self.split(node, common);
                    }
                    from = Some(node);
                    rest = &rest[common..];
                }
                _ => return self.add_node(from, rest, after),
            }
        }
    }

    fn text(&self, node: u32) -> &[u8] {
        let Node { start, end, .. } = self.nodes[node as usize];
        &self.text[start as usize..end as usize]
    }

    /// Cuts a node in two behind so many bytes, the second following the first.
    fn split(&mut self, node: u32, common: usize) {
        let tail = narrow(self.nodes.len());
        let head = &mut self.nodes[node as usize];
        let cut = head.start + narrow(common);
        let next = core::mem::replace(&mut head.next, [tail].into());
        let after = core::mem::replace(&mut head.after, After::Text);
        let end = core::mem::replace(&mut head.end, cut);
        self.nodes.push(Node { start: cut, end, after, next });
    }

    fn add_node(&mut self, from: Option<u32>, piece: &[u8], after: After) -> u32 {
        let start = narrow(self.text.len());
        self.text.extend_from_slice(piece);
        let node = narrow(self.nodes.len());
        self.nodes.push(Node { start, end: narrow(self.text.len()), after, next: Vec::new() });
        let next = self.next_of(from);
        // An empty piece suits everything, so it is tried last.
        let place = if piece.is_empty() { next.len() } else { 0 };
        next.insert(place, node);
        node
    }

    /// The shape of the record that some bytes begin with. What stands in its holes is added to
    /// `spans`.
    #[inline]
    pub(super) fn find(&self, bytes: &[u8], spans: &mut Vec<Span>) -> Option<Found> {
        let mut next = &self.first;
        let mut at = 0;
        'pieces: loop {
            for node in next {
                let node = &self.nodes[*node as usize];
                let piece = &self.text[node.start as usize..node.end as usize];
                if !starts_with(&bytes[at..], piece) {
                    continue;
                }
                let end = at + piece.len();
                match node.after {
                    After::End(shape) => {
                        return Some(Found { shape: shape as usize, len: end });
                    }
                    After::Text => at = end,
                    After::Hole(kind) => {
                        let Some(span) = fill(kind, bytes, end) else { continue };
                        at = span.end as usize;
                        spans.push(span);
                    }
                }
                next = &node.next;
                continue 'pieces;
            }
            return None;
        }
    }
}

/// Pieces of text are far smaller than 4 GiB, and records too.
fn narrow(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// What fills a hole, if it is what should be there.
#[inline]
fn fill(kind: HoleKind, bytes: &[u8], start: usize) -> Option<Span> {
    let rest = &bytes[start..];
    let (len, escaped) = match kind {
        HoleKind::Text | HoleKind::Time => text(rest)?,
        HoleKind::Subject => text(rest).filter(|(_, escaped)| !escaped)?,
        HoleKind::Scalar => (scalar(rest)?, false),
        HoleKind::Array => (checked(rest)?, false),
    };
    let start = narrow(start);
    Some(Span { start, end: start + narrow(len), escaped })
}

/// The length of the inside of a string, and whether it has escapes.
#[inline]
fn text(bytes: &[u8]) -> Option<(usize, bool)> {
    let (len, is_ascii) = plain_text(bytes);
    if is_ascii && bytes.get(len) == Some(&b'"') {
        return Some((len, false));
    }
    unusual_text(bytes, len)
}

#[cold]
fn unusual_text(bytes: &[u8], plain: usize) -> Option<(usize, bool)> {
    let mut len = plain;
    while *bytes.get(len)? == b'\\' {
        len += 2;
        len += plain_text(bytes.get(len..)?).0;
    }
    if bytes[len] != b'"' {
        return None;
    }
    let text = core::str::from_utf8(&bytes[..len]).ok()?;
    let escaped = len > plain;
    (!escaped || is_inside_of_string(text)).then_some((len, escaped))
}

/// The length of a number or word.
#[inline]
fn scalar(bytes: &[u8]) -> Option<usize> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_end = matches!(bytes.get(digits)?, b',' | b'}' | b']');
    if is_end && digits > 0 && (bytes[0] != b'0' || digits == 1) {
        return Some(digits);
    }
    let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
    let len = bytes.iter().position(is_end)?;
    match &bytes[..len] {
        b"true" | b"false" | b"null" => Some(len),
        [b'-' | b'0'..=b'9', ..] => checked(&bytes[..len]).filter(|found| *found == len),
        _ => None,
    }
}

/// The length of the JSON value that some bytes begin with, within the line.
fn checked(bytes: &[u8]) -> Option<usize> {
    let line = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let mut scanner = Scanner::new(core::str::from_utf8(&bytes[..line]).ok()?);
    scanner.value().ok()?;
    Some(scanner.position())
}
