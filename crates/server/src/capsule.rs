//! `everview capsule`: what is in a capsule, and whether it is reproduced here.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;

use everview_core::{Capsule, CapsuleError, DefineError, Divergence, Engine, Limits, StoredError};
use everview_protocol::definitions::{self, DefinitionsError};

/// The most that a capsule holds.
const MOST_BYTES: u64 = 64 << 20;

/// Which capsule.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes:
  0  the views are what they were when the capsule was made
  1  the file could not be read, or the output not written
  2  its events are not in it
  3  it is damaged, or its definitions are wrong
  5  the views diverge")]
pub(crate) struct Options {
    /// A capsule, as the dashboard saves it
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// A capsule that is not reproduced.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error("{file}: {error}")]
    Read { file: String, error: io::Error },
    #[error("the output: {0}")]
    Write(#[from] io::Error),
    #[error("its events are not in it, but in {name}")]
    Elsewhere { name: String },
    #[error(transparent)]
    Capsule(#[from] CapsuleError),
    #[error(transparent)]
    Events(#[from] StoredError),
    #[error("its definitions: {0}")]
    Parse(#[from] DefinitionsError),
    #[error("its definitions: {0}")]
    Define(#[from] DefineError),
    #[error("✗ diverged: {0}")]
    Diverged(#[from] Divergence),
}

impl CheckError {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Read { .. } | Self::Write(_) => 1,
            Self::Elsewhere { .. } => 2,
            Self::Capsule(_) | Self::Events(_) | Self::Parse(_) | Self::Define(_) => 3,
            Self::Diverged(_) => 5,
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<(), CheckError> {
    let capsule = Capsule::from_bytes(&read(options)?, MOST_BYTES)?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{}: {} events, {} forks",
        capsule.name,
        capsule.head().get(),
        capsule.forks.len()
    )?;
    let Some(events) = &capsule.events else {
        return Err(CheckError::Elsewhere { name: capsule.name });
    };
    let mut engine = Engine::new(Limits::default());
    engine.define(&definitions::parse(&capsule.definitions)?)?;
    engine.read_stored(events)?;
    let digest = capsule.check(&mut engine)?;
    writeln!(out, "✓ reproduced at {} positions, hash {digest}", capsule.proof.len())?;
    Ok(())
}

fn read(options: &Options) -> Result<Vec<u8>, CheckError> {
    let named = |error| CheckError::Read { file: options.file.display().to_string(), error };
    let mut bytes = Vec::new();
    let file = fs::File::open(&options.file).map_err(named)?;
    // One byte more tells that there are too many.
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(named)?;
    Ok(bytes)
}
