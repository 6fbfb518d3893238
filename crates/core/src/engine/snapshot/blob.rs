//! Writing and reading a snapshot's parts.

use alloc::vec::Vec;

use super::RestoreError;
use crate::{Decimal, Value};

/// Appends parts.
#[derive(Debug, Default)]
pub(super) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    pub(super) fn signed(&mut self, number: i64) {
        self.number(number.cast_unsigned());
    }

    pub(super) fn option(&mut self, number: Option<u64>) {
        self.bytes(&[u8::from(number.is_some())]);
        self.number(number.unwrap_or_default());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    /// A list: its length, then what `write` writes of each.
    pub(super) fn list<T>(&mut self, items: impl Iterator<Item = T>, write: impl Fn(&mut Self, T)) {
        let at = self.out.len();
        self.number(0);
        let mut count: u64 = 0;
        for item in items {
            write(self, item);
            count += 1;
        }
        self.out[at..at + 8].copy_from_slice(&count.to_le_bytes());
    }

    pub(super) fn value(&mut self, value: &Value) {
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

    pub(super) fn finish(self) -> Vec<u8> {
        self.out
    }
}

/// Reads parts, and never past the end.
#[derive(Debug)]
pub(super) struct Blob<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Blob<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn damaged(&self, detail: &'static str) -> RestoreError {
        RestoreError::Damaged { offset: self.at, detail }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], RestoreError> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| self.damaged("the end"))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], RestoreError> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| self.damaged("the end"))
    }

    pub(super) fn number(&mut self) -> Result<u64, RestoreError> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn signed(&mut self) -> Result<i64, RestoreError> {
        self.number().map(u64::cast_signed)
    }

    pub(super) fn option(&mut self) -> Result<Option<u64>, RestoreError> {
        let [is_some] = self.array()?;
        let number = self.number()?;
        Ok((is_some != 0).then_some(number))
    }

    pub(super) fn text(&mut self) -> Result<&'a str, RestoreError> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        let bytes = self.take(length)?;
        core::str::from_utf8(bytes).map_err(|_| self.damaged("a text that is not UTF-8"))
    }

    pub(super) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, RestoreError>,
    ) -> Result<Vec<T>, RestoreError> {
        let count = self.number()?;
        // No room is made ahead: the count may lie, and the bytes run out before memory does.
        let mut list = Vec::new();
        for _ in 0..count {
            list.push(read(self)?);
        }
        Ok(list)
    }

    pub(super) fn value(&mut self) -> Result<Value, RestoreError> {
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

    pub(super) fn end(&self) -> Result<(), RestoreError> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.damaged("bytes after the end")) }
    }
}
