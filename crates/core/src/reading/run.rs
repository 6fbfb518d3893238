//! A query at work.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::ControlFlow;

use super::cursor::{Cursor, CursorError, checksum};
use super::filter::{self, Filter};
use super::index::{After, Index};
use super::interval::Intervals;
use super::plan::{Access, Explain, Match, Order, Wanted};
use super::{Read, ReadError};
use crate::cell::{Cell, Dictionary};
use crate::order;
use crate::query::{Query, Term};
use crate::sql::{Expr, Leaf, SortTerm, SqlError, parse_order};
use crate::table::{Slot, Table};
use crate::{Digest, EvaluateError, Key, Position};

/// A view as a query sees it.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) name: &'a str,
    pub(crate) table: &'a Table,
    /// How many columns, the first ones, show the key.
    pub(crate) key_columns: usize,
    pub(crate) query: Option<&'a Query>,
    pub(crate) indexes: &'a mut [Index],
}

impl Source<'_> {
    /// The columns that show the key, if they show all of it.
    fn key(&self) -> Vec<usize> {
        let is_shown = self.key_columns == self.table.key_width();
        (0..if is_shown { self.key_columns } else { 0 }).collect()
    }
}

/// A query that knows the columns of its view.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    filter: Filter,
    order: Order,
    /// Whether the order is the view's own.
    is_natural: bool,
    limit: usize,
    /// What a cursor must have come from.
    fingerprint: u64,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) slots: Vec<Slot>,
    pub(crate) has_more: bool,
    pub(crate) errors: Vec<(Key, EvaluateError)>,
    pub(crate) explain: Explain,
}

/// Runs a query from its cursor on.
pub(crate) fn find(
    read: &Read,
    source: &mut Source<'_>,
    dictionary: &mut Dictionary,
) -> Result<(Compiled, Option<Cursor>, Found), ReadError> {
    let compiled = Compiled::new(read, source, dictionary)?;
    let after = read.after.as_deref();
    let after = after.map(|text| compiled.open(text, source)).transpose()?;
    let found = compiled.run(source, after.as_ref(), dictionary);
    Ok((compiled, after, found))
}

impl Compiled {
    pub(crate) fn new(
        read: &Read,
        source: &Source<'_>,
        dictionary: &mut Dictionary,
    ) -> Result<Self, ReadError> {
        let columns = &source.table.columns;
        let place = |place| move |problem| ReadError::Sql { place, problem };
        let filter = match &read.filter {
            Some(text) => {
                Filter::new(text, source.name, columns, dictionary).map_err(place("where"))?
            }
            None => Filter::default(),
        };
        let order = match (&read.order, source.query.filter(|query| query.ordered().is_some())) {
            (Some(text), _) => {
                Order::Terms(terms(text, source.name, columns).map_err(place("order by"))?)
            }
            (None, Some(query)) => {
                query.terms().map_or(Order::View, |terms| Order::Terms(terms.to_vec()))
            }
            (None, None) => Order::Terms(Vec::new()),
        };
        let mut identity: Vec<u8> = Vec::new();
        for part in [Some(&read.view), read.filter.as_ref(), read.order.as_ref()]
            .into_iter()
            .chain(columns.iter().map(Some))
        {
            identity.push(u8::from(part.is_some()));
            crate::Value::encode_text(part.map_or("", String::as_str), &mut identity);
        }
        Ok(Self {
            filter,
            order,
            is_natural: read.order.is_none(),
            limit: read.limit.unwrap_or(usize::MAX),
            fingerprint: checksum(&identity),
        })
    }

    /// What a cursor says, if it is one of this query's.
    pub(crate) fn open(&self, text: &str, source: &Source<'_>) -> Result<Cursor, CursorError> {
        let cursor = Cursor::decode(text)?;
        if cursor.query != self.fingerprint {
            return Err(CursorError::OtherQuery);
        }
        match &self.order {
            Order::View => Err(CursorError::NoOrder { view: source.name.into() }),
            Order::Terms(terms)
                if terms.len() == cursor.terms.len()
                    && source.table.key_width() == cursor.key.len() =>
            {
                Ok(cursor)
            }
            Order::Terms(_) => Err(CursorError::OtherQuery),
        }
    }

    /// The cursor after a row, unless the view's order has none.
    pub(crate) fn cursor(
        &self,
        slot: Slot,
        (position, digest): (Position, Digest),
        table: &Table,
        dictionary: &Dictionary,
    ) -> Option<String> {
        let Order::Terms(terms) = &self.order else { return None };
        let row = table.row(slot)?;
        let cursor = Cursor {
            query: self.fingerprint,
            position,
            digest,
            terms: terms.iter().map(|term| dictionary.value(row[term.column])).collect(),
            key: dictionary.values(table.key(slot)),
        };
        Some(cursor.encode())
    }

    /// Whether the query has a row in its answer, whatever its limit.
    pub(crate) fn passes(&self, row: &[Cell], dictionary: &mut Dictionary) -> bool {
        self.filter.passes(row, &[], dictionary).unwrap_or(false)
    }

    pub(crate) const fn is_limited(&self) -> bool {
        self.limit < usize::MAX
    }

    /// Finds the rows, from the first one on or from the one after a cursor.
    pub(crate) fn run(
        &self,
        source: &mut Source<'_>,
        after: Option<&Cursor>,
        dictionary: &mut Dictionary,
    ) -> Found {
        let after = after.map(|cursor| Last {
            terms: cursor.terms.iter().map(|value| dictionary.cell(value)).collect(),
            key: cursor.key.iter().map(|value| dictionary.cell(value)).collect(),
        });
        let (key, table) = (source.key(), source.table);
        let mut run = Run {
            query: self,
            table,
            key: &key,
            after,
            dictionary,
            slots: Vec::new(),
            errors: Vec::new(),
            examined: 0,
        };
        let mut explain = run.find(source);
        if !explain.is_sorted {
            run.sort();
            explain.is_sorted = run.slots.len() < 2;
        }
        let Run { mut slots, errors, examined, .. } = run;
        explain.examined = examined;
        let has_more = slots.len() > self.limit;
        slots.truncate(self.limit);
        Found { slots, has_more, errors, explain }
    }

    /// How many rows to look at before asking whether they are enough.
    fn batch(&self, is_checked: bool) -> usize {
        const SMALLEST: usize = 64;
        let enough = self.limit.saturating_add(1);
        if is_checked { enough.max(SMALLEST) } else { enough }
    }
}

/// The row that a cursor stands at.
struct Last {
    terms: Vec<Cell>,
    key: Vec<Cell>,
}

/// A query on its way to the rows.
struct Run<'r> {
    query: &'r Compiled,
    table: &'r Table,
    /// The columns that show the key, if they show all of it.
    key: &'r [usize],
    after: Option<Last>,
    dictionary: &'r mut Dictionary,
    slots: Vec<Slot>,
    errors: Vec<(Key, EvaluateError)>,
    examined: usize,
}

impl Run<'_> {
    /// Finds the rows by the best way that there is.
    fn find(&mut self, source: &mut Source<'_>) -> Explain {
        let Compiled { filter, order, is_natural, .. } = self.query;
        let wanted = Wanted { filter, order, key: self.key };
        if let Some((slots, served)) = wanted.by_key(self.table, self.dictionary) {
            self.check(&slots, &served);
            let equal = self.names(self.key);
            return Explain { equal, ..self.explain(Access::Key, &served) };
        }
        // A derived view that sorts keeps its rows in that order.
        let ordered = source.query.filter(|_| *is_natural).and_then(Query::ordered);
        let is_kept = ordered.is_some() && self.after.is_none();
        match wanted.best(source.indexes, self.dictionary) {
            Some(found) if found.narrows() || !is_kept => {
                self.by_index(wanted, &mut source.indexes[found.index], found)
            }
            _ => {
                let slots: Vec<Slot> = match ordered {
                    Some(slots) if is_kept && filter.parts.is_empty() => {
                        slots.take(self.query.batch(false)).collect()
                    }
                    Some(slots) => slots.collect(),
                    None => self.table.ordered(self.dictionary).collect(),
                };
                self.check(&slots, &[]);
                let access = if is_kept { Access::View } else { Access::Scan };
                Explain { is_sorted: is_kept, ..self.explain(access, &[]) }
            }
        }
    }

    fn by_index(&mut self, wanted: Wanted<'_>, index: &mut Index, mut found: Match) -> Explain {
        self.refine(wanted, index, &mut found);
        let Match { levels, served, points, has_range, is_sorted, .. } = found;
        let is_checked = served.len() < self.query.filter.parts.len();
        let mut batch = if is_sorted { self.query.batch(is_checked) } else { usize::MAX };
        let last = self.after.as_ref().filter(|_| is_sorted);
        let mut last = last.map(|last| self.after(last, &index.columns));
        let mut slots = Vec::new();
        loop {
            slots.clear();
            let open = index.open(self.table, self.dictionary);
            open.read(&levels, last.as_ref(), &mut |slot| {
                slots.push(slot);
                if slots.len() < batch { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            self.check(&slots, &served);
            match slots.last() {
                Some(slot) if slots.len() == batch && self.slots.len() <= self.query.limit => {
                    last = Some(After::row(*slot, &index.columns, self.table));
                    batch = batch.saturating_mul(4);
                }
                _ => break,
            }
        }
        Explain {
            equal: self.names(&index.columns[..points]),
            range: self.names(&index.columns[points..][..usize::from(has_range)]).pop(),
            is_sorted,
            ..self.explain(Access::Index(index.name.clone()), &served)
        }
    }

    /// Drops the values that the index has not, and looks again whether its order is the one
    /// wanted: `1` may be in it as a number or as a boolean, but hardly as both.
    fn refine(&self, wanted: Wanted<'_>, index: &mut Index, found: &mut Match) {
        let open = index.open(self.table, self.dictionary);
        let mut prefix = Vec::new();
        for level in &mut found.levels[..found.points] {
            let Intervals(values) = &mut level.intervals;
            values.retain(|value| !open.range(&prefix, *value).is_empty());
            match values.as_slice() {
                [only] => prefix.extend(only.value()),
                _ => break,
            }
        }
        found.is_sorted = wanted.direct(&index.columns, &mut found.levels, Intervals::is_single);
    }

    /// Where reading of an index goes on that has the order wanted. A column that is neither sorted
    /// by nor part of the key has one value only.
    fn after(&self, last: &Last, columns: &[usize]) -> After {
        let Order::Terms(terms) = &self.query.order else {
            return After { cells: Vec::new(), key: Vec::new() };
        };
        let cell = |column: &usize| {
            let term = terms.iter().position(|term| term.column == *column);
            let part = || self.key.iter().position(|part| part == column);
            term.map(|at| last.terms[at]).or_else(|| part().map(|at| last.key[at]))
        };
        After { cells: columns.iter().map(cell).collect(), key: last.key.clone() }
    }

    /// Keeps those of the rows that meet the condition.
    fn check(&mut self, slots: &[Slot], served: &[usize]) {
        self.examined += slots.len();
        for &slot in slots {
            let Some(row) = self.table.row(slot) else { continue };
            match self.query.filter.passes(row, served, self.dictionary) {
                Ok(true) => self.slots.push(slot),
                Ok(false) => {}
                Err(error) => {
                    let key = self.dictionary.values(self.table.key(slot));
                    self.errors.push((key, error));
                }
            }
        }
    }

    /// Sorts what was found, as far as it is wanted, after the row that a cursor stands at.
    fn sort(&mut self) {
        let Order::Terms(terms) = &self.query.order else { return };
        let (table, dictionary) = (self.table, &*self.dictionary);
        let compare = |a: (&[Cell], &[Cell]), b: (&[Cell], &[Cell])| {
            let by_term = terms.iter().enumerate().map(|(at, term)| {
                let upwards = dictionary.compare(a.0[at], b.0[at]);
                if term.is_downwards { upwards.reverse() } else { upwards }
            });
            let by_key = a.1.iter().zip(b.1).map(|(a, b)| dictionary.compare(*a, *b));
            by_term.chain(by_key).find(|is| is.is_ne()).unwrap_or(Ordering::Equal)
        };
        let mut sorted: Vec<(Vec<Cell>, Slot)> = Vec::with_capacity(self.slots.len());
        for &slot in &self.slots {
            let row = table.row(slot).unwrap_or_default();
            let cells: Vec<Cell> = terms.iter().map(|term| row[term.column]).collect();
            let is_after =
                |last: &Last| compare((&cells, table.key(slot)), (&last.terms, &last.key)).is_gt();
            if self.after.as_ref().is_none_or(is_after) {
                sorted.push((cells, slot));
            }
        }
        let by = |a: &(Vec<Cell>, Slot), b: &(Vec<Cell>, Slot)| {
            compare((&a.0, table.key(a.1)), (&b.0, table.key(b.1)))
        };
        let enough = self.query.batch(false);
        if enough < sorted.len() {
            sorted.select_nth_unstable_by(enough, by);
            sorted.truncate(enough);
        }
        let order = order::order(sorted.len(), &mut |a, b| by(&sorted[a], &sorted[b]));
        self.slots = order.into_iter().map(|at| sorted[at].1).collect();
    }

    fn names(&self, columns: &[usize]) -> Vec<String> {
        columns.iter().map(|column| self.table.columns[*column].clone()).collect()
    }

    fn explain(&self, access: Access, served: &[usize]) -> Explain {
        Explain {
            access,
            equal: Vec::new(),
            range: None,
            is_filtered: served.len() < self.query.filter.parts.len(),
            is_sorted: false,
            examined: 0,
        }
    }
}

/// The columns of an `ORDER BY`.
fn terms(text: &str, view: &str, columns: &[String]) -> Result<Vec<Term>, SqlError> {
    let term = |SortTerm { expr, is_downwards, offset }| match expr {
        Expr::Leaf(Leaf::Name(name)) => {
            Ok(Term { column: filter::column(&name, view, columns)?, is_downwards })
        }
        _ => Err(SqlError::unsupported("sorting by what is no column", offset)),
    };
    parse_order(text)?.into_iter().map(term).collect()
}
