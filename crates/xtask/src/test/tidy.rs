//! The rules of the house that no compiler knows.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use super::count::Count;
use crate::{project, shell};

/// What each crate may use of the others: arrows point from the leaves to the core.
const ARROWS: &[(&str, &[&str])] = &[
    ("everview-core", &[]),
    ("everview-heap", &[]),
    ("everview-cluster", &["everview-core"]),
    ("everview-protocol", &["everview-core", "everview-cluster"]),
    ("everview-wasm", INSIDE),
    ("everview-simulator", INSIDE),
    ("everview-server", INSIDE),
    ("everview-dashboard", INSIDE),
];

const INSIDE: &[&str] =
    &["everview-core", "everview-cluster", "everview-protocol", "everview-heap"];

const MAX_LINES: usize = 600;

pub(super) fn run(_: &mut Count) -> Result<()> {
    let mut problems = arrow_problems()?;
    let files = shell::output(shell::command("git").args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    for file in files.lines() {
        // A file that was deleted but not yet committed is listed too.
        if let Ok(text) = fs::read_to_string(project::path(file)) {
            problems.extend(file_problems(Path::new(file), &text));
        }
    }
    ensure!(problems.is_empty(), "\n  {}", problems.join("\n  "));
    Ok(())
}

fn arrow_problems() -> Result<Vec<String>> {
    let metadata = shell::output(&mut shell::cargo("metadata --no-deps --format-version 1"))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let mut problems = Vec::new();
    for (from, allowed) in ARROWS {
        let package = packages.iter().find(|package| package["name"] == *from);
        let package = package.with_context(|| format!("there is no crate {from}"))?;
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for to in dependencies.filter(|to| to["kind"] != "dev" && !to["path"].is_null()) {
            let to = to["name"].as_str().unwrap_or_default();
            if !allowed.contains(&to) {
                problems.push(format!("{from} must not depend on {to}"));
            }
        }
    }
    Ok(problems)
}

fn file_problems(path: &Path, text: &str) -> Vec<String> {
    let shown = path.display();
    let mut problems = Vec::new();
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let lines = text.lines().count();
    if matches!(extension, "rs" | "ts" | "js" | "mjs" | "css" | "html") && lines > MAX_LINES {
        problems.push(format!("{shown} has {lines} lines: split it, {MAX_LINES} are too many"));
    }
    if path.ends_with("mod.rs") {
        problems.push(format!("{shown}: name it after its folder, beside it"));
    }
    if extension == "md" && titles(text) != 1 {
        problems.push(format!("{shown} has {} titles (# …) instead of one", titles(text)));
    }
    problems
}

/// The first-level headings of a Markdown text, outside code.
fn titles(text: &str) -> usize {
    let mut is_code = false;
    text.lines()
        .filter(|line| {
            is_code ^= line.starts_with("```");
            !is_code && line.starts_with("# ")
        })
        .count()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::file_problems;

    #[test]
    fn a_file_that_is_too_long_is_named_with_its_length() {
        let problems = file_problems(Path::new("a.rs"), &"\n".repeat(601));

        assert_eq!(problems, ["a.rs has 601 lines: split it, 600 are too many"]);
    }

    #[test]
    fn a_mod_file_is_refused() {
        let problems = file_problems(Path::new("a/mod.rs"), "");

        assert_eq!(problems, ["a/mod.rs: name it after its folder, beside it"]);
    }

    #[test]
    fn comments_in_code_are_not_titles() {
        assert!(file_problems(Path::new("a.md"), "# A\n```sh\n# not one\n```\n## B\n").is_empty());
        assert_eq!(file_problems(Path::new("a.md"), "# A\n# B\n").len(), 1);
    }
}
