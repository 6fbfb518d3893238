//! Rows of views as the page shows them: filtered, sorted, and only those that are asked for.

use everview_core::{Engine, Key, Row, Value, View};
use everview_protocol::session::{
    CellKind, Column, MissingRow, QuarantinedEvent, Sort, ViewPage, ViewQuery, ViewSummary,
};

use super::key::text_from_key;
use super::list::contains;

/// How many troubles of a view are told.
const TROUBLES: usize = 20;

/// The rows that were asked for last, so that scrolling does not sort again.
#[derive(Debug, Default)]
pub(super) struct RowCache {
    sight: Option<Sight>,
    rows: Vec<Keyed>,
}

/// A row with the key that names it.
type Keyed = (Key, Row);

/// What the kept rows depend on.
#[derive(Debug, PartialEq, Eq)]
struct Sight {
    view: String,
    digest: u128,
    sort: Option<Sort>,
    filter: String,
}

impl RowCache {
    /// Forgets the rows: views of the same name and digest may have other columns.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Some rows of a view; nothing when there is none of that name. `definition` is its text.
    pub(super) fn page(
        &mut self,
        engine: &Engine,
        query: &ViewQuery,
        definition: String,
    ) -> Option<ViewPage> {
        let view = engine.view(&query.view)?;
        let (first, count) = (whole(query.first), whole(u64::from(query.count)));
        let is_plain = query.sort.is_none() && query.filter.is_empty();
        let rows: Vec<Keyed> = if is_plain {
            view.keyed(first, count).collect()
        } else {
            self.arrange(view, query);
            self.rows.iter().skip(first).take(count).cloned().collect()
        };
        let (keys, rows): (Vec<Key>, Vec<Row>) = rows.into_iter().unzip();
        Some(ViewPage {
            columns: columns(view, &rows),
            first: query.first,
            rows: rows.iter().map(|row| row.iter().map(text).collect()).collect(),
            keys: keys.iter().map(|key| text_from_key(key)).collect(),
            matching: if is_plain { view.len() } else { self.rows.len() } as u64,
            total: view.len() as u64,
            digest: view.digest().to_string(),
            position: engine.position().get(),
            definition,
            quarantined: quarantined(engine, &query.view),
            missing: missing(view),
        })
    }

    fn arrange(&mut self, view: View<'_>, query: &ViewQuery) {
        let sight = Sight {
            view: query.view.clone(),
            digest: view.digest().to_u128(),
            sort: query.sort.clone(),
            filter: query.filter.trim().to_lowercase(),
        };
        if self.sight.as_ref() == Some(&sight) {
            return;
        }
        let is_wanted =
            |(_, row): &Keyed| row.iter().any(|value| contains(&text(value), &sight.filter));
        let mut rows: Vec<Keyed> = view.keyed(0, usize::MAX).filter(is_wanted).collect();
        if let Some(sort) = &sight.sort
            && let Some(column) = view.columns().iter().position(|name| *name == sort.column)
        {
            // A stable sort: rows that are equal stay in the view's own order.
            rows.sort_by(|(_, left), (_, right)| {
                let order = left.get(column).cmp(&right.get(column));
                if sort.is_descending { order.reverse() } else { order }
            });
        }
        (self.sight, self.rows) = (Some(sight), rows);
    }
}

/// Every view in a line.
pub(super) fn summaries(engine: &Engine) -> Vec<ViewSummary> {
    let summary = |view: View<'_>| ViewSummary {
        name: view.name().into(),
        rows: view.len() as u64,
        digest: view.digest().to_string(),
        troubles: (engine.quarantined(view.name()) + view.errors().count()) as u64,
    };
    engine.views().map(summary).collect()
}

pub(super) fn columns(view: View<'_>, rows: &[Row]) -> Vec<Column> {
    let kind = |index: usize| {
        let known = rows.iter().filter_map(|row| row.get(index)).find(|value| !value.is_null());
        match known {
            Some(Value::Int(_) | Value::Decimal(_)) => CellKind::Number,
            _ => CellKind::Text,
        }
    };
    let column = |(index, name): (usize, &String)| Column {
        name: name.clone(),
        is_key: index < view.key_columns(),
        kind: kind(index),
    };
    view.columns().iter().enumerate().map(column).collect()
}

fn quarantined(engine: &Engine, view: &str) -> Vec<QuarantinedEvent> {
    engine
        .quarantine()
        .filter(|refused| refused.view == view)
        .take(TROUBLES)
        .map(|refused| QuarantinedEvent {
            position: refused.position.get(),
            error: refused.error.to_string(),
            behind: refused.behind().map(everview_core::Position::get),
        })
        .collect()
}

fn missing(view: View<'_>) -> Vec<MissingRow> {
    let row = |(key, error): (&Key, &everview_core::EvaluateError)| MissingRow {
        key: key.iter().map(text).collect::<Vec<_>>().join(", "),
        error: error.to_string(),
    };
    view.errors().take(TROUBLES).map(row).collect()
}

/// A value as it is shown; nothing known is a dash.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "–".into(),
        Value::Text(text) => text.to_string(),
        other => other.to_string(),
    }
}

pub(super) fn whole(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
