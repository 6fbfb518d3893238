//! Scenarios out of seeds, by the thousand, with the promises as the only judges.
//!
//! Each seed makes a [`Script`]: five nodes in zones or regions, a minute of payments, more than a
//! hundred faults, and a while after everything was mended in which all have to agree. Of one seed in
//! five, it is a minute of regions with a log each; and of another one, of servers beside the nodes.

mod generate;
mod shrink;

use alloc::vec::Vec;

use everview_core::{Engine, Log, Position, Timestamp};

use super::{Coverage, Script, Simulation, Violation, Weakness, bank};
use crate::{ClientId, FollowerOutput};

pub use shrink::shrunk;

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// How many faults happened.
    pub faults: u64,
    /// How many events were committed.
    pub events: u64,
    /// How many acknowledged events asynchronous promotions lost.
    pub lost: u64,
    /// How many failovers there were.
    pub failovers: u64,
    /// The states that were reached.
    pub coverage: Coverage,
    /// What was broken, if something was.
    pub broken: Option<Broken>,
}

/// A promise that was broken in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// When it was noticed.
    pub at: Timestamp,
    /// Which one.
    pub violation: Violation,
}

/// The script of a seed.
///
/// ```
/// use everview_cluster::sim::swarm;
///
/// let script = swarm::script(7);
/// assert!(script.steps.len() > 100);
/// assert_eq!(script, swarm::script(7));
/// ```
pub fn script(seed: u64) -> Script {
    generate::script(seed)
}

/// Plays a script, with a rule that is broken on purpose, if one is, and holds what happens against
/// the promises: in every moment, and at the end the views of every client against the log.
pub fn run(script: &Script, weakness: Option<Weakness>) -> Run {
    if script.is_regional() {
        return run_regions(script, weakness);
    }
    let mut simulation = script.simulation(weakness);
    let played = script.play(&mut simulation).and_then(|()| check_end(&mut simulation));
    Run {
        faults: simulation.faults(),
        events: simulation.committed_log().head().get(),
        lost: simulation.status().lost,
        failovers: simulation.failovers().len() as u64,
        coverage: simulation.coverage(),
        broken: played.err().map(|violation| Broken { at: simulation.now(), violation }),
    }
}

fn run_regions(script: &Script, weakness: Option<Weakness>) -> Run {
    let mut regions = script.regions(weakness);
    let played = script.play_regions(&mut regions).and_then(|()| regions.check_settled());
    Run {
        faults: regions.faults(),
        events: regions.confirmed(),
        lost: 0,
        failovers: 0,
        coverage: regions.coverage(),
        broken: played.err().map(|violation| Broken { at: regions.now(), violation }),
    }
}

/// All have the same log, and the views of every client are what it says.
fn check_end(simulation: &mut Simulation) -> Result<(), Violation> {
    simulation.check_settled()?;
    if let Some(position) = bank::overdraws(simulation.committed_log()) {
        return Err(Violation::Overdrawn { position });
    }
    let clients = (0..).map(ClientId).take(simulation.clients.len());
    let changes: Vec<Vec<_>> =
        clients.map(|client| simulation.drain_of(client).collect()).collect();
    let log = simulation.committed_log();
    let expected = fold(log).digest();
    for (client, changes) in (0..).map(ClientId).zip(changes) {
        if followed(changes).digest() != expected {
            return Err(Violation::ViewsDiffer { client, position: log.head() });
        }
    }
    Ok(())
}

/// The views of a client that did what its follower said.
fn followed(changes: Vec<FollowerOutput>) -> Engine {
    let mut views = bank::engine();
    for change in changes {
        match change {
            // One that is refused shows in the digest.
            FollowerOutput::Apply(entry) => drop(views.append(entry.epoch, &entry.event)),
            FollowerOutput::Rewind(to) => views.rewind(to),
            FollowerOutput::Forget => drop(views.clear()),
            FollowerOutput::Restore(snapshot) => drop(snapshot.restore(&mut views)),
            FollowerOutput::Connect { .. }
            | FollowerOutput::Refuse { .. }
            | FollowerOutput::WaitUntil(_) => {}
        }
    }
    views
}

fn fold(log: &Log) -> Engine {
    let mut views = bank::engine();
    for event in log.after(Position::START) {
        drop(views.append(event.epoch, &event.to_new()));
    }
    views
}

#[cfg(test)]
mod tests;
