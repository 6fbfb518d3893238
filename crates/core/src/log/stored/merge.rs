//! Stored events into a log.

use alloc::rc::Rc;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{StoredError, Taken};
use crate::log::parts::{Part, Place};
use crate::log::read::EventText;
use crate::log::segment::Entry;
use crate::log::{AppendError, Gap, Key, Log, Names, Recognition, Record, Seen};
use crate::{Event, Position};

impl Log {
    /// Appends stored events but for those that are there already. It takes the segments as they
    /// are where they fit, and one event after the other where they do not.
    ///
    /// # Errors
    ///
    /// Why they are not taken; the log is as it was.
    pub(crate) fn read_stored(&mut self, bytes: &[u8], limit: u64) -> Result<Taken, StoredError> {
        let stored = Self::from_stored(bytes, limit)?;
        let accepted = stored.len as u64;
        if self.is_untouched() {
            let (seen, origin) = (core::mem::take(&mut self.seen), Rc::clone(&self.origin));
            *self = Self { origin, seen, storage: self.storage.take(), ..stored };
            return Ok(Taken { accepted, gaps: self.stored_gaps(), ..Taken::default() });
        }
        self.recognise();
        self.check()?;
        if self.fits(&stored) && self.learn_from(&stored) && self.recognise_all(&stored) {
            self.adopt(stored);
            return Ok(Taken { accepted, ..Taken::default() });
        }
        self.merge(&stored)
    }

    fn is_untouched(&self) -> bool {
        let names = [&self.types, &self.sources, &self.subjects];
        self.base == Position::START
            && names.iter().all(|names| names.len() == 0)
            && self.shapes.iter().len() == 0
    }

    /// The numbers that sources left out, where all events were stored together.
    fn stored_gaps(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let mut latest = self.sequences.clone();
        for (index, source, before) in self.sequenced.iter().rev() {
            let found = core::mem::replace(&mut latest[*source as usize], *before);
            let (Some(found), Some(before)) = (found, before) else { continue };
            if found > before + 1 {
                let source = self.source_name(*source).to_string();
                let position = Position::new(*index as u64 + 1);
                gaps.push(Gap { position, source, expected: before + 1, found });
            }
        }
        gaps.reverse();
        gaps
    }

    /// Whether stored segments can follow as they are, as far as their events are new.
    fn fits(&self, stored: &Self) -> bool {
        let same_code = |mine: &Names, theirs: &Names| {
            let is_same = |(code, (name, _)): (usize, (&str, u64))| match mine.code(name) {
                Some(known) => known as usize == code,
                None => code >= mine.len(),
            };
            theirs.iter().enumerate().all(is_same)
        };
        self.room() == 0
            && stored.sequenced.is_empty()
            && stored.epoch_of(0) >= self.epoch()
            && same_code(&self.types, &stored.types)
            && same_code(&self.sources, &stored.sources)
            && self.shapes.iter().zip(stored.shapes.iter()).all(|(mine, their)| mine.1 == their.1)
    }

    /// Learns names and shapes; whether they have the same numbers here.
    fn learn_from(&mut self, stored: &Self) -> bool {
        for (name, _) in stored.types.iter() {
            self.types.add(name, 0);
        }
        for (name, _) in stored.sources.iter() {
            self.source(name);
        }
        let known = self.shapes.iter().len();
        let kinds: Vec<_> =
            stored.shapes.kinds().map(|(paths, input)| self.shapes.kind(paths, input)).collect();
        stored.shapes.iter().enumerate().skip(known).all(|(number, (kind, shape))| {
            let (event_type, source) = (shape.event_type, shape.source);
            let names =
                ((event_type, self.types.name(event_type)), (source, self.sources.name(source)));
            let found = self.shapes.learn_example(kinds[kind], &shape.example(), names);
            found == Some(number)
        })
    }

    /// Enters by what events are recognised; whether they are all new. If not, nothing is entered.
    fn recognise_all(&mut self, stored: &Self) -> bool {
        self.recognise();
        let keys: Vec<_> = stored.keys(0).collect();
        let is_new = !keys.iter().any(|key| self.seen.contains(*key));
        if is_new {
            for key in keys {
                self.seen.insert(key);
            }
        }
        is_new
    }

    /// Enters by what the events are recognised that were stored with others that differ.
    #[cold]
    pub(crate) fn recognise(&mut self) {
        if core::mem::take(&mut self.recognition) != Recognition::Done {
            let mut seen = core::mem::take(&mut self.seen);
            let first = self.len.saturating_sub(seen.window());
            self.keys(first).for_each(|key| seen.insert(key));
            self.seen = seen;
        }
    }

    /// A copy that shares the events, and whose own are recognised only when need be.
    pub(crate) fn fork(&mut self) -> Self {
        self.subjects.share();
        if self.base > Position::START {
            // What came before is recognised by nothing else.
            return self.clone();
        }
        let seen = core::mem::take(&mut self.seen);
        let window = seen.window();
        let fork = self.clone();
        self.seen = seen;
        Self { seen: Seen::new(window), recognition: Recognition::Later, ..fork }
    }

    /// Appends events of which it is known that they are new.
    pub(crate) fn vouch<T>(&mut self, append: impl FnOnce(&mut Self) -> T) -> T {
        let is_later = self.recognition == Recognition::Later;
        if is_later {
            self.recognition = Recognition::Vouched;
        }
        let result = append(self);
        if is_later {
            self.recognition = Recognition::Later;
        }
        result
    }

    /// The position of an event that would be recognised if it came again; what came before the log
    /// is at [`Log::base`].
    pub(crate) fn recognised(&mut self, source: &str, id: &str) -> Option<Position> {
        self.recognise();
        let code = self.sources.code(source)?;
        let key = Seen::key(self.seeds[code as usize], id.as_bytes());
        let back = self.seen.back(key)? as u64;
        Some(Position::new(self.head().get().saturating_sub(back).max(self.base.get())))
    }

    /// By what the events from an index on are recognised.
    pub(in crate::log) fn keys(&self, first: usize) -> impl Iterator<Item = Key> {
        let mut id = String::new();
        (first..self.len).map(move |index| {
            let source = self.identity(index, &mut id).unwrap_or_default();
            Seen::key(self.seeds.get(source as usize).copied().unwrap_or_default(), id.as_bytes())
        })
    }

    /// Takes over the segments of another log whose names and shapes have the same numbers.
    fn adopt(&mut self, stored: Self) {
        let begin = self.len;
        let mut subjects = Vec::with_capacity(stored.subjects.len());
        for (name, _) in stored.subjects.iter() {
            subjects.push(self.subjects.add(name, 0));
        }
        for part in stored.parts {
            let Some(mut segment) = part.place.read() else { continue };
            for entry in &mut Rc::make_mut(&mut segment).entries {
                let start = entry.start;
                *entry = Entry { start, ..self.next_of(subjects[entry.subject as usize]) };
            }
            self.parts.push(Part {
                first: self.len - segment.entries.len(),
                place: Place::Here(segment),
            });
        }
        for (code, (_, count)) in (0..).zip(stored.types.iter()) {
            self.types.add_count(code, count);
        }
        for (code, (_, count)) in (0..).zip(stored.sources.iter()) {
            self.sources.add_count(code, count);
        }
        for (index, epoch) in stored.epochs {
            if epoch > self.epoch() {
                self.epochs.push((begin + index, epoch));
            }
        }
    }

    /// Appends the events of another log, one after the other.
    fn merge(&mut self, stored: &Self) -> Result<Taken, StoredError> {
        self.recognise();
        let head = self.head();
        let mut taken = Taken::default();
        let mut text = EventText::default();
        let mut sequences = stored.sequences_after(0).into_iter().peekable();
        for number in 1..=stored.len as u64 {
            let sequence = sequences.next_if(|(index, ..)| index + 1 == number);
            let sequence = sequence.map(|(_, _, sequence)| sequence);
            match self.take(stored, (Position::new(number), sequence), &mut text) {
                Ok(gap) => {
                    taken.accepted += 1;
                    taken.gaps.extend(gap);
                }
                Err(AppendError::Duplicate { .. }) => taken.duplicates += 1,
                Err(error) => {
                    self.truncate(head);
                    return Err(StoredError::Append { number, error });
                }
            }
        }
        Ok(taken)
    }

    fn take(
        &mut self,
        stored: &Self,
        (position, sequence): (Position, Option<u64>),
        text: &mut EventText,
    ) -> Result<Option<Gap>, AppendError> {
        let shape = stored.kind_of(position);
        let Some(event) = stored.read(position, text) else { return Ok(None) };
        let source = self.source(event.source);
        if self.seen.contains(Seen::key(self.seeds[source as usize], event.id.as_bytes())) {
            let (source_name, id) = (event.source.to_string(), event.id.to_string());
            return Err(AppendError::Duplicate { source_name, id });
        }
        let kind = shape.map(|(paths, input)| self.shapes.kind(paths, input));
        self.ahead.clear();
        if let Some(kind) = kind
            && let Some(found) = self.find(kind, event.raw.as_bytes())
            && found.len == event.raw.len()
            && self.says(found.shape, &event)
        {
            let number = event.id.parse().unwrap_or_default();
            let bytes = event.raw.as_bytes();
            if let Some(result) = self.append_found(event.epoch, &found, (bytes, number)) {
                return result;
            }
        }
        // What is outside of the record is the data of one that has none.
        let start = event.data.as_ptr().addr().wrapping_sub(event.raw.as_ptr().addr());
        let data = if start < event.raw.len() { start..start + event.data.len() } else { 0..0 };
        let record = Record {
            id: event.id.clone(),
            source: event.source.into(),
            event_type: event.event_type.into(),
            subject: event.subject.into(),
            time: event.time,
            sequence,
            raw: &event.raw,
            data,
        };
        self.append_record(event.epoch, kind, &record)
    }

    /// Whether an event of this shape is one that says the same of itself.
    fn says(&self, shape: usize, event: &Event<'_>) -> bool {
        self.shape(shape).is_some_and(|shape| {
            self.types.name(shape.event_type) == event.event_type
                && self.sources.name(shape.source) == event.source
                && (shape.id.is_some()
                    || event.id.parse().is_ok_and(|number: u64| number.to_string() == event.id))
        })
    }
}
