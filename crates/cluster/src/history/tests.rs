use everview_core::{Epoch, Position};

use super::{History, Lineage, Term};

/// Each pair is a lineage's number, which is its epoch too, and its first position.
fn history<const N: usize>(terms: [(u64, u64); N]) -> History {
    let term = |(number, first)| Term {
        lineage: Lineage::new(u128::from(number)),
        epoch: Epoch::new(number),
        first: Position::new(first),
    };
    terms.into_iter().map(term).collect()
}

fn parting(mine: &History, head: u64, theirs: &History) -> u64 {
    mine.parting(Position::new(head), theirs).get()
}

#[test]
fn a_copy_that_is_behind_parts_nowhere() {
    let leader = history([(1, 1), (2, 11)]);

    assert_eq!(parting(&history([(1, 1)]), 7, &leader), 7);
    assert_eq!(parting(&history([(1, 1), (2, 11)]), 15, &leader), 15);
    assert_eq!(parting(&history([]), 0, &leader), 0);
}

#[test]
fn an_unreplicated_tail_parts_where_the_next_term_began() {
    let leader = history([(1, 1), (3, 11)]);

    assert_eq!(parting(&history([(1, 1)]), 14, &leader), 10);
    assert_eq!(parting(&history([(1, 1), (2, 9)]), 14, &leader), 8);
    assert_eq!(parting(&history([(1, 1), (2, 13)]), 14, &leader), 10);
}

#[test]
fn a_term_without_events_does_not_cost_any() {
    assert_eq!(parting(&history([(1, 1), (2, 11)]), 10, &history([(1, 1), (3, 11)])), 10);
}

#[test]
fn logs_that_share_no_lineage_part_at_the_start() {
    assert_eq!(parting(&history([(1, 1)]), 5, &history([(2, 1)])), 0);
    assert_eq!(parting(&history([(1, 1)]), 5, &history([])), 0);
}

#[test]
fn a_beginning_does_not_claim_terms_that_had_not_begun() {
    let whole = history([(1, 1), (2, 6), (4, 20)]);

    assert_eq!(whole.until(Position::new(4)), history([(1, 1)]));
    assert_eq!(whole.until(Position::new(5)), history([(1, 1), (2, 6)]));
    assert_eq!(whole.until(Position::new(19)), whole);
}
