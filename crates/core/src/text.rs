//! Texts that recur, kept once each.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use twox_hash::XxHash64;

use crate::hashed::Hashed;
use crate::json::starts_with;
use crate::list::List;

/// Texts by code, numbered from 0 in the order they first came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    /// The first of them, which copies share.
    shared: Rc<Layer>,
    /// Those after them.
    own: Layer,
}

/// Some of them, by their numbers among these.
///
/// They lie one after the other in chunks, so that a short text costs little more than its bytes,
/// and a chunk that is full never moves.
#[derive(Debug, Clone, Default)]
struct Layer {
    chunks: Vec<String>,
    places: List<Place>,
    codes: Hashed,
}

/// Where a text lies.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    chunk: u32,
    start: u16,
    /// [`WHOLE`] for a text that has a chunk of its own.
    len: u16,
}

const CHUNK_BYTES: usize = 1 << 16;
const WHOLE: u16 = u16::MAX;

impl Texts {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.shared.len() + self.own.len()
    }

    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, texts: usize) {
        self.own.reserve(self.own.len() + texts);
    }

    /// The text with this code.
    #[inline]
    pub(crate) fn get(&self, code: usize) -> &str {
        match code.checked_sub(self.shared.len()) {
            Some(own) => self.own.get(own),
            None => self.shared.get(code),
        }
    }

    /// The code of a text, if it has one.
    pub(crate) fn find(&self, text: &str) -> Option<usize> {
        self.find_hashed(hash(text.as_bytes()), text.as_bytes())
    }

    /// The same of a text with this hash, by its bytes.
    #[inline]
    pub(crate) fn find_hashed(&self, hash: u32, text: &[u8]) -> Option<usize> {
        let own = || Some(self.shared.len() + self.own.find(hash, text)?);
        self.shared.find(hash, text).or_else(own)
    }

    /// Sees to it that a text with this hash is found more quickly, as [`Hashed::touch`] does.
    #[inline]
    pub(crate) fn touch(&self, hash: u32) -> u32 {
        self.shared.codes.touch(hash) ^ self.own.codes.touch(hash)
    }

    /// The code of a text, which gets one if it has none.
    pub(crate) fn add(&mut self, text: &str) -> usize {
        self.add_bytes(text.as_bytes())
    }

    /// The code of a text by its bytes. What is no text counts as an empty one.
    #[inline]
    pub(crate) fn add_bytes(&mut self, text: &[u8]) -> usize {
        let hash = hash(text);
        let Self { shared, own } = self;
        shared.find(hash, text).unwrap_or_else(|| shared.len() + own.add(hash, text))
    }

    /// Forgets all but the first so many.
    pub(crate) fn truncate(&mut self, len: usize) {
        if len < self.shared.len() {
            self.own = (*core::mem::take(&mut self.shared)).clone();
        }
        self.own.truncate(len - self.shared.len());
    }

    /// Lets copies share what there is: what is added afterwards is each one's own.
    pub(crate) fn share(&mut self) {
        // A few are rather copied each time than all the others once.
        if self.own.len() > self.shared.len() / 4 {
            let own = core::mem::take(&mut self.own);
            if self.shared.len() == 0 {
                self.shared = own.into();
                return;
            }
            let shared = Rc::make_mut(&mut self.shared);
            for code in 0..own.len() {
                let text = own.get(code).as_bytes();
                shared.add(hash(text), text);
            }
        }
    }

    /// The texts by code.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|code| self.get(code))
    }

    /// The bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.shared.memory() + self.own.memory()
    }
}

impl Layer {
    fn len(&self) -> usize {
        self.places.len()
    }

    #[inline]
    fn get(&self, code: usize) -> &str {
        text_at(&self.chunks, self.places[code])
    }

    #[inline]
    fn find(&self, hash: u32, text: &[u8]) -> Option<usize> {
        let is_it = |code: u32| is_at(&self.chunks, self.places[code as usize], text);
        Some(self.codes.find(hash, is_it)? as usize)
    }

    #[inline]
    fn add(&mut self, hash: u32, text: &[u8]) -> usize {
        let Self { chunks, places, codes } = self;
        let next = places.len();
        let is_it = |code: u32| is_at(chunks, places[code as usize], text);
        let hash_of = |code: u32| hash_at(chunks, places[code as usize]);
        if let Some(known) = codes.add((hash, code(next)), is_it, hash_of) {
            return known as usize;
        }
        places.push(keep(chunks, core::str::from_utf8(text).unwrap_or_default()));
        next
    }

    fn reserve(&mut self, texts: usize) {
        let Self { chunks, places, codes } = self;
        codes.reserve(texts, |code| hash_at(chunks, places[code as usize]));
    }

    fn truncate(&mut self, len: usize) {
        let Self { chunks, places, codes } = self;
        while places.len() > len {
            let last = code(places.len() - 1);
            let hash_of = |code: u32| hash_at(chunks, places[code as usize]);
            codes.remove((hash_of(last), last), hash_of);
            if let Some(Place { chunk, start, .. }) = places.pop() {
                chunks.truncate(chunk as usize + 1);
                chunks[chunk as usize].truncate(start.into());
            }
        }
    }

    fn memory(&self) -> usize {
        self.chunks.iter().map(String::capacity).sum::<usize>()
            + self.places.memory()
            + self.codes.memory()
    }
}

#[inline]
fn text_at(chunks: &[String], Place { chunk, start, len }: Place) -> &str {
    let chunk = &chunks[chunk as usize];
    match len {
        WHOLE => chunk,
        _ => &chunk[start.into()..usize::from(start) + usize::from(len)],
    }
}

fn hash_at(chunks: &[String], place: Place) -> u32 {
    hash(text_at(chunks, place).as_bytes())
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

/// More than 2^32 of them do not fit into memory by far.
fn code(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// By what a text is found.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "half of the bits are enough")]
pub(crate) fn hash(text: &[u8]) -> u32 {
    XxHash64::oneshot(0, text) as u32
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
            if len == 3_004 {
                texts.share();
            }
            texts.truncate(len);
            assert!(texts.iter().eq(all[..len].iter().map(String::as_str)));
            assert_eq!(all.get(len).map(|text| texts.find(text)), Some(None));
            for text in &all[len..] {
                texts.add(text);
            }
            assert!(texts.iter().eq(all.iter().map(String::as_str)));
        }
    }

    #[test]
    fn copies_share_the_texts_that_were_there() {
        let mut texts = Texts::default();
        let name = |n: usize| format!("text {n}");
        for n in 0..1_000 {
            texts.add(&name(n));
        }
        texts.share();
        let mut copy = texts.clone();
        assert!(alloc::rc::Rc::ptr_eq(&texts.shared, &copy.shared));
        assert_eq!((texts.add("here"), copy.add("there"), copy.add("here")), (1_000, 1_000, 1_001));
        assert_eq!((texts.find("there"), copy.find("there")), (None, Some(1_000)));
        assert_eq!((copy.get(1_001), copy.get(999)), ("here", &*name(999)));
        assert_eq!((texts.add(&name(5)), copy.add(&name(5))), (5, 5));
        for n in 1_000..2_000 {
            texts.add(&name(n));
        }
        texts.share();
        assert_eq!((texts.own.len(), texts.len(), copy.len()), (0, 2_001, 1_002));
        let all: Vec<_> =
            (0..1_000).map(name).chain(["here".into()]).chain((1_000..2_000).map(name)).collect();
        assert!(texts.iter().eq(all.iter().map(String::as_str)));
        assert!(all.iter().enumerate().all(|(code, text)| texts.find(text) == Some(code)));
        copy.truncate(7);
        assert_eq!((copy.len(), copy.find(&name(7)), copy.find(&name(6))), (7, None, Some(6)));
    }
}
