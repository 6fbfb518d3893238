//! What is marked on the line of the log.

use super::address::{Address, Mark};

#[cfg(test)]
mod tests;

/// Of what a line shows no more than this many of a kind, since nobody could tell them apart.
const DRAWN: u64 = 200;

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
    /// The last event before something went wrong in the cluster. It has a lane of its own.
    Fault,
}

impl MarkerKind {
    /// Its sign.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::Bookmark => "☆",
            Self::Breakpoint => "◆",
            Self::Fault => "⚡",
        }
    }
}

/// Everything that is marked, in order.
pub(crate) fn markers<'a>(
    address: &Address,
    hits: impl Iterator<Item = &'a [u64]>,
    faults: impl Iterator<Item = u64>,
) -> Vec<Marker> {
    let at = |kind| move |position| Marker { position, kind };
    let mut all: Vec<Marker> = hits.flatten().copied().map(at(MarkerKind::Breakpoint)).collect();
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
pub(crate) fn drawn(markers: &[Marker], head: u64) -> Vec<Marker> {
    let place = |marker: &Marker| marker.position.saturating_mul(DRAWN) / head.max(1);
    let mut kept: Vec<Marker> = Vec::new();
    let is_drawn = |marker: &&Marker| marker.position <= head && marker.kind != MarkerKind::Fault;
    for marker in markers.iter().filter(is_drawn) {
        let mut before = kept.iter().rev().take_while(|known| place(known) == place(marker));
        if !before.any(|known| known.kind == marker.kind) {
            kept.push(*marker);
        }
    }
    kept
}
