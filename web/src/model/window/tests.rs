use super::*;

fn list(rows: u64) -> Window {
    Window { rows, fit: 20, row_px: 28.0 }
}

const LENGTHS: [u64; 10] = [0, 1, 19, 20, 21, 500, 285_714, 599_000, 1_000_000, 50_000_000];

#[test]
fn the_first_and_the_last_row_can_be_reached_in_a_list_of_any_length() {
    for rows in LENGTHS {
        let window = list(rows);
        assert_eq!(window.first_at(0.0), 0, "{rows} rows");
        assert_eq!(window.first_at(window.travel()) + 20, rows.max(20), "{rows} rows");
        assert_eq!(window.first_at(window.travel() - 0.6) + 20, rows.max(20), "{rows} rows");
    }
}

#[test]
fn no_list_is_higher_than_a_browser_allows() {
    for rows in LENGTHS {
        assert!(list(rows).travel() <= 16_000_000.0, "{rows} rows");
    }
}

#[test]
fn scrolling_down_never_goes_back_a_row() {
    for rows in LENGTHS {
        let window = list(rows);
        let firsts: Vec<u64> = (0..=1_000)
            .map(|part| window.first_at(window.travel() * f64::from(part) / 1_000.0))
            .collect();
        assert!(firsts.is_sorted(), "{rows} rows");
    }
}

#[test]
fn a_row_that_is_put_at_the_top_is_there_when_the_bar_is_read_again() {
    for rows in LENGTHS {
        let window = list(rows);
        for first in [0, 1, rows / 3, rows / 2, rows.saturating_sub(21), rows.saturating_sub(20)] {
            let first = first.min(window.last_first());
            // Near the end of a scaled list the last pixel stands for the last row.
            if window.is_scaled() && window.travel() - 1.0 <= window.scroll_top(first) {
                continue;
            }
            assert_eq!(window.first_at(window.scroll_top(first)), first, "{rows} rows");
        }
    }
}

#[test]
fn a_wheel_moves_by_rows_however_long_the_list_is() {
    let window = list(50_000_000);
    assert_eq!(window.turned(1_000, 100.0), 1_004);
    assert_eq!(window.turned(1_000, -100.0), 996);
    assert_eq!(window.turned(2, -100.0), 0);
    assert_eq!(window.turned(49_999_979, 100.0), 49_999_980);
}

#[test]
fn revealing_a_row_moves_no_further_than_it_must() {
    let window = list(100);
    assert_eq!(window.revealing(10, 15), 10);
    assert_eq!(window.revealing(10, 30), 11);
    assert_eq!(window.revealing(10, 4), 4);
    assert_eq!(window.revealing(0, 99), 80);
    assert_eq!(list(5).revealing(0, 4), 0);
}

#[test]
fn a_row_far_away_comes_to_the_middle() {
    let window = list(1_000);
    assert_eq!(window.centring(10, 15), 10);
    assert_eq!(window.centring(10, 500), 490);
    assert_eq!(window.centring(10, 999), 980);
}
