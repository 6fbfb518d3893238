//! Numbers in as few bytes as they need.
//!
//! Seven bits to a byte, the lowest first, with the highest bit set on all but the last. What reads
//! them never fails: bytes that end too early read as zeros, and whoever reads what comes from
//! outside checks it as a whole before.

use alloc::vec::Vec;
use core::ops::Range;

/// Appends a number.
#[inline]
pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Appends a part of some bytes. Most are few, and then calling a function that copies memory takes
/// longer than copying eight at a time, and cutting off again what came with the last of them.
#[inline]
pub(crate) fn put_part(out: &mut Vec<u8>, bytes: &[u8], part: Range<usize>) {
    let words = bytes.get(part.start..part.start + part.len().next_multiple_of(8));
    let Some(words) = words.filter(|words| words.len() <= 64) else {
        return out.extend_from_slice(&bytes[part]);
    };
    let end = out.len() + part.len();
    for eight in words.as_chunks::<8>().0 {
        out.extend_from_slice(eight);
    }
    out.truncate(end);
}

/// Appends a number that may be negative.
#[inline]
pub(crate) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, fold_sign(number));
}

/// Small numbers of either sign as small numbers without one.
#[inline]
pub(crate) const fn fold_sign(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

/// What [`fold_sign`] was given.
#[inline]
pub(crate) const fn unfold_sign(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

/// Reads along packed bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unpacker<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Unpacker<'a> {
    pub(crate) const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Where the next number begins.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    /// The next number.
    #[inline]
    pub(crate) fn number(&mut self) -> u64 {
        let mut number = 0;
        let mut shift = 0;
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if *byte < 0x80 || shift > 63 {
                break;
            }
        }
        number
    }

    /// The next number, if it is whole: one that comes from outside.
    #[inline]
    pub(crate) fn checked_number(&mut self) -> Option<u64> {
        if let Some(byte @ 0..0x80) = self.bytes.get(self.at) {
            self.at += 1;
            return Some((*byte).into());
        }
        let start = self.at;
        let number = self.number();
        (self.at > start && self.bytes[self.at - 1] < 0x80).then_some(number)
    }

    /// The next number, where one that may be negative was put.
    #[inline]
    pub(crate) fn signed(&mut self) -> i64 {
        unfold_sign(self.number())
    }

    /// The next number, where an index or a count was put.
    #[inline]
    pub(crate) fn index(&mut self) -> usize {
        usize::try_from(self.number()).unwrap_or(usize::MAX)
    }

    /// So many of the next bytes, or as many as there are.
    #[inline]
    pub(crate) fn bytes(&mut self, count: usize) -> &'a [u8] {
        let end = self.at.saturating_add(count).min(self.bytes.len());
        let bytes = &self.bytes[self.at.min(end)..end];
        self.at = end;
        bytes
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Unpacker, put, put_signed};

    #[test]
    fn numbers_come_back_as_they_were() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, 1 << 35, u64::MAX - 1, u64::MAX];
        let signed = [0, -1, 1, 63, -64, 64, i64::MAX, i64::MIN];
        let mut bytes = Vec::new();
        for number in numbers {
            put(&mut bytes, number);
        }
        for number in signed {
            put_signed(&mut bytes, number);
        }
        let mut unpacker = Unpacker::new(&bytes, 0);
        assert!(numbers.iter().all(|number| unpacker.number() == *number));
        assert!(signed.iter().all(|number| unpacker.signed() == *number));
        assert_eq!(unpacker.position(), bytes.len());
        assert_eq!((unpacker.number(), unpacker.bytes(3)), (0, &[][..]));
    }
}
