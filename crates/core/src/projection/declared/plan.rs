//! Clauses as what runs: the common ones flat, so that they read cells and write cells and do
//! nothing else.

use alloc::string::String;
use alloc::vec::Vec;

use super::column::admit;
use super::item::Item;
use super::list;
use crate::ColumnType;
use crate::cell::{Cell, Dictionary};
use crate::event::{EventField, whole};
use crate::projection::{EventScope, ProjectError};
use crate::sql::{EvaluateError, Expr, Operator, Scope, binary};

/// Where an expression of a table view takes a value from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Event(EventField),
    /// A slot of the event's data.
    Data(usize),
    /// A path into the element.
    Item(usize),
    /// The element's place in its array.
    ItemIndex,
    /// A column of the row as it is.
    Column(usize),
    /// A column of the row as it was before the event.
    Previous(usize),
    Constant(Cell),
}

/// What an expression of a clause finds.
pub(super) struct RowScope<'s, 'a> {
    pub(super) event: &'s mut EventScope<'a>,
    pub(super) item: Option<Item<'s>>,
    /// The row as it is; one that is not there has its key and its defaults.
    pub(super) row: &'s mut [Cell],
    /// The row before the event, if it was there.
    pub(super) previous: Option<&'s [Cell]>,
}

impl<'s, 'a> RowScope<'s, 'a> {
    /// Before the row is known.
    pub(super) fn new(event: &'s mut EventScope<'a>, item: Option<Item<'s>>) -> Self {
        Self { event, item, row: &mut [], previous: None }
    }
}

impl Scope<Source> for RowScope<'_, '_> {
    #[inline]
    fn leaf(&mut self, source: &Source) -> Result<Cell, EvaluateError> {
        let event = &mut *self.event;
        Ok(match *source {
            Source::Constant(cell) => cell,
            Source::Data(slot) => event.data(slot)?,
            Source::Column(index) => self.row[index],
            Source::Previous(index) => self.previous.map_or(Cell::NULL, |row| row[index]),
            Source::Event(field) => event.field(field),
            Source::Item(path) => match &self.item {
                Some(item) => item.value(path, event.dictionary)?,
                None => Cell::NULL,
            },
            Source::ItemIndex => match &self.item {
                Some(item) => event.dictionary.integer(whole(item.index as u64)),
                None => Cell::NULL,
            },
        })
    }

    fn dictionary(&mut self) -> &mut Dictionary {
        self.event.dictionary
    }
}

/// How a value is computed. What is not a leaf or two of them is walked as a tree.
#[derive(Debug, Clone)]
pub(super) enum Compute {
    Leaf(Source),
    Binary(Operator, Source, Source),
    Tree(Expr<Source>),
}

impl Compute {
    pub(super) fn of(expr: Expr<Source>) -> Self {
        match expr {
            Expr::Leaf(source) => Self::Leaf(source),
            Expr::Binary(operator, a, b) if !matches!(operator, Operator::And | Operator::Or) => {
                match (*a, *b) {
                    (Expr::Leaf(a), Expr::Leaf(b)) => Self::Binary(operator, a, b),
                    (a, b) => Self::Tree(Expr::Binary(operator, a.into(), b.into())),
                }
            }
            expr => Self::Tree(expr),
        }
    }

    #[inline]
    pub(super) fn compute(&self, scope: &mut RowScope<'_, '_>) -> Result<Cell, EvaluateError> {
        match self {
            Self::Leaf(source) => scope.leaf(source),
            Self::Binary(operator, a, b) => {
                let (a, b) = (scope.leaf(a)?, scope.leaf(b)?);
                binary(*operator, a, b, scope.event.dictionary)
            }
            Self::Tree(expr) => expr.evaluate(scope),
        }
    }
}

/// When a clause applies.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    /// Two leaves compare so.
    Compare(Operator, Source, Source),
    Tree(Expr<Source>),
}

impl Condition {
    pub(super) fn of(expr: Expr<Source>) -> Self {
        match Compute::of(expr) {
            Compute::Binary(operator, a, b) if is_comparison(operator) => {
                Self::Compare(operator, a, b)
            }
            Compute::Binary(operator, a, b) => {
                Self::Tree(Expr::Binary(operator, Expr::Leaf(a).into(), Expr::Leaf(b).into()))
            }
            Compute::Leaf(source) => Self::Tree(Expr::Leaf(source)),
            Compute::Tree(expr) => Self::Tree(expr),
        }
    }

    #[inline]
    fn holds(&self, scope: &mut RowScope<'_, '_>) -> Result<bool, EvaluateError> {
        match self {
            Self::Compare(operator, a, b) => {
                let (a, b) = (scope.leaf(a)?, scope.leaf(b)?);
                // One text has one cell.
                match operator {
                    Operator::Equal if a.is_text() && b.is_text() => Ok(a == b),
                    Operator::NotEqual if a.is_text() && b.is_text() => Ok(a != b),
                    _ => Ok(binary(*operator, a, b, scope.event.dictionary)? == Cell::TRUE),
                }
            }
            Self::Tree(expr) => expr.is_true("when", scope),
        }
    }
}

fn is_comparison(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual
    )
}

/// What is done to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Set,
    Add,
    Max,
    Min,
    /// To a list of at most so many elements.
    Append(usize),
}

impl Action {
    /// What a column becomes.
    #[inline]
    fn result(
        self,
        before: Cell,
        value: Cell,
        dictionary: &mut Dictionary,
    ) -> Result<Cell, EvaluateError> {
        Ok(match self {
            Self::Set => value,
            Self::Add => sum(before, value, dictionary)?,
            Self::Max if before.is_null() || dictionary.compare(value, before).is_gt() => value,
            Self::Min if value.is_null() => before,
            Self::Min if before.is_null() || dictionary.compare(value, before).is_lt() => value,
            Self::Max | Self::Min => before,
            Self::Append(limit) => list::append(before, value, limit, dictionary)?,
        })
    }
}

/// A sum in which a missing number counts as 0.
#[inline]
fn sum(before: Cell, amount: Cell, dictionary: &mut Dictionary) -> Result<Cell, EvaluateError> {
    if let (Some(a), Some(b)) = (before.small_integer(), amount.small_integer()) {
        // Two integers of 61 bits have a sum of 64.
        return Ok(dictionary.integer(a + b));
    }
    let zero = dictionary.integer(0);
    let or_zero = |cell: Cell| if cell.is_null() { zero } else { cell };
    binary(Operator::Add, or_zero(before), or_zero(amount), dictionary)
}

/// What a clause does to one column.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Where it stands, such as `on.OrderPlaced.set.status`.
    pub(super) place: String,
    pub(super) column: usize,
    pub(super) action: Action,
    pub(super) value: Compute,
    /// What the column must be.
    pub(super) column_type: Option<ColumnType>,
}

impl Step {
    #[inline]
    fn run(&self, scope: &mut RowScope<'_, '_>) -> Result<Cell, ProjectError> {
        let result = self.value.compute(scope).and_then(|value| {
            let dictionary = &mut *scope.event.dictionary;
            let result = self.action.result(scope.row[self.column], value, dictionary)?;
            admit(self.column_type, result, dictionary)
        });
        result.map_err(|error| ProjectError::Evaluate { place: self.place.clone(), error })
    }
}

/// A clause.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// Where it stands, such as `on.OrderPlaced`.
    pub(super) place: String,
    pub(super) when: Option<Condition>,
    pub(super) steps: Vec<Step>,
    /// Whether a step reads a column that one before it writes.
    pub(super) is_entangled: bool,
    pub(super) delete: bool,
}

/// What a clause did to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: its condition did not hold.
    None,
    /// The row is there with what it wrote.
    Kept,
    Deleted,
}

impl Change {
    /// Takes the row through the clause, all of whose expressions see it as it was before.
    #[inline]
    pub(super) fn apply(
        &self,
        scope: &mut RowScope<'_, '_>,
        staged: &mut Vec<Cell>,
    ) -> Result<Effect, ProjectError> {
        if let Some(when) = &self.when {
            let holds = when.holds(scope).map_err(|error| {
                let place = [&*self.place, ".when"].concat();
                ProjectError::Evaluate { place, error }
            })?;
            if !holds {
                return Ok(Effect::None);
            }
        }
        if self.delete {
            return Ok(Effect::Deleted);
        }
        if self.is_entangled {
            staged.clear();
            for step in &self.steps {
                staged.push(step.run(scope)?);
            }
            for (step, cell) in self.steps.iter().zip(staged) {
                scope.row[step.column] = *cell;
            }
        } else {
            for step in &self.steps {
                scope.row[step.column] = step.run(scope)?;
            }
        }
        Ok(Effect::Kept)
    }
}
