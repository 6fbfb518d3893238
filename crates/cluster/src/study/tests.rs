use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use everview_core::{Epoch, Timestamp};
use proptest::prelude::*;

use super::{
    Configuration, Load, Rate, Rates, Recovery, Replication, Serving, Spread, Study, StudyConfig,
    Summary, Verdict,
};
use crate::NodeId;
use crate::availability::{Availability, Objective, Tally, WHOLE};
use crate::sim::Failover;

/// A failover with phases of 1, 2, 3, 4 and 5 tenths of a second.
fn recovery() -> Recovery {
    let ends = [100, 300, 600, 1_000, 1_500].map(|end| Some(Timestamp::from_millis(end)));
    let failover = Failover {
        start: Timestamp::default(),
        from: NodeId::new(0),
        from_epoch: Epoch::new(1),
        to: Some(NodeId::new(1)),
        to_epoch: Some(Epoch::new(2)),
        ends,
    };
    Recovery::of(&[failover]).unwrap()
}

fn often(hours: u64, minutes: u64) -> Rate {
    Rate { between_failures: Duration::from_hours(hours), to_repair: Duration::from_mins(minutes) }
}

fn config(configuration: Configuration, rates: Rates, years: u32) -> StudyConfig {
    StudyConfig {
        configurations: vec![configuration],
        rates,
        years,
        ..StudyConfig::new(recovery())
    }
}

fn run(config: StudyConfig) -> Summary {
    let mut study = Study::new(config).unwrap();
    study.by_ref().for_each(drop);
    study.summaries().remove(0)
}

fn standard(place: usize) -> Configuration {
    Configuration::standard().remove(place)
}

fn percent(text: &str) -> Availability {
    text.parse().unwrap()
}

#[test]
fn where_nothing_fails_everything_is_served() {
    for one in Configuration::standard() {
        let found = run(config(one, Rates::NEVER, 1));

        assert_eq!(found.availability.low, Availability::ALWAYS, "{}", found.name);
        assert_eq!((found.failovers, found.met, found.verdict), (0, 1, Verdict::Met));
        assert_eq!((found.writes_lost.high, found.writes_late.high), (0, 0));
    }
}

#[test]
fn a_single_machine_is_as_available_as_its_mean_times_say() {
    let rates = Rates { machine: often(90, 600), ..Rates::NEVER };
    let one = Configuration { zones: 1, ..standard(0) };
    let found = run(StudyConfig {
        objective: Objective { availability: percent("90"), ..Objective::default() },
        ..config(one, rates, 200)
    });

    // On paper 90 %, and with each repair a failover of 1.4 seconds without detection.
    let median = found.availability.median;
    assert!(percent("89.5") < median && median < percent("90.5"), "{median}");
    assert!((85..115).contains(&found.met), "{} of 200", found.met);
    let failovers = found.recovery.unwrap();
    assert_eq!((failovers.low, failovers.high), (1_400_000, 1_400_000));
}

#[test]
fn simulated_years_come_to_what_the_design_promises_on_paper() {
    let (machine, release) = (often(90, 600), often(95, 300));
    let mut study =
        Study::new(config(standard(0), Rates { machine, release, ..Rates::NEVER }, 300)).unwrap();
    study.by_ref().for_each(drop);
    let lived: Tally = study.years[0].iter().map(|year| year.time).sum();

    let part = |rate: Rate| Availability::of_repair(rate.between_failures, rate.to_repair).unwrap();
    let quorum = Availability::at_least(2, &[part(machine); 3]);
    let paper = Availability::in_series(&[quorum, part(release)]);
    assert_eq!(paper.to_string(), "92.34 %");
    // The years have failovers, which the paper leaves out: a few seconds in a day.
    let lived = lived.availability().unwrap();
    assert!(lived < paper && paper.parts() - lived.parts() < WHOLE / 500, "{lived}");
}

#[test]
fn with_a_quorum_a_lost_machine_costs_its_share_of_failovers() {
    let rates = Rates { machine: often(1_000, 1), ..Rates::NEVER };
    let found = run(config(standard(0), rates, 100));

    // About 8.8 failovers a year, of the leader alone, of 1.5 s each: 13 s.
    let a_year = found.failovers / 100;
    assert!((7..=10).contains(&a_year), "{a_year}");
    let down = found.availability.median.downtime(Duration::from_hours(24 * 365));
    assert!((9..18).contains(&down.as_secs()), "{down:?}");
    assert_eq!(found.phases.unwrap().map(|phase| phase.median / 100_000), [1, 2, 3, 4, 5]);
    assert_eq!((found.verdict, found.writes_lost.high), (Verdict::Met, 0));
}

#[test]
fn a_server_that_dies_costs_its_share_until_it_is_missed() {
    let rates = Rates { machine: often(1_000, 1), ..Rates::NEVER };
    let reads = Load { reads_percent: 100, ..Load::default() };
    let found = run(StudyConfig { load: reads, ..config(standard(2), rates, 100) });

    // 26 times a year a third of the requests for 0.1 s: 0.9 s.
    let down = found.availability.median.downtime(Duration::from_hours(24 * 365));
    assert!((400..1_600).contains(&down.as_millis()), "{down:?}");
}

#[test]
fn capacity_that_is_missing_is_not_served() {
    // One of three zones is nearly always away, and two of two servers are needed.
    let rates = Rates { zone: often(1, 60 * 24 * 365), ..Rates::NEVER };
    let serving = Serving::Servers { per_zone: 1, needed: 1 };
    let alone = Configuration { zones: 1, serving, ..standard(2) };
    let found = run(config(alone, rates, 20));

    assert!(found.availability.high < percent("30"), "{}", found.availability.high);
    assert_eq!(found.verdict.to_string(), "no");
}

#[test]
fn an_asynchronous_promotion_loses_what_was_not_replicated() {
    let rates = Rates { machine: often(1_000, 60), ..Rates::NEVER };
    let found = run(config(standard(1), rates, 50));

    // A second of 100 writes for each promotion of the other replica.
    assert_eq!(found.writes_lost.median % 100, 0);
    assert!((400..1_500).contains(&found.writes_lost.median), "{}", found.writes_lost.median);
}

#[test]
fn clients_of_a_lost_region_go_to_another_which_a_single_region_cannot_offer() {
    let rates = Rates { region: often(2_000, 600), ..Rates::NEVER };
    let [single, multi] = [2, 3].map(|place| run(config(standard(place), rates, 50)));

    let year = Duration::from_hours(24 * 365);
    let [single, twice] =
        [&single, &multi].map(|found| found.availability.median.downtime(year).as_secs());
    assert!(30_000 < single, "four times ten hours: {single} s");
    // Twice as many regions to lose, half of the clients for 90 s, and now and then both are lost.
    assert!((200..5_000).contains(&twice), "{twice} s");
    assert!(0 < multi.writes_late.median && multi.writes_lost.high == 0);
}

#[test]
fn conflicts_grow_with_the_lag_and_with_the_time_apart() {
    let base = run(config(standard(3), Rates::NEVER, 1)).conflicts.median;
    // 50 × 50 writes a second, within 50 ms of each other either way, one pair in a million.
    assert_eq!(base, 50 * 50 * 31_536_000 / 10 / 1_000_000);

    let rates = Rates { region_network: often(1_000, 60), ..Rates::NEVER };
    let apart = run(config(standard(3), rates, 20)).conflicts.median;
    // Some nine hours apart, each of which has 50 × 50 × 3,600² pairs, and twice that since long
    // ones count for more.
    assert!((150_000..1_200_000).contains(&apart), "{apart}");
}

#[test]
fn a_study_goes_on_where_it_was_left_and_tells_what_it_has_so_far() {
    let config = StudyConfig { years: 3, ..StudyConfig::new(recovery()) };
    let mut whole = Study::new(config.clone()).unwrap();
    whole.by_ref().for_each(drop);

    let mut study = Study::new(config).unwrap();
    assert_eq!(study.summaries(), []);
    let progress: Vec<_> = study.by_ref().take(5).map(|progress| progress.done).collect();
    assert_eq!(progress, [1, 2, 3, 4, 5]);
    let so_far: Vec<_> = study.summaries().iter().map(|one| one.years).collect();
    assert_eq!(so_far, [2, 1, 1, 1]);
    let mut later = study.clone();
    later.by_ref().for_each(drop);

    assert_eq!(later.progress().done, 12);
    assert_eq!(later.summaries(), whole.summaries());
    assert_eq!(later.next(), None);
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused_by_name() {
    let nowhere = Configuration { zones: 0, ..standard(0) };
    let error = Study::new(config(nowhere, Rates::default(), 1)).unwrap_err();

    assert_eq!(
        error.to_string(),
        "the configuration `active-passive`: expected 1 to 9 zones, found 0"
    );
}

#[test]
fn the_simulator_gives_failovers_whose_phases_are_within_the_goal() {
    let measured = Recovery::measured(7, 5).unwrap();

    assert!(5 <= measured.phases().len());
    let totals = measured.phases().iter().map(|phases| phases.iter().sum());
    let spread: Spread<i64> = Spread::of(totals).unwrap();
    assert!(0 < spread.low && spread.high < 3_000_000, "{spread:?}");
}

#[test]
fn the_simulator_gives_failovers_behind_servers_and_servers_that_are_missed() {
    let measured = Recovery::measured(7, 5).unwrap();
    assert_eq!(measured, Recovery::measured(7, 5).unwrap());

    let behind = measured.phases_behind_servers();
    assert_eq!((behind.len(), measured.missed().len()), (5, 5));
    assert_ne!(behind, measured.phases());
    let totals: Spread<i64> = Spread::of(behind.iter().map(|phases| phases.iter().sum())).unwrap();
    assert!(500_000 < totals.low && totals.high < 5_000_000, "{totals:?}");
    let missed: Spread<i64> = Spread::of(measured.missed().iter().copied()).unwrap();
    assert!(0 < missed.low && missed.high < 5_000_000, "{missed:?}");
}

#[test]
fn each_design_draws_from_what_was_measured_of_it() {
    let rates = Rates { machine: often(1_000, 1), ..Rates::NEVER };
    let recovery = Recovery::measured(7, 5).unwrap();
    let all = |place| {
        let config =
            StudyConfig { recovery: recovery.clone(), ..config(standard(place), rates, 20) };
        let mut study = Study::new(config).unwrap();
        study.by_ref().for_each(drop);
        study.years[0].iter().flat_map(|year| year.failovers.clone()).collect::<Vec<_>>()
    };
    let from = |found: &[[i64; 5]], of: &[[i64; 5]]| {
        // Of a failover that was noticed before, the first phase is none.
        found.iter().all(|one| of.iter().any(|known| one[1..] == known[1..]))
    };
    let (passive, active) = (all(0), all(2));
    assert!(!passive.is_empty() && !active.is_empty());
    assert!(from(&passive, recovery.phases()) && !from(&active, recovery.phases()));
    assert!(from(&active, recovery.phases_behind_servers()));
}

fn configurations() -> impl Strategy<Value = Configuration> {
    let serving = prop_oneof![
        Just(Serving::Leader),
        (1_u8..4, 1_u16..9).prop_map(|(per_zone, needed)| Serving::Servers { per_zone, needed }),
    ];
    let replication = prop_oneof![Just(Replication::Quorum), Just(Replication::Asynchronous)];
    (1_u8..4, 1_u8..6, serving, replication).prop_map(|(regions, zones, serving, replication)| {
        Configuration { name: "some".into(), regions, zones, serving, replication }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_year_adds_up_and_is_the_same_again(
        one in configurations(), seed in any::<u64>(), hours in 1_u64..2_000,
    ) {
        let rate = often(hours, 200);
        let rates = Rates {
            machine: rate, zone: rate, zone_network: rate, region: rate, region_network: rate,
            release: rate,
        };
        let config = StudyConfig { first_seed: seed, ..config(one.clone(), rates, 2) };
        let mut study = Study::new(config.clone()).unwrap();
        study.by_ref().for_each(drop);
        let year = 365 * 86_400 * 1_000_000;
        for found in &study.years[0] {
            prop_assert_eq!(found.time.total(), year);
            prop_assert_eq!(found.machines.total(), year * u64::from(one.machines()));
            if one.replication == Replication::Quorum {
                prop_assert_eq!(found.writes_lost, 0);
            }
            if one.regions == 1 {
                prop_assert_eq!((found.conflicts, found.writes_late), (0, 0));
            }
        }
        let mut again = Study::new(config).unwrap();
        again.by_ref().for_each(drop);
        prop_assert_eq!(&again.years, &study.years);
    }
}
