use std::path::Path;

use serde_json::json;

use crate::{Run, fixture, gzipped, replay, replay_of, shop, shop_and, written};

/// The views are those of the shop as it was before the bad line, and `problem` was said.
#[track_caller]
fn carried_on(run: &Run, problem: &str) {
    assert_eq!(run.code, 4, "{}", run.err);
    assert!(run.err.contains(problem), "expected `{problem}` in:\n{}", run.err);
    assert_eq!(run.json(), shop(&[]).json());
}

#[test]
fn half_a_line_at_the_end_is_refused() {
    carried_on(&shop_and(br#"{"id":"7","source":"/shop","ty"#), "line 7, byte 1106: ");
}

#[test]
fn what_is_not_json_is_refused_and_the_rest_goes_on() {
    let bytes = std::fs::read(fixture("shop.ndjson")).unwrap();
    let file = written("not-json.ndjson", &[b"{]\n\n", &bytes[..], b"nonsense\n"].concat());
    let run = replay(&file, &fixture("shop.toml"), &[]);
    carried_on(&run, "not-json.ndjson, line 1, byte 0: ");
    assert!(run.err.contains("not-json.ndjson, line 9, byte "), "{}", run.err);
    assert!(run.err.contains("2 records refused"), "{}", run.err);
}

#[test]
fn a_line_of_a_hundred_megabytes_is_refused_with_the_limit() {
    let mut line =
        br#"{"id":"7","source":"/shop","type":"OrderPlaced","subject":"o","data":""#.to_vec();
    line.resize(100 << 20, b'x');
    line.extend_from_slice(b"\"}\n");
    carried_on(&shop_and(&line), "longer than the 16777216 bytes that a record may have");
}

#[test]
fn nesting_that_is_too_deep_is_refused() {
    let deep = ["[".repeat(10_000), "]".repeat(10_000)].concat();
    let line = format!(
        r#"{{"id":"7","source":"/shop","type":"OrderPlaced","subject":"o","data":{deep}}}"#
    );
    carried_on(&shop_and(line.as_bytes()), "line 7, byte 1106: ");
}

#[test]
fn invalid_utf8_is_refused() {
    carried_on(&shop_and(b"{\"id\":\"\xff\xfe\"}\n"), "not UTF-8 at byte 7");
}

#[test]
fn data_that_is_null_is_an_event_like_any_other() {
    let line =
        br#"{"id":"7","source":"/shop","type":"OrderPlaced","subject":"order-3","data":null}"#;
    let run = shop_and(line);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.rows("orders")[2]["subject"], "order-3");
    assert_eq!(run.rows("orders")[2]["customer"], json!(null));
}

#[test]
fn a_number_beyond_64_bits_quarantines_its_event() {
    let line = br#"{"id":"7","source":"/shop","type":"ItemAdded","subject":"order-1","data":{"quantity":1,"price_cents":18446744073709551616,"weight_kg":1}}"#;
    let run = shop_and(line);
    assert_eq!(run.code, 4, "{}", run.err);
    assert!(run.err.contains("quarantined #7 in the view `orders`"), "{}", run.err);
    assert_eq!(run.rows("orders"), shop(&[]).rows("orders"), "none of the event was applied");
}

#[test]
fn a_sum_beyond_64_bits_quarantines_its_event() {
    let line = br#"{"id":"7","source":"/shop","type":"ItemAdded","subject":"order-1","data":{"quantity":1,"price_cents":9223372036854775807}}"#;
    let run = shop_and(line);
    assert_eq!(run.code, 4, "{}", run.err);
    assert_eq!(run.rows("orders"), shop(&[]).rows("orders"));
}

#[test]
fn duplicates_are_dropped_and_counted() {
    let bytes = std::fs::read(fixture("shop.ndjson")).unwrap();
    let twice: Vec<u8> = [&bytes[..], &bytes[..]].concat();
    let run = replay_of(&[Path::new("-")], &fixture("shop.toml"), &[], &twice);
    assert_eq!((run.code, run.json()), (0, shop(&[]).json()));
    assert!(run.err.contains("6 duplicates"), "{}", run.err);
}

#[test]
fn a_sequence_that_goes_back_is_refused_with_both_numbers() {
    let line = br#"{"id":"7","source":"/shop","type":"OrderPlaced","subject":"o","sequence":"3","data":{}}"#;
    carried_on(&shop_and(line), "expected sequence 7 or later from `/shop`, found 3");
}

#[test]
fn a_gap_in_the_sequence_is_said_with_both_numbers() {
    let line =
        br#"{"id":"7","source":"/shop","type":"Noted","subject":"o","sequence":"9","data":{}}"#;
    let run = shop_and(line);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("expected sequence 7 from `/shop`, found 9"), "{}", run.err);
}

#[test]
fn an_empty_file_gives_empty_views() {
    for name in ["empty.ndjson", "blank.ndjson"] {
        let content: &[u8] = if name == "empty.ndjson" { b"" } else { b"\n \n" };
        let run = replay(&written(name, content), &fixture("shop.toml"), &[]);
        assert_eq!(run.code, 0, "{}", run.err);
        assert_eq!(run.json()["position"], 0);
        assert_eq!(run.rows("orders"), json!([]));
    }
}

#[test]
fn a_gzip_bomb_is_read_in_bounded_pieces_and_refused() {
    let file = written("bomb.gz", &gzipped(&vec![b'x'; 256 << 20]));
    assert!(std::fs::metadata(&file).unwrap().len() < 2 << 20);
    let run = replay(&file, &fixture("shop.toml"), &[]);
    assert_eq!(run.code, 4, "{}", run.err);
    assert!(run.err.contains("longer than the 16777216 bytes"), "{}", run.err);
}

#[test]
fn a_gzip_that_ends_too_early_is_an_error() {
    let mut packed = gzipped(&std::fs::read(fixture("shop.ndjson")).unwrap());
    packed.truncate(packed.len() - 20);
    let run = replay(&written("cut.gz", &packed), &fixture("shop.toml"), &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("cut.gz: "), "{}", run.err);
}

#[test]
fn a_broken_quote_in_a_csv_refuses_its_line() {
    let file = written(
        "broken.csv",
        b"id,source,type,subject\n1,/s,OrderPlaced,o-1\n2,/s,\"Order\"Placed,o-2\n3,/s,OrderPlaced,o-3\n",
    );
    let run = replay(&file, &fixture("shop.toml"), &[]);
    assert_eq!(run.code, 4, "{}", run.err);
    assert!(run.err.contains("broken.csv, line 3, byte 44: "), "{}", run.err);
    assert_eq!(run.json()["position"], 2);
}

#[test]
fn a_view_with_a_column_that_does_not_exist_is_refused() {
    let views = written(
        "no-column.toml",
        b"[views.v]\nkey = \"subject\"\n[views.v.on.\"*\"]\nset = { a = \"missing + 1\" }\n",
    );
    let run = replay(&fixture("shop.ndjson"), &views, &[]);
    assert_eq!((run.code, run.out.as_str()), (3, ""));
    assert!(run.err.contains("`missing`"), "{}", run.err);
}

#[test]
fn a_view_that_divides_by_zero_on_one_event_goes_on_with_the_others() {
    let views = written(
        "division.toml",
        b"[views.v]\nkey = \"data.sku\"\n[views.v.on.ItemAdded]\nadd = { a = \"1000 / (data.quantity - 2)\" }\n",
    );
    let run = replay(&fixture("shop.ndjson"), &views, &[]);
    assert_eq!(run.code, 4, "{}", run.err);
    assert!(run.err.contains("quarantined #2 in the view `v`"), "{}", run.err);
    assert!(run.err.contains("by zero"), "{}", run.err);
    assert_eq!(run.rows("v"), json!([{"sku": "mug", "a": -1000}]));
}

#[test]
fn definitions_that_make_no_sense_are_refused_with_their_file() {
    for (name, content, problem) in [
        ("syntax.toml", "[views.v", "line 1, column "),
        ("unknown.toml", "[views.v]\nsqll = 'x'\n", "line 2, column 1: unknown field `sqll`"),
        (
            "each.toml",
            "[views.v]\nkey = 'id'\neach = 'subject'\non.A = {}\n",
            "v`, each: expected a",
        ),
        ("query.toml", "[views.v]\nsql = 'SELECT * FROM nowhere JOIN x'\n", "v"),
        ("no-table.toml", "[views.v]\nsql = 'SELECT a FROM nowhere'\n", "nowhere"),
    ] {
        let run = replay(&fixture("shop.ndjson"), &written(name, content.as_bytes()), &[]);
        assert_eq!((run.code, run.out.as_str()), (3, ""), "{name}: {}", run.err);
        assert!(run.err.contains(name), "{}", run.err);
        assert!(run.err.contains(problem), "{name}: {}", run.err);
    }
}

#[test]
fn many_refused_records_are_counted_and_the_first_are_told() {
    let run = shop_and("{}\n".repeat(1_500).as_bytes());
    assert_eq!(run.code, 4);
    let told = run.err.lines().filter(|line| line.starts_with("standard input, line ")).count();
    assert_eq!(told, 20, "{}", run.err);
    assert!(run.err.contains("1500 records refused"), "{}", run.err);
}

#[test]
fn reasons_do_not_carry_control_characters_to_the_terminal() {
    let run = shop_and(b"{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/shop\",\"type\":\"x\",\"time\":\"\\u001b[31m\"}\n");
    assert_eq!(run.code, 4, "{}", run.err);
    assert!(!run.err.contains('\u{1b}'), "{}", run.err);
}
