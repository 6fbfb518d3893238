//! A study of designs, a year at a time.

use everview_cluster::study::{self, Recovery, Study, StudyConfig};
use everview_protocol::session::{DesignState, DesignVerdict, StudyRow, StudyState};

/// How many failovers are simulated, to draw from: as many as `everview study` does.
const FAILOVERS: u32 = 50;

/// The most years of a design.
const YEARS: u32 = 10_000;

/// A study, and how far it has come.
#[derive(Debug)]
pub(super) struct StudyRun {
    study: Study,
    is_running: bool,
    /// In hundredths of the whole, when the page was last told.
    told: Option<u64>,
}

impl StudyRun {
    /// One that is about to begin.
    ///
    /// # Errors
    ///
    /// Why there is nothing to study.
    pub(super) fn new(years: u32) -> Result<Self, String> {
        let recovery = Recovery::measured(0, FAILOVERS).map_err(|broken| broken.to_string())?;
        let years = years.clamp(1, YEARS);
        let config = StudyConfig { years, ..StudyConfig::new(recovery) };
        let study = Study::new(config).map_err(|error| error.to_string())?;
        Ok(Self { study, is_running: true, told: None })
    }

    pub(super) const fn is_running(&self) -> bool {
        self.is_running
    }

    /// Runs a year of a design.
    pub(super) fn step(&mut self) {
        self.is_running = self.study.next().is_some();
    }

    pub(super) const fn cancel(&mut self) {
        self.is_running = false;
    }

    /// What is new, if enough is that somebody would see it.
    pub(super) fn news(&mut self) -> Option<StudyState> {
        let progress = self.study.progress();
        // The last hundredth comes once more, when it is over.
        let hundredths = progress.done * 100 / progress.total.max(1);
        let now = hundredths * 2 + u64::from(!self.is_running);
        if self.told.replace(now) == Some(now) {
            return None;
        }
        let summaries = self.study.summaries();
        let objective = self.study.config().objective;
        let design = |one: &study::Summary| DesignState {
            name: one.name.clone(),
            verdict: match one.verdict {
                study::Verdict::Met => DesignVerdict::Met,
                study::Verdict::MetInMostYears => DesignVerdict::MetInMostYears,
                study::Verdict::Missed => DesignVerdict::Missed,
            },
        };
        let rows = study::table(&summaries, objective);
        Some(StudyState {
            done: progress.done,
            total: progress.total,
            is_running: self.is_running,
            objective: objective.to_string(),
            conditions: study::conditions(self.study.config()),
            designs: summaries.iter().map(design).collect(),
            rows: rows.into_iter().map(|(label, figures)| StudyRow { label, figures }).collect(),
        })
    }
}
