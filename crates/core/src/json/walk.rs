//! Going through an object or array whose text was checked before.

use super::scan::plain_bytes;

/// Steps from value to value. The text is known to be well formed, so nothing is checked again; if
/// it were not, the walk would end early and nothing worse.
#[derive(Debug, Clone)]
pub(super) struct Walker<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Walker<'a> {
    /// A walker behind the bracket that opens `text`; at the end if that is another.
    pub(super) fn inside(text: &'a str, open: u8) -> Self {
        let is_open = text.as_bytes().first() == Some(&open);
        Self { text, at: if is_open { 1 } else { text.len() } }
    }

    fn separators(&mut self) {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')) {
            self.at += 1;
        }
    }

    /// The next value, or the next name of an object; nothing at the closing bracket.
    pub(super) fn next_value(&mut self) -> Option<&'a str> {
        self.separators();
        let bytes = self.text.as_bytes();
        let start = self.at;
        match bytes.get(start)? {
            b'"' => self.string(),
            b'{' | b'[' => self.nested(),
            b'}' | b']' => return None,
            _ => self.scalar(),
        }
        self.text.get(start..self.at)
    }

    fn string(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while self.at < bytes.len() {
            self.at += plain_bytes(&bytes[self.at..]);
            if bytes.get(self.at) != Some(&b'\\') {
                self.at += 1;
                return;
            }
            self.at += 2;
        }
    }

    fn nested(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b'"' => {
                    self.string();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    fn scalar(&mut self) {
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
    }
}
