#![expect(clippy::float_cmp, reason = "ends are exact")]

use proptest::prelude::*;

use super::*;

#[test]
fn an_even_axis_gives_every_event_as_much() {
    let axis = Axis::even((0, 200));
    assert_eq!([0.0, 50.0, 200.0].map(|at| axis.share(at)), [0.0, 0.25, 1.0]);
    assert_eq!([-1.0, 0.25, 2.0].map(|at| axis.position(at)), [0.0, 50.0, 200.0]);
}

#[test]
fn an_empty_log_is_at_its_end() {
    let axis = Axis::even((0, 0));
    assert_eq!([axis.share(0.0), axis.position(0.5), axis.head()], [1.0, 0.0, 0.0]);
}

#[test]
fn an_axis_begins_where_there_are_events() {
    let axis = Axis::even((5_000, 5_200));
    assert_eq!([0.0, 5_000.0, 5_050.0].map(|at| axis.share(at)), [0.0, 0.0, 0.25]);
    let moment = |(position, time_ms)| Moment { position, time_ms };
    let axis =
        Axis::of_times(&[(4_000, 0), (5_001, 1_000), (5_100, 2_000)].map(moment), (5_000, 5_100));
    assert_eq!([axis.base(), axis.position(0.0), axis.position(1.0)], [5_000.0, 5_000.0, 5_100.0]);
}

fn times(times: &[(u64, i64)], head: u64) -> Axis {
    let moment = |&(position, time_ms)| Moment { position, time_ms };
    Axis::of_times(&times.iter().map(moment).collect::<Vec<_>>(), (0, head))
}

#[test]
fn events_lie_where_the_time_was() {
    let axis = times(&[(1, 0), (50, 1_000), (100, 4_000)], 100);
    assert_eq!(axis.idle(), []);
    // A quarter of the time is half of the events; a fiftieth of the line is shared evenly.
    assert!((axis.share(50.0) - (0.25 * 0.98 + 0.01)).abs() < 1e-9);
    assert_eq!(times(&[], 100), Axis::even((0, 100)));
    assert_eq!(times(&[(1, 7), (100, 7)], 100), Axis::even((0, 100)));
}

#[test]
fn idle_times_are_short_whatever_their_length() {
    const HOUR: i64 = 3_600_000;
    let axis = times(&[(1, 0), (60, 60_000), (61, 3 * HOUR), (120, 3 * HOUR + 60_000)], 120);
    assert_eq!(axis.idle(), [Idle { after: 60, ms: 3 * 3_600_000 - 60_000 }]);
    assert!((axis.share(61.0) - axis.share(60.0) - 0.04).abs() < 0.001);
    assert!((axis.share(60.0) - 0.48).abs() < 0.01);
    // Even times are not idle, however long, and neither is what many events lie in.
    let even: Vec<(u64, i64)> =
        (1_u64..=10).map(|day| (day, day.cast_signed() * 24 * HOUR)).collect();
    assert_eq!(times(&even, 10).idle(), []);
    assert_eq!(times(&[(1, 0), (60, 60_000), (120, 3 * HOUR)], 120).idle(), []);
}

#[test]
fn what_came_after_the_last_moment_that_is_known_is_on_the_axis() {
    let axis = times(&[(1, 0), (80, 9_000)], 100);
    assert_eq!([axis.share(80.0), axis.share(90.0), axis.share(100.0)], [0.8, 0.9, 1.0]);
}

/// An axis of whatever kind.
pub(crate) fn some_axis() -> impl Strategy<Value = Axis> {
    let moment = (1_u64..200_000, -9_000_000_i64..9_000_000_000_000);
    let moments = proptest::collection::btree_map(1_u64..5_000_000, moment, 0..40);
    prop_oneof![
        (0_u64..9_000, 1_u64..5_000_000)
            .prop_map(|(base, events)| Axis::even((base, base + events))),
        (moments, 1_u64..5_000_000).prop_map(|(moments, head)| {
            // Pairs of neighbours, so that some times are idle.
            let pairs = moments.iter().flat_map(|(&at, &(quick, slow))| {
                [(at, slow), (at + 1, slow.saturating_add(quick.cast_signed()))]
            });
            let all: std::collections::BTreeMap<u64, i64> = pairs.collect();
            times(&all.into_iter().collect::<Vec<_>>(), head)
        }),
    ]
}

proptest! {
    #[test]
    fn an_axis_goes_on_and_leads_back(axis in some_axis(), at in 0.0_f64..1.0, on in 0.0_f64..1.0) {
        let place = |share: f64| (axis.base() + share * (axis.head() - axis.base())).round();
        let (first, second) = (place(at.min(on)), place(at.max(on)));
        prop_assert!(axis.share(first) < axis.share(second) || first == second);
        for position in [first, second] {
            prop_assert_eq!(axis.position(axis.share(position)).round(), position);
        }
        prop_assert_eq!([axis.share(axis.base()), axis.share(axis.head())], [0.0, 1.0]);
    }
}
