use everview_core::Rng;

use super::*;

fn some_text(rng: &mut Rng) -> String {
    const CHARS: [char; 16] =
        ['a', 'Z', '0', ' ', '&', '=', '?', '#', '/', '%', '+', '-', 'é', '✓', '"', '\u{1F600}'];
    let length = rng.below(8) + 1;
    (0..length).map(|_| CHARS[usize::try_from(rng.below(16)).unwrap()]).collect()
}

fn some_address(rng: &mut Rng) -> Address {
    let page = match rng.below(7) {
        0 => Page::Overview,
        1 => Page::Streams,
        2 => Page::Views,
        3 => Page::View(some_text(rng)),
        4 => Page::Definitions,
        5 => Page::Commands,
        _ => Page::Cluster,
    };
    let source = match rng.below(3) {
        0 => None,
        1 => Some(SourceLink::Simulation(rng.next_u64())),
        _ => Some(SourceLink::Url(format!("https://example.org/{}", some_text(rng)))),
    };
    let filter = Filter {
        types: (0..rng.below(3)).map(|_| some_text(rng)).collect(),
        stream: (rng.below(2) == 0).then(|| some_text(rng)),
        text: if rng.below(2) == 0 { String::new() } else { some_text(rng) },
    };
    let sort = (rng.below(2) == 0)
        .then(|| Sort { column: some_text(rng), is_descending: rng.below(2) == 0 });
    Address {
        page,
        at: (rng.below(2) == 0).then(|| rng.next_u64()),
        marks: Marks {
            a: (rng.below(2) == 0).then(|| rng.next_u64()),
            b: (rng.below(2) == 0).then(|| rng.next_u64()),
        },
        is_diff: rng.below(2) == 0,
        source,
        filter,
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
fn what_is_not_understood_is_left_out() {
    assert_eq!(Address::from("#/nowhere?at=x&colour=red&src=sim:x"), Address::default());
    assert_eq!(Address::from(""), Address::default());
    assert_eq!(Address::from("#/streams?q=100%").filter.text, "100%");
}

#[test]
fn another_page_keeps_the_session_and_forgets_the_order_of_rows() {
    let address = Address::from("#/views/orders?src=sim:1&at=5&type=a&event=3&sort=-x&rows=y");
    assert_eq!(address.on(Page::Cluster).to_string(), "#/cluster?src=sim:1&at=5&type=a");
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
