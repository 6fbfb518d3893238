use super::*;

#[test]
fn an_outline_is_a_closed_area() {
    assert_eq!(outline(&[]), "M0 100L1000 100Z");
    assert_eq!(outline(&[0.0, 1.0]), "M0 100L0.0 100.0L500.0 100.0L500.0 4.0L1000.0 4.0L1000 100Z");
}
