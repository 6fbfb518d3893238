//! What table views can see of an event.

use alloc::vec::Vec;

use super::field::{Fields, Paths};
use crate::Event;
use crate::cell::{Cell, Dictionary};
use crate::json::Json;
use crate::log::Glance;
use crate::sql::EvaluateError;

/// An event, with what was found in its data.
#[derive(Debug)]
pub(crate) struct EventScope<'a> {
    pub(crate) event: &'a Event<'a>,
    pub(crate) names: EventNames,
    pub(crate) paths: &'a Paths,
    pub(crate) fields: &'a mut Fields,
    pub(crate) dictionary: &'a mut Dictionary,
}

impl<'a> EventScope<'a> {
    /// What the event has at the path of a slot.
    #[inline]
    pub(super) fn data(&mut self, slot: usize) -> Result<Cell, EvaluateError> {
        self.fields.value(slot, self.paths, self.event, self.dictionary)
    }

    /// The same as JSON.
    pub(super) fn json(&self, slot: usize) -> Option<Json<'a>> {
        self.fields.json(slot, self.event)
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
    types: Vec<Cell>,
    subjects: Vec<Cell>,
    sources: Vec<Cell>,
}

impl NameCells {
    pub(crate) fn of(
        &mut self,
        codes: Glance,
        event: &Event<'_>,
        dictionary: &mut Dictionary,
    ) -> EventNames {
        let mut cell = |cells: &mut Vec<Cell>, code: u32, name: &str| {
            let code = code as usize;
            if cells.len() <= code {
                cells.resize(code + 1, Cell::NULL);
            }
            if cells[code].is_null() {
                cells[code] = dictionary.text(name);
            }
            cells[code]
        };
        EventNames {
            event_type: cell(&mut self.types, codes.event_type, event.event_type),
            subject: cell(&mut self.subjects, codes.subject, event.subject),
            source: cell(&mut self.sources, codes.source, event.source),
        }
    }
}
