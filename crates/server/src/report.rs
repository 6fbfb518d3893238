//! What is said of a replay on standard error.

use everview_core::{Engine, Value};

use crate::output::printable;
use crate::progress::Progress;
use crate::replay::Finding;
use crate::say;

/// How many refused records are told one by one; so with gaps, and with what is quarantined.
const TOLD: usize = 20;

/// Tells what was refused as it comes up, and sums up at the end.
pub(crate) struct Report {
    progress: Progress,
    /// How many of the refused records that the engine keeps were looked at.
    refusals: usize,
    /// So of the gaps.
    gaps: usize,
}

impl Report {
    pub(crate) fn new(progress: Progress) -> Self {
        Self { progress, refusals: 0, gaps: 0 }
    }

    /// Tells what is new since the last call, all of it from `file`.
    pub(crate) fn note(&mut self, file: &str, engine: &Engine) {
        let intake = engine.intake();
        for refused in intake.refusals.iter().take(TOLD).skip(self.refusals) {
            let (line, offset, reason) = (refused.line, refused.offset, &refused.reason);
            self.tell(&format!("{file}, line {line}, byte {offset}: {reason}"));
        }
        self.refusals = intake.refusals.len();
        for gap in intake.gaps.iter().take(TOLD).skip(self.gaps) {
            let (source, position) = (&gap.source, gap.position);
            let (expected, found) = (gap.expected, gap.found);
            self.tell(&format!(
                "{file}, a gap before {position}: \
                 expected sequence {expected} from `{source}`, found {found}"
            ));
        }
        self.gaps = intake.gaps.len();
        let events = engine.head().get();
        self.progress.show(|so_far| format!("{file}: {}", so_far.described(events, "events")));
    }

    /// Tells what is quarantined, and how it went altogether.
    pub(crate) fn finish(&mut self, engine: &Engine) -> Finding {
        for refused in engine.quarantine().take(TOLD) {
            let (position, view, error) = (refused.position, &refused.view, &refused.error);
            self.tell(&format!("quarantined {position} in the view `{view}`: {error}"));
        }
        let left_out: Vec<String> = engine.views().flat_map(left_out_rows).collect();
        for line in left_out.iter().take(TOLD) {
            self.tell(line);
        }
        let intake = engine.intake();
        let quarantined = engine.views().map(|view| engine.quarantined(view.name()) as u64).sum();
        let counts = [
            (intake.duplicates, "duplicate dropped", "duplicates dropped"),
            (intake.gap_count, "gap", "gaps"),
            (intake.refused, "record refused", "records refused"),
            (quarantined, "event quarantined", "events quarantined"),
            (left_out.len() as u64, "row left out", "rows left out"),
        ];
        let mut summary = vec![self.progress.described(intake.accepted, "events")];
        for (count, one, several) in counts.into_iter().filter(|(count, _, _)| *count > 0) {
            summary.push(format!("{count} {}", if count == 1 { one } else { several }));
        }
        self.tell(&summary.join(", "));
        let is_clean = intake.refused == 0 && quarantined == 0 && left_out.is_empty();
        if is_clean { Finding::Clean } else { Finding::SomeRefused }
    }

    fn tell(&mut self, line: &str) {
        self.progress.clear();
        say(&printable(line));
    }
}

/// The rows of a derived view that could not be computed.
fn left_out_rows(view: everview_core::View<'_>) -> Vec<String> {
    let row = |(key, error): (&everview_core::Key, &everview_core::EvaluateError)| {
        let key: Vec<String> = key.iter().map(Value::to_string).collect();
        let (name, key) = (view.name(), key.join(", "));
        format!("left out a row of the view `{name}` (from `{key}`): {error}")
    };
    view.errors().map(row).collect()
}
