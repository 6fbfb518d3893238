//! `everview replay`: event files in, views out.

use std::collections::BTreeSet;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use everview_core::{DefineError, Definitions, Engine, Format, Limits, Mapping, MappingError};
use everview_core::{Position, ReadError as QueryError, Reader};
use everview_protocol::definitions::{self, DefinitionsError};

use crate::input::{self, Input, ReadError};
use crate::mapping::{self, Assignment, MappingNeeded};
use crate::output::{self, Listing};
use crate::progress::Progress;
use crate::report::Report;
use crate::selection::Selection;

const MAP_HELP: &str = "\
For files that are not CloudEvents: which field of a record is the event's id, source, type, subject, \
time, sequence or data, such as type=event_name; may be repeated";

/// What to replay, and what to write.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes:
  0  everything was read
  1  a file could not be read, or the output not written
  2  the arguments make no sense for this input
  3  the definitions are wrong
  4  some records were refused or quarantined; the views of the others were written")]
pub(crate) struct Options {
    /// Event files, in the order of their events: NDJSON, a JSON array or CSV, also packed with
    /// gzip; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// The definitions of the views, TOML or JSON
    #[arg(long, value_name = "DEFS")]
    views: PathBuf,

    /// Write only this view; may be repeated
    #[arg(long = "view", value_name = "NAME")]
    names: Vec<String>,

    /// Write the views as they were after the event at this position, instead of the last
    #[arg(long, value_name = "POSITION")]
    at: Option<u64>,

    /// The form of the output
    #[arg(long, value_enum, default_value = "json")]
    format: output::Format,

    #[arg(long = "map", value_name = "FIELD=PATH", help = MAP_HELP)]
    assignments: Vec<Assignment>,

    #[command(flatten)]
    selection: Selection,
}

/// How a replay that wrote its views went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Every record is in the views.
    Clean,
    /// Some records were refused, or some events quarantined.
    SomeRefused,
}

/// A replay that wrote no views.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the output: {0}")]
    Write(io::Error),
    #[error("standard input can be read once only")]
    StandardInputTwice,
    #[error("{file}: {error}")]
    MappingNeeded { file: String, error: MappingNeeded },
    #[error("--map: {0}")]
    Mapping(#[from] MappingError),
    #[error("no view `{name}`, there are {known}")]
    UnknownView { name: String, known: String },
    #[error("{what} one view, found {found}: choose one with --view")]
    SeveralViews { what: &'static str, found: usize },
    #[error("the query: {0}")]
    Query(#[from] QueryError),
    #[error("expected a position up to {head}, found {found}")]
    Position { head: Position, found: Position },
    #[error("{file}: {error}")]
    Definitions { file: String, error: DefinitionsError },
    #[error("{file}: {error}")]
    Define { file: String, error: Box<DefineError> },
}

impl ReplayError {
    /// The exit code, as the help lists it.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Read(_) | Self::Write(_) => 1,
            Self::StandardInputTwice
            | Self::MappingNeeded { .. }
            | Self::Mapping(_)
            | Self::UnknownView { .. }
            | Self::SeveralViews { .. }
            | Self::Query(_)
            | Self::Position { .. } => 2,
            Self::Definitions { .. } | Self::Define { .. } => 3,
        }
    }
}

/// Replays the files and writes the views to standard output.
pub(crate) fn run(options: &Options) -> Result<Finding, ReplayError> {
    if options.files.iter().filter(|file| **file == Path::new("-")).count() > 1 {
        return Err(ReplayError::StandardInputTwice);
    }
    let definitions = read_definitions(&options.views)?;
    let names = chosen_views(options, &definitions)?;
    let mut engine = Engine::new(Limits::default());
    engine.define(&definitions).map_err(|error| {
        let file = options.views.display().to_string();
        ReplayError::Define { file, error: Box::new(error) }
    })?;

    let mut report = Report::new(Progress::start());
    for file in &options.files {
        read_events(file, &options.assignments, &mut engine, &mut report)?;
    }
    if let Some(at) = options.at {
        let (head, found) = (engine.head(), Position::new(at));
        if found > head {
            return Err(ReplayError::Position { head, found });
        }
        engine.seek(found);
    }
    let finding = report.finish(&engine);
    write_views(options, &mut engine, &names)?;
    Ok(finding)
}

fn read_definitions(path: &Path) -> Result<Definitions, ReplayError> {
    let text = input::read_text(path)?;
    definitions::parse(&text).map_err(|error| {
        let file = path.display().to_string();
        ReplayError::Definitions { file, error }
    })
}

/// The names of the views to write, each once.
fn chosen_views(options: &Options, definitions: &Definitions) -> Result<Vec<String>, ReplayError> {
    let known: Vec<&String> = definitions.views.iter().map(|(name, _)| name).collect();
    let mut names: Vec<String> = known.iter().copied().cloned().collect();
    if !options.names.is_empty() {
        let mut chosen = BTreeSet::new();
        names.clone_from(&options.names);
        names.retain(|name| chosen.insert(name.clone()));
    }
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        return Err(ReplayError::UnknownView { name: name.clone(), known: known.join(", ") });
    }
    let only_one = match (options.format, options.selection.is_used()) {
        (_, true) => Some("a query reads"),
        (output::Format::Csv, false) => Some("CSV holds"),
        _ => None,
    };
    if let Some(what) = only_one.filter(|_| names.len() != 1) {
        return Err(ReplayError::SeveralViews { what, found: names.len() });
    }
    Ok(names)
}

fn read_events(
    path: &Path,
    assignments: &[Assignment],
    engine: &mut Engine,
    report: &mut Report,
) -> Result<(), ReplayError> {
    let mut input = Input::open(path)?;
    let name = input.name().to_owned();
    let mut piece = input.next_piece()?;
    let format = Format::detect(piece);
    let mapping = mapping(&name, assignments, format, piece)?;
    let mut reader = Reader::new(format, &mapping, name.clone(), Limits::default())?;
    while !piece.is_empty() && !reader.is_full() {
        engine.read(&mut reader, piece);
        report.note(&name, engine);
        piece = input.next_piece()?;
    }
    engine.finish(&mut reader);
    report.note(&name, engine);
    Ok(())
}

fn mapping(
    file: &str,
    assignments: &[Assignment],
    format: Format,
    start: &[u8],
) -> Result<Mapping, ReplayError> {
    if !assignments.is_empty() {
        return Ok(mapping::assigned(assignments));
    }
    mapping::detected(format, start)
        .map_err(|error| ReplayError::MappingNeeded { file: file.to_owned(), error })
}

fn write_views(
    options: &Options,
    engine: &mut Engine,
    names: &[String],
) -> Result<(), ReplayError> {
    let position = engine.position();
    let views: Vec<Listing<'_>> = if options.selection.is_used() {
        let selected = names.iter().map(|name| options.selection.listing(engine, name));
        selected.collect::<Result<_, _>>()?
    } else {
        names.iter().filter_map(|name| engine.view(name)).map(Listing::from).collect()
    };
    let mut out = BufWriter::new(io::stdout().lock());
    match output::write(options.format, position, views, &mut out) {
        // Whoever was reading has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(ReplayError::Write),
    }
}
