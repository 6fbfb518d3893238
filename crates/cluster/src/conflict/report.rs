//! What was in conflict and how it ended, for people.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use everview_core::Value;

use super::Change;
use crate::clock::Stamp;

/// Changes that were made without knowing of each other and touched the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The field they wrote to; none if it is about the whole row.
    pub field: Option<Arc<str>>,
    /// What was written, in the agreed order: two at least.
    pub versions: Vec<Version>,
    /// By what it was decided.
    pub basis: Basis,
    /// How.
    pub outcome: Outcome,
    /// The first change that was made knowing of all of them. A conflict that was left open is
    /// closed by it.
    pub settled: Option<Stamp>,
}

/// One of the changes in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The change.
    pub change: Arc<Change>,
    /// What it wrote to the field; none if the conflict is about the whole row.
    pub value: Option<Value>,
}

/// By what a conflict was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// The last one in the agreed order prevails.
    LastWriterWins,
    /// A delete leaves alone what it had not seen.
    UnseenByDelete,
    /// A function with this name.
    Custom(Arc<str>),
    /// It is left to a person.
    Person,
}

/// How a conflict was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// These prevail.
    Kept(Vec<Stamp>),
    /// This took the place of all of them.
    Merged(Value),
    /// It was not.
    Open,
}

impl Conflict {
    /// Whether a person still has to decide.
    pub fn is_open(&self) -> bool {
        self.outcome == Outcome::Open && self.settled.is_none()
    }

    /// The versions that do not show, in the agreed order: none as long as nothing was decided.
    pub fn overruled(&self) -> impl Iterator<Item = &Version> {
        self.versions.iter().filter(|version| match &self.outcome {
            Outcome::Kept(kept) => !kept.contains(&version.change.stamp),
            Outcome::Merged(_) => true,
            Outcome::Open => self.settled.is_some(),
        })
    }

    /// Why it was decided so.
    pub fn reason(&self) -> String {
        let count = self.versions.len();
        let kept = match &self.outcome {
            Outcome::Kept(kept) => kept.last(),
            Outcome::Merged(_) | Outcome::Open => None,
        };
        match (&self.basis, kept, &self.outcome) {
            (Basis::LastWriterWins, Some(kept), _) => {
                format!("the last of {count} in the agreed order is {kept}")
            }
            (Basis::UnseenByDelete, Some(kept), _) => format!("the delete had not seen {kept}"),
            (Basis::Custom(name), Some(kept), _) => format!("{name}: of {count}, it kept {kept}"),
            (Basis::Custom(name), None, Outcome::Merged(value)) => {
                format!("{name}: of {count}, it made {value}")
            }
            (basis, ..) => match self.settled {
                Some(settled) => format!("{basis} decided by {settled}"),
                None => format!("{basis} has to decide between {count}"),
            },
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LastWriterWins => f.write_str("last writer wins"),
            Self::UnseenByDelete => f.write_str("a delete deletes what it had seen"),
            Self::Custom(name) => f.write_str(name),
            Self::Person => f.write_str("a person"),
        }
    }
}
