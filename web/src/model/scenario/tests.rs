use everview_cluster::sim::{Coverage, Script, Sometimes, Violation};
use everview_protocol::session::Source;

use super::SCENARIOS;

/// The state that a scenario is there to show.
fn shows(title: &str) -> Sometimes {
    match title {
        "The leader dies" | "The leader's store fails" => Sometimes::DecidedElsewhere,
        "A zone is lost" => Sometimes::ZoneGone,
        "The leader is cut off" => Sometimes::LeaseLost,
        "A link fails in one direction" => Sometimes::NoQuorum,
        "Links get slow and lose messages" => Sometimes::WronglySuspected,
        "The leader's clock is set back" => Sometimes::LeaseOverlaps,
        "The leader stands still" => Sometimes::WokeDeposed,
        "The leader's disk stalls" => Sometimes::SyncHeldUp,
        "An asynchronous replica is promoted" => Sometimes::AcknowledgedLost,
        "A client is away for too long" => Sometimes::ClientStarted,
        "Servers share the work" => Sometimes::ServerEjected,
        "Two regions write the same account" => Sometimes::ConflictOpen,
        other => panic!("nobody said what `{other}` shows"),
    }
}

/// What playing it reaches.
fn coverage(script: &Script) -> Result<Coverage, Violation> {
    if script.is_regional() {
        let mut regions = script.regions(None);
        script.play_regions(&mut regions)?;
        regions.check_settled()?;
        return Ok(regions.coverage());
    }
    let mut simulation = script.simulation(None);
    script.play(&mut simulation)?;
    Ok(simulation.coverage())
}

#[test]
fn every_scenario_shows_what_it_is_there_for_and_breaks_no_promise() {
    let mut missed = Vec::new();
    for text in SCENARIOS {
        let title = Source::title(text);
        let script: Script = text.parse().unwrap_or_else(|error| panic!("{title}: {error}"));
        assert_eq!(script.to_string(), text, "{title}: it is printed otherwise");
        let coverage = coverage(&script).unwrap_or_else(|broken| panic!("{title}: {broken}"));
        if !coverage.has(shows(title)) {
            let reached = |state: &Sometimes| coverage.has(*state);
            missed.push((title, Sometimes::ALL.into_iter().filter(reached).collect::<Vec<_>>()));
        }
    }
    assert_eq!(missed, []);
}
