use super::*;

fn terms() -> [TermState; 4] {
    [(None, 0, 0), (Some("A"), 1, 0), (None, 1, 40), (Some("B"), 2, 40)].map(
        |(leader, epoch, position)| TermState {
            leader: leader.map(Into::into),
            epoch,
            since_ms: 0,
            position,
        },
    )
}

#[test]
fn a_band_lasts_until_the_next_one_and_the_last_one_goes_on() {
    let ends: Vec<_> = bands(&terms()).into_iter().map(|(_, end)| end).collect();
    assert_eq!(ends, [Some(0), Some(40), Some(40), None]);
    assert_eq!(bands(&[]), []);
}

#[test]
fn an_event_came_under_the_last_leader_that_was_there_before_it() {
    let terms = terms();
    let leader = |position| term_at(&terms, position).and_then(|term| term.leader.as_deref());
    assert_eq!(
        [leader(0), leader(1), leader(40), leader(41)],
        [None, Some("A"), Some("A"), Some("B")]
    );
    assert_eq!(term_at(&[], 3), None);
}
