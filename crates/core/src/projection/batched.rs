//! Table views whose events are folded a batch at a time.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::ProjectError;
use crate::cell::{Cell, Dictionary};
use crate::engine::Recorder;
use crate::table::{Change, Table};
use crate::upcast::Lifted;
use crate::{Event, Row, Value};

/// A pure fold from events to the rows of a view that takes many events at once: for code that is
/// costly to call, such as that of another language.
///
/// As with a [`crate::Projector`], the same events give the same rows. How they are divided into
/// batches is nobody's promise, so nothing may depend on it: an event sees the rows as the ones
/// before it left them, within a batch too.
pub trait BatchProjector: fmt::Debug {
    /// The columns of the key, which come first.
    fn key(&self) -> Vec<String>;

    /// The other columns.
    fn columns(&self) -> Vec<String>;

    /// Whether it folds events of this type; others are ignored.
    fn reads(&self, event_type: &str) -> bool;

    /// Folds events, in their order, and answers for each what it does.
    ///
    /// `row` gives rows, with all columns, as they were before the first of the events. After one
    /// that is refused, those of the same subject wait, so they must be passed over and leave no
    /// trace in what later ones see; what is answered for them is not looked at. With fewer answers
    /// than events, it is asked again for the rest.
    fn project(
        &self,
        events: &[Event<'_>],
        row: &dyn Fn(&[Value]) -> Option<Row>,
    ) -> Vec<Result<Vec<RowChange>, ProjectError>>;
}

/// What an event does to one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// The row's name: a value for each column of the key.
    pub key: Vec<Value>,
    /// The values of the other columns; none removes the row.
    pub values: Option<Vec<Value>>,
}

/// An event to fold into a view.
#[derive(Debug)]
pub(crate) struct Pending<'a> {
    /// As the log keeps it.
    pub(crate) event: Event<'a>,
    /// What an upcaster made of it, if one did.
    pub(crate) lifted: Option<Lifted>,
    /// The log's number of its subject.
    pub(crate) stream: u32,
    /// Its number in the histories.
    pub(crate) number: u32,
}

impl Pending<'_> {
    /// The event as the view sees it.
    fn seen(&self) -> Event<'_> {
        let Event { position, epoch, version, source, subject, time, .. } = self.event;
        let (event_type, data) = match &self.lifted {
            Some(lifted) => (&*lifted.event_type, &*lifted.data),
            None => (self.event.event_type, &*self.event.data),
        };
        let [id, data, raw] = [&*self.event.id, data, &*self.event.raw].map(Cow::Borrowed);
        Event { position, epoch, version, id, source, event_type, subject, time, data, raw }
    }
}

/// What folds events in batches, and where they go.
#[derive(Debug)]
pub(crate) struct Batched<'a> {
    pub(crate) projector: &'a dyn BatchProjector,
    pub(crate) table: &'a mut Table,
    pub(crate) dictionary: &'a mut Dictionary,
    /// Room for what one event does.
    pub(crate) changes: &'a mut Vec<Change>,
}

impl Batched<'_> {
    /// Folds events; `refuse` is told of those that are set aside.
    pub(crate) fn fold(
        &mut self,
        mut events: Vec<Pending<'_>>,
        refuse: &mut dyn FnMut(&Event<'_>, ProjectError),
    ) {
        loop {
            events.retain(|Pending { event, stream, .. }| self.is_free(event, *stream, refuse));
            if events.is_empty() {
                break;
            }
            let asked: Vec<Event<'_>> = events.iter().map(Pending::seen).collect();
            let row = |key: &[Value]| {
                let slot = self.table.find_values(key, self.dictionary)?;
                Some(self.dictionary.values(self.table.row(slot)?))
            };
            let mut answers = self.projector.project(&asked, &row);
            if answers.is_empty() {
                answers.push(Err(ProjectError::Refused("there is no answer to it".into())));
            }
            let taken = self.take(&events, answers, refuse);
            events.drain(..taken);
        }
    }

    /// Whether an event waits behind no other.
    fn is_free(
        &self,
        event: &Event<'_>,
        stream: u32,
        refuse: &mut dyn FnMut(&Event<'_>, ProjectError),
    ) -> bool {
        let first = self.table.aside.behind(stream);
        if let Some(first) = first {
            refuse(event, ProjectError::Waiting { first });
        }
        first.is_none()
    }

    /// Takes answers in; how many.
    fn take(
        &mut self,
        events: &[Pending<'_>],
        answers: Vec<Result<Vec<RowChange>, ProjectError>>,
        refuse: &mut dyn FnMut(&Event<'_>, ProjectError),
    ) -> usize {
        let mut taken = 0;
        for (Pending { event, stream, number, .. }, answer) in events.iter().zip(answers) {
            taken += 1;
            if !self.is_free(event, *stream, refuse) {
                continue;
            }
            let was_taken_for_good = answer.is_ok();
            match answer.and_then(|changes| self.put(&changes)) {
                Ok(()) => self.table.history.push(*number, self.changes),
                Err(error) => {
                    self.table.aside.add(*stream, event.position);
                    refuse(event, error);
                    if was_taken_for_good {
                        // The answers to later events may rest on it.
                        break;
                    }
                }
            }
        }
        taken
    }

    /// Does what an event does, or nothing.
    fn put(&mut self, changes: &[RowChange]) -> Result<(), ProjectError> {
        self.changes.clear();
        let (expected, key_width) = (self.table.columns.len(), self.table.key_width());
        for RowChange { key, values } in changes {
            let width = values.as_ref().map_or(expected - key_width, Vec::len);
            let found = key.len() + width;
            if key.len() != key_width || found != expected {
                return Err(ProjectError::Width { expected, found });
            }
        }
        for RowChange { key, values } in changes {
            let mut row: Vec<Cell> =
                key.iter().map(|value| self.dictionary.cell(&value.canonical())).collect();
            let slot = self.table.slot(&row);
            let mut recorder = Recorder { table: self.table, changes: self.changes };
            let Some(values) = values else {
                recorder.put(slot, None);
                continue;
            };
            row.extend(values.iter().map(|value| self.dictionary.cell(value)));
            recorder.put(slot, Some(&row));
        }
        Ok(())
    }
}
