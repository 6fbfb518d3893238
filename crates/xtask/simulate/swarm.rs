//! Random scenarios by the thousand.

use everview_cluster::sim::{Sometimes, swarm};

use crate::report;

/// With fewer seeds, that a state was not reached says nothing.
const ENOUGH: u64 = 200;

/// Plays the scripts of so many seeds; whether no promise was broken and every state was reached.
pub(crate) fn run(first: u64, count: u64) -> bool {
    let totals = report::play(first, count, swarm::script);
    if count >= ENOUGH {
        totals.print_missing();
    }
    totals.print();
    let reached = usize::try_from(totals.coverage.count()).unwrap_or(0);
    totals.violations == 0 && (count < ENOUGH || reached == Sometimes::ALL.len())
}
