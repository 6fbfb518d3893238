use core::time::Duration;

use everview_core::{
    Append, Clause, ColumnDefinition, ColumnType, Definitions, IndexDefinition, Retain, Split,
    TableDefinition, Upcaster, ViewDefinition,
};
use proptest::prelude::*;

use super::{parse, to_toml};

const TOML: &str = r#"[views.orders]
key = "subject"
retain = { time = "30 days", rows = 1000 }
[views.orders.on.OrderPlaced]
set = { status = "'placed'", region = "data.region" }
[views.orders.on.ItemAdded]
when = "status <> 'paid'"
add = { total = "data.price_cents * data.qty" }
[views.orders.on."*"]
delete = true

[views.revenue]
sql = "SELECT region, SUM(total) AS revenue FROM orders GROUP BY region"

[upcasters."OrderPlaced.v1"]
to = "OrderPlaced"
version = "data.version"
rename = { amount = "total" }
split.name = { by = " ", into = ["first", "last"] }
default = { currency = "'EUR'" }
compute = { cents = "data.amount * 100" }
remove = ["note"]
"#;

const JSON: &str = r#"
{"views": {
  "orders": {"key": ["subject"], "retain": {"time": "720 hours", "rows": 1000}, "on": {
    "OrderPlaced": {"set": {"status": "'placed'", "region": "data.region"}},
    "ItemAdded": {"when": "status <> 'paid'", "add": {"total": "data.price_cents * data.qty"}},
    "*": {"delete": true}
  }},
  "revenue": {"sql": "SELECT region, SUM(total) AS revenue FROM orders GROUP BY region"}
},
"upcasters": {"OrderPlaced.v1": {
  "to": "OrderPlaced", "version": "data.version", "rename": {"amount": "total"},
  "split": {"name": {"by": " ", "into": ["first", "last"]}}, "default": {"currency": "'EUR'"},
  "compute": {"cents": "data.amount * 100"}, "remove": ["note"]
}}}"#;

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
        retain: Retain { time: Some(Duration::from_hours(720)), rows: Some(1_000) },
        ..TableDefinition::default()
    };
    let upcaster = Upcaster {
        to: text("OrderPlaced"),
        version: Some(text("data.version")),
        rename: vec![(text("amount"), text("total"))],
        split: vec![(
            text("name"),
            Split { by: text(" "), into: vec![text("first"), text("last")] },
        )],
        default: vec![(text("currency"), text("'EUR'"))],
        compute: vec![(text("cents"), text("data.amount * 100"))],
        remove: vec![text("note")],
    };
    let sql = "SELECT region, SUM(total) AS revenue FROM orders GROUP BY region";
    Definitions {
        views: vec![
            (text("orders"), ViewDefinition::Table(orders)),
            (text("revenue"), ViewDefinition::Query(text(sql))),
        ],
        upcasters: vec![(text("OrderPlaced.v1"), upcaster)],
        ..Definitions::default()
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

const WHOLE: &str = r#"[views.items]
key = ["data.order", "item.sku"]
each = "data.items"
[views.items.columns]
order = { type = "text" }
total = { type = "decimal", default = "0.00" }
count = { default = 0 }
open = { type = "boolean", default = true }
seen = {}
[[views.items.on."Placed, Changed"]]
when = "item.quantity > 0"
set = { seen = "time" }
add = { total = "item.price" }
max = { largest = "item.price" }
min = { smallest = "item.price" }
append = { last = { value = "item.price", limit = 10 } }
[[views.items.on."Placed, Changed"]]
add = { count = "1" }
[views.items.on.Gone]
delete = true
"#;

#[test]
fn everything_that_a_table_view_can_say_is_read_and_written() {
    let definitions = parse(WHOLE).unwrap();
    assert_eq!(to_toml(&definitions), WHOLE);

    let json = r#"{"views": {"items": {
      "key": ["data.order", "item.sku"], "each": "data.items",
      "columns": {
        "order": {"type": "text"}, "total": {"type": "decimal", "default": "0.00"},
        "count": {"default": 0}, "open": {"type": "boolean", "default": true}, "seen": {}
      },
      "on": {
        "Placed, Changed": [
          {"when": "item.quantity > 0", "set": {"seen": "time"}, "add": {"total": "item.price"},
           "max": {"largest": "item.price"}, "min": {"smallest": "item.price"},
           "append": {"last": {"value": "item.price", "limit": 10}}},
          {"add": {"count": "1"}}
        ],
        "Gone": {"delete": true}
      }
    }}}"#;
    assert_eq!(parse(json), Ok(definitions));
}

#[test]
fn what_belongs_to_a_table_view_is_refused_in_a_query() {
    assert_eq!(
        refusal("[views.v]\nsql = 'SELECT 1'\neach = 'data.items'\n"),
        "views.v: `each` belongs to `key` and `on`, not to `sql`"
    );
    assert_eq!(
        refusal("[views.v]\nsql = 'SELECT 1'\ncolumns = {}\n"),
        "views.v: `columns` belongs to `key` and `on`, not to `sql`"
    );
}

#[test]
fn what_is_wrong_in_a_clause_or_a_column_is_refused_with_its_line() {
    let on = |text: &str| refusal(&format!("[views.v]\nkey = 'id'\n{text}"));
    assert_eq!(
        on("[views.v.on.E]\nupdate = { a = '1' }\n"),
        "line 4, column 1: unknown field `update`, expected one of `when`, `set`, `add`, `max`, \
         `min`, `append`, `delete`"
    );
    assert_eq!(
        on("[[views.v.on.E]]\ndelete = true\n[[views.v.on.E]]\nupdate = { a = '1' }\n"),
        "line 6, column 1: unknown field `update`, expected one of `when`, `set`, `add`, `max`, \
         `min`, `append`, `delete`"
    );
    assert_eq!(
        on("on.E = []\n"),
        "line 3, column 8: invalid length 0, expected at least one clause"
    );
    assert_eq!(
        on("on.E = 'delete'\n"),
        "line 3, column 8: invalid type: string \"delete\", expected a clause or a list of clauses"
    );
    assert_eq!(
        on("on.E.append = { a = { value = '1' } }\n"),
        "line 3, column 21: missing field `limit`"
    );
    assert_eq!(
        on("on.E.append = { a = { value = '1', limit = -1 } }\n"),
        "line 3, column 44: invalid value: integer `-1`, expected u32"
    );
    assert_eq!(
        on("columns.a = { type = 'number' }\n"),
        "line 3, column 22: unknown type `number`, expected one of boolean, integer, decimal, \
         text, time"
    );
    assert_eq!(
        on("columns.a = { default = 0.1 }\n"),
        "line 3, column 25: invalid type: floating point `0.1`, expected a constant: an expression \
         in quotes, an integer, true or false"
    );
}

#[test]
fn an_unknown_field_is_refused_with_its_line() {
    assert_eq!(
        refusal("[views.v]\nkey = 'subject'\nindex = 'a'\n"),
        "line 3, column 1: unknown field `index`, expected one of `key`, `each`, `columns`, `on`, \
         `retain`, `sql`, `indexes`, `unique`"
    );
    assert_eq!(
        refusal("{\n\"view\": {}}"),
        "line 2, column 1: unknown field `view`, expected `views` or `upcasters`"
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
fn what_cannot_be_retained_or_split_is_refused_with_its_place() {
    let retain = |retain: &str| {
        refusal(&format!("[views.v]\nkey = 'id'\nretain = {{ {retain} }}\n[views.v.on.E]\n"))
    };
    assert_eq!(retain(""), "views.v.retain: expected `time` or `rows`; found neither");
    assert_eq!(retain("rows = 0"), "views.v.retain.rows: expected at least 1 row, found 0");
    for span in ["30", "days", "0 days", "-1 days", "1 fortnight", "99999999999999999 weeks"] {
        assert_eq!(
            retain(&format!("time = '{span}'")),
            format!(
                "views.v.retain.time: expected a span such as `30 days` or `12 hours`, found `{span}`"
            )
        );
    }
    assert_eq!(
        refusal("[views.v]\nsql = 'SELECT 1'\nretain = { rows = 1 }\n"),
        "views.v: `retain` belongs to `key` and `on`, not to `sql`"
    );
    assert_eq!(
        refusal("[views]\n[upcasters.A]\nto = 'B'\nsplit = { x = { by = '', into = ['y'] } }\n"),
        "upcasters.A.split.x.by: expected what stands between the parts"
    );
}

#[test]
fn broken_text_is_refused_with_its_line() {
    assert_eq!(refusal("[views.v\n").split(':').next(), Some("line 1, column 9"));
    assert_eq!(
        refusal("{\"views\": {\n"),
        "line 2, column 1: expected a field name, found the end"
    );
    assert_eq!(refusal(""), "line 1, column 1: missing field `views`");
}

#[test]
fn a_name_that_comes_twice_is_refused() {
    let file = r#"{"views":{"v":{"sql":"SELECT 1"},"v":{"sql":"SELECT 2"}}}"#;
    assert_eq!(refusal(file), "line 1, column 34: `v` is there twice");
    assert_eq!(
        refusal("[views.v]\nsql = ''\n[views.v]\nsql = ''\n"),
        "line 3, column 8: duplicate key"
    );
}

#[test]
fn definitions_are_written_as_a_person_would() {
    assert_eq!(to_toml(&expected()), TOML);
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

fn any_append() -> impl Strategy<Value = Vec<(String, Append)>> {
    let append = (any_name(), any::<u32>()).prop_map(|(value, limit)| Append { value, limit });
    prop::collection::btree_map(any_name(), append, 0..3)
        .prop_map(|columns| columns.into_iter().collect())
}

fn any_clause() -> impl Strategy<Value = Clause> {
    let columns = (any_columns(), any_columns(), any_columns(), any_columns());
    (prop::option::of(any_name()), columns, any_append(), any::<bool>()).prop_map(
        |(when, (set, add, max, min), append, delete)| Clause {
            when,
            set,
            add,
            max,
            min,
            append,
            delete,
        },
    )
}

fn any_column() -> impl Strategy<Value = ColumnDefinition> {
    let column_type = prop::option::of(prop::sample::select(&ColumnType::ALL[..]));
    let default = prop::option::of(prop_oneof![
        any_name(),
        any::<i64>().prop_map(|number| number.to_string()),
        Just(text("true")),
        Just(text("007")),
    ]);
    (column_type, default)
        .prop_map(|(column_type, default)| ColumnDefinition { column_type, default })
}

fn any_table() -> impl Strategy<Value = TableDefinition> {
    let clauses = prop::collection::vec(any_clause(), 1..3);
    (
        prop::collection::vec(any_name(), 0..3),
        prop::option::of(any_name()),
        prop::collection::btree_map(any_name(), any_column(), 0..3),
        prop::collection::btree_map(any_name(), clauses, 0..3),
        any_retain(),
    )
        .prop_map(|(key, each, columns, on, retain)| TableDefinition {
            retain,
            key,
            each,
            columns: columns.into_iter().collect(),
            on: on
                .into_iter()
                .flat_map(|(types, clauses)| {
                    clauses.into_iter().map(move |clause| (types.clone(), clause))
                })
                .collect(),
        })
}

fn any_view() -> impl Strategy<Value = ViewDefinition> {
    prop_oneof![
        any_name().prop_map(ViewDefinition::Query),
        any_table().prop_map(ViewDefinition::Table),
    ]
}

fn any_retain() -> impl Strategy<Value = Retain> {
    (prop::option::of(1_u64..4_000_000), prop::option::of(1_u64..1_000))
        .prop_map(|(seconds, rows)| Retain { time: seconds.map(Duration::from_secs), rows })
}

fn any_upcaster() -> impl Strategy<Value = Upcaster> {
    let split = (any_name(), prop::collection::vec(any_name(), 1..3))
        .prop_map(|(by, into)| Split { by, into });
    let splits = prop::collection::btree_map(any_name(), split, 0..2);
    let texts = (any_name(), prop::option::of(any_name()), prop::collection::vec(any_name(), 0..3));
    (texts, any_columns(), splits, any_columns(), any_columns()).prop_map(
        |((to, version, remove), rename, split, default, compute)| Upcaster {
            to,
            version,
            rename,
            split: split.into_iter().collect(),
            default,
            compute,
            remove,
        },
    )
}

/// Columns of indexes, those that are unique last.
fn any_indexes() -> impl Strategy<Value = Vec<(bool, Vec<String>)>> {
    let columns = prop::collection::vec(any_name(), 1..3);
    let index = (any::<bool>(), columns);
    prop::collection::vec(index, 0..3).prop_map(|mut indexes| {
        indexes.sort_by_key(|(is_unique, _)| *is_unique);
        indexes
    })
}

#[test]
fn indexes_are_columns_or_lists_of_them_and_may_be_unique() {
    let file = "[views.v]\nsql = 'SELECT a, b, c FROM w'\n\
        indexes = ['a', ['b', 'c']]\nunique = [['a', 'b']]\n";
    let definitions = parse(file).unwrap();
    let index = |columns: &[&str], is_unique| IndexDefinition {
        view: text("v"),
        columns: columns.iter().map(|column| text(column)).collect(),
        is_unique,
    };
    let expected = [index(&["a"], false), index(&["b", "c"], false), index(&["a", "b"], true)];
    assert_eq!(definitions.indexes, expected);
    let json = r#"{"views": {"v": {"sql": "SELECT a, b, c FROM w",
        "indexes": ["a", ["b", "c"]], "unique": [["a", "b"]]}}}"#;
    assert_eq!(parse(json), Ok(definitions));
}

proptest! {
    #[test]
    fn definitions_written_and_read_again_are_the_same(
        views in prop::collection::btree_map(any_name(), (any_view(), any_indexes()), 0..4),
        upcasters in prop::collection::btree_map(any_name(), any_upcaster(), 0..3),
    ) {
        let upcasters = upcasters.into_iter().collect();
        let mut definitions = Definitions { upcasters, ..Definitions::default() };
        for (view, (definition, indexes)) in views {
            let of_view = |(is_unique, columns)| {
                IndexDefinition { view: view.clone(), columns, is_unique }
            };
            definitions.indexes.extend(indexes.into_iter().map(of_view));
            definitions.views.push((view, definition));
        }
        prop_assert_eq!(parse(&to_toml(&definitions)), Ok(definitions));
    }
}
