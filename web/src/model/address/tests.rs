use everview_core::Rng;

use super::*;

fn some_text(rng: &mut Rng) -> String {
    const CHARS: [char; 16] =
        ['a', 'Z', '0', ' ', '&', '=', '?', '#', '/', '%', '+', '-', 'é', '✓', '"', '\u{1F600}'];
    let length = rng.below(8) + 1;
    (0..length).map(|_| CHARS[usize::try_from(rng.below(16)).unwrap()]).collect()
}

fn some_address(rng: &mut Rng) -> Address {
    let page = match rng.below(9) {
        0 => Page::Overview,
        1 => Page::Streams,
        2 => Page::Views,
        3 => Page::View(some_text(rng)),
        4 => Page::Definitions,
        5 => Page::Commands,
        6 => Page::Chaos,
        7 => Page::Settings,
        _ => Page::Cluster(Section::ALL[usize::try_from(rng.below(8)).unwrap()]),
    };
    let source = match rng.below(6) {
        0 => None,
        4 => Some(SourceLink::Capsule(some_text(rng))),
        1 => Some(SourceLink::Simulation(rng.next_u64())),
        2 => Some(SourceLink::Scenario(format!("seed 7\nat 1 s kill {}\n", some_text(rng)))),
        3 => Some(SourceLink::File(some_text(rng))),
        _ => Some(SourceLink::Url(format!("https://example.org/{}", some_text(rng)))),
    };
    let filter = Filter {
        types: (0..rng.below(3)).map(|_| some_text(rng)).collect(),
        stream: (rng.below(2) == 0).then(|| some_text(rng)),
        text: if rng.below(2) == 0 { String::new() } else { some_text(rng) },
    };
    let sort = (rng.below(2) == 0)
        .then(|| Sort { column: some_text(rng), is_descending: rng.below(2) == 0 });
    let selected = (rng.below(2) == 0).then(|| Selected {
        key: some_text(rng),
        column: (rng.below(2) == 0).then(|| some_text(rng)),
    });
    let mut positions: Vec<u64> = (0..rng.below(3)).map(|_| rng.next_u64()).collect();
    positions.sort_unstable();
    let mut bookmark = |position| Bookmark { position, name: some_text(rng) };
    let bookmarks = positions.into_iter().map(&mut bookmark).collect();
    let mut breakpoint = |()| Breakpoint { view: some_text(rng), condition: some_text(rng) };
    let breakpoints = [(), ()].into_iter().map(&mut breakpoint).collect();
    Address {
        page,
        selected,
        pane: [None, Some(Pane::Why), Some(Pane::History)][usize::try_from(rng.below(3)).unwrap()],
        bookmarks,
        breakpoints,
        at: (rng.below(2) == 0).then(|| rng.next_u64()),
        fork: (rng.below(2) == 0).then(|| rng.next_u64()),
        marks: Marks {
            a: (rng.below(2) == 0).then(|| rng.next_u64()),
            b: (rng.below(2) == 0).then(|| rng.next_u64()),
        },
        is_diff: rng.below(2) == 0,
        source,
        filter,
        axis: AxisKind::ALL[usize::try_from(rng.below(3)).unwrap()],
        zoom: (rng.below(2) == 0).then(|| (rng.next_u64(), rng.next_u64())),
        event: (rng.below(2) == 0).then(|| rng.next_u64()),
        sort,
        rows: if rng.below(2) == 0 { String::new() } else { some_text(rng) },
    }
}

#[test]
fn every_address_is_read_back_from_its_text() {
    let mut rng = Rng::new(7);
    for _ in 0..2_000 {
        let address = some_address(&mut rng);
        let text = address.to_string();
        assert_eq!(Address::from(text.as_str()), address, "{text}");
    }
}

#[test]
fn a_link_reads_like_what_it_shows() {
    let address = Address::from("#/views/orders?at=12345&sort=-total&src=sim:42");
    assert_eq!(address.to_string(), "#/views/orders?src=sim:42&at=12345&sort=-total");
}

#[test]
fn a_link_to_a_cell_and_what_is_marked_reads_like_it() {
    let text = "#/views/orders?sel=row:order-1&cell=total&tab=why&bookmark=7:start&break=orders:total%20%3E%205";
    let address = Address::from(text);
    assert_eq!(address.selected.as_ref().unwrap().column.as_deref(), Some("total"));
    assert_eq!(address.breakpoints[0].condition, "total > 5");
    assert_eq!(address.to_string(), text);
    let other = address.on_cell("revenue", "north", None);
    let text =
        "#/views/revenue?sel=row:north&tab=why&bookmark=7:start&break=orders:total%20%3E%205";
    assert_eq!(other.to_string(), text);
    assert_eq!(
        Address::from("#/?bookmark=x:y&bookmark=9&bookmark=9:z&break=x&cell=c&tab=x&sel=y"),
        Address {
            bookmarks: vec![Bookmark { position: 9, name: String::new() }],
            ..Address::default()
        }
    );
}

#[test]
fn a_bookmark_is_set_in_its_place_and_where_it_is_taken_away() {
    let mut address = Address::default();
    for position in [9, 3, 5, 9] {
        address.toggle_bookmark(position);
    }
    let positions: Vec<u64> = address.bookmarks.iter().map(|known| known.position).collect();
    assert_eq!(positions, [3, 5]);
}

#[test]
fn what_is_not_understood_is_left_out() {
    assert_eq!(Address::from("#/nowhere?at=x&colour=red&src=sim:x"), Address::default());
    assert_eq!(Address::from(""), Address::default());
    assert_eq!(Address::from("#/streams?q=100%").filter.text, "100%");
}

#[test]
fn another_page_keeps_the_session_and_forgets_the_order_of_rows() {
    let address = Address::from("#/views/orders?src=sim:1&at=5&type=a&event=3&sort=-x&rows=y");
    assert_eq!(
        address.on(Page::Cluster(Section::Map)).to_string(),
        "#/cluster?src=sim:1&at=5&type=a"
    );
}

#[test]
fn a_mark_is_set_moved_and_where_it_stands_taken_away() {
    let mut marks = Marks::default();
    marks.toggle(Mark::A, 5);
    marks.toggle(Mark::B, 0);
    assert_eq!((marks.get(Mark::A), marks.get(Mark::B)), (Some(5), Some(0)));
    marks.toggle(Mark::A, 7);
    marks.toggle(Mark::B, 0);
    assert_eq!(marks, Marks { a: Some(7), b: None });
}
