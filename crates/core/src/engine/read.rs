//! Events from bytes into the log and the views.

use super::{Engine, Intake};
use crate::input::{Place, Reader, RefuseReason, Refused, Sink, excerpt};
use crate::log::{Gap, KindCode, Record};
use crate::{AppendError, Log, Position};

impl Engine {
    /// Reads a chunk of an input. With the playhead at the head, it follows.
    pub fn read(&mut self, reader: &mut Reader, chunk: &[u8]) {
        let follows = self.follows();
        self.receive(reader, chunk);
        self.follow(follows);
    }

    /// Reads a chunk of an input into the log only: the playhead stays. Many small chunks are folded
    /// more quickly together, by a [`Engine::seek`] after them.
    ///
    /// ```
    /// use everview_core::{Engine, Format, Limits, Mapping, Position, Reader};
    ///
    /// let mapping = Mapping::cloud_events();
    /// let mut reader = Reader::new(Format::Ndjson, &mapping, "/in", Limits::default())?;
    /// let mut engine = Engine::default();
    /// let line = r#"{"specversion":"1.0","id":"1","source":"/s","type":"T"}"#;
    /// engine.receive(&mut reader, line.as_bytes());
    /// engine.receive(&mut reader, b"\n");
    /// assert_eq!((engine.position(), engine.head()), (Position::START, Position::new(1)));
    /// engine.seek(engine.head());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn receive(&mut self, reader: &mut Reader, chunk: &[u8]) {
        reader.feed(chunk, &mut self.intake_of(reader));
    }

    /// Ends an input: what is left is taken as its last record or refused.
    pub fn finish(&mut self, reader: &mut Reader) {
        let follows = self.follows();
        reader.finish(&mut self.intake_of(reader));
        self.follow(follows);
    }

    pub(super) fn intake_of(&mut self, reader: &Reader) -> Taking<'_> {
        let (paths, input) = reader.kind();
        let kind = self.log.kind(paths, input);
        self.log.look_elsewhere();
        Taking { log: &mut self.log, intake: &mut self.intake, kind, kept: self.limits.kept }
    }

    fn follow(&mut self, follows: bool) {
        if follows {
            self.seek(Position::new(u64::MAX));
        }
    }
}

/// Takes the records of an input into a log.
pub(super) struct Taking<'a> {
    log: &'a mut Log,
    intake: &'a mut Intake,
    kind: KindCode,
    /// How many refusals and gaps are kept.
    kept: usize,
}

impl Taking<'_> {
    fn note(&mut self, place: Place, result: Result<Option<Gap>, AppendError>, bytes: &[u8]) {
        match result {
            Ok(gap) => self.intake.accept(gap, self.kept),
            Err(AppendError::Duplicate { .. }) => self.intake.duplicates += 1,
            Err(error) => self.refuse(place, RefuseReason::Append(error), bytes),
        }
    }
}

impl Sink for Taking<'_> {
    #[inline]
    fn known(
        &mut self,
        place: Place,
        bytes: &[u8],
        (number, longest_line): (u64, Option<usize>),
        end: impl FnOnce(&[u8]) -> Option<usize>,
    ) -> Option<usize> {
        let found = self.log.find(self.kind, bytes)?;
        if let Some(longest) = longest_line
            && (found.len > longest || !self.log.shape(found.shape)?.is_line)
        {
            return None;
        }
        let (bytes, rest) = bytes.split_at(found.len);
        let end = end(rest)?;
        let result = self.log.append_found(self.log.epoch(), &found, (bytes, number))?;
        self.note(place, result, bytes);
        Some(found.len + end)
    }

    fn record(&mut self, place: Place, record: &Record<'_>) {
        let result = self.log.append_record(self.log.epoch(), Some(self.kind), record);
        self.note(place, result, record.raw.as_bytes());
    }

    fn refuse(&mut self, place: Place, reason: RefuseReason, bytes: &[u8]) {
        let Place { line, offset } = place;
        let refused = Refused { line, offset, reason, excerpt: excerpt(bytes) };
        self.intake.refuse(refused, self.kept);
    }
}
