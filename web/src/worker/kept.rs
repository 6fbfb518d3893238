//! What is open as bytes that outlive the page, and back.
//!
//! The events are kept as the engine stores them; what is said of them is a capsule without events.

use everview_core::{
    Capsule, CapsuleError, DefineError, Divergence, Engine, Position, StoredError,
};
use everview_protocol::definitions;
use everview_protocol::session::{OpenedCapsule, SharedCapsule, SharedPlace, Source, Verdict};

use super::futures::Futures;
use super::opening::{LIMITS, Opened};

/// The most that a session says of its events.
const ABOUT_BYTES: u64 = 64 << 20;

/// How many events are put into a capsule.
const MOST_INSIDE: u64 = 100_000;

/// How many bytes they take there.
const INSIDE_BYTES: usize = 2 << 20;

/// At how many positions a capsule's views are compared.
const DIGESTS: u32 = 64;

/// How the name of a session from a capsule begins.
const CAPSULE_OF: &str = "capsule of ";

/// A session as it is kept.
pub(super) struct Parcel {
    /// Its name.
    pub(super) name: String,
    /// What is said of the events.
    pub(super) about: Vec<u8>,
    /// The events, unless they are kept already.
    pub(super) events: Option<Vec<u8>>,
}

/// Why a session that is kept cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReopenError {
    /// What is said of it cannot be read.
    #[error(transparent)]
    About(#[from] CapsuleError),
    /// Its events cannot be read.
    #[error(transparent)]
    Events(#[from] StoredError),
    /// Its definitions cannot be read.
    #[error("its definitions cannot be read: {0}")]
    Parse(String),
    /// Its views cannot be defined.
    #[error("its views cannot be defined: {0}")]
    Define(#[from] DefineError),
    /// It is not what was kept.
    #[error("it is not what was kept: {0}")]
    Other(#[from] Divergence),
}

impl Parcel {
    pub(super) fn of(name: &str, definitions: &str, futures: &mut Futures, is_whole: bool) -> Self {
        let forks = futures.plans();
        let engine = futures.root_mut();
        let capsule = Capsule {
            name: name.into(),
            definitions: definitions.into(),
            proof: Capsule::proof(engine, 1),
            forks,
            ..Capsule::default()
        };
        let events = is_whole.then(|| engine.store(Position::START));
        Self { name: name.into(), about: capsule.to_bytes(), events }
    }

    /// The name of a session that is kept and how many events it has.
    pub(super) fn title(about: &[u8]) -> Result<(String, u64), CapsuleError> {
        let capsule = Capsule::from_bytes(about, ABOUT_BYTES)?;
        let events = capsule.head().get();
        Ok((capsule.name, events))
    }
}

/// Opens what was kept.
///
/// # Errors
///
/// What of it is damaged, or does not fit the rest.
pub(super) fn reopen(about: &[u8], events: &[u8]) -> Result<Opened, ReopenError> {
    let capsule = Capsule::from_bytes(about, ABOUT_BYTES)?;
    let mut engine = replay(&capsule, events)?;
    capsule.check(&mut engine)?;
    Ok(opened(capsule, engine, true))
}

/// Opens a capsule over its events. Its session has a name of its own, so that it never takes the
/// place of one that somebody keeps.
///
/// # Errors
///
/// What of it is damaged, or cannot be defined.
pub(super) fn uncapsule(
    mut capsule: Capsule,
    events: &[u8],
) -> Result<(Opened, OpenedCapsule), ReopenError> {
    let mut engine = replay(&capsule, events)?;
    let told = OpenedCapsule {
        name: capsule.name.clone(),
        place: place_of(&capsule),
        verdict: verdict(&capsule, &mut engine),
    };
    capsule.name.insert_str(0, CAPSULE_OF);
    Ok((opened(capsule, engine, false), told))
}

fn replay(capsule: &Capsule, events: &[u8]) -> Result<Engine, ReopenError> {
    let parsed = definitions::parse(&capsule.definitions)
        .map_err(|error| ReopenError::Parse(error.to_string()))?;
    let mut engine = Engine::new(LIMITS);
    engine.define(&parsed)?;
    everview_heap::reserve_for_stored(events.len());
    engine.read_stored(events)?;
    Ok(engine)
}

fn opened(capsule: Capsule, engine: Engine, is_stored: bool) -> Opened {
    let Capsule { name, definitions, forks, .. } = capsule;
    let source = Source::File { name, url: None };
    Opened { source, engine, definitions, forks, is_stored }
}

fn verdict(capsule: &Capsule, engine: &mut Engine) -> Verdict {
    let divergence = match capsule.check(engine) {
        Ok(digest) => {
            let (digest, positions) = (digest.to_string(), capsule.proof.len() as u64);
            return Verdict::Reproduced { digest, positions };
        }
        Err(divergence) => divergence,
    };
    let reason = divergence.to_string();
    let (after, at) = if let Divergence::Views { after, at, .. } = divergence {
        (after.get(), at.get())
    } else {
        let common = engine.head().min(capsule.head()).get();
        (common, common + 1)
    };
    Verdict::Diverged { after, at, reason }
}

fn place_of(capsule: &Capsule) -> SharedPlace {
    let number = |(position, name): &(Position, String)| (position.get(), name.clone());
    SharedPlace {
        position: capsule.position.map(Position::get),
        marks: capsule.marks.map(|mark| mark.map(Position::get)),
        bookmarks: capsule.bookmarks.iter().map(number).collect(),
        breakpoints: capsule.breakpoints.clone(),
    }
}

/// A capsule of what is open, with the events if they are few; nothing if they are many and nobody
/// else could have them.
pub(super) fn capsule(
    source: &Source,
    definitions: &str,
    futures: &mut Futures,
    place: SharedPlace,
) -> Option<SharedCapsule> {
    let forks = futures.plans();
    let engine = futures.root_mut();
    let is_few = engine.head().get() <= MOST_INSIDE;
    let events = is_few.then(|| engine.store(Position::START));
    let events = events.filter(|events| events.len() <= INSIDE_BYTES);
    let name = match source {
        Source::Simulation { seed } => format!("seed-{seed}"),
        Source::Scenario { .. } => "scenario".to_owned(),
        Source::File { name, .. } => name.trim_start_matches(CAPSULE_OF).to_owned(),
    };
    let has_events = events.is_some();
    let is_kept = matches!(source, Source::File { url: None, .. });
    (has_events || is_kept).then(|| {
        let position = |(position, name)| (Position::new(position), name);
        let capsule = Capsule {
            name: name.clone(),
            events,
            definitions: definitions.into(),
            proof: Capsule::proof(engine, DIGESTS),
            position: place.position.map(Position::new),
            marks: place.marks.map(|mark| mark.map(Position::new)),
            bookmarks: place.bookmarks.into_iter().map(position).collect(),
            breakpoints: place.breakpoints,
            forks,
        };
        SharedCapsule { name: format!("{name}.everview"), bytes: capsule.to_bytes(), has_events }
    })
}
