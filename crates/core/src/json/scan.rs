//! One pass over JSON text that checks it and tells where its values begin and end.

use alloc::borrow::Cow;

use super::{Json, MAX_DEPTH};

/// A text that is not well-formed JSON. Nothing was read from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {offset}")]
pub struct JsonError {
    /// Bytes from the start of the text.
    pub offset: usize,
    /// What is wrong there.
    pub problem: JsonProblem,
}

/// What is wrong with a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonProblem {
    /// It stops too early.
    #[error("expected {expected}, found the end")]
    End {
        /// What should have followed.
        expected: &'static str,
    },
    /// Another character than the grammar allows.
    #[error("expected {expected}, found `{}`", char::from(*found).escape_default())]
    Unexpected {
        /// What may stand there.
        expected: &'static str,
        /// The byte that does.
        found: u8,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// Half of a surrogate pair, which is no character.
    #[error("a lone surrogate, which is no character")]
    LoneSurrogate,
}

/// A value that was just scanned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scanned<'a> {
    pub(crate) json: Json<'a>,
    /// Whether it is a string without escapes.
    plain: bool,
}

impl<'a> Scanned<'a> {
    /// The string, if it is one.
    pub(crate) fn as_str(self) -> Option<Cow<'a, str>> {
        if self.plain {
            let text = self.json.text();
            return Some(Cow::Borrowed(&text[1..text.len() - 1]));
        }
        self.json.as_str()
    }
}

impl<'a> From<Json<'a>> for Scanned<'a> {
    fn from(json: Json<'a>) -> Self {
        Self { json, plain: false }
    }
}

/// Reads along a text.
#[derive(Debug, Clone)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Whether a value was read already inside the object or array that is being walked.
    begun: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, begun: false }
    }

    /// A scanner just behind the bracket that opens `text`, if it is that bracket.
    pub(crate) fn inside(text: &'a str, open: u8) -> Option<Self> {
        (text.as_bytes().first() == Some(&open)).then_some(Self { text, at: 1, begun: false })
    }

    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(crate) fn space(&mut self) {
        // Mostly there is none, and every other byte of JSON is greater.
        while let Some(byte) = self.peek()
            && byte <= b' '
            && matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
        {
            self.at += 1;
        }
    }

    fn unexpected(&self, expected: &'static str) -> JsonError {
        let problem = match self.peek() {
            None => JsonProblem::End { expected },
            Some(found) => JsonProblem::Unexpected { expected, found },
        };
        JsonError { offset: self.at, problem }
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.unexpected(expected))
    }

    /// Accepts only space up to the end of the text.
    pub(crate) fn end(&mut self) -> Result<(), JsonError> {
        self.space();
        if self.at < self.text.len() { Err(self.unexpected("the end")) } else { Ok(()) }
    }

    /// Passes one value.
    pub(crate) fn spanned_value(&mut self) -> Result<Scanned<'a>, JsonError> {
        self.space();
        let start = self.at;
        let mut plain = false;
        match self.peek() {
            Some(b'"') => plain = self.string("a string")?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.value()?,
        }
        let json = Json::from_checked(&self.text[start..self.at]);
        Ok(Scanned { json, plain })
    }

    /// Steps to the next field if it is this one: a name with its quotes and the colon and, but for
    /// the first field, with the comma before, as it stands where no space is. Otherwise nothing is
    /// passed.
    pub(crate) fn take_member(&mut self, field: &str) -> bool {
        let found = starts_with(&self.text.as_bytes()[self.at..], field.as_bytes());
        if found {
            self.at += field.len();
            self.begun = true;
        }
        found
    }

    /// Steps to the next field of the object it is inside of: its name, quotes included, or nothing
    /// when the object closes.
    pub(crate) fn member_name(&mut self) -> Result<Option<&'a str>, JsonError> {
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(None);
        }
        if self.begun {
            self.expect(b',', "`,` or `}`")?;
            self.space();
        }
        self.begun = true;
        let start = self.at;
        let end = self.name()?;
        Ok(Some(&self.text[start..end]))
    }

    /// Passes a field's name and colon; where the name ends.
    fn name(&mut self) -> Result<usize, JsonError> {
        self.string("a field name")?;
        let end = self.at;
        self.space();
        self.expect(b':', "`:`")?;
        Ok(end)
    }

    /// Passes one value of any depth up to the limit, without recursion: a hostile text must not
    /// reach the end of the stack.
    pub(crate) fn value(&mut self) -> Result<(), JsonError> {
        // One bit a level: set for an object.
        let mut levels: u128 = 0;
        let mut depth = 0;
        loop {
            self.space();
            match self.peek() {
                Some(open @ (b'{' | b'[')) => {
                    let is_object = open == b'{';
                    self.at += 1;
                    self.space();
                    if self.peek() == Some(if is_object { b'}' } else { b']' }) {
                        self.at += 1;
                    } else {
                        if depth == MAX_DEPTH {
                            return Err(JsonError {
                                offset: self.at,
                                problem: JsonProblem::TooDeep,
                            });
                        }
                        depth += 1;
                        levels = levels << 1 | u128::from(is_object);
                        if is_object {
                            self.name()?;
                        }
                        continue;
                    }
                }
                Some(b'"') => drop(self.string("a string")?),
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.literal("true")?,
                Some(b'f') => self.literal("false")?,
                Some(b'n') => self.literal("null")?,
                _ => return Err(self.unexpected("a value")),
            }
            loop {
                if depth == 0 {
                    return Ok(());
                }
                self.space();
                let is_object = levels & 1 == 1;
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        if is_object {
                            self.space();
                            self.name()?;
                        }
                        break;
                    }
                    Some(b'}') if is_object => {}
                    Some(b']') if !is_object => {}
                    _ if is_object => return Err(self.unexpected("`,` or `}`")),
                    _ => return Err(self.unexpected("`,` or `]`")),
                }
                self.at += 1;
                depth -= 1;
                levels >>= 1;
            }
        }
    }

    fn literal(&mut self, word: &'static str) -> Result<(), JsonError> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.unexpected("`true`, `false` or `null`"))
    }

    /// Passes a string; whether it has no escapes.
    fn string(&mut self, expected: &'static str) -> Result<bool, JsonError> {
        self.expect(b'"', expected)?;
        let mut plain = true;
        loop {
            self.at += plain_bytes(&self.text.as_bytes()[self.at..]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(plain);
                }
                Some(b'\\') => {
                    plain = false;
                    self.escape()?;
                }
                _ => return Err(self.unexpected("`\"` or a character of the string")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                self.at += 1;
                let lone = JsonError { offset: start, problem: JsonProblem::LoneSurrogate };
                match self.hex4()? {
                    0xdc00..=0xdfff => Err(lone),
                    0xd800..=0xdbff => {
                        if !self.text.as_bytes()[self.at..].starts_with(b"\\u") {
                            return Err(lone);
                        }
                        self.at += 2;
                        if matches!(self.hex4()?, 0xdc00..=0xdfff) { Ok(()) } else { Err(lone) }
                    }
                    _ => Ok(()),
                }
            }
            _ => Err(self.unexpected("an escape such as `\\n`")),
        }
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                return Err(self.unexpected("four hexadecimal digits"));
            };
            code = code << 4 | digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<(), JsonError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected("a digit")) } else { Ok(()) }
    }
}

/// Whether some bytes begin with others. Most names are shorter than it takes to call a function
/// that compares memory.
#[inline]
pub(crate) fn starts_with(bytes: &[u8], start: &[u8]) -> bool {
    let Some(mut bytes) = bytes.get(..start.len()) else { return false };
    let mut start = start;
    let same = |a: &[u8; 8], b: &[u8; 8]| u64::from_ne_bytes(*a) == u64::from_ne_bytes(*b);
    if let (Some(a), Some(b)) = (bytes.last_chunk(), start.last_chunk())
        && !same(a, b)
    {
        return false;
    }
    let is_long = start.len() >= 8;
    while let (Some((a, rest)), Some((b, start_rest))) =
        (bytes.split_first_chunk(), start.split_first_chunk())
    {
        if !same(a, b) {
            return false;
        }
        (bytes, start) = (rest, start_rest);
    }
    is_long || bytes.iter().zip(start).all(|(a, b)| a == b)
}

/// How many of the first bytes stand for themselves within a string: no quote, backslash or control
/// character.
pub(super) fn plain_bytes(bytes: &[u8]) -> usize {
    plain_text(bytes).0
}

/// The same, and whether they are all ASCII. Eight are looked at together, since most of a text are
/// such bytes.
#[inline]
pub(crate) fn plain_text(bytes: &[u8]) -> (usize, bool) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // The lowest mark is always right; one above it may come from a borrow.
    let marks_below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGHS;
    let mut at = 0;
    let mut seen = 0;
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*eight);
        let marks = marks_below(word, 0x20)
            | marks_below(word ^ (ONES * u64::from(b'"')), 1)
            | marks_below(word ^ (ONES * u64::from(b'\\')), 1);
        if marks != 0 {
            let before = marks.trailing_zeros() / 8;
            seen |= word & !(u64::MAX << (8 * before));
            return (at + before as usize, seen & HIGHS == 0);
        }
        seen |= word;
        at += 8;
    }
    let rest = bytes[at..].iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20));
    let count = rest.inspect(|byte| seen |= u64::from(**byte)).count();
    (at + count, seen & HIGHS == 0)
}

/// Whether a text may stand between the quotes of a string.
pub(crate) fn is_inside_of_string(text: &str) -> bool {
    let quoted = ["\"", text, "\""].concat();
    let mut scanner = Scanner::new(&quoted);
    scanner.string("a string").is_ok() && scanner.at == quoted.len()
}
