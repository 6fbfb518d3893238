//! Counting tests, from what their runners print.

use std::fmt;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::shell;

/// How many tests ran.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    passed: u64,
    failed: u64,
}

/// Who runs the tests, and so how the numbers are printed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Runner {
    /// `test result: ok. 3 passed; 0 failed; …`, once for each binary.
    Cargo,
    /// `# pass 3` and `# fail 0`, or with `ℹ` for `#`.
    Node,
    /// `  3 passed (2.1s)` and `  1 failed`.
    Playwright,
}

impl Count {
    /// Runs a test runner and counts. A runner that runs no test at all fails.
    pub(super) fn run(&mut self, runner: Runner, command: &mut Command) -> Result<()> {
        let before = *self;
        shell::run_observed(command, |line| self.note(runner, line))?;
        ensure!(*self != before, "`{}` ran no tests", shell::display(command));
        Ok(())
    }

    /// Makes sure that a failure shows, also one of a step that counts nothing.
    pub(super) fn fail_at_least_once(&mut self) {
        self.failed = self.failed.max(1);
    }

    fn note(&mut self, runner: Runner, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (passed, failed) = match (runner, words.as_slice()) {
            (Runner::Cargo, ["test", "result:", _, passed, "passed;", failed, "failed;", ..]) => {
                (*passed, *failed)
            }
            (Runner::Node, ["#" | "ℹ", "pass", passed]) => (*passed, "0"),
            (Runner::Playwright, [passed, "passed", time]) if time.starts_with('(') => {
                (*passed, "0")
            }
            (Runner::Node, ["#" | "ℹ", "fail", failed])
            | (Runner::Playwright, [failed, "failed"]) => ("0", *failed),
            _ => return,
        };
        self.passed += passed.parse().unwrap_or(0);
        self.failed += failed.parse().unwrap_or(0);
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Runner};

    fn counted(runner: Runner, output: &str) -> String {
        let mut count = Count::default();
        output.lines().for_each(|line| count.note(runner, line));
        count.to_string()
    }

    #[test]
    fn the_results_of_cargos_test_binaries_are_summed() {
        let output = "\
            test a ... ok\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";

        assert_eq!(counted(Runner::Cargo, output), "15 passed, 2 failed");
    }

    #[test]
    fn nodes_summary_is_read_in_both_of_its_forms() {
        assert_eq!(counted(Runner::Node, "# pass 3\n# fail 1"), "3 passed, 1 failed");
        assert_eq!(counted(Runner::Node, "ℹ pass 4\nℹ fail 0"), "4 passed, 0 failed");
    }

    #[test]
    fn playwrights_summary_is_read_and_not_what_a_test_prints() {
        let output = "  1 failed\n    [chromium] › a.spec.ts\n  7 passed (4.2s)\n99 passed here";

        assert_eq!(counted(Runner::Playwright, output), "7 passed, 1 failed");
    }
}
