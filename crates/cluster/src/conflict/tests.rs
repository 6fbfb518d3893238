mod laws;

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use everview_core::{NewEvent, Timestamp, Value};

use super::{
    Basis, Change, ChangeError, Custom, Deed, Field, Outcome, Policy, Resolution, Resolved, Row,
    Rule, Write,
};
use crate::clock::{Causality, HybridTime, Region, Stamp};

/// The number `number` of a region, made at `number` times ten plus the region, having seen so many
/// of region 1 and 2.
fn change(region: u8, number: u64, seen: [u64; 2], deed: Deed) -> Change {
    let wall = Timestamp::from_millis(i64::try_from(number).unwrap() * 10 + i64::from(region));
    let stamp = Stamp { time: HybridTime { wall, count: 0 }, region: Region::new(region), number };
    let event = NewEvent {
        id: number.to_string(),
        source: alloc::format!("/region/{region}"),
        event_type: "Changed".into(),
        subject: "row-1".into(),
        time: Some(wall),
        data: "{}".into(),
    };
    let seen = (1..).map(Region::new).zip(seen).collect();
    Change { stamp, seen, event: Arc::new(event), deed }
}

fn put(field: &str, value: i64) -> Deed {
    Deed::write([(field, Write::Put(Value::Int(value)))])
}

fn row(policy: Policy, changes: impl IntoIterator<Item = Change>) -> Row {
    let mut row = Row::new(Arc::new(policy));
    for change in changes {
        row.insert(change).unwrap();
    }
    row
}

/// The fields as texts.
fn fields(resolved: &Resolved) -> Option<Vec<String>> {
    let shown = |(name, field): (&Arc<str>, &Field)| match field {
        Field::Value(value) => alloc::format!("{name} {value}"),
        Field::Set(members) => {
            let members: Vec<_> = members.iter().map(Value::to_string).collect();
            alloc::format!("{name} {{{}}}", members.join(" "))
        }
    };
    resolved.fields.as_ref().map(|fields| fields.iter().map(shown).collect())
}

fn shows(resolved: &Resolved, expected: &[&str]) {
    let expected: Vec<_> = expected.iter().map(|field| (*field).into()).collect();
    assert_eq!(fields(resolved), Some(expected));
}

/// Each conflict: its field, its versions as region and value, and why it was decided so.
fn told(resolved: &Resolved) -> Vec<String> {
    let told = resolved.conflicts.iter().map(|conflict| {
        let field = conflict.field.as_deref().unwrap_or("row");
        let versions = conflict.versions.iter().map(|version| {
            let value = version.value.as_ref().map(Value::to_string).unwrap_or_default();
            alloc::format!(
                "{}:{}={value}",
                version.change.stamp.region.get(),
                version.change.stamp.number
            )
        });
        let versions: Vec<_> = versions.collect();
        alloc::format!("{field} {} | {}", versions.join(" "), conflict.reason())
    });
    told.collect()
}

#[test]
fn changes_that_know_of_each_other_are_not_in_conflict() {
    let changes = [
        change(1, 1, [0, 0], put("a", 1)),
        change(2, 1, [1, 0], put("a", 2)),
        change(1, 2, [1, 1], put("a", 3)),
    ];
    assert_eq!(changes[0].compare(&changes[1]), Causality::Before);
    for policy in [Policy::LastWriterWins, Policy::by_field()] {
        let resolved = row(policy, changes.clone()).resolve();

        shows(&resolved, &["a 3"]);
        assert_eq!(told(&resolved), [""; 0]);
    }
}

#[test]
fn the_last_writer_gets_the_whole_row_and_what_it_overruled_is_kept() {
    let resolved = row(
        Policy::LastWriterWins,
        [
            change(1, 1, [0, 0], put("a", 1)),
            change(1, 2, [1, 0], put("a", 2)),
            change(1, 3, [2, 0], put("b", 3)),
            change(2, 3, [1, 0], put("c", 4)),
        ],
    )
    .resolve();

    shows(&resolved, &["a 1", "c 4"]);
    assert_eq!(
        told(&resolved),
        ["row 1:2= 1:3= 2:3= | the last of 3 in the agreed order is 3 of region 2 at \
          1970-01-01T00:00:00.032Z+0"]
    );
    let overruled: Vec<_> =
        resolved.conflicts[0].overruled().map(|version| version.change.stamp.number).collect();
    assert_eq!(overruled, [2, 3]);
}

#[test]
fn what_the_last_writer_saw_stays_overruled_for_those_who_come_after_it() {
    let resolved = row(
        Policy::LastWriterWins,
        [
            change(1, 1, [0, 0], put("a", 1)),
            change(2, 1, [0, 0], put("b", 2)),
            change(1, 2, [1, 1], put("c", 3)),
        ],
    )
    .resolve();

    shows(&resolved, &["b 2", "c 3"]);
    assert_eq!(resolved.conflicts[0].settled.unwrap().number, 2);
}

#[test]
fn fields_are_resolved_one_by_one() {
    let resolved = row(
        Policy::by_field(),
        [
            change(
                1,
                1,
                [0, 0],
                Deed::write([("a", Write::Put(Value::Int(1))), ("b", Write::Put(Value::Int(1)))]),
            ),
            change(
                2,
                1,
                [0, 0],
                Deed::write([("b", Write::Put(Value::Int(2))), ("c", Write::Put(Value::Int(2)))]),
            ),
        ],
    )
    .resolve();

    shows(&resolved, &["a 1", "b 2", "c 2"]);
    assert_eq!(
        told(&resolved),
        ["b 1:1=1 2:1=2 | the last of 2 in the agreed order is 1 of region 2 at \
          1970-01-01T00:00:00.012Z+0"]
    );
}

#[test]
fn counters_and_sets_lose_nothing() {
    let policy = Policy::by_field().with("stock", Rule::Counter).with("tags", Rule::Set);
    let tags = |write: fn(Vec<Value>) -> Write, tags: &[&str]| {
        ("tags", write(tags.iter().map(|tag| Value::text(tag)).collect()))
    };
    let resolved = row(
        policy,
        [
            change(
                1,
                1,
                [0, 0],
                Deed::write([("stock", Write::Add(5)), tags(Write::Insert, &["new", "hot"])]),
            ),
            change(
                1,
                2,
                [1, 0],
                Deed::write([("stock", Write::Add(-2)), tags(Write::Remove, &["new", "hot"])]),
            ),
            change(
                2,
                1,
                [1, 0],
                Deed::write([("stock", Write::Add(i64::MAX)), tags(Write::Insert, &["hot"])]),
            ),
        ],
    )
    .resolve();

    shows(&resolved, &["stock 9223372036854775810", "tags {hot}"]);
    assert_eq!(told(&resolved), [""; 0], "the insert that the remove had not seen stays");
}

#[test]
fn a_function_decides_and_is_named() {
    let highest = Custom::new("the highest", |_, versions| {
        let places = 0..versions.len();
        let highest = places.max_by_key(|place| &versions[*place].value);
        highest.map_or(Resolution::Open, Resolution::Keep)
    });
    let sum = Custom::new("the sum", |_, versions| {
        let number = |value: &Option<Value>| match value {
            Some(Value::Int(number)) => *number,
            _ => 0,
        };
        let sum = versions.iter().map(|version| number(&version.value)).sum();
        Resolution::Value(Value::Int(sum))
    });
    let policy =
        Policy::by_field().with("bid", Rule::Custom(highest)).with("paid", Rule::Custom(sum));
    let write = |bid, paid| {
        Deed::write([("bid", Write::Put(Value::Int(bid))), ("paid", Write::Put(Value::Int(paid)))])
    };
    let changes = [change(1, 1, [0, 0], write(9, 1)), change(2, 1, [0, 0], write(7, 2))];
    let resolved = row(policy, changes).resolve();

    shows(&resolved, &["bid 9", "paid 3"]);
    assert_eq!(
        told(&resolved),
        [
            "bid 1:1=9 2:1=7 | the highest: of 2, it kept 1 of region 1 at \
             1970-01-01T00:00:00.011Z+0",
            "paid 1:1=1 2:1=2 | the sum: of 2, it made 3",
        ]
    );
    assert_eq!(resolved.conflicts[1].overruled().count(), 2);
}

#[test]
fn an_open_conflict_shows_what_nobody_disputes_until_somebody_decides() {
    let policy = Policy::ByField { rule: Rule::Open, fields: BTreeMap::new() };
    let mut row = row(
        policy,
        [
            change(1, 1, [0, 0], put("a", 1)),
            change(1, 2, [1, 0], put("a", 2)),
            change(2, 2, [1, 0], put("a", 3)),
        ],
    );

    let open = row.resolve();
    shows(&open, &["a 1"]);
    assert_eq!(told(&open), ["a 1:2=2 2:2=3 | a person has to decide between 2"]);
    assert!(open.conflicts[0].is_open());
    assert_eq!(open.conflicts[0].overruled().count(), 0);

    row.insert(change(1, 3, [2, 2], put("a", 3))).unwrap();
    let decided = row.resolve();
    shows(&decided, &["a 3"]);
    assert!(!decided.conflicts[0].is_open());
    assert_eq!(
        told(&decided),
        ["a 1:2=2 2:2=3 | a person decided by 3 of region 1 at 1970-01-01T00:00:00.031Z+0"]
    );
}

#[test]
fn what_was_overruled_comes_back_as_an_event_of_its_own() {
    for policy in [Policy::LastWriterWins, Policy::by_field()] {
        let mut row =
            row(policy, [change(1, 1, [0, 0], put("a", 1)), change(2, 1, [0, 0], put("a", 2))]);
        let resolved = row.resolve();
        let overruled = resolved.conflicts[0].overruled().next().unwrap();

        let now = change(1, 2, [1, 1], Deed::Delete);
        let restored = overruled.change.restored("undo-1".into(), now.stamp, now.seen);
        assert_eq!(restored.event.id, "undo-1");
        assert_eq!(restored.event.event_type, overruled.change.event.event_type);
        row.insert(restored).unwrap();

        let resolved = row.resolve();
        shows(&resolved, &["a 1"]);
        assert_eq!(resolved.conflicts[0].settled, Some(now.stamp), "and the conflict is history");
    }
}

#[test]
fn a_delete_leaves_alone_what_it_had_not_seen() {
    let changes = [
        change(1, 1, [0, 0], put("a", 1)),
        change(1, 2, [1, 0], Deed::Delete),
        change(2, 1, [1, 0], put("b", 2)),
    ];
    let resolved = row(Policy::by_field(), changes.clone()).resolve();

    shows(&resolved, &["b 2"]);
    assert_eq!(
        told(&resolved),
        ["row 2:1= 1:2= | the delete had not seen 1 of region 2 at 1970-01-01T00:00:00.012Z+0"]
    );
    assert_eq!(resolved.conflicts[0].basis, Basis::UnseenByDelete);
    let whole = row(Policy::LastWriterWins, changes.clone()).resolve();
    assert_eq!(fields(&whole), None, "the delete was last");
    let seen = [changes[0].clone(), changes[1].clone()];
    assert_eq!(fields(&row(Policy::by_field(), seen).resolve()), None);
}

#[test]
fn a_change_without_a_rule_is_refused_and_leaves_the_row_alone() {
    let mut counted = row(Policy::by_field().with("stock", Rule::Counter), []);

    let error = counted.insert(change(1, 1, [0, 0], put("stock", 7))).unwrap_err();
    assert_eq!(error.to_string(), "expected the field `stock` to be added to, found it put");
    let error = counted.insert(change(1, 1, [1, 0], put("a", 7))).unwrap_err();
    let region = Region::new(1);
    assert_eq!(error, ChangeError::SeesItself { region, expected: 1, found: 1 });
    assert_eq!(counted.changes().count(), 0);
}

#[test]
fn changes_that_lie_about_what_they_saw_do_no_more_harm_than_a_wrong_row() {
    for policy in
        [Policy::LastWriterWins, Policy::by_field(), Policy::by_field().with("a", Rule::Open)]
    {
        let lies = [
            change(1, 1, [0, 9], put("a", 1)),
            change(2, 1, [9, 0], put("a", 2)),
            change(2, 2, [0, 1], put("a", 3)),
            change(1, 2, [1, 1], put("a", 4)),
        ];
        let resolved = row(policy, lies).resolve();

        assert!(
            resolved.conflicts.iter().all(|conflict| conflict.outcome != Outcome::Kept(vec![]))
        );
    }
}
