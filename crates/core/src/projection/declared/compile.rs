//! From a definition's texts to what runs.

mod bind;
mod columns;

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::column::Kind;
use super::plan::{Action, Change, Compute, Condition, Source, Step};
use super::{Declared, Each, KeyPart};
use crate::cell::Dictionary;
use crate::engine::{DefineError, DefineProblem};
use crate::projection::Paths;
use crate::sql::{Expr, Leaf, Name, parse_expr};
use crate::{Append, Clause, ColumnType, TableDefinition};
use columns::Columns;

impl Declared {
    /// Compiles the view `view`, whose paths into the data get their slots in `paths`.
    pub(crate) fn compile(
        view: &str,
        definition: &TableDefinition,
        paths: &mut Paths,
        dictionary: &mut Dictionary,
    ) -> Result<Self, DefineError> {
        let mut compiler = Compiler {
            view,
            paths,
            dictionary,
            item_paths: definition.each.is_some().then(Vec::new),
        };
        let slot = definition.each.as_ref().map(|each| compiler.each(each)).transpose()?;
        if definition.key.is_empty() {
            return Err(compiler.error("key", DefineProblem::NoKey));
        }
        let parsed = definition
            .key
            .iter()
            .map(|text| compiler.parse("key", text))
            .collect::<Result<Vec<_>, _>>()?;
        let mut columns = Columns::find(&compiler, definition, &parsed)?;
        columns.describe(&mut compiler, definition)?;
        let mut key = Vec::new();
        for (part, (expr, column)) in parsed.iter().zip(&columns.key).enumerate() {
            let expr = compiler.bind("key", expr, None)?;
            if let Some(column) = *column {
                columns.kinds[column] = Kind::of(&expr, compiler.dictionary);
            }
            let column_type = columns.key_type(part);
            key.push(KeyPart { value: Compute::of(expr), column_type, column: *column });
        }
        let (mut changes, mut plans, mut any) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (types, clause)) in definition.on.iter().enumerate() {
            let place = place(&definition.on, index);
            for event_type in compiler.event_types(&place, types)? {
                plan_of(event_type, &mut plans, &mut any).push(changes.len());
            }
            changes.push(compiler.change(place, clause, &mut columns)?);
        }
        for (_, plan) in &mut plans {
            plan.splice(..0, any.iter().copied());
        }
        let types = columns.types();
        let Columns { names, key_width: key_columns, defaults, .. } = columns;
        let each = slot.zip(compiler.item_paths).map(|(slot, paths)| Each { slot, paths });
        Ok(Self { key, each, columns: names, key_columns, types, defaults, changes, plans, any })
    }
}

/// The list that a type's changes are in.
fn plan_of<'p>(
    event_type: &str,
    plans: &'p mut Vec<(String, Vec<usize>)>,
    any: &'p mut Vec<usize>,
) -> &'p mut Vec<usize> {
    if event_type == "*" {
        return any;
    }
    let known = plans.iter().position(|(name, _)| name == event_type);
    let index = known.unwrap_or_else(|| {
        plans.push((event_type.into(), Vec::new()));
        plans.len() - 1
    });
    &mut plans[index].1
}

/// Where a clause stands: with its number among those of its types, if there are several.
fn place(on: &[(String, Clause)], index: usize) -> String {
    let types = &on[index].0;
    let of_types =
        |clauses: &[(String, Clause)]| clauses.iter().filter(|(other, _)| other == types).count();
    match of_types(on) {
        1 => format!("on.{types}"),
        _ => format!("on.{types}[{}]", of_types(&on[..index])),
    }
}

/// The columns that a clause changes, with the verb and the expression of each.
fn assignments(clause: &Clause) -> impl Iterator<Item = (&'static str, Action, &str, &str)> {
    let pairs = [
        ("set", Action::Set, &clause.set),
        ("add", Action::Add, &clause.add),
        ("max", Action::Max, &clause.max),
        ("min", Action::Min, &clause.min),
    ];
    let appended = clause.append.iter().map(|(column, Append { value, limit })| {
        let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
        ("append", Action::Append(limit), column.as_str(), value.as_str())
    });
    pairs
        .into_iter()
        .flat_map(|(verb, action, pairs)| {
            pairs.iter().map(move |(column, text)| (verb, action, column.as_str(), text.as_str()))
        })
        .chain(appended)
}

struct Compiler<'a> {
    view: &'a str,
    paths: &'a mut Paths,
    dictionary: &'a mut Dictionary,
    /// The paths into an element, if there is one.
    item_paths: Option<Vec<Name>>,
}

impl Compiler<'_> {
    fn error(&self, place: &str, problem: impl Into<DefineProblem>) -> DefineError {
        DefineError { view: self.view.into(), place: place.into(), problem: problem.into() }
    }

    fn parse(&self, place: &str, text: &str) -> Result<Expr<Leaf>, DefineError> {
        parse_expr(text).map_err(|error| self.error(place, error))
    }

    /// The slot of the array that events are unnested by.
    fn each(&mut self, text: &str) -> Result<usize, DefineError> {
        match self.parse("each", text)? {
            Expr::Leaf(Leaf::Name(name)) if bind::is_data(&name) => Ok(self.paths.json_slot(&name)),
            _ => Err(self.error("each", DefineProblem::EachPath)),
        }
    }

    /// The types of events that share a clause.
    fn event_types<'t>(&self, place: &str, types: &'t str) -> Result<Vec<&'t str>, DefineError> {
        let names: Vec<&str> = types.split(',').map(str::trim).collect();
        for (index, name) in names.iter().enumerate() {
            let problem = if name.is_empty() {
                DefineProblem::NoEventType
            } else if *name == "*" && names.len() > 1 {
                DefineProblem::EveryTypeAndOthers
            } else if names[..index].contains(name) {
                DefineProblem::SameEventType { name: (*name).to_string() }
            } else {
                continue;
            };
            return Err(self.error(place, problem));
        }
        Ok(names)
    }

    fn change(
        &mut self,
        place: String,
        clause: &Clause,
        columns: &mut Columns,
    ) -> Result<Change, DefineError> {
        self.check_columns(&place, clause)?;
        let when = match &clause.when {
            None => None,
            Some(text) => {
                let expr = self.expr(&format!("{place}.when"), text, columns)?;
                Some(Condition::of(expr))
            }
        };
        let (mut steps, mut written, mut is_entangled) = (Vec::new(), Vec::new(), false);
        for (verb, action, column, text) in assignments(clause) {
            let place = format!("{place}.{verb}.{column}");
            let expr = self.expr(&place, text, columns)?;
            expr.for_each_leaf(&mut |source| {
                is_entangled |= matches!(source, Source::Column(read) if written.contains(read));
            });
            let column = columns.index(column);
            let kind = Kind::of(&expr, self.dictionary).after(action);
            columns.kinds[column] = columns.kinds[column].or(kind);
            written.push(column);
            let column_type = columns.declared[column];
            if matches!(action, Action::Append(_))
                && let Some(other) = column_type.filter(|other| *other != ColumnType::Text)
            {
                return Err(self.error(&place, DefineProblem::ListType { found: other.name() }));
            }
            steps.push(Step { place, column, action, value: Compute::of(expr), column_type });
        }
        Ok(Change { place, when, steps, is_entangled, delete: clause.delete })
    }

    /// Checks that no column is changed twice, and that what is said goes together.
    fn check_columns(&self, place: &str, clause: &Clause) -> Result<(), DefineError> {
        let mut seen: Vec<(&str, &'static str)> = Vec::new();
        for (second, _, column, _) in assignments(clause) {
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == column) {
                let name = column.to_string();
                return Err(self.error(place, DefineProblem::TwoChanges { name, first, second }));
            }
            seen.push((column, second));
        }
        if clause.delete && !seen.is_empty() {
            return Err(self.error(place, DefineProblem::DeleteAndChange));
        }
        for (column, append) in &clause.append {
            if !(1..=Append::LONGEST).contains(&append.limit) {
                let place = format!("{place}.append.{column}.limit");
                return Err(self.error(&place, DefineProblem::ListLimit { found: append.limit }));
            }
        }
        Ok(())
    }

    fn expr(
        &mut self,
        place: &str,
        text: &str,
        columns: &Columns,
    ) -> Result<Expr<Source>, DefineError> {
        let parsed = self.parse(place, text)?;
        self.bind(place, &parsed, Some(&columns.names))
    }
}
