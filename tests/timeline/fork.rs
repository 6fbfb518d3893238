//! A fork is what a fold of its log is, and what it is forked from does not notice.

use std::collections::BTreeMap;

use everview_core::{
    AppendError, Edit, Engine, Epoch, ForkError, ForkPlan, Forks, Key, NewEvent, Position, Row,
    Value,
};
use proptest::prelude::*;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{World, at, empty, names, same, world};
use crate::laws::seen;

type Recorded = (Epoch, NewEvent);

/// Edits in order: how many events are passed before each, how many are dropped and how many come.
fn edits() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((0_usize..25, 0_usize..3, 0_usize..3), 1..4)
}

fn fitted(shape: &[(usize, usize, usize)], log: &[Recorded], label: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut after = 0;
    for (number, (passed, dropped, added)) in shape.iter().enumerate() {
        after = (after + passed).min(log.len());
        let dropped = (*dropped).min(log.len() - after);
        let come = |index: usize| {
            // What comes in the place of an event has its name, and the data of another.
            let name = (index < dropped).then(|| log[after + index].1.id.clone());
            let data = log.get(index * 7 + number).map_or("{}", |(_, event)| &event.data);
            NewEvent {
                id: name.unwrap_or_else(|| format!("{label}-{number}-{index}")),
                source: "/law".into(),
                event_type: ["Set", "Added", "Dropped"][(number + index) % 3].into(),
                subject: ["a", "b"][index % 2].into(),
                time: None,
                data: data.into(),
            }
        };
        let events = (0..*added).map(come).collect();
        edits.push(Edit { after: at(after), dropped: dropped as u64, events });
        after += dropped;
    }
    edits
}

fn edited(log: &[Recorded], edits: &[Edit]) -> Vec<Recorded> {
    let mut out: Vec<Recorded> = Vec::new();
    let mut done = 0;
    let last = log.last().map_or(Epoch::default(), |(epoch, _)| *epoch);
    for Edit { after, dropped, events } in edits {
        let after = usize::try_from(after.get()).unwrap();
        out.extend_from_slice(&log[done..after]);
        let epoch = log.get(after).map_or(last, |(epoch, _)| *epoch);
        out.extend(events.iter().map(|event| (epoch, event.clone())));
        done = after + usize::try_from(*dropped).unwrap();
    }
    out.extend_from_slice(&log[done..]);
    out
}

fn fold(log: &[Recorded]) -> Engine {
    let mut engine = empty();
    for (epoch, event) in log {
        engine.append(*epoch, event).unwrap();
    }
    engine
}

fn recorded(world: &World) -> Vec<Recorded> {
    let epoch = |number: usize| Epoch::new(number as u64 / 9 + 1);
    world.events.iter().enumerate().map(|(number, event)| (epoch(number), event.clone())).collect()
}

/// An engine that has the log of a world, with its playhead somewhere and not all of it folded.
fn engine(world: &World, log: &[Recorded]) -> Engine {
    let (before, after) = log.split_at(world.folded.min(log.len()));
    let mut engine = fold(before);
    engine.seek(at(world.playhead));
    for (epoch, event) in after {
        engine.append(*epoch, event).unwrap();
    }
    engine
}

fn rows(engine: &Engine, view: &str) -> BTreeMap<Key, Row> {
    let deltas = engine.clone().drain_deltas(view);
    deltas.into_iter().filter_map(|delta| Some((delta.key, delta.after?))).collect()
}

/// Looks at an engine somewhere else.
fn looked(engine: &Engine, position: usize) -> Engine {
    let mut engine = engine.clone();
    engine.seek(at(position));
    engine
}

fn require_diff(a: &mut Engine, b: &mut Engine, from: usize, to: usize) {
    let before = (seen(a), seen(b));
    for view in names(a) {
        let diff = a.diff_with(&view, at(from), (&mut *b, at(to))).unwrap();
        let mut found = rows(&looked(a, from), &view);
        let expected = rows(&looked(b, to), &view);
        for delta in &diff.deltas {
            assert_eq!(found.remove(&delta.key), delta.before, "before, of {view}");
            assert!(delta.columns().next().is_some(), "a row that is the same, of {view}");
            if let Some(row) = &delta.after {
                found.insert(delta.key.clone(), row.clone());
            }
        }
        assert!(diff.deltas.is_sorted_by(|a, b| a.key < b.key), "in order, of {view}");
        assert_eq!(found.len(), expected.len(), "of {view}");
        let is_same = found.iter().all(|(key, row)| same(row, &expected[key]));
        assert!(is_same, "after, of {view}: {found:?}\nexpected {expected:?}");
    }
    assert_eq!((seen(a), seen(b)), before, "the playheads stay");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn a_fork_is_the_fold_of_its_log_and_differs_as_told(
        world in world(),
        shape in edits(),
        other_shape in edits(),
        from in 0_usize..70,
        to in 0_usize..70,
        tail in 0_usize..4,
    ) {
        let log = recorded(&world);
        let mut parent = engine(&world, &log);
        let before = seen(&parent);
        let (one, two) = (fitted(&shape, &log, "one"), fitted(&other_shape, &log, "two"));
        let (log_one, log_two) = (edited(&log, &one), edited(&log, &two));
        let mut fork = parent.fork(&one).unwrap();
        let mut other = parent.fork(&two).unwrap();
        prop_assert_eq!(seen(&parent), &*before);
        for (fork, log) in [(&mut fork, &log_one), (&mut other, &log_two)] {
            let playhead = usize::try_from(fork.position().get()).unwrap();
            prop_assert_eq!(seen(fork), seen(&fold(&log[..playhead])));
        }
        require_diff(&mut parent, &mut fork, from, to);
        require_diff(&mut fork, &mut other, from, to);
        // Each goes on by itself.
        for number in 0..tail {
            let (epoch, event) = &log[number % log.len()];
            let epoch = Epoch::new(epoch.get() + 9);
            let event = NewEvent { id: format!("tail-{number}"), ..event.clone() };
            fork.append(epoch, &event).unwrap();
            let event = NewEvent { subject: format!("tail-{number}"), ..event };
            parent.append(epoch, &event).unwrap();
        }
        require_diff(&mut fork, &mut parent, from, to);
        for (engine, log) in [(&mut parent, &log), (&mut fork, &log_one), (&mut other, &log_two)] {
            engine.seek(at(from.min(log.len())));
            prop_assert_eq!(seen(engine), seen(&fold(&log[..from.min(log.len())])));
        }
    }

    #[test]
    fn forks_are_made_again_of_what_they_were_made_of(
        world in world(),
        shapes in prop::collection::vec((edits(), 0_usize..4), 1..6),
        discarded in 0_usize..6,
    ) {
        let log = recorded(&world);
        let mut root = engine(&world, &log);
        let (mut forks, mut logs) = (Forks::default(), BTreeMap::new());
        for (number, (shape, parent)) in shapes.iter().enumerate() {
            let parent = (*parent as u64 % (number as u64 + 1)).checked_sub(1).map(|one| one + 1);
            let of = parent.map_or(&log, |parent| &logs[&parent]);
            let edits = fitted(shape, of, &format!("fork-{number}"));
            let edited = edited(of, &edits);
            let made = forks.fork(&mut root, parent, "what if", &edits).unwrap();
            logs.insert(made, edited);
        }
        let plans: Vec<(u64, ForkPlan)> =
            forks.iter().map(|(number, fork)| (number, fork.plan.clone())).collect();
        // The root goes on meanwhile.
        let next = NewEvent { id: "next".into(), ..log[0].1.clone() };
        root.append(Epoch::new(99), &next).unwrap();
        let again = Forks::of_plans(&mut root, plans).unwrap();
        for (number, log) in &logs {
            for forks in [&forks, &again] {
                let mut engine = forks.get(*number).unwrap().engine.clone();
                engine.seek(engine.head());
                prop_assert_eq!(seen(&engine), seen(&fold(log)));
            }
        }
        let count = forks.iter().count();
        let gone = forks.discard(discarded as u64);
        prop_assert_eq!(forks.iter().count(), count - gone);
        let is_there = |parent: Option<u64>| parent.is_none_or(|parent| forks.get(parent).is_some());
        prop_assert!(forks.iter().all(|(_, fork)| is_there(fork.plan.parent)));
    }
}

fn event(id: &str, subject: &str) -> NewEvent {
    NewEvent {
        id: id.into(),
        source: "/law".into(),
        event_type: "Added".into(),
        subject: subject.into(),
        time: None,
        data: r#"{"part":"x","amount":3,"label":"l"}"#.into(),
    }
}

fn three() -> Engine {
    let mut engine = empty();
    for id in ["a", "b", "c"] {
        engine.append(Epoch::new(1), &event(id, id)).unwrap();
    }
    engine
}

#[test]
fn an_edit_that_does_not_fit_is_refused_by_number() {
    let mut engine = three();
    let before = seen(&engine);
    let refused = |edits: &[Edit], engine: &mut Engine| engine.fork(edits).unwrap_err().to_string();
    assert_eq!(
        refused(&[Edit::drop(at(1)), Edit::drop(at(4))], &mut engine),
        "edit 2: expected events from after #0 to #3, found #3 and the 1 after it"
    );
    assert_eq!(
        refused(&[Edit::drop(at(2)), Edit::drop(at(1))], &mut engine),
        "edit 2: expected a place after #2 or later, found #0"
    );
    assert_eq!(
        refused(&[Edit::add(at(1), vec![event("c", "c")])], &mut engine),
        "edit 1: the event `c` of `/law` is there already"
    );
    let mut forks = Forks::default();
    let refused = forks.fork(&mut engine, Some(7), "none", &[]).unwrap_err();
    assert_eq!(refused.to_string(), "no fork 7");
    assert_eq!(seen(&engine), before);
}

#[test]
fn an_event_may_come_again_elsewhere_when_it_is_dropped() {
    let mut engine = three();
    let moved = [Edit::drop(at(1)), Edit::add(at(3), vec![event("a", "a")])];
    let fork = engine.fork(&moved).unwrap();
    let ids: Vec<_> = fork.log().after(Position::START).map(|event| event.id).collect();
    assert_eq!(ids, ["b", "c", "a"]);
}

#[test]
fn engines_that_have_nothing_in_common_are_not_compared() {
    let (mut one, mut other) = (three(), three());
    let refused = one.diff_with("items", at(3), (&mut other, at(3))).unwrap_err();
    assert_eq!(refused.to_string(), "the two logs have nothing in common");
    let refused = one.diff_with("nothing", at(3), (&mut other, at(3))).unwrap_err();
    assert!(refused.to_string().starts_with("no view `nothing`"));
    let mut fork = one.fork(&[]).unwrap();
    fork.define(&everview_core::Definitions::default()).unwrap();
    let refused = one.diff_with("counted", at(3), (&mut fork, at(3))).unwrap_err();
    assert_eq!(refused.to_string(), "the views are not defined alike");
}

#[test]
fn branches_of_a_tree_are_compared_by_number() {
    let mut root = three();
    let mut forks = Forks::default();
    let less = forks.fork(&mut root, None, "less", &[Edit::drop(at(2))]).unwrap();
    let other = NewEvent { event_type: "Dropped".into(), ..event("c", "c") };
    let gone = forks.fork(&mut root, Some(less), "gone", &[Edit::change(at(2), other)]).unwrap();
    let mut diff = |a, b| {
        let diff = forks.diff(&mut root, "counted", a, b).unwrap();
        let row = |delta: &everview_core::Delta| {
            (delta.key[0].clone(), delta.before.is_some(), delta.after.is_some())
        };
        diff.deltas.iter().map(row).collect::<Vec<_>>()
    };
    let (b, c) = (Value::text("b"), Value::text("c"));
    assert_eq!(diff((None, at(3)), (Some(less), at(2))), [(b.clone(), true, false)]);
    assert_eq!(diff((Some(less), at(2)), (None, at(3))), [(b.clone(), false, true)]);
    assert_eq!(diff((Some(less), at(2)), (Some(gone), at(2))), [(c.clone(), true, false)]);
    assert_eq!(diff((None, at(3)), (Some(gone), at(2))), [(b, true, false), (c, true, false)]);
    assert_eq!(diff((Some(gone), at(2)), (Some(gone), at(2))), []);
    let at_one = |number| forks.get(number).unwrap().parting();
    assert_eq!((at_one(less), at_one(gone)), (at(1), at(1)));
}

#[test]
fn what_repeats_is_recognised_in_a_fork_that_has_not_worked_out_by_what() {
    let mut engine = empty();
    for id in ["1", "2", "3"] {
        engine.append(Epoch::new(1), &event(id, "a")).unwrap();
    }
    let add = |after, id: &str| Edit::add(at(after), vec![event(id, "b")]);
    let mut fork = engine.fork(&[Edit::drop(at(1)), add(2, "1"), add(3, "4")]).unwrap();
    assert!(engine.memory().duplicates > 0);
    assert_eq!(fork.memory().duplicates, 0, "not before it takes an event");
    for edits in [
        vec![Edit::drop(at(1)), add(3, "3")],
        vec![add(1, "2"), Edit::drop(at(3))],
        vec![add(2, "5"), add(3, "5")],
    ] {
        let error = engine.fork(&edits).unwrap_err();
        let is_duplicate =
            matches!(error, ForkError::Append { error: AppendError::Duplicate { .. }, .. });
        assert!(is_duplicate, "{error}");
    }
    for id in ["1", "2", "3", "4"] {
        assert!(fork.append(Epoch::new(1), &event(id, "a")).is_err(), "{id} is there");
    }
    fork.append(Epoch::new(1), &event("5", "a")).unwrap();
    assert!(fork.memory().duplicates > 0);
}
