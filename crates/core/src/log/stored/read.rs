//! Bytes as a log of their own.

use alloc::vec::Vec;

use super::StoredError;
use super::blob::Blob;
use super::events::{Checks, is_plain};
use crate::Epoch;
use crate::json::Json;
use crate::log::names::Names;
use crate::log::segment::{SEGMENT_EVENTS, Segment};
use crate::log::shape::{EnvelopePaths, MOST_SHAPES};
use crate::log::{Log, Recognition};

/// Events in memory are fewer than this.
const MOST_EVENTS: u64 = u32::MAX as u64;

impl Log {
    /// The log that stored events make by themselves. What repeated events would be recognised by
    /// is not filled in yet.
    pub(super) fn from_stored(bytes: &[u8], limit: u64) -> Result<Self, StoredError> {
        let mut blob = Blob::open(bytes, limit)?;
        let mut log = Self { recognition: Recognition::Later, ..Self::default() };
        read_names(&mut blob, &mut log.types)?;
        let sources = blob.count()?;
        for code in 0..sources {
            let name = blob.text()?;
            blob.require(log.source(name) as usize == code, "a name that was there")?;
        }
        log.read_shapes(&mut blob)?;
        let plain = read_names(&mut blob, &mut log.subjects)?;
        log.latest.cover(plain.len());
        let epochs = read_epochs(&mut blob)?;
        let sequences = read_sequences(&mut blob, sources)?;
        log.read_events(&mut blob, &plain)?;
        blob.end()?;
        for (index, epoch) in epochs {
            blob.require(index < log.len, "an epoch without an event")?;
            if epoch > log.epoch() {
                log.epochs.push((index, epoch));
            }
        }
        for (index, source, number) in sequences {
            blob.require(index < log.len, "a sequence number without an event")?;
            let before = log.sequences[source as usize].replace(number);
            blob.require(before.is_none_or(|before| before < number), "a source that counts back")?;
            log.sequenced.push((index, source, before));
        }
        Ok(log)
    }

    fn read_shapes(&mut self, blob: &mut Blob<'_>) -> Result<(), StoredError> {
        let sources = self.sources.len();
        let kinds = blob.count()?;
        blob.require(kinds <= MOST_SHAPES, "more kinds of records than there may be")?;
        let mut codes = Vec::new();
        for _ in 0..kinds {
            let mut paths = EnvelopePaths::default();
            for path in &mut paths {
                *path = blob.path()?;
                blob.require(path.as_ref().is_none_or(|path| !path.is_empty()), "an empty path")?;
            }
            codes.push(self.shapes.kind(&paths, blob.text()?));
        }
        let shapes = blob.count()?;
        blob.require(shapes <= MOST_SHAPES, "more shapes than there may be")?;
        for number in 0..shapes {
            let kind = codes[blob.code(kinds)? as usize];
            let (event_type, source) = (blob.code(self.types.len())?, blob.code(sources)?);
            let names = [self.types.name(event_type), self.sources.name(source)];
            let example = blob.text()?;
            let json = Json::parse(example).ok();
            let is_whole = json.is_some_and(|json| json.text() == example);
            blob.require(is_whole, "an example that is not JSON")?;
            let names = ((event_type, names[0]), (source, names[1]));
            let found = self.shapes.learn_example(kind, example, names);
            blob.require(found == Some(number), "an example of no new shape")?;
        }
        Ok(())
    }

    fn read_events(&mut self, blob: &mut Blob<'_>, plain: &[bool]) -> Result<(), StoredError> {
        let total = blob.number()?;
        blob.require(total < MOST_EVENTS, "more events than a log may have")?;
        let mut left = usize::try_from(total).unwrap_or(usize::MAX);
        let shapes = core::mem::take(&mut self.shapes);
        let mut checks = Checks::new(&shapes, (self.types.len(), self.sources.len()));
        let mut next = 0;
        while left > 0 {
            let count = left.min(SEGMENT_EVENTS);
            left -= count;
            let segment = self.read_segment(blob, count, &mut next, (&mut checks, plain))?;
            self.push_segment(segment);
        }
        for (shape, count) in checks.counts() {
            self.types.add_count(shape.event_type, count);
            self.sources.add_count(shape.source, count);
        }
        for (event_type, source) in checks.whole() {
            self.types.add_count(*event_type, 1);
            self.sources.add_count(*source, 1);
        }
        self.shapes = shapes;
        Ok(())
    }

    /// Reads so many events. `next` is the code of the first stream that had none yet.
    ///
    /// It is a function of its own, and called: in WebAssembly, a loop runs to its end in the slow
    /// code that it began in, and only calls find the quick code that was made meanwhile.
    #[inline(never)]
    fn read_segment(
        &mut self,
        blob: &mut Blob<'_>,
        count: usize,
        next: &mut u32,
        (checks, plain): (&mut Checks<'_>, &[bool]),
    ) -> Result<Segment, StoredError> {
        let base = blob.signed()?;
        let mut segment =
            Segment { base, entries: Vec::with_capacity(count), ..Segment::default() };
        for _ in 0..count {
            let before = blob.number()?;
            let subject = u64::from(*next).checked_sub(before);
            let subject = subject.and_then(|subject| u32::try_from(subject).ok());
            let known = subject.filter(|subject| (*subject as usize) < plain.len());
            let subject = known.ok_or_else(|| blob.damaged("a stream without a name"))?;
            *next += u32::from(before == 0);
            segment.entries.push(self.next_of(subject));
        }
        let (bytes, at) = blob.bytes()?;
        checks
            .events(bytes, &mut segment.entries, plain)
            .map_err(|(offset, detail)| StoredError::Damaged { offset: at + offset, detail })?;
        segment.bytes = bytes.to_vec().into();
        Ok(segment)
    }
}

/// Reads names that are all different; whether each may stand in a string as it is.
fn read_names(blob: &mut Blob<'_>, names: &mut Names) -> Result<Vec<bool>, StoredError> {
    let count = blob.count()?;
    // Room for no more than there can be of usual length, whatever the count says.
    names.reserve(count.min(blob.left() / 8));
    let mut plain = Vec::with_capacity(count);
    while plain.len() < count {
        let some = count.min(plain.len() + SEGMENT_EVENTS);
        read_some_names(blob, names, &mut plain, some)?;
    }
    Ok(plain)
}

/// Reads names up to a count, in a function of its own as [`Log::read_segment`] is.
#[inline(never)]
fn read_some_names(
    blob: &mut Blob<'_>,
    names: &mut Names,
    plain: &mut Vec<bool>,
    count: usize,
) -> Result<(), StoredError> {
    for code in plain.len()..count {
        let name = blob.text()?;
        blob.require(names.add(name, 0) as usize == code, "a name that was there")?;
        plain.push(is_plain(name.as_bytes()));
    }
    Ok(())
}

fn read_epochs(blob: &mut Blob<'_>) -> Result<Vec<(usize, Epoch)>, StoredError> {
    let mut epochs: Vec<(usize, Epoch)> = Vec::new();
    for _ in 0..blob.count()? {
        let (index, epoch) = (blob.index()?, Epoch::new(blob.number()?));
        let is_next = epochs.last().is_none_or(|last| last.0 < index && last.1 < epoch);
        blob.require(is_next && (!epochs.is_empty() || index == 0), "an epoch out of order")?;
        epochs.push((index, epoch));
    }
    Ok(epochs)
}

/// The sequence numbers: the event's index, its source and the number.
fn read_sequences(
    blob: &mut Blob<'_>,
    sources: usize,
) -> Result<Vec<(usize, u32, u64)>, StoredError> {
    let mut sequences: Vec<(usize, u32, u64)> = Vec::new();
    for _ in 0..blob.count()? {
        let sequence = (blob.index()?, blob.code(sources)?, blob.number()?);
        let is_next = sequences.last().is_none_or(|last| last.0 < sequence.0);
        blob.require(is_next, "a sequence number out of order")?;
        sequences.push(sequence);
    }
    Ok(sequences)
}
