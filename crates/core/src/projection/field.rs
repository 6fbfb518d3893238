//! The parts of an event's data that some view reads, found in one pass.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::cell::{Cell, Dictionary};
use crate::json::Json;
use crate::sql::{EvaluateError, Name, Step};
use crate::{Event, Value};

/// Every path into `data` that is read, as a tree, each with the number of its slot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paths {
    root: Node,
    names: Vec<Name>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    slot: Option<usize>,
    children: Vec<(Step, Node)>,
}

impl Paths {
    /// The slot of a path, whose first step is `data`.
    pub(crate) fn slot(&mut self, name: &Name) -> usize {
        let mut node = &mut self.root;
        for step in &name.steps[1..] {
            let known = node.children.iter().position(|(child, _)| child == step);
            let index = known.unwrap_or_else(|| {
                node.children.push((step.clone(), Node::default()));
                node.children.len() - 1
            });
            node = &mut node.children[index].1;
        }
        *node.slot.get_or_insert_with(|| {
            self.names.push(name.clone());
            self.names.len() - 1
        })
    }
}

/// Where the slots of one event lie in its data, and the values that were asked for already.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields {
    slots: Vec<Field>,
    /// Of each type of event, the fields of the last one's data in order, as they are written, each
    /// with the child of the root that reads it: the next event mostly has the same.
    shapes: Vec<Vec<(String, Option<usize>)>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Field {
    /// Where it lies in the data, if it is there.
    span: Option<(usize, usize)>,
    value: Option<Cell>,
}

/// Data of more fields than this has no shape to expect again.
const LONGEST_SHAPE: usize = 64;

impl Fields {
    /// Finds the paths in an event, whose type has this number.
    pub(crate) fn find(&mut self, paths: &Paths, event: &Event<'_>, type_code: u32) {
        self.slots.clear();
        self.slots.resize(paths.names.len(), Field::default());
        if paths.names.is_empty() {
            return;
        }
        let json = Json::from_checked(&event.data);
        if paths.root.slot.is_some() || !event.data.starts_with('{') {
            return self.visit(&paths.root, json, &event.data);
        }
        let code = type_code as usize;
        if self.shapes.len() <= code {
            self.shapes.resize(code + 1, Vec::new());
        }
        let mut shape = core::mem::take(&mut self.shapes[code]);
        let mut members = json.members();
        for index in 0.. {
            let expected = shape.get(index);
            let known =
                expected.and_then(|(name, child)| Some((*child, members.next_if_named(name)?)));
            let (child, value) = if let Some(known) = known {
                known
            } else {
                let Some((name, value)) = members.next_as_written() else { break };
                let child = paths.root.child(name);
                shape.truncate(index);
                if index < LONGEST_SHAPE {
                    shape.push((name.text().into(), child));
                }
                (child, value)
            };
            if let Some(child) = child {
                self.visit(&paths.root.children[child].1, value, &event.data);
            }
        }
        self.shapes[code] = shape;
    }

    fn visit(&mut self, node: &Node, json: Json<'_>, data: &str) {
        if let Some(slot) = node.slot {
            let start = json.text().as_ptr().addr() - data.as_ptr().addr();
            self.slots[slot].span = Some((start, start + json.text().len()));
        }
        if node.children.is_empty() {
            return;
        }
        let mut members = json.members();
        while let Some((name, value)) = members.next_as_written() {
            if let Some(child) = node.child(name) {
                self.visit(&node.children[child].1, value, data);
            }
        }
        for (index, value) in json.elements().enumerate() {
            for (step, child) in &node.children {
                if *step == Step::Element(index) {
                    self.visit(child, value, data);
                }
            }
        }
    }

    /// The value in a slot: NULL when the event has no such field.
    pub(crate) fn value(
        &mut self,
        slot: usize,
        paths: &Paths,
        event: &Event<'_>,
        dictionary: &mut Dictionary,
    ) -> Result<Cell, EvaluateError> {
        let field = &mut self.slots[slot];
        if let Some(value) = field.value {
            return Ok(value);
        }
        let Some((start, end)) = field.span else { return Ok(Cell::NULL) };
        let json = Json::from_checked(&event.data[start..end]);
        let value = cell(json, &paths.names[slot], dictionary)?;
        field.value = Some(value);
        Ok(value)
    }

    /// The JSON in a slot, if the event has such a field.
    pub(crate) fn json<'a>(&self, slot: usize, event: &'a Event<'a>) -> Option<Json<'a>> {
        let (start, end) = self.slots[slot].span?;
        Some(Json::from_checked(&event.data[start..end]))
    }
}

/// The cell of a JSON value, which was found under this name.
pub(super) fn cell(
    json: Json<'_>,
    name: &Name,
    dictionary: &mut Dictionary,
) -> Result<Cell, EvaluateError> {
    if let Some(text) = json.as_str() {
        return Ok(dictionary.text(&text));
    }
    let value = Value::from_json(json).ok_or_else(|| EvaluateError::Number {
        path: name.to_string(),
        text: json.text().chars().take(60).collect(),
    })?;
    Ok(dictionary.cell(&value))
}

impl Node {
    /// The number of the child for a field of this name, as it is written in JSON.
    fn child(&self, name: Json<'_>) -> Option<usize> {
        let name = name.as_str()?;
        self.children
            .iter()
            .position(|(step, _)| matches!(step, Step::Field(field) if *field == name))
    }
}
