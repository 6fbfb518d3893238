use super::*;

#[test]
fn both_ends_of_the_line_are_the_ends_of_the_log() {
    assert_eq!(position_at(-5.0, 200.0, 8_577), 0);
    assert_eq!(position_at(0.0, 200.0, 8_577), 0);
    assert_eq!(position_at(200.0, 200.0, 8_577), 8_577);
    assert_eq!(position_at(999.0, 200.0, 8_577), 8_577);
    assert_eq!(position_at(10.0, 0.0, 8_577), 0);
}

#[test]
fn a_position_is_found_again_where_it_is_drawn() {
    for position in 0..=100 {
        let x = percent_at(position, 100) * 12.34;
        assert_eq!(position_at(x, 1_234.0, 100), position);
    }
}

#[test]
fn an_empty_log_is_at_its_end() {
    assert!((percent_at(0, 0) - 100.0).abs() < f64::EPSILON);
}

#[test]
fn an_outline_is_a_closed_area() {
    assert_eq!(outline(&[]), "M0 100L1000 100Z");
    assert_eq!(outline(&[0.0, 1.0]), "M0 100L0.0 100.0L500.0 100.0L500.0 4.0L1000.0 4.0L1000 100Z");
}

#[test]
fn a_leap_is_a_hundredth_of_the_line_and_stays_on_it() {
    assert_eq!(leapt("PageUp", 500, 10_000), Some(600));
    assert_eq!(leapt("PageDown", 50, 10_000), Some(0));
    assert_eq!(leapt("PageUp", 7, 7), Some(7));
    assert_eq!(leapt("x", 7, 7), None);
}
