//! Compressed bytes with a checksum.
//!
//! After the magic and the version comes the number of bytes, and then blocks of
//! [`BLOCK_BYTES`] of them, the last one shorter, each compressed by itself with its compressed
//! length before it. The last 16 bytes are the digest of all before them.
//!
//! No room is made for what the length says, only for blocks that were there; and a block of LZ4
//! gives at most 255 times its own bytes.

use alloc::vec::Vec;

use crate::Digest;

/// How many bytes a block stands for.
const BLOCK_BYTES: usize = 1 << 20;

/// The bytes of the checksum.
const CHECKSUM_BYTES: usize = 16;

/// What is wrong with bytes that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Flaw {
    Foreign,
    Version { found: u64 },
    Damaged { offset: usize, detail: &'static str },
    TooLarge { limit: u64, found: u64 },
}

/// Wraps bytes.
pub(in crate::engine) fn pack(magic: &[u8], version: u64, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() / 2 + 64);
    out.extend_from_slice(magic);
    out.extend_from_slice(&version.to_le_bytes());
    out.extend_from_slice(&(content.len() as u64).to_le_bytes());
    for block in content.chunks(BLOCK_BYTES) {
        let packed = lz4_flex::block::compress(block);
        // A packed block is hardly longer than a block.
        let length = u32::try_from(packed.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&packed);
    }
    let checksum = Digest::of(&out).to_u128();
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}

/// Checks who wrote the bytes, in which layout, and that none of them have changed, and unwraps what
/// they hold.
pub(in crate::engine) fn unpack(
    bytes: &[u8],
    magic: &[u8],
    version: u64,
    limit: u64,
) -> Result<Vec<u8>, Flaw> {
    let rest = bytes.strip_prefix(magic).ok_or(Flaw::Foreign)?;
    let damaged = |rest: &[u8], detail| Flaw::Damaged {
        offset: bytes.len() - CHECKSUM_BYTES.min(bytes.len()) - rest.len(),
        detail,
    };
    let cut = Flaw::Damaged { offset: bytes.len(), detail: "the end" };
    let (found, _) = number(rest).ok_or(cut)?;
    if found != version {
        return Err(Flaw::Version { found });
    }
    let (content, checksum) = bytes.split_last_chunk().ok_or(cut)?;
    if Digest::of(content).to_u128() != u128::from_le_bytes(*checksum) {
        return Err(damaged(&[], "another checksum"));
    }
    let head = content.get(magic.len() + 8..).and_then(number);
    let (total, mut rest) = head.ok_or(cut)?;
    if total > limit {
        return Err(Flaw::TooLarge { limit, found: total });
    }
    let mut out = Vec::new();
    while let left = total - out.len() as u64
        && left > 0
    {
        let block = rest.split_first_chunk().and_then(|(length, after)| {
            after.split_at_checked(u32::from_le_bytes(*length) as usize)
        });
        let (packed, after) = block.ok_or_else(|| damaged(rest, "the end"))?;
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(BLOCK_BYTES);
        match lz4_flex::block::decompress(packed, size) {
            Ok(block) if block.len() == size => out.extend_from_slice(&block),
            _ => return Err(damaged(rest, "a block that cannot be unpacked")),
        }
        rest = after;
    }
    if rest.is_empty() { Ok(out) } else { Err(damaged(rest, "bytes after the end")) }
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u64::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{BLOCK_BYTES, Flaw, pack, unpack};
    use crate::Digest;

    const MAGIC: &[u8] = b"magic";

    fn content(length: usize) -> Vec<u8> {
        (0..length).map(|index| (index / 7 % 251).to_le_bytes()[0]).collect()
    }

    /// With a right checksum, as somebody would write it who means harm.
    fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
        let checksum = Digest::of(&bytes).to_u128();
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes
    }

    #[test]
    fn what_was_packed_comes_back() {
        for length in [0, 1, 1_000, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES - 1] {
            let packed = pack(MAGIC, 2, &content(length));
            assert!(packed.len() < length / 2 + 1_000);
            assert_eq!(unpack(&packed, MAGIC, 2, u64::MAX), Ok(content(length)));
        }
    }

    #[test]
    fn a_block_or_a_length_that_lies_is_refused_before_memory_is_taken() {
        let length = |length: u64| [MAGIC, &2_u64.to_le_bytes(), &length.to_le_bytes()].concat();
        let cases = [
            length(u64::MAX - 1),
            [length(1 << 40), vec![0; 64]].concat(),
            [length(5), 1_000_u32.to_le_bytes().to_vec()].concat(),
            [length(5), 2_u32.to_le_bytes().to_vec(), vec![0xff; 2]].concat(),
            [length(0), vec![0; 3]].concat(),
        ];
        for case in cases {
            let refused = unpack(&signed(case), MAGIC, 2, u64::MAX);
            assert!(matches!(refused, Err(Flaw::Damaged { .. })), "{refused:?}");
        }
        let large = unpack(&signed(length(1 << 40)), MAGIC, 2, 1 << 30);
        assert_eq!(large, Err(Flaw::TooLarge { limit: 1 << 30, found: 1 << 40 }));
    }

    #[test]
    fn a_block_gives_no_more_than_it_may() {
        // A thousand bytes that stand for a million zeros, where five were announced.
        let bomb = lz4_flex::block::compress(&vec![0; BLOCK_BYTES]);
        let length = u32::try_from(bomb.len()).unwrap().to_le_bytes();
        let bytes = [MAGIC, &2_u64.to_le_bytes(), &5_u64.to_le_bytes(), &length, &bomb].concat();
        let refused = unpack(&signed(bytes), MAGIC, 2, u64::MAX);
        assert!(matches!(refused, Err(Flaw::Damaged { .. })), "{refused:?}");
    }
}
