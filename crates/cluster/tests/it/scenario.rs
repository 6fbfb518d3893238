//! Runs every story in `tests/scenarios` and compares what happens with what is written there.
//!
//! ```text
//! # What the story is about.
//! seed 7   serve committed   until 8 s
//! at 1.0 s   pay alice 10
//! at 2.0 s   kill A
//! ----
//! what happens, a line at a time
//! ```
//!
//! `UPDATE=1 cargo test -p everview-cluster` writes what happens into the files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use everview_cluster::sim::{Endpoint, Fault, SimConfig, Simulation};
use everview_cluster::{NodeId, Serve};
use everview_core::command::Command;
use everview_core::{Position, Timestamp};

use crate::account::{bus, pay};

struct Scenario {
    config: SimConfig,
    until: Timestamp,
    steps: Vec<(Timestamp, Step)>,
}

enum Step {
    Submit(Command),
    Inject(Fault),
}

#[test]
fn every_story_goes_as_it_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    let mut changed = Vec::new();
    for path in paths {
        let told = std::fs::read_to_string(&path).unwrap();
        let script = told.split("----\n").next().unwrap();
        let happened = format!("{script}----\n{}", transcript(&parse(script)));
        if told != happened {
            changed.push(format!("{}\n{happened}", path.display()));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&path, happened).unwrap();
            }
        }
    }
    assert!(changed.is_empty(), "it goes differently:\n{}", changed.join("\n"));
}

fn transcript(scenario: &Scenario) -> String {
    let mut simulation = Simulation::new(scenario.config.clone(), |_| None, bus);
    let mut out = String::new();
    let result = play(&mut simulation, scenario);
    for line in simulation.drain_trace() {
        let _ = writeln!(out, "{}  {line}", seconds(line.at.micros()));
    }
    match result.and_then(|()| simulation.check_settled()) {
        Ok(()) => {
            let log = simulation.committed_log();
            let _ = writeln!(
                out,
                "{}  -       all have the same log",
                seconds(simulation.now().micros())
            );
            for event in log.after(Position::START) {
                let _ = writeln!(
                    out,
                    "  {} {} {} {}",
                    event.position, event.epoch, event.subject, event.data
                );
            }
        }
        Err(violation) => {
            let _ = writeln!(out, "broken: {violation}");
        }
    }
    for failover in simulation.failovers() {
        let _ = write!(out, "failover {} {}", failover.from, failover.from_epoch);
        if let (Some(to), Some(epoch)) = (failover.to, failover.to_epoch) {
            let _ = write!(out, " to {to} {epoch}");
        }
        for (phase, micros) in failover.phases() {
            let _ = write!(out, " | {} {}", phase.name(), seconds(micros).trim_start());
        }
        let total = failover.total_micros().map_or("going on".to_owned(), seconds);
        let _ = writeln!(out, " | total {}", total.trim_start());
    }
    out
}

fn play(
    simulation: &mut Simulation,
    scenario: &Scenario,
) -> Result<(), everview_cluster::sim::Violation> {
    for (at, step) in &scenario.steps {
        simulation.advance(*at)?;
        match step {
            Step::Submit(command) => drop(simulation.submit(command.clone())),
            Step::Inject(fault) => simulation.inject(*fault)?,
        }
    }
    simulation.advance(scenario.until)
}

fn seconds(micros: i64) -> String {
    format!("{:>3}.{:03}", micros / 1_000_000, micros / 1_000 % 1_000)
}

fn parse(script: &str) -> Scenario {
    let mut scenario =
        Scenario { config: SimConfig::default(), until: Timestamp::default(), steps: Vec::new() };
    for line in script.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["at", time, "s", step @ ..] => scenario.steps.push((time_of(time), parse_step(step))),
            settings => settings.chunks(2).for_each(|setting| set(&mut scenario, setting)),
        }
    }
    scenario
}

fn set(scenario: &mut Scenario, setting: &[&str]) {
    match setting {
        ["seed", seed] => scenario.config.seed = seed.parse().unwrap(),
        ["serve", "committed"] => scenario.config.serve = Serve::Committed,
        ["serve", "appended"] => scenario.config.serve = Serve::Appended,
        ["until", time] => scenario.until = time_of(time),
        _ => panic!("no such setting: {setting:?}"),
    }
}

fn parse_step(words: &[&str]) -> Step {
    let fault = match *words {
        ["pay", account, amount] => return Step::Submit(pay(account, amount.parse().unwrap())),
        ["kill", id] => Fault::Kill(node(id)),
        ["restart", id] => Fault::Restart(node(id)),
        ["freeze", id] => Fault::Freeze(node(id)),
        ["thaw", id] => Fault::Thaw(node(id)),
        ["isolate", id] => Fault::Isolate(node(id)),
        ["cut", from, to] => Fault::Cut(endpoint(from), endpoint(to)),
        ["slow", from, to, millis] => {
            Fault::Slow(endpoint(from), endpoint(to), millis.parse().unwrap())
        }
        ["heal"] => Fault::Heal,
        _ => panic!("no such step: {words:?}"),
    };
    Step::Inject(fault)
}

fn endpoint(name: &str) -> Endpoint {
    match name {
        "lease" => Endpoint::Lease,
        "client" => Endpoint::Client,
        id => Endpoint::Node(node(id)),
    }
}

fn node(name: &str) -> NodeId {
    (0..=u8::MAX).map(NodeId::new).find(|id| id.to_string() == name).unwrap()
}

fn time_of(seconds: &str) -> Timestamp {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let millis: i64 = format!("{whole}{fraction:0<3}").parse().unwrap();
    Timestamp::from_millis(millis)
}
