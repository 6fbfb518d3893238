//! Table views written in Rust.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::ProjectError;
use crate::cell::{Cell, Dictionary};
use crate::command::Message;
use crate::engine::Recorder;
use crate::json::Json;
use crate::{Event, Row, Value};

/// A pure fold from typed events to the rows of a view.
///
/// The same events give the same rows: a projector reads nothing but its arguments. Rewind, replay
/// and the digests rest on that.
///
/// ```
/// use everview_core::command::{Fields, Message, MessageError, ObjectWriter};
/// use everview_core::json::Json;
/// use everview_core::{Engine, Epoch, Event, NewEvent, ProjectError, Projector, Rows, Value};
///
/// /// Something was counted.
/// struct Counted {
///     by: i64,
/// }
///
/// impl Message for Counted {
///     const TYPES: &'static [&'static str] = &["Counted"];
///
///     fn type_name(&self) -> &'static str {
///         "Counted"
///     }
///
///     fn data(&self) -> String {
///         ObjectWriter::new().integer("by", self.by).finish()
///     }
///
///     fn read(_: &str, data: Json<'_>) -> Result<Self, MessageError> {
///         Ok(Self { by: Fields::of(data).integer("by")? })
///     }
/// }
///
/// #[derive(Debug)]
/// struct Totals;
///
/// impl Projector for Totals {
///     type Event = Counted;
///
///     const KEY: &'static [&'static str] = &["counter"];
///     const COLUMNS: &'static [&'static str] = &["total"];
///
///     fn project(
///         &self,
///         counted: Counted,
///         event: &Event<'_>,
///         rows: &mut Rows<'_>,
///     ) -> Result<(), ProjectError> {
///         let key = [Value::text(event.subject)];
///         let total = match rows.get(&key).as_deref() {
///             Some([_, Value::Int(total)]) => *total,
///             _ => 0,
///         };
///         rows.put(&key, &[Value::Int(total + counted.by)])
///     }
/// }
///
/// let mut engine = Engine::default();
/// engine.register("totals", Totals)?;
/// engine.append(
///     Epoch::new(1),
///     &NewEvent {
///         id: "1".into(),
///         source: "/docs".into(),
///         event_type: "Counted".into(),
///         subject: "visits".into(),
///         time: None,
///         data: Counted { by: 3 }.data(),
///     },
/// )?;
/// let totals = engine.view("totals").unwrap();
/// assert_eq!(totals.get(&["visits".into()]).unwrap()[1], Value::Int(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Projector: fmt::Debug {
    /// The events it understands; others are ignored.
    type Event: Message;

    /// The columns of the key, which come first.
    const KEY: &'static [&'static str];

    /// The other columns.
    const COLUMNS: &'static [&'static str];

    /// Folds one event into the rows.
    ///
    /// # Errors
    ///
    /// Why it cannot; whatever it did to the rows before is undone, and the later events of the
    /// same stream wait behind this one.
    fn project(
        &self,
        event: Self::Event,
        recorded: &Event<'_>,
        rows: &mut Rows<'_>,
    ) -> Result<(), ProjectError>;
}

/// The rows of a view, as a projector sees them while it folds one event.
#[derive(Debug)]
pub struct Rows<'a> {
    dictionary: &'a mut Dictionary,
    recorder: Recorder<'a>,
}

impl Rows<'_> {
    /// A row with all its columns, the key's first.
    pub fn get(&self, key: &[Value]) -> Option<Row> {
        let slot = self.recorder.table.find_values(key, self.dictionary)?;
        Some(self.dictionary.values(self.recorder.table.row(slot)?))
    }

    /// Puts a row in the place of what the key names: `values` are those of the other columns.
    ///
    /// # Errors
    ///
    /// When the key or the values are not as many as their columns.
    pub fn put(&mut self, key: &[Value], values: &[Value]) -> Result<(), ProjectError> {
        let expected = self.recorder.table.columns.len();
        let found = key.len() + values.len();
        if key.len() != self.recorder.table.key_width() || found != expected {
            return Err(ProjectError::Width { expected, found });
        }
        let mut row: Vec<Cell> =
            key.iter().map(|value| self.dictionary.cell(&value.canonical())).collect();
        let slot = self.recorder.table.slot(&row);
        row.extend(values.iter().map(|value| self.dictionary.cell(value)));
        self.recorder.put(slot, Some(&row));
        Ok(())
    }

    /// Removes a row, if it is there.
    pub fn remove(&mut self, key: &[Value]) {
        if let Some(slot) = self.recorder.table.find_values(key, self.dictionary) {
            self.recorder.put(slot, None);
        }
    }
}

/// A projector of any kind of event.
pub(crate) trait AnyProjector: fmt::Debug {
    fn columns(&self) -> Vec<String>;
    fn key_columns(&self) -> usize;
    fn reads(&self, event_type: &str) -> bool;
    /// Folds an event of the stream with this number; on an error the rows are as before.
    fn fold(
        &self,
        event: &Event<'_>,
        stream: u32,
        dictionary: &mut Dictionary,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), ProjectError>;
}

impl<P: Projector> AnyProjector for P {
    fn columns(&self) -> Vec<String> {
        P::KEY.iter().chain(P::COLUMNS).map(ToString::to_string).collect()
    }

    fn key_columns(&self) -> usize {
        P::KEY.len()
    }

    fn reads(&self, event_type: &str) -> bool {
        P::Event::TYPES.contains(&event_type)
    }

    fn fold(
        &self,
        event: &Event<'_>,
        stream: u32,
        dictionary: &mut Dictionary,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), ProjectError> {
        if !self.reads(event.event_type) {
            return Ok(());
        }
        if let Some(first) = recorder.table.aside.behind(stream) {
            return Err(ProjectError::Waiting { first });
        }
        let message = P::Event::read(event.event_type, Json::from_checked(&event.data));
        let mut rows = Rows { dictionary, recorder: recorder.reborrow() };
        let result = message
            .map_err(ProjectError::from)
            .and_then(|message| self.project(message, event, &mut rows));
        if result.is_err() {
            recorder.take_back();
            recorder.table.aside.add(stream, event.position);
        }
        result
    }
}
