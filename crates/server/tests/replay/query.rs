use serde_json::json;

use crate::shop;

#[test]
fn a_view_is_filtered_sorted_and_cut_and_it_is_told_how() {
    let run = shop(&[
        "--view",
        "orders",
        "--where",
        "subject > 'order-'",
        "--order-by",
        "total_cents DESC",
        "--limit",
        "1",
        "--explain",
    ]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.rows("orders")[0]["subject"], "order-1");
    assert_eq!(run.rows("orders").as_array().unwrap().len(), 1);
    let found = "found by: index key, range subject, sorted afterwards, rows examined: 2";
    assert!(run.err.contains(found), "{}", run.err);

    let (_, rest) = run.err.split_once("--after ").unwrap();
    let cursor = rest.split_whitespace().next().unwrap();
    let query = ["--view", "orders", "--where", "subject > 'order-'"];
    let order = ["--order-by", "total_cents DESC", "--after", cursor];
    let next = shop(&[&query[..], &order].concat());
    assert_eq!(next.rows("orders")[0]["subject"], "order-2");
    let other = shop(&["--view", "orders", "--after", cursor]);
    assert_eq!(other.code, 2);
    assert!(other.err.contains("the cursor belongs to another query"), "{}", other.err);
}

#[test]
fn aggregates_are_one_row() {
    let aggregates = "COUNT(*) AS orders, SUM(total_cents) AS cents";
    let run = shop(&["--view", "orders", "--aggregate", aggregates]);
    assert_eq!(run.rows("orders"), json!([{"orders": 2, "cents": 4070}]));
}

#[test]
fn a_query_is_over_one_view_and_says_what_it_does_not_understand() {
    let run = shop(&["--where", "TRUE"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("a query reads one view, found 2"), "{}", run.err);
    let run = shop(&["--view", "orders", "--where", "totl > 1"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("the query: where: no column `totl`"), "{}", run.err);
}
