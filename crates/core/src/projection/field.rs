//! The parts of an event's data that some view reads, found in one pass.

use alloc::string::ToString as _;
use alloc::vec::Vec;

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
}

#[derive(Debug, Clone, Default)]
struct Field {
    /// Where it lies in the data, if it is there.
    span: Option<(usize, usize)>,
    value: Option<Value>,
}

impl Fields {
    /// Finds the paths in an event.
    pub(crate) fn find(&mut self, paths: &Paths, event: &Event<'_>) {
        self.slots.clear();
        self.slots.resize(paths.names.len(), Field::default());
        if !paths.names.is_empty() {
            self.visit(&paths.root, Json::from_checked(event.data), event.data);
        }
    }

    fn visit(&mut self, node: &Node, json: Json<'_>, data: &str) {
        if let Some(slot) = node.slot {
            let start = json.text().as_ptr().addr() - data.as_ptr().addr();
            self.slots[slot].span = Some((start, start + json.text().len()));
        }
        if node.children.is_empty() {
            return;
        }
        for (name, value) in json.members() {
            for (step, child) in &node.children {
                if matches!(step, Step::Field(field) if *field == name) {
                    self.visit(child, value, data);
                }
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
    ) -> Result<Value, EvaluateError> {
        let field = &mut self.slots[slot];
        if let Some(value) = &field.value {
            return Ok(value.clone());
        }
        let Some((start, end)) = field.span else { return Ok(Value::Null) };
        let json = Json::from_checked(&event.data[start..end]);
        let value = Value::from_json(json).ok_or_else(|| EvaluateError::Number {
            path: paths.names[slot].to_string(),
            text: json.text().chars().take(60).collect(),
        })?;
        field.value = Some(value.clone());
        Ok(value)
    }
}
