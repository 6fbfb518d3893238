//! Capsules as links.

use std::fmt::Write as _;

#[cfg(test)]
mod tests;

/// The longest link that programs pass on whole.
const MOST: usize = 6_000;

/// The letters of base64 as it stands in addresses.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A link to a capsule from this page's address; nothing when it would be too long.
pub(crate) fn link(base: &str, capsule: &[u8]) -> Option<String> {
    let mut link = base.split('#').next().unwrap_or_default().to_owned();
    // Writing to a text cannot fail.
    let _ = write!(link, "#/?src=capsule:{}", text_from_bytes(capsule));
    (link.len() <= MOST).then_some(link)
}

/// Bytes as letters that an address takes.
pub(crate) fn text_from_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let three =
            [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let number = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..=chunk.len() {
            let letter = number >> (18 - 6 * place) & 63;
            text.push(char::from(LETTERS[letter as usize]));
        }
    }
    text
}

/// The bytes that letters stand for; nothing when they stand for none.
pub(crate) fn bytes_from_text(text: &str) -> Option<Vec<u8>> {
    let letter = |byte: u8| LETTERS.iter().position(|known| *known == byte);
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.as_bytes().chunks(4) {
        let mut number = 0_u32;
        for place in 0..4 {
            let six = chunk.get(place).map_or(Some(0), |byte| letter(*byte))?;
            number = number << 6 | u32::try_from(six).ok()?;
        }
        let three = number.to_be_bytes();
        let count = chunk.len().checked_sub(1).filter(|count| 0 < *count)?;
        bytes.extend_from_slice(&three[1..=count]);
    }
    Some(bytes)
}
