//! Runs every story in `tests/scenarios` and compares what happens with what is told there.
//!
//! A story is a script, a line of dashes, and a transcript. `UPDATE=1 cargo test -p everview-cluster`
//! writes what happens into the files.

use std::path::{Path, PathBuf};

use everview_cluster::sim::Script;

fn stories() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_story_goes_as_it_is_told() {
    let mut changed = Vec::new();
    for (path, told) in stories() {
        let script: Script = told.split("----\n").next().unwrap().parse().unwrap();
        let happened = format!("{script}----\n{}", script.transcript());
        if told != happened {
            changed.push(format!("{}\n{happened}", path.display()));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&path, happened).unwrap();
            }
        }
    }
    assert!(changed.is_empty(), "it goes differently:\n{}", changed.join("\n"));
}
