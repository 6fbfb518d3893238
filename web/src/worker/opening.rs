//! A file on its way in.
//!
//! It is read into an engine of its own, so that what is open stays as it is until the whole file is
//! read: opening can fail or be given up at any time, and nothing is lost. Whoever does not want to
//! wait so long, or reads from what never ends, is shown what has come and reads the rest into that.

mod question;

use everview_core::json::Json;
use everview_core::{
    Capsule, DUPLICATE_WINDOW, Engine, ForkPlan, Format, Limits, Mapping, MappingError, Position,
    Reader, sample,
};
use everview_protocol::definitions;
use everview_protocol::session::{FieldMapping, MappingQuestion, OpeningState, Source};

use super::proposal::{ORDER_PLACED, proposal};
use super::unpack::{UnpackError, Unpacker};
use question::{is_cloud_events, mapping_from_fields, question};

/// How much of a file is looked at before it is read.
const SAMPLE_BYTES: usize = 1 << 16;

/// The records that are looked at.
const SAMPLE_RECORDS: usize = 20;

/// What a file may ask for: a browser has less memory than a server.
pub(super) const LIMITS: Limits = Limits {
    record_bytes: 16 << 20,
    input_bytes: 1 << 30,
    duplicate_window: DUPLICATE_WINDOW,
    kept: 1_000,
    checkpoint_events: 1 << 15,
};

/// A file that has unpacked to so many bytes is looked at twice.
const SUSPICIOUS_BYTES: u64 = 64 << 20;

/// Events repeat themselves and pack well, but not to this fraction of their size.
const SUSPICIOUS_RATIO: u64 = 500;

/// A file that is being read.
pub(super) struct Opening {
    name: String,
    url: Option<String>,
    unpacker: Unpacker,
    is_ended: bool,
    /// What has come in, as it is stored.
    bytes: u64,
    total: Option<u64>,
    /// What has come of it.
    unpacked: u64,
    /// The unpacked start of the file, until it is known how to read it.
    start: Vec<u8>,
    reading: Option<Reading>,
    /// Whether its engine has been handed over.
    is_shown: bool,
    /// Milliseconds when it began, for the rate.
    begun: f64,
}

struct Reading {
    engine: Engine,
    reader: Reader,
    definitions: String,
}

/// What comes next.
pub(super) enum Step {
    /// More of the same.
    Again,
    /// More bytes are needed.
    Hungry,
    /// Somebody has to confirm the mapping first.
    Asks(Box<MappingQuestion>),
    /// Everything is read.
    Done,
}

/// Why a file could not be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpeningError {
    /// It is no whole gzip.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It is a page or a document, as an address answers with that is not quite right. Its lines would
    /// be taken for CSV.
    #[error("it is HTML or XML; events are read from NDJSON, a JSON array or CSV")]
    Markup,
    /// There is too much in it.
    #[error("it goes on after {} MB, which is the most that is opened here", LIMITS.input_bytes >> 20)]
    TooLong,
    /// There is next to nothing in it, blown up.
    #[error(
        "it unpacks to more than {SUSPICIOUS_RATIO} times its size, as a file does that is made to do harm"
    )]
    Bomb,
    /// Nothing in it is an event.
    #[error("none of its {refused} records is an event; the first, in line {line}: {reason}")]
    NoEvent {
        /// How many records there are.
        refused: u64,
        /// The line of the first one.
        line: u64,
        /// Why it is none.
        reason: String,
    },
    /// A field of the mapping is none.
    #[error("the mapping is not usable: {0}")]
    Mapping(#[from] MappingError),
}

/// What was opened.
pub(super) struct Opened {
    pub(super) source: Source,
    pub(super) engine: Engine,
    pub(super) definitions: String,
    /// Other futures of it.
    pub(super) forks: Vec<(u64, ForkPlan)>,
    /// Whether the browser keeps its events already.
    pub(super) is_stored: bool,
}

impl Opening {
    /// A file of which nothing has come in.
    pub(super) fn new(name: String, url: Option<String>, total: Option<u64>, now: f64) -> Self {
        Self {
            name,
            url,
            unpacker: Unpacker::default(),
            is_ended: false,
            bytes: 0,
            total,
            unpacked: 0,
            start: Vec::new(),
            reading: None,
            is_shown: false,
            begun: now,
        }
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Takes in bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.unpacker.feed(bytes);
    }

    /// Notes that nothing more comes in.
    pub(super) fn end(&mut self) {
        self.is_ended = true;
        self.unpacker.end();
    }

    /// What has been read so far, to be shown already, if there is anything and nobody else took it.
    /// The rest is read into its engine.
    pub(super) fn show(&mut self) -> Option<Opened> {
        if self.is_clear() {
            self.begin().ok()?;
        }
        let reading = self.reading.as_mut()?;
        if self.is_shown || reading.engine.head() == Position::START {
            return None;
        }
        self.is_shown = true;
        let engine = std::mem::take(&mut reading.engine);
        let definitions = reading.definitions.clone();
        Some(self.opened(engine, definitions))
    }

    /// Whether the file is too short yet to be sure how to read it, but it seems to be CloudEvents.
    fn is_clear(&self) -> bool {
        let records = || sample(Format::detect(&self.start), &self.start, 1);
        self.reading.is_none() && records().iter().any(|record| is_cloud_events(record))
    }

    fn opened(&self, engine: Engine, definitions: String) -> Opened {
        let source = Source::File { name: self.name.clone(), url: self.url.clone() };
        Opened { source, engine, definitions, forks: Vec::new(), is_stored: false }
    }

    /// Whether what has been read is shown already.
    pub(super) const fn is_shown(&self) -> bool {
        self.is_shown
    }

    /// Does a small piece of the work. `shown` is the engine that was handed over, if it was.
    ///
    /// # Errors
    ///
    /// Why it cannot be opened, or not read to its end.
    pub(super) fn step(&mut self, shown: Option<&mut Engine>) -> Result<Step, OpeningError> {
        let Some(piece) = self.unpacker.piece()? else {
            return if self.is_ended { self.end_of_input() } else { Ok(Step::Hungry) };
        };
        self.unpacked += piece.len() as u64;
        let credible = self.unpacker.packed_bytes() * SUSPICIOUS_RATIO;
        if credible.max(SUSPICIOUS_BYTES) < self.unpacked {
            return Err(OpeningError::Bomb);
        }
        let Some(reading) = &mut self.reading else {
            self.start.extend_from_slice(&piece);
            if Capsule::is_begun(&self.start) {
                let is_too_long = LIMITS.input_bytes < self.unpacked;
                return if is_too_long { Err(OpeningError::TooLong) } else { Ok(Step::Again) };
            }
            return if self.start.len() < SAMPLE_BYTES { Ok(Step::Again) } else { self.begin() };
        };
        shown.unwrap_or(&mut reading.engine).read(&mut reading.reader, &piece);
        if reading.reader.is_full() { Err(OpeningError::TooLong) } else { Ok(Step::Again) }
    }

    fn end_of_input(&mut self) -> Result<Step, OpeningError> {
        if Capsule::is_begun(&self.start) {
            return Ok(Step::Done);
        }
        if self.reading.is_none() {
            if self.start.trim_ascii().is_empty() {
                return Err(OpeningError::Empty);
            }
            return self.begin();
        }
        Ok(Step::Done)
    }

    /// Looks at the start of the file, and reads on if it is CloudEvents.
    fn begin(&mut self) -> Result<Step, OpeningError> {
        let without_mark = self.start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.start);
        if without_mark.trim_ascii_start().starts_with(b"<") {
            return Err(OpeningError::Markup);
        }
        let format = Format::detect(&self.start);
        let mut looked_at = self.start.clone();
        if self.is_ended {
            // A last line without an end is a record too.
            looked_at.push(b'\n');
        }
        let mut records = sample(format, &looked_at, SAMPLE_RECORDS);
        records.retain(|record| Json::parse(record).is_ok_and(|json| json.text().starts_with('{')));
        // Where nothing can be read there is nothing to ask: why not is told record by record.
        if records.is_empty() || records.iter().any(|record| is_cloud_events(record)) {
            self.read_as(&Mapping::cloud_events(), format)?;
            return Ok(Step::Again);
        }
        Ok(Step::Asks(Box::new(question(&self.name, format, &records))))
    }

    /// Reads on with a mapping that somebody confirmed.
    ///
    /// # Errors
    ///
    /// When a field of it is none.
    pub(super) fn confirm(&mut self, mapping: &FieldMapping) -> Result<(), OpeningError> {
        self.read_as(&mapping_from_fields(mapping), Format::detect(&self.start))
    }

    fn read_as(&mut self, mapping: &Mapping, format: Format) -> Result<(), OpeningError> {
        let source = format!("/{}", self.name);
        let reader = || Reader::new(format, mapping, source.clone(), LIMITS);
        let mut glance = Engine::new(LIMITS);
        glance.read(&mut reader()?, &self.start);
        let definitions = proposal(glance.log().types().any(|(name, _)| name == ORDER_PLACED));
        let mut reading = Reading { engine: Engine::new(LIMITS), reader: reader()?, definitions };
        define(&mut reading);
        reading.engine.read(&mut reading.reader, &self.start);
        self.start = Vec::new();
        self.reading = Some(reading);
        Ok(())
    }

    /// The file, once everything is read, if it is a capsule.
    pub(super) fn capsule(&mut self) -> Option<Vec<u8>> {
        Capsule::is_begun(&self.start).then(|| std::mem::take(&mut self.start))
    }

    /// The open file, once everything is read.
    ///
    /// # Errors
    ///
    /// When it holds no event.
    pub(super) fn finish(&mut self) -> Result<Opened, OpeningError> {
        let Some(Reading { mut engine, mut reader, definitions }) = self.reading.take() else {
            return Err(OpeningError::Empty);
        };
        engine.finish(&mut reader);
        let intake = engine.intake();
        if intake.accepted == 0 {
            let Some(first) = intake.refusals.first() else { return Err(OpeningError::Empty) };
            return Err(OpeningError::NoEvent {
                refused: intake.refused,
                line: first.line,
                reason: first.reason.to_string(),
            });
        }
        Ok(self.opened(engine, definitions))
    }

    /// Takes in the last record of what is shown already: it may have no end.
    pub(super) fn finish_into(&mut self, engine: &mut Engine) {
        if let Some(reading) = &mut self.reading {
            engine.finish(&mut reading.reader);
        }
    }

    /// How far it has come at a time in milliseconds. `shown` is the engine that was handed over, if
    /// it was.
    pub(super) fn state(&self, now: f64, shown: Option<&Engine>) -> OpeningState {
        let own = self.reading.as_ref().map(|reading| &reading.engine);
        let intake = shown.or(own).map(Engine::intake);
        let events = intake.map_or(0, |intake| intake.accepted);
        OpeningState {
            name: self.name.clone(),
            bytes: self.bytes,
            total: self.total,
            events,
            events_per_second: per_second(events, now - self.begun),
            refused: intake.map_or(0, |intake| intake.refused),
            can_show: !self.is_shown && (0 < events || self.is_clear()),
            is_shown: self.is_shown,
        }
    }
}

/// The proposed views; they are this program's own text, and a test holds them to be valid.
fn define(reading: &mut Reading) {
    if let Ok(definitions) = definitions::parse(&reading.definitions) {
        let defined = reading.engine.define(&definitions);
        debug_assert_eq!(defined, Ok(()));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a rate for people to read"
)]
fn per_second(events: u64, milliseconds: f64) -> u64 {
    (events as f64 * 1_000.0 / milliseconds.max(1.0)) as u64
}
