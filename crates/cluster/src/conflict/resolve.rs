//! From the changes of a row to what it shows.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use everview_core::{Decimal, Value};

use super::lines::Lines;
use super::{
    Basis, Change, Conflict, Deed, Field, Outcome, Policy, Resolution, Resolved, Rule, Version,
    Write,
};
use crate::clock::{Causality, Stamp, VersionVector};

type Tips<'a> = Vec<&'a Arc<Change>>;

/// The whole row is the last writer's: what it had seen, in the same way, and its change.
pub(super) fn whole(lines: &Lines<'_>) -> Resolved {
    let mut chain = Vec::new();
    let mut last = lines.tips(None).pop();
    while let Some(change) = last {
        chain.push(change);
        // Whatever a change claims to have seen, the chain goes back in time only.
        last = lines.tips(Some(&change.seen)).pop().filter(|earlier| earlier.stamp < change.stamp);
    }
    let mut fields: Option<BTreeMap<Arc<str>, Field>> = None;
    for change in chain.iter().rev() {
        match &change.deed {
            Deed::Delete => fields = None,
            Deed::Write(writes) => {
                let fields = fields.get_or_insert_default();
                for (name, write) in writes {
                    if let Write::Put(value) = write {
                        fields.insert(name.clone(), Field::Value(value.clone()));
                    }
                }
            }
        }
    }
    let conflicts = meetings(lines).into_iter().filter_map(|(tips, settled)| {
        let kept = *tips.last()?;
        let horizon = settled.map(|by| &by.seen);
        let within =
            |change: &&Arc<Change>| horizon.is_none_or(|seen| seen.has_seen(&change.stamp));
        // With the last one of a region all went that it was the last of.
        let mut versions: Vec<_> =
            lines.unseen_by(&kept.seen).filter(within).map(whole_row).collect();
        versions.sort_by_key(|version| version.change.stamp);
        Some(Conflict {
            field: None,
            versions,
            basis: Basis::LastWriterWins,
            outcome: Outcome::Kept(vec![kept.stamp]),
            settled: settled.map(|by| by.stamp),
        })
    });
    Resolved { fields, conflicts: in_order(conflicts.collect()) }
}

/// Each field on its own.
pub(super) fn by_field(policy: &Policy, lines: &Lines<'_>) -> Resolved {
    // What a delete had seen is gone.
    let (mut gone, mut conflicts) = (VersionVector::new(), Vec::new());
    for delete in lines.iter().filter(|change| change.is_delete()) {
        gone.merge(&delete.seen);
        conflicts.extend(against_delete(lines, delete));
    }
    let mut writes: BTreeMap<Arc<str>, Tips<'_>> = BTreeMap::new();
    let mut is_there = false;
    for change in lines.unseen_by(&gone) {
        if let Deed::Write(written) = &change.deed {
            is_there = true;
            for name in written.keys() {
                writes.entry(name.clone()).or_default().push(change);
            }
        }
    }
    let mut fields = BTreeMap::new();
    for (name, writes) in writes {
        let shown = match policy.rule(&name) {
            Rule::Counter => Some(counter(&name, &writes)),
            Rule::Set => Some(set(&name, &writes)),
            rule => {
                let lines = writes.into_iter().collect();
                let met = meetings(&lines);
                conflicts.extend(met.iter().map(|(tips, by)| decide(&name, rule, tips, *by)));
                shown(&name, rule, &lines)
            }
        };
        fields.extend(shown.map(|shown| (name, shown)));
    }
    Resolved { fields: is_there.then_some(fields), conflicts: in_order(conflicts) }
}

/// Where changes met that had not seen each other: before somebody who knew of them all made the
/// next change, or nobody has yet.
fn meetings<'a>(lines: &Lines<'a>) -> Vec<(Tips<'a>, Option<&'a Arc<Change>>)> {
    let mut met: BTreeMap<Vec<Stamp>, (Tips<'a>, Option<&'a Arc<Change>>)> = BTreeMap::new();
    let mut knowing: Vec<_> = lines.iter().collect();
    knowing.sort_by_key(|change| change.stamp);
    for by in knowing.into_iter().map(Some).chain([None]) {
        let tips = lines.tips(by.map(|by| &by.seen));
        if tips.len() > 1 {
            let stamps = tips.iter().map(|change| change.stamp).collect();
            met.entry(stamps).or_insert((tips, by));
        }
    }
    met.into_values().collect()
}

/// The conflict of a delete with what it had not seen, if there is one.
fn against_delete(lines: &Lines<'_>, delete: &Arc<Change>) -> Option<Conflict> {
    let is_unseen = |change: &&Arc<Change>| {
        !change.is_delete() && delete.compare(change) == Causality::Concurrent
    };
    let mut unseen: Vec<_> = lines.unseen_by(&delete.seen).filter(is_unseen).collect();
    unseen.sort_by_key(|change| change.stamp);
    let knew =
        |by: &&Arc<Change>| by.has_seen(delete) && unseen.iter().all(|change| by.has_seen(change));
    let settled = lines.iter().filter(knew).map(|by| by.stamp).min();
    let kept: Vec<_> = unseen.iter().map(|change| change.stamp).collect();
    if kept.is_empty() {
        return None;
    }
    let mut versions: Vec<_> = unseen.into_iter().chain([delete]).map(whole_row).collect();
    versions.sort_by_key(|version| version.change.stamp);
    let (basis, outcome) = (Basis::UnseenByDelete, Outcome::Kept(kept));
    Some(Conflict { field: None, versions, basis, outcome, settled })
}

/// How the writes to a field that met are decided.
fn decide(name: &Arc<str>, rule: &Rule, tips: &Tips<'_>, by: Option<&Arc<Change>>) -> Conflict {
    let value = |change: &Arc<Change>| put(change, name).cloned();
    let version =
        |change: &&Arc<Change>| Version { change: (*change).clone(), value: value(change) };
    let versions: Vec<_> = tips.iter().map(version).collect();
    let last = versions.last().map(|version| version.change.stamp);
    let (basis, outcome) = match rule {
        Rule::Open => (Basis::Person, Outcome::Open),
        Rule::Custom(custom) => {
            let outcome = match custom.resolve(name, &versions) {
                Resolution::Keep(place) => versions
                    .get(place)
                    .map_or(Outcome::Open, |version| Outcome::Kept(vec![version.change.stamp])),
                Resolution::Value(value) => Outcome::Merged(value),
                Resolution::Open => Outcome::Open,
            };
            (Basis::Custom(custom.name().into()), outcome)
        }
        // The others are not decided here: they have no conflicts.
        _ => (Basis::LastWriterWins, Outcome::Kept(last.into_iter().collect())),
    };
    let settled = by.map(|by| by.stamp);
    Conflict { field: Some(name.clone()), versions, basis, outcome, settled }
}

/// What a field shows that is put.
fn shown(name: &Arc<str>, rule: &Rule, lines: &Lines<'_>) -> Option<Field> {
    let mut horizon: Option<VersionVector> = None;
    let chosen = loop {
        let tips = lines.tips(horizon.as_ref());
        if tips.len() < 2 {
            break tips.first().copied();
        }
        match decide(name, rule, &tips, None).outcome {
            Outcome::Merged(value) => return Some(Field::Value(value)),
            Outcome::Kept(kept) => {
                break tips.iter().find(|change| kept.contains(&change.stamp)).copied();
            }
            // What all of them had seen is not disputed, unless it was by others before.
            Outcome::Open => {
                let common = horizon.get_or_insert_with(|| tips[0].seen.clone());
                for change in tips {
                    common.meet(&change.seen);
                }
            }
        }
    };
    chosen.and_then(|change| put(change, name)).cloned().map(Field::Value)
}

fn put<'a>(change: &'a Change, name: &str) -> Option<&'a Value> {
    match change.write(name) {
        Some(Write::Put(value)) => Some(value),
        _ => None,
    }
}

/// The sum of all that was added.
fn counter(name: &str, writes: &Tips<'_>) -> Field {
    let added = |change: &&Arc<Change>| match change.write(name) {
        Some(Write::Add(amount)) => i128::from(*amount),
        _ => 0,
    };
    let sum = writes.iter().map(added).sum();
    let large = || Decimal::new(sum, 0).map_or(Value::Null, Value::Decimal);
    Field::Value(i64::try_from(sum).map_or_else(|_| large(), Value::Int))
}

/// What was inserted, but for what a remove had seen.
fn set(name: &str, writes: &Tips<'_>) -> Field {
    let mut removed: BTreeMap<&Value, VersionVector> = BTreeMap::new();
    for change in writes {
        if let Some(Write::Remove(values)) = change.write(name) {
            for value in values {
                removed.entry(value).or_default().merge(&change.seen);
            }
        }
    }
    let mut members = BTreeSet::new();
    for change in writes {
        if let Some(Write::Insert(values)) = change.write(name) {
            let is_left = |value: &&Value| {
                removed.get(value).is_none_or(|seen| !seen.has_seen(&change.stamp))
            };
            members.extend(values.iter().filter(is_left).cloned());
        }
    }
    Field::Set(members)
}

fn whole_row(change: &Arc<Change>) -> Version {
    Version { change: change.clone(), value: None }
}

fn in_order(mut conflicts: Vec<Conflict>) -> Vec<Conflict> {
    let last = |conflict: &Conflict| conflict.versions.last().map(|version| version.change.stamp);
    conflicts.sort_by(|a, b| last(a).cmp(&last(b)).then_with(|| a.field.cmp(&b.field)));
    conflicts
}
