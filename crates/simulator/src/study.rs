//! Studies: years of designs, and which of them keeps the promise.

use everview_cluster::availability::{Availability, Objective};
use everview_cluster::study::{self, Recovery, StudyConfig};
use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::shape::share;
use crate::{broken, error, out};

/// How many failovers are simulated to draw from, as `everview study` does.
const FAILOVERS: u32 = 50;

/// Digits after the point of availabilities, which are rounded down.
const DIGITS: usize = 6;

/// How far a study is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct Progress {
    /// Years that were run, of all designs together.
    pub done: u64,
    /// Years that there are to run.
    pub total: u64,
}

/// What was found for a design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The design.
    pub name: String,
    /// How many machines are paid for.
    pub machines: u32,
    /// Which share of them answered requests, as a percentage.
    pub used: String,
    /// How many years were run.
    pub years: u64,
    /// How available they were: percentages, rounded down.
    pub availability: Spread<String>,
    /// How many years met the objective.
    pub met: u64,
    /// Whether the objective is met: in 19 of 20 years, in half of them, or not.
    #[tsify(type = "\"yes\" | \"in most years\" | \"no\"")]
    pub verdict: String,
    /// How many failovers there were.
    pub failovers: u64,
    /// The milliseconds that they took.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub recovery: Option<Spread<f64>>,
    /// Acknowledged writes that were lost in a year.
    pub writes_lost: Spread<u64>,
    /// Conflicts to be expected in a year.
    pub conflicts: Spread<u64>,
}

/// A figure over all years.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct Spread<T> {
    /// One in twenty is at most this.
    pub low: T,
    /// Half are at most this.
    pub median: T,
    /// One in twenty is at least this.
    pub high: T,
}

/// A study that compares active-passive, active-active and several regions, under way.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Study(study::Study);

#[wasm_bindgen]
impl Study {
    /// A study of so many years of each design, the first of them with this seed (0 unless it is said),
    /// against an objective such as `99.99` (percent).
    ///
    /// Throws `study-invalid`, and `promise-broken` if a failover breaks one.
    #[wasm_bindgen(constructor)]
    pub fn new(years: u32, seed: Option<u32>, objective: Option<String>) -> Result<Study, JsValue> {
        let mut objectives = Objective::default();
        if let Some(text) = objective {
            let parsed: Result<Availability, _> = text.parse();
            objectives.availability =
                parsed.map_err(|problem| error("study-invalid", &problem.to_string()))?;
        }
        let seed = u64::from(seed.unwrap_or(0));
        let recovery = Recovery::measured(seed, FAILOVERS).map_err(broken)?;
        let config = StudyConfig {
            years,
            first_seed: seed,
            objective: objectives,
            ..StudyConfig::new(recovery)
        };
        let study = study::Study::new(config);
        study.map(Self).map_err(|problem| error("study-invalid", &problem.to_string()))
    }

    /// Runs so many more years, fewer if it ends before; how far it is then.
    pub fn run(&mut self, years: u32) -> Result<Ts<Progress>, JsValue> {
        self.0.by_ref().take(years as usize).for_each(drop);
        let study::Progress { done, total } = self.0.progress();
        out(&Progress { done, total })
    }

    /// What was found so far, for each design of which a year was run.
    pub fn summaries(&self) -> Result<Vec<Ts<Summary>>, JsValue> {
        self.0.summaries().iter().map(|summary| out(&Summary::of(summary))).collect()
    }
}

impl Summary {
    fn of(summary: &study::Summary) -> Self {
        let percent = |availability: Availability| format!("{availability:.DIGITS$}");
        Self {
            name: summary.name.clone(),
            machines: summary.machines,
            used: percent(summary.used),
            years: summary.years as u64,
            availability: spread(&summary.availability, percent),
            met: summary.met as u64,
            verdict: summary.verdict.to_string(),
            failovers: summary.failovers as u64,
            recovery: summary
                .recovery
                .as_ref()
                .map(|all| spread(all, |micros| share(micros, 1_000))),
            writes_lost: spread(&summary.writes_lost, |writes| writes),
            conflicts: spread(&summary.conflicts, |conflicts| conflicts),
        }
    }
}

fn spread<T: Copy, U>(spread: &study::Spread<T>, map: impl Fn(T) -> U) -> Spread<U> {
    Spread { low: map(spread.low), median: map(spread.median), high: map(spread.high) }
}
