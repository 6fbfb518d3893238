//! How far a command is, on standard error.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

/// Says how far a command is: often in place on a terminal, now and then as a line elsewhere.
pub(crate) struct Progress {
    started: Instant,
    said: Instant,
    every: Duration,
    is_terminal: bool,
    is_line_open: bool,
}

impl Progress {
    pub(crate) fn start() -> Self {
        let now = Instant::now();
        let is_terminal = stderr().is_terminal();
        let every = if is_terminal { Duration::from_millis(200) } else { Duration::from_secs(10) };
        Self { started: now, said: now, every, is_terminal, is_line_open: false }
    }

    /// Shows how far it is, if it is time to.
    pub(crate) fn show(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.said.elapsed() < self.every {
            return;
        }
        self.said = Instant::now();
        let line = line(self);
        if self.is_terminal {
            self.is_line_open = true;
            let _ = write!(stderr(), "\r\x1b[K{line}");
        } else {
            crate::say(&line);
        }
    }

    /// Clears what stands on the terminal, so that other lines can be written.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.is_line_open) {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }

    /// How many there were, and how fast.
    pub(crate) fn described(&self, count: u64, what: &str) -> String {
        let elapsed = self.started.elapsed();
        let millis = elapsed.as_millis().max(1);
        let rate = u128::from(count) * 1_000 / millis;
        format!("{count} {what} in {:.1} s ({rate} a second)", elapsed.as_secs_f64())
    }
}
