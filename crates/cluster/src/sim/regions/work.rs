//! What is written, and how it is resolved.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;

use everview_core::command::ObjectWriter;
use everview_core::{
    Clause, Definitions, Engine, Limits, Rng, TableDefinition, Timestamp, Value, ViewDefinition,
};

use super::super::Edits;
use crate::conflict::{Custom, Deed, Policy, Resolution, Rule, Write};
use crate::exchange::SiteInput;

/// How the rows of the simulated regions are resolved.
pub fn policy() -> Policy {
    let highest = Custom::new("the highest bid", |_, versions| {
        let number = |place: &usize| match &versions[*place].value {
            Some(Value::Int(number)) => *number,
            _ => i64::MIN,
        };
        (0..versions.len()).max_by_key(number).map_or(Resolution::Open, Resolution::Keep)
    });
    Policy::by_field()
        .with("stock", Rule::Counter)
        .with("tags", Rule::Set)
        .with("bid", Rule::Custom(highest))
        .with("price", Rule::Open)
}

/// What writing a value to a field does, if there is such a field and it can take the value.
///
/// ```
/// use everview_cluster::conflict::{Deed, Write};
/// use everview_cluster::sim::regions::deed;
///
/// assert_eq!(deed("stock", "-2"), Some(Deed::write([("stock", Write::Add(-2))])));
/// assert_eq!(deed("stock", "some"), None);
/// ```
pub fn deed(field: &str, value: &str) -> Option<Deed> {
    let number = || value.parse::<i64>().ok();
    let write = match field {
        "note" => Write::Put(Value::text(value)),
        "stock" => Write::Add(number()?),
        "tags" => match value.strip_prefix('-') {
            Some(member) => Write::Remove(vec![Value::text(member)]),
            None => Write::Insert(vec![Value::text(value)]),
        },
        "bid" | "price" => Write::Put(Value::Int(number()?)),
        _ => return None,
    };
    Some(Deed::write([(field, write)]))
}

/// The data of the event that does it.
pub(super) fn data(field: &str, value: &str) -> String {
    ObjectWriter::new().text("field", field).text("value", value).finish()
}

/// Ordinary views of the merged log: of each row, the last thing that was written to it.
pub(super) fn views() -> Engine {
    let set = [("field", "data.field"), ("value", "data.value"), ("source", "source")];
    let clause = Clause {
        set: set.map(|(name, of)| (name.to_owned(), of.to_owned())).into(),
        add: vec![("writes".to_owned(), "1".to_owned())],
        ..Clause::default()
    };
    let table = TableDefinition {
        key: vec!["subject".to_owned()],
        on: vec![("Written".to_owned(), clause)],
        ..TableDefinition::default()
    };
    let views = vec![("rows".to_owned(), ViewDefinition::Table(table))];
    let mut engine = Engine::new(Limits::default());
    let defined = engine.define(&Definitions { views, ..Definitions::default() });
    debug_assert_eq!(defined, Ok(()));
    engine
}

/// Writes that come by themselves.
#[derive(Debug)]
pub(super) struct Work {
    edits: Option<Edits>,
    rng: Rng,
    at: Timestamp,
    number: u64,
}

impl Work {
    pub(super) fn new(edits: Option<Edits>, rng: Rng) -> Self {
        Self { edits, rng, at: Timestamp::default(), number: 0 }
    }

    /// How long after the start the next one comes; none when it ends.
    pub(super) fn next(&mut self) -> Option<Timestamp> {
        let edits = self.edits?;
        let pause = self.rng.between(0, 2 * edits.every_ms);
        self.at = self.at.plus_millis(i64::try_from(pause).unwrap_or(i64::MAX));
        (self.at < edits.until).then_some(self.at)
    }

    /// Where one is made, of so many regions, and what.
    pub(super) fn edit(&mut self, regions: usize) -> (usize, SiteInput) {
        self.number += 1;
        let rows = self.edits.map_or(1, |edits| edits.rows);
        let row = format!("row-{}", self.rng.below(rows));
        let number = self.number;
        let (field, value) = match self.rng.below(10) {
            0..=3 => ("note", format!("n{number}")),
            4 | 5 => ("stock", self.rng.between(1, 9).to_string()),
            6 => ("tags", format!("t{}", self.rng.below(4))),
            7 => ("tags", format!("-t{}", self.rng.below(4))),
            8 => ("bid", self.rng.below(1_000).to_string()),
            _ => ("price", self.rng.below(1_000).to_string()),
        };
        let place = usize::try_from(self.rng.below(regions as u64)).unwrap_or(0);
        let deed = deed(field, &value).unwrap_or(Deed::Delete);
        (place, SiteInput::Write { row, deed, data: data(field, &value) })
    }

    /// Once in a while.
    pub(super) fn wants_restore(&mut self) -> bool {
        self.rng.chance(10_000)
    }
}
