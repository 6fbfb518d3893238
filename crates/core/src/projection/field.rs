//! The parts of an event's data that some view reads.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use crate::Value;
use crate::cell::{Cell, Dictionary};
use crate::json::Json;
use crate::sql::{EvaluateError, Name, Step};

/// Every path into `data` that is read, as a tree, each with the number of its slot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paths {
    root: Node,
    /// Of each slot, its path and whether it is read as JSON rather than as a value.
    slots: Vec<(Name, bool)>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// The slots of the value and of the JSON, if they are read.
    slots: [Option<usize>; 2],
    children: Vec<(Step, Node)>,
}

impl Paths {
    /// The slot of a path, whose first step is `data`.
    pub(crate) fn slot(&mut self, name: &Name) -> usize {
        self.slot_as(name, false)
    }

    /// The slot of a path that is read as JSON.
    pub(crate) fn json_slot(&mut self, name: &Name) -> usize {
        self.slot_as(name, true)
    }

    fn slot_as(&mut self, name: &Name, is_json: bool) -> usize {
        let mut node = &mut self.root;
        for step in &name.steps[1..] {
            let known = node.children.iter().position(|(child, _)| child == step);
            let index = known.unwrap_or_else(|| {
                node.children.push((step.clone(), Node::default()));
                node.children.len() - 1
            });
            node = &mut node.children[index].1;
        }
        *node.slots[usize::from(is_json)].get_or_insert_with(|| {
            self.slots.push((name.clone(), is_json));
            self.slots.len() - 1
        })
    }

    /// How many slots there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The slots in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Name, bool)> {
        self.slots.iter()
    }

    pub(crate) fn name(&self, slot: usize) -> &Name {
        &self.slots[slot].0
    }

    pub(crate) fn is_json(&self, slot: usize) -> bool {
        self.slots[slot].1
    }

    /// Finds the paths in an event's data, and tells of each slot what is there.
    pub(crate) fn find(&self, data: Json<'_>, found: &mut impl FnMut(usize, Json<'_>)) {
        self.root.visit(data, found);
    }
}

impl Node {
    fn visit(&self, json: Json<'_>, found: &mut impl FnMut(usize, Json<'_>)) {
        for slot in self.slots.iter().flatten() {
            found(*slot, json);
        }
        if self.children.is_empty() {
            return;
        }
        let mut members = json.members();
        while let Some((name, value)) = members.next_as_written() {
            let Some(name) = name.as_str() else { continue };
            for (step, child) in &self.children {
                if matches!(step, Step::Field(field) if *field == name) {
                    child.visit(value, found);
                }
            }
        }
        for (index, value) in json.elements().enumerate() {
            for (step, child) in &self.children {
                if *step == Step::Element(index) {
                    child.visit(value, found);
                }
            }
        }
    }
}

/// The cell of a JSON value, which was found under this name.
pub(super) fn cell(
    json: Json<'_>,
    name: &Name,
    dictionary: &mut Dictionary,
) -> Result<Cell, EvaluateError> {
    let value = Value::from_json(json).ok_or_else(|| number_error(json, name))?;
    Ok(dictionary.cell(&value))
}

/// Says that a number, which was found under this name, cannot be kept.
pub(super) fn number_error(json: Json<'_>, name: &Name) -> EvaluateError {
    EvaluateError::Number { path: name.to_string(), text: json.text().chars().take(60).collect() }
}
