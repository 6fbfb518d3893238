use super::*;

fn scan(positions: &[u64], reached: u64) -> Scan {
    let mut scan = Scan::default();
    assert!(scan.take(0, Onsets { positions: positions.into(), reached }));
    scan
}

#[test]
fn playing_stops_at_the_next_place_and_never_passes_what_was_not_looked_at() {
    let scan = scan(&[3, 8], 10);
    assert_eq!(scan.limit(0, 20), Some(3));
    assert_eq!(scan.limit(3, 20), Some(8));
    assert_eq!(scan.limit(8, 20), Some(10));
    assert_eq!(scan.limit(8, 10), None);
    assert!(scan.stops_at(8) && !scan.stops_at(9));
}

#[test]
fn a_stretch_that_comes_twice_or_too_late_is_left_out() {
    let mut scan = scan(&[3], 10);
    assert!(!scan.take(0, Onsets { positions: vec![3], reached: 10 }));
    assert!(scan.take(10, Onsets { positions: vec![12], reached: 15 }));
    assert_eq!((&*scan.hits, scan.reached), (&[3, 12][..], 15));
}

#[test]
fn a_breakpoint_that_is_not_understood_stops_nothing() {
    let scan = Scan { problem: Some("no column".into()), ..Scan::default() };
    assert_eq!(scan.limit(0, 20), None);
}

#[test]
fn a_condition_over_cells_is_written_as_sql() {
    let cell = |column, text, is_number, matters| Cell { column, text, is_number, matters };
    let cells = [
        cell("subject", "o'1", false, true),
        cell("region", "north", false, false),
        cell("to\"tal", "5.5", true, true),
        cell("status", "–", true, true),
    ];
    let text = r#""subject" = 'o''1' AND "to""tal" = 5.5 AND "status" IS NULL"#;
    assert_eq!(condition(cells.into_iter()).as_deref(), Some(text));
    assert_eq!(condition([].into_iter()), None);
}
