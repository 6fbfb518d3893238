//! Why the cells of a row are what they are, and what became of it, as the page shows it.

use everview_core::json::Json;
use everview_core::{
    Cause, Contribution, Delta, Engine, Position, Row, Timestamp, Value, View, WhyError,
};
use everview_protocol::session::{
    CauseRow, ContributionRow, HistoryPage, HistoryQuery, RowChange, SourceRow, Version,
    VersionCell, WhyPage, WhyQuery,
};

use super::find::STRETCH;
use super::key::{key_from_text, text_from_key};
use super::rows::text;

/// How many contributions are listed: nobody reads more.
const CONTRIBUTIONS: usize = 20;

/// How many events are listed.
const CAUSES: usize = 100;

/// The fields by which the data of events says what it comes from: a command, and the node that
/// accepted it.
const ORIGINS: [&str; 6] = ["command", "command_id", "commandId", "node", "node_id", "nodeId"];

/// Why a cell is what it is, at the playhead.
pub(super) fn why(engine: &mut Engine, query: &WhyQuery) -> Result<WhyPage, WhyError> {
    let view = engine.view(&query.view);
    let columns = view.map_or_else(Vec::new, |view| view.columns().to_vec());
    let first = view.map_or(0, View::key_columns);
    let column = query.column.clone().or_else(|| columns.get(first).or(columns.last()).cloned());
    let column = column.unwrap_or_default();
    let key = key_from_text(&query.key);
    let why = engine.why(&query.view, &key, &column, CONTRIBUTIONS)?;
    let earlier = why.causes.len().saturating_sub(CAUSES);
    Ok(WhyPage {
        columns,
        column,
        value: text(&why.value),
        position: engine.position().get(),
        causes: why.causes.iter().rev().take(CAUSES).map(|one| cause(engine, one)).collect(),
        earlier: earlier as u64,
        contributions: why.contributions.iter().map(contribution).collect(),
        rest: why.rest as u64,
    })
}

fn cause(engine: &Engine, cause: &Cause) -> CauseRow {
    let event = engine.log().get(cause.position);
    CauseRow {
        position: cause.position.get(),
        time_ms: event.as_ref().and_then(|event| event.time).map(Timestamp::millis),
        event_type: cause.event_type.clone(),
        epoch: cause.epoch.get(),
        origin: event.map_or_else(Vec::new, |event| origin(&event.data)),
        row: SourceRow {
            view: cause.view.clone(),
            key: text_from_key(&cause.key),
            column: cause.column.clone(),
        },
        before: text(&cause.before),
        after: text(&cause.after),
        clause: cause.clause.clone(),
    }
}

/// What the data of an event says of where it comes from.
fn origin(data: &str) -> Vec<(String, String)> {
    let Ok(json) = Json::parse(data) else { return Vec::new() };
    let field = |name: &&str| {
        let value = Value::from_json(json.get(name)?)?;
        (!value.is_null()).then(|| ((*name).to_owned(), text(&value)))
    };
    ORIGINS.iter().filter_map(field).collect()
}

fn contribution(contribution: &Contribution) -> ContributionRow {
    let amount = Some(&contribution.amount).filter(|amount| !amount.is_null());
    let row = |row: &everview_core::SourceRow| SourceRow {
        view: row.view.clone(),
        key: text_from_key(&row.key),
        column: row.columns.last().cloned(),
    };
    ContributionRow { amount: amount.map(text), rows: contribution.rows.iter().map(row).collect() }
}

/// What became of a row: as many changes as are asked for or, in a derived view, those that a
/// stretch of the way back has; nothing when there is no such view.
pub(super) fn history(engine: &mut Engine, query: &HistoryQuery) -> Option<HistoryPage> {
    let is_derived = engine.view(&query.view)?.is_derived();
    let (deltas, next) =
        if is_derived { derived_changes(engine, query)? } else { table_changes(engine, query)? };
    let columns = engine.view(&query.view)?.columns().to_vec();
    let version = |(position, delta): &(Position, Delta)| {
        let event = engine.log().get(*position);
        let (change, cells) = cells(delta, &columns);
        Version {
            position: position.get(),
            time_ms: event.as_ref().and_then(|event| event.time).map(Timestamp::millis),
            event_type: event.map_or_else(String::new, |event| event.event_type.into()),
            change,
            cells,
        }
    };
    Some(HistoryPage {
        position: engine.position().get(),
        versions: deltas.iter().map(version).collect(),
        next,
    })
}

/// Changes to a row, the latest first, and where to look on.
type Changes = (Vec<(Position, Delta)>, Option<u64>);

fn table_changes(engine: &mut Engine, query: &HistoryQuery) -> Option<Changes> {
    let history = engine.history(&query.view, &key_from_text(&query.key), usize::MAX).ok()?;
    let is_wanted = |position: Position| query.before.is_none_or(|end| position.get() < end);
    let mut all: Vec<_> = history
        .written
        .into_iter()
        .rev()
        .map(|written| (written.position, written.delta))
        .filter(|(position, _)| is_wanted(*position))
        .collect();
    let has_more = query.count as usize <= all.len().saturating_sub(1);
    all.truncate(query.count as usize);
    let next = all.last().filter(|_| has_more).map(|(position, _)| position.get());
    Some((all, next))
}

/// Goes back from change to change, and no further than a stretch.
fn derived_changes(engine: &mut Engine, query: &HistoryQuery) -> Option<Changes> {
    let (view, key) = (&*query.view, key_from_text(&query.key));
    let delta = |engine: &mut Engine, position: Position| {
        let diff = engine.diff(view, position.previous(), position).ok()?;
        diff.deltas.into_iter().find(|delta| delta.key == key).map(|delta| (position, delta))
    };
    let base = engine.log().base();
    let mut changes = Vec::new();
    let mut at = query.before.map_or_else(|| engine.position(), Position::new);
    if query.before.is_none() {
        changes.extend(delta(engine, at));
    }
    let end = Position::new(at.get().saturating_sub(STRETCH)).max(base);
    while changes.len() < query.count as usize {
        let Some(position) = engine.next_change(view, Some(&key), at, end).ok()? else {
            let is_over = end == base || at <= base.next();
            return Some((changes, (!is_over).then(|| end.get())));
        };
        changes.extend(delta(engine, position));
        at = position;
    }
    Some((changes, (base.next() < at).then(|| at.get())))
}

fn cells(delta: &Delta, columns: &[String]) -> (RowChange, Vec<VersionCell>) {
    let whole_row = |row: &Row| {
        let known = row.iter().zip(columns).filter(|(value, _)| !value.is_null());
        let cell = |(value, column): (&Value, &String)| VersionCell {
            column: column.clone(),
            text: text(value),
            before: None,
        };
        known.map(cell).collect()
    };
    match (&delta.before, &delta.after) {
        (Some(before), Some(after)) => {
            let cell = |column: usize| {
                Some(VersionCell {
                    column: columns.get(column)?.clone(),
                    text: text(after.get(column)?),
                    before: Some(text(before.get(column)?)),
                })
            };
            (RowChange::Changed, delta.columns().filter_map(cell).collect())
        }
        (None, after) => (RowChange::Added, after.as_ref().map(whole_row).unwrap_or_default()),
        (Some(before), None) => (RowChange::Removed, whole_row(before)),
    }
}
