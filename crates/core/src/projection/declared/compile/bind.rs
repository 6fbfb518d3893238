//! Names of expressions to where their values come from.

use alloc::string::String;

use super::Compiler;
use crate::cell::{Cell, Dictionary};
use crate::engine::DefineError;
use crate::event::EventField;
use crate::projection::declared::plan::Source;
use crate::sql::{EvaluateError, Expr, Function, Leaf, Name, Scope, SqlError, Step};

/// Whether a name is a path into an event's data.
pub(super) fn is_data(name: &Name) -> bool {
    is_first(name, "data")
}

fn is_first(name: &Name, root: &str) -> bool {
    matches!(name.steps.first(), Some(Step::Field(first)) if first.eq_ignore_ascii_case(root))
}

impl Compiler<'_> {
    /// Gives the names of an expression their sources. `columns` are those of the row, if there is
    /// one. What reads nothing is computed here and now, unless that fails.
    pub(super) fn bind(
        &mut self,
        place: &str,
        expr: &Expr<Leaf>,
        columns: Option<&[String]>,
    ) -> Result<Expr<Source>, DefineError> {
        let bound = expr.try_map(&mut |node| match node {
            Expr::Literal(value) => {
                Ok(Some(Expr::Leaf(Source::Constant(self.dictionary.cell(value)))))
            }
            Expr::Leaf(Leaf::Name(name)) => {
                self.source(name, columns).map(|source| Some(Expr::Leaf(source)))
            }
            Expr::Leaf(Leaf::Aggregate(_, _, offset)) => {
                Err(SqlError::unsupported("an aggregate in a table view", *offset))
            }
            Expr::Call(Function::Hop { .. }, arguments) => {
                Err(SqlError::unsupported("hop in a table view", first_name(arguments)))
            }
            _ => Ok(None),
        });
        let bound = bound.map_err(|error| self.error(place, error))?;
        Ok(match constant(&bound, self.dictionary) {
            Some(Ok(cell)) => Expr::Leaf(Source::Constant(cell)),
            Some(Err(_)) | None => bound,
        })
    }

    fn source(&mut self, name: &Name, columns: Option<&[String]>) -> Result<Source, SqlError> {
        if is_data(name) {
            return Ok(Source::Data(self.paths.slot(name)));
        }
        if let Some(paths) = &mut self.item_paths
            && is_first(name, "item")
        {
            let known = paths.iter().position(|known| known.steps[1..] == name.steps[1..]);
            return Ok(Source::Item(known.unwrap_or_else(|| {
                paths.push(name.clone());
                paths.len() - 1
            })));
        }
        match (name.steps.as_slice(), columns) {
            ([Step::Field(first)], _) => self.plain(first, columns.unwrap_or_default()),
            ([_, Step::Field(column)], Some(columns)) if is_first(name, "previous") => {
                let index = columns.iter().position(|known| known == column);
                return index
                    .map(Source::Previous)
                    .ok_or_else(|| SqlError::unknown_column(name, columns));
            }
            _ => None,
        }
        .ok_or_else(|| self.unknown(name, columns))
    }

    /// The source of a name without parts.
    fn plain(&self, name: &str, columns: &[String]) -> Option<Source> {
        if self.item_paths.is_some() && name.eq_ignore_ascii_case("item_index") {
            return Some(Source::ItemIndex);
        }
        EventField::find(name)
            .map(Source::Event)
            .or_else(|| columns.iter().position(|known| known == name).map(Source::Column))
    }

    fn unknown(&self, name: &Name, columns: Option<&[String]>) -> SqlError {
        let mut known = EventField::names();
        if self.item_paths.is_some() {
            known.extend(["item.…".into(), "item_index".into()]);
        }
        if let Some(columns) = columns {
            known.push("previous.…".into());
            known.extend_from_slice(columns);
        }
        SqlError::unknown_column(name, &known)
    }
}

/// Where the first name among the arguments of a function stands.
fn first_name(arguments: &[Expr<Leaf>]) -> usize {
    let mut first = None;
    for argument in arguments {
        argument.for_each_leaf(&mut |leaf| {
            let (Leaf::Name(Name { offset, .. }) | Leaf::Aggregate(_, _, offset)) = leaf;
            first = first.or(Some(*offset));
        });
    }
    first.unwrap_or(0)
}

/// What an expression is that reads nothing; none if it reads something.
pub(super) fn constant(
    expr: &Expr<Source>,
    dictionary: &mut Dictionary,
) -> Option<Result<Cell, EvaluateError>> {
    let mut is_constant = true;
    expr.for_each_leaf(&mut |source| is_constant &= matches!(source, Source::Constant(_)));
    is_constant.then(|| expr.evaluate(&mut Constants(dictionary)))
}

/// For expressions whose leaves are constants.
struct Constants<'a>(&'a mut Dictionary);

impl Scope<Source> for Constants<'_> {
    fn leaf(&mut self, source: &Source) -> Result<Cell, EvaluateError> {
        Ok(match source {
            Source::Constant(cell) => *cell,
            _ => Cell::NULL,
        })
    }

    fn dictionary(&mut self) -> &mut Dictionary {
        self.0
    }
}
