//! Texts that recur, kept once each.

use alloc::string::String;
use alloc::vec::Vec;

use hashbrown::HashTable;
use twox_hash::XxHash64;

use crate::json::starts_with;

/// Texts by code, numbered from 0 in the order they first came.
///
/// They lie one after the other in chunks, so that a short text costs little more than its bytes,
/// and a chunk that is full never moves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    chunks: Vec<String>,
    places: Vec<Place>,
    codes: HashTable<Entry>,
}

/// Where a text lies.
#[derive(Debug, Clone, Copy)]
struct Place {
    chunk: u32,
    start: u16,
    /// [`WHOLE`] for a text that has a chunk of its own.
    len: u16,
}

/// A code, with a part of its text's hash: most texts that are not meant are told by that alone,
/// and the table grows without a look at the texts.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u32,
    code: u32,
}

const CHUNK_BYTES: usize = 1 << 16;
const WHOLE: u16 = u16::MAX;

impl Texts {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The text with this code.
    pub(crate) fn get(&self, code: usize) -> &str {
        let Place { chunk, start, len } = self.places[code];
        let chunk = &self.chunks[chunk as usize];
        if len == WHOLE {
            chunk
        } else {
            &chunk[start.into()..usize::from(start) + usize::from(len)]
        }
    }

    /// The code of a text, if it has one.
    pub(crate) fn find(&self, text: &str) -> Option<usize> {
        self.find_bytes(text.as_bytes())
    }

    /// The same of a text by its bytes.
    #[inline]
    pub(crate) fn find_bytes(&self, text: &[u8]) -> Option<usize> {
        let hash = hash(text);
        let is_it = |entry: &Entry| {
            entry.hash == hash && is_at(&self.chunks, self.places[entry.code as usize], text)
        };
        Some(self.codes.find(spread(hash), is_it)?.code as usize)
    }

    /// The code of a text, which gets one if it has none.
    pub(crate) fn add(&mut self, text: &str) -> usize {
        self.add_bytes(text.as_bytes())
    }

    /// The code of a text by its bytes. What is no text counts as an empty one.
    #[inline]
    pub(crate) fn add_bytes(&mut self, text: &[u8]) -> usize {
        let hash = hash(text);
        let Self { chunks, places, codes } = self;
        // More than 2^32 of them do not fit into memory by far.
        let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
        let entry = codes.entry(
            spread(hash),
            |entry| entry.hash == hash && is_at(chunks, places[entry.code as usize], text),
            |entry| spread(entry.hash),
        );
        let code = entry.or_insert(Entry { hash, code: next }).get().code;
        if code == next {
            places.push(keep(chunks, core::str::from_utf8(text).unwrap_or_default()));
        }
        code as usize
    }

    /// Forgets all but the first so many.
    pub(crate) fn truncate(&mut self, len: usize) {
        while self.len() > len {
            let code = self.len() - 1;
            let hash = hash(self.get(code).as_bytes());
            let is_it = |entry: &Entry| entry.code as usize == code;
            if let Ok(entry) = self.codes.find_entry(spread(hash), is_it) {
                entry.remove();
            }
            if let Some(Place { chunk, start, .. }) = self.places.pop() {
                self.chunks.truncate(chunk as usize + 1);
                self.chunks[chunk as usize].truncate(start.into());
            }
        }
    }

    /// The texts by code.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|code| self.get(code))
    }

    /// The bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.chunks.iter().map(String::capacity).sum::<usize>()
            + self.places.capacity() * size_of::<Place>()
            + self.codes.allocation_size()
    }
}

#[inline]
fn is_at(chunks: &[String], place: Place, text: &[u8]) -> bool {
    let chunk = chunks[place.chunk as usize].as_bytes();
    match place.len {
        WHOLE => chunk == text,
        len => {
            usize::from(len) == text.len() && {
                let start = usize::from(place.start);
                starts_with(&chunk[start..], text)
            }
        }
    }
}

/// Puts a text at the end of the chunks.
fn keep(chunks: &mut Vec<String>, text: &str) -> Place {
    let is_whole = text.len() >= usize::from(WHOLE);
    // A chunk that is longer is that of a long text alone.
    let has_room = |last: &String| {
        let is_open = !is_whole && last.len() < usize::from(WHOLE);
        is_open && last.len() + text.len() <= CHUNK_BYTES.min(last.capacity())
    };
    if !chunks.last().is_some_and(has_room) {
        // The first chunk is small: many a table of texts holds a few names only.
        let room = if chunks.is_empty() { CHUNK_BYTES / 64 } else { CHUNK_BYTES };
        chunks.push(String::with_capacity(room.max(text.len())));
    }
    let index = chunks.len() - 1;
    let chunk = &mut chunks[index];
    let start = u16::try_from(chunk.len()).unwrap_or(0);
    chunk.push_str(text);
    let len = if is_whole { WHOLE } else { u16::try_from(text.len()).unwrap_or(WHOLE) };
    Place { chunk: u32::try_from(index).unwrap_or(u32::MAX), start, len }
}

#[expect(clippy::cast_possible_truncation, reason = "half of a hash is one")]
#[inline]
fn hash(text: &[u8]) -> u32 {
    XxHash64::oneshot(0, text) as u32
}

/// The hash as a table wants it, which looks at the highest bits and the lowest.
const fn spread(hash: u32) -> u64 {
    (hash as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::Texts;

    #[test]
    fn texts_keep_their_codes_however_long_they_are() {
        let mut texts = Texts::default();
        let mut all: Vec<String> = (0..3_000).map(|n| format!("text {n}")).collect();
        let lens = [0, 1, 65_534, 65_535, 2, 65_536, 3, 200_000];
        all.extend(lens.map(|len| "x".repeat(len)));
        all.extend((0..3_000).map(|n| format!("später {n}")));
        for (code, text) in all.iter().enumerate() {
            assert_eq!(texts.find(text), None);
            assert_eq!(texts.add(text), code);
        }
        for (code, text) in all.iter().enumerate() {
            assert_eq!((texts.get(code), texts.find(text)), (&**text, Some(code)));
            assert_eq!(texts.add(text), code);
        }
        assert!(texts.iter().eq(all.iter().map(String::as_str)));
        for len in [all.len() - 1, 3_005, 3_004, 100, 0] {
            texts.truncate(len);
            assert!(texts.iter().eq(all[..len].iter().map(String::as_str)));
            assert_eq!(all.get(len).map(|text| texts.find(text)), Some(None));
            for text in &all[len..] {
                texts.add(text);
            }
            assert!(texts.iter().eq(all.iter().map(String::as_str)));
        }
    }
}
