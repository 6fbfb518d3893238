//! Derived views: a `SELECT` over views, kept up from their deltas.
//!
//! A query is a small tree of operators. Changes of rows go in at the sources, through the joins, to
//! what makes result rows of them, one for each or one for a group, and from there, sorted and cut
//! if need be, through the door of the result's table. What a row gave can be computed again from
//! the row as it was, so a change takes that back and puts the new in, and nothing is counted anew.

mod aggregate;
mod bind;
mod explain;
mod group;
mod join;
mod result;
mod stream;
mod top;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::Key;
use crate::cell::{Cell, Dictionary};
use crate::sql::{EvaluateError, Expr, Scope};
use crate::table::{Slot, Table};
pub(crate) use bind::{Shape, bind, sources};
pub(crate) use explain::{Origin, OriginRow};
use group::{Group, GroupState};
use join::{Join, JoinState};
use result::{Items, ResultRows, ResultState};
use stream::{Change, Stream};
pub(crate) use top::Term;

/// What an expression of a query takes a value from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operand {
    /// A column of the row, by number.
    Column(usize),
    Constant(Cell),
}

/// A derived view at work.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    /// The parts of a UNION ALL, or one.
    branches: Vec<Branch>,
    /// Of each source the branch that reads it, and which of the branch's sources it is.
    inputs: Vec<(usize, usize)>,
    result: ResultRows,
    errors: Rc<Errors>,
    /// Whether it has not seen the rows of its sources yet.
    is_new: bool,
}

/// A `SELECT … FROM … WHERE … GROUP BY …`.
#[derive(Debug, Clone)]
struct Branch {
    /// Of each source the columns that matter.
    reads: Vec<Vec<usize>>,
    /// The first joins the first source with the second, the next what that gives with the third.
    joins: Vec<Join>,
    plan: Plan,
    items: Items,
    prefix: Vec<Cell>,
    key_width: usize,
    /// What errors of its stages are noted under.
    stage: u16,
}

#[derive(Debug, Clone)]
enum Plan {
    /// A result row for each source row, with the key of the source row.
    Each(Option<Expr<Operand>>),
    /// A result row for each group, with the group's values as its key.
    Group(Box<Group>),
}

/// What rows that come and go change of a query, at a moment when nothing is on its way through it.
#[derive(Debug, Clone)]
pub(crate) struct QueryState {
    branches: Vec<(Vec<JoinState>, Option<GroupState>)>,
    result: ResultState,
    errors: Rc<Errors>,
}

/// Rows that could not be computed, by the stage and their key there.
type Errors = BTreeMap<(u16, Key), EvaluateError>;

/// What operators share.
struct Context<'a> {
    /// The result's.
    table: &'a mut Table,
    dictionary: &'a mut Dictionary,
    errors: &'a mut Errors,
}

impl Context<'_> {
    /// Notes why a row could not be computed at a stage, or that it could.
    #[inline]
    fn record(&mut self, stage: u16, error: Option<EvaluateError>, key: &[&[Cell]]) {
        if error.is_some() || !self.errors.is_empty() {
            self.note(stage, error, key);
        }
    }

    #[cold]
    fn note(&mut self, stage: u16, error: Option<EvaluateError>, key: &[&[Cell]]) {
        let key: Vec<Cell> = key.concat();
        let place = (stage, self.dictionary.values(&key));
        match error {
            Some(error) => drop(self.errors.insert(place, error)),
            None => drop(self.errors.remove(&place)),
        }
    }
}

/// Stages of a branch where errors are noted; joins have those after.
const EACH: u16 = 0;
const GROUPED: u16 = 1;
const JOINED: u16 = 2;

/// How many changes go through the joins at a time.
const BATCH: usize = 1_024;

impl Query {
    /// How many cells the key of its rows has.
    pub(crate) fn key_width(&self) -> usize {
        self.branches.first().map_or(0, |branch| branch.key_width)
    }

    /// The rows in the order of the query, if it sorts or cuts.
    pub(crate) fn ordered(&self) -> Option<impl Iterator<Item = Slot>> {
        self.result.ordered()
    }

    /// The columns that it sorts by, if it sorts, and by no more than its columns.
    pub(crate) fn terms(&self) -> Option<&[Term]> {
        self.result.terms()
    }

    /// Rows that are left out because they could not be computed, with the reason.
    pub(crate) fn errors(&self) -> impl Iterator<Item = (&Key, &EvaluateError)> {
        self.errors.iter().map(|((_, key), error)| (key, error))
    }

    /// Brings a new, empty result up to empty sources: without GROUP BY, an aggregate has its one
    /// row from the start.
    pub(crate) fn begin(&mut self, table: &mut Table, dictionary: &mut Dictionary) {
        for branch in &mut self.branches {
            if let Plan::Group(group) = &mut branch.plan {
                group.begin(table);
            }
        }
        self.finish(table, dictionary);
        self.is_new = true;
    }

    /// What it has come to. A copy shares with it what neither of them changes.
    pub(crate) fn keep(&self) -> QueryState {
        QueryState {
            branches: self.branches.iter().map(Branch::keep).collect(),
            result: self.result.keep(),
            errors: Rc::clone(&self.errors),
        }
    }

    /// Goes back to what it had come to.
    pub(crate) fn restore(&mut self, kept: &QueryState) {
        for (branch, kept) in self.branches.iter_mut().zip(&kept.branches) {
            branch.restore(kept);
        }
        self.result.restore(&kept.result);
        self.errors.clone_from(&kept.errors);
    }

    /// Takes in the net changes of a source, told by its number; at first, all of its rows.
    pub(crate) fn take(
        &mut self,
        input: usize,
        source: &Table,
        table: &mut Table,
        dictionary: &mut Dictionary,
    ) {
        if !self.is_new && !source.has_changes() {
            return;
        }
        let (branch, input) = self.inputs[input];
        let branch = &mut self.branches[branch];
        let errors = Rc::make_mut(&mut self.errors);
        let mut context = Context { table, dictionary, errors };
        let reads = core::mem::take(&mut branch.reads[input]);
        let (mut rows, mut changes) = (source.rows(), source.changes());
        let changes: &mut dyn Iterator<Item = _> =
            if self.is_new { &mut rows } else { &mut changes };
        let changes = changes.filter(|(_, before, after)| match (before, after) {
            (Some(before), Some(after)) => {
                reads.iter().any(|column| before[*column] != after[*column])
            }
            _ => true,
        });
        if branch.joins.is_empty() {
            for (slot, before, after) in changes {
                let change = Change { slot, key: source.key(slot), before, after };
                branch.change(change, &mut self.result, &mut context);
            }
        } else {
            let mut stream = Stream::new(source.key_width(), reads.len());
            let mut rows = [Vec::new(), Vec::new()];
            for (slot, before, after) in changes {
                for (row, from) in rows.iter_mut().zip([before, after]) {
                    row.clear();
                    row.extend(from.iter().flat_map(|from| reads.iter().map(|read| from[*read])));
                }
                let [before, after] = [(before, &rows[0]), (after, &rows[1])]
                    .map(|(is_there, row)| is_there.map(|_| [&**row, &[]]));
                stream.push(slot, [source.key(slot), &[]], before, after);
                if stream.len() == BATCH {
                    branch.join(input, &stream, &mut self.result, &mut context);
                    stream.clear();
                }
            }
            branch.join(input, &stream, &mut self.result, &mut context);
        }
        branch.reads[input] = reads;
    }

    /// Brings the result up to what was taken in.
    pub(crate) fn finish(&mut self, table: &mut Table, dictionary: &mut Dictionary) {
        let errors = Rc::make_mut(&mut self.errors);
        let mut context = Context { table, dictionary, errors };
        for branch in &mut self.branches {
            branch.finish(&mut self.result, &mut context);
        }
        self.is_new = false;
    }
}

impl QueryState {
    /// Shares with another state what is the same.
    pub(crate) fn share(&mut self, other: &Self) {
        for ((joins, group), (other_joins, other)) in self.branches.iter_mut().zip(&other.branches)
        {
            for (join, other) in joins.iter_mut().zip(other_joins) {
                join.share(other);
            }
            if let (Some(group), Some(other)) = (group, other) {
                group.share(other);
            }
        }
        self.result.share(&other.result);
    }
}

impl Branch {
    fn keep(&self) -> (Vec<JoinState>, Option<GroupState>) {
        let group = match &self.plan {
            Plan::Group(group) => Some(group.keep()),
            Plan::Each(_) => None,
        };
        (self.joins.iter().map(Join::keep).collect(), group)
    }

    fn restore(&mut self, (joins, group): &(Vec<JoinState>, Option<GroupState>)) {
        for (join, kept) in self.joins.iter_mut().zip(joins) {
            join.restore(kept);
        }
        if let (Plan::Group(group), Some(kept)) = (&mut self.plan, group) {
            group.restore(kept);
        }
    }

    /// Takes changes of a source through the joins.
    fn join(
        &mut self,
        input: usize,
        changes: &Stream,
        result: &mut ResultRows,
        context: &mut Context<'_>,
    ) {
        if changes.len() == 0 {
            return;
        }
        let first = input.saturating_sub(1);
        let mut stream = self.joins[first].stream();
        if input == 0 {
            self.joins[first].change_left(changes, &mut stream, context);
        } else {
            self.joins[first].change_right(changes, &mut stream, context);
        }
        for join in &mut self.joins[first + 1..] {
            let mut out = join.stream();
            join.change_left(&stream, &mut out, context);
            stream = out;
        }
        for change in stream.iter() {
            self.change(change, result, context);
        }
    }

    /// Takes in a change of a row that all sources made.
    fn change(&mut self, change: Change<'_>, result: &mut ResultRows, context: &mut Context<'_>) {
        let error = match &mut self.plan {
            Plan::Group(group) => group.change(change, context),
            Plan::Each(filter) => {
                let computed = change.after.map_or(Ok(false), |row| {
                    let mut scope = RowScope { row, dictionary: context.dictionary };
                    Ok(passes(filter.as_ref(), "WHERE", &mut scope)?
                        && self.items.compute(&mut scope).map(|()| true)?)
                });
                let key = result.key(&self.prefix, change.key, self.key_width);
                let slot = context.table.slot(key);
                let (is_there, error) = apart(computed);
                let row = is_there.then(|| self.items.row());
                result.put(self.items.branch, slot, row, context);
                error
            }
        };
        context.record(self.stage + EACH, error, &[change.key]);
    }

    /// Makes the rows of the groups that changed.
    fn finish(&mut self, result: &mut ResultRows, context: &mut Context<'_>) {
        let Plan::Group(group) = &mut self.plan else { return };
        let mut row = Vec::new();
        while let Some(slot) = group.next_changed() {
            let dictionary = &mut *context.dictionary;
            let computed =
                group.result(slot, context.table, dictionary, &mut row).and_then(|is_seen| {
                    let mut scope = RowScope { row: &row, dictionary };
                    Ok(is_seen && self.items.compute(&mut scope).map(|()| true)?)
                });
            let (is_there, error) = apart(computed);
            let row = is_there.then(|| self.items.row());
            result.put(self.items.branch, slot, row, context);
            if error.is_some() || !context.errors.is_empty() {
                let key = context.table.key(slot).to_vec();
                context.record(self.stage + GROUPED, error, &[&key]);
            }
        }
    }
}

fn apart(computed: Result<bool, EvaluateError>) -> (bool, Option<EvaluateError>) {
    match computed {
        Ok(is_there) => (is_there, None),
        Err(error) => (false, Some(error)),
    }
}

/// A row that an expression is computed over.
pub(crate) struct RowScope<'a> {
    pub(crate) row: &'a [Cell],
    pub(crate) dictionary: &'a mut Dictionary,
}

impl Scope<Operand> for RowScope<'_> {
    fn leaf(&mut self, operand: &Operand) -> Result<Cell, EvaluateError> {
        Ok(match *operand {
            Operand::Column(index) => self.row[index],
            Operand::Constant(cell) => cell,
        })
    }

    fn dictionary(&mut self) -> &mut Dictionary {
        self.dictionary
    }
}

#[inline]
fn passes(
    condition: Option<&Expr<Operand>>,
    clause: &'static str,
    scope: &mut RowScope<'_>,
) -> Result<bool, EvaluateError> {
    condition.map_or(Ok(true), |condition| condition.is_true(clause, scope))
}

#[cfg(test)]
mod tests;
