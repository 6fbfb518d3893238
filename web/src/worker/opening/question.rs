//! What to ask about a file that is not CloudEvents.

use std::borrow::Cow;

use everview_core::json::Json;
use everview_core::{Format, Mapping};
use everview_protocol::session::{FieldMapping, InputFormat, MappingQuestion, SampleRecord};

/// The most fields that are offered.
const FIELDS: usize = 100;

/// The records that are shown.
const SHOWN: usize = 5;

/// The longest text of a field that is shown.
const LONGEST: usize = 60;

/// Whether a record has what makes an event of CloudEvents.
pub(super) fn is_cloud_events(record: &str) -> bool {
    Json::parse(record)
        .is_ok_and(|json| ["id", "source", "type"].iter().all(|field| json.get(field).is_some()))
}

/// The first records and a guess, for somebody to correct.
pub(super) fn question(name: &str, format: Format, records: &[String]) -> MappingQuestion {
    let fields = fields(records);
    let sample = |record: &String| SampleRecord {
        values: fields.iter().map(|(path, _)| value(record, path)).collect(),
    };
    let guess = records.iter().find_map(|record| Mapping::guess(record)).unwrap_or_default();
    MappingQuestion {
        name: name.into(),
        format: match format {
            Format::Ndjson => InputFormat::Ndjson,
            Format::JsonArray => InputFormat::JsonArray,
            Format::Csv => InputFormat::Csv,
        },
        samples: records.iter().take(SHOWN).map(sample).collect(),
        fields: fields.into_iter().map(|(_, field)| field).collect(),
        guess: fields_from_mapping(guess),
    }
}

/// The mapping that somebody confirmed.
pub(super) fn mapping_from_fields(fields: &FieldMapping) -> Mapping {
    let FieldMapping { id, source, event_type, subject, time, sequence, data } = fields.clone();
    Mapping { id, source, event_type, subject, time, sequence, data }
}

fn fields_from_mapping(mapping: Mapping) -> FieldMapping {
    let Mapping { id, source, event_type, subject, time, sequence, data } = mapping;
    FieldMapping { id, source, event_type, subject, time, sequence, data }
}

/// The paths of the fields that the records have, down to the second level, and how a mapping
/// writes them.
fn fields(records: &[String]) -> Vec<(Vec<String>, String)> {
    let mut paths: Vec<Vec<String>> = Vec::new();
    let mut add = |path: Vec<String>| {
        if !paths.contains(&path) && paths.len() < FIELDS {
            paths.push(path);
        }
    };
    for record in records.iter().filter_map(|record| Json::parse(record).ok()) {
        for (name, value) in record.members() {
            add(vec![name.clone().into_owned()]);
            for (inner, _) in value.members() {
                add(vec![name.clone().into_owned(), inner.into_owned()]);
            }
        }
    }
    let written = |path: Vec<String>| {
        let text = path.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(".");
        (path, text)
    };
    paths.into_iter().map(written).collect()
}

/// A name as a mapping writes it.
fn quoted(name: &str) -> String {
    if name.contains(['.', '"']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.into()
    }
}

fn value(record: &str, path: &[String]) -> String {
    let Ok(json) = Json::parse(record) else { return String::new() };
    let found = path.iter().try_fold(json, |json, name| json.get(name));
    let text = found.map(|json| json.as_str().map_or_else(|| json.text().into(), Cow::into_owned));
    let text: String = text.unwrap_or_default();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
