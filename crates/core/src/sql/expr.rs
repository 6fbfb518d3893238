//! Expressions as trees, over any kind of leaf.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use super::function::Function;
use crate::Value;

/// An expression whose values come from leaves `L`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr<L> {
    Literal(Value),
    Leaf(L),
    Not(Box<Expr<L>>),
    Negate(Box<Expr<L>>),
    Binary(Operator, Box<Expr<L>>, Box<Expr<L>>),
    IsNull(Box<Expr<L>>),
    /// The first is one of the others.
    In(Box<Expr<L>>, Vec<Expr<L>>),
    /// Conditions with their results, and the result if none holds.
    Case(Vec<(Expr<L>, Expr<L>)>, Box<Expr<L>>),
    Call(Function, Vec<Expr<L>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Concat,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Self::Or => "OR",
            Self::And => "AND",
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Concat => "||",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }

    /// Whether it holds for two values in an order, if it compares.
    pub(crate) fn comparison(self) -> Option<fn(Ordering) -> bool> {
        Some(match self {
            Self::Equal => Ordering::is_eq,
            Self::NotEqual => Ordering::is_ne,
            Self::Less => Ordering::is_lt,
            Self::LessOrEqual => Ordering::is_le,
            Self::Greater => Ordering::is_gt,
            Self::GreaterOrEqual => Ordering::is_ge,
            _ => return None,
        })
    }
}

/// What a parsed expression takes its values from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Leaf {
    Name(Name),
    /// An aggregate and what it runs over: nothing for `COUNT(*)`.
    Aggregate(Aggregate, Option<Box<Expr<Leaf>>>, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Average,
    Count,
    CountDistinct,
    Max,
    Min,
    Sum,
}

impl Aggregate {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Average => "AVG",
            Self::Count | Self::CountDistinct => "COUNT",
            Self::Max => "MAX",
            Self::Min => "MIN",
            Self::Sum => "SUM",
        }
    }
}

/// A name with its parts, such as `data.items[0]."unit price"`.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) steps: Vec<Step>,
    pub(crate) offset: usize,
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.steps == other.steps
    }
}

/// One part of a name: how to go one level down in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Field(String),
    Element(usize),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                Step::Field(field) if index == 0 => f.write_str(field)?,
                Step::Field(field) => write!(f, ".{field}")?,
                Step::Element(element) => write!(f, "[{element}]")?,
            }
        }
        Ok(())
    }
}

impl<L> Expr<L> {
    /// Shows each leaf to `see`, from the left.
    pub(crate) fn for_each_leaf(&self, see: &mut impl FnMut(&L)) {
        match self {
            Self::Literal(_) => {}
            Self::Leaf(leaf) => see(leaf),
            Self::Not(inner) | Self::Negate(inner) | Self::IsNull(inner) => {
                inner.for_each_leaf(see);
            }
            Self::Binary(_, a, b) => {
                a.for_each_leaf(see);
                b.for_each_leaf(see);
            }
            Self::In(first, rest) => {
                first.for_each_leaf(see);
                for expr in rest {
                    expr.for_each_leaf(see);
                }
            }
            Self::Case(arms, otherwise) => {
                for (when, then) in arms {
                    when.for_each_leaf(see);
                    then.for_each_leaf(see);
                }
                otherwise.for_each_leaf(see);
            }
            Self::Call(_, arguments) => arguments.iter().for_each(|expr| expr.for_each_leaf(see)),
        }
    }

    /// Lets `change` change each leaf, from the left.
    pub(crate) fn for_each_leaf_mut(&mut self, change: &mut impl FnMut(&mut L)) {
        match self {
            Self::Literal(_) => {}
            Self::Leaf(leaf) => change(leaf),
            Self::Not(inner) | Self::Negate(inner) | Self::IsNull(inner) => {
                inner.for_each_leaf_mut(change);
            }
            Self::Binary(_, a, b) => {
                a.for_each_leaf_mut(change);
                b.for_each_leaf_mut(change);
            }
            Self::In(first, rest) => {
                first.for_each_leaf_mut(change);
                for expr in rest {
                    expr.for_each_leaf_mut(change);
                }
            }
            Self::Case(arms, otherwise) => {
                for (when, then) in arms {
                    when.for_each_leaf_mut(change);
                    then.for_each_leaf_mut(change);
                }
                otherwise.for_each_leaf_mut(change);
            }
            Self::Call(_, arguments) => {
                for expr in arguments {
                    expr.for_each_leaf_mut(change);
                }
            }
        }
    }

    /// The same expression over other leaves. `replace` is asked for each node from the top; where
    /// it answers, its answer stands for the whole subtree, and it must answer for every leaf.
    pub(crate) fn try_map<M, E>(
        &self,
        replace: &mut impl FnMut(&Self) -> Result<Option<Expr<M>>, E>,
    ) -> Result<Expr<M>, E> {
        if let Some(replaced) = replace(self)? {
            return Ok(replaced);
        }
        let mut map = |expr: &Self| expr.try_map(replace);
        Ok(match self {
            Self::Literal(value) => Expr::Literal(value.clone()),
            Self::Leaf(_) => unreachable!("`replace` answers for leaves"),
            Self::Not(inner) => Expr::Not(Box::new(map(inner)?)),
            Self::Negate(inner) => Expr::Negate(Box::new(map(inner)?)),
            Self::Binary(operator, a, b) => {
                Expr::Binary(*operator, Box::new(map(a)?), Box::new(map(b)?))
            }
            Self::IsNull(inner) => Expr::IsNull(Box::new(map(inner)?)),
            Self::In(first, rest) => {
                Expr::In(Box::new(map(first)?), rest.iter().map(map).collect::<Result<_, _>>()?)
            }
            Self::Case(arms, otherwise) => Expr::Case(
                arms.iter()
                    .map(|(when, then)| Ok((map(when)?, map(then)?)))
                    .collect::<Result<_, E>>()?,
                Box::new(otherwise.try_map(replace)?),
            ),
            Self::Call(function, arguments) => {
                Expr::Call(*function, arguments.iter().map(map).collect::<Result<_, _>>()?)
            }
        })
    }
}
