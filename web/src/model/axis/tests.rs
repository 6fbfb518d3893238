#![expect(clippy::float_cmp, reason = "ends are exact")]

use proptest::prelude::*;

use super::*;

#[test]
fn an_even_axis_gives_every_event_as_much() {
    let axis = Axis::even(200);
    assert_eq!([0.0, 50.0, 200.0].map(|at| axis.share(at)), [0.0, 0.25, 1.0]);
    assert_eq!([-1.0, 0.25, 2.0].map(|at| axis.position(at)), [0.0, 50.0, 200.0]);
}

#[test]
fn an_empty_log_is_at_its_end() {
    let axis = Axis::even(0);
    assert_eq!([axis.share(0.0), axis.position(0.5), axis.head()], [1.0, 0.0, 0.0]);
}

/// An axis of whatever kind.
pub(crate) fn some_axis() -> impl Strategy<Value = Axis> {
    (1_u64..5_000_000).prop_map(Axis::even)
}

proptest! {
    #[test]
    fn an_axis_goes_on_and_leads_back(axis in some_axis(), at in 0.0_f64..1.0, on in 0.0_f64..1.0) {
        let place = |share: f64| (share * axis.head()).round();
        let (first, second) = (place(at.min(on)), place(at.max(on)));
        prop_assert!(axis.share(first) < axis.share(second) || first == second);
        for position in [first, second] {
            prop_assert_eq!(axis.position(axis.share(position)).round(), position);
        }
        prop_assert_eq!([axis.share(0.0), axis.share(axis.head())], [0.0, 1.0]);
    }
}
