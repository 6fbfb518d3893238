//! CSV lines as JSON objects.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::RefuseReason;
use crate::json::quote;

/// The names of the fields, and what separates them.
#[derive(Debug, Clone)]
pub(super) struct Header {
    names: Vec<String>,
    delimiter: u8,
}

impl Header {
    /// Reads the first line. The delimiter is the one that occurs most often in it.
    pub(super) fn parse(line: &str) -> Result<Self, RefuseReason> {
        let count = |delimiter: &u8| line.bytes().filter(|byte| byte == delimiter).count();
        // The last of several maxima wins, so the comma stands last.
        let delimiter = *b"|\t;,".iter().max_by_key(|delimiter| count(delimiter)).unwrap_or(&b',');
        let names = fields(line, delimiter)?.into_iter().map(Cow::into_owned).collect();
        Ok(Self { names, delimiter })
    }

    /// The JSON object of a line. A field without text is null, and one that JSON would write as
    /// the same number is that number (`01` and `1e3` stay texts).
    pub(super) fn object(&self, line: &str) -> Result<String, RefuseReason> {
        let fields = fields(line, self.delimiter)?;
        if fields.len() != self.names.len() {
            let (expected, found) = (self.names.len(), fields.len());
            return Err(RefuseReason::FieldCount { expected, found });
        }
        let mut out = String::with_capacity(line.len() * 2);
        out.push('{');
        for (name, field) in self.names.iter().zip(&fields) {
            if out.len() > 1 {
                out.push(',');
            }
            quote(name, &mut out);
            out.push(':');
            if field.is_empty() {
                out.push_str("null");
            } else if is_number(field) {
                out.push_str(field);
            } else {
                quote(field, &mut out);
            }
        }
        out.push('}');
        Ok(out)
    }
}

fn is_number(field: &str) -> bool {
    let digits = field.strip_prefix('-').unwrap_or(field);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    all_digits(whole) && all_digits(fraction) && !leading_zero && field.len() <= 18
}

fn fields(line: &str, delimiter: u8) -> Result<Vec<Cow<'_, str>>, RefuseReason> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let bytes = line.as_bytes();
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        if bytes.get(at) == Some(&b'"') {
            let (field, end) = quoted(line, at)?;
            fields.push(field);
            at = end;
        } else {
            let rest = &bytes[at..];
            let end = memchr::memchr(delimiter, rest).unwrap_or(rest.len());
            if let Some(quote) = memchr::memchr(b'"', &rest[..end]) {
                let problem = "a quote within a field that does not begin with one";
                return Err(RefuseReason::Quote { problem, offset: at + quote });
            }
            fields.push(Cow::Borrowed(&line[at..at + end]));
            at += end;
        }
        match bytes.get(at) {
            None => return Ok(fields),
            Some(byte) if *byte == delimiter => at += 1,
            Some(_) => {
                let problem = "text after the quote that closes a field";
                return Err(RefuseReason::Quote { problem, offset: at });
            }
        }
    }
}

/// A field in quotes that opens at `open`, with doubled quotes made single, and where it ends.
fn quoted(line: &str, open: usize) -> Result<(Cow<'_, str>, usize), RefuseReason> {
    let mut at = open + 1;
    loop {
        let Some(quote) = memchr::memchr(b'"', &line.as_bytes()[at..]) else {
            let problem = "a quote that is never closed";
            return Err(RefuseReason::Quote { problem, offset: open });
        };
        at += quote + 1;
        if line.as_bytes().get(at) == Some(&b'"') {
            at += 1;
            continue;
        }
        let inner = &line[open + 1..at - 1];
        let field = if inner.contains('"') {
            Cow::Owned(inner.to_string().replace("\"\"", "\""))
        } else {
            Cow::Borrowed(inner)
        };
        return Ok((field, at));
    }
}
