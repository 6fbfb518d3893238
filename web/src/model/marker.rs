//! What is marked on the line of the log.

use super::address::{Address, Mark};
use super::line::Line;

#[cfg(test)]
mod tests;

/// Into how many places a line is cut: nobody could tell apart what lies in one of them.
const PLACES: u32 = 200;

/// A marked position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Marker {
    /// Where it is.
    pub(crate) position: u64,
    /// What it is.
    pub(crate) kind: MarkerKind,
}

/// What a marker stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MarkerKind {
    /// Mark A.
    A,
    /// Mark B.
    B,
    /// A bookmark.
    Bookmark,
    /// A position at which a breakpoint stops.
    Breakpoint,
    /// An event that a view set aside.
    Aside,
    /// The last of events that regions made without knowing of each other.
    Conflict,
    /// The last event before something went wrong in the cluster. It has a lane of its own.
    Fault,
}

impl MarkerKind {
    /// Those that are drawn on the line itself, the last over the others.
    const DRAWN: [Self; 6] =
        [Self::Conflict, Self::Aside, Self::Breakpoint, Self::Bookmark, Self::B, Self::A];

    /// Its sign.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::Bookmark => "☆",
            Self::Breakpoint => "◆",
            Self::Aside => "✕",
            Self::Conflict => "≠",
            Self::Fault => "⚡",
        }
    }
}

/// Everything that is marked, in order.
pub(crate) fn markers<'a>(
    address: &Address,
    hits: impl Iterator<Item = (MarkerKind, &'a [u64])>,
    faults: impl Iterator<Item = u64>,
) -> Vec<Marker> {
    let at = |kind| move |position| Marker { position, kind };
    let mut all: Vec<Marker> =
        hits.flat_map(|(kind, hits)| hits.iter().copied().map(at(kind))).collect();
    all.extend(address.bookmarks.iter().map(|known| known.position).map(at(MarkerKind::Bookmark)));
    all.extend(address.marks.get(Mark::A).map(at(MarkerKind::A)));
    all.extend(address.marks.get(Mark::B).map(at(MarkerKind::B)));
    all.extend(faults.map(at(MarkerKind::Fault)));
    all.sort_unstable();
    all.dedup();
    all
}

/// The next marked position, or the one before.
pub(crate) fn beside(markers: &[Marker], position: u64, is_forward: bool) -> Option<u64> {
    let mut positions = markers.iter().map(|marker| marker.position);
    if is_forward {
        positions.find(|&marked| position < marked)
    } else {
        positions.rfind(|&marked| marked < position)
    }
}

/// Those that are drawn on a line: of several of a kind in one place, the first.
pub(crate) fn drawn(markers: &[Marker], line: &Line) -> Vec<Marker> {
    let first_at = |position| markers.partition_point(|marker| marker.position < position);
    let edge = |place: u32| match place {
        PLACES => line.position(1.0) + 1,
        place => line.position(f64::from(place) / f64::from(PLACES)),
    };
    let mut drawn = Vec::new();
    for place in 0..PLACES {
        let (from, to) = (first_at(edge(place)), first_at(edge(place + 1)));
        let here = markers.get(from..to).unwrap_or_default();
        let first = |kind| here.iter().find(|marker| marker.kind == kind);
        drawn.extend(MarkerKind::DRAWN.into_iter().filter_map(first).copied());
    }
    drawn
}
