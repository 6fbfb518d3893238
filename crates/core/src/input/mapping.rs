//! Which field of a record is what of an event.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::ops::Range;

use super::RefuseReason;
use crate::Timestamp;
use crate::json::{Json, JsonError, Scanned, Scanner};
use crate::log::{EnvelopePaths, Record, Role};

/// The envelope mapping: for each part of an event, the field of the record that holds it.
///
/// A field is a name or a path such as `meta.type`; a name with dots in it is put in double quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The event's id. Without one, the record's number in its input is the id.
    pub id: Option<String>,
    /// Where the event comes from. Without one, it is the input's name.
    pub source: Option<String>,
    /// What happened. Without one, every event is a `record`.
    pub event_type: Option<String>,
    /// The stream. Without one, it is the source.
    pub subject: Option<String>,
    /// When it happened: a text, or a number of milliseconds since 1970.
    pub time: Option<String>,
    /// The source's own count, in which a gap or a step back is noticed.
    pub sequence: Option<String>,
    /// What is to be known about it. Without one, it is the whole record.
    pub data: Option<String>,
}

/// A field of a mapping that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: expected names separated by dots, each plain or in double quotes")]
pub struct MappingError {
    /// The field as it was given.
    pub field: String,
}

impl Mapping {
    /// The attributes of CloudEvents 1.0.
    pub fn cloud_events() -> Self {
        Self {
            id: Some("id".into()),
            source: Some("source".into()),
            event_type: Some("type".into()),
            subject: Some("subject".into()),
            time: Some("time".into()),
            sequence: Some("sequence".into()),
            data: Some("data".into()),
        }
    }

    /// A mapping that suits a record by the names of its fields, to be shown and corrected before
    /// it is used; none if no field looks like the event's type.
    pub fn guess(record: &str) -> Option<Self> {
        let json = Json::parse(record).ok()?;
        let has = |field: &str| json.get(field).is_some_and(|value| !value.is_null());
        if has("id") && has("source") && has("type") {
            return Some(Self::cloud_events());
        }
        let first = |candidates: &[&str]| {
            let is = |name: &str, candidate: &str| name.eq_ignore_ascii_case(candidate);
            let found = candidates.iter().find_map(|candidate| {
                json.members().find(|(name, value)| is(name, candidate) && is_scalar(*value))
            });
            found.map(|(name, _)| quote_field(&name))
        };
        let time = first(&TIMES).filter(|field| {
            let path = parse_path(field).unwrap_or_default();
            path.first()
                .and_then(|name| json.get(name))
                .is_some_and(|value| time(value.into()).is_ok())
        });
        let data = json
            .members()
            .find(|(name, value)| DATA.contains(&&**name) && value.text().starts_with('{'))
            .map(|(name, _)| quote_field(&name));
        Some(Self {
            id: first(&IDS),
            source: first(&["source"]),
            event_type: Some(first(&TYPES)?),
            subject: first(&SUBJECTS),
            time,
            sequence: None,
            data,
        })
    }

    pub(super) fn compile(&self) -> Result<Roles, MappingError> {
        let path = |field: &Option<String>| field.as_deref().map(parse_path).transpose();
        Ok(Roles {
            shape: Vec::new(),
            paths: [
                path(&self.id)?,
                path(&self.source)?,
                path(&self.event_type)?,
                path(&self.subject)?,
                path(&self.time)?,
                path(&self.sequence)?,
                path(&self.data)?,
            ],
        })
    }
}

const IDS: [&str; 5] = ["id", "event_id", "eventId", "event-id", "uuid"];
const TYPES: [&str; 10] = [
    "type",
    "event_type",
    "eventType",
    "event",
    "event_name",
    "concept:name",
    "activity",
    "action",
    "kind",
    "name",
];
const SUBJECTS: [&str; 14] = [
    "subject",
    "stream",
    "stream_id",
    "streamId",
    "aggregate_id",
    "aggregateId",
    "case:concept:name",
    "case",
    "case_id",
    "caseId",
    "entity_id",
    "order_id",
    "orderId",
    "key",
];
const TIMES: [&str; 11] = [
    "time",
    "timestamp",
    "time:timestamp",
    "occurred_at",
    "occurredAt",
    "created_at",
    "createdAt",
    "datetime",
    "date",
    "ts",
    "at",
];
const DATA: [&str; 3] = ["data", "payload", "body"];

fn is_scalar(value: Json<'_>) -> bool {
    !value.is_null() && !value.text().starts_with(['{', '['])
}

/// A name as a field of a mapping, in quotes if it needs them.
fn quote_field(name: &str) -> String {
    if name.contains(['.', '"']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_string()
    }
}

fn parse_path(field: &str) -> Result<Vec<String>, MappingError> {
    let error = || MappingError { field: field.to_string() };
    let mut path = Vec::new();
    let mut rest = field;
    loop {
        let name = if let Some(quoted) = rest.strip_prefix('"') {
            let mut end = quoted.find('"').ok_or_else(error)?;
            while quoted[end + 1..].starts_with('"') {
                end += 2 + quoted[end + 2..].find('"').ok_or_else(error)?;
            }
            rest = &quoted[end + 1..];
            quoted[..end].replace("\"\"", "\"")
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let name = rest[..end].to_string();
            rest = &rest[end..];
            name
        };
        if name.is_empty() {
            return Err(error());
        }
        path.push(name);
        if rest.is_empty() {
            return Ok(path);
        }
        rest = rest.strip_prefix('.').ok_or_else(error)?;
    }
}

/// The type of records that do not say theirs.
pub(crate) const DEFAULT_TYPE: &str = "record";

/// A mapping with its fields as paths, in the order of [`Role`].
#[derive(Debug, Clone)]
pub(super) struct Roles {
    paths: EnvelopePaths,
    /// The fields of the last record in order, as they are written and with their colons, each with
    /// the roles whose path begins there: the next record mostly has the same.
    shape: Vec<(String, u8)>,
}

impl Role {
    /// As messages say it.
    const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Source => "source",
            Self::Type => "type",
            Self::Subject => "stream",
            Self::Time => "time",
            Self::Sequence => "sequence",
            Self::Data => "data",
        }
    }
}

impl Roles {
    pub(super) const fn paths(&self) -> &EnvelopePaths {
        &self.paths
    }

    /// Checks a record and reads its envelope. `number` is the record's in its input.
    pub(super) fn read<'a>(
        &mut self,
        text: &'a str,
        input: &'a str,
        number: u64,
    ) -> Result<Record<'a>, RefuseReason> {
        let (raw, found) = self.find(text)?;
        self.record(raw, &found, input, number)
    }

    fn record<'a>(
        &self,
        raw: &'a str,
        found: &[Option<Scanned<'a>>; 7],
        input: &'a str,
        number: u64,
    ) -> Result<Record<'a>, RefuseReason> {
        let field = |role: Role| found[role as usize];
        let text_of = |role: Role| self.text(role, field(role));
        let required = |role: Role| match text_of(role)? {
            None if self.paths[role as usize].is_some() => Err(self.missing(role)),
            text => Ok(text),
        };
        let source = required(Role::Source)?.unwrap_or(Cow::Borrowed(input));
        let id = required(Role::Id)?.unwrap_or_else(|| Cow::Owned(number.to_string()));
        let event_type = required(Role::Type)?.unwrap_or(Cow::Borrowed(DEFAULT_TYPE));
        let subject = text_of(Role::Subject)?.unwrap_or_else(|| source.clone());
        let time = field(Role::Time).filter(|value| !value.json.is_null()).map(time).transpose();
        let time = time.map_err(|error| self.not_a_time(error))?;
        let sequence = text_of(Role::Sequence)?.and_then(|text| text.parse().ok());
        let data = match (&self.paths[Role::Data as usize], field(Role::Data)) {
            (None, _) => 0..raw.len(),
            (Some(_), None) => 0..0,
            (Some(_), Some(data)) => range(raw, data.json.text()),
        };
        Ok(Record { id, source, event_type, subject, time, sequence, raw, data })
    }

    /// The values of the roles in a record, which is checked from end to end on the way.
    fn find<'a>(
        &mut self,
        text: &'a str,
    ) -> Result<(&'a str, [Option<Scanned<'a>>; 7]), RefuseReason> {
        let raw = text.trim_ascii();
        let Some(mut scanner) = Scanner::inside(raw, b'{') else {
            Json::parse(raw)?;
            return Err(RefuseReason::NoObject { found: kind(raw) });
        };
        let mut found = [None; 7];
        let mut index = 0;
        while let Some(mut roles) = self.next_member(&mut scanner, index)? {
            let value = scanner.spanned_value()?;
            index += 1;
            while roles != 0 {
                let role = roles.trailing_zeros() as usize;
                roles &= roles - 1;
                if role == SPEC_VERSION {
                    check_version(value.json)?;
                } else if let Some([_, rest @ ..]) = self.paths[role].as_deref() {
                    found[role] = match rest {
                        [] => Some(value),
                        rest => rest
                            .iter()
                            .try_fold(value.json, |value, name| value.get(name))
                            .map(Scanned::from),
                    };
                }
            }
        }
        scanner.end()?;
        Ok((raw, found))
    }

    /// Steps to a record's field number `index`: the roles whose path begins with it, one bit each,
    /// or nothing at the end of the record.
    fn next_member(
        &mut self,
        scanner: &mut Scanner<'_>,
        index: usize,
    ) -> Result<Option<u8>, JsonError> {
        if let Some((known, roles)) = self.shape.get(index)
            && scanner.take_member(known)
        {
            return Ok(Some(*roles));
        }
        let Some(name) = scanner.member_name()? else { return Ok(None) };
        let field = Json::from_checked(name).as_str().unwrap_or_default();
        let begins =
            |path: &Option<Vec<String>>| path.as_ref().is_some_and(|path| path[0] == field);
        let bit = |(role, path)| if begins(path) { 1_u8 << role } else { 0 };
        let mut roles = self.paths.iter().enumerate().map(bit).sum();
        if field == "specversion" && self.is_cloud_events() {
            roles |= 1 << SPEC_VERSION;
        }
        self.shape.truncate(index);
        // A record of very many fields is no shape to expect again.
        if index < 64 {
            let comma = if index == 0 { "" } else { "," };
            self.shape.push((format!("{comma}{name}:"), roles));
        }
        Ok(Some(roles))
    }

    fn is_cloud_events(&self) -> bool {
        matches!(&self.paths[Role::Data as usize], Some(path) if *path == ["data"])
    }

    /// A field as text: a string, or a number or boolean as it is written.
    fn text<'a>(
        &self,
        role: Role,
        value: Option<Scanned<'a>>,
    ) -> Result<Option<Cow<'a, str>>, RefuseReason> {
        let Some(value) = value else { return Ok(None) };
        if let Some(text) = value.as_str() {
            return Ok(Some(text));
        }
        let value = value.json;
        if value.is_null() {
            return Ok(None);
        }
        if is_scalar(value) {
            return Ok(Some(Cow::Borrowed(value.text())));
        }
        let found = kind(value.text()).to_string();
        Err(RefuseReason::Field { field: self.field(role), expected: "a text or a number", found })
    }

    fn field(&self, role: Role) -> String {
        self.paths[role as usize].as_ref().map(|path| path.join(".")).unwrap_or_default()
    }

    fn missing(&self, role: Role) -> RefuseReason {
        RefuseReason::Missing { field: self.field(role), role: role.name() }
    }

    fn not_a_time(&self, error: crate::TimestampError) -> RefuseReason {
        RefuseReason::Time { field: self.field(Role::Time), error }
    }
}

/// A bit beside those of the roles: the version of CloudEvents, which must be 1.0.
const SPEC_VERSION: usize = 7;

fn check_version(value: Json<'_>) -> Result<(), RefuseReason> {
    if value.text() == "\"1.0\"" {
        return Ok(());
    }
    let found = value.text().chars().take(40).collect();
    Err(RefuseReason::Field { field: "specversion".into(), expected: "\"1.0\"", found })
}

fn time(value: Scanned<'_>) -> Result<Timestamp, crate::TimestampError> {
    if let Some(text) = value.as_str() {
        return text.parse();
    }
    if let Some(millis) = value.json.as_i64() {
        return Ok(Timestamp::from_millis(millis));
    }
    value.json.text().parse()
}

/// Where a part that borrows from `whole` lies in it.
fn range(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

fn kind(text: &str) -> &'static str {
    match text.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b'n') => "null",
        Some(b't' | b'f') => "a boolean",
        _ => "a number",
    }
}
