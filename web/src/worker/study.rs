//! A study of designs, a year at a time.

use everview_cluster::availability::Objective;
use everview_cluster::study::{self, Configuration, Measuring, Study, StudyConfig, Summary};
use everview_protocol::session::{DesignState, DesignVerdict, StudyRow, StudyState};

/// How many failures of each kind are simulated, to draw from: as many as `everview study` does.
const FAILURES: u32 = 50;

/// The most years of a design.
const YEARS: u32 = 10_000;

/// A study, and how far it has come.
#[derive(Debug)]
pub(super) struct StudyRun {
    stage: Stage,
    years: u32,
    is_running: bool,
    /// How far it was when the page was last told.
    told: Option<u64>,
}

#[derive(Debug)]
enum Stage {
    /// What failures come to is found out first.
    Measuring(Measuring),
    Years(Box<Study>),
    /// There is nothing to be studied: why.
    Nothing(String),
}

impl StudyRun {
    /// One that is about to begin.
    pub(super) fn new(years: u32) -> Self {
        let stage = Stage::Measuring(Measuring::new(0, FAILURES));
        Self { stage, years: years.clamp(1, YEARS), is_running: true, told: None }
    }

    pub(super) const fn is_running(&self) -> bool {
        self.is_running
    }

    /// Simulates a failure of each kind, or runs a year of a design.
    pub(super) fn step(&mut self) {
        let next = match &mut self.stage {
            Stage::Measuring(measuring) => match measuring.step() {
                Ok(true) => return,
                Ok(false) => {
                    let recovery = measuring.clone().finish();
                    let config = StudyConfig { years: self.years, ..StudyConfig::new(recovery) };
                    Study::new(config).map_or_else(
                        |error| Stage::Nothing(error.to_string()),
                        |study| Stage::Years(Box::new(study)),
                    )
                }
                Err(broken) => Stage::Nothing(broken.to_string()),
            },
            Stage::Years(study) => {
                self.is_running = study.next().is_some();
                return;
            }
            Stage::Nothing(_) => return self.is_running = false,
        };
        self.stage = next;
    }

    pub(super) const fn cancel(&mut self) {
        self.is_running = false;
    }

    /// What is new, if enough is that somebody would see it.
    pub(super) fn news(&mut self) -> Option<StudyState> {
        let total = u64::from(self.years) * Configuration::standard().len() as u64;
        let (done, summaries, conditions): (_, Vec<Summary>, _) = match &self.stage {
            Stage::Measuring(_) => (0, Vec::new(), Vec::new()),
            Stage::Years(study) => {
                (study.progress().done, study.summaries(), study::conditions(study.config()))
            }
            Stage::Nothing(problem) => (0, Vec::new(), vec![problem.clone()]),
        };
        // The last hundredth comes once more, when it is over.
        let now = done * 100 / total.max(1) * 2 + u64::from(!self.is_running);
        if self.told.replace(now) == Some(now) {
            return None;
        }
        let objective = Objective::default();
        let design = |one: &Summary| DesignState {
            name: one.name.clone(),
            verdict: match one.verdict {
                study::Verdict::Met => DesignVerdict::Met,
                study::Verdict::MetInMostYears => DesignVerdict::MetInMostYears,
                study::Verdict::Missed => DesignVerdict::Missed,
            },
        };
        let rows = study::table(&summaries, objective);
        Some(StudyState {
            done,
            total,
            is_running: self.is_running,
            objective: objective.to_string(),
            conditions,
            designs: summaries.iter().map(design).collect(),
            rows: rows.into_iter().map(|(label, figures)| StudyRow { label, figures }).collect(),
        })
    }
}
