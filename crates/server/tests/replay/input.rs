use std::path::Path;

use serde_json::json;

use crate::{fixture, gzipped, replay, replay_of, shop, written};

fn shop_bytes() -> Vec<u8> {
    std::fs::read(fixture("shop.ndjson")).unwrap()
}

#[test]
fn standard_input_is_read_like_a_file() {
    let run = replay_of(&[Path::new("-")], &fixture("shop.toml"), &[], &shop_bytes());
    assert_eq!((run.code, run.json()), (0, shop(&[]).json()));
}

#[test]
fn gzip_is_unpacked_whatever_the_name() {
    let file = written("shop-packed", &gzipped(&shop_bytes()));
    assert_eq!(replay(&file, &fixture("shop.toml"), &[]).json(), shop(&[]).json());
    let packed = gzipped(&shop_bytes());
    let run = replay_of(&[Path::new("-")], &fixture("shop.toml"), &[], &packed);
    assert_eq!(run.json(), shop(&[]).json());
}

#[test]
fn several_gzips_in_one_file_are_all_unpacked() {
    let bytes = shop_bytes();
    let (head, tail) = bytes.split_at(700);
    let file = written("shop-two-members.gz", &[gzipped(head), gzipped(tail)].concat());
    assert_eq!(replay(&file, &fixture("shop.toml"), &[]).json(), shop(&[]).json());
}

#[test]
fn a_json_array_means_the_same_as_lines() {
    let lines = String::from_utf8(shop_bytes()).unwrap();
    let array = format!("[\n{}\n]\n", lines.trim_end().replace('\n', ",\n"));
    let file = written("shop.json", array.as_bytes());
    assert_eq!(replay(&file, &fixture("shop.toml"), &[]).json(), shop(&[]).json());
}

#[test]
fn several_files_make_one_log() {
    let bytes = shop_bytes();
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let (head, tail) = (lines[..2].concat(), lines[2..].concat());
    let (head, tail) = (written("shop-1.ndjson", &head), written("shop-2.gz", &gzipped(&tail)));
    let run = replay_of(&[&head, &tail], &fixture("shop.toml"), &[], b"");
    assert_eq!((run.code, run.json()), (0, shop(&[]).json()));
}

#[test]
fn definitions_may_be_json() {
    let views = written(
        "shop-views.json",
        br#"{"views":{"types":{"key":"type","on":{"*":{"add":{"events":"1"}}}}}}"#,
    );
    let run = replay(&fixture("shop.ndjson"), &views, &[]);
    assert_eq!(run.rows("types")[0], json!({"type": "ItemAdded", "events": 2}));
}

#[test]
fn a_file_that_is_not_cloudevents_asks_for_a_mapping_and_offers_one() {
    let run = replay(&fixture("plain.csv"), &fixture("plain.toml"), &[]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("  --map type=activity --map subject=case\n"), "{}", run.err);
}

#[test]
fn a_mapping_opens_a_file_that_is_not_cloudevents() {
    let maps = ["--map", "type=activity", "--map", "subject=case", "--map", "time=when"];
    let run = replay(&fixture("plain.csv"), &fixture("plain.toml"), &maps);
    assert_eq!(
        run.rows("cases"),
        json!([
            {"subject": "c-1", "last": "Say \"yes\"", "by": "Ana", "steps": 2},
            {"subject": "c-2", "last": "Receive, stamp", "by": "Ben", "steps": 1},
        ])
    );
    assert_eq!(run.code, 0, "{}", run.err);
}

#[test]
fn fields_without_telling_names_are_listed() {
    let file = written("letters.ndjson", b"{\"a\":1,\"b\":2}");
    let run = replay(&file, &fixture("plain.toml"), &[]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("The fields are: a, b"), "{}", run.err);
}

#[test]
fn a_mapping_that_makes_no_sense_is_refused() {
    for (map, problem) in [
        ("type", "expected FIELD=PATH"),
        ("kind=a", "expected one of id, source, type, subject, time, sequence, data"),
        ("type=", "expected the path of a field"),
        ("type=a..b", "`a..b`"),
    ] {
        let run = replay(&fixture("plain.csv"), &fixture("plain.toml"), &["--map", map]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{map}");
        assert!(run.err.contains(problem), "{map}: {}", run.err);
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error_that_names_it() {
    let run = replay(Path::new("nowhere.ndjson"), &fixture("shop.toml"), &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("nowhere.ndjson: "), "{}", run.err);
    let run = replay(&fixture("shop.ndjson"), Path::new("nowhere.toml"), &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("nowhere.toml: "), "{}", run.err);
}

#[test]
fn standard_input_is_read_once() {
    let dash = Path::new("-");
    let run = replay_of(&[dash, dash], &fixture("shop.toml"), &[], &shop_bytes());
    assert_eq!(run.code, 2);
    assert!(run.err.contains("standard input"), "{}", run.err);
}
