use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;

use super::{Change, History, MOST, RowChange};
use crate::Rng;
use crate::cell::{Cell, Dictionary};

type Cells = BTreeMap<(u32, usize), Cell>;

fn cell(cells: &Cells, slot: u32, index: usize) -> Cell {
    cells.get(&(slot, index)).copied().unwrap_or(Cell::NULL)
}

fn row(cells: &Cells, slot: u32) -> Vec<Cell> {
    (0..10).map(|index| cell(cells, slot, index)).collect()
}

/// The cells after each event, and the history that was written on the way.
fn written(rng: &mut Rng, events: u32) -> (Vec<Cells>, History) {
    let (mut history, mut dictionary) = (History::default(), Dictionary::default());
    let mut states = Vec::from([Cells::new()]);
    for event in 1..=events {
        let mut state = states[event as usize - 1].clone();
        let mut changes = Vec::new();
        for _ in 0..rng.below(3) {
            let slot = u32::try_from(rng.below(40)).unwrap();
            for index in 0..10 {
                if rng.below(3) == 0 {
                    let before = cell(&state, slot, index);
                    let number = i64::try_from(rng.below(1 << 40)).unwrap() - (1 << 39);
                    let after =
                        if rng.below(4) == 0 { Cell::NULL } else { dictionary.integer(number) };
                    changes.push(Change { slot, index, before, after });
                    state.insert((slot, index), after);
                }
            }
        }
        history.push(event, &changes);
        states.push(state);
    }
    (states, history)
}

fn cross(history: &mut History, cells: &mut Cells, event: u32) {
    history.cross(event, |slot, index, difference| {
        let after = cell(cells, slot, index).plus(difference);
        cells.insert((slot, index), after);
    });
    cells.retain(|_, cell| !cell.is_null());
}

#[test]
fn a_history_leads_to_every_event_and_back() {
    let mut rng = Rng::new(7);
    let events = u32::try_from(MOST).unwrap() * 4;
    let (mut states, mut history) = written(&mut rng, events);
    for state in &mut states {
        state.retain(|_, cell| !cell.is_null());
    }
    let mut cells = states[events as usize].clone();
    for _ in 0..300 {
        let event = u32::try_from(rng.below(u64::from(events) + 1)).unwrap();
        cross(&mut history, &mut cells, event);
        assert!(cells == states[event as usize], "after event {event}");
    }
}

/// What each event up to one made of a slot, the latest first.
fn watched(states: &[Cells], slot: u32, event: u32) -> Vec<RowChange> {
    let row = |event: u32| (0..10).map(move |index| cell(&states[event as usize], slot, index));
    let change = |event| {
        let (before, after) = (row(event - 1).collect(), row(event).collect());
        RowChange { event, before, after }
    };
    let changes = (1..=event).rev().map(change);
    changes.filter(|change| change.before != change.after).collect()
}

#[test]
fn the_history_of_a_row_is_found_from_any_event_and_after_what_was_forgotten() {
    let mut rng = Rng::new(9);
    let (mut states, mut history) = written(&mut rng, 1_000);
    let mut cells = states[1_000].clone();
    for kept in [1_000, 700, 650, 130, 129, 3] {
        cross(&mut history, &mut cells, kept);
        history.truncate();
        states.truncate(kept as usize + 1);
        for _ in 0..20 {
            let event = u32::try_from(rng.below(u64::from(kept) + 1)).unwrap();
            cross(&mut history, &mut cells, event);
            let slot = u32::try_from(rng.below(41)).unwrap();
            let found: Vec<RowChange> = history.of_row(slot, &row(&cells, slot)).collect();
            assert!(found == watched(&states, slot, event), "slot {slot} after event {event}");
        }
        cross(&mut history, &mut cells, kept);
    }
}

#[test]
fn behind_an_event_that_comes_between_the_blocks_are_the_same() {
    const EVENTS: u32 = 4_000;
    const BETWEEN: u32 = 1_001;
    let mut rng = Rng::new(10);
    let (mut history, mut other) = (History::default(), History::default());
    let mut cells = Cells::new();
    for event in 1..=EVENTS {
        let (slot, index) = (u32::try_from(rng.below(40)).unwrap(), 0);
        let before = cell(&cells, slot, index);
        let after = Cell::of_count(usize::try_from(rng.below(1 << 30)).unwrap());
        cells.insert((slot, index), after);
        let change = Change { slot, index, before, after };
        history.push(event, &[change]);
        if event == BETWEEN {
            let own = Change { slot: 50, index, before: Cell::NULL, after: Cell::TRUE };
            other.push(event, &[own]);
        }
        other.push(event + u32::from(event >= BETWEEN), &[change]);
    }
    let events = |history: &History| -> Vec<u32> {
        history.of_row(7, &row(&cells, 7)).map(|change| change.event).collect()
    };
    let before = events(&other);
    other.share(&history);
    let is_shared = |block: &&Rc<[u8]>| history.blocks.iter().any(|own| Rc::ptr_eq(own, block));
    let unshared = other.blocks.iter().filter(|block| !is_shared(block)).count();
    assert!(unshared < 8, "{unshared} of {}", other.blocks.len());
    assert_eq!(events(&other), before);
    let counted_on = events(&history).into_iter().map(|event| event + u32::from(event >= BETWEEN));
    assert!(counted_on.eq(before));
}

#[test]
fn what_is_forgotten_does_not_come_back_and_other_changes_may_follow() {
    let mut rng = Rng::new(8);
    let (states, mut history) = written(&mut rng, 300);
    let mut cells = states[300].clone();
    for kept in [299, 140, 60, 0] {
        cross(&mut history, &mut cells, kept);
        history.truncate();
        cross(&mut history, &mut cells, 1_000);
        let mut expected = states[kept as usize].clone();
        expected.retain(|_, cell| !cell.is_null());
        assert!(cells == expected, "after event {kept}");
        let change = Change { slot: 1, index: 2, before: cell(&cells, 1, 2), after: Cell::TRUE };
        history.push(kept + 1, &[change]);
        cells.insert((1, 2), Cell::TRUE);
        cross(&mut history, &mut cells, kept);
        assert!(cells == expected, "after event {kept}");
    }
}
