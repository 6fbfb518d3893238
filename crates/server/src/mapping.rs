//! Which field of a record is what, for files that are not `CloudEvents`.

use everview_core::json::Json;
use everview_core::{Format, Mapping, sample};

/// How many of the first records are looked at to see what a file holds.
const SAMPLED: usize = 20;

/// `--map FIELD=PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    part: Part,
    path: String,
}

/// A part of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Id,
    Source,
    Type,
    Subject,
    Time,
    Sequence,
    Data,
}

impl Part {
    const ALL: [(&'static str, Self); 7] = [
        ("id", Self::Id),
        ("source", Self::Source),
        ("type", Self::Type),
        ("subject", Self::Subject),
        ("time", Self::Time),
        ("sequence", Self::Sequence),
        ("data", Self::Data),
    ];

    fn of(self, mapping: &Mapping) -> Option<&String> {
        match self {
            Self::Id => mapping.id.as_ref(),
            Self::Source => mapping.source.as_ref(),
            Self::Type => mapping.event_type.as_ref(),
            Self::Subject => mapping.subject.as_ref(),
            Self::Time => mapping.time.as_ref(),
            Self::Sequence => mapping.sequence.as_ref(),
            Self::Data => mapping.data.as_ref(),
        }
    }

    fn of_mut(self, mapping: &mut Mapping) -> &mut Option<String> {
        match self {
            Self::Id => &mut mapping.id,
            Self::Source => &mut mapping.source,
            Self::Type => &mut mapping.event_type,
            Self::Subject => &mut mapping.subject,
            Self::Time => &mut mapping.time,
            Self::Sequence => &mut mapping.sequence,
            Self::Data => &mut mapping.data,
        }
    }
}

impl std::str::FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (part, path) =
            text.split_once('=').ok_or("expected FIELD=PATH, such as type=event_name")?;
        let found = Part::ALL.iter().find(|(name, _)| *name == part);
        let (_, part) = found.ok_or_else(|| {
            let names: Vec<&str> = Part::ALL.iter().map(|(name, _)| *name).collect();
            format!("expected one of {} before `=`, found `{part}`", names.join(", "))
        })?;
        if path.is_empty() {
            return Err("expected the path of a field after `=`".to_owned());
        }
        Ok(Self { part: *part, path: path.to_owned() })
    }
}

/// The mapping that the assignments make; a later one takes the place of an earlier one.
pub(crate) fn assigned(assignments: &[Assignment]) -> Mapping {
    let mut mapping = Mapping::default();
    for Assignment { part, path } in assignments {
        *part.of_mut(&mut mapping) = Some(path.clone());
    }
    mapping
}

/// A file whose records are not `CloudEvents` and for which no mapping was given.
#[derive(Debug, thiserror::Error)]
#[error("the records are not CloudEvents: say with --map which field is what{hint}")]
pub(crate) struct MappingNeeded {
    hint: String,
}

/// The mapping for a file that begins with these bytes, if it holds `CloudEvents` or nothing that
/// could be told.
pub(crate) fn detected(format: Format, start: &[u8]) -> Result<Mapping, MappingNeeded> {
    // The last of these bytes may end a record, or cut one in two, which is then passed over.
    let records = sample(format, &[start, b"\n"].concat(), SAMPLED);
    let is_object =
        |record: &&String| Json::parse(record).is_ok_and(|json| json.text().starts_with('{'));
    let Some(first) = records.iter().find(is_object) else {
        return Ok(Mapping::cloud_events());
    };
    let guesses: Vec<Mapping> =
        records.iter().filter_map(|record| Mapping::guess(record)).collect();
    if guesses.contains(&Mapping::cloud_events()) {
        return Ok(Mapping::cloud_events());
    }
    let hint = guesses.first().map_or_else(|| fields_hint(first), guess_hint);
    Err(MappingNeeded { hint })
}

fn guess_hint(guess: &Mapping) -> String {
    let options: Vec<String> = Part::ALL
        .iter()
        .filter_map(|(name, part)| {
            let path = part.of(guess)?;
            Some(format!("--map {}", shell_word(&format!("{name}={path}"))))
        })
        .collect();
    format!(". By their names these may be right:\n  {}", options.join(" "))
}

fn fields_hint(record: &str) -> String {
    let fields = Json::parse(record).map(|json| {
        let names: Vec<String> = json.members().map(|(name, _)| name.into_owned()).collect();
        names.join(", ")
    });
    format!(". The fields are: {}", crate::output::printable(&fields.unwrap_or_default()))
}

/// A word that a shell reads as it stands here.
fn shell_word(word: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "=:._/-".contains(character);
    if word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", crate::output::printable(word).replace('\'', r"'\''"))
}
