//! Positions as places on a line, and densities as an outline.

use core::fmt::Write as _;

#[cfg(test)]
mod tests;

/// The position at `x` pixels of a line of `width`; position 0, before every event, is its left end.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a line has fewer pixels than 2^53 has positions, and the share is from 0 to 1"
)]
pub(crate) fn position_at(x: f64, width: f64, head: u64) -> u64 {
    if width <= 0.0 {
        return 0;
    }
    ((x / width).clamp(0.0, 1.0) * head as f64).round() as u64
}

/// How far along the line a position is, in percent.
#[expect(clippy::cast_precision_loss, reason = "a percentage needs few digits")]
pub(crate) fn percent_at(position: u64, head: u64) -> f64 {
    if head == 0 { 100.0 } else { position.min(head) as f64 * 100.0 / head as f64 }
}

/// Where a key takes the playhead on the line: a hundredth of it on or back.
pub(crate) fn leapt(key: &str, position: u64, head: u64) -> Option<u64> {
    let leap = (head / 100).max(1);
    match key {
        "PageUp" => Some((position + leap).min(head)),
        "PageDown" => Some(position.saturating_sub(leap)),
        _ => None,
    }
}

/// Bars from 0 to 1 as the outline of an area 1000 wide and 100 high.
#[expect(clippy::cast_precision_loss, reason = "there are a few hundred bars")]
pub(crate) fn outline(bars: &[f32]) -> String {
    let width = 1_000.0 / bars.len().max(1) as f32;
    let mut path = String::from("M0 100");
    for (index, bar) in bars.iter().enumerate() {
        let (left, height) = (index as f32 * width, 100.0 - bar.clamp(0.0, 1.0) * 96.0);
        let right = left + width;
        // Writing to a text cannot fail.
        let _ = write!(path, "L{left:.1} {height:.1}L{right:.1} {height:.1}");
    }
    path.push_str("L1000 100Z");
    path
}
