//! Events a batch at a time, as the columns that views read.
//!
//! What views read of the data of an event is taken out of the log once for all of them, by a plan
//! that is made once for each shape.

use alloc::string::String;
use alloc::vec::Vec;

use super::field::{Paths, number_error};
use super::scope::{EventNames, NameCells};
use crate::cell::{Cell, Dictionary};
use crate::json::{Json, unescape};
use crate::log::{EventText, Finding, Held, Holes, Kept, Shape, text};
use crate::sql::EvaluateError;
use crate::upcast::{Lifted, Upcasters};
use crate::{Log, Position, Timestamp, UpcastError, Value};

/// How many events are looked at together.
pub(crate) const BATCH_EVENTS: u64 = 512;

/// Some events that follow each other, mostly without those that no view reads.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    columns: Columns,
    /// Of each shape, how its events are read.
    plans: Vec<Option<Plan>>,
    /// Events that no upcaster could lift, with their types.
    unlifted: Vec<(String, Position, UpcastError)>,
    text: EventText,
}

/// What is known of the events of a batch.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    pub(crate) events: Vec<BatchEvent>,
    /// What each event has at the paths that are read, one event after the other.
    cells: Vec<Cell>,
    /// The texts of what is read as JSON. A cell holds the number of its text, counted from 1, and
    /// here is where it ends.
    json: String,
    json_ends: Vec<usize>,
    /// Numbers that cannot be kept, each with the place of its cell.
    unreadable: Vec<(usize, EvaluateError)>,
}

/// An event of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchEvent {
    pub(crate) position: Position,
    pub(crate) time: Option<Timestamp>,
    pub(crate) names: EventNames,
    /// The number of its type as the views see it, by which they know what to do with it.
    pub(crate) kind: u32,
    /// The log's number of its stream.
    pub(crate) stream: u32,
}

/// What is known of a type of event.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KindOf {
    pub(crate) number: u32,
    /// Whether a view reads such events.
    pub(crate) is_read: bool,
    /// Whether an upcaster may begin at them.
    pub(crate) is_lifted: bool,
}

impl KindOf {
    /// Of an event that views do not get to see.
    const NONE: Self = Self { number: u32::MAX, is_read: false, is_lifted: false };
}

/// How the events of a shape are read.
#[derive(Debug, Clone, Default)]
struct Plan {
    kind: KindOf,
    /// Whether something is read that stands in no hole, so that the text has to be looked at.
    is_text: bool,
    /// The holes with what is read, in order, each with the slot.
    takes: Vec<(usize, usize)>,
    /// How many of the holes have to be passed.
    holes: usize,
    /// What all events of the shape share, by slot.
    shared: Vec<(usize, Cell)>,
    event_type: Cell,
    source: Cell,
}

/// What a batch is read from.
pub(crate) struct Reading<'a> {
    pub(crate) log: &'a Log,
    pub(crate) paths: &'a Paths,
    pub(crate) names: &'a mut NameCells,
    pub(crate) dictionary: &'a mut Dictionary,
    pub(crate) upcasters: &'a Upcasters,
    /// Whether the events that no view reads matter too.
    pub(crate) all: bool,
    /// What is known of a type of event, by its name.
    pub(crate) kind_of: &'a mut dyn FnMut(&str) -> KindOf,
}

impl Batch {
    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Events that no upcaster could lift, with their types.
    pub(crate) fn unlifted(&self) -> &[(String, Position, UpcastError)] {
        &self.unlifted
    }

    /// Reads the events after a position, up to the last.
    pub(crate) fn read(&mut self, from: &mut Reading<'_>, after: Position, last: Position) {
        self.columns.clear();
        self.unlifted.clear();
        for number in after.next().get()..=last.get() {
            self.read_event(from, Position::new(number));
        }
    }

    #[inline]
    fn read_event(&mut self, from: &mut Reading<'_>, position: Position) -> Option<()> {
        let log = from.log;
        let (segment, index) = log.segment_of(position)?;
        let (entry, kept) = segment.open(index)?;
        let Kept::Shaped(number, holes) = kept else {
            return self.read_text(from, position);
        };
        let shape = log.shape(number)?;
        if self.plans.get(number).is_none_or(Option::is_none) {
            self.plans.resize(self.plans.len().max(number + 1), None);
            self.plans[number] = Some(Plan::new(shape, from));
        }
        let plan = self.plans[number].as_ref()?;
        if plan.kind.is_lifted || plan.is_text {
            return self.read_text(from, position);
        }
        if !plan.kind.is_read && !from.all {
            return Some(());
        }
        let (kind, stream) = (plan.kind.number, entry.subject);
        let subject = from.names.subject(stream, log, from.dictionary);
        let names = EventNames { event_type: plan.event_type, subject, source: plan.source };
        let time = self.columns.take(plan, (shape, holes), subject, from);
        self.columns.events.push(BatchEvent { position, time, names, kind, stream });
        Some(())
    }

    /// Reads an event by its text.
    #[cold]
    fn read_text(&mut self, from: &mut Reading<'_>, position: Position) -> Option<()> {
        let codes = from.log.glance(position)?;
        let event = from.log.read(position, &mut self.text)?;
        let mut kind = (from.kind_of)(event.event_type);
        let mut names = from.names.of(codes, &event, from.dictionary);
        let (time, stream) = (event.time, codes.subject);
        let lifted = if kind.is_lifted { from.upcasters.lift(&event) } else { Ok(None) };
        match lifted {
            Ok(None) if !kind.is_read && !from.all => return Some(()),
            Ok(None) => self.columns.look(&event.data, from),
            Ok(Some(Lifted { event_type, data })) => {
                kind = (from.kind_of)(&event_type);
                if !kind.is_read && !from.all {
                    return Some(());
                }
                names.event_type = from.dictionary.text(&event_type);
                self.columns.look(&data, from);
            }
            Err(error) => {
                self.unlifted.push((event.event_type.into(), position, error));
                if !from.all {
                    return Some(());
                }
                kind = KindOf::NONE;
                self.columns.begin(from.paths);
            }
        }
        let kind = kind.number;
        self.columns.events.push(BatchEvent { position, time, names, kind, stream });
        Some(())
    }
}

impl Plan {
    fn new(shape: &Shape, from: &mut Reading<'_>) -> Self {
        let mut plan = Self {
            kind: (from.kind_of)(from.log.type_name(shape.event_type)),
            holes: shape.time.map_or(0, |hole| hole + 1),
            event_type: from.dictionary.text(from.log.type_name(shape.event_type)),
            source: from.dictionary.text(from.log.source_name(shape.source)),
            ..Self::default()
        };
        for (slot, (name, is_json)) in from.paths.iter().enumerate() {
            match shape.find(&name.steps[1..]) {
                Finding::Nothing => {}
                Finding::Hole(hole) => plan.takes.push((hole, slot)),
                Finding::Constant(json) if !is_json => {
                    match Value::from_json(Json::from_checked(json)) {
                        Some(value) => plan.shared.push((slot, from.dictionary.cell(&value))),
                        None => plan.is_text = true,
                    }
                }
                Finding::Constant(_) | Finding::Inside => plan.is_text = true,
            }
        }
        plan.takes.sort_unstable();
        plan.holes = plan.takes.last().map_or(plan.holes, |(hole, _)| plan.holes.max(hole + 1));
        plan
    }
}

impl Columns {
    /// What an event has in a slot: NULL if it has nothing there.
    ///
    /// # Errors
    ///
    /// When it is a number that cannot be kept.
    #[inline]
    pub(crate) fn value(
        &self,
        event: usize,
        slot: usize,
        paths: &Paths,
    ) -> Result<Cell, EvaluateError> {
        let at = event * paths.len() + slot;
        match self.cells[at] {
            Cell::UNREADABLE => Err(self.unreadable(at)),
            cell => Ok(cell),
        }
    }

    #[cold]
    fn unreadable(&self, at: usize) -> EvaluateError {
        let found = self.unreadable.iter().find(|(place, _)| *place == at);
        found.map_or(EvaluateError::Overflow { operation: "number" }, |(_, error)| error.clone())
    }

    /// The JSON that an event has in a slot that is read as such.
    pub(crate) fn json(&self, event: usize, slot: usize, paths: &Paths) -> Option<Json<'_>> {
        let number = self.cells[event * paths.len() + slot].small_integer()?;
        let number = usize::try_from(number).ok()?;
        let start = number.checked_sub(2).map_or(0, |before| self.json_ends[before]);
        Some(Json::from_checked(&self.json[start..self.json_ends[number - 1]]))
    }

    fn clear(&mut self) {
        self.events.clear();
        self.cells.clear();
        self.json.clear();
        self.json_ends.clear();
        self.unreadable.clear();
    }

    /// Room for the cells of one more event.
    fn begin(&mut self, paths: &Paths) -> usize {
        let start = self.cells.len();
        self.cells.resize(start + paths.len(), Cell::NULL);
        start
    }

    /// Takes what stands in the holes of an event; its time.
    #[inline]
    fn take(
        &mut self,
        plan: &Plan,
        (shape, mut holes): (&Shape, Holes<'_>),
        subject: Cell,
        from: &mut Reading<'_>,
    ) -> Option<Timestamp> {
        let start = self.begin(from.paths);
        for (slot, cell) in &plan.shared {
            self.cells[start + slot] = *cell;
        }
        let mut time = None;
        let mut takes = plan.takes.iter().peekable();
        for hole in 0..plan.holes {
            let held = holes.next(shape, hole);
            if shape.time == Some(hole) {
                time = held.time();
            }
            while let Some((_, slot)) = takes.next_if(|(taken, _)| *taken == hole) {
                self.cells[start + slot] = if from.paths.is_json(*slot) {
                    self.keep_json(held)
                } else {
                    self.cell(held, subject, (start + slot, *slot), from)
                };
            }
        }
        time
    }

    #[inline]
    fn cell(
        &mut self,
        held: Held<'_>,
        subject: Cell,
        place: (usize, usize),
        from: &mut Reading<'_>,
    ) -> Cell {
        match held {
            Held::Text(bytes, false) => from.dictionary.text_bytes(bytes),
            Held::Text(bytes, true) => from.dictionary.text(&unescape(text(bytes))),
            Held::Moment(time) => Dictionary::moment(time),
            Held::Integer(number) => from.dictionary.integer(number),
            Held::Subject => subject,
            Held::Json(bytes) => self.value_of(Json::from_checked(text(bytes)), place, from),
        }
    }

    /// The cell of a JSON value that belongs at a place, in a slot.
    fn value_of(
        &mut self,
        json: Json<'_>,
        (at, slot): (usize, usize),
        from: &mut Reading<'_>,
    ) -> Cell {
        if let Some(value) = Value::from_json(json) {
            return from.dictionary.cell(&value);
        }
        self.unreadable.push((at, number_error(json, from.paths.name(slot))));
        Cell::UNREADABLE
    }

    fn keep_json(&mut self, held: Held<'_>) -> Cell {
        match held {
            Held::Json(bytes) => self.push_json(text(bytes)),
            Held::Integer(_) => self.push_json("0"),
            Held::Text(..) | Held::Moment(_) | Held::Subject => self.push_json("\"\""),
        }
    }

    /// Keeps the text of a JSON value; the cell that stands for it.
    fn push_json(&mut self, json: &str) -> Cell {
        self.json.push_str(json);
        self.json_ends.push(self.json.len());
        Cell::of_count(self.json_ends.len())
    }

    /// Looks for the paths in the data of an event.
    fn look(&mut self, data: &str, from: &mut Reading<'_>) {
        let start = self.begin(from.paths);
        let paths = from.paths;
        paths.find(Json::from_checked(data), &mut |slot, json| {
            self.cells[start + slot] = if paths.is_json(slot) {
                self.push_json(json.text())
            } else {
                self.value_of(json, (start + slot, slot), from)
            };
        });
    }
}
