//! Elements of an array that an event is unnested by.

use crate::cell::{Cell, Dictionary};
use crate::json::{Elements, Json};
use crate::projection::field;
use crate::sql::{EvaluateError, Name, Step};

/// The element that is being folded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    /// Its place in the array, from 0.
    pub(super) index: usize,
    pub(super) element: Json<'a>,
    /// The paths into it, by their numbers. Their first step is `item`.
    pub(super) paths: &'a [Name],
}

impl Item<'_> {
    /// What the element has at a path: NULL if it has nothing.
    pub(super) fn value(
        &self,
        path: usize,
        dictionary: &mut Dictionary,
    ) -> Result<Cell, EvaluateError> {
        let name = &self.paths[path];
        let mut json = self.element;
        for step in &name.steps[1..] {
            let found = match step {
                Step::Field(field) => json.get(field),
                Step::Element(index) => json.elements().nth(*index),
            };
            let Some(found) = found else { return Ok(Cell::NULL) };
            json = found;
        }
        field::cell(json, name, dictionary)
    }
}

/// The elements of what should be an array. An event may have none.
pub(super) fn elements(json: Option<Json<'_>>) -> Result<Option<Elements<'_>>, EvaluateError> {
    let Some(json) = json.filter(|json| !json.is_null()) else { return Ok(None) };
    let found = match json.text().as_bytes().first() {
        Some(b'[') => return Ok(Some(json.elements())),
        Some(b'{') => "an object",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "a boolean",
        _ => "a number",
    };
    Err(EvaluateError::Type { operation: "each", expected: "an array", found })
}
