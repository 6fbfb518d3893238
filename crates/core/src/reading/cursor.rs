//! Cursors: the last row of a page as a text, to go on after it.
//!
//! A cursor holds what the row was sorted by and its key, and no count of rows. So the page after
//! it begins where the last one ended, whatever came and went before that, and also if the row
//! itself is gone.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::{Decimal, Digest, Position, Value};

/// A cursor that the query cannot go on after. Read the first page instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CursorError {
    /// The text is no cursor, or is not whole.
    #[error("the cursor is damaged: {detail}")]
    Damaged {
        /// What does not hold.
        detail: &'static str,
    },
    /// It is of a version that this one does not read.
    #[error("expected a cursor of version {VERSION}, found version {found}")]
    Version {
        /// Its version.
        found: u8,
    },
    /// It is of another query: another view, condition or order.
    #[error("the cursor belongs to another query: the view, the condition or the order differs")]
    OtherQuery,
    /// The view is in an order that cannot be told from its rows.
    #[error("view `{view}` sorts by what is no column of it: give an order to read it in pages")]
    NoOrder {
        /// The view.
        view: String,
    },
}

const VERSION: u8 = 1;

/// What a cursor says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Of the query, without its limit.
    pub(super) query: u64,
    /// Where the page was read that it ends.
    pub(crate) position: Position,
    /// Of the view there.
    pub(crate) digest: Digest,
    /// What the row is sorted by.
    pub(super) terms: Vec<Value>,
    pub(super) key: Vec<Value>,
}

impl Cursor {
    pub(super) fn encode(&self) -> String {
        let mut out = alloc::vec![VERSION];
        out.extend_from_slice(&self.query.to_le_bytes());
        out.extend_from_slice(&self.position.get().to_le_bytes());
        out.extend_from_slice(&self.digest.to_u128().to_le_bytes());
        write_values(&self.terms, &mut out);
        write_values(&self.key, &mut out);
        let check = checksum(&out).to_le_bytes();
        out.extend_from_slice(&check);
        hex(&out)
    }

    pub(super) fn decode(text: &str) -> Result<Self, CursorError> {
        let bytes = from_hex(text).ok_or(damaged("it has other characters than 0-9 and a-f"))?;
        let (bytes, check) = bytes.split_last_chunk().ok_or(damaged("it is too short"))?;
        if u64::from_le_bytes(*check) != checksum(bytes) {
            return Err(damaged("its checksum does not fit"));
        }
        let mut rest = Rest(bytes);
        let [version] = rest.array()?;
        if version != VERSION {
            return Err(CursorError::Version { found: version });
        }
        let query = u64::from_le_bytes(rest.array()?);
        let position = Position::new(u64::from_le_bytes(rest.array()?));
        let digest = Digest::from_u128(u128::from_le_bytes(rest.array()?));
        let (terms, key) = (rest.values()?, rest.values()?);
        if !rest.0.is_empty() {
            return Err(damaged("bytes after its end"));
        }
        Ok(Self { query, position, digest, terms, key })
    }
}

const fn damaged(detail: &'static str) -> CursorError {
    CursorError::Damaged { detail }
}

/// Half of a digest.
#[expect(clippy::cast_possible_truncation, reason = "half of a digest is one")]
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    Digest::of(bytes).to_u128() as u64
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}

fn write_values(values: &[Value], out: &mut Vec<u8>) {
    out.extend_from_slice(&length(values.len()));
    for value in values {
        match value {
            Value::Null => out.push(0),
            Value::Bool(truth) => out.extend_from_slice(&[1, u8::from(*truth)]),
            Value::Int(number) => {
                out.push(2);
                out.extend_from_slice(&number.to_le_bytes());
            }
            Value::Decimal(number) => {
                out.push(3);
                out.extend_from_slice(&number.scale().to_le_bytes());
                out.extend_from_slice(&number.mantissa().to_le_bytes());
            }
            Value::Text(text) => {
                out.push(4);
                out.extend_from_slice(&length(text.len()));
                out.extend_from_slice(text.as_bytes());
            }
        }
    }
}

/// What lies in memory is shorter than 2^32 bytes, record by record.
fn length(len: usize) -> [u8; 4] {
    u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes()
}

/// The bytes that are still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], CursorError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(damaged("its end is missing"))?;
        self.0 = rest;
        Ok(*array)
    }

    fn bytes(&mut self) -> Result<&'a [u8], CursorError> {
        let len = usize::try_from(u32::from_le_bytes(self.array()?)).unwrap_or(usize::MAX);
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(damaged("its end is missing"))?;
        self.0 = rest;
        Ok(bytes)
    }

    fn values(&mut self) -> Result<Vec<Value>, CursorError> {
        let count = u32::from_le_bytes(self.array()?);
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(self.value()?);
        }
        Ok(values)
    }

    fn value(&mut self) -> Result<Value, CursorError> {
        Ok(match self.array()? {
            [0] => Value::Null,
            [1] => Value::Bool(self.array()? != [0]),
            [2] => Value::Int(i64::from_le_bytes(self.array()?)),
            [3] => {
                let scale = u32::from_le_bytes(self.array()?);
                let mantissa = i128::from_le_bytes(self.array()?);
                let number = Decimal::new(mantissa, scale);
                Value::Decimal(number.ok_or(damaged("a number is none"))?)
            }
            [4] => {
                let text = core::str::from_utf8(self.bytes()?);
                Value::Text(Arc::from(text.or(Err(damaged("a text is none")))?))
            }
            [_] => return Err(damaged("a value of an unknown kind")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, CursorError, checksum, from_hex, hex};
    use crate::{Digest, Position, Value};
    use alloc::string::String;

    fn cursor() -> Cursor {
        Cursor {
            query: 7,
            position: Position::new(12),
            digest: Digest::of(b"view"),
            terms: alloc::vec![
                Value::Null,
                true.into(),
                i64::MIN.into(),
                Value::Decimal("12.50".parse().unwrap()),
                "später".into(),
            ],
            key: alloc::vec!["order-1".into(), 3.into()],
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        assert_eq!(Cursor::decode(&cursor().encode()), Ok(cursor()));
    }

    #[test]
    fn a_cursor_with_any_character_changed_or_cut_off_is_damaged() {
        let text = cursor().encode();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).unwrap();
            for wrong in [&changed, &text[..at]] {
                let error = Cursor::decode(wrong).unwrap_err();
                assert!(matches!(error, CursorError::Damaged { .. }), "{error}");
            }
        }
    }

    #[test]
    fn a_cursor_of_another_version_is_refused_with_its_number() {
        let mut bytes = from_hex(&cursor().encode()).unwrap();
        bytes[0] = 9;
        bytes.truncate(bytes.len() - 8);
        let check = checksum(&bytes).to_le_bytes();
        bytes.extend_from_slice(&check);
        assert_eq!(Cursor::decode(&hex(&bytes)), Err(CursorError::Version { found: 9 }));
    }
}
