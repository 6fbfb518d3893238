use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop};
use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{definitions, engine, happen, indexes, pages, place, read, shop};
use crate::{Delta, Engine, IndexDefinition, Key, Position, Read, Row, Value};

fn apply(rows: &mut BTreeMap<Key, Row>, deltas: &[Delta]) {
    for delta in deltas {
        assert_eq!(rows.get(&delta.key), delta.before.as_ref());
        match &delta.after {
            Some(row) => drop(rows.insert(delta.key.clone(), row.clone())),
            None => drop(rows.remove(&delta.key)),
        }
    }
}

/// The law of reading: what comes of any way to the rows is what a look at each row gives.
fn naive(engine: &Engine, view: &str, filter: &Filter, order: &[(usize, bool)]) -> Vec<Row> {
    let passes = |row: &Row| filter.iter().all(|part| part.holds(row));
    sort(engine.view(view).unwrap().rows().filter(passes).collect(), order)
}

const COLUMNS: [&str; 3] = ["subject", "region", "total"];

#[derive(Debug, Clone)]
struct Part {
    column: usize,
    operator: &'static str,
    constants: Vec<Value>,
}

type Filter = Vec<Part>;

impl Part {
    fn text(&self) -> String {
        let Self { column, operator, constants } = self;
        let column = COLUMNS[*column];
        let constant = |value: &Value| match value {
            Value::Text(text) => format!("'{text}'"),
            value => value.to_string(),
        };
        let all: Vec<String> = constants.iter().map(constant).collect();
        match *operator {
            "IN" => format!("{column} IN ({})", all.join(", ")),
            "OR" => format!("({column} < {} OR {column} = {})", all[0], all[all.len() - 1]),
            "BETWEEN" => format!("{column} BETWEEN {} AND {}", all[0], all[all.len() - 1]),
            "IS NULL" => format!("{column} IS NULL"),
            "IS NOT NULL" => format!("{column} IS NOT NULL"),
            "mirrored" => format!("{} < {column}", all[0]),
            "unserved" => format!("coalesce({column}, 0) = {}", all[0]),
            _ => format!("{column} {operator} {}", all[0]),
        }
    }

    /// In this test booleans stand beside numbers, where they count as 0 and 1.
    fn holds(&self, row: &Row) -> bool {
        let plain = |value: &Value| match value {
            Value::Bool(truth) => Value::Int(i64::from(*truth)),
            value => value.clone(),
        };
        let value = plain(&row[self.column]);
        let all: Vec<Value> = self.constants.iter().map(plain).collect();
        let (first, last) = (&all[0], &all[all.len() - 1]);
        let known = !value.is_null();
        match self.operator {
            "IN" => known && all.contains(&value),
            "OR" => known && (value < *first && !first.is_null() || value == *last),
            "BETWEEN" => known && !first.is_null() && value >= *first && value <= *last,
            "IS NULL" => !known,
            "IS NOT NULL" => known,
            "unserved" => !first.is_null() && *first == if known { value } else { 0.into() },
            _ if !known || first.is_null() => false,
            "=" => value == *first,
            "<>" => value != *first,
            "<" => value < *first,
            "<=" => value <= *first,
            ">" | "mirrored" => value > *first,
            _ => value >= *first,
        }
    }
}

fn constant() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => (-2_i64..6).prop_map(Value::Int),
        1 => Just(Value::Bool(true)),
        1 => Just(Value::Bool(false)),
        1 => Just(Value::Decimal("1.5".parse().unwrap())),
        1 => Just(Value::Decimal("1.0".parse().unwrap())),
        1 => Just(Value::Null),
        3 => "[a-d]".prop_map(|text| Value::text(&text)),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    let operator = prop::sample::select(vec![
        "=",
        "=",
        "<>",
        "<",
        "<=",
        ">",
        ">=",
        "IN",
        "OR",
        "BETWEEN",
        "IS NULL",
        "IS NOT NULL",
        "mirrored",
        "unserved",
    ]);
    (0_usize..3, operator, prop::collection::vec(constant(), 1..4))
        .prop_map(|(column, operator, constants)| Part { column, operator, constants })
}

fn order() -> impl Strategy<Value = Vec<(usize, bool)>> {
    prop::collection::vec((0_usize..3, any::<bool>()), 0..3)
}

#[derive(Debug, Clone)]
enum Step {
    Place(String, String, String),
    Gone(String),
    Seek(u64),
    Rewind(u64),
    Define,
    Query(Filter, Vec<(usize, bool)>, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let region = prop_oneof![
        Just("null".to_string()),
        Just("true".to_string()),
        Just("1".to_string()),
        "[a-c]".prop_map(|text| format!("\"{text}\"")),
    ];
    let total = prop_oneof![
        4 => (-2_i64..6).prop_map(|total| total.to_string()),
        1 => Just("1.0".to_string()),
        1 => Just("1.5".to_string()),
        1 => Just("false".to_string()),
        1 => Just("null".to_string()),
    ];
    prop_oneof![
        12 => ("[a-j]", region, total).prop_map(|(order, region, total)| Step::Place(order, region, total)),
        3 => "[a-j]".prop_map(Step::Gone),
        1 => (0_u64..40).prop_map(Step::Seek),
        1 => (0_u64..40).prop_map(Step::Rewind),
        1 => Just(Step::Define),
        6 => (prop::collection::vec(part(), 0..4), order(), 1_usize..5)
            .prop_map(|(filter, order, limit)| Step::Query(filter, order, limit)),
    ]
}

fn query(filter: &Filter, order: &[(usize, bool)]) -> Read {
    let parts: Vec<String> = filter.iter().map(Part::text).collect();
    let term = |&(column, downwards): &(usize, bool)| {
        format!("{}{}", COLUMNS[column], if downwards { " DESC" } else { "" })
    };
    let order: Vec<String> = order.iter().map(term).collect();
    read("orders", &parts.join(" AND "), &order.join(", "))
}

fn take(engine: &mut Engine, step: &Step, indexes: &[IndexDefinition]) {
    match step {
        Step::Place(order, region, total) => {
            place(engine, order, &format!(r#"{{"region":{region},"total":{total}}}"#));
        }
        Step::Gone(order) => happen(engine, "Gone", order, "{}"),
        Step::Seek(position) => engine.seek(Position::new(*position)),
        Step::Rewind(position) => engine.rewind(Position::new(*position)),
        Step::Define => engine.define(&definitions(indexes.to_vec())).unwrap(),
        Step::Query(..) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn a_query_through_any_index_is_a_look_at_every_row(steps in prop::collection::vec(step(), 1..60)) {
        let mut engine = engine(indexes());
        for step in &steps {
            take(&mut engine, step, &indexes());
            let Step::Query(filter, order, limit) = step else { continue };
            let whole = query(filter, order);
            let expected = naive(&engine, "orders", filter, order);
            let answer = engine.query(&whole, None).unwrap();
            prop_assert_eq!(&answer.rows, &expected, "{:?} {}", whole, answer.explain);
            let paged = Read { limit: Some(*limit), ..whole };
            let pages = pages(&mut engine, &paged, |_| {});
            let rows: Vec<Row> = pages.iter().flat_map(|page| page.rows.clone()).collect();
            prop_assert_eq!(rows, expected, "{:?} {}", paged, pages[0].explain);
        }
    }

    #[test]
    fn pages_go_on_while_rows_come_and_go(
        steps in prop::collection::vec(step(), 1..60),
        filter in prop::collection::vec(part(), 0..2),
        order in order(),
    ) {
        let mut engine = engine(indexes());
        let mut steps = steps.iter();
        for step in steps.by_ref().take(20) {
            take(&mut engine, step, &indexes());
        }
        let mut paged = Read { limit: Some(2), ..query(&filter, &order) };
        let mut last: Option<Row> = None;
        for step in steps {
            // What comes after the last row that was read, in the view as it is now.
            let mut rows = naive(&engine, "orders", &filter, &order);
            if let Some(last) = &last {
                let mut with = rows.clone();
                with.push(last.clone());
                let sorted = sort(with, &order);
                let at = sorted.iter().rposition(|row| row == last).unwrap();
                rows = sorted[at + 1..].to_vec();
            }
            let page = engine.query(&paged, None).unwrap();
            prop_assert_eq!(&page.rows, &rows[..rows.len().min(2)], "{:?} {}", paged, page.explain);
            last = page.rows.last().cloned().or(last);
            paged.after = page.next.or(paged.after);
            if rows.len() <= 2 {
                break;
            }
            take(&mut engine, step, &indexes());
        }
    }

    #[test]
    fn the_deltas_of_a_subscription_make_the_new_answer_of_the_old(
        steps in prop::collection::vec(step(), 1..60),
        filter in prop::collection::vec(part(), 0..3),
        order in order(),
        limit in prop::option::of(0_usize..4),
        polls in any::<u64>(),
    ) {
        let mut engine = engine(indexes());
        let followed = Read { limit, ..query(&filter, &order) };
        let mut subscriptions = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            if number % 16 == 0 {
                subscriptions.push((engine.subscribe(&followed).unwrap(), BTreeMap::new()));
            }
            take(&mut engine, step, &indexes());
            for (index, (subscription, known)) in subscriptions.iter_mut().enumerate() {
                if polls >> ((number * 3 + index) % 64) & 1 == 0 {
                    continue;
                }
                let batch = engine.poll(*subscription, None).unwrap();
                prop_assert!(batch.deltas.is_sorted_by(|a, b| a.key < b.key));
                // `1` and `1.0` are equal, but not the same.
                let shown = |row: &Option<Row>| alloc::format!("{row:?}");
                prop_assert!(batch.deltas.iter().all(|delta| shown(&delta.before) != shown(&delta.after)));
                apply(known, &batch.deltas);
                let answer = engine.query(&followed, None).unwrap().rows;
                let rows: BTreeMap<Key, Row> =
                    answer.into_iter().map(|row| (Key::from([row[0].clone()]), row)).collect();
                prop_assert_eq!(&*known, &rows);
            }
        }
    }

    #[test]
    fn no_text_makes_a_query_panic(text in "\\PC{0,60}", order in "\\PC{0,20}") {
        let mut engine = shop();
        let _ = engine.query(&Read { after: Some(text.clone()), ..read("orders", "", "") }, None);
        let _ = engine.query(&read("orders", &text, &order), None);
        let _ = engine.aggregate(&read("orders", "", ""), &text, None);
    }
}

fn sort(mut rows: Vec<Row>, order: &[(usize, bool)]) -> Vec<Row> {
    rows.sort_by(|a, b| {
        let by = order.iter().map(|&(column, downwards)| {
            let upwards = a[column].cmp(&b[column]);
            if downwards { upwards.reverse() } else { upwards }
        });
        by.chain([a[0].cmp(&b[0])]).find(|is| is.is_ne()).unwrap_or(core::cmp::Ordering::Equal)
    });
    rows
}
