//! A number that is equal for equal views, whatever the path to them.

use core::fmt;

use xxhash_rust::xxh3::xxh3_128;

/// A 128-bit fingerprint of a set of rows.
///
/// The digest of a set is the wrapping sum of its rows' hashes (XXH3), so it can be kept up row by
/// row and does not depend on the order the rows came in. It tells mistakes, not attacks: it is not
/// a cryptographic hash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(u128);

impl Digest {
    /// The fingerprint of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxh3_128(bytes))
    }

    /// The digest with this number.
    pub const fn from_u128(number: u128) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn to_u128(self) -> u128 {
        self.0
    }

    /// This set with one more member.
    pub const fn with(self, member: Self) -> Self {
        Self(self.0.wrapping_add(member.0))
    }

    /// This set with one member less.
    pub const fn without(self, member: Self) -> Self {
        Self(self.0.wrapping_sub(member.0))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
