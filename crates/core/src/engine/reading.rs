//! Queries over the views, and those who follow their answers.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Engine, Fold, ViewState, Views};
use crate::cell::Dictionary;
use crate::reading::{Compiled, Source, Subscription, aggregate, find};
use crate::{
    Answer, AsOf, Batch, DefineError, Delta, Explain, IndexDefinition, Position, Read, ReadError,
    Since, Timestamp, Violation,
};

impl Engine {
    /// Answers a query at the playhead. With the reader's time, the answer says how old it is.
    ///
    /// ```
    /// use everview_core::{Engine, Read, ReadError};
    ///
    /// let read = Read { view: "orders".into(), ..Read::default() };
    /// let refused = Engine::default().query(&read, None);
    /// assert!(matches!(refused, Err(ReadError::UnknownView { .. })));
    /// ```
    ///
    /// # Errors
    ///
    /// What of the query is not understood, or why its cursor is refused.
    pub fn query(&mut self, read: &Read, now: Option<Timestamp>) -> Result<Answer, ReadError> {
        let as_of = self.as_of(&read.view, now)?;
        self.views.with_source(&read.view, |source, dictionary| {
            let (compiled, after, found) = find(read, source, dictionary)?;
            let table = source.table;
            let rows = found.slots.iter().filter_map(|slot| table.row(*slot));
            let last = found.slots.last().filter(|_| found.has_more);
            let place = (as_of.position, as_of.digest);
            let next = last.and_then(|last| compiled.cursor(*last, place, table, dictionary));
            Ok(Answer {
                as_of,
                columns: Arc::clone(&table.columns),
                rows: rows.map(|row| dictionary.values(row)).collect(),
                next,
                since: after.map(|cursor| Since {
                    position: cursor.position,
                    has_changed: cursor.digest != as_of.digest,
                }),
                errors: found.errors,
                explain: found.explain,
            })
        })
    }

    /// Answers a query at another position than the playhead, which stays where it is, and nobody who
    /// follows a query hears of it: what is confirmed while somebody looks at what is pending. A
    /// position that the log does not reach means the nearest that it does.
    ///
    /// ```
    /// # use everview_core::{Engine, Position, Read};
    /// let read = Read { view: "orders".into(), ..Read::default() };
    /// let refused = Engine::default().query_at(Position::START, &read, None).unwrap_err();
    /// assert_eq!(refused.to_string(), "no view `orders`; there are none");
    /// ```
    ///
    /// # Errors
    ///
    /// As those of [`Engine::query`].
    pub fn query_at(
        &mut self,
        position: Position,
        read: &Read,
        now: Option<Timestamp>,
    ) -> Result<Answer, ReadError> {
        let playhead = self.timeline.position;
        self.go(position);
        self.views.settle();
        let answer = self.query(read, now);
        self.go(playhead);
        self.views.settle();
        answer
    }

    /// Says how a query finds its rows. It is run for that.
    ///
    /// # Errors
    ///
    /// As those of [`Engine::query`].
    pub fn explain(&mut self, read: &Read) -> Result<Explain, ReadError> {
        Ok(self.query(read, None)?.explain)
    }

    /// Computes aggregates over the rows that a query finds, such as
    /// `COUNT(*) AS orders, SUM(total) AS revenue`: one row, as a derived view would have it.
    ///
    /// # Errors
    ///
    /// As those of [`Engine::query`], and when the aggregates are not understood or have no value.
    pub fn aggregate(
        &mut self,
        read: &Read,
        aggregates: &str,
        now: Option<Timestamp>,
    ) -> Result<Answer, ReadError> {
        let as_of = self.as_of(&read.view, now)?;
        self.views.with_source(&read.view, |source, dictionary| {
            let (_, _, found) = find(read, source, dictionary)?;
            let made = aggregate(aggregates, (source.table, &found.slots), dictionary)?;
            let mut errors = found.errors;
            errors.extend(made.errors);
            Ok(Answer {
                as_of,
                columns: made.columns,
                rows: alloc::vec![made.row],
                next: None,
                since: None,
                errors,
                explain: found.explain,
            })
        })
    }

    /// Adds an index. It is made when it is first read, and stays when the views are defined anew,
    /// as long as there is its view with its columns.
    ///
    /// # Errors
    ///
    /// When there is no such view or column; nothing has changed.
    pub fn add_index(&mut self, index: &IndexDefinition) -> Result<(), DefineError> {
        self.views.add_index(index)?;
        if !self.indexes.contains(index) {
            self.indexes.push(index.clone());
        }
        Ok(())
    }

    /// The rows of a view at the playhead that are equal in the columns of a unique index.
    ///
    /// # Errors
    ///
    /// When there is no such view.
    pub fn violations(&mut self, view: &str) -> Result<Vec<Violation>, ReadError> {
        self.views.with_source(view, |source, dictionary| {
            let indexes = source.indexes.iter_mut();
            Ok(indexes.flat_map(|index| index.violations(source.table, dictionary)).collect())
        })
    }

    /// Follows a query: its number is what [`Engine::poll`] is asked with. The first poll has every
    /// row as new.
    ///
    /// # Errors
    ///
    /// As those of [`Engine::query`].
    pub fn subscribe(&mut self, read: &Read) -> Result<u64, ReadError> {
        if read.after.is_some() {
            return Err(ReadError::SubscribeAfter);
        }
        let view = self.views.number(&read.view)?;
        let compiled = self.views.compile_read(view, read)?;
        let Subscriptions { next, all, .. } = &mut self.subscriptions;
        let number = *next;
        *next += 1;
        all.insert(number, Subscription::new(read.clone(), view, compiled));
        Ok(number)
    }

    /// The net changes to the answer of a query that is followed, since this was last asked.
    ///
    /// # Errors
    ///
    /// When there is no subscription of that number, or since the last definition of the views
    /// nothing that it could be read from.
    pub fn poll(&mut self, subscription: u64, now: Option<Timestamp>) -> Result<Batch, ReadError> {
        let unknown = ReadError::UnknownSubscription { number: subscription };
        let followed = self.subscriptions.all.get(&subscription).ok_or(unknown)?;
        let read = followed.read.clone();
        let as_of = self.as_of(&read.view, now)?;
        if followed.at.is_none() {
            let view = self.views.number(&read.view)?;
            self.views.compile_read(view, &read)?;
        }
        let Some(followed) = self.subscriptions.all.get_mut(&subscription) else {
            return Err(ReadError::UnknownSubscription { number: subscription });
        };
        self.views.with_source(&read.view, |source, dictionary| {
            Ok(Batch { as_of, deltas: followed.poll(source, dictionary) })
        })
    }

    /// The net changes to a view's rows since this was last asked; the first time, every row as
    /// new. Nothing for a view that is not there.
    pub fn drain_deltas(&mut self, view: &str) -> Vec<Delta> {
        let Ok(number) = self.views.number(view) else { return Vec::new() };
        if !self.subscriptions.whole.contains_key(view) {
            let read = Read { view: view.to_string(), ..Read::default() };
            let Ok(compiled) = self.views.compile_read(number, &read) else { return Vec::new() };
            let followed = Subscription::new(read, number, compiled);
            self.subscriptions.whole.insert(view.to_string(), followed);
        }
        let Some(followed) = self.subscriptions.whole.get_mut(view) else { return Vec::new() };
        let poll =
            |source: &mut Source<'_>, dictionary: &mut _| Ok(followed.poll(source, dictionary));
        self.views.with_source(view, poll).unwrap_or_default()
    }

    /// Whether rows that a subscription follows may have changed since it was last polled.
    ///
    /// # Errors
    ///
    /// When there is no subscription of that number.
    pub fn has_news(&self, subscription: u64) -> Result<bool, ReadError> {
        let unknown = ReadError::UnknownSubscription { number: subscription };
        Ok(self.subscriptions.all.get(&subscription).ok_or(unknown)?.has_news())
    }

    /// Ends a subscription, and says whether there was one of that number.
    pub fn unsubscribe(&mut self, subscription: u64) -> bool {
        self.subscriptions.all.remove(&subscription).is_some()
    }

    fn as_of(&self, view: &str, now: Option<Timestamp>) -> Result<AsOf, ReadError> {
        let view = self.views.number(view)?;
        let position = self.position();
        let time = self.log.time(position);
        let age = now.zip(time).map(|(now, time)| now.millis_since(time).max(0).unsigned_abs());
        Ok(AsOf {
            position,
            epoch: self.log.epoch_at(position),
            digest: self.views.all[view].table.digest(&self.views.dictionary),
            head: self.head(),
            time,
            age_millis: age,
        })
    }
}

/// Queries that are followed, by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Subscriptions {
    next: u64,
    all: BTreeMap<u64, Subscription>,
    /// Views of which every row is followed, by name.
    whole: BTreeMap<String, Subscription>,
}

impl Subscriptions {
    fn each(&mut self) -> impl Iterator<Item = &mut Subscription> {
        self.all.values_mut().chain(self.whole.values_mut())
    }

    /// Whether a view is followed.
    pub(super) fn has_view(&self, view: usize) -> bool {
        let mut each = self.all.values().chain(self.whole.values());
        each.any(|followed| followed.at.as_ref().is_some_and(|(at, _)| *at == view))
    }

    /// Takes in what changed in the views.
    pub(super) fn follow(&mut self, views: &mut Views) {
        let mark = views.dictionary.mark();
        for followed in self.each() {
            if let Some((view, _)) = followed.at {
                followed.follow(&views.all[view].table, &mut views.dictionary);
            }
        }
        views.dictionary.forget_since(mark);
    }

    /// Lets go of views that are about to be exchanged, unless their tables stay.
    pub(super) fn detach(&mut self, views: &mut Views, stays: impl Fn(&str) -> bool) {
        for followed in self.each().filter(|followed| !stays(&followed.read.view)) {
            if let Some((view, _)) = followed.at {
                followed.detach(&views.all[view].table, &mut views.dictionary);
            }
        }
    }

    /// Takes up views that have just been exchanged.
    pub(super) fn attach(&mut self, views: &mut Views) {
        for followed in self.each() {
            let view = views.number(&followed.read.view).ok();
            followed.at =
                view.and_then(|view| Some((view, views.compile_read(view, &followed.read).ok()?)));
        }
    }
}

impl Views {
    pub(super) fn number(&self, name: &str) -> Result<usize, ReadError> {
        self.index(name).ok_or_else(|| {
            let known: Vec<&str> = self.all.iter().map(|view| view.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_string() } else { known.join(", ") };
            ReadError::UnknownView { name: name.to_string(), known }
        })
    }

    /// Compiles a query that stays: what it names stays in the dictionary.
    pub(super) fn compile_read(&mut self, view: usize, read: &Read) -> Result<Compiled, ReadError> {
        Compiled::new(read, &self.all[view].source(), &mut self.dictionary)
    }

    /// Lets a query at a view, and forgets what only the query named.
    fn with_source<T>(
        &mut self,
        view: &str,
        run: impl FnOnce(&mut Source<'_>, &mut Dictionary) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let view = self.number(view)?;
        let mark = self.dictionary.mark();
        let result = run(&mut self.all[view].source(), &mut self.dictionary);
        self.dictionary.forget_since(mark);
        result
    }
}

impl ViewState {
    fn source(&mut self) -> Source<'_> {
        let query = match &self.fold {
            Fold::Query { query, .. } => Some(&**query),
            Fold::Declared(_) | Fold::Projector(_) | Fold::Batched(_) => None,
        };
        Source {
            name: &self.name,
            table: &self.table,
            key_columns: self.key_columns,
            query,
            indexes: &mut self.indexes,
        }
    }
}

#[cfg(test)]
mod tests;
