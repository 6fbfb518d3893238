//! The interpreter: a copy of everything for every step, and no cleverness.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use everview_core::ColumnType;

use super::world::{Effect, Fields, Happened, V, Verb, View, X};

pub(crate) type Table = BTreeMap<Vec<V>, Vec<V>>;

/// A view after some events.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) rows: Table,
    /// The positions of the events that it refused.
    pub(crate) refused: Vec<u64>,
    /// The keys of those.
    aside: BTreeSet<Vec<V>>,
}

/// An event that has no result.
struct Refused;

type Outcome<T> = Result<T, Refused>;

/// What an expression sees.
#[derive(Clone, Copy)]
struct Sight<'a> {
    event: &'a Happened,
    position: i64,
    version: i64,
    item: Option<(usize, &'a Fields)>,
    row: &'a [V],
    previous: Option<&'a Vec<V>>,
}

pub(crate) fn fold(view: &View, events: &[Happened]) -> State {
    let mut state = State::default();
    for (index, event) in events.iter().enumerate() {
        let earlier = events[..=index].iter().filter(|other| other.subject == event.subject);
        let counts = (whole(index) + 1, whole(earlier.count()));
        let keys = keys(view, event, counts);
        let folded = if keys.iter().any(|key| state.aside.contains(key)) {
            Err(Refused)
        } else {
            fold_event(view, &state.rows, event, counts)
        };
        if let Ok(rows) = folded {
            state.rows = rows;
        } else {
            state.refused.push(index as u64 + 1);
            state.aside.extend(keys);
        }
    }
    state
}

/// The keys that an event has, as far as they can be computed.
fn keys(view: &View, event: &Happened, (position, version): (i64, i64)) -> Vec<Vec<V>> {
    if !view.on.iter().any(|(types, _)| types.contains(&"*") || types.contains(&event.event_type)) {
        return Vec::new();
    }
    let items: Vec<Option<(usize, &Fields)>> = match &event.items {
        _ if !view.each => vec![None],
        Ok(items) => items.iter().enumerate().map(Some).collect(),
        Err(_) => Vec::new(),
    };
    let key = |item| {
        let sight = Sight { event, position, version, item, row: &[], previous: None };
        let parts = view.key.iter().map(|part| sight.value(part)).collect::<Outcome<Vec<V>>>();
        parts.ok().filter(|parts| !parts.contains(&V::Null))
    };
    items.into_iter().filter_map(key).collect()
}

fn fold_event(view: &View, before: &Table, event: &Happened, counts: (i64, i64)) -> Outcome<Table> {
    let every = view.on.iter().filter(|(types, _)| types.contains(&"*"));
    let own = view.on.iter().filter(|(types, _)| types.contains(&event.event_type));
    let clauses: Vec<_> = every.chain(own).flat_map(|(_, clauses)| clauses).collect();
    let mut rows = before.clone();
    if clauses.is_empty() {
        return Ok(rows);
    }
    let items: Vec<Option<(usize, &Fields)>> = match &event.items {
        _ if !view.each => vec![None],
        Ok(items) => items.iter().enumerate().map(Some).collect(),
        Err(V::Null) => Vec::new(),
        Err(_) => return Err(Refused),
    };
    for item in items {
        let (position, version) = counts;
        let outside = Sight { event, position, version, item, row: &[], previous: None };
        let key: Vec<V> =
            view.key.iter().map(|part| outside.value(part)).collect::<Outcome<_>>()?;
        if key.contains(&V::Null) {
            return Err(Refused);
        }
        let fresh: Vec<V> = view.columns.iter().map(|(_, default)| default.clone()).collect();
        for (when, effect) in &clauses {
            let row = rows.get(&key).unwrap_or(&fresh).clone();
            let sight = Sight { row: &row, previous: before.get(&key), ..outside };
            if let Some(when) = when
                && truth(&sight.value(when)?)? != Some(true)
            {
                continue;
            }
            let Effect::Change(changes) = effect else {
                rows.remove(&key);
                continue;
            };
            let mut after = row.clone();
            for (column, verb, expr) in changes {
                let result = changed(*verb, &row[*column], sight.value(expr)?)?;
                after[*column] = checked(view.columns[*column].0, result)?;
            }
            rows.insert(key.clone(), after);
        }
    }
    Ok(rows)
}

fn changed(verb: Verb, before: &V, value: V) -> Outcome<V> {
    let zero = |value: &V| if *value == V::Null { V::Int(0) } else { value.clone() };
    Ok(match verb {
        Verb::Set => value,
        Verb::Add => arithmetic("+", &zero(before), &zero(&value))?,
        _ if value == V::Null => before.clone(),
        Verb::Append(limit) => append(before, &value, limit as usize)?,
        _ if *before == V::Null => value,
        Verb::Max => value.max(before.clone()),
        Verb::Min => value.min(before.clone()),
    })
}

fn append(list: &V, value: &V, limit: usize) -> Outcome<V> {
    let mut elements = match list {
        V::Null => Vec::new(),
        V::Text(text) => {
            let Ok(serde_json::Value::Array(elements)) = serde_json::from_str(text) else {
                return Err(Refused);
            };
            elements.iter().map(ToString::to_string).collect()
        }
        _ => return Err(Refused),
    };
    elements.push(value.json());
    let elements = &elements[elements.len().saturating_sub(limit)..];
    Ok(V::Text(format!("[{}]", elements.join(","))))
}

fn checked(column_type: Option<ColumnType>, value: V) -> Outcome<V> {
    let fits = matches!(
        (column_type, &value),
        (None, _)
            | (_, V::Null)
            | (Some(ColumnType::Integer), V::Int(_))
            | (Some(ColumnType::Boolean), V::Bool(_))
            | (Some(ColumnType::Text), V::Text(_))
    );
    if fits { Ok(value) } else { Err(Refused) }
}

impl Sight<'_> {
    fn value(&self, expr: &X) -> Outcome<V> {
        let field = |fields: &Fields, name: &str| {
            fields
                .iter()
                .find(|(known, _)| *known == name)
                .map_or(V::Null, |(_, value)| value.clone())
        };
        Ok(match expr {
            X::Value(value) => value.clone(),
            X::Data(name) => field(&self.event.data, name),
            X::Item(name) => self.item.map_or(V::Null, |(_, item)| field(item, name)),
            X::ItemIndex => self.item.map_or(V::Null, |(index, _)| V::Int(whole(index))),
            X::Column(column) => self.row[*column].clone(),
            X::Previous(column) => self.previous.map_or(V::Null, |row| row[*column].clone()),
            X::Subject => V::Text(self.event.subject.to_owned()),
            X::Type => V::Text(self.event.event_type.to_owned()),
            X::Position => V::Int(self.position),
            X::Version => V::Int(self.version),
            X::Not(inner) => truth(&self.value(inner)?)?.map_or(V::Null, |truth| V::Bool(!truth)),
            X::IsNull(inner) => V::Bool(self.value(inner)? == V::Null),
            X::Coalesce(a, b) => match self.value(a)? {
                V::Null => self.value(b)?,
                value => value,
            },
            X::Case(when, then, otherwise) => match truth(&self.value(when)?)? {
                Some(true) => self.value(then)?,
                _ => self.value(otherwise)?,
            },
            X::Binary(operator @ ("AND" | "OR"), a, b) => self.logic(*operator == "OR", a, b)?,
            X::Binary(operator, a, b) => {
                let (a, b) = (self.value(a)?, self.value(b)?);
                if a == V::Null || b == V::Null { V::Null } else { arithmetic(operator, &a, &b)? }
            }
        })
    }

    fn logic(&self, decides: bool, a: &X, b: &X) -> Outcome<V> {
        let a = truth(&self.value(a)?)?;
        if a == Some(decides) {
            return Ok(V::Bool(decides));
        }
        Ok(match truth(&self.value(b)?)? {
            Some(b) if b == decides => V::Bool(decides),
            Some(_) if a.is_some() => V::Bool(!decides),
            _ => V::Null,
        })
    }
}

fn truth(value: &V) -> Outcome<Option<bool>> {
    match value {
        V::Null => Ok(None),
        V::Bool(truth) => Ok(Some(*truth)),
        V::Int(number) => Ok(Some(*number != 0)),
        V::Text(_) => Err(Refused),
    }
}

/// What an operator makes of two values that are not NULL.
fn arithmetic(operator: &str, a: &V, b: &V) -> Outcome<V> {
    let text = |value: &V| match value {
        V::Text(text) => text.clone(),
        other => other.json(),
    };
    match operator {
        "||" => return Ok(V::Text(text(a) + &text(b))),
        "=" => return Ok(V::Bool(order(a, b).is_eq())),
        "<>" => return Ok(V::Bool(order(a, b).is_ne())),
        "<" => return Ok(V::Bool(order(a, b).is_lt())),
        ">=" => return Ok(V::Bool(order(a, b).is_ge())),
        _ => {}
    }
    let (Some(a), Some(b)) = (number(a), number(b)) else { return Err(Refused) };
    let result = match operator {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        _ => a.checked_div(b),
    };
    result.map(V::Int).ok_or(Refused)
}

fn number(value: &V) -> Option<i64> {
    match value {
        V::Bool(truth) => Some(i64::from(*truth)),
        V::Int(number) => Some(*number),
        V::Null | V::Text(_) => None,
    }
}

/// A boolean beside a number counts as 0 or 1.
fn order(a: &V, b: &V) -> Ordering {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.cmp(b),
    }
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}
