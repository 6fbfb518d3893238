//! Where breakpoints stop.

use everview_protocol::session::Onsets;

#[cfg(test)]
mod tests;

/// How far a log was searched for the positions at which a breakpoint stops.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// The positions at which its condition came to hold, in order.
    pub(crate) hits: Vec<u64>,
    /// The last position that was looked at.
    pub(crate) reached: u64,
    /// Why it cannot be searched.
    pub(crate) problem: Option<String>,
}

impl Scan {
    /// Takes in what a stretch came to that began after `after`. Returns whether it was the next one.
    pub(crate) fn take(&mut self, after: u64, onsets: Onsets) -> bool {
        let is_next = after == self.reached && self.problem.is_none();
        if is_next {
            self.hits.extend(onsets.positions);
            self.reached = onsets.reached.max(after);
        }
        is_next
    }

    /// The first position after this one that playing must not pass: where it stops, or what was not
    /// looked at yet.
    pub(crate) fn limit(&self, position: u64, head: u64) -> Option<u64> {
        if self.problem.is_some() {
            return None;
        }
        let next = self.hits.partition_point(|&hit| hit <= position);
        let unknown = (self.reached < head).then_some(self.reached);
        self.hits.get(next).copied().or(unknown)
    }

    /// Whether it stops at a position.
    pub(crate) fn stops_at(&self, position: u64) -> bool {
        self.hits.binary_search(&position).is_ok()
    }
}

/// A cell that a condition may be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell<'a> {
    /// Its column.
    pub(crate) column: &'a str,
    /// What is in it; a dash for nothing.
    pub(crate) text: &'a str,
    /// Whether that is a number.
    pub(crate) is_number: bool,
    /// Whether the condition is about it.
    pub(crate) matters: bool,
}

/// The condition that holds for rows with the same in these cells, if there are any.
pub(crate) fn condition<'a>(cells: impl Iterator<Item = Cell<'a>>) -> Option<String> {
    let part = |cell: Cell<'_>| {
        let column = cell.column.replace('"', "\"\"");
        match cell.text {
            "–" => format!("\"{column}\" IS NULL"),
            text if cell.is_number => format!("\"{column}\" = {text}"),
            text => format!("\"{column}\" = '{}'", text.replace('\'', "''")),
        }
    };
    let parts: Vec<String> = cells.filter(|cell| cell.matters).map(part).collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}
