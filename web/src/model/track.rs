//! Densities as an outline.

use core::fmt::Write as _;

#[cfg(test)]
mod tests;

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
