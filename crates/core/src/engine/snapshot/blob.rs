//! Writing and reading a snapshot's parts, and a capsule's.

use alloc::vec::Vec;
use core::marker::PhantomData;

use super::packed::Flaw;
use crate::{Decimal, Value};

/// Appends parts.
#[derive(Debug, Default)]
pub(in crate::engine) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    pub(in crate::engine) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(in crate::engine) fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    pub(in crate::engine) fn signed(&mut self, number: i64) {
        self.number(number.cast_unsigned());
    }

    pub(in crate::engine) fn option(&mut self, number: Option<u64>) {
        self.bytes(&[u8::from(number.is_some())]);
        self.number(number.unwrap_or_default());
    }

    pub(in crate::engine) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    /// A list: its length, then what `write` writes of each.
    pub(in crate::engine) fn list<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        write: impl Fn(&mut Self, T),
    ) {
        let at = self.out.len();
        self.number(0);
        let mut count: u64 = 0;
        for item in items {
            write(self, item);
            count += 1;
        }
        self.out[at..at + 8].copy_from_slice(&count.to_le_bytes());
    }

    pub(in crate::engine) fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes(&[0]),
            Value::Bool(truth) => self.bytes(&[1, u8::from(*truth)]),
            Value::Int(number) => {
                self.bytes(&[2]);
                self.bytes(&number.to_le_bytes());
            }
            Value::Decimal(number) => {
                self.bytes(&[3]);
                self.bytes(&number.mantissa().to_le_bytes());
                self.number(u64::from(number.scale()));
            }
            Value::Text(text) => {
                self.bytes(&[4]);
                self.text(text);
            }
        }
    }

    pub(in crate::engine) fn finish(self) -> Vec<u8> {
        self.out
    }
}

/// Reads parts, and never past the end. `E` says what is wrong in the words of who reads.
#[derive(Debug)]
pub(in crate::engine) struct Blob<'a, E> {
    bytes: &'a [u8],
    at: usize,
    error: PhantomData<E>,
}

impl<'a, E: From<Flaw>> Blob<'a, E> {
    pub(in crate::engine) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, error: PhantomData }
    }

    pub(in crate::engine) fn damaged(&self, detail: &'static str) -> E {
        E::from(Flaw::Damaged { offset: self.at, detail })
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], E> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| self.damaged("the end"))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    pub(in crate::engine) fn array<const N: usize>(&mut self) -> Result<[u8; N], E> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| self.damaged("the end"))
    }

    pub(in crate::engine) fn number(&mut self) -> Result<u64, E> {
        self.array().map(u64::from_le_bytes)
    }

    pub(in crate::engine) fn signed(&mut self) -> Result<i64, E> {
        self.number().map(u64::cast_signed)
    }

    pub(in crate::engine) fn option(&mut self) -> Result<Option<u64>, E> {
        let [is_some] = self.array()?;
        let number = self.number()?;
        Ok((is_some != 0).then_some(number))
    }

    /// Bytes with their number before them.
    pub(in crate::engine) fn sized(&mut self) -> Result<&'a [u8], E> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        self.take(length)
    }

    pub(in crate::engine) fn text(&mut self) -> Result<&'a str, E> {
        let bytes = self.sized()?;
        core::str::from_utf8(bytes).map_err(|_| self.damaged("a text that is not UTF-8"))
    }

    pub(in crate::engine) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let count = self.number()?;
        // No room is made ahead: the count may lie, and the bytes run out before memory does.
        let mut list = Vec::new();
        for _ in 0..count {
            list.push(read(self)?);
        }
        Ok(list)
    }

    pub(in crate::engine) fn value(&mut self) -> Result<Value, E> {
        let [kind] = self.array()?;
        Ok(match kind {
            0 => Value::Null,
            1 => Value::Bool(self.array::<1>()? != [0]),
            2 => Value::Int(i64::from_le_bytes(self.array()?)),
            3 => {
                let mantissa = i128::from_le_bytes(self.array()?);
                let scale = u32::try_from(self.number()?).unwrap_or(u32::MAX);
                let number = Decimal::new(mantissa, scale);
                Value::Decimal(number.ok_or_else(|| self.damaged("a decimal out of range"))?)
            }
            4 => Value::text(self.text()?),
            _ => return Err(self.damaged("an unknown kind of value")),
        })
    }

    pub(in crate::engine) fn end(&self) -> Result<(), E> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.damaged("bytes after the end")) }
    }
}
