#![expect(clippy::float_cmp, reason = "ends are exact")]

use proptest::prelude::*;

use super::*;
use crate::model::axis::tests::some_axis;

#[test]
fn both_ends_of_the_line_are_the_ends_of_the_log() {
    let line = Line::new(Axis::even((0, 8_577)), None);
    assert_eq!([-0.1, 0.0, 1.0, 9.0].map(|share| line.position(share)), [0, 0, 8_577, 8_577]);
    assert_eq!([0, 8_577].map(|position| line.percent(position)), [0.0, 100.0]);
}

#[test]
fn a_leap_is_a_hundredth_of_the_line_and_stays_on_it() {
    let line = Line::new(Axis::even((0, 10_000)), None);
    assert_eq!(line.leapt("PageUp", 500), Some(600));
    assert_eq!(line.leapt("PageDown", 50), Some(0));
    assert_eq!(line.leapt("x", 7), None);
    let line = Line::new(Axis::even((0, 7)), None);
    assert_eq!([line.leapt("PageUp", 3), line.leapt("PageUp", 7)], [Some(4), Some(7)]);
    assert_eq!([line.leapt("PageDown", 3), line.leapt("PageDown", 0)], [Some(2), Some(0)]);
}

#[test]
fn a_line_is_zoomed_panned_and_fits_again() {
    let shown = |from, to| Some(Stretch { from, to });
    let whole = Line::new(Axis::even((0, 1_000)), None);
    let half = whole.looked(Look::Zoom { at: 1.0, times: 0.5 });
    assert_eq!(half, shown(500.0, 1_000.0));
    let line = Line::new(Axis::even((0, 1_000)), half);
    assert_eq!([line.percent(750), line.percent(3), line.percent(5_000)], [50.0, 0.0, 100.0]);
    assert!(!line.shows(499) && line.shows(500) && line.meets(3, 500) && !line.meets(3, 499));
    assert_eq!(line.looked(Look::Pan(-0.5)), shown(250.0, 750.0));
    assert_eq!(line.looked(Look::Pan(9.0)), half);
    assert_eq!(line.looked(Look::Zoom { at: 0.5, times: 2.0 }), None);
    assert_eq!(line.looked(Look::At(Stretch { from: 30.0, to: 90.0 })), shown(30.0, 90.0));
    assert_eq!(line.looked(Look::Fit), None);
    assert_eq!(line.revealing(0), shown(0.0, 500.0));
    assert_eq!(line.revealing(490), shown(440.0, 940.0));
}

#[test]
fn no_fewer_than_a_few_events_are_shown() {
    let zoom = Look::Zoom { at: 0.5, times: 0.5 };
    assert_eq!(Line::new(Axis::even((0, 15)), None).looked(zoom), None);
    let shown = Some(Stretch { from: 3.0, to: 15.0 });
    assert_eq!(Line::new(Axis::even((0, 1_000)), shown).looked(zoom), shown);
    // What was shown may be gone, when the log was rewound.
    assert!(Line::new(Axis::even((0, 12)), shown).is_whole());
}

fn some_line() -> impl Strategy<Value = Line> {
    (some_axis(), 0.0_f64..1.0, 0.0_f64..1.0).prop_map(|(axis, from, to)| {
        let place = |share: f64| axis.base() + (axis.head() - axis.base()) * share;
        let shown = Stretch { from: place(from.min(to)), to: place(from.max(to)) };
        Line::new(axis, Some(shown))
    })
}

proptest! {
    #[test]
    fn a_line_that_fits_shows_all(axis in some_axis(), share in 0.0_f64..=1.0) {
        let (base, head) = Stretch { from: axis.base(), to: axis.head() }.rounded();
        let line = Line::new(axis, None);
        let position = line.position(share);
        prop_assert!(line.is_whole() && line.shows(base) && line.shows(head) && line.shows(position));
        prop_assert_eq!(line.position(line.percent(position) / 100.0), position);
        prop_assert_eq!((line.position(0.0), line.position(1.0)), (base, head));
    }

    #[test]
    fn what_is_on_the_line_is_found_where_it_is_drawn(line in some_line(), share in 0.0_f64..=1.0) {
        let position = line.position(share);
        if line.shows(position) {
            prop_assert_eq!(line.position(line.percent(position) / 100.0), position);
        }
    }

    #[test]
    fn what_is_under_the_pointer_stays_there(line in some_line(), at in 0.0_f64..=1.0, times in 0.1_f64..1.0) {
        let shown = line.looked(Look::Zoom { at, times });
        let zoomed = Line::new(line.axis.clone(), shown);
        let before = line.position(at);
        prop_assert!(zoomed.position(at).abs_diff(before) <= 1);
        prop_assert!(zoomed.shown().to - zoomed.shown().from <= line.shown().to - line.shown().from);
    }

    #[test]
    fn what_is_brought_on_to_the_line_is_there(line in some_line(), share in 0.0_f64..=1.0) {
        let position = line.position(share * 3.0 - 1.0);
        let revealed = Line::new(line.axis.clone(), line.revealing(position));
        prop_assert!(revealed.shows(position));
    }
}
