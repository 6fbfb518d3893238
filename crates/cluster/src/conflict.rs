//! When two regions change a row and neither knows of the other's change.
//!
//! A [`Row`] keeps the [`Change`]s that the events of all regions made to it, and each change knows
//! what its region had seen. Two changes that had not seen each other are in conflict where they
//! touch the same, and a [`Policy`] says what the row shows then:
//!
//! | policy | what the row shows | what is overruled |
//! |---|---|---|
//! | last writer wins | what the last writer saw, and its change | all that the last writer had not seen |
//! | by field, [`Rule::LastWriterWins`] | of each field what was written last | what was written to the same field |
//! | [`Rule::Counter`], [`Rule::Set`] | the sum of what was added; what was inserted and not removed since | nothing |
//! | [`Rule::Custom`] | what a function makes of the versions | the versions it did not keep |
//! | [`Rule::Open`] | what nobody disputes, until a person decides | nothing yet |
//!
//! "Last" means last in the agreed order, that of the [`Stamp`]s. A row is resolved from the set of
//! its changes and nothing else: whatever the order of delivery, every region ends with the same
//! row and the same conflicts. What was overruled stays in the [`Conflict`], and can be put back as
//! a new event ([`Change::restored`]).
//!
//! Where fields are resolved one by one, a delete deletes what it had seen: a row that somebody
//! wrote to meanwhile stays, with what was written meanwhile.
//!
//! ```
//! use std::sync::Arc;
//!
//! use everview_cluster::clock::{Region, Stamp, VersionVector};
//! use everview_cluster::conflict::{Change, Deed, Field, Policy, Row, Write};
//! use everview_core::{NewEvent, Value};
//!
//! let address = |region: u8, text: &str| Change {
//!     stamp: Stamp { region: Region::new(region), number: 1, ..Stamp::default() },
//!     seen: VersionVector::new(),
//!     event: Arc::new(NewEvent {
//!         id: "1".into(),
//!         source: format!("/region/{region}"),
//!         event_type: "Moved".into(),
//!         subject: "customer-7".into(),
//!         time: None,
//!         data: "{}".into(),
//!     }),
//!     deed: Deed::write([("address", Write::Put(Value::text(text)))]),
//! };
//! let mut row = Row::new(Arc::new(Policy::by_field()));
//! row.insert(address(1, "Bern"))?;
//! row.insert(address(2, "Basel"))?;
//!
//! let resolved = row.resolve();
//! assert_eq!(resolved.fields.unwrap()["address"], Field::Value(Value::text("Basel")));
//! let conflict = &resolved.conflicts[0];
//! assert_eq!(conflict.overruled().next().unwrap().value, Some(Value::text("Bern")));
//! # Ok::<(), everview_cluster::conflict::ChangeError>(())
//! ```

mod lines;
mod policy;
mod report;
mod resolve;
mod row;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use everview_core::{NewEvent, Value};

use crate::clock::{Causality, Stamp, VersionVector};

pub use policy::{ChangeError, Custom, Policy, Resolution, Rule};
pub use report::{Basis, Conflict, Outcome, Version};
pub use row::{Field, Resolved, Row};

/// What an event of a region does to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which event it is.
    pub stamp: Stamp,
    /// What its region had seen before, its own earlier events included.
    pub seen: VersionVector,
    /// The event.
    pub event: Arc<NewEvent>,
    /// What it does.
    pub deed: Deed,
}

/// What is done to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Something happens to each of these fields; the others stay.
    Write(BTreeMap<Arc<str>, Write>),
    /// The row goes.
    Delete,
}

/// What is done to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// It has this value now.
    Put(Value),
    /// It is more by this, or less.
    Add(i64),
    /// These are in it.
    Insert(Vec<Value>),
    /// Those of these that were seen are not in it any more.
    Remove(Vec<Value>),
}

impl Change {
    /// Whether it was made knowing of another.
    pub fn has_seen(&self, other: &Self) -> bool {
        self.seen.has_seen(&other.stamp)
    }

    /// How it stands to another: in conflict, if they are concurrent and touch the same.
    pub fn compare(&self, other: &Self) -> Causality {
        match (other.has_seen(self), self.has_seen(other)) {
            _ if self.stamp == other.stamp => Causality::Equal,
            (true, _) => Causality::Before,
            (false, true) => Causality::After,
            (false, false) => Causality::Concurrent,
        }
    }

    /// The same once more, by an event of its own with this id: it is made now, knowing of what
    /// overruled it, and so prevails.
    pub fn restored(&self, id: String, stamp: Stamp, seen: VersionVector) -> Self {
        let event = NewEvent { id, time: Some(stamp.time.wall), ..(*self.event).clone() };
        Self { stamp, seen, event: Arc::new(event), deed: self.deed.clone() }
    }

    /// What it does to a field.
    pub(crate) fn write(&self, field: &str) -> Option<&Write> {
        match &self.deed {
            Deed::Write(writes) => writes.get(field),
            Deed::Delete => None,
        }
    }

    fn is_delete(&self) -> bool {
        self.deed == Deed::Delete
    }
}

impl Deed {
    /// Writes to fields.
    pub fn write<'a>(writes: impl IntoIterator<Item = (&'a str, Write)>) -> Self {
        Self::Write(writes.into_iter().map(|(field, write)| (field.into(), write)).collect())
    }
}

#[cfg(test)]
mod tests;
