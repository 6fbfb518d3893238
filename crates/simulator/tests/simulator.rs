//! Clusters in a box, as JavaScript sees them.

use everview_simulator::{Simulation, Study, transcript};
use js_sys::{Error, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

const SCENARIO: &str =
    include_str!("../../cluster/tests/scenarios/asynchronous_promotion_loses.txt");

const SNAPSHOTS: &str = include_str!("../../cluster/tests/scenarios/beyond_its_snapshot.txt");

const SERVERS: &str = include_str!("../../cluster/tests/scenarios/server_is_drained.txt");

/// A scenario and what happens in it.
fn golden(scenario: &'static str) -> (&'static str, &'static str) {
    scenario.split_once("----\n").unwrap()
}

fn text(error: &JsValue) -> String {
    let code = Reflect::get(error, &"code".into()).unwrap().as_string().unwrap();
    format!("{code}: {}", String::from(error.dyn_ref::<Error>().unwrap().message()))
}

#[wasm_bindgen_test]
fn what_happens_is_the_same_as_natively() {
    for scenario in [SCENARIO, SERVERS, SNAPSHOTS] {
        let (scenario, expected) = golden(scenario);
        assert_eq!(transcript(scenario).unwrap(), expected);
    }
}

#[wasm_bindgen_test]
fn a_cluster_can_be_stopped_anywhere_and_looked_at() {
    let mut simulation = Simulation::new(golden(SCENARIO).0).unwrap();
    simulation.advance(1_050.0).unwrap();
    let before = simulation.status().unwrap().to_rust().unwrap();
    assert_eq!((before.leader.as_deref(), before.epoch, before.committed), (Some("A"), 1, 1));
    simulation.advance(simulation.until() - simulation.now()).unwrap();
    let after = simulation.status().unwrap().to_rust().unwrap();
    assert_eq!((after.leader.as_deref(), after.epoch, after.lost), (Some("B"), 2, 2));
    assert!(after.followers.iter().all(|follower| follower.health == "live"));
    let failover = simulation.failovers().unwrap()[0].to_rust().unwrap();
    assert_eq!((&*failover.from, failover.phases.len()), ("A", 5));
    assert!(simulation.drain_transcript().iter().any(|line| line.contains("lacks 2")));
    assert!(simulation.drain_transcript().is_empty());
    assert_eq!(kinds(&mut simulation), ["event", "event", "event", "rewind", "event"]);
}

/// What kinds of changes a client's views go through.
fn kinds(simulation: &mut Simulation) -> Vec<String> {
    let changes = simulation.drain_changes(None).unwrap();
    let kind = |change: JsValue| Reflect::get(&change, &"kind".into()).unwrap();
    changes.iter().map(|change| kind(change.js_value()).as_string().unwrap()).collect()
}

#[wasm_bindgen_test]
fn a_client_that_lacks_too_much_is_given_a_snapshot_as_bytes() {
    let mut simulation = Simulation::new(golden(SNAPSHOTS).0).unwrap();
    simulation.define("[views.all]\nkey = [\"id\"]\n[views.all.on.Paid]\n").unwrap();
    simulation.advance(simulation.until()).unwrap();

    let mut kinds = kinds(&mut simulation);
    kinds.dedup();
    assert_eq!(kinds, ["event", "resume", "event", "resume", "event"]);
    let refused = simulation.define("[views").unwrap_err();
    assert!(text(&refused).starts_with("definitions-invalid"), "{}", text(&refused));
}

#[wasm_bindgen_test]
fn what_is_injected_becomes_a_part_of_the_scenario() {
    let quiet = "seed 3\nat 0.5 s pay alice 10\nuntil 6 s\n";
    let mut simulation = Simulation::new(quiet).unwrap();
    simulation.advance(1_000.0).unwrap();
    simulation.inject("kill leader for 2 s").unwrap();
    simulation.advance(5_000.0).unwrap();
    assert_eq!(simulation.failovers().unwrap().len(), 1);
    let again = simulation.scenario();
    assert!(again.contains("kill leader for 2 s"), "{again}");
    let mut replayed = Simulation::new(&again).unwrap();
    replayed.advance(6_000.0).unwrap();
    assert_eq!(replayed.drain_transcript(), simulation.drain_transcript());
}

#[wasm_bindgen_test]
fn what_is_no_scenario_is_refused_with_its_place() {
    let refused = |scenario| text(&Simulation::new(scenario).unwrap_err());
    let error = refused("seed 1\nat 1 s tickle leader\nuntil 2 s\n");
    assert!(error.starts_with("scenario-invalid: ") && error.contains('2'), "{error}");
    let mut simulation = Simulation::new("seed 1\nuntil 2 s\n").unwrap();
    assert!(text(&simulation.inject("tickle leader").unwrap_err()).starts_with("scenario-invalid"));
    assert!(text(&simulation.inject("kill A\nuntil 9 s").unwrap_err()).contains("one line"));
}

#[wasm_bindgen_test]
fn a_study_runs_in_pieces_and_comes_to_the_same() {
    let in_pieces = |pieces: &[u32]| {
        let mut study = Study::new(3, Some(5), None).unwrap();
        for years in pieces {
            study.run(*years).unwrap();
        }
        let progress = study.run(0).unwrap().to_rust().unwrap();
        assert_eq!(progress.done, progress.total);
        let summaries = study.summaries().unwrap();
        summaries.iter().map(|summary| summary.to_rust().unwrap()).collect::<Vec<_>>()
    };
    let whole = in_pieces(&[1_000]);
    assert!(whole.len() > 2 && whole.iter().all(|summary| summary.years == 3), "{whole:?}");
    assert_eq!(in_pieces(&[1, 2, 3, 1_000]), whole);
    assert!(
        text(&Study::new(1, None, Some("most".into())).unwrap_err()).starts_with("study-invalid")
    );
}
