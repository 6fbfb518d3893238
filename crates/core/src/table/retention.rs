//! Rows that leave by themselves.
//!
//! Every row that an event changes goes to the end of a line, and the row at its front leaves when
//! there are too many rows or its time is up. The line only grows, and each entry knows the one
//! before it of the same row: so it can be cut at any position, and what left is back.

use alloc::vec::Vec;

use super::Slot;
use crate::{Position, Retain, Timestamp};

/// The line of a view's rows.
#[derive(Debug, Clone)]
pub(crate) struct Retention {
    /// How much time a row has, in microseconds.
    micros: Option<i64>,
    rows: Option<u64>,
    line: Vec<Entry>,
    /// Entries before this one do not count any more.
    front: u32,
    /// Of each row, the number of its last entry, from 1; 0 is none.
    last: Vec<u32>,
    /// How many rows are there.
    present: u64,
    /// When the event happens that is being folded.
    now: Moment,
}

/// A row that was changed, or left.
#[derive(Debug, Clone, Copy)]
struct Entry {
    moment: Moment,
    slot: Slot,
    is_there: bool,
    /// The number of the row's entry before this one.
    previous: u32,
    /// The front of the line when this was put at its end.
    front: u32,
}

/// Where in the log, and what the clock said there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) position: Position,
    pub(crate) clock: Clock,
}

/// The latest time of all events so far; before the first one, 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Clock {
    micros: i64,
}

impl Clock {
    pub(crate) const fn from_micros(micros: i64) -> Self {
        Self { micros }
    }

    pub(crate) const fn micros(self) -> i64 {
        self.micros
    }

    /// Takes in the time of an event.
    pub(crate) fn tick(&mut self, time: Option<Timestamp>) {
        if let Some(time) = time {
            self.micros = self.micros.max(time.micros());
        }
    }
}

impl Retention {
    /// The line of a view that retains so much, if it lets anything go at all.
    pub(crate) fn new(retain: Retain) -> Option<Self> {
        let Retain { time, rows } = retain;
        if time.is_none() && rows.is_none() {
            return None;
        }
        let micros = time.map(|time| i64::try_from(time.as_micros()).unwrap_or(i64::MAX));
        let (line, last) = (Vec::new(), Vec::new());
        Some(Self { micros, rows, line, front: 0, last, present: 0, now: Moment::default() })
    }

    /// What it was made of: microseconds and rows.
    pub(crate) const fn limits(&self) -> (Option<i64>, Option<u64>) {
        (self.micros, self.rows)
    }

    /// Says when the next rows are touched.
    pub(crate) fn begin(&mut self, now: Moment) {
        self.now = now;
    }

    /// Notes that an event touched a row, or that the row left.
    pub(crate) fn touch(&mut self, slot: Slot, is_there: bool) {
        let index = slot as usize;
        if self.last.len() <= index {
            self.last.resize(index + 1, 0);
        }
        // Entries in memory are fewer than 2^32.
        let number = u32::try_from(self.line.len() + 1).unwrap_or(u32::MAX);
        let previous = core::mem::replace(&mut self.last[index], number);
        self.present = self.present - self.presence(previous) + u64::from(is_there);
        self.line.push(Entry { moment: self.now, slot, is_there, previous, front: self.front });
    }

    /// How many rows an entry stands for: one or none.
    fn presence(&self, number: u32) -> u64 {
        let entry = number.checked_sub(1).map(|index| self.line[index as usize]);
        entry.map_or(0, |entry| u64::from(entry.is_there))
    }

    /// The next row that has to leave now.
    pub(crate) fn due(&mut self) -> Option<Slot> {
        while let Some(entry) = self.line.get(self.front as usize) {
            if entry.is_there && self.last[entry.slot as usize] == self.front + 1 {
                let (now, then) = (self.now.clock.micros, entry.moment.clock.micros);
                let age = now.saturating_sub(then);
                let is_old = self.micros.is_some_and(|micros| age > micros);
                let is_crowded = self.rows.is_some_and(|rows| self.present > rows);
                return (is_old || is_crowded).then_some(entry.slot);
            }
            self.front += 1;
        }
        None
    }

    /// Forgets what happened after a position.
    pub(crate) fn truncate(&mut self, last: Position) {
        while let Some(entry) = self.line.pop_if(|entry| entry.moment.position > last) {
            self.last[entry.slot as usize] = entry.previous;
            self.present = self.present + self.presence(entry.previous) - u64::from(entry.is_there);
            self.front = entry.front;
        }
    }

    /// When a row was last touched.
    pub(crate) fn latest(&self) -> Option<Moment> {
        self.line.last().map(|entry| entry.moment)
    }

    /// How many rows are there.
    pub(crate) const fn present(&self) -> u64 {
        self.present
    }

    /// The rows that are there, in the order in which they would leave.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = (Slot, Moment)> {
        let numbered = (1..).zip(&self.line);
        let is_last = |(number, entry): &(u32, &Entry)| {
            entry.is_there && self.last[entry.slot as usize] == *number
        };
        numbered.filter(is_last).map(|(_, entry)| (entry.slot, entry.moment))
    }
}
