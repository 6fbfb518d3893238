//! Shapes told by an example each, so that they can be learned elsewhere.

use alloc::string::String;

use super::{EnvelopePaths, HoleKind, KindCode, Role, Shape, Shapes, learn};
use crate::json::Json;
use crate::log::Record;

impl Shape {
    /// A record of this shape.
    pub(in crate::log) fn example(&self) -> String {
        let mut raw = String::new();
        self.fill(&mut raw, |hole, raw| match self.holes[hole].kind {
            HoleKind::Text | HoleKind::Time | HoleKind::Subject => {}
            HoleKind::Scalar => raw.push('0'),
            HoleKind::Array => raw.push_str("[]"),
        });
        raw
    }
}

impl Shapes {
    /// The shapes in the order of their numbers, each with the number of its kind.
    pub(in crate::log) fn iter(&self) -> impl ExactSizeIterator<Item = (usize, &Shape)> {
        self.homes.iter().map(|kind| kind.0).zip(&self.all)
    }

    /// The kind of the records that a shape was learned from.
    pub(in crate::log) fn home(&self, number: usize) -> Option<(&EnvelopePaths, &str)> {
        let kind = &self.kinds[self.homes.get(number)?.0];
        Some((&kind.paths, &kind.input))
    }

    /// The kinds in the order of their numbers: their paths and input.
    pub(in crate::log) fn kinds(&self) -> impl ExactSizeIterator<Item = (&EnvelopePaths, &str)> {
        self.kinds.iter().map(|kind| (&kind.paths, &*kind.input))
    }

    /// Learns the shape of an example, which is JSON; its number, if it is a new one and its type and
    /// source are these.
    pub(in crate::log) fn learn_example(
        &mut self,
        kind: KindCode,
        example: &str,
        (event_type, source): ((u32, &str), (u32, &str)),
    ) -> Option<usize> {
        let paths = &self.kinds[kind.0].paths;
        let json = Json::from_checked(example);
        let find = |role: Role| {
            let path = paths[role as usize].as_ref()?;
            Some(path.iter().try_fold(json, |json, name| json.get(name)))
        };
        let says = |role: Role, default: &str, name: &str| match find(role) {
            None => default == name,
            Some(None) => false,
            Some(Some(json)) => match json.as_str() {
                Some(text) => text == name,
                None => json.text() == name,
            },
        };
        let input = &*self.kinds[kind.0].input;
        if !says(Role::Type, crate::input::DEFAULT_TYPE, event_type.1)
            || !says(Role::Source, input, source.1)
        {
            return None;
        }
        let data = match find(Role::Data) {
            None => 0..example.len(),
            Some(None) => 0..0,
            Some(Some(json)) => {
                let start = json.text().as_ptr().addr() - example.as_ptr().addr();
                start..start + json.text().len()
            }
        };
        let record = Record {
            id: "".into(),
            source: source.1.into(),
            event_type: event_type.1.into(),
            subject: "".into(),
            time: None,
            sequence: None,
            raw: example,
            data,
        };
        let shape = learn::shape(&record, paths, (event_type.0, source.0))?;
        let before = self.all.len();
        self.add(kind, shape).filter(|number| *number == before)
    }
}
