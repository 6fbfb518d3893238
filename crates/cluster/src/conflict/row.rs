//! A row with all that was done to it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use everview_core::Value;

use super::{Change, ChangeError, Conflict, Policy};
use crate::clock::Region;

/// A row of a view that several regions write to: the changes that they made to it.
///
/// It keeps all of them: as long as a region may still send something that had not seen a change,
/// that change may come to be in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    policy: Arc<Policy>,
    changes: BTreeMap<(Region, u64), Arc<Change>>,
}

/// What a row shows, and what it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The fields; none if there is no row.
    pub fields: Option<BTreeMap<Arc<str>, Field>>,
    /// What is or was in conflict, the earliest in the agreed order first.
    pub conflicts: Vec<Conflict>,
}

/// What a field shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// A value.
    Value(Value),
    /// The members of a set.
    Set(BTreeSet<Value>),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Set(members) => {
                f.write_str("{")?;
                for (place, member) in members.iter().enumerate() {
                    let comma = if place == 0 { "" } else { ", " };
                    write!(f, "{comma}{member}")?;
                }
                f.write_str("}")
            }
        }
    }
}

impl Row {
    /// A row that nothing was done to.
    pub const fn new(policy: Arc<Policy>) -> Self {
        Self { policy, changes: BTreeMap::new() }
    }

    /// Takes in a change. One that is there already is ignored.
    ///
    /// # Errors
    ///
    /// If the change does to a field what its rule does not allow, or cannot have seen what it says.
    pub fn insert(&mut self, change: Change) -> Result<(), ChangeError> {
        self.policy.check(&change)?;
        let key = (change.stamp.region, change.stamp.number);
        self.changes.entry(key).or_insert_with(|| Arc::new(change));
        Ok(())
    }

    /// Takes in what another region knows of the row, which has the same policy.
    pub fn merge(&mut self, other: &Self) {
        for (key, change) in &other.changes {
            self.changes.entry(*key).or_insert_with(|| change.clone());
        }
    }

    /// The changes, by region and in the order it made them.
    pub fn changes(&self) -> impl Iterator<Item = &Arc<Change>> {
        self.changes.values()
    }

    /// What the row shows, and what is or was in conflict.
    pub fn resolve(&self) -> Resolved {
        let lines = self.changes.values().collect();
        match &*self.policy {
            Policy::LastWriterWins => super::resolve::whole(&lines),
            policy @ Policy::ByField { .. } => super::resolve::by_field(policy, &lines),
        }
    }
}
