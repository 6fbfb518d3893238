//! How dense the events are along a line, as an outline.

use core::fmt::Write as _;

use super::line::Line;

#[cfg(test)]
mod tests;

/// How dense the events are in stretches of the log.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Density {
    /// Where each stretch ends and the next one begins.
    pub(crate) edges: Vec<u64>,
    /// From 0 to 1, one for each stretch.
    pub(crate) heights: Vec<f32>,
}

impl Density {
    /// How long it was between two events instead: high where the events are few.
    pub(crate) fn gaps(&self) -> Self {
        let turned = |height: &f32| if 0.0 < *height { 1.1 - height } else { 0.0 };
        Self { edges: self.edges.clone(), heights: self.heights.iter().map(turned).collect() }
    }

    /// The outline of an area 100 wide and 100 high, where the stretches lie on a line.
    pub(crate) fn outline(&self, line: &Line) -> String {
        let mut path = String::from("M0 100");
        let mut right = 0.0;
        for (pair, height) in self.edges.windows(2).zip(&self.heights) {
            let &[from, to] = pair else { continue };
            if from == to || !line.meets(from, to) {
                continue;
            }
            let (left, top) = (line.percent(from), 100.0 - height.clamp(0.0, 1.0) * 96.0);
            right = line.percent(to);
            // Writing to a text cannot fail.
            let _ = write!(path, "L{left:.2} {top:.1}L{right:.2} {top:.1}");
        }
        // Writing to a text cannot fail.
        let _ = write!(path, "L{right:.2} 100Z");
        path
    }
}
