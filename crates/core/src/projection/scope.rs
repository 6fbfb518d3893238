//! What table views can see of an event.

use super::batch::{BatchEvent, Columns};
use super::field::Paths;
use crate::cell::{Cell, Dictionary};
use crate::event::{EventField, whole};
use crate::json::Json;
use crate::list::List;
use crate::log::{EventText, Glance};
use crate::sql::EvaluateError;
use crate::{Event, Log};

/// An event, with what was found in its data.
#[derive(Debug)]
pub(crate) struct EventScope<'a> {
    pub(crate) event: &'a BatchEvent,
    /// Its number in the columns.
    pub(crate) number: usize,
    pub(crate) columns: &'a Columns,
    pub(crate) paths: &'a Paths,
    pub(crate) log: &'a Log,
    pub(crate) dictionary: &'a mut Dictionary,
}

impl<'a> EventScope<'a> {
    /// What the event has at the path of a slot.
    #[inline]
    pub(super) fn data(&self, slot: usize) -> Result<Cell, EvaluateError> {
        self.columns.value(self.number, slot, self.paths)
    }

    /// What it has there as JSON, for a slot that is read as such.
    pub(super) fn json(&self, slot: usize) -> Option<Json<'a>> {
        self.columns.json(self.number, slot, self.paths)
    }

    /// What the event has beside its data.
    #[inline]
    pub(super) fn field(&mut self, field: EventField) -> Cell {
        let BatchEvent { names, position, time, .. } = self.event;
        let count = match field {
            EventField::Subject => return names.subject,
            EventField::Type => return names.event_type,
            EventField::Source => return names.source,
            EventField::Time => return time.map_or(Cell::NULL, Dictionary::moment),
            EventField::Id => return self.id(),
            EventField::Position => position.get(),
            EventField::Epoch => self.log.epoch_at(*position).get(),
            EventField::StreamVersion => self.log.version_at(*position),
        };
        self.dictionary.integer(whole(count))
    }

    /// The event's id, which few views read: it is not in the columns.
    fn id(&mut self) -> Cell {
        let mut text = EventText::default();
        let event = self.log.read(self.event.position, &mut text);
        event.map_or(Cell::NULL, |event| self.dictionary.text(&event.id))
    }
}

/// The names of an event that recur.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventNames {
    pub(super) event_type: Cell,
    pub(super) subject: Cell,
    pub(super) source: Cell,
}

/// The cells of a log's names, by the numbers that the log gave them.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameCells {
    types: List<Cell>,
    subjects: List<Cell>,
    sources: List<Cell>,
}

impl NameCells {
    pub(crate) fn of(
        &mut self,
        codes: Glance,
        event: &Event<'_>,
        dictionary: &mut Dictionary,
    ) -> EventNames {
        EventNames {
            event_type: cell(&mut self.types, codes.event_type, || {
                dictionary.text(event.event_type)
            }),
            subject: cell(&mut self.subjects, codes.subject, || dictionary.text(event.subject)),
            source: cell(&mut self.sources, codes.source, || dictionary.text(event.source)),
        }
    }

    /// The cell of a stream's name.
    #[inline]
    pub(crate) fn subject(&mut self, code: u32, log: &Log, dictionary: &mut Dictionary) -> Cell {
        cell(&mut self.subjects, code, || dictionary.text(log.subject_name(code)))
    }
}

#[inline]
fn cell(cells: &mut List<Cell>, code: u32, make: impl FnOnce() -> Cell) -> Cell {
    let code = code as usize;
    let known = cells.get(code).filter(|cell| !cell.is_null());
    known.unwrap_or_else(|| {
        let cell = make();
        cells.cover(code + 1);
        cells[code] = cell;
        cell
    })
}
