//! What the names in a statement mean.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use crate::Value;
use crate::cell::Dictionary;
use crate::query::Operand;
use crate::query::aggregate::Aggregates;
use crate::sql::{Aggregate, Expr, Function, Item, Leaf, Name, Select, SqlError, SqlProblem, Step};

/// A view that is read.
#[derive(Debug)]
pub(super) struct Input<'a> {
    pub(super) qualifier: String,
    pub(super) columns: &'a [String],
    /// How many columns those before it have.
    pub(super) start: usize,
}

/// The names of a `SELECT`, and what is found on the way through its expressions.
pub(super) struct Names<'a> {
    pub(super) inputs: Vec<Input<'a>>,
    dictionary: &'a mut Dictionary,
    /// Where the SELECT stands.
    offset: usize,
    /// The result's columns, once they may be meant.
    pub(super) aliases: Option<(Vec<String>, Vec<Expr<Leaf>>)>,
    /// What rows are grouped by, if they are.
    pub(super) group: Option<Vec<Expr<Operand>>>,
    pub(super) aggregates: Aggregates,
}

impl<'a> Names<'a> {
    pub(super) fn new(
        inputs: Vec<Input<'a>>,
        dictionary: &'a mut Dictionary,
        offset: usize,
    ) -> Self {
        let (aliases, group, aggregates) = (None, None, Aggregates::default());
        Self { inputs, dictionary, offset, aliases, group, aggregates }
    }

    /// The names and expressions of the result's columns, with `*` written out.
    pub(super) fn items(
        &self,
        select: &Select,
    ) -> Result<(Vec<String>, Vec<Expr<Leaf>>), SqlError> {
        let mut columns: Vec<String> = Vec::new();
        let mut exprs = Vec::new();
        let mut add = |name: &String, expr, offset| {
            if columns.contains(name) {
                let problem = SqlProblem::DuplicateColumn { name: name.clone() };
                return Err(SqlError { offset, problem });
            }
            columns.push(name.clone());
            exprs.push(expr);
            Ok(())
        };
        for item in &select.items {
            match item {
                Item::Everything(of, offset) => {
                    let of = of.as_ref();
                    let is_meant = |input: &&Input<'_>| {
                        of.is_none_or(|of| input.qualifier.eq_ignore_ascii_case(of))
                    };
                    if let Some(name) = of
                        && !self.inputs.iter().any(|input| is_meant(&input))
                    {
                        let known: Vec<_> =
                            self.inputs.iter().map(|input| input.qualifier.clone()).collect();
                        let steps = vec![Step::Field(name.clone()), Step::Field("*".into())];
                        let name = Name { steps, offset: *offset };
                        return Err(SqlError::unknown_column(&name, &known));
                    }
                    for input in self.inputs.iter().filter(is_meant) {
                        for name in input.columns {
                            let steps = vec![
                                Step::Field(input.qualifier.clone()),
                                Step::Field(name.clone()),
                            ];
                            let leaf = Leaf::Name(Name { steps, offset: *offset });
                            add(name, Expr::Leaf(leaf), *offset)?;
                        }
                    }
                }
                Item::Column { expr, name, offset } => add(name, expr.clone(), *offset)?,
            }
        }
        Ok((columns, exprs))
    }

    /// A term of ORDER BY that is the name of a result column means that column.
    pub(super) fn behind_alias<'e>(&self, term: &'e Expr<Leaf>) -> Cow<'e, Expr<Leaf>> {
        match term {
            Expr::Leaf(Leaf::Name(name)) => match self.alias(name) {
                Some(expr) => Cow::Owned(expr.clone()),
                None => Cow::Borrowed(term),
            },
            _ => Cow::Borrowed(term),
        }
    }

    fn alias(&self, name: &Name) -> Option<&Expr<Leaf>> {
        let (columns, exprs) = self.aliases.as_ref()?;
        let [Step::Field(field)] = name.steps.as_slice() else { return None };
        Some(&exprs[find(columns, field)?])
    }

    /// The number of a column among those of all inputs.
    fn column(&self, name: &Name) -> Result<usize, SqlError> {
        let (view, field) = match name.steps.as_slice() {
            [Step::Field(field)] => (None, Some(field)),
            [Step::Field(view), Step::Field(field)] => (Some(view), Some(field)),
            _ => (None, None),
        };
        let is_meant =
            |input: &&Input<'_>| view.is_none_or(|view| input.qualifier.eq_ignore_ascii_case(view));
        let mut found = self
            .inputs
            .iter()
            .filter(is_meant)
            .filter_map(|input| Some(input.start + find(input.columns, field?)?));
        match (found.next(), found.next()) {
            (Some(column), None) => Ok(column),
            (Some(_), Some(_)) => {
                let problem = SqlProblem::Ambiguous { name: name.to_string() };
                Err(SqlError { offset: name.offset, problem })
            }
            (None, _) => {
                let known: Vec<String> =
                    self.inputs.iter().flat_map(|input| input.columns).cloned().collect();
                Err(SqlError::unknown_column(name, &known))
            }
        }
    }

    fn constant(&mut self, value: &Value) -> Expr<Operand> {
        Expr::Leaf(Operand::Constant(self.dictionary.cell(value)))
    }

    /// What a name means that is no column: a column of the result, if those may be meant.
    fn meant(
        &mut self,
        name: &Name,
        bind: fn(&mut Self, &Expr<Leaf>) -> Result<Expr<Operand>, SqlError>,
    ) -> Result<Expr<Operand>, SqlError> {
        let error = match self.column(name) {
            Ok(column) => return Ok(Expr::Leaf(Operand::Column(column))),
            Err(error) => error,
        };
        let Some(expr) = self.alias(name).cloned() else { return Err(error) };
        // Within a result's column its names mean nothing: they would go round.
        let aliases = self.aliases.take();
        let bound = bind(self, &expr);
        self.aliases = aliases;
        bound
    }

    /// An expression over a row of the sources.
    pub(super) fn scalar(&mut self, expr: &Expr<Leaf>) -> Result<Expr<Operand>, SqlError> {
        expr.try_map(&mut |node| match node {
            Expr::Literal(value) => Ok(Some(self.constant(value))),
            Expr::Leaf(Leaf::Name(name)) => self.meant(name, Self::scalar).map(Some),
            Expr::Leaf(Leaf::Aggregate(_, _, offset)) => {
                Err(SqlError::unsupported("an aggregate here", *offset))
            }
            Expr::Call(Function::Hop { .. }, _) => {
                Err(SqlError::unsupported("hop outside of GROUP BY", self.place(node)))
            }
            _ => Ok(None),
        })
    }

    /// What rows are grouped by: an expression over a row, or windows that it lies in.
    pub(super) fn group_key(&mut self, expr: &Expr<Leaf>) -> Result<Expr<Operand>, SqlError> {
        match expr {
            Expr::Call(hop @ Function::Hop { .. }, arguments) => {
                let arguments = arguments.iter().map(|argument| self.scalar(argument));
                Ok(Expr::Call(*hop, arguments.collect::<Result<_, _>>()?))
            }
            Expr::Leaf(Leaf::Name(name)) => self.meant(name, Self::group_key),
            _ => self.scalar(expr),
        }
    }

    /// Where an expression stands, by the first name in it.
    fn place(&self, expr: &Expr<Leaf>) -> usize {
        let mut place = None;
        expr.for_each_leaf(&mut |leaf| {
            let (Leaf::Name(Name { offset, .. }) | Leaf::Aggregate(_, _, offset)) = leaf;
            place = place.or(Some(*offset));
        });
        place.unwrap_or(self.offset)
    }

    /// An expression over what the result is made from: a group, or a row of the sources.
    pub(super) fn over_row(&mut self, expr: &Expr<Leaf>) -> Result<Expr<Operand>, SqlError> {
        if self.group.is_some() { self.grouped(expr) } else { self.scalar(expr) }
    }

    /// An expression over a group's keys followed by its aggregates.
    fn grouped(&mut self, expr: &Expr<Leaf>) -> Result<Expr<Operand>, SqlError> {
        expr.try_map(&mut |node| {
            if let Expr::Leaf(Leaf::Aggregate(aggregate, argument, _)) = node {
                return self.aggregate(*aggregate, argument.as_deref()).map(Some);
            }
            // Part of it may hold an aggregate; then it is no key, but its own parts may be.
            let key =
                if matches!(node, Expr::Literal(_)) { None } else { self.group_key(node).ok() };
            let keys = self.group.as_deref().unwrap_or_default();
            if let Some(index) = keys.iter().position(|known| Some(known) == key.as_ref()) {
                return Ok(Some(Expr::Leaf(Operand::Column(index))));
            }
            match node {
                Expr::Literal(value) => Ok(Some(self.constant(value))),
                Expr::Leaf(Leaf::Name(name)) => {
                    if self.column(name).is_ok() {
                        let problem = SqlProblem::NotGrouped { name: name.to_string() };
                        return Err(SqlError { offset: name.offset, problem });
                    }
                    self.meant(name, Self::grouped).map(Some)
                }
                Expr::Call(Function::Hop { .. }, _) => {
                    Err(SqlError::unsupported("hop outside of GROUP BY", self.place(node)))
                }
                _ => Ok(None),
            }
        })
    }

    fn aggregate(
        &mut self,
        aggregate: Aggregate,
        argument: Option<&Expr<Leaf>>,
    ) -> Result<Expr<Operand>, SqlError> {
        let argument = argument.map(|argument| self.scalar(argument)).transpose()?;
        let keys = self.group.as_ref().map_or(0, Vec::len);
        Ok(Expr::Leaf(Operand::Column(keys + self.aggregates.want(aggregate, argument))))
    }
}

/// A column by its name: as it is written or, failing that, whatever the case of its letters.
pub(super) fn find(columns: &[String], name: &str) -> Option<usize> {
    let exact = columns.iter().position(|column| column == name);
    exact.or_else(|| columns.iter().position(|column| column.eq_ignore_ascii_case(name)))
}

/// Checks that at most one of the keys stands for several windows.
pub(super) fn one_hop(
    keys: Vec<Expr<Operand>>,
    offset: usize,
) -> Result<Vec<Expr<Operand>>, SqlError> {
    let is_hop = |key: &&Expr<Operand>| matches!(key, Expr::Call(Function::Hop { .. }, _));
    if keys.iter().filter(is_hop).count() > 1 {
        return Err(SqlError::unsupported("a second hop in GROUP BY", offset));
    }
    Ok(keys)
}
