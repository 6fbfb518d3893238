//! Reading the parts of stored events, and never past the end.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{CHECKSUM_BYTES, HEAD_BYTES, MAGIC, StoredError, VERSION};
use crate::Digest;
use crate::pack::Unpacker;

/// Where reading has come to.
#[derive(Debug)]
pub(super) struct Blob<'a> {
    /// Without the checksum.
    bytes: &'a [u8],
    unpacker: Unpacker<'a>,
}

impl<'a> Blob<'a> {
    /// Checks who wrote the bytes, in which layout, and that none have changed.
    pub(super) fn open(bytes: &'a [u8], limit: u64) -> Result<Self, StoredError> {
        if bytes.len() as u64 > limit {
            return Err(StoredError::TooLarge { limit, found: bytes.len() as u64 });
        }
        let rest = bytes.strip_prefix(MAGIC).ok_or(StoredError::Foreign)?;
        let cut = StoredError::Damaged { offset: bytes.len(), detail: "the end" };
        let version = rest.first_chunk().ok_or(cut.clone())?;
        if *version != VERSION.to_le_bytes() {
            return Err(StoredError::Version { found: u64::from_le_bytes(*version) });
        }
        let (content, checksum) = bytes
            .split_last_chunk::<CHECKSUM_BYTES>()
            .filter(|(content, _)| content.len() >= HEAD_BYTES)
            .ok_or(cut)?;
        if Digest::of(content).to_u128() != u128::from_le_bytes(*checksum) {
            let offset = content.len();
            return Err(StoredError::Damaged { offset, detail: "another checksum" });
        }
        Ok(Self { bytes: content, unpacker: Unpacker::new(content, HEAD_BYTES) })
    }

    pub(super) fn damaged(&self, detail: &'static str) -> StoredError {
        StoredError::Damaged { offset: self.unpacker.position(), detail }
    }

    /// That something is so.
    pub(super) fn require(&self, is_so: bool, detail: &'static str) -> Result<(), StoredError> {
        if is_so { Ok(()) } else { Err(self.damaged(detail)) }
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<u64, StoredError> {
        self.unpacker.checked_number().ok_or_else(|| self.damaged("the end of a number"))
    }

    pub(super) fn signed(&mut self) -> Result<i64, StoredError> {
        self.number().map(crate::pack::unfold_sign)
    }

    pub(super) fn index(&mut self) -> Result<usize, StoredError> {
        let index = usize::try_from(self.number()?).ok();
        index.ok_or_else(|| self.damaged("a number that is too large"))
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.unpacker.position()
    }

    /// A count of what takes at least a byte each.
    pub(super) fn count(&mut self) -> Result<usize, StoredError> {
        let count = self.number()?;
        let count = usize::try_from(count).ok().filter(|count| *count <= self.left());
        count.ok_or_else(|| self.damaged("a count of more than there is"))
    }

    /// A number below another.
    pub(super) fn code(&mut self, count: usize) -> Result<u32, StoredError> {
        let code = self.number()?;
        self.require(code < count as u64, "a number of nothing")?;
        u32::try_from(code).map_err(|_| self.damaged("a number of nothing"))
    }

    /// Bytes with their number before them, and where they begin.
    pub(super) fn bytes(&mut self) -> Result<(&'a [u8], usize), StoredError> {
        let count = self.count()?;
        let start = self.unpacker.position();
        Ok((self.unpacker.bytes(count), start))
    }

    pub(super) fn text(&mut self) -> Result<&'a str, StoredError> {
        let (bytes, _) = self.bytes()?;
        core::str::from_utf8(bytes).map_err(|_| self.damaged("a text that is not UTF-8"))
    }

    pub(super) fn path(&mut self) -> Result<super::Path, StoredError> {
        let Some(count) = self.count()?.checked_sub(1) else { return Ok(None) };
        let names: Result<Vec<String>, _> =
            (0..count).map(|_| self.text().map(ToString::to_string)).collect();
        names.map(Some)
    }

    pub(super) fn end(&self) -> Result<(), StoredError> {
        self.require(self.unpacker.position() == self.bytes.len(), "bytes after the end")
    }
}
