//! Events out of a log.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};

use super::segment::{Holes, Kept, Segment};
use super::{EnvelopePaths, Held, Log, Shape, text};
use crate::json::{Json, unescape};
use crate::{Epoch, Event, Position, Timestamp};

/// Room for the texts of an event.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventText {
    pub(super) raw: String,
    pub(super) id: String,
    /// Where the data lies in the record; empty when there is none.
    data: (usize, usize),
}

impl EventText {
    /// The event's data.
    pub(super) fn data(&self) -> &str {
        let data = self.raw.get(self.data.0..self.data.1).filter(|data| !data.is_empty());
        data.unwrap_or(Json::NULL.text())
    }
}

/// What is known of an event without its texts: names by their codes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glance {
    pub(crate) event_type: u32,
    pub(crate) source: u32,
    pub(crate) subject: u32,
}

/// An event without the texts of its own.
struct Rest<'a> {
    epoch: Epoch,
    version: u64,
    source: &'a str,
    event_type: &'a str,
    subject: &'a str,
    time: Option<Timestamp>,
}

impl<'a> Rest<'a> {
    fn event(self, position: Position, [id, data, raw]: [Cow<'a, str>; 3]) -> Event<'a> {
        let Self { epoch, version, source, event_type, subject, time } = self;
        Event { position, epoch, version, id, source, event_type, subject, time, data, raw }
    }
}

impl Log {
    /// The event at `position`, if it is kept.
    pub fn get(&self, position: Position) -> Option<Event<'_>> {
        let mut text = EventText::default();
        let rest = self.unpack(position, &mut text)?;
        let data = text.data().to_string();
        Some(rest.event(position, [text.id, data, text.raw].map(Cow::Owned)))
    }

    /// When the event at `position` happened, if it is kept and says so. Its texts are not put together.
    pub fn time(&self, position: Position) -> Option<Timestamp> {
        let (segment, index) = self.segment_of(position)?;
        match segment.open(index)?.1 {
            Kept::Whole(whole) => whole.time,
            Kept::Shaped(number, mut holes) => {
                let shape = self.shapes.get(number)?;
                let hole = shape.time?;
                holes.pass(shape, hole);
                holes.next(shape, hole).time()
            }
        }
    }

    /// The place of an event in the order of the log: after the last of the events that `is_before`
    /// holds for, where it holds for all up to some position and for none after that. It takes time
    /// for a few of the events.
    ///
    /// ```
    /// use everview_core::{Log, Position};
    ///
    /// assert_eq!(Log::new().partition_point(|event| &*event.id < "b"), Position::START);
    /// ```
    pub fn partition_point(&self, is_before: impl Fn(&Event<'_>) -> bool) -> Position {
        let (mut first, mut last) = (self.base.get(), self.head().get());
        while first < last {
            let middle = Position::new(first + (last - first).div_ceil(2));
            if self.get(middle).is_some_and(|event| is_before(&event)) {
                first = middle.get();
            } else {
                last = middle.get() - 1;
            }
        }
        Position::new(first)
    }

    /// The event at `position`, with its texts in the room that is given.
    pub(crate) fn read<'a>(
        &'a self,
        position: Position,
        text: &'a mut EventText,
    ) -> Option<Event<'a>> {
        let rest = self.unpack(position, text)?;
        Some(rest.event(position, [&*text.id, text.data(), &text.raw].map(Cow::Borrowed)))
    }

    fn unpack(&self, position: Position, into: &mut EventText) -> Option<Rest<'_>> {
        let index = self.index(position)?;
        let (segment, within) = self.segment_at(index)?;
        let (entry, kept) = segment.open(within)?;
        let subject = self.subjects.name(entry.subject);
        into.raw.clear();
        into.id.clear();
        let (event_type, source, time) = match kept {
            Kept::Whole(whole) => {
                into.raw.push_str(text(whole.raw));
                into.id.push_str(text(whole.id));
                into.data = whole.data;
                (whole.event_type, whole.source, whole.time)
            }
            Kept::Shaped(number, holes) => {
                let shape = self.shapes.get(number)?;
                (shape.event_type, shape.source, fill(shape, holes, subject, into))
            }
        };
        Some(Rest {
            epoch: self.epoch_of(index),
            version: entry.version.into(),
            source: self.sources.name(source),
            event_type: self.types.name(event_type),
            subject,
            time,
        })
    }

    /// The code of an event's source, and its id.
    pub(super) fn identity(&self, index: usize, id: &mut String) -> Option<u32> {
        id.clear();
        let (segment, within) = self.segment_at(index)?;
        let (entry, kept) = segment.open(within)?;
        let (number, mut holes) = match kept {
            Kept::Shaped(number, holes) => (number, holes),
            Kept::Whole(whole) => {
                id.push_str(text(whole.id));
                return Some(whole.source);
            }
        };
        let shape = self.shapes.get(number)?;
        let passed = shape.id.unwrap_or(shape.holes.len());
        holes.pass(shape, passed);
        match shape.id {
            Some(hole) => holes.next(shape, hole).write_id(self.subjects.name(entry.subject), id),
            None => id.push_str(text(holes.id())),
        }
        Some(shape.source)
    }

    /// The kind of record that the event at a position is of, if it is of a shape.
    pub(super) fn kind_of(&self, position: Position) -> Option<(&EnvelopePaths, &str)> {
        let (segment, index) = self.segment_of(position)?;
        match segment.open(index)?.1 {
            Kept::Shaped(number, _) => self.shapes.home(number),
            Kept::Whole(_) => None,
        }
    }

    /// A shape by its number.
    #[inline]
    pub(crate) fn shape(&self, number: usize) -> Option<&Shape> {
        self.shapes.get(number)
    }

    /// The codes of an event's names.
    pub(crate) fn glance(&self, position: Position) -> Option<Glance> {
        let (segment, index) = self.segment_of(position)?;
        self.glance_in(&segment, index)
    }

    /// The same of an event in a segment.
    pub(super) fn glance_in(&self, segment: &Segment, index: usize) -> Option<Glance> {
        let (entry, kept) = segment.open(index)?;
        let (event_type, source) = match kept {
            Kept::Whole(whole) => (whole.event_type, whole.source),
            Kept::Shaped(number, _) => {
                let shape = self.shapes.get(number)?;
                (shape.event_type, shape.source)
            }
        };
        Some(Glance { event_type, source, subject: entry.subject })
    }
}

/// Puts an event together from its shape and what stands in the holes, and gives its time.
fn fill(
    shape: &Shape,
    mut holes: Holes<'_>,
    subject: &str,
    into: &mut EventText,
) -> Option<Timestamp> {
    let EventText { raw, id, data } = into;
    let mut time = None;
    *data = shape.fill(raw, |index, raw| {
        let held = holes.next(shape, index);
        held.write(subject, raw);
        if shape.id == Some(index) {
            held.write_id(subject, id);
        }
        if shape.time == Some(index) {
            time = held.time();
        }
    });
    if shape.id.is_none() {
        id.push_str(text(holes.id()));
    }
    time
}

impl Held<'_> {
    /// Appends the id that stands in the hole.
    fn write_id(self, subject: &str, id: &mut String) {
        match self {
            Self::Text(bytes, true) => id.push_str(&unescape(text(bytes))),
            held => held.write(subject, id),
        }
    }

    /// The moment that it is, in the place of an event's time.
    #[inline]
    pub(crate) fn time(self) -> Option<Timestamp> {
        match self {
            Self::Moment(time) => Some(time),
            Self::Integer(millis) => Some(Timestamp::from_millis(millis)),
            Self::Text(bytes, _) => text(bytes).parse().ok(),
            Self::Json(_) | Self::Subject => None,
        }
    }
}
