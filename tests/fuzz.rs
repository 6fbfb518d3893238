//! The fuzz targets, for some seconds: over the kept inputs and over mutations of them that are the
//! same on each run. `cargo xtask fuzz` runs them for as long as one likes.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use everview_core::Rng;

#[path = "fuzz/src/lib.rs"]
mod targets;

/// Mutations of the kept inputs for each target.
const MUTATIONS: u64 = 20_000;

/// The longest input that mutations lead to.
const MAX_BYTES: usize = 1 << 10;

/// Pieces that random bytes would rarely hit on.
const WORDS: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"\\u",
    b"\r\n",
    b"\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"1e9",
    b"-9223372036854775808",
    b"\xff",
    b"\xef\xbb\xbf",
    b"(",
    b")",
    b"data.",
    b"SELECT ",
    b" FROM base",
    b" GROUP BY t",
    b" ORDER BY n",
    b" LIMIT 2",
    b" WHERE ",
    b"CASE WHEN ",
    b" END",
    b"COUNT(*)",
    b"COUNT(DISTINCT ",
    b" JOIN base AS b ON ",
    b" UNION ALL ",
    b" HAVING ",
    b"hop(at, '1 minute', '1 hour')",
    b"previous.",
    b"item.",
    b"each = ",
    b"SUM(d)",
    b" / 0",
    b"substr(t, 1, ",
    b"[views.v]\n",
    b"sql = ",
    b"key = ",
    b"'''",
];

#[test]
fn no_bytes_break_what_must_hold() {
    for (name, check) in targets::TARGETS {
        let kept = kept(name);
        assert!(!kept.is_empty(), "tests/fuzz/corpus/{name} is empty");
        for input in &kept {
            run(name, *check, input);
        }
        let mut rng = Rng::new(42);
        for _ in 0..MUTATIONS {
            run(name, *check, &mutated(&kept, &mut rng));
        }
    }
}

fn run(name: &str, check: targets::Check, input: &[u8]) {
    let done = panic::catch_unwind(AssertUnwindSafe(|| check(input)));
    let shown = input.escape_ascii();
    assert!(done.is_ok(), "the target `{name}` fails on b\"{shown}\"");
}

/// The kept inputs of a target, in the order of their names.
fn kept(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let files = fs::read_dir(&folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn mutated(kept: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut input = kept[below(rng, kept.len())].clone();
    for _ in 0..=below(rng, 4) {
        let at = below(rng, input.len() + 1);
        let end = (at + below(rng, 9)).min(input.len());
        match below(rng, 5) {
            0 => {
                input.drain(at..end);
            }
            1 => {
                let word = WORDS[below(rng, WORDS.len())];
                input.splice(at..at, word.iter().copied());
            }
            2 if at < input.len() => input[at] ^= 1 << below(rng, 8),
            3 if at < input.len() => input[at] = u8::try_from(below(rng, 256)).unwrap(),
            _ => {
                let other = &kept[below(rng, kept.len())];
                let from = below(rng, other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
        }
    }
    input.truncate(MAX_BYTES);
    input
}

fn below(rng: &mut Rng, limit: usize) -> usize {
    usize::try_from(rng.below(limit as u64)).unwrap()
}
