use everview_protocol::session::{ObserverCondition, RegionState, RegionsState};

use super::{accepting, conflicts};

fn regions(conditions: &[ObserverCondition]) -> RegionsState {
    let region = |(number, condition): (u8, &ObserverCondition)| RegionState {
        name: char::from(b'A' + number).to_string(),
        region: number + 1,
        condition: *condition,
        clock_off_ms: 0,
        changes: 0,
        knows: Vec::new(),
        held_back: 0,
        digest: String::new(),
        links: Vec::new(),
    };
    let regions = (0..).zip(conditions).map(region).collect();
    RegionsState { regions, ..RegionsState::default() }
}

#[test]
fn regions_that_stand_still_or_are_down_take_no_writes() {
    use ObserverCondition::{Down, Frozen, Running};
    assert_eq!(accepting(&regions(&[Running, Running])), "2 regions, all accept");
    assert_eq!(accepting(&regions(&[Running, Frozen, Down])), "3 regions, 1 of them accepts");
    assert_eq!(accepting(&regions(&[Down])), "1 region, none accepts");
}

#[test]
fn open_conflicts_are_told_apart() {
    let with = |conflicts, open| RegionsState { conflicts, open, ..RegionsState::default() };
    assert_eq!(conflicts(&with(0, 0)), "No conflict yet");
    assert_eq!(conflicts(&with(1, 0)), "1 conflict, none of them open");
    assert_eq!(conflicts(&with(4, 2)), "4 conflicts, 2 of them open");
}
