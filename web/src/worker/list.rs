//! The list of events: all of them, or those that a filter lets through.

use everview_core::{Event, Log, Position};
use everview_protocol::session::{EventPage, EventRow, Filter, SearchState};
use memchr::memchr2_iter;

use crate::model::query::Query;

#[cfg(test)]
mod tests;

/// After how many events the clock is looked at.
const STRIDE: u64 = 256;

/// The events that a filter lets through, found a stretch at a time.
#[derive(Debug, Default)]
pub(super) struct EventList {
    filter: Filter,
    query: Query,
    /// Positions, in order; unused without a filter.
    matches: Vec<u64>,
    scanned: u64,
    is_stopped: bool,
}

impl EventList {
    /// Starts over with a filter.
    pub(super) fn narrow(&mut self, mut filter: Filter) {
        filter.text = filter.text.trim().to_lowercase();
        let query = Query::from(&*filter.text);
        *self = Self { filter, query, ..Self::default() };
    }

    /// Starts over with the same filter, over another log.
    pub(super) fn restart(&mut self) {
        let filter = std::mem::take(&mut self.filter);
        self.narrow(filter);
    }

    /// Stops looking.
    pub(super) fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// Forgets what came after an event to which the log was rewound; all, if the log began elsewhere.
    pub(super) fn rewind(&mut self, log: &Log, base: Position, to: Position) {
        if log.base() != base {
            return self.restart();
        }
        self.scanned = self.scanned.min(to.get());
        self.matches.truncate(self.matches.partition_point(|&position| position <= to.get()));
    }

    /// Whether there is something left to look at.
    pub(super) fn is_busy(&self, log: &Log) -> bool {
        !self.filter.is_empty() && !self.is_stopped && self.scanned < log.head().get()
    }

    /// Looks on until everything is looked at or `is_due` says that it is time for something else.
    pub(super) fn work(&mut self, log: &Log, is_due: &mut dyn FnMut() -> bool) {
        while self.is_busy(log) {
            let head = log.head().get();
            let (first, last) = self.query.positions.unwrap_or((1, u64::MAX));
            let after = self.scanned.max(first.saturating_sub(1)).min(head);
            let until = (after + STRIDE).min(head).min(last);
            for position in after + 1..=until {
                if log.get(Position::new(position)).is_some_and(|event| self.lets_through(&event)) {
                    self.matches.push(position);
                }
            }
            // After the last of the positions there is nothing to look at.
            self.scanned = if until < last { until } else { head };
            if is_due() {
                return;
            }
        }
    }

    /// How far it has come.
    pub(super) fn state(&self, log: &Log) -> SearchState {
        let (base, head) = (log.base().get(), log.head().get());
        let is_filtered = !self.filter.is_empty();
        SearchState {
            found: if is_filtered { self.matches.len() as u64 } else { head - base },
            scanned: if is_filtered { self.scanned } else { head },
            head,
            is_stopped: self.is_stopped && is_filtered && self.scanned < head,
            is_filtered,
        }
    }

    /// Some rows.
    pub(super) fn page(&self, log: &Log, first: u64, count: u32) -> EventPage {
        let last = first.saturating_add(u64::from(count)).min(self.state(log).found);
        let rows = (first..last).filter_map(|place| row(log, self.position(log, place)?)).collect();
        EventPage { first, rows }
    }

    /// The place of the last row at or before a position.
    pub(super) fn place(&self, log: &Log, position: u64) -> Option<u64> {
        let rows = if self.filter.is_empty() {
            position.min(log.head().get()).saturating_sub(log.base().get())
        } else {
            self.matches.partition_point(|&found| found <= position) as u64
        };
        rows.checked_sub(1)
    }

    /// The position of the next row after `position`, or of the last one before it.
    pub(super) fn step(&self, log: &Log, position: u64, is_forward: bool) -> Option<u64> {
        if self.filter.is_empty() {
            return if is_forward {
                Some(position + 1).filter(|&next| next <= log.head().get())
            } else {
                position.checked_sub(1).filter(|&before| log.base().get() <= before)
            };
        }
        let place = if is_forward {
            self.matches.partition_point(|&found| found <= position)
        } else {
            self.matches.partition_point(|&found| found < position).checked_sub(1)?
        };
        self.matches.get(place).copied()
    }

    fn position(&self, log: &Log, place: u64) -> Option<u64> {
        if self.filter.is_empty() {
            Some(log.base().get() + place + 1)
        } else {
            self.matches.get(usize::try_from(place).ok()?).copied()
        }
    }

    fn lets_through(&self, event: &Event<'_>) -> bool {
        let Filter { types, stream, .. } = &self.filter;
        let text = &self.query.text;
        let is_type = types.is_empty() || types.iter().any(|known| known == event.event_type);
        let is_stream = stream.as_ref().is_none_or(|stream| stream == event.subject);
        let texts = [&*event.data, &event.id, event.event_type, event.subject];
        is_type && is_stream && (text.is_empty() || texts.iter().any(|part| contains(part, text)))
    }
}

/// The row of an event.
pub(super) fn row(log: &Log, position: u64) -> Option<EventRow> {
    let event = log.get(Position::new(position))?;
    Some(EventRow {
        position,
        time_ms: event.time.map(everview_core::Timestamp::millis),
        gap_ms: gap(log, event.position),
        event_type: event.event_type.into(),
        stream: event.subject.into(),
        size: event.data.len() as u64,
    })
}

/// The milliseconds from the event before a position to the one there.
pub(super) fn gap(log: &Log, position: Position) -> Option<i64> {
    let before = log.time(position.previous())?;
    Some(log.time(position)?.millis_since(before))
}

/// The first event after a position that happened so many milliseconds later or, if they are
/// negative, the last one before it that happened so many earlier; the end of the log without one.
/// Nothing when the event there has no time.
pub(super) fn later(log: &Log, position: Position, milliseconds: i64) -> Option<u64> {
    let head = log.head();
    let time = |position: Position| log.time(position);
    let (mut at, begin) = match time(position) {
        Some(time) => (position, time),
        // Before the first event it is as if that were to happen now.
        None if position == log.base() => (position, time(position.next())?),
        None => return None,
    };
    let is_there = |at: Position| {
        time(at).is_some_and(|time| {
            let passed = time.millis_since(begin);
            if milliseconds < 0 { passed <= milliseconds } else { milliseconds <= passed }
        })
    };
    loop {
        if milliseconds < 0 {
            if at <= log.base() {
                return Some(log.base().get());
            }
            at = at.previous();
        } else {
            if head <= at {
                return Some(head.get());
            }
            at = at.next();
        }
        if is_there(at) {
            return Some(at.get());
        }
    }
}

/// Whether a text contains another one, which is in lower case.
pub(super) fn contains(text: &str, lower: &str) -> bool {
    let Some(&first) = lower.as_bytes().first() else { return true };
    if !lower.is_ascii() {
        return text.to_lowercase().contains(lower);
    }
    let (bytes, wanted) = (text.as_bytes(), lower.as_bytes());
    memchr2_iter(first, first.to_ascii_uppercase(), bytes).any(|at| {
        bytes.get(at..at + wanted.len()).is_some_and(|found| found.eq_ignore_ascii_case(wanted))
    })
}
