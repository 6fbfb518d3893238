//! What makes rows of several views belong together.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Branch, Names, Shape};
use crate::order;
use crate::query::join::{Join, Parts};
use crate::query::{JOINED, Operand, Plan};
use crate::sql::{Expr, Leaf, Operator, Select, SqlError};

/// The joins of a SELECT, over the columns of all its inputs.
pub(super) struct Joins {
    joins: Vec<Bound>,
}

struct Bound {
    /// What must be equal, of the left side and of the right one.
    equal: [Vec<Expr<Operand>>; 2],
    residual: Option<Expr<Operand>>,
    is_left: bool,
}

impl Joins {
    pub(super) fn bind(select: &Select, names: &mut Names<'_>) -> Result<Self, SqlError> {
        let mut joins = Vec::new();
        let mut later = names.inputs.split_off(1);
        for clause in &select.joins {
            names.inputs.push(later.remove(0));
            let border = names.inputs[names.inputs.len() - 1].start;
            let mut parts = Vec::new();
            conjuncts(&clause.on, &mut parts);
            let (mut equal, mut residual) = ([Vec::new(), Vec::new()], None);
            for part in parts {
                let part = names.scalar(part)?;
                match equality(part, border) {
                    Ok([left, right]) => {
                        equal[0].push(left);
                        equal[1].push(right);
                    }
                    Err(part) => residual = Some(and(residual, part)),
                }
            }
            if equal[0].is_empty() {
                let construct = "JOIN without an equality between its sides";
                return Err(SqlError::unsupported(construct, clause.source.offset));
            }
            joins.push(Bound { equal, residual, is_left: clause.is_left });
        }
        Ok(Self { joins })
    }

    /// Gives the branch its joins, and sees to it that they carry only the columns that matter.
    pub(super) fn finish(self, branch: &mut Branch, shapes: &[Shape<'_>]) {
        let mut joins = self.joins;
        let mut used = Vec::new();
        for_each_expr(branch, &mut joins, &mut |expr| {
            expr.for_each_leaf(&mut |operand| {
                if let Operand::Column(column) = operand {
                    used.push(*column);
                }
            });
        });
        order::sort(&mut used, Ord::cmp);
        used.dedup();
        let mut start = 0;
        branch.reads = shapes
            .iter()
            .map(|shape| {
                let (from, end) = (start, start + shape.columns.len());
                start = end;
                let here = used.iter().filter(|column| (from..end).contains(*column));
                here.map(|column| column - from).collect()
            })
            .collect();
        if joins.is_empty() {
            return;
        }
        for_each_expr(branch, &mut joins, &mut |expr| {
            expr.for_each_leaf_mut(&mut |operand| {
                if let Operand::Column(column) = operand {
                    *column = used.partition_point(|other| other < column);
                }
            });
        });
        let (mut key, mut width) = (shapes[0].key_width, branch.reads[0].len());
        let count = joins.len();
        for (index, join) in joins.into_iter().enumerate() {
            let (right_key, right_width) =
                (shapes[index + 1].key_width, branch.reads[index + 1].len());
            let [left_equal, mut right_equal] = join.equal;
            for expr in &mut right_equal {
                // The right side knows only its own columns.
                expr.for_each_leaf_mut(&mut |operand| {
                    if let Operand::Column(column) = operand {
                        *column -= width;
                    }
                });
            }
            branch.joins.push(Join::new(Parts {
                sides: [(key, width, left_equal), (right_key, right_width, right_equal)],
                residual: join.residual,
                is_left: join.is_left,
                is_last: index + 1 == count,
                stage: JOINED + 3 * u16::try_from(index).unwrap_or(0),
            }));
            key += right_key;
            width += right_width;
        }
    }
}

/// Shows each expression over the columns of the inputs.
fn for_each_expr(
    branch: &mut Branch,
    joins: &mut [Bound],
    see: &mut impl FnMut(&mut Expr<Operand>),
) {
    for join in joins {
        join.equal.iter_mut().flatten().chain(&mut join.residual).for_each(&mut *see);
    }
    match &mut branch.plan {
        Plan::Each(filter) => filter.iter_mut().chain(&mut branch.items.exprs).for_each(see),
        Plan::Group(group) => {
            group.filter.iter_mut().chain(&mut group.keys).for_each(&mut *see);
            group.aggregates.arguments().for_each(see);
        }
    }
}

/// The parts of a condition that must all hold.
fn conjuncts<'e>(expr: &'e Expr<Leaf>, parts: &mut Vec<&'e Expr<Leaf>>) {
    if let Expr::Binary(Operator::And, a, b) = expr {
        conjuncts(a, parts);
        conjuncts(b, parts);
    } else {
        parts.push(expr);
    }
}

/// The two sides of an equality between columns before `border` and columns from there on.
fn equality(expr: Expr<Operand>, border: usize) -> Result<[Expr<Operand>; 2], Expr<Operand>> {
    let side = |expr: &Expr<Operand>| {
        let (mut left, mut right) = (false, false);
        expr.for_each_leaf(&mut |operand| {
            if let Operand::Column(column) = operand {
                left |= *column < border;
                right |= *column >= border;
            }
        });
        (left, right)
    };
    match expr {
        Expr::Binary(Operator::Equal, a, b) => match (side(&a), side(&b)) {
            ((true, false), (false, true)) => Ok([*a, *b]),
            ((false, true), (true, false)) => Ok([*b, *a]),
            _ => Err(Expr::Binary(Operator::Equal, a, b)),
        },
        expr => Err(expr),
    }
}

fn and(known: Option<Expr<Operand>>, more: Expr<Operand>) -> Expr<Operand> {
    match known {
        Some(known) => Expr::Binary(Operator::And, Box::new(known), Box::new(more)),
        None => more,
    }
}
