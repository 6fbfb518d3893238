use super::*;

fn query(text: &str) -> (Option<(u64, u64)>, String) {
    let Query { positions, text } = Query::from(text);
    (positions, text)
}

#[test]
fn positions_are_read_wherever_they_stand() {
    assert_eq!(query(" two  words "), (None, "two  words".into()));
    assert_eq!(query("pos:7..20"), (Some((7, 20)), String::new()));
    assert_eq!(query("green  pos:7..20 tea"), (Some((7, 20)), "green tea".into()));
    // The last one counts; what is no range is looked for.
    assert_eq!(query("pos:1..2 pos:3..4 pos:x..5"), (Some((3, 4)), "pos:x..5".into()));
}

#[test]
fn other_positions_are_written_in_place_of_those_before() {
    assert_eq!(with_positions("", (1, 9)), "pos:1..9");
    assert_eq!(with_positions("green  tea", (1, 9)), "pos:1..9 green  tea");
    assert_eq!(with_positions("pos:3..4 tea", (1, 9)), "pos:1..9 tea");
}
