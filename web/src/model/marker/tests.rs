use super::*;
use crate::model::axis::Axis;
use crate::model::line::Stretch;

fn hits<'a>(all: &'a [&'a [u64]]) -> impl Iterator<Item = (MarkerKind, &'a [u64])> {
    all.iter().map(|hits| (MarkerKind::Breakpoint, *hits))
}

#[test]
fn markers_of_every_kind_are_passed_in_order() {
    let address = Address::from("#/?a=7&b=2&bookmark=5:start&bookmark=7:again");
    let markers = markers(&address, hits(&[&[3, 5], &[3]]), [6].into_iter());
    let signs: Vec<_> =
        markers.iter().map(|marker| (marker.position, marker.kind.sign())).collect();
    assert_eq!(signs, [(2, "B"), (3, "◆"), (5, "☆"), (5, "◆"), (6, "⚡"), (7, "A"), (7, "☆")]);
    let mut on = Vec::new();
    let mut at = 0;
    while let Some(next) = beside(&markers, at, true) {
        on.push(next);
        at = next;
    }
    assert_eq!(on, [2, 3, 5, 6, 7]);
    assert_eq!(beside(&markers, 7, false), Some(6));
    assert_eq!(beside(&markers, 2, false), None);
}

fn line(shown: Option<Stretch>) -> Line {
    Line::new(Axis::even((0, 1_000_000)), shown)
}

#[test]
fn a_million_markers_are_drawn_as_a_few() {
    let millions: Vec<u64> = (1..=1_000_000).collect();
    let address = Address::from("#/?bookmark=500000:half&bookmark=2000000:later");
    let drawn = drawn(&markers(&address, hits(&[&millions]), 1..9), &line(None));
    assert_eq!(drawn.len(), 201);
    assert_eq!(drawn.iter().filter(|marker| marker.kind == MarkerKind::Bookmark).count(), 1);
}

#[test]
fn what_is_not_on_the_line_is_not_drawn_and_what_is_at_its_ends_is() {
    let address =
        Address::from("#/?bookmark=99&bookmark=100&bookmark=500&bookmark=1000&bookmark=1001");
    let all = markers(&address, hits(&[&[100, 101, 999, 1_000]]), 1..9);
    let drawn = drawn(&all, &line(Some(Stretch { from: 100.0, to: 1_000.0 })));
    let drawn: Vec<_> = drawn.iter().map(|marker| (marker.position, marker.kind.sign())).collect();
    assert_eq!(drawn, [(100, "◆"), (100, "☆"), (500, "☆"), (999, "◆"), (1_000, "☆")]);
}
