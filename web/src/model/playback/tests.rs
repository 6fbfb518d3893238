use super::*;

/// Plays for so many frames of 20 ms, and tells where each frame came to.
fn played(pace: Pace, frames: u32, gap: impl Fn(u64) -> Option<i64>) -> Vec<u64> {
    let mut playback = Playback::default();
    let mut at = 0;
    let mut frame = |_| {
        at += playback.advance(20, (at, pace), &gap);
        at
    };
    (0..frames).map(&mut frame).collect()
}

#[test]
fn a_second_of_frames_plays_exactly_the_speed() {
    for pace in PACES[0] {
        let Pace::Count(speed) = *pace else { panic!("the first group counts") };
        assert_eq!(played(*pace, 50, |_| None).last(), Some(&u64::from(speed)));
    }
}

#[test]
fn events_are_played_as_far_apart_as_they_happened() {
    // 10 ms, 100 ms, and three at once after 40 ms.
    let gap = |position: u64| {
        [10, 100, 40, 0, 0, 9_999].get(usize::try_from(position).ok()? - 1).copied()
    };
    assert_eq!(played(Pace::RealTime(100), 8, gap), [1, 1, 1, 1, 1, 2, 2, 5]);
    assert_eq!(played(Pace::RealTime(200), 4, gap), [1, 1, 2, 5]);
    assert_eq!(played(Pace::RealTime(50), 2, gap), [1, 1]);
}

#[test]
fn idle_time_is_half_a_second_unless_it_is_wanted() {
    let gap = |position: u64| Some(if position == 1 { 3_600_000 } else { 2_000 });
    let shortened = played(Pace::Time(100), 125, gap);
    assert_eq!((shortened[23], shortened[24], shortened[123], shortened[124]), (0, 1, 1, 2));
    assert_eq!(played(Pace::RealTime(5_000), 125, gap).last(), Some(&0));
}

#[test]
fn an_event_without_a_time_and_one_that_steps_back_do_not_stop_it() {
    assert_eq!(played(Pace::RealTime(100), 25, |_| None).last(), Some(&1));
    let back = |position: u64| Some(if position == 3 { 1_000 } else { -50 });
    assert_eq!(played(Pace::Time(100), 1, back), [2]);
}

#[test]
fn a_tab_that_slept_does_not_jump() {
    let mut playback = Playback::default();
    assert_eq!(playback.advance(60_000, (0, Pace::Count(100)), |_| None), 25);
    assert_eq!(playback.advance(60_000, (25, Pace::RealTime(100)), |_| Some(10)), 25);
    assert_eq!(playback.advance(250, (0, Pace::RealTime(100)), |_| Some(0)), MOST);
}

#[test]
fn what_is_due_in_one_place_is_not_due_in_another() {
    let mut playback = Playback::default();
    let gap = |_| Some(100);
    assert_eq!(playback.advance(99, (0, Pace::Time(100)), gap), 0);
    assert_eq!(playback.advance(99, (7, Pace::Time(100)), gap), 0);
    assert_eq!(playback.advance(1, (7, Pace::Time(100)), gap), 1);
}

#[test]
fn paces_end_at_the_slowest_and_the_fastest_of_their_group() {
    assert_eq!(other_pace(Pace::Count(50), true), Pace::Count(100));
    assert_eq!(other_pace(Pace::Time(100), false), Pace::Time(50));
    assert_eq!(other_pace(Pace::Count(1), false), Pace::Count(1));
    assert_eq!(other_pace(Pace::RealTime(5_000), true), Pace::RealTime(5_000));
}

#[test]
fn a_choice_is_read_back() {
    for pace in PACES.into_iter().flatten() {
        assert_eq!(pace_from_value(&pace_value(*pace)), Some(*pace));
    }
    assert_eq!(pace_from_value("count:3"), None);
}
