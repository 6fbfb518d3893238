//! The definitions file: views as TOML, or the same shape as JSON.
//!
//! ```
//! let definitions = everview_protocol::definitions::parse(
//!     r#"
//!     [views.orders]
//!     key = "subject"
//!     [views.orders.on.OrderPlaced]
//!     set = { region = "data.region" }
//!     [views.orders.on.ItemAdded]
//!     add = { total = "data.quantity * data.price_cents" }
//!
//!     [views.regions]
//!     sql = "SELECT region, SUM(total) AS revenue FROM orders GROUP BY region"
//!     "#,
//! )?;
//! assert_eq!(definitions.views[0].0, "orders");
//! # Ok::<(), everview_protocol::definitions::DefinitionsError>(())
//! ```

use everview_core::{
    Append, Clause, ColumnDefinition, Definitions, IndexDefinition, Retain, TableDefinition,
    ViewDefinition,
};

mod shape;
mod span;
#[cfg(test)]
mod tests;
mod upcaster;
mod write;

use shape::{AppendShape, Clauses, ColumnShape, File, Key, RetainShape, ViewShape};
pub use write::to_toml;

/// A definitions file that cannot be read. Nothing of it is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionsError {
    /// The text is no TOML or JSON, or has a field that is unknown or of the wrong kind.
    #[error("line {line}, column {column}: {problem}")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What was expected and what was found.
        problem: String,
    },
    /// A part can be read and makes no sense.
    #[error("{place}: {problem}")]
    Meaning {
        /// The part, such as `views.orders.on.OrderPlaced`.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Reads a definitions file. A text whose first character that is not blank is `{` is JSON, any
/// other is TOML.
///
/// Only the shape is checked here: the engine that the views are given to knows what they mean.
///
/// # Errors
///
/// Returns [`DefinitionsError`] at the first place that is wrong.
pub fn parse(text: &str) -> Result<Definitions, DefinitionsError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file = if text.trim_start().starts_with('{') { from_json(text) } else { from_toml(text) }?;
    let mut definitions = Definitions::default();
    for (name, mut view) in file.views.into_iter() {
        let lists = [(false, view.indexes.take()), (true, view.unique.take())];
        for (is_unique, indexes) in lists {
            let index = |columns: Key| IndexDefinition {
                view: name.clone(),
                columns: columns.0,
                is_unique,
            };
            definitions.indexes.extend(indexes.unwrap_or_default().into_iter().map(index));
        }
        let definition = view_from_shape(&format!("views.{name}"), view)?;
        definitions.views.push((name, definition));
    }
    for (from, shape) in file.upcasters.into_iter() {
        let upcaster = upcaster::from_shape(&format!("upcasters.{from}"), shape)?;
        definitions.upcasters.push((from, upcaster));
    }
    Ok(definitions)
}

fn from_json(text: &str) -> Result<File, DefinitionsError> {
    serde_json::from_str(text).map_err(|error| {
        let described = error.to_string();
        // The place is at the end of serde_json's own text, and would be there twice.
        let problem =
            described.rsplit_once(" at line ").map_or(&*described, |(problem, _)| problem);
        let problem = problem.to_owned();
        DefinitionsError::Shape { line: error.line(), column: error.column(), problem }
    })
}

fn from_toml(text: &str) -> Result<File, DefinitionsError> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or(text);
        DefinitionsError::Shape {
            line: before.matches('\n').count() + 1,
            column: before.chars().rev().take_while(|character| *character != '\n').count() + 1,
            problem: error.message().to_owned(),
        }
    })
}

fn view_from_shape(place: &str, view: ViewShape) -> Result<ViewDefinition, DefinitionsError> {
    let ViewShape { key, each, columns, on, retain, sql, indexes: _, unique: _ } = view;
    let extra =
        [("each", each.is_some()), ("columns", columns.is_some()), ("retain", retain.is_some())];
    if let (Some(_), Some((name, _))) = (&sql, extra.iter().find(|(_, is_there)| *is_there)) {
        return Err(wrong(place, &format!("`{name}` belongs to `key` and `on`, not to `sql`")));
    }
    let retain = retain.map_or(Ok(Retain::default()), |shape| retain_from_shape(place, &shape))?;
    match (key, on, sql) {
        (None, None, Some(sql)) => Ok(ViewDefinition::Query(sql)),
        (Some(key), Some(on), None) => Ok(ViewDefinition::Table(TableDefinition {
            key: key.0,
            each,
            columns: columns.unwrap_or_default().into_iter().map(column_from_shape).collect(),
            on: on.into_iter().flat_map(clauses_from_shape).collect(),
            retain,
        })),
        (Some(_), None, None) => Err(wrong(place, "`key` without `on`: name the event types")),
        (None, Some(_), None) => Err(wrong(place, "`on` without `key`: name the row of an event")),
        (None, None, None) => Err(wrong(place, "expected `key` and `on`, or `sql`; found neither")),
        (_, _, Some(_)) => Err(wrong(place, "expected `key` and `on`, or `sql`; found both")),
    }
}

fn retain_from_shape(place: &str, shape: &RetainShape) -> Result<Retain, DefinitionsError> {
    let place = format!("{place}.retain");
    if shape.rows == Some(0) {
        return Err(wrong(&format!("{place}.rows"), "expected at least 1 row, found 0"));
    }
    let time = shape.time.as_deref().map(span::parse).transpose();
    let time = time.map_err(|problem| wrong(&format!("{place}.time"), &problem))?;
    if time.is_none() && shape.rows.is_none() {
        return Err(wrong(&place, "expected `time` or `rows`; found neither"));
    }
    Ok(Retain { time, rows: shape.rows })
}

fn column_from_shape((name, shape): (String, ColumnShape)) -> (String, ColumnDefinition) {
    let column_type = shape.column_type.map(|name| name.0);
    let default = shape.default.map(|constant| constant.0);
    (name, ColumnDefinition { column_type, default })
}

fn clauses_from_shape(
    (event_types, clauses): (String, Clauses),
) -> impl Iterator<Item = (String, Clause)> {
    clauses.0.into_iter().map(move |shape| {
        let append = |(column, AppendShape { value, limit })| (column, Append { value, limit });
        let clause = Clause {
            when: shape.when,
            set: shape.set.into_pairs(),
            add: shape.add.into_pairs(),
            max: shape.max.into_pairs(),
            min: shape.min.into_pairs(),
            append: shape.append.into_iter().map(append).collect(),
            delete: shape.delete,
        };
        (event_types.clone(), clause)
    })
}

fn wrong(place: &str, problem: &str) -> DefinitionsError {
    DefinitionsError::Meaning { place: place.to_owned(), problem: problem.to_owned() }
}
