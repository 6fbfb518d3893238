use everview_cluster::sim::{Script, Simulation};
use proptest::prelude::*;

use super::*;

/// A cluster that is looked at now and then while things go wrong.
fn looked_at(script: &str, looks: u32, every_ms: i64) -> (Past, Simulation) {
    let script: Script = script.parse().expect("a script");
    let mut simulation = script.simulation(None);
    let mut steps = script.steps.iter().peekable();
    let mut past = Past::default();
    for _ in 0..looks {
        let to = simulation.now().plus_millis(every_ms);
        while let Some(step) = steps.next_if(|step| simulation.after_start(step.at) <= to) {
            simulation.advance(simulation.after_start(step.at)).expect("no broken promise");
            step.happen(&mut simulation).expect("no broken promise");
        }
        simulation.advance(to).expect("no broken promise");
        past.note(Observed::OneLog(simulation.status()));
        simulation.drain().for_each(drop);
    }
    (past, simulation)
}

fn leader(moment: &Moment) -> Option<NodeId> {
    match &moment.observed {
        Observed::OneLog(status) => status.leader,
        Observed::PerRegion(_) => None,
    }
}

const KILLED: &str =
    "seed 7\npayments every 100 ms in 5 accounts until 60 s\nat 5 s kill leader for 6 s\n";

#[test]
fn the_past_is_as_it_was_when_the_client_had_an_event() {
    let (past, simulation) = looked_at(KILLED, 400, 50);
    let leaders: Vec<_> = past.terms().iter().map(|term| term.leader).collect();
    let (first, last) = (leaders[1].expect("somebody"), leaders[3].expect("somebody"));
    assert_eq!(leaders, [None, Some(first), None, Some(last)]);
    assert_ne!(first, last);

    let now = simulation.status();
    let head = now.followers[0].position;
    assert_eq!(past.at(head, None).map(leader), Some(Some(last)));
    assert_eq!(past.at(Position::new(3), None).map(leader), Some(Some(first)));
    assert_eq!(
        past.at(Position::new(3), None).map(|moment| moment.position),
        Some(Position::new(3))
    );
}

#[test]
fn while_no_event_came_there_are_moments_to_look_at() {
    let (past, _) = looked_at(KILLED, 400, 50);
    let lost = past.terms()[2];
    let (from, until) = past.times(lost.position).expect("it is known");
    assert!(from <= lost.since && lost.since < until, "{from} {} {until}", lost.since);
    let during = past.at(lost.position, Some(lost.since.plus_millis(100))).expect("a moment");
    assert_eq!(leader(during), None);
    let before = past.at(lost.position, None).expect("a moment");
    assert_eq!(leader(before), past.terms()[1].leader);
}

#[test]
fn however_long_it_runs_what_is_kept_is_bounded_and_turns_are_kept() {
    let (past, simulation) = looked_at(KILLED, 20_000, 50);
    assert!(past.moments.len() <= KEPT);
    let start = simulation.start_time();
    let turns = past.moments.iter().filter(|moment| moment.is_turn).count();
    assert!(6 < turns, "{turns}");
    assert!(past.moments[0].observed.now().millis_since(start) < 1_000, "the start is kept");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn moments_are_in_order_and_each_position_has_one(
        seed in 0_u64..1_000,
        kill in 1_u32..8,
        wanted in 0_u64..400,
        by in 0_i64..20_000,
    ) {
        let script = format!(
            "seed {seed}\nreplication asynchronous\npayments every 60 ms in 5 accounts until 60 s\n\
             at {kill} s kill leader for 2 s\nat {} s isolate leader for 3 s\n",
            kill + 4,
        );
        let (past, simulation) = looked_at(&script, 300, 50);
        prop_assert!(past.moments.is_sorted_by_key(|moment| moment.position));
        prop_assert!(past.moments.is_sorted_by_key(|moment| moment.observed.now()));
        prop_assert!(past.terms().is_sorted_by_key(|term| (term.position, term.since)));
        let by = simulation.start_time().plus_millis(by);
        let moment = past.at(Position::new(wanted), Some(by)).expect("a moment");
        let (from, until) = past.times(Position::new(wanted)).expect("times");
        prop_assert!(from <= moment.observed.now() && moment.observed.now() <= until);
        let head = simulation.status().followers[0].position;
        prop_assert!(moment.position == Position::new(wanted).min(head) || moment.position > Position::new(wanted));
    }
}
