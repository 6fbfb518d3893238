//! `everview replay`, run as people run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_input;
mod input;
mod output;
mod query;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What came of a run.
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    /// The whole output as JSON.
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error} in {}\n{}", self.out, self.err))
    }

    /// The rows of a view.
    fn rows(&self, view: &str) -> serde_json::Value {
        self.json()["views"][view]["rows"].clone()
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A file that a test has written.
fn written(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Runs `everview replay FILE --views VIEWS` and what more is asked.
fn replay(file: &Path, views: &Path, more: &[&str]) -> Run {
    replay_of(&[file], views, more, b"")
}

fn replay_of(files: &[&Path], views: &Path, more: &[&str], stdin: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_everview"))
        .arg("replay")
        .args(files)
        .arg("--views")
        .arg(views)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A run that refuses its arguments reads nothing, and the pipe breaks.
            let _ = pipe.write_all(stdin);
        });
        let output = child.wait_with_output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    })
}

/// The fixture `shop.ndjson` replayed.
fn shop(more: &[&str]) -> Run {
    replay(&fixture("shop.ndjson"), &fixture("shop.toml"), more)
}

/// The shop's events with lines put after them.
fn shop_and(lines: &[u8]) -> Run {
    let mut content = std::fs::read(fixture("shop.ndjson")).unwrap();
    content.extend_from_slice(lines);
    replay_of(&[Path::new("-")], &fixture("shop.toml"), &[], &content)
}
