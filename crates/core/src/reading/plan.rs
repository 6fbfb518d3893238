//! Which way to the rows of a query: the key, an index, the view's own order, or all rows.

use alloc::string::String;
use alloc::vec::Vec;

use super::filter::Filter;
use super::index::{Index, Level};
use super::interval::Intervals;
use crate::cell::{Cell, Dictionary};
use crate::query::Term;
use crate::table::{Slot, Table};

/// The order that rows are wanted in; rows that are equal in it are in the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Order {
    Terms(Vec<Term>),
    /// That of the view, which sorts by something that is no column of it.
    View,
}

/// An index and what it is good for.
#[derive(Debug, Clone)]
pub(super) struct Match {
    pub(super) index: usize,
    pub(super) levels: Vec<Level>,
    /// The parts of the filter that need no look at a row any more.
    pub(super) served: Vec<usize>,
    /// How many levels, the first ones, have single values only.
    pub(super) points: usize,
    pub(super) has_range: bool,
    pub(super) is_sorted: bool,
}

impl Match {
    /// Whether fewer rows than all come of it.
    pub(super) const fn narrows(&self) -> bool {
        self.points > 0 || self.has_range
    }

    /// A level of single values narrows more than a range does, and sorting is saved last.
    const fn worth(&self) -> (usize, bool, bool) {
        (self.points, self.has_range, self.is_sorted)
    }
}

/// What is asked of the indexes of a view.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) filter: &'a Filter,
    pub(super) order: &'a Order,
    /// The columns that show the key, if they show all of it.
    pub(super) key: &'a [usize],
}

impl Wanted<'_> {
    /// The index that serves best; of equals the first.
    pub(super) fn best(self, indexes: &[Index], dictionary: &Dictionary) -> Option<Match> {
        let mut best: Option<Match> = None;
        for (number, index) in indexes.iter().enumerate() {
            let found = self.levels(number, &index.columns, dictionary);
            let worth = best.as_ref().map_or((0, false, false), Match::worth);
            if found.worth() > worth {
                best = Some(found);
            }
        }
        best
    }

    fn levels(self, index: usize, columns: &[usize], dictionary: &Dictionary) -> Match {
        let mut found = Match {
            index,
            levels: Vec::new(),
            served: Vec::new(),
            points: 0,
            has_range: false,
            is_sorted: false,
        };
        for column in columns {
            let narrows = found.points == found.levels.len();
            let Some(intervals) = self.filter.of_column(*column, dictionary).filter(|_| narrows)
            else {
                found.levels.push(Level { intervals: Intervals::whole(), downwards: false });
                continue;
            };
            found.served.extend(self.filter.numbers(&[*column]));
            if intervals.is_points() {
                found.points += 1;
            } else {
                found.has_range = true;
            }
            found.levels.push(Level { intervals, downwards: false });
        }
        found.is_sorted = self.direct(columns, &mut found.levels, Intervals::may_be_single);
        found
    }

    /// Gives the levels their directions, if the order wanted is one that the index has.
    pub(super) fn direct(
        self,
        columns: &[usize],
        levels: &mut [Level],
        is_single: fn(&Intervals) -> bool,
    ) -> bool {
        let Order::Terms(terms) = self.order else { return false };
        let mut terms = terms.as_slice();
        let mut key = self.key;
        let mut fixed: Vec<usize> = Vec::new();
        let mut directions = Vec::with_capacity(levels.len());
        for (column, level) in columns.iter().zip(&*levels) {
            while let Some((term, rest)) = terms.split_first()
                && fixed.contains(&term.column)
            {
                terms = rest;
            }
            if is_single(&level.intervals) {
                fixed.push(*column);
                directions.push(false);
            } else if let Some((term, rest)) = terms.split_first() {
                if term.column != *column {
                    return false;
                }
                terms = rest;
                fixed.push(*column);
                directions.push(term.is_downwards);
            } else {
                // Rows that are equal so far are wanted by their keys.
                match key.split_first() {
                    Some((first, rest)) if first == column => key = rest,
                    _ => return false,
                }
                directions.push(false);
            }
        }
        for term in terms.iter().filter(|term| !fixed.contains(&term.column)) {
            match key.split_first() {
                Some((first, rest)) if *first == term.column && !term.is_downwards => key = rest,
                _ => return false,
            }
        }
        for (level, downwards) in levels.iter_mut().zip(directions) {
            level.downwards = downwards;
        }
        true
    }

    /// The rows that the filter names by their whole keys, and the parts that do so.
    pub(super) fn by_key(
        self,
        table: &Table,
        dictionary: &mut Dictionary,
    ) -> Option<(Vec<Slot>, Vec<usize>)> {
        const MOST: usize = 1_024;
        if self.key.is_empty() {
            return None;
        }
        let mut keys: Vec<Vec<Cell>> = alloc::vec![Vec::new()];
        for column in self.key {
            let points = self.filter.of_column(*column, dictionary)?;
            let values: Option<Vec<Cell>> =
                points.0.iter().map(|interval| interval.value()).collect();
            let values = values.filter(|values| keys.len() * values.len() <= MOST)?;
            let values: Vec<Cell> =
                values.into_iter().map(|cell| dictionary.canonical(cell)).collect();
            let with = |key: &Vec<Cell>, cell: &Cell| {
                let mut key = key.clone();
                key.push(*cell);
                key
            };
            keys = keys
                .iter()
                .flat_map(|key| values.iter().map(move |cell| with(key, cell)))
                .collect();
        }
        let is_there = |slot: &Slot| table.row(*slot).is_some();
        let slots = keys.iter().filter_map(|key| table.find(key)).filter(is_there).collect();
        Some((slots, self.filter.numbers(self.key).collect()))
    }
}

/// How a query found its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explain {
    /// The way to the rows.
    pub access: Access,
    /// The columns of the index that were matched with single values, by `=`, `IN` or `IS NULL`.
    pub equal: Vec<String>,
    /// The column after those that was matched with a range or a prefix.
    pub range: Option<String>,
    /// Whether part of the condition was left to be checked on each row.
    pub is_filtered: bool,
    /// Whether the rows came in the order wanted and needed no sorting.
    pub is_sorted: bool,
    /// How many rows were looked at.
    pub examined: usize,
}

/// A way to the rows of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// The condition names the whole key.
    Key,
    /// An index, by its name. That of the key is `key`.
    Index(String),
    /// The order in which a derived view keeps its rows.
    View,
    /// Every row was looked at.
    Scan,
}

impl core::fmt::Display for Explain {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match &self.access {
            Access::Key => f.write_str("by key")?,
            Access::Index(name) => write!(f, "index {name}")?,
            Access::View => f.write_str("the view's order")?,
            Access::Scan => f.write_str("every row")?,
        }
        if !self.equal.is_empty() {
            write!(f, ", equal {}", self.equal.join(", "))?;
        }
        if let Some(column) = &self.range {
            write!(f, ", range {column}")?;
        }
        if self.is_filtered {
            f.write_str(", rest of the condition checked")?;
        }
        f.write_str(if self.is_sorted { ", in order" } else { ", sorted afterwards" })?;
        write!(f, ", rows examined: {}", self.examined)
    }
}
