//! A session in a small file: what somebody looked at, and how to know that it is the same again.
//!
//! A capsule holds no rows. Whoever opens one replays the events, which are in it or are to be had
//! elsewhere, and compares the digests of the views on the way ([`Capsule::check`]).

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::snapshot::blob::{Blob, Writer};
use super::snapshot::packed::{Flaw, pack, unpack};
use super::{Edit, Engine, ForkPlan};
use crate::cold::ColdError;
use crate::{Digest, NewEvent, Position, Timestamp};

/// The first bytes of every capsule.
const MAGIC: &[u8; 8] = b"evcapsul";

/// The layout that this version writes and reads.
const VERSION: u64 = 1;

/// The most digests that a capsule has: comparing each of them takes time.
const MOST_DIGESTS: u64 = 1 << 12;

/// A session as it is handed on: definitions, places and forks, and maybe the events themselves.
///
/// ```
/// use everview_core::{Capsule, Engine, Position};
///
/// let mut engine = Engine::default();
/// let capsule = Capsule {
///     name: "orders.ndjson".into(),
///     events: Some(engine.store(Position::START)),
///     proof: Capsule::proof(&mut engine, 64),
///     ..Capsule::default()
/// };
/// let bytes = capsule.to_bytes();
///
/// let read = Capsule::from_bytes(&bytes, 1 << 20)?;
/// let mut other = Engine::default();
/// other.read_stored(read.events.as_deref().unwrap_or_default())?;
/// assert_eq!(read.check(&mut other), Ok(engine.digest()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capsule {
    /// What the stream is called; where the events are not in the capsule, they are found by it.
    pub name: String,
    /// The events, as [`Engine::store`] gives them; none if they are to be had elsewhere.
    pub events: Option<Vec<u8>>,
    /// A definitions file.
    pub definitions: String,
    /// Digests of all views at some positions, in their order; the last is that at the head.
    pub proof: Vec<(Position, Digest)>,
    /// Where the playhead stood; none if it was at the head.
    pub position: Option<Position>,
    /// The positions that were compared.
    pub marks: [Option<Position>; 2],
    /// Positions to come back to, with their names.
    pub bookmarks: Vec<(Position, String)>,
    /// Conditions over views, each after its view's name.
    pub breakpoints: Vec<(String, String)>,
    /// Other futures, each with its number and after its parent.
    pub forks: Vec<(u64, ForkPlan)>,
}

/// A capsule that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CapsuleError {
    /// It is no capsule of Everview's.
    #[error("this is no Everview capsule")]
    Foreign,
    /// It is of a layout that this version does not read.
    #[error("expected a capsule of version {VERSION}, found version {found}")]
    Version {
        /// Its version.
        found: u64,
    },
    /// Bytes are missing or changed.
    #[error("the capsule is damaged: {detail} at byte {offset}")]
    Damaged {
        /// Bytes from its start.
        offset: usize,
        /// What does not hold there.
        detail: &'static str,
    },
    /// It would unpack to more bytes than are allowed.
    #[error("expected at most {limit} bytes, the capsule unpacks to {found}")]
    TooLarge {
        /// How many there may be.
        limit: u64,
        /// How many it says there are.
        found: u64,
    },
}

impl From<Flaw> for CapsuleError {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Foreign => Self::Foreign,
            Flaw::Version { found } => Self::Version { found },
            Flaw::Damaged { offset, detail } => Self::Damaged { offset, detail },
            Flaw::TooLarge { limit, found } => Self::TooLarge { limit, found },
        }
    }
}

/// An engine that is not what a capsule was made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Divergence {
    /// It has more or fewer events.
    #[error("expected a log up to {expected}, found one up to {found}")]
    Head {
        /// The head that the capsule was made at.
        expected: Position,
        /// The head of the engine.
        found: Position,
    },
    /// Its views are others from some event on.
    #[error("expected views with digest {expected} at {at}, found {found}")]
    Views {
        /// The last compared position at which they were the same, or the start.
        after: Position,
        /// The first compared position at which they differ.
        at: Position,
        /// Their digest there when the capsule was made.
        expected: Digest,
        /// Their digest there now.
        found: Digest,
    },
    /// Whether it diverges cannot be told: a part of the past cannot be read back.
    #[error(transparent)]
    Cold(#[from] ColdError),
}

impl Capsule {
    /// The digests of all views at as many positions as wanted, but at most 4,096: evenly apart, the
    /// last at the head, and each event of a short log. The playhead stays where it is. Empty if
    /// something that was spilled cannot be read back ([`Engine::failure`]).
    pub fn proof(engine: &mut Engine, wanted: u32) -> Vec<(Position, Digest)> {
        let (first, head) = (engine.log().base().get(), engine.head().get());
        let events = head - first;
        let rungs = u64::from(wanted.max(1)).min(events.max(1)).min(MOST_DIGESTS);
        // Without overflow: a log has far fewer than 2^60 events.
        let place = |rung| first + events * rung / rungs;
        engine.digests((1..=rungs).map(place).map(Position::new))
    }

    /// Whether an engine whose views are defined as in the capsule shows what the one showed that
    /// the capsule was made of: their digest at the head if so. The playhead stays where it is.
    ///
    /// # Errors
    ///
    /// Where it diverges, as closely as the capsule's proof can tell.
    pub fn check(&self, engine: &mut Engine) -> Result<Digest, Divergence> {
        let expected = self.head();
        if engine.head() != expected {
            return Err(Divergence::Head { expected, found: engine.head() });
        }
        let found = engine.digests(self.proof.iter().map(|(position, _)| *position));
        engine.log().check()?;
        let mut after = Position::START;
        for ((at, expected), (_, found)) in self.proof.iter().copied().zip(found) {
            if found != expected {
                return Err(Divergence::Views { after, at, expected, found });
            }
            after = at;
        }
        Ok(self.proof.last().map_or(Digest::default(), |(_, digest)| *digest))
    }

    /// The head of the log that it was made at.
    pub fn head(&self) -> Position {
        self.proof.last().map_or(Position::START, |(position, _)| *position)
    }

    /// Whether bytes begin as a capsule does.
    pub fn is_begun(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// The capsule as bytes: compressed, with a version and a checksum.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.text(&self.name);
        out.list(self.events.iter(), |out, events| {
            out.number(events.len() as u64);
            out.bytes(events);
        });
        out.text(&self.definitions);
        out.list(self.proof.iter(), |out, (position, digest)| {
            out.number(position.get());
            out.bytes(&digest.to_u128().to_le_bytes());
        });
        for place in [self.position].iter().chain(&self.marks) {
            out.option(place.map(Position::get));
        }
        out.list(self.bookmarks.iter(), |out, (position, name)| {
            out.number(position.get());
            out.text(name);
        });
        out.list(self.breakpoints.iter(), |out, (view, condition)| {
            out.text(view);
            out.text(condition);
        });
        out.list(self.forks.iter(), |out, (number, plan)| {
            out.number(*number);
            write_plan(out, plan);
        });
        pack(MAGIC, VERSION, &out.finish())
    }

    /// Reads a capsule that unpacks to at most as many bytes as `limit`. What it says of events and
    /// views has to be checked against them: [`Capsule::check`].
    ///
    /// # Errors
    ///
    /// When the bytes are no undamaged capsule, or too many.
    pub fn from_bytes(bytes: &[u8], limit: u64) -> Result<Self, CapsuleError> {
        let content = unpack(bytes, MAGIC, VERSION, limit)?;
        let mut blob = Blob::<CapsuleError>::new(&content);
        let name = blob.text()?.to_string();
        let mut events = blob.list(|blob| Ok(blob.sized()?.to_vec()))?;
        let definitions = blob.text()?.to_string();
        let proof = blob.list(|blob| {
            let position = Position::new(blob.number()?);
            Ok((position, Digest::from_u128(u128::from_le_bytes(blob.array()?))))
        })?;
        if MOST_DIGESTS < proof.len() as u64 {
            return Err(blob.damaged("more digests than are made"));
        }
        if !proof.is_sorted_by(|(before, _), (after, _)| before < after) {
            return Err(blob.damaged("digests out of order"));
        }
        let mut place = || Ok::<_, CapsuleError>(blob.option()?.map(Position::new));
        let (position, marks) = (place()?, [place()?, place()?]);
        let bookmarks =
            blob.list(|blob| Ok((Position::new(blob.number()?), blob.text()?.to_string())))?;
        let breakpoints =
            blob.list(|blob| Ok((blob.text()?.to_string(), blob.text()?.to_string())))?;
        let forks = blob.list(|blob| Ok((blob.number()?, read_plan(blob)?)))?;
        blob.end()?;
        let events = events.pop();
        Ok(Self {
            name,
            events,
            definitions,
            proof,
            position,
            marks,
            bookmarks,
            breakpoints,
            forks,
        })
    }
}

fn write_plan(out: &mut Writer, plan: &ForkPlan) {
    out.text(&plan.name);
    out.option(plan.parent);
    out.number(plan.head.get());
    out.list(plan.edits.iter(), |out, edit| {
        out.number(edit.after.get());
        out.number(edit.dropped);
        out.list(edit.events.iter(), |out, event| {
            for text in [&event.id, &event.source, &event.event_type, &event.subject, &event.data] {
                out.text(text);
            }
            out.option(event.time.map(|time| time.micros().cast_unsigned()));
        });
    });
}

fn read_plan(blob: &mut Blob<'_, CapsuleError>) -> Result<ForkPlan, CapsuleError> {
    let name = blob.text()?.to_string();
    let (parent, head) = (blob.option()?, Position::new(blob.number()?));
    let edits = blob.list(|blob| {
        let (after, dropped) = (Position::new(blob.number()?), blob.number()?);
        let events = blob.list(read_event)?;
        Ok(Edit { after, dropped, events })
    })?;
    Ok(ForkPlan { name, parent, head, edits })
}

fn read_event(blob: &mut Blob<'_, CapsuleError>) -> Result<NewEvent, CapsuleError> {
    let mut text = || Ok::<_, CapsuleError>(blob.text()?.to_string());
    let (id, source, event_type, subject, data) = (text()?, text()?, text()?, text()?, text()?);
    let time = blob.option()?.map(|micros| Timestamp::from_micros(micros.cast_signed()));
    Ok(NewEvent { id, source, event_type, subject, time, data })
}

impl Engine {
    /// The digest of all views at each of some positions, in one way there and back.
    fn digests(&mut self, positions: impl Iterator<Item = Position>) -> Vec<(Position, Digest)> {
        let playhead = self.position();
        let digest = |position| {
            self.seek(position);
            (position, self.digest())
        };
        let digests = positions.map(digest).collect();
        self.seek(playhead);
        if self.failure().is_some() {
            return Vec::new();
        }
        digests
    }
}
