use everview_core::{Clause, Definitions, TableDefinition, ViewDefinition};
use proptest::prelude::*;

use super::{parse, to_toml};

const TOML: &str = r#"
[views.orders]
key = "subject"
[views.orders.on."OrderPlaced"]
set = { status = "'placed'", region = "data.region" }
[views.orders.on."ItemAdded"]
when = "status <> 'paid'"
add = { total = "data.price_cents * data.qty" }
[views.orders.on."*"]
delete = true

[views.revenue]
sql = "SELECT region, SUM(total) AS revenue FROM orders GROUP BY region"
"#;

const JSON: &str = r#"
{"views": {
  "orders": {"key": ["subject"], "on": {
    "OrderPlaced": {"set": {"status": "'placed'", "region": "data.region"}},
    "ItemAdded": {"when": "status <> 'paid'", "add": {"total": "data.price_cents * data.qty"}},
    "*": {"delete": true}
  }},
  "revenue": {"sql": "SELECT region, SUM(total) AS revenue FROM orders GROUP BY region"}
}}"#;

fn text(text: &str) -> String {
    text.to_owned()
}

fn expected() -> Definitions {
    let placed = Clause {
        set: vec![(text("status"), text("'placed'")), (text("region"), text("data.region"))],
        ..Clause::default()
    };
    let added = Clause {
        when: Some(text("status <> 'paid'")),
        add: vec![(text("total"), text("data.price_cents * data.qty"))],
        ..Clause::default()
    };
    let any = Clause { delete: true, ..Clause::default() };
    let orders = TableDefinition {
        key: vec![text("subject")],
        on: vec![(text("OrderPlaced"), placed), (text("ItemAdded"), added), (text("*"), any)],
    };
    let sql = "SELECT region, SUM(total) AS revenue FROM orders GROUP BY region";
    Definitions {
        views: vec![
            (text("orders"), ViewDefinition::Table(orders)),
            (text("revenue"), ViewDefinition::Query(text(sql))),
        ],
    }
}

fn refusal(file: &str) -> String {
    parse(file).unwrap_err().to_string()
}

#[test]
fn toml_and_json_of_the_same_shape_mean_the_same() {
    assert_eq!(parse(TOML), Ok(expected()));
    assert_eq!(parse(JSON), Ok(expected()));
    assert_eq!(parse(&format!("\u{feff}{TOML}")), Ok(expected()));
}

#[test]
fn columns_stay_in_the_order_written() {
    let file = "[views.v]\nkey = 'subject'\n[views.v.on.E]\nset = { z = '1', a = '2', m = '3' }\n";
    let ViewDefinition::Table(table) = &parse(file).unwrap().views[0].1 else {
        panic!("expected a table view");
    };
    let names: Vec<&str> = table.on[0].1.set.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["z", "a", "m"]);
}

#[test]
fn a_view_is_either_a_table_or_a_query() {
    assert_eq!(
        refusal("[views.v]\nkey = 'subject'\non = {}\nsql = 'SELECT 1'\n"),
        "views.v: expected `key` and `on`, or `sql`; found both"
    );
    assert_eq!(
        refusal(r#"{"views":{"v":{}}}"#),
        "views.v: expected `key` and `on`, or `sql`; found neither"
    );
    assert_eq!(
        refusal("[views.v]\nkey = 'subject'\n"),
        "views.v: `key` without `on`: name the event types"
    );
}

#[test]
fn what_is_not_supported_yet_is_refused_by_name_and_place() {
    assert_eq!(
        refusal("[views.v]\nkey = 'subject'\neach = 'data.items'\n"),
        "views.v.each: `each` is not supported yet"
    );
    for field in ["max", "min", "append"] {
        assert_eq!(
            refusal(&format!("[views.v]\nkey = 'id'\n[views.v.on.E]\n{field} = {{ a = '1' }}\n")),
            format!("views.v.on.E.{field}: `{field}` is not supported yet")
        );
    }
}

#[test]
fn an_unknown_field_is_refused_with_its_line() {
    assert_eq!(
        refusal("[views.v]\nkey = 'subject'\nindex = 'a'\n"),
        "line 3, column 1: unknown field `index`, expected one of `key`, `on`, `sql`, `each`"
    );
    assert_eq!(
        refusal("{\n\"view\": {}}"),
        "line 2, column 6: unknown field `view`, expected `views`"
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_its_line() {
    assert_eq!(
        refusal("[views.v]\nkey = 'id'\n[views.v.on.E]\nset = { paid = 1 }\n"),
        "line 4, column 16: invalid type: integer `1`, expected a string"
    );
    assert_eq!(
        refusal("[views.v]\nkey = 7\n"),
        "line 2, column 7: invalid type: integer `7`, expected an expression or a list of expressions"
    );
}

#[test]
fn broken_text_is_refused_with_its_line() {
    assert_eq!(refusal("[views.v\n").split(':').next(), Some("line 1, column 9"));
    assert_eq!(refusal("{\"views\": {\n"), "line 2, column 0: EOF while parsing an object");
    assert_eq!(refusal(""), "line 1, column 1: missing field `views`");
}

#[test]
fn a_name_that_comes_twice_is_refused() {
    let file = r#"{"views":{"v":{"sql":"SELECT 1"},"v":{"sql":"SELECT 2"}}}"#;
    assert_eq!(refusal(file), "line 1, column 36: `v` is there twice");
    assert_eq!(
        refusal("[views.v]\nsql = ''\n[views.v]\nsql = ''\n"),
        "line 3, column 8: duplicate key"
    );
}

#[test]
fn definitions_are_written_as_a_person_would() {
    assert_eq!(
        to_toml(&expected()),
        r#"[views.orders]
key = "subject"
[views.orders.on.OrderPlaced]
set = { status = "'placed'", region = "data.region" }
[views.orders.on.ItemAdded]
when = "status <> 'paid'"
add = { total = "data.price_cents * data.qty" }
[views.orders.on."*"]
delete = true

[views.revenue]
sql = "SELECT region, SUM(total) AS revenue FROM orders GROUP BY region"
"#
    );
}

#[test]
fn the_views_of_the_order_domain_are_read() {
    let definitions = parse(everview_core::orders::VIEWS).unwrap();
    let names: Vec<&str> = definitions.views.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["orders", "revenue_by_region", "top_customers", "orders_per_minute"]);
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,4}", r#"[ -~\n\t"'\\é]{1,40}"#]
}

fn any_columns() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::btree_map(any_name(), any_name(), 0..4)
        .prop_map(|columns| columns.into_iter().collect())
}

fn any_clause() -> impl Strategy<Value = Clause> {
    (prop::option::of(any_name()), any_columns(), any_columns(), any::<bool>())
        .prop_map(|(when, set, add, delete)| Clause { when, set, add, delete })
}

fn any_view() -> impl Strategy<Value = ViewDefinition> {
    let table = (
        prop::collection::vec(any_name(), 0..3),
        prop::collection::btree_map(any_name(), any_clause(), 0..3),
    );
    prop_oneof![
        any_name().prop_map(ViewDefinition::Query),
        table.prop_map(|(key, on)| ViewDefinition::Table(TableDefinition {
            key,
            on: on.into_iter().collect()
        })),
    ]
}

proptest! {
    #[test]
    fn definitions_written_and_read_again_are_the_same(
        views in prop::collection::btree_map(any_name(), any_view(), 0..4)
    ) {
        let definitions = Definitions { views: views.into_iter().collect() };
        prop_assert_eq!(parse(&to_toml(&definitions)), Ok(definitions));
    }
}
