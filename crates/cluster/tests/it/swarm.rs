//! Random faults by the hundred seeds, and only the promises as judges.
//!
//! `EVERVIEW_SEEDS=10000 cargo test -p everview-cluster` tries more of them here, and
//! `cargo xtask simulate --seeds 1000000` many more, faster; a failure names its seed.

use everview_cluster::sim::{Coverage, Sometimes, swarm};

fn seeds() -> u64 {
    std::env::var("EVERVIEW_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

#[test]
fn whatever_fails_no_promise_is_broken_and_every_state_is_reached() {
    let (mut coverage, mut faults, mut events) = (Coverage::default(), 0, 0);
    for seed in 0..seeds() {
        let run = swarm::run(&swarm::script(seed), None);
        assert_eq!(run.broken, None, "seed {seed}: cargo xtask simulate --seed {seed} shows how");
        coverage = coverage.and(run.coverage);
        (faults, events) = (faults + run.faults, events + run.events);
    }
    // The faults are real, and so is the work.
    assert!(100 * seeds() < faults, "only {faults} faults");
    assert!(100 * seeds() < events, "only {events} events");
    let missing: Vec<_> = coverage.missing().map(Sometimes::name).collect();
    assert_eq!(missing, [""; 0], "the swarm does not get there any more");
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in [3, 7] {
        let script = swarm::script(seed);
        assert_eq!(script.transcript(), script.transcript());
    }
}

#[test]
fn a_script_of_the_swarm_is_the_same_when_it_is_printed_and_read() {
    for seed in 0..100 {
        let script = swarm::script(seed);
        assert_eq!(script.to_string().parse(), Ok(script), "seed {seed}");
    }
}
