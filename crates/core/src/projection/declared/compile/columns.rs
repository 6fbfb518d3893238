//! Which columns a table view has, and what is known of them.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{Compiler, assignments, bind};
use crate::cell::Cell;
use crate::engine::{DefineError, DefineProblem};
use crate::projection::declared::column::{Kind, admit};
use crate::sql::{Expr, Leaf, Name, Step};
use crate::{ColumnDefinition, ColumnType, TableDefinition};

pub(super) struct Columns {
    pub(super) names: Vec<String>,
    /// How many of them, the first ones, show the key.
    pub(super) key_width: usize,
    /// The column that shows each part of the key, if one does.
    pub(super) key: Vec<Option<usize>>,
    /// What the definition says that they are …
    pub(super) declared: Vec<Option<ColumnType>>,
    /// … and what the clauses seen so far make of them.
    pub(super) kinds: Vec<Kind>,
    pub(super) defaults: Vec<Cell>,
}

impl Columns {
    /// The columns are those of the key, then those of which the definition says something, then
    /// the others in the order in which clauses first name them.
    pub(super) fn find(
        compiler: &Compiler<'_>,
        definition: &TableDefinition,
        key: &[Expr<Leaf>],
    ) -> Result<Self, DefineError> {
        let changed: Vec<&str> = definition
            .on
            .iter()
            .flat_map(|(_, clause)| assignments(clause).map(|(_, _, column, _)| column))
            .collect();
        let key_names = key_names(key);
        let (mut names, mut key) = (Vec::<String>::new(), Vec::new());
        for (index, name) in key_names.iter().enumerate() {
            if key_names[..index].contains(name) {
                let name = definition.key[index].clone();
                return Err(compiler.error("key", DefineProblem::SameColumn { name }));
            }
            let is_shown = !changed.contains(&name.as_str());
            key.push(is_shown.then_some(names.len()));
            if is_shown {
                names.push(name.clone());
            }
        }
        let key_width = names.len();
        for (name, _) in &definition.columns {
            if !changed.contains(&name.as_str()) && !names.contains(name) {
                let place = format!("columns.{name}");
                return Err(compiler.error(&place, DefineProblem::UnchangedColumn));
            }
        }
        let described = definition.columns.iter().map(|(name, _)| name.as_str());
        for name in described.chain(changed.iter().copied()) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_string());
            }
        }
        let width = names.len();
        let columns = Self {
            names,
            key_width,
            key,
            declared: alloc::vec![None; width],
            kinds: alloc::vec![Kind::Null; width],
            defaults: alloc::vec![Cell::NULL; width],
        };
        Ok(columns)
    }

    /// Takes in what the definition says of columns.
    pub(super) fn describe(
        &mut self,
        compiler: &mut Compiler<'_>,
        definition: &TableDefinition,
    ) -> Result<(), DefineError> {
        for (name, ColumnDefinition { column_type, default }) in &definition.columns {
            let column = self.index(name);
            self.declared[column] = *column_type;
            let Some(text) = default else { continue };
            let place = format!("columns.{name}.default");
            if column < self.key_width {
                return Err(compiler.error(&place, DefineProblem::KeyDefault));
            }
            let parsed = compiler.parse(&place, text)?;
            let expr = compiler.bind(&place, &parsed, None)?;
            let cell = bind::constant(&expr, compiler.dictionary)
                .ok_or_else(|| compiler.error(&place, DefineProblem::NotConstant))?
                .and_then(|cell| admit(*column_type, cell, compiler.dictionary))
                .map_err(|error| compiler.error(&place, DefineProblem::Default(error)))?;
            self.defaults[column] = cell;
            self.kinds[column] = Kind::of_cell(cell, compiler.dictionary);
        }
        Ok(())
    }

    /// The number of a column that is there.
    pub(super) fn index(&self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or(0)
    }

    /// What the definition says that a part of the key is.
    pub(super) fn key_type(&self, part: usize) -> Option<ColumnType> {
        self.declared[self.key[part]?]
    }

    /// What the columns are: as it is said or, if it is not, as the clauses have it.
    pub(super) fn types(&self) -> Vec<Option<ColumnType>> {
        let kinds = self.kinds.iter().map(|kind| kind.column_type());
        self.declared.iter().zip(kinds).map(|(declared, kind)| declared.or(kind)).collect()
    }
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
