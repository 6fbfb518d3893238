//! Aggregates over the rows of a query.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::ReadError;
use crate::cell::Dictionary;
use crate::query;
use crate::sql::SqlError;
use crate::table::{Slot, Table};
use crate::{EvaluateError, Key, Row};

/// What aggregates made of some rows.
#[derive(Debug)]
pub(crate) struct Aggregated {
    pub(crate) columns: Arc<[String]>,
    pub(crate) row: Row,
    /// Rows that were left out, because an aggregate could not be computed with them.
    pub(crate) errors: Vec<(Key, EvaluateError)>,
}

const SELECT: &str = "SELECT ";

/// Computes a list of aggregates, such as `COUNT(*) AS orders, SUM(total)`, over rows of a table.
/// They are what a derived view over these rows would have.
pub(crate) fn aggregate(
    items: &str,
    (table, slots): (&Table, &[Slot]),
    dictionary: &mut Dictionary,
) -> Result<Aggregated, ReadError> {
    let wrong = |SqlError { offset, problem }| {
        let offset = offset.saturating_sub(SELECT.len()).min(items.len());
        ReadError::Sql { place: "aggregates", problem: SqlError { offset, problem } }
    };
    // On a line of its own the rest cannot be part of a comment.
    let sql = alloc::format!("{SELECT}{items}\nFROM view_rows");
    if query::sources(&sql).map_err(wrong)?.len() != 1 {
        return Err(wrong(SqlError::unsupported("UNION ALL", SELECT.len())));
    }
    let shape = query::Shape { columns: &table.columns, key_width: table.key_width().max(1) };
    let (mut query, columns) = query::bind(&sql, &[shape], dictionary).map_err(wrong)?;
    if query.key_width() != 0 {
        let problem = SqlError::unsupported("what is no aggregate", SELECT.len());
        return Err(wrong(problem));
    }
    let mut rows = Table::new(table.columns.to_vec(), table.key_width());
    for slot in slots {
        let to = rows.slot(table.key(*slot));
        rows.put(to, table.row(*slot), &mut |_| {});
    }
    rows.settle(dictionary);
    let mut result = Table::new(columns, 0);
    query.begin(&mut result, dictionary);
    query.take(0, &rows, &mut result, dictionary);
    query.finish(&mut result, dictionary);
    result.settle(dictionary);
    let row = result.find(&[]).and_then(|slot| result.row(slot));
    let mut errors = query.errors().map(|(key, error)| (key.clone(), error.clone()));
    match row {
        Some(row) => Ok(Aggregated {
            row: dictionary.values(row),
            columns: Arc::clone(&result.columns),
            errors: errors.collect(),
        }),
        None => match errors.find(|(key, _)| key.is_empty()) {
            Some((_, error)) => Err(error.into()),
            None => Err(wrong(SqlError::unsupported("what has no row", SELECT.len()))),
        },
    }
}
