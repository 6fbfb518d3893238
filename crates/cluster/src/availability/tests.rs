use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use alloc::{format, vec};
use core::time::Duration;

use everview_core::Timestamp;
use proptest::prelude::*;

use super::{Alert, Availability, BurnRate, Meter, Objective, Seen, Severity, Tally, WHOLE, Watch};

const DAY: Duration = Duration::from_hours(24);

fn percent(text: &str) -> Availability {
    text.parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

#[test]
fn four_nines_are_52_minutes_and_33_6_seconds_a_year() {
    let objective = Objective::default();

    assert_eq!(objective.allowed_time(), Duration::from_mins(52) + Duration::from_millis(33_600));
    let monthly = Objective { period: 30 * DAY, ..objective };
    assert_eq!(monthly.allowed_time(), Duration::from_mins(4) + Duration::from_millis(19_200));
    assert_eq!(percent("99.999 %").downtime(365 * DAY), Duration::from_millis(315_360));
}

#[test]
fn a_percentage_is_shown_as_it_was_read_and_never_rounded_up() {
    for text in ["0 %", "100 %", "99.99 %", "99.9999999999999999 %", "0.0000000000000001 %"] {
        assert_eq!(percent(text).to_string(), text);
    }
    assert_eq!(percent("99.990"), percent("99.99%"));
    let nearly = Tally { good: 999_999_999, bad: 1 }.availability().unwrap();
    assert_eq!(format!("{nearly:.3} {nearly:.0} {nearly}"), "99.999 % 99 % 99.9999999 %");
}

#[test]
fn what_is_no_percentage_is_refused() {
    for text in ["", "%", "-1", "100.1", "four nines", "0.00000000000000001", "1e99", "99,9"] {
        assert!(text.parse::<Availability>().is_err(), "{text}");
    }
    assert_eq!(Availability::from_parts(WHOLE + 1), None);
}

#[test]
fn an_objective_is_met_up_to_the_last_request() {
    let objective = Objective::default();

    assert!(objective.is_met_by(Tally { good: 9_999, bad: 1 }));
    assert!(!objective.is_met_by(Tally { good: 9_998, bad: 1 }));
    assert!(objective.is_met_by(Tally::default()), "nothing was promised of no requests");
    assert!(objective.is_met_by(Tally { good: u64::MAX, bad: 0 }));
}

#[test]
fn a_budget_says_what_is_left_and_what_is_over() {
    let objective = Objective::default();
    let overspent = objective.budget_of_time(Duration::from_hours(1));

    assert_eq!((overspent.left(), overspent.overspent()), (0, 446_400_000));
    assert_eq!(overspent.spent_share(), Availability::ALWAYS);
    let half = objective.budget_of_requests(Tally { good: 19_999, bad: 1 });
    assert_eq!((half.allowed, half.left()), (2, 1));
    assert_eq!(half.spent_share(), percent("50"));
    let none = Objective { availability: Availability::ALWAYS, ..objective };
    let nothing = none.budget_of_requests(Tally { good: 5, bad: 0 });
    assert_eq!(nothing.spent_share(), Availability::NEVER, "nothing of nothing is spent");
}

#[test]
fn the_workbooks_alerts_fire_at_2_5_and_10_percent_of_a_month() {
    let shares = Alert::WORKBOOK.map(|alert| alert.budget_share(30 * DAY).to_string());

    assert_eq!(shares, ["2 %", "5 %", "10 %"]);
}

/// Counts a request a second, of which one in `one_in` is bad, from `from` until `to`.
fn count_requests(meter: &mut Meter, from: i64, to: i64, one_in: i64) {
    for second in from..to {
        let bad = u64::from(second % one_in == 0);
        meter.count(at(second), Tally { good: 1 - bad, bad });
    }
}

#[test]
fn an_alert_fires_while_both_windows_burn_and_ends_soon_after_the_cause() {
    let objective = Objective { availability: percent("99"), period: 30 * DAY };
    let mut meter = Meter::new(Duration::from_mins(1), 3 * DAY);
    let fires = |meter: &Meter, now: i64| -> Vec<Severity> {
        let firing = Alert::WORKBOOK.into_iter();
        let firing = firing.filter(|alert| alert.fires(objective, meter, at(now)));
        firing.map(|alert| alert.severity).collect()
    };

    count_requests(&mut meter, 0, 36_000, 1_000);
    assert_eq!(fires(&meter, 35_999), [], "0.1 % are bad where 1 % may be");

    count_requests(&mut meter, 36_000, 36_600, 1);
    assert_eq!(
        fires(&meter, 36_599),
        [Severity::Page, Severity::Ticket],
        "all fail for 10 minutes"
    );

    count_requests(&mut meter, 36_600, 36_900, 1_000);
    assert_eq!(fires(&meter, 36_899), [Severity::Ticket], "the last five minutes were good");
}

#[test]
fn a_burn_rate_without_a_budget_is_the_highest_and_without_requests_unknown() {
    let objective = Objective { availability: Availability::ALWAYS, period: DAY };

    assert_eq!(BurnRate::of(objective, Tally::default()), None);
    let all_good = Tally { good: 9, bad: 0 };
    assert_eq!(BurnRate::of(objective, all_good), Some(BurnRate::from_millionths(0)));
    let one_bad = Tally { good: 9, bad: 1 };
    assert_eq!(BurnRate::of(objective, one_bad), Some(BurnRate::from_millionths(u64::MAX)));
    let huge = Tally { good: 0, bad: u64::MAX };
    assert_eq!(BurnRate::of(Objective::default(), huge).unwrap().to_string(), "10000");
}

#[test]
fn parts_on_paper_come_to_what_the_formulas_say() {
    let part = percent("99.9");

    assert_eq!(Availability::in_series(&[part; 3]).to_string(), "99.7002999 %");
    assert_eq!(Availability::in_parallel(&[part; 3]).to_string(), "99.9999999 %");
    assert_eq!(Availability::at_least(2, &[part; 3]).to_string(), "99.9997002 %");
    assert_eq!(Availability::at_least(3, &[part; 5]).to_string(), "99.9999990014994 %");
    assert_eq!(Availability::in_series(&[]), Availability::ALWAYS);
    assert_eq!(Availability::in_parallel(&[]), Availability::NEVER);
    assert_eq!(Availability::at_least(2, &[part]), Availability::NEVER);
}

#[test]
fn what_is_not_known_is_neither_up_nor_down() {
    let mut watch = Watch::new(Meter::new(Duration::from_mins(1), DAY));
    let looks = [(10, Seen::Up), (20, Seen::Unknown), (50, Seen::Down), (55, Seen::Down)];
    for (second, seen) in looks {
        watch.see(at(second), seen);
    }
    watch.see(at(54), Seen::Up);
    watch.see(at(60), Seen::Up);

    assert_eq!(Tally::from(&watch), Tally { good: 10_000_000, bad: 10_000_000 });
    assert_eq!(watch.outages(), 1);
    assert_eq!(watch.mean_time_between_failures(), Some(Duration::from_secs(10)));
}

#[test]
fn time_is_counted_in_the_minutes_it_lies_in() {
    let mut meter = Meter::new(Duration::from_mins(1), Duration::from_mins(3));
    meter.count_time(at(50), at(130), false);

    let slots: Vec<String> =
        meter.slots().map(|(begin, tally)| format!("{} {}", begin.millis(), tally.bad)).collect();
    assert_eq!(slots, ["0 10000000", "60000 60000000", "120000 10000000"]);
}

#[test]
fn a_meter_remembers_no_more_than_it_was_told_to() {
    let mut meter = Meter::new(Duration::from_mins(1), Duration::from_mins(5));
    meter.count_time(at(0), at(86_400 * 365 * 100), true);

    assert!(meter.slots().count() <= 5);
    assert_eq!(meter.total().good, 86_400 * 365 * 100 * 1_000_000);
    let late = at(0);
    meter.count(late, Tally { good: 0, bad: 7 });
    assert_eq!(
        (meter.total().bad, meter.window(late, Duration::from_mins(5))),
        (7, Tally::default())
    );
}

fn availability() -> impl Strategy<Value = Availability> {
    (0..=WHOLE).prop_map(|parts| Availability::from_parts(parts).unwrap())
}

proptest! {
    #[test]
    fn every_availability_is_read_as_it_was_shown(one in availability()) {
        prop_assert_eq!(one.to_string().parse(), Ok(one));
        let shortened = format!("{one:.3}");
        prop_assert!(percent(&shortened) <= one);
    }

    #[test]
    fn the_more_parts_are_needed_the_less_there_is(
        parts in prop::collection::vec(availability(), 1..8),
    ) {
        let found: Vec<_> =
            (0..=parts.len() + 1).map(|needed| Availability::at_least(needed, &parts)).collect();

        prop_assert_eq!((found[0], found[parts.len() + 1]), (Availability::ALWAYS, Availability::NEVER));
        let worst = parts.iter().min().unwrap();
        let best = parts.iter().max().unwrap();
        prop_assert!(found[parts.len()] <= *worst && *best <= found[1]);
        // Up to the rounding, which is always down.
        prop_assert!(found.windows(2).all(|pair| pair[1].parts() <= pair[0].parts() + 64));
    }

    #[test]
    fn the_order_of_parts_changes_no_more_than_the_rounding(
        parts in prop::collection::vec(availability(), 1..8),
        needed in 0_usize..8,
    ) {
        let mut turned = parts.clone();
        turned.reverse();
        let [one, other] =
            [&parts, &turned].map(|parts| Availability::at_least(needed, parts).parts());
        prop_assert!(one.abs_diff(other) < 128);
    }

    #[test]
    fn repair_times_and_availability_are_each_others_inverse(
        up in 1_u64..1_000_000_000_000, down in 1_u64..1_000_000_000,
    ) {
        let [up, down] = [up, down].map(Duration::from_micros);
        let reached = Availability::of_repair(up, down).unwrap();
        prop_assert!(down <= reached.time_to_repair(up).unwrap());
        let again = reached.time_between_failures(down).unwrap();
        prop_assert!(reached <= Availability::of_repair(again, down).unwrap());
    }

    #[test]
    fn the_time_of_a_watch_adds_up(
        looks in prop::collection::vec((1_i64..500_000, 0_u8..3), 1..60),
    ) {
        let mut watch = Watch::new(Meter::new(Duration::from_mins(1), DAY));
        let (mut now, mut known, mut seen) = (0, 0, Seen::Unknown);
        let mut outages = vec![];
        for (millis, look) in looks {
            now += millis;
            known += if seen == Seen::Unknown { 0 } else { millis };
            let was = seen;
            seen = [Seen::Up, Seen::Down, Seen::Unknown][usize::from(look)];
            watch.see(Timestamp::from_millis(now), seen);
            if seen == Seen::Down && was != Seen::Down {
                outages.push(now);
            }
        }
        let total = watch.meter().total();
        prop_assert_eq!(total.total(), known.unsigned_abs() * 1_000);
        prop_assert_eq!(watch.meter().slots().map(|(_, tally)| tally).sum::<Tally>(), total);
        prop_assert_eq!(watch.outages(), outages.len() as u64);
    }

    #[test]
    fn a_window_is_what_its_slots_counted(
        counts in prop::collection::vec((0_i64..5_000, 0_u64..9, 0_u64..9), 0..60),
        length in 1_u64..90,
    ) {
        let mut meter = Meter::new(Duration::from_mins(1), DAY);
        for (second, good, bad) in &counts {
            meter.count(at(*second), Tally { good: *good, bad: *bad });
        }
        let now = 5_000;
        let first = (now / 60 - i64::try_from(length).unwrap() + 1) * 60;
        let expected: Tally = counts
            .iter()
            .filter(|(second, ..)| first <= *second)
            .map(|(_, good, bad)| Tally { good: *good, bad: *bad })
            .sum();
        prop_assert_eq!(meter.window(at(now), Duration::from_mins(length)), expected);
    }
}
