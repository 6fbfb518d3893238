//! From a record to its shape.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{EnvelopePaths, Field, Hole, HoleKind, Mark, Role, Shape};
use crate::json::Json;
use crate::log::Record;

/// Records of more holes, deeper or longer than this are stored as they are.
const MOST_HOLES: usize = 64;
const DEEPEST: usize = 8;
const LONGEST: usize = 1 << 14;

/// A value that was found on the way through a record.
struct Place {
    path: Vec<String>,
    start: usize,
    end: usize,
    /// None where records of the shape have the same value.
    kind: Option<HoleKind>,
}

/// The shape of a record that was checked; nothing if it has none.
pub(super) fn shape(
    record: &Record<'_>,
    paths: &EnvelopePaths,
    (event_type, source): (u32, u32),
) -> Option<Shape> {
    if record.raw.len() > LONGEST {
        return None;
    }
    let path = |role: Role| paths[role as usize].as_deref();
    let is_constant = |place: &[String]| {
        place == ["specversion"]
            || [Role::Type, Role::Source].iter().any(|role| path(*role) == Some(place))
    };
    let mut places = Vec::new();
    visit(record.raw, Json::from_checked(record.raw), &mut Vec::new(), &is_constant, &mut places)?;

    let holes: Vec<&Place> = places.iter().filter(|place| place.kind.is_some()).collect();
    let hole_of = |role: Role| holes.iter().position(|place| path(role) == Some(&*place.path));
    // What the envelope reads must vary by itself, or not be there at all.
    let is_apart = |role: Role| {
        path(role).is_none_or(|path| hole_of(role).is_some() || is_absent(record, path))
    };
    if ![Role::Id, Role::Subject, Role::Time, Role::Sequence].into_iter().all(is_apart) {
        return None;
    }
    let mut shape = Shape {
        text: String::new(),
        // What stands in a hole is within a line always.
        is_line: !record.raw.contains('\n'),
        holes: Vec::new(),
        event_type,
        source,
        id: hole_of(Role::Id),
        subject: hole_of(Role::Subject),
        time: hole_of(Role::Time),
        sequence: hole_of(Role::Sequence),
        data: None,
        fields: fields(&places, record, path(Role::Data).unwrap_or_default()),
    };
    let mut marks = (Mark::default(), Mark::default());
    let mut at = 0;
    for (index, place) in holes.iter().enumerate() {
        mark(&mut marks, record, (at, place.start), &shape);
        shape.text.push_str(&record.raw[at..place.start]);
        let also = [shape.id, shape.sequence].contains(&Some(index));
        let kind = match place.kind? {
            HoleKind::Text if shape.time == Some(index) => HoleKind::Time,
            HoleKind::Text if shape.subject == Some(index) && !also => HoleKind::Subject,
            kind => kind,
        };
        shape.holes.push(Hole { piece_end: shape.text.len(), kind });
        at = place.end;
    }
    mark(&mut marks, record, (at, record.raw.len()), &shape);
    shape.text.push_str(&record.raw[at..]);
    shape.data = (!record.data.is_empty()).then_some(marks);
    Some(shape)
}

/// Notes where the data begins and ends, if it does in the piece of text from the one place to the
/// other, which comes next in the shape.
fn mark(marks: &mut (Mark, Mark), record: &Record<'_>, (from, to): (usize, usize), shape: &Shape) {
    let here = |at: usize| Mark { holes: shape.holes.len(), text: shape.text.len() + at - from };
    let piece = from..=to;
    if piece.contains(&record.data.start) {
        marks.0 = here(record.data.start);
    }
    if piece.contains(&record.data.end) {
        marks.1 = here(record.data.end);
    }
}

fn is_absent(record: &Record<'_>, path: &[String]) -> bool {
    let value = path.iter().try_fold(Json::from_checked(record.raw), |json, name| json.get(name));
    value.is_none()
}

/// The values within the data, with their paths in it.
fn fields(places: &[Place], record: &Record<'_>, data: &[String]) -> Vec<(Vec<String>, Field)> {
    let mut holes = 0;
    let mut fields = Vec::new();
    for place in places {
        let hole = holes;
        holes += usize::from(place.kind.is_some());
        if let Some(path) = place.path.strip_prefix(data)
            && record.data.contains(&place.start)
        {
            let constant = || Field::Constant(record.raw[place.start..place.end].to_string());
            let field = place.kind.map_or_else(constant, |_| Field::Hole(hole));
            fields.push((path.to_vec(), field));
        }
    }
    fields
}

/// Finds the values in an object, in the order in which they stand.
fn visit(
    raw: &str,
    object: Json<'_>,
    path: &mut Vec<String>,
    is_constant: &impl Fn(&[String]) -> bool,
    places: &mut Vec<Place>,
) -> Option<()> {
    if path.len() == DEEPEST {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    let mut members = object.members();
    while let Some((name, value)) = members.next_as_written() {
        let name = name.text().strip_prefix('"')?.strip_suffix('"')?;
        // The last of two fields of one name counts, and an escaped name may be another's equal.
        if names.contains(&name) || name.contains('\\') {
            return None;
        }
        names.push(name);
        path.push(name.to_string());
        let text = value.text();
        let start = text.as_ptr().addr() - raw.as_ptr().addr();
        let (start, end) = (start, start + text.len());
        let (start, end, kind) = match text.as_bytes().first()? {
            b'{' if value.members().next().is_some() => {
                visit(raw, value, path, is_constant, places)?;
                path.pop();
                continue;
            }
            // An empty object is what it is in every record of the shape.
            b'{' => (start, end, None),
            _ if is_constant(path) => (start, end, None),
            b'"' => (start + 1, end - 1, Some(HoleKind::Text)),
            b'[' => (start, end, Some(HoleKind::Array)),
            _ => (start, end, Some(HoleKind::Scalar)),
        };
        places.push(Place { path: path.clone(), start, end, kind });
        if places.len() > MOST_HOLES {
            return None;
        }
        path.pop();
    }
    Some(())
}
