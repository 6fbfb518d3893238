use super::*;
use crate::model::axis::Axis;
use crate::model::line::Stretch;

fn outline(edges: &[u64], heights: &[f32], shown: Option<Stretch>) -> String {
    let density = Density { edges: edges.into(), heights: heights.into() };
    density.outline(&Line::new(Axis::even((0, 100)), shown))
}

#[test]
fn an_outline_is_a_closed_area() {
    assert_eq!(outline(&[], &[], None), "M0 100L0.00 100Z");
    assert_eq!(
        outline(&[0, 50, 100], &[0.0, 1.0], None),
        "M0 100L0.00 100.0L50.00 100.0L50.00 4.0L100.00 4.0L100.00 100Z"
    );
}

#[test]
fn an_outline_lies_where_its_stretches_lie_on_the_line() {
    let shown = Some(Stretch { from: 40.0, to: 60.0 });
    assert_eq!(
        outline(&[0, 30, 50, 100], &[0.5, 0.0, 1.0], shown),
        "M0 100L0.00 100.0L50.00 100.0L50.00 4.0L100.00 4.0L100.00 100Z"
    );
    assert_eq!(outline(&[0, 45], &[1.0], None), "M0 100L0.00 4.0L45.00 4.0L45.00 100Z");
}
