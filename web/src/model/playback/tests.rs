use super::*;

#[test]
fn a_second_of_frames_plays_exactly_the_speed() {
    for speed in SPEEDS {
        let mut playback = Playback::default();
        let played: u64 = (0..50).map(|_| playback.advance(20, speed)).sum();
        assert_eq!(played, u64::from(speed));
    }
}

#[test]
fn a_tab_that_slept_does_not_jump() {
    assert_eq!(Playback::default().advance(60_000, 100), 25);
}

#[test]
fn speeds_end_at_the_slowest_and_the_fastest() {
    assert_eq!(other_speed(50, true), 100);
    assert_eq!(other_speed(50, false), 20);
    assert_eq!(other_speed(1, false), 1);
    assert_eq!(other_speed(10_000, true), 10_000);
}
