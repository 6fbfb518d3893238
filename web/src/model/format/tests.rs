use super::*;

#[test]
fn thousands_stand_apart() {
    let texts: Vec<String> = [0, 999, 1_000, 12_345, 1_204_332].map(grouped).into();
    assert_eq!(texts, ["0", "999", "1,000", "12,345", "1,204,332"]);
}

#[test]
fn sizes_have_a_unit() {
    let texts: Vec<String> = [0, 312, 1_400, 1_490_000, 2_000_000_000].map(bytes).into();
    assert_eq!(texts, ["0 B", "312 B", "1.4 kB", "1.4 MB", "2.0 GB"]);
}

#[test]
fn durations_show_their_two_greatest_units() {
    let texts: Vec<String> = [26, 8_400, 259_000, 11_100_000, 266_400_000].map(duration).into();
    assert_eq!(texts, ["26 ms", "8.4 s", "4 m 19 s", "3 h 5 m", "3 d 2 h"]);
}

#[test]
fn a_time_that_steps_back_shows_its_sign() {
    assert_eq!(gap(26), "+26 ms");
    assert_eq!(gap(-3_000), "−3.0 s");
}

#[test]
fn moments_always_have_three_decimals_and_their_zone() {
    assert_eq!(moment(0, None), "1970-01-01 00:00:00.000 UTC");
    let at = 1_558_336_067_250;
    for (offset, shown) in [
        (None, "2019-05-20 07:07:47.250 UTC"),
        (Some(0), "2019-05-20 07:07:47.250 +00:00"),
        (Some(120), "2019-05-20 09:07:47.250 +02:00"),
        (Some(345), "2019-05-20 12:52:47.250 +05:45"),
        (Some(-570), "2019-05-19 21:37:47.250 −09:30"),
    ] {
        assert_eq!(moment(at, offset), shown);
    }
}

#[test]
fn a_part_of_nothing_is_nothing() {
    assert_eq!((percent(1, 0), percent(1, 3), percent(9, 3)), (0, 33, 100));
}

#[test]
fn one_thing_is_not_plural() {
    assert_eq!(counted(1, "event"), "1 event");
    assert_eq!(counted(2_000, "event"), "2,000 events");
}
