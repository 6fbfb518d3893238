//! Forks by number: a tree of futures.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::Engine;
use super::fork::{CompareError, Edit, ForkError};
use crate::{Diff, Position};

/// What a fork is made from: enough to make it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForkPlan {
    /// What people call it.
    pub name: String,
    /// The fork that it is one of; none for a fork of the engine itself.
    pub parent: Option<u64>,
    /// The head of what it was forked from: what came there later is not in the fork.
    pub head: Position,
    /// What is otherwise.
    pub edits: Vec<Edit>,
}

/// A fork with what it was made from.
#[derive(Debug, Clone)]
pub struct Fork {
    /// What it was made from.
    pub plan: ForkPlan,
    /// The fork itself, an engine like any.
    pub engine: Engine,
}

impl Fork {
    /// The last position that it has in common with what it was forked from.
    pub fn parting(&self) -> Position {
        self.plan.edits.first().map_or(self.plan.head, |edit| edit.after)
    }
}

/// The forks of an engine and their forks.
///
/// ```
/// use everview_core::{Edit, Engine, Epoch, Forks, NewEvent, Position};
///
/// let mut engine = Engine::default();
/// for id in ["1", "2", "3"] {
///     engine.append(
///         Epoch::new(1),
///         &NewEvent {
///             id: id.into(),
///             source: "/shop".into(),
///             event_type: "OrderPlaced".into(),
///             subject: "order-1".into(),
///             time: None,
///             data: "{}".into(),
///         },
///     )?;
/// }
/// let mut forks = Forks::default();
/// let without = forks.fork(&mut engine, None, "without", &[Edit::drop(Position::new(2))])?;
/// let less = forks.fork(&mut engine, Some(without), "less", &[Edit::drop(Position::new(2))])?;
/// assert_eq!(forks.get(less).unwrap().engine.head(), Position::new(1));
///
/// let plans: Vec<_> = forks.iter().map(|(number, fork)| (number, fork.plan.clone())).collect();
/// assert_eq!(forks.discard(without), 2);
/// let again = Forks::of_plans(&mut engine, plans)?;
/// assert_eq!(again.get(less).unwrap().engine.head(), Position::new(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Forks {
    all: BTreeMap<u64, Fork>,
    last: u64,
}

impl Forks {
    /// Forks the engine or one of its forks; the number of the new one.
    ///
    /// # Errors
    ///
    /// When there is no such fork, or which edit does not fit its log.
    pub fn fork(
        &mut self,
        root: &mut Engine,
        parent: Option<u64>,
        name: &str,
        edits: &[Edit],
    ) -> Result<u64, ForkError> {
        let engine = self.branch(root, parent)?;
        let plan = ForkPlan { name: name.into(), parent, head: engine.head(), edits: edits.into() };
        let fork = Fork { engine: engine.fork(edits)?, plan };
        self.last += 1;
        self.all.insert(self.last, fork);
        Ok(self.last)
    }

    /// The forks that were made from these plans, each with its number, and each after its parent.
    ///
    /// # Errors
    ///
    /// The first that cannot be made of the engine as it is.
    pub fn of_plans(
        root: &mut Engine,
        plans: impl IntoIterator<Item = (u64, ForkPlan)>,
    ) -> Result<Self, ForkError> {
        let mut forks = Self::default();
        for (number, plan) in plans {
            let parent = forks.branch(root, plan.parent)?;
            let engine = parent.fork_until(plan.head, &plan.edits)?;
            let fork = Fork { plan, engine };
            forks.last = forks.last.max(number);
            forks.all.insert(number, fork);
        }
        Ok(forks)
    }

    /// A fork by its number.
    pub fn get(&self, number: u64) -> Option<&Fork> {
        self.all.get(&number)
    }

    /// A fork by its number, to look around in: what is put into its log is not in its plan.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut Fork> {
        self.all.get_mut(&number)
    }

    /// The forks with their numbers, each after its parent.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Fork)> {
        self.all.iter().map(|(number, fork)| (*number, fork))
    }

    /// Forgets a fork and all that were forked from it; how many those are.
    pub fn discard(&mut self, number: u64) -> usize {
        let mut gone: Vec<u64> = self.all.remove(&number).map(|_| number).into_iter().collect();
        let mut at = 0;
        while let Some(parent) = gone.get(at).copied() {
            let is_child = |fork: &Fork| fork.plan.parent == Some(parent);
            let children = self.all.iter().filter(|(_, fork)| is_child(fork));
            gone.extend(children.map(|(number, _)| *number));
            self.all.retain(|_, fork| !is_child(fork));
            at += 1;
        }
        gone.len()
    }

    /// What differs between a view at a position of one branch and at a position of another: of the
    /// engine itself, if no number is given.
    ///
    /// # Errors
    ///
    /// When there is no such fork or no such view.
    pub fn diff(
        &mut self,
        root: &mut Engine,
        view: &str,
        (from, position): (Option<u64>, Position),
        (to, other_position): (Option<u64>, Position),
    ) -> Result<Diff, CompareError> {
        if from == to {
            return Ok(self.branch(root, from)?.diff(view, position, other_position)?);
        }
        // One of them is taken out for as long as both are needed.
        let taken = from.or(to);
        let unknown = |number| CompareError::Fork(ForkError::Unknown { number });
        let number = taken.unwrap_or_default();
        let mut fork = self.all.remove(&number).ok_or_else(|| unknown(number))?;
        let is_first = from == taken;
        let diff = self.branch(root, if is_first { to } else { from }).map_err(CompareError::Fork);
        let diff = diff.and_then(|other| {
            if is_first {
                fork.engine.diff_with(view, position, (other, other_position))
            } else {
                other.diff_with(view, position, (&mut fork.engine, other_position))
            }
        });
        self.all.insert(number, fork);
        diff
    }

    fn branch<'a>(
        &'a mut self,
        root: &'a mut Engine,
        number: Option<u64>,
    ) -> Result<&'a mut Engine, ForkError> {
        let Some(number) = number else { return Ok(root) };
        let fork = self.all.get_mut(&number).ok_or(ForkError::Unknown { number })?;
        Ok(&mut fork.engine)
    }
}
