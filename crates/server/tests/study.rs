//! `everview study`, run as people run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::{Command, Output};

fn study(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_everview"));
    command.arg("study").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The figures of a row.
fn row(table: &str, label: &str) -> Vec<String> {
    let line = table.lines().find(|line| line.contains(label)).unwrap();
    line.split('┆').skip(1).map(|cell| cell.trim_matches(['│', ' ']).to_owned()).collect()
}

#[test]
fn a_study_compares_the_designs_and_is_the_same_again() {
    let arguments = ["--seeds", "20", "--seed", "7", "--failovers", "5"];
    let [one, other] = [study(&arguments), study(&arguments)];

    assert_eq!(one.status.code(), Some(0), "{}", text(&one.stderr));
    assert_eq!(text(&one.stdout), text(&other.stdout));
    let table = text(&one.stdout);
    assert_eq!(row(&table, "machines paid for"), ["3", "2", "6", "12"]);
    assert_eq!(row(&table, "reaches 99.99 %").len(), 4);
    assert_eq!(row(&table, "writes lost")[0], "0 | 0");
    let told = text(&one.stderr);
    assert!(told.contains("seeds 7 to 26, failovers drawn from"), "{told}");
    assert!(told.contains("\nzone 365d/6h: Dean 2009\n"), "{told}");
}

#[test]
fn where_nothing_fails_every_design_keeps_the_promise() {
    let parts = ["machine", "zone", "zone-network", "region", "region-network", "release"];
    let rates: Vec<String> = parts.iter().map(|part| format!("--rate={part}=never")).collect();
    let mut arguments = vec!["--seeds", "1", "--failovers", "1", "--objective", "100"];
    arguments.extend(rates.iter().map(String::as_str));
    let table = text(&study(&arguments).stdout);

    assert_eq!(row(&table, "reaches 100 %"), ["yes"; 4]);
    assert_eq!(row(&table, "time to recover"), ["–"; 4]);
}

#[test]
fn arguments_that_make_no_sense_are_refused_with_what_was_expected() {
    for (arguments, expected) in [
        (["--rate", "disk=1d/1h"], "expected one of machine, zone"),
        (["--objective", "101"], "expected a percentage from 0 to 100"),
        (["--seeds", "0"], "0 is not in 1..=1000000"),
    ] {
        let run = study(&arguments);
        let told = text(&run.stderr);
        assert_eq!(run.status.code(), Some(2));
        assert!(told.contains(expected), "{told}");
    }
}
