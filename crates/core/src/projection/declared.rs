//! Table views that are data.

mod compile;

use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::ProjectError;
use super::field::{Fields, Paths};
use crate::log::SharedNames;
use crate::sql::{EvaluateError, Expr, Operator, arithmetic};
use crate::table::{Slot, Table};
use crate::value::is_same_row;
use crate::{Event, Key, Row, Value};

/// A declared table view at work.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    key: Vec<Expr<Source>>,
    /// The columns that show the key's parts; a part whose column the view sets itself has none.
    key_places: Vec<Option<usize>>,
    pub(crate) columns: Vec<String>,
    pub(crate) key_columns: usize,
    by_type: HashMap<String, Vec<Change>, FixedState>,
    /// What every event does, before what its type does.
    any: Vec<Change>,
}

/// Where an expression of a table view takes a value from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Id,
    Origin,
    Subject,
    Type,
    Time,
    Position,
    Epoch,
    /// A slot of the event's data.
    Data(usize),
    /// A column of the row as it is.
    Column(usize),
}

/// A clause, with its columns by number and its expressions ready.
#[derive(Debug, Clone)]
struct Change {
    /// Where it stands, such as `on.OrderPlaced`.
    place: String,
    when: Option<Expr<Source>>,
    set: Vec<(usize, Expr<Source>)>,
    add: Vec<(usize, Expr<Source>)>,
    delete: bool,
}

/// What an expression can see of an event.
pub(crate) struct Scope<'a> {
    pub(crate) event: &'a Event<'a>,
    pub(crate) names: SharedNames<'a>,
    pub(crate) fields: &'a mut Fields,
    pub(crate) paths: &'a Paths,
}

impl Scope<'_> {
    fn value(&mut self, source: Source, row: Option<&[Value]>) -> Result<Value, EvaluateError> {
        let shared = |name: &Arc<str>| Value::Text(Arc::clone(name));
        Ok(match source {
            Source::Id => Value::text(self.event.id),
            Source::Origin => shared(self.names.source),
            Source::Subject => shared(self.names.subject),
            Source::Type => shared(self.names.event_type),
            Source::Time => {
                self.event.time.map_or(Value::Null, |time| Value::text(&time.to_string()))
            }
            Source::Position => number(self.event.position.get()),
            Source::Epoch => number(self.event.epoch.get()),
            Source::Data(slot) => self.fields.value(slot, self.paths, self.event)?,
            Source::Column(index) => row.map_or(Value::Null, |row| row[index].clone()),
        })
    }

    fn evaluate(
        &mut self,
        expr: &Expr<Source>,
        row: Option<&[Value]>,
    ) -> Result<Value, EvaluateError> {
        expr.evaluate(&mut |source| self.value(*source, row))
    }
}

fn number(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

impl Declared {
    /// Whether events of this type can change the view.
    pub(crate) fn reads(&self, event_type: &str) -> bool {
        !self.any.is_empty() || self.by_type.contains_key(event_type)
    }

    /// Folds an event into its row; what that undid, if it changed anything.
    pub(crate) fn fold(
        &self,
        scope: &mut Scope<'_>,
        table: &mut Table,
    ) -> Result<Option<(Slot, Option<Row>)>, ProjectError> {
        let own = self.by_type.get(scope.event.event_type).map_or(&[][..], Vec::as_slice);
        let mut part = |part| match scope.evaluate(part, None) {
            Ok(value) if value.is_null() => Err(ProjectError::NullKey),
            Ok(value) => Ok(value),
            Err(error) => Err(ProjectError::Evaluate { place: "key".into(), error }),
        };
        // Most keys have one part, and most of their rows are there: nothing is allocated then.
        let slot = match self.key.as_slice() {
            [single] => table.slot(&[part(single)?]),
            parts => table.slot(&parts.iter().map(part).collect::<Result<Vec<_>, _>>()?),
        };
        let before = table.row(slot).cloned();
        let mut row = before.clone();
        for change in self.any.iter().chain(own) {
            row = self.change(change, table.key(slot), row, scope)?;
        }
        if is_same_row(before.as_ref(), row.as_ref()) {
            return Ok(None);
        }
        Ok(Some((slot, table.put(slot, row))))
    }

    /// The row after one clause. All its expressions see the row as it was before the clause.
    fn change(
        &self,
        change: &Change,
        key: &Key,
        row: Option<Row>,
        scope: &mut Scope<'_>,
    ) -> Result<Option<Row>, ProjectError> {
        let failed = |part: &str, column: &str| {
            let place = [&change.place, part, column].concat();
            move |error| ProjectError::Evaluate { place, error }
        };
        let before = row.as_deref();
        if let Some(when) = &change.when {
            let holds = when
                .is_true("when", &mut |source: &Source| scope.value(*source, before))
                .map_err(|error| failed(".when", "")(error))?;
            if !holds {
                return Ok(row);
            }
        }
        if change.delete {
            return Ok(None);
        }
        let mut after = before.map_or_else(|| self.new_row(key), Row::from);
        let cells = Arc::make_mut(&mut after);
        for (column, expr) in &change.set {
            cells[*column] = scope
                .evaluate(expr, before)
                .map_err(|error| failed(".set.", &self.columns[*column])(error))?;
        }
        for (column, expr) in &change.add {
            cells[*column] = scope
                .evaluate(expr, before)
                .and_then(|amount| sum(&cells[*column], &amount))
                .map_err(|error| failed(".add.", &self.columns[*column])(error))?;
        }
        Ok(Some(after))
    }

    fn new_row(&self, key: &Key) -> Row {
        let mut row = vec![Value::Null; self.columns.len()];
        for (value, place) in key.iter().zip(&self.key_places) {
            if let Some(index) = place {
                row[*index] = value.clone();
            }
        }
        row.into()
    }
}

/// A sum in which a missing number counts as 0.
fn sum(before: &Value, amount: &Value) -> Result<Value, EvaluateError> {
    let zero = Value::Int(0);
    let or_zero = |value: &Value| if value.is_null() { zero.clone() } else { value.clone() };
    arithmetic(Operator::Add, &or_zero(before), &or_zero(amount))
}
