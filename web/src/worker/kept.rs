//! What is open as bytes that outlive the page, and back.
//!
//! The events are kept as the engine stores them; what is said of them is a capsule without events.

use everview_core::{
    Capsule, CapsuleError, DefineError, Divergence, Engine, Position, StoredError,
};
use everview_protocol::definitions;
use everview_protocol::session::Source;

use super::opening::{LIMITS, Opened};

/// The most that a session says of its events.
const ABOUT_BYTES: u64 = 4 << 20;

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
    pub(super) fn of(name: &str, definitions: &str, engine: &mut Engine, is_whole: bool) -> Self {
        let capsule = Capsule {
            name: name.into(),
            definitions: definitions.into(),
            proof: Capsule::proof(engine, 1),
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
    let parsed = definitions::parse(&capsule.definitions)
        .map_err(|error| ReopenError::Parse(error.to_string()))?;
    let mut engine = Engine::new(LIMITS);
    engine.define(&parsed)?;
    engine.read_stored(events)?;
    capsule.check(&mut engine)?;
    let source = Source::File { name: capsule.name, url: None };
    Ok(Opened { source, engine, definitions: capsule.definitions, is_stored: true })
}
