//! What a view does about conflicts.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use everview_core::Value;

use super::{Change, Deed, Version, Write};
use crate::clock::Region;

/// What a view's rows show when changes are in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// The whole row is the last writer's. Its fields can only be [`Write::Put`].
    LastWriterWins,
    /// Each field is resolved on its own.
    ByField {
        /// By this rule.
        rule: Rule,
        /// But these by theirs.
        fields: BTreeMap<Arc<str>, Rule>,
    },
}

/// What a field shows when writes to it are in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// What was written last in the agreed order.
    LastWriterWins,
    /// Writes only [`Write::Add`], so all of them count (a PN-counter).
    Counter,
    /// Writes only [`Write::Insert`] and [`Write::Remove`]; a remove takes away what it had seen, so
    /// an insert that it had not seen stays (an OR-set).
    Set,
    /// What a function makes of the versions.
    Custom(Custom),
    /// What was there before them, until somebody writes knowing of all of them.
    Open,
}

/// A function that resolves conflicts, with the name that it is shown by.
///
/// It is given the versions in the agreed order and must look at nothing else, or regions differ.
#[derive(Clone)]
pub struct Custom {
    name: Arc<str>,
    resolve: Arc<Resolve>,
}

type Resolve = dyn Fn(&str, &[Version]) -> Resolution + Send + Sync;

/// What a [`Custom`] function makes of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// The one at this place prevails. If there is none, it is as [`Resolution::Open`].
    Keep(usize),
    /// This takes the place of all of them.
    Value(Value),
    /// A person has to decide.
    Open,
}

/// A change was not taken. The row is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// It does what the policy has no rule for.
    #[error("expected the field `{field}` to be {expected}, found it {found}")]
    Rule {
        /// The field.
        field: Arc<str>,
        /// What can be done to it.
        expected: &'static str,
        /// What the change does to it.
        found: &'static str,
    },
    /// It claims to have been made knowing of itself, or of what its region made later.
    #[error("expected to have seen fewer than {expected} of {region}, found {found}")]
    SeesItself {
        /// The region that made it.
        region: Region,
        /// Its own number.
        expected: u64,
        /// How many of its region's it claims to have seen.
        found: u64,
    },
}

impl Policy {
    /// Each field by itself, the last writer wins.
    pub const fn by_field() -> Self {
        Self::ByField { rule: Rule::LastWriterWins, fields: BTreeMap::new() }
    }

    /// This policy, with a rule of its own for a field. A policy for the whole row becomes one by
    /// field.
    pub fn with(self, field: &str, rule: Rule) -> Self {
        let (others, mut fields) = match self {
            Self::LastWriterWins => (Rule::LastWriterWins, BTreeMap::new()),
            Self::ByField { rule, fields } => (rule, fields),
        };
        fields.insert(field.into(), rule);
        Self::ByField { rule: others, fields }
    }

    pub(super) fn rule(&self, field: &str) -> &Rule {
        match self {
            Self::LastWriterWins => &Rule::LastWriterWins,
            Self::ByField { rule, fields } => fields.get(field).unwrap_or(rule),
        }
    }

    /// Whether the change does only what there are rules for.
    pub(crate) fn check(&self, change: &Change) -> Result<(), ChangeError> {
        let (region, expected) = (change.stamp.region, change.stamp.number);
        let found = change.seen.get(region);
        if expected <= found {
            return Err(ChangeError::SeesItself { region, expected, found });
        }
        let Deed::Write(writes) = &change.deed else {
            return Ok(());
        };
        for (field, write) in writes {
            let (expected, fits) = match self.rule(field) {
                Rule::Counter => ("added to", matches!(write, Write::Add(_))),
                Rule::Set => (
                    "inserted into or removed from",
                    matches!(write, Write::Insert(_) | Write::Remove(_)),
                ),
                Rule::LastWriterWins | Rule::Custom(_) | Rule::Open => {
                    ("put", matches!(write, Write::Put(_)))
                }
            };
            if !fits {
                let (field, found) = (field.clone(), write.name());
                return Err(ChangeError::Rule { field, expected, found });
            }
        }
        Ok(())
    }
}

impl Write {
    const fn name(&self) -> &'static str {
        match self {
            Self::Put(_) => "put",
            Self::Add(_) => "added to",
            Self::Insert(_) => "inserted into",
            Self::Remove(_) => "removed from",
        }
    }
}

impl Custom {
    /// A function under a name.
    ///
    /// ```
    /// use everview_cluster::conflict::{Custom, Policy, Resolution, Rule};
    ///
    /// let highest = Custom::new("the highest bid", |_, versions| {
    ///     let places = 0..versions.len();
    ///     places.max_by_key(|place| &versions[*place].value).map_or(Resolution::Open, Resolution::Keep)
    /// });
    /// let policy = Policy::by_field().with("bid", Rule::Custom(highest));
    /// # let _ = policy;
    /// ```
    pub fn new(
        name: &str,
        resolve: impl Fn(&str, &[Version]) -> Resolution + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), resolve: Arc::new(resolve) }
    }

    pub(super) fn resolve(&self, field: &str, versions: &[Version]) -> Resolution {
        (self.resolve)(field, versions)
    }

    /// The name that it is shown by.
    pub fn name(&self) -> String {
        (*self.name).into()
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Custom").field(&self.name).finish()
    }
}

impl PartialEq for Custom {
    /// By name: what a function does cannot be compared.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Custom {}
