use super::*;

#[test]
fn whatever_fails_no_promise_is_broken() {
    let seeds = 60;
    let runs: Vec<_> = (0..seeds).map(|seed| (seed, run(&script(seed), None))).collect();
    for (seed, run) in &runs {
        assert_eq!(run.broken, None, "seed {seed}");
        assert!(run.faults > 100, "seed {seed} has {} faults", run.faults);
    }
}
