//! Why a cell is what it is.

use everview_core::{Cause, Decimal, Engine, Epoch, NewEvent, Position, Value, Why};
use everview_protocol::definitions;
use proptest::prelude::*;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{at, names, world};
use crate::laws::{Followed, seen};

/// The rows of each view at the playhead, by key.
fn rows(engine: &Engine, view: &str) -> Followed {
    let mut engine = engine.clone();
    let deltas = engine.drain_deltas(view);
    deltas.into_iter().filter_map(|delta| Some((delta.key, delta.after?))).collect()
}

fn columns(engine: &Engine, view: &str) -> Vec<String> {
    engine.view(view).unwrap().columns().to_vec()
}

/// What amounts add up to.
fn sum(amounts: impl Iterator<Item = Value>) -> Decimal {
    amounts
        .fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount.as_decimal().unwrap()).unwrap())
}

/// What is said of a cell of a table view leads from nothing to what is there.
fn require_chain(why: &Why, column: &str, is_declared: bool) {
    let mut before = None;
    for Cause { column: of, before: had, after, clause, .. } in &why.causes {
        assert_eq!(of.as_deref(), Some(column));
        assert_eq!(had, &before.unwrap_or_default(), "{why:?}");
        assert_eq!(clause.is_some(), is_declared, "{why:?}");
        before = Some(after.clone());
    }
    assert_eq!(before, Some(why.value.clone()), "{why:?}");
}

/// Columns that count, or add up.
const SUMS: [(&str, &str); 7] = [
    ("labels", "n"),
    ("labels", "known"),
    ("labels", "total"),
    ("everywhere", "n"),
    ("everywhere", "total"),
    ("whole", "n"),
    ("whole", "total"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_made_a_cell_leads_to_it_and_contributions_add_up(world in world()) {
        let mut engine = world.engine();
        let before = seen(&engine);
        for view in names(&engine) {
            let is_derived = engine.view(&view).unwrap().is_derived();
            let columns = columns(&engine, &view);
            for (key, row) in engine.view(&view).unwrap().keyed(0, usize::MAX) {
                prop_assert_eq!(engine.view(&view).unwrap().get(&key), Some(row));
            }
            for (key, row) in rows(&engine, &view) {
                for (column, value) in columns.iter().zip(row.iter()) {
                    let why = engine.why(&view, &key, column, usize::MAX).unwrap();
                    prop_assert_eq!((&why.value, why.rest), (value, 0));
                    prop_assert!(why.causes.is_sorted_by_key(|cause| cause.position));
                    prop_assert!(why.causes.iter().all(|cause| cause.position <= engine.position()));
                    if !is_derived {
                        require_chain(&why, column, view != "counted");
                        continue;
                    }
                    for source in why.contributions.iter().flat_map(|one| &one.rows) {
                        prop_assert!(engine.view(&source.view).unwrap().get(&source.key).is_some());
                    }
                    let first = engine.why(&view, &key, column, 1).unwrap();
                    let count = why.contributions.len();
                    prop_assert_eq!(first.rest, count.saturating_sub(1));
                    prop_assert_eq!(&first.contributions[..], &why.contributions[..count.min(1)]);
                    if SUMS.contains(&(&*view, &**column)) {
                        let amounts = why.contributions.iter().map(|one| one.amount.clone());
                        let sum = sum(amounts.clone());
                        prop_assert_eq!(sum, value.as_decimal().unwrap_or(Decimal::ZERO), "{:?}", why);
let is_sum = column == "total";
                        prop_assert_eq!(value.is_null(), is_sum && count == 0, "{:?}", why);
                        let amounts: Vec<Value> = amounts.collect();
                        prop_assert!(amounts.is_sorted_by(|a, b| a >= b), "the largest first");
                    }
                }
            }
        }
        prop_assert_eq!(seen(&engine), before);
    }
}

const SHOP: &str = r#"
[views.orders]
key = "subject"
[views.orders.on.Placed]
set = { region = "data.region", status = "'placed'", total = "0" }
[views.orders.on."*"]
add = { events = "1" }
[[views.orders.on.Changed]]
when = "data.by > 0"
add = { total = "data.by" }
[[views.orders.on.Changed]]
when = "data.by < 0"
set = { total = "total + data.by", status = "'reduced'" }

[views.parts]
key = "item.part"
each = "data.items"
[views.parts.on.Placed]
add = { sold = "item.count" }

[views.names]
key = "data.region"
[views.names.on.Named]
set = { name = "data.name" }

[views.revenue]
sql = "SELECT region, COUNT(*) AS orders, SUM(total) AS total, MIN(total) AS least FROM orders GROUP BY region"

[views.best]
sql = "SELECT region, total FROM revenue ORDER BY total DESC LIMIT 1"

[views.named]
sql = "SELECT o.subject, o.total, n.name FROM orders AS o LEFT JOIN names AS n ON o.region = n.region"

[views.all]
sql = "SELECT region AS what, total AS n FROM revenue UNION ALL SELECT part, sold FROM parts"
"#;

const EVENTS: [(&str, &str, &str); 9] = [
    (
        "Placed",
        "a",
        r#"{"region":"north","items":[{"part":"x","count":2},{"part":"y","count":1}]}"#,
    ),
    ("Placed", "b", r#"{"region":"north","items":[{"part":"x","count":5}]}"#),
    ("Changed", "a", r#"{"by":30}"#),
    ("Named", "n", r#"{"region":"north","name":"Up"}"#),
    ("Changed", "b", r#"{"by":50}"#),
    ("Placed", "c", r#"{"region":"south"}"#),
    ("Changed", "a", r#"{"by":-10}"#),
    ("Changed", "c", r#"{"by":40}"#),
    ("Changed", "a", r#"{"by":0}"#),
];

fn shop() -> Engine {
    let mut engine = Engine::default();
    engine.define(&definitions::parse(SHOP).unwrap()).unwrap();
    for (number, (event_type, subject, data)) in (1..).zip(EVENTS) {
        let event = NewEvent {
            id: format!("e{number}"),
            source: "/shop".into(),
            event_type: event_type.into(),
            subject: subject.into(),
            time: None,
            data: data.into(),
        };
        engine.append(Epoch::new(number / 5 + 1), &event).unwrap();
    }
    engine
}

/// The causes of a cell, one line each.
fn causes(why: &Why) -> Vec<String> {
    let line = |cause: &Cause| {
        let clause = cause.clause.as_deref().unwrap_or("–");
        format!(
            "{} {} {} {}→{} {clause}",
            cause.position, cause.epoch, cause.id, cause.before, cause.after
        )
    };
    why.causes.iter().map(line).collect()
}

/// What a cell rests on, one line each.
fn contributions(why: &Why) -> Vec<String> {
    let contributions = why.contributions.iter().map(|one| {
        let rows = one.rows.iter().map(|row| {
            let key: Vec<String> = row.key.iter().map(ToString::to_string).collect();
            format!(" {} {} ({})", row.view, key.join(" "), row.columns.join(", "))
        });
        format!("{}{}", one.amount, rows.collect::<String>())
    });
    contributions.collect()
}

#[test]
fn a_cell_of_a_table_view_has_the_events_that_wrote_it_with_their_clauses() {
    let mut engine = shop();
    let why = engine.why("orders", &["a".into()], "total", 9).unwrap();
    assert_eq!(
        causes(&why),
        [
            "#1 e1 e1 NULL→0 on.Placed.set.total",
            "#3 e1 e3 0→30 on.Changed[0].add.total",
            "#7 e2 e7 30→20 on.Changed[1].set.total",
        ]
    );
    assert_eq!((why.contributions.len(), why.rest), (0, 0));
    let why = engine.why("parts", &["x".into()], "sold", 9).unwrap();
    assert_eq!(
        causes(&why),
        ["#1 e1 e1 NULL→2 on.Placed.add.sold", "#2 e1 e2 2→7 on.Placed.add.sold"]
    );
    engine.seek(Position::new(3));
    let why = engine.why("orders", &["a".into()], "total", 9).unwrap();
    assert_eq!(causes(&why).len(), 2, "what comes after the playhead is not told");
}

#[test]
fn a_sum_lists_the_largest_first_and_counts_the_rest() {
    let mut engine = shop();
    let why = engine.why("revenue", &["north".into()], "total", 1).unwrap();
    assert_eq!((why.value.clone(), why.rest), (70.into(), 1));
    assert_eq!(contributions(&why), ["50 orders b (region, total)"]);
    assert_eq!(
        causes(&why),
        [
            "#2 e1 e2 NULL→north on.Placed.set.region",
            "#2 e1 e2 NULL→0 on.Placed.set.total",
            "#5 e2 e5 0→50 on.Changed[0].add.total",
        ]
    );
    let why = engine.why("revenue", &["north".into()], "least", 9).unwrap();
    assert_eq!(
        contributions(&why),
        ["20 orders a (region, total)", "50 orders b (region, total)"],
        "what makes a least value is the least"
    );
    let why = engine.why("revenue", &["north".into()], "orders", 9).unwrap();
    assert_eq!(contributions(&why), ["1 orders a (region)", "1 orders b (region)"]);
}

#[test]
fn tops_joins_and_unions_lead_to_the_rows_they_were_made_of() {
    let mut engine = shop();
    let key = ["north".into()];
    let why = engine.why("best", &key, "total", 9).unwrap();
    assert_eq!(contributions(&why), ["NULL revenue north (total)"]);
    let ids: Vec<&str> = why.causes.iter().map(|cause| &*cause.id).collect();
    assert_eq!(ids, ["e1", "e1", "e2", "e2", "e3", "e5", "e7"], "through two views");

    let joined = |engine: &mut Engine, key: [Value; 2], column: &str| {
        contributions(&engine.why("named", &key, column, 9).unwrap())
    };
    let key = ["a".into(), "north".into()];
    assert_eq!(joined(&mut engine, key, "name"), ["NULL orders a () names north (name)"]);
    let alone = ["c".into(), Value::Null];
    assert_eq!(joined(&mut engine, alone, "total"), ["NULL orders c (total)"]);

    let why = engine.why("all", &[1.into(), "x".into()], "n", 9).unwrap();
    assert_eq!(contributions(&why), ["NULL parts x (sold)"]);
}

#[test]
fn what_is_not_there_is_named() {
    let mut engine = shop();
    let refused = |engine: &mut Engine, view: &str, key: &str, column: &str| {
        engine.why(view, &[key.into()], column, 9).unwrap_err().to_string()
    };
    assert!(refused(&mut engine, "x", "a", "total").starts_with("no view `x`; there are orders"));
    assert_eq!(
        refused(&mut engine, "orders", "a", "totl"),
        "no column `totl`; there are subject, region, status, total, events"
    );
    engine.seek(at(1));
    assert_eq!(refused(&mut engine, "orders", "b", "total"), "view `orders` has no such row at #1");
}
