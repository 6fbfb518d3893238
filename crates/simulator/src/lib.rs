//! The npm package's module `everview/simulator`: clusters in a box, whose nodes and followers run the
//! code that real ones run.
//!
//! It is a module of its own, so that who wants views does not load it.

mod shape;
mod study;

use core::fmt;

use everview_cluster::sim::{self, Script, Step, Violation};
use everview_cluster::{ClientId, FollowerOutput, Snapshot};
use everview_core::Timestamp;
use everview_heap as _;
use everview_protocol::definitions;
use js_sys::{Error, Reflect};
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use shape::{Change, Failover, Status};
pub use study::Study;

/// Runs once, when the module is loaded: panics then say on the console what happened.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// What happens in a scenario from its beginning to its end, as text: the same on every machine.
///
/// Throws `scenario-invalid`.
#[wasm_bindgen]
pub fn transcript(scenario: &str) -> Result<String, JsValue> {
    Ok(parse(scenario)?.transcript())
}

/// A simulated cluster with its clients, at a moment.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Simulation {
    script: Script,
    cluster: sim::Simulation,
    /// The next step of the script that is still to happen.
    next: usize,
}

#[wasm_bindgen]
impl Simulation {
    /// The cluster of a scenario, about to start. Scenarios are written as in the dashboard: a line
    /// such as `at 1 s kill leader for 2 s` for each thing that happens.
    ///
    /// Throws `scenario-invalid`, with the line.
    #[wasm_bindgen(constructor)]
    pub fn new(scenario: &str) -> Result<Simulation, JsValue> {
        let script = parse(scenario)?;
        if script.is_regional() {
            let problem = "its regions have a log each: only `transcript` runs it";
            return Err(error("scenario-invalid", problem));
        }
        let cluster = script.simulation(None);
        Ok(Self { script, cluster, next: 0 })
    }

    /// Says which views the nodes' snapshots are of, in a definitions file: those of the engine that a
    /// client's changes go into. Only a scenario such as `retain 200 events` has snapshots.
    ///
    /// Throws `definitions-invalid`.
    pub fn define(&mut self, definitions: &str) -> Result<(), JsValue> {
        let invalid =
            |problem: &dyn fmt::Display| error("definitions-invalid", &problem.to_string());
        let definitions = definitions::parse(definitions).map_err(|problem| invalid(&problem))?;
        self.cluster.define(&definitions).map_err(|problem| invalid(&problem))
    }

    /// Milliseconds since the start.
    #[wasm_bindgen(getter)]
    pub fn now(&self) -> f64 {
        shape::share(self.passed().micros(), 1_000)
    }

    /// The milliseconds after which the scenario ends.
    #[wasm_bindgen(getter)]
    pub fn until(&self) -> f64 {
        shape::share(self.script.until.micros(), 1_000)
    }

    /// Lets so many milliseconds pass, with all that the scenario says happens in them.
    ///
    /// Throws `promise-broken` if the cluster breaks one of its promises; it stays at that moment.
    pub fn advance(&mut self, milliseconds: f64) -> Result<(), JsValue> {
        #[expect(clippy::cast_possible_truncation, reason = "a float becomes the nearest in range")]
        let to = self.passed().plus_millis(milliseconds.max(0.0) as i64);
        while let Some(step) = self.script.steps.get(self.next).filter(|step| step.at <= to) {
            self.cluster.advance(self.cluster.after_start(step.at)).map_err(broken)?;
            step.happen(&mut self.cluster).map_err(broken)?;
            self.next += 1;
        }
        self.cluster.advance(self.cluster.after_start(to)).map_err(broken)
    }

    /// Lets something happen now that is written as in a scenario, such as `kill leader for 2 s`. It
    /// becomes a part of the scenario.
    ///
    /// Throws `scenario-invalid` and `promise-broken`.
    pub fn inject(&mut self, what: &str) -> Result<(), JsValue> {
        let step = Step::parse(self.passed(), what)
            .map_err(|problem| error("scenario-invalid", &problem.to_string()))?;
        step.happen(&mut self.cluster).map_err(broken)?;
        self.script.steps.insert(self.next, step);
        self.next += 1;
        Ok(())
    }

    /// The scenario as text, with all that was injected: played again, the same happens.
    #[wasm_bindgen(getter)]
    pub fn scenario(&self) -> String {
        self.script.to_string()
    }

    /// How everybody is, as an onlooker who sees everything would say.
    pub fn status(&self) -> Result<Ts<Status>, JsValue> {
        out(&Status::of(&self.cluster.status()))
    }

    /// The failovers so far, each with how long its phases took.
    pub fn failovers(&self) -> Result<Vec<Ts<Failover>>, JsValue> {
        let start = self.cluster.start_time();
        let failovers = self.cluster.failovers();
        failovers.iter().map(|failover| out(&Failover::of(failover, start))).collect()
    }

    /// What happened since this was last asked, a line each; of a long time the latest 10,000.
    #[wasm_bindgen(js_name = drainTranscript)]
    pub fn drain_transcript(&mut self) -> Vec<String> {
        let start = self.cluster.start_time();
        let line = |line: sim::TraceLine| format!("{:>8}  {line}", line.at.millis_since(start));
        self.cluster.drain_trace().map(line).collect()
    }

    /// What a client's follower wants done to its views since this was last asked, in order: events to
    /// be taken in, as `engine.read` takes them, positions for `engine.rewind`, snapshots for
    /// `engine.resume` (see `define`), and `engine.clear`. Clients count from 0.
    #[wasm_bindgen(js_name = drainChanges)]
    pub fn drain_changes(&mut self, client: Option<u32>) -> Result<Vec<Ts<Change>>, JsValue> {
        let client = ClientId(client.unwrap_or(0).into());
        let changes = self.cluster.drain_of(client).filter_map(|output| match output {
            FollowerOutput::Apply(entry) => Some(Change::Event {
                position: entry.position.get(),
                epoch: entry.epoch.get(),
                line: entry.event.to_json(),
            }),
            FollowerOutput::Rewind(position) => Some(Change::Rewind { position: position.get() }),
            FollowerOutput::Restore(Snapshot { at, bytes, .. }) => {
                Some(Change::Resume { position: at.position.get(), snapshot: bytes.to_vec() })
            }
            FollowerOutput::Forget => Some(Change::Clear),
            FollowerOutput::Connect { .. }
            | FollowerOutput::Refuse { .. }
            | FollowerOutput::WaitUntil(_) => None,
        });
        changes.map(|change| out(&change)).collect()
    }
}

impl Simulation {
    /// The time since the start.
    fn passed(&self) -> Timestamp {
        let start = self.cluster.start_time();
        Timestamp::from_micros(self.cluster.now().micros() - start.micros())
    }
}

fn parse(scenario: &str) -> Result<Script, JsValue> {
    scenario
        .parse()
        .map_err(|problem: sim::ScriptError| error("scenario-invalid", &problem.to_string()))
}

#[expect(clippy::needless_pass_by_value, reason = "errors are handed over")]
pub(crate) fn broken(violation: Violation) -> JsValue {
    error("promise-broken", &violation.to_string())
}

pub(crate) fn out<T: Tsify + Serialize>(value: &T) -> Result<Ts<T>, JsValue> {
    value.into_ts().map_err(|problem| error("answer-invalid", &problem.to_string()))
}

/// An `Error` with a code.
pub(crate) fn error(code: &str, message: &str) -> JsValue {
    let error = Error::new(message);
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}
