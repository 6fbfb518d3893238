//! From a definition's texts to what runs.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Change, Declared, Source};
use crate::cell::Dictionary;
use crate::engine::{DefineError, DefineProblem};
use crate::projection::Paths;
use crate::sql::{Expr, Leaf, Name, SqlError, Step, parse_expr};
use crate::{Clause, TableDefinition};

/// The names of an event's envelope.
const ENVELOPE: [(&str, Source); 7] = [
    ("id", Source::Id),
    ("source", Source::Origin),
    ("subject", Source::Subject),
    ("type", Source::Type),
    ("time", Source::Time),
    ("position", Source::Position),
    ("epoch", Source::Epoch),
];

impl Declared {
    /// Compiles the view `view`, whose paths into the data get their slots in `paths`.
    pub(crate) fn compile(
        view: &str,
        definition: &TableDefinition,
        paths: &mut Paths,
        dictionary: &mut Dictionary,
    ) -> Result<Self, DefineError> {
        let mut compiler = Compiler { view, paths, dictionary };
        if definition.key.is_empty() {
            return Err(compiler.error("key", DefineProblem::NoKey));
        }
        let parsed = definition
            .key
            .iter()
            .map(|text| compiler.parse("key", text))
            .collect::<Result<Vec<_>, _>>()?;
        let set_columns = set_columns(definition);
        let (mut columns, mut key_places) = (Vec::new(), Vec::new());
        for (index, name) in key_names(&parsed).into_iter().enumerate() {
            if columns.contains(&name) {
                let name = definition.key[index].clone();
                return Err(compiler.error("key", DefineProblem::SameColumn { name }));
            }
            let shown = !set_columns.contains(&name.as_str());
            key_places.push(shown.then_some(columns.len()));
            if shown {
                columns.push(name);
            }
        }
        let key_columns = columns.len();
        columns.extend(set_columns.iter().map(ToString::to_string));

        let key =
            parsed.iter().map(|expr| compiler.bind("key", expr, &[])).collect::<Result<_, _>>()?;
        let mut by_type: Vec<(String, Vec<Change>)> = Vec::new();
        let mut any = Vec::new();
        for (event_type, clause) in &definition.on {
            let place = format!("on.{event_type}");
            let change = compiler.change(place, clause, &columns)?;
            let known = by_type.iter_mut().find(|(name, _)| name == event_type);
            match (event_type.as_str(), known) {
                ("*", _) => any.push(change),
                (_, Some((_, changes))) => changes.push(change),
                (_, None) => by_type.push((event_type.clone(), alloc::vec![change])),
            }
        }
        Ok(Self { key, key_places, columns, key_columns, by_type, any })
    }
}

/// The columns that the clauses name, in the order they first do.
fn set_columns(definition: &TableDefinition) -> Vec<&str> {
    let mut columns: Vec<&str> = Vec::new();
    for (column, _) in
        definition.on.iter().flat_map(|(_, clause)| clause.set.iter().chain(&clause.add))
    {
        if !columns.contains(&column.as_str()) {
            columns.push(column);
        }
    }
    columns
}

/// A key's part is named after what it reads, or `key`, with a number when there are several.
fn key_names(key: &[Expr<Leaf>]) -> Vec<String> {
    let name = |(index, expr): (usize, &Expr<Leaf>)| match expr {
        Expr::Leaf(Leaf::Name(Name { steps, .. })) => match steps.last() {
            Some(Step::Field(field)) => field.clone(),
            _ => unnamed(index, key.len()),
        },
        _ => unnamed(index, key.len()),
    };
    key.iter().enumerate().map(name).collect()
}

fn unnamed(index: usize, parts: usize) -> String {
    if parts == 1 { "key".into() } else { format!("key{}", index + 1) }
}

struct Compiler<'a> {
    view: &'a str,
    paths: &'a mut Paths,
    dictionary: &'a mut Dictionary,
}

impl Compiler<'_> {
    fn error(&self, place: &str, problem: impl Into<DefineProblem>) -> DefineError {
        DefineError { view: self.view.into(), place: place.into(), problem: problem.into() }
    }

    fn parse(&self, place: &str, text: &str) -> Result<Expr<Leaf>, DefineError> {
        parse_expr(text).map_err(|error| self.error(place, error))
    }

    fn change(
        &mut self,
        place: String,
        clause: &Clause,
        columns: &[String],
    ) -> Result<Change, DefineError> {
        if clause.delete && !(clause.set.is_empty() && clause.add.is_empty()) {
            return Err(self.error(&place, DefineProblem::DeleteAndChange));
        }
        if let Some((name, _)) =
            clause.add.iter().find(|(added, _)| clause.set.iter().any(|(set, _)| set == added))
        {
            return Err(self.error(&place, DefineProblem::SetAndAdd { name: name.clone() }));
        }
        let mut expr = |part: &str, text: &str| {
            let place = format!("{place}.{part}");
            let parsed = self.parse(&place, text)?;
            self.bind(&place, &parsed, columns)
        };
        let when = clause.when.as_ref().map(|when| expr("when", when)).transpose()?;
        let mut assignments = |part: &str, pairs: &[(String, String)]| {
            pairs
                .iter()
                .map(|(column, text)| {
                    let index = columns.iter().position(|known| known == column).unwrap_or(0);
                    Ok((index, expr(&format!("{part}.{column}"), text)?))
                })
                .collect::<Result<Vec<_>, DefineError>>()
        };
        let set = assignments("set", &clause.set)?;
        let add = assignments("add", &clause.add)?;
        Ok(Change { place, when, set, add, delete: clause.delete })
    }

    /// Gives the names of an expression their sources. `columns` are those of the row.
    fn bind(
        &mut self,
        place: &str,
        expr: &Expr<Leaf>,
        columns: &[String],
    ) -> Result<Expr<Source>, DefineError> {
        expr.try_map(&mut |node| match node {
            Expr::Literal(value) => {
                Ok(Some(Expr::Leaf(Source::Constant(self.dictionary.cell(value)))))
            }
            Expr::Leaf(Leaf::Name(name)) => {
                source(name, columns, self.paths).map(|source| Some(Expr::Leaf(source)))
            }
            Expr::Leaf(Leaf::Aggregate(_, _, offset)) => {
                Err(SqlError::unsupported("an aggregate in a table view", *offset))
            }
            _ => Ok(None),
        })
        .map_err(|error| self.error(place, error))
    }
}

fn source(name: &Name, columns: &[String], paths: &mut Paths) -> Result<Source, SqlError> {
    let unknown = || {
        let mut known: Vec<String> = ENVELOPE.iter().map(|(name, _)| (*name).into()).collect();
        known.push("data.…".into());
        known.extend_from_slice(columns);
        SqlError::unknown_column(name, &known)
    };
    let Some(Step::Field(first)) = name.steps.first() else { return Err(unknown()) };
    if first.eq_ignore_ascii_case("data") {
        return Ok(Source::Data(paths.slot(name)));
    }
    if name.steps.len() > 1 {
        return Err(unknown());
    }
    if let Some((_, source)) = ENVELOPE.iter().find(|(known, _)| first.eq_ignore_ascii_case(known))
    {
        return Ok(*source);
    }
    columns.iter().position(|column| column == first).map(Source::Column).ok_or_else(unknown)
}
