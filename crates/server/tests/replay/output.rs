use everview_core::orders::OrderStream;
use serde_json::json;

use crate::{fixture, replay, shop};

#[test]
fn views_are_written_as_json_with_their_rows_in_order() {
    let run = shop(&[]);
    assert_eq!(run.code, 0, "{}", run.err);
    let json = run.json();
    assert_eq!(json["position"], 6);
    assert_eq!(
        json["views"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["orders", "revenue"]
    );
    assert_eq!(
        run.rows("orders"),
        json!([
            {"subject": "order-1", "customer": "Ada", "region": "north", "status": "paid",
             "total_cents": 4070, "weight_kg": 0.3},
            {"subject": "order-2", "customer": "Grace <b>\"G\"</b>", "region": "south, far",
             "status": "cancelled", "total_cents": null, "weight_kg": null},
        ])
    );
    assert_eq!(run.rows("revenue"), json!([{"region": "north", "orders": 1, "cents": 4070}]));
    for view in ["orders", "revenue"] {
        let digest = json["views"][view]["digest"].as_str().unwrap().to_owned();
        assert_eq!(digest.len(), 32);
        assert!(digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digest}");
    }
}

#[test]
fn numbers_are_written_exactly() {
    let run = shop(&["--view", "orders"]);
    assert!(run.out.contains(r#""total_cents":4070,"weight_kg":0.3}"#), "{}", run.out);
}

#[test]
fn only_the_views_that_are_asked_for_are_written_in_that_order() {
    let run = shop(&["--view", "revenue", "--view", "orders", "--view", "revenue"]);
    let json = run.json();
    assert_eq!(
        json["views"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["revenue", "orders"]
    );
}

#[test]
fn views_can_be_seen_at_any_position() {
    let empty = shop(&["--at", "0"]);
    assert_eq!((empty.json()["position"].clone(), empty.rows("orders")), (json!(0), json!([])));
    let early = shop(&["--at", "3", "--view", "revenue"]);
    assert_eq!(
        early.rows("revenue"),
        json!([
            {"region": "north", "orders": 1, "cents": 2580},
            {"region": "south, far", "orders": 1, "cents": null},
        ])
    );
}

#[test]
fn a_position_after_the_last_event_is_refused() {
    let run = shop(&["--at", "7"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("expected a position up to #6, found #7"), "{}", run.err);
}

#[test]
fn one_view_is_written_as_csv() {
    let run = shop(&["--format", "csv", "--view", "orders"]);
    assert_eq!(
        run.out,
        "subject,customer,region,status,total_cents,weight_kg\r\n\
         order-1,Ada,north,paid,4070,0.3\r\n\
         order-2,\"Grace <b>\"\"G\"\"</b>\",\"south, far\",cancelled,,\r\n"
    );
    assert_eq!(run.code, 0);
}

#[test]
fn several_views_are_not_written_as_csv() {
    let run = shop(&["--format", "csv"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("one view"), "{}", run.err);
}

#[test]
fn tables_show_digest_and_rows() {
    let run = shop(&["--format", "table"]);
    assert_eq!(run.code, 0);
    assert!(run.out.starts_with("orders: 2 rows at #6, digest "), "{}", run.out);
    assert!(run.out.contains("┆        4070 ┆"), "{}", run.out);
    assert!(run.out.contains("revenue: 1 row at #6"), "{}", run.out);
}

#[test]
fn tables_do_not_obey_control_characters() {
    let file = crate::written(
        "escape.ndjson",
        br#"{"id":"1","source":"/s","type":"OrderPlaced","subject":"o","data":{"customer":"\u001b[31mred\n"}}"#,
    );
    let run = replay(&file, &fixture("shop.toml"), &["--format", "table"]);
    assert!(run.out.contains(r"\u{1b}[31mred\n"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}'));
}

#[test]
fn a_view_that_is_not_there_is_refused_with_those_that_are() {
    let run = shop(&["--view", "order"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("no view `order`, there are `orders`, `revenue`"), "{}", run.err);
}

#[test]
#[cfg(unix)]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::{Command, Stdio};

    let events: Vec<String> =
        OrderStream::new(1).events().take(50_000).map(|event| event.to_json()).collect();
    let file = crate::written("many.ndjson", events.join("\n").as_bytes());
    for format in ["json", "csv", "table"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_everview"))
            .args(["replay", "--view", "orders", "--format", format, "--views"])
            .args([&fixture("shop.toml"), &file])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}: {err}");
        assert_eq!(err.lines().count(), 1, "{format}: {err}");
    }
}
