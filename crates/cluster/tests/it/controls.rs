//! Clusters that are broken on purpose: a check that has never failed proves nothing.
//!
//! Those that take many seeds to be noticed are left to `cargo xtask simulate --controls`.

use everview_cluster::sim::{Action, Fault, Script, Violation, Weakness, swarm};

/// Breaks a rule, and gives the first seed that shows it, with what is broken.
fn noticed(weakness: Weakness, seeds: u64) -> Option<(u64, swarm::Broken)> {
    (0..seeds).find_map(|seed| {
        let broken = swarm::run(&swarm::script(seed), Some(weakness)).broken?;
        Some((seed, broken))
    })
}

#[test]
fn rules_that_are_broken_are_noticed() {
    let soon = [
        Weakness::NoFencing,
        Weakness::AckBeforeQuorum,
        Weakness::AckBeforeSync,
        Weakness::NoDeduplication,
        Weakness::NoCatchUp,
        Weakness::NoPromise,
        Weakness::TailKept,
        Weakness::TornWriteKept,
        Weakness::GapSkipped,
        Weakness::RepeatTaken,
        Weakness::RewindIgnored,
        Weakness::MergedByArrival,
        Weakness::CausesIgnored,
        Weakness::FewerReplicas,
        Weakness::VersionIgnored,
        Weakness::HorizonIgnored,
    ];
    for weakness in soon {
        assert!(noticed(weakness, 100).is_some(), "{weakness} is not noticed");
    }
}

#[test]
fn a_region_that_speaks_before_it_has_synced_is_noticed() {
    let weakness = Some(Weakness::AckBeforeSync);
    let mut regional = (0..100).map(swarm::script).filter(Script::is_regional);
    let noticed = regional.find_map(|script| swarm::run(&script, weakness).broken);
    let violation = noticed.unwrap().violation;
    assert!(
        matches!(violation, Violation::TwoChanges { .. } | Violation::ChangeLost { .. }),
        "{violation}"
    );
}

#[test]
fn the_shortest_script_that_shows_a_violation_is_found() {
    let weakness = Weakness::NoFencing;
    let (seed, broken) = noticed(weakness, 100).unwrap();
    let script = swarm::script(seed);

    let shrunk = swarm::shrunk(&script, Some(weakness));

    let still = swarm::run(&shrunk, Some(weakness)).broken.unwrap();
    let kind = std::mem::discriminant(&broken.violation);
    assert_eq!(std::mem::discriminant(&still.violation), kind);
    let faults = |step: &&_| {
        !matches!(step, everview_cluster::sim::Step { action: Action::Fault(Fault::Mend), .. })
    };
    let (before, after) =
        (script.steps.iter().filter(faults).count(), shrunk.steps.iter().filter(faults).count());
    assert!(after < 10 && after < before, "{after} of {before} steps are left:\n{shrunk}");
}
