//! What holds whatever three regions do, and in whatever order they hear of it.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use everview_core::{NewEvent, Rng, Timestamp, Value};
use proptest::prelude::*;

use super::super::{Change, Custom, Deed, Field, Outcome, Policy, Resolution, Row, Rule, Write};
use crate::clock::{HybridClock, Inbox, Region, Stamp};

fn policies() -> [Policy; 3] {
    let longest = Custom::new("the largest, if there is one", |_, versions| {
        let largest = versions.iter().map(|version| &version.value).max();
        let mut places =
            (0..versions.len()).filter(|place| Some(&versions[*place].value) == largest);
        match (places.next(), places.next()) {
            (Some(place), None) => Resolution::Keep(place),
            _ => Resolution::Open,
        }
    });
    let by_field = Policy::by_field()
        .with("open", Rule::Open)
        .with("custom", Rule::Custom(longest))
        .with("count", Rule::Counter)
        .with("set", Rule::Set);
    let open = Policy::by_field().with("last", Rule::Open);
    [Policy::LastWriterWins, by_field, open]
}

fn deed(rng: &mut Rng, policy: &Policy) -> Deed {
    if rng.chance(80_000) {
        return Deed::Delete;
    }
    let number = i64::try_from(rng.below(4)).unwrap();
    let mut writes = vec![];
    for field in ["last", "open", "custom", "count", "set"] {
        if rng.chance(500_000) {
            continue;
        }
        let values = vec![Value::Int(number)];
        writes.push((
            field,
            match policy.rule(field) {
                Rule::Counter => Write::Add(number - 1),
                Rule::Set if rng.chance(500_000) => Write::Insert(values),
                Rule::Set => Write::Remove(values),
                _ => Write::Put(Value::Int(number)),
            },
        ));
    }
    Deed::write(writes)
}

/// What three regions do to a row whose clocks differ by up to two seconds and which hear of each
/// other now and then; of each, what it knows of the row.
fn history(start: u64, policy: &Policy) -> (Vec<Change>, [Row; 3]) {
    let mut rng = Rng::new(start);
    let regions = [1, 2, 3].map(Region::new);
    let skews = regions.map(|_| i64::try_from(rng.below(2_000)).unwrap());
    let mut clocks = regions.map(|_| HybridClock::default());
    let mut inboxes = regions.map(|_| Inbox::new(1_000));
    let mut rows = regions.map(|_| Row::new(Arc::new(policy.clone())));
    let mut all: Vec<Change> = Vec::new();
    for step in 0..30 {
        let place = usize::try_from(rng.below(3)).unwrap();
        let now = Timestamp::from_millis(step * 50 + skews[place]);
        if rng.chance(600_000) {
            let (number, seen) = inboxes[place].make(regions[place]);
            let stamp = Stamp { time: clocks[place].tick(now), region: regions[place], number };
            let event = NewEvent {
                id: alloc::format!("{number}"),
                source: alloc::format!("/{}", regions[place].get()),
                event_type: "Changed".into(),
                subject: "row-1".into(),
                time: None,
                data: "{}".into(),
            };
            let deed = deed(&mut rng, policy);
            let change = Change { stamp, seen, event: Arc::new(event), deed };
            rows[place].insert(change.clone()).unwrap();
            all.push(change);
        } else {
            let mut ready = vec![];
            for change in all.iter().filter(|_| rng.chance(700_000)) {
                clocks[place].hear(now, change.stamp.time).unwrap();
                let (stamp, seen) = (change.stamp, change.seen.clone());
                inboxes[place].offer(stamp, seen, change.clone(), &mut ready).unwrap();
            }
            for change in ready {
                rows[place].insert(change).unwrap();
            }
        }
    }
    (all, rows)
}

fn merged(one: &Row, other: &Row) -> Row {
    let mut both = one.clone();
    both.merge(other);
    both
}

fn known(row: &Row) -> usize {
    row.changes().count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn merging_rows_is_commutative_associative_and_idempotent(
        seed in any::<u64>(), policy in prop::sample::select(policies().to_vec()),
    ) {
        let (all, [a, b, c]) = history(seed, &policy);
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &a), a.clone());
        prop_assert_eq!(known(&merged(&merged(&a, &b), &c)), all.len());
        prop_assert_eq!(merged(&a, &b).resolve(), merged(&b, &a).resolve());
    }

    #[test]
    fn every_region_ends_with_the_same_whatever_the_order_of_delivery(
        seed in any::<u64>(), order in any::<u64>(),
        policy in prop::sample::select(policies().to_vec()),
    ) {
        let (all, [a, ..]) = history(seed, &policy);
        let expected = all.iter().fold(a, |mut row, change| {
            row.insert(change.clone()).unwrap();
            row
        });
        let (mut rng, mut letters) = (Rng::new(order), [all.clone(), all].concat());
        letters.sort_by_cached_key(|_| rng.next_u64());
        let mut row = Row::new(Arc::new(policy));
        for change in letters {
            row.insert(change).unwrap();
        }
        prop_assert_eq!(&row, &expected);
        prop_assert_eq!(row.resolve(), expected.resolve());
    }

    #[test]
    fn whatever_was_written_shows_or_was_seen_or_is_kept_in_a_conflict(
        seed in any::<u64>(), policy in prop::sample::select(policies().to_vec()),
    ) {
        let (all, rows) = history(seed, &policy);
        let row = rows.iter().fold(rows[0].clone(), |row, other| merged(&row, other));
        let resolved = row.resolve();
        let of_row = policy == Policy::LastWriterWins;
        for change in &all {
            let Deed::Write(writes) = &change.deed else { continue };
            for (field, write) in writes {
                let Write::Put(value) = write else { continue };
                let shown = resolved.fields.as_ref().and_then(|fields| fields.get(field));
                let shows = shown == Some(&Field::Value(value.clone()));
                let is_kept = resolved.conflicts.iter().any(|conflict| {
                    let about = conflict.field.as_ref().is_none_or(|about| about == field);
                    about && conflict.versions.iter().any(|version| *version.change == *change)
                });
                let was_seen = all.iter().any(|other| {
                    other.has_seen(change)
                        && (other.deed == Deed::Delete || of_row || other.write(field).is_some())
                });
                prop_assert!(shows || is_kept || was_seen, "{field} of {}", change.stamp);
            }
        }
    }

    #[test]
    fn a_counter_is_the_sum_and_conflicts_name_changes_that_did_not_know_of_each_other(
        seed in any::<u64>(),
    ) {
        let policy = policies()[1].clone();
        let (all, rows) = history(seed, &policy);
        let row = rows.iter().fold(rows[0].clone(), |row, other| merged(&row, other));
        let resolved = row.resolve();
        let is_deleted = |change: &Change| {
            all.iter().any(|other| other.deed == Deed::Delete && other.has_seen(change))
        };
        let added = all.iter().filter(|change| !is_deleted(change)).filter_map(|change| {
            match change.write("count") {
                Some(Write::Add(amount)) => Some(*amount),
                _ => None,
            }
        });
        let sum = added.clone().next().map(|_| Field::Value(Value::Int(added.sum())));
        let fields = resolved.fields.unwrap_or_default();
        prop_assert_eq!(fields.get("count"), sum.as_ref());
        for conflict in &resolved.conflicts {
            prop_assert!(conflict.versions.len() > 1);
            if let (Some(_), versions) = (&conflict.field, &conflict.versions) {
                for (place, one) in versions.iter().enumerate() {
                    for other in &versions[..place] {
                        prop_assert!(!one.change.has_seen(&other.change));
                        prop_assert!(other.change.stamp < one.change.stamp);
                    }
                }
            }
            if let Outcome::Kept(kept) = &conflict.outcome {
                let stamps: Vec<_> = conflict.versions.iter().map(|one| one.change.stamp).collect();
                prop_assert!(kept.iter().all(|stamp| stamps.contains(stamp)));
            }
        }
    }
}
