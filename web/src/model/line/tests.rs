use proptest::prelude::*;

use super::*;

#[test]
fn both_ends_of_the_line_are_the_ends_of_the_log() {
    let line = Line::new(Axis::even(8_577), None);
    assert_eq!([-0.1, 0.0, 1.0, 9.0].map(|share| line.position(share)), [0, 0, 8_577, 8_577]);
    assert_eq!([0, 8_577].map(|position| line.percent(position)), [0.0, 100.0]);
}

#[test]
fn a_leap_is_a_hundredth_of_the_line_and_stays_on_it() {
    let line = Line::new(Axis::even(10_000), None);
    assert_eq!(line.leapt("PageUp", 500), Some(600));
    assert_eq!(line.leapt("PageDown", 50), Some(0));
    assert_eq!(line.leapt("x", 7), None);
    let line = Line::new(Axis::even(7), None);
    assert_eq!([line.leapt("PageUp", 3), line.leapt("PageUp", 7)], [Some(4), Some(7)]);
    assert_eq!([line.leapt("PageDown", 3), line.leapt("PageDown", 0)], [Some(2), Some(0)]);
}

proptest! {
    #[test]
    fn a_line_that_is_whole_shows_all(head in 0_u64..5_000_000, share in 0.0_f64..=1.0) {
        let line = Line::new(Axis::even(head), None);
        let position = line.position(share);
        prop_assert!(line.is_whole() && line.shows(0) && line.shows(head) && line.shows(position));
        prop_assert_eq!(line.position(line.percent(position) / 100.0), position);
    }
}
