//! Clusters that are broken on purpose: a check that has never failed proves nothing.

use everview_cluster::sim::{Weakness, swarm};

use crate::report;

/// Breaks each rule until that is noticed, in so many seeds at most; whether each was noticed.
pub(crate) fn run(seeds: u64) -> bool {
    let mut caught = 0;
    for weakness in Weakness::ALL {
        let found = (0..seeds).find_map(|seed| {
            let script = swarm::script(seed);
            let broken = swarm::run(&script, Some(weakness)).broken?;
            Some((seed, script, broken))
        });
        let Some((seed, script, broken)) = found else {
            println!("{weakness}: NOT caught in {seeds} seeds");
            continue;
        };
        caught += 1;
        let shrunk = swarm::shrunk(&script, Some(weakness));
        let broken = swarm::run(&shrunk, Some(weakness)).broken.unwrap_or(broken);
        println!("{weakness}: caught by {}", report::told(seed, &broken, &shrunk));
    }
    println!("{caught} of {} controls caught", Weakness::ALL.len());
    caught == Weakness::ALL.len()
}
