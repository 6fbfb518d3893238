use everview_core::{Epoch, NewEvent, Timestamp};
use proptest::prelude::*;

use super::*;

/// A log of events that lie so many milliseconds apart.
fn log(gaps: impl IntoIterator<Item = i64>) -> Log {
    let mut log = Log::new();
    let mut now = 0;
    for (number, gap) in gaps.into_iter().enumerate() {
        now += gap;
        let event = NewEvent {
            id: number.to_string(),
            source: "/test".into(),
            event_type: "Some".into(),
            subject: "one".into(),
            time: (0 <= gap).then(|| Timestamp::from_millis(now)),
            data: "{}".into(),
        };
        log.append(Epoch::new(1), &event).unwrap();
    }
    log
}

#[test]
fn the_two_events_that_an_idle_time_lies_between_are_told() {
    let idle = [777, 5_001, 19_999];
    let gaps = (1..=20_000).map(|at| if idle.contains(&at) { 10_800_000 } else { 10 });
    let moments = moments(&log(gaps), None);
    assert!(moments.len() <= MOST);
    assert_eq!(moments.first().map(|first| first.position), Some(1));
    assert_eq!(moments.last().map(|last| last.position), Some(20_000));
    for at in idle {
        let place = moments.iter().position(|moment| moment.position == at).unwrap();
        let before = moments[place - 1];
        assert_eq!(
            (before.position, moments[place].time_ms - before.time_ms),
            (at - 1, 10_800_000)
        );
    }
}

#[test]
fn more_is_told_of_what_is_looked_at_closer() {
    let log = log((0..100_000).map(|_| 10));
    let near = |moments: &[Moment]| {
        moments.iter().filter(|moment| (50_000..=50_500).contains(&moment.position)).count()
    };
    assert!(near(&moments(&log, None)) < 20);
    assert_eq!(near(&moments(&log, Some((50_000, 50_500)))), 501);
    assert_eq!(moments(&log, Some((7, 3))), moments(&log, None));
}

#[test]
fn a_log_without_times_tells_none() {
    assert_eq!(moments(&log([]), Some((0, 9))), []);
    assert_eq!(moments(&log([-1, -1, -1]), None), []);
}

proptest! {
    #[test]
    fn what_is_told_is_in_order_and_so(gaps in proptest::collection::vec(-1_i64..5_000, 0..3_000), from in 0_u64..3_000, to in 0_u64..3_000) {
        let log = log(gaps);
        let moments = moments(&log, Some((from, to)));
        prop_assert!(moments.windows(2).all(|pair| pair[0].position < pair[1].position));
        for moment in moments {
            let time = log.time(Position::new(moment.position)).map(Timestamp::millis);
            prop_assert_eq!(time, Some(moment.time_ms));
        }
    }
}
