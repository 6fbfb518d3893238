//! An engine that has spilled what it can answers as one that holds everything.

use std::cell::Cell;
use std::fmt::Debug;
use std::rc::Rc;

use everview_core::orders::{OrderStream, VIEWS};
use everview_core::{
    ColdError, ColdFile, ColdStorage, Digest, Edit, Engine, Epoch, Key, Limits, NewEvent, Position,
};
use everview_protocol::definitions;
use proptest::prelude::*;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{at, names};

/// Some segments of the log, and some thousand changes of each table.
const EVENTS: usize = 13_000;
/// How many more come, at the head and late.
const MORE: usize = 600;

/// A file in memory that can be made to fail.
#[derive(Debug, Default, Clone)]
struct File {
    bytes: Vec<u8>,
    /// How many reads succeed still.
    left: Rc<Cell<Option<u32>>>,
}

impl ColdFile for File {
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), String> {
        let at = usize::try_from(at).unwrap();
        assert!(at <= self.bytes.len(), "a hole");
        let end = self.bytes.len().max(at + bytes.len());
        self.bytes.resize(end, 0);
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), String> {
        if let Some(left) = self.left.get() {
            self.left.set(Some(left.checked_sub(1).ok_or("the disk is gone")?));
        }
        let at = usize::try_from(at).unwrap();
        into.copy_from_slice(self.bytes.get(at..at + into.len()).ok_or("cut")?);
        Ok(())
    }
}

thread_local! {
    static PLAIN: Engine = {
        let mut engine = Engine::new(Limits { checkpoint_events: 700, ..Limits::default() });
        engine.define(&definitions::parse(VIEWS).unwrap()).unwrap();
        for event in OrderStream::new(42).events().take(EVENTS) {
            engine.append(Epoch::new(1), &event).unwrap();
        }
        engine
    };
}

/// An engine with everything in memory, and one that spills to a file.
fn engines(file: File) -> (Engine, Engine, ColdStorage) {
    let plain = PLAIN.with(Engine::clone);
    let (mut spilled, storage) = (plain.clone(), ColdStorage::new(file));
    spilled.spill_to(&storage);
    spill(&mut spilled, &storage);
    assert!(storage.bytes() > 0);
    (plain, spilled, storage)
}

/// Spills all that is not the newest of its kind.
fn spill(engine: &mut Engine, storage: &ColdStorage) {
    // The views before the last definitions go first, and nothing is spilled by that.
    engine.thin();
    while {
        let before = storage.bytes();
        engine.thin();
        before < storage.bytes()
    } {}
}

/// What is done; places are in thousandths of the log.
#[derive(Debug, Clone)]
enum Step {
    Seek(u64),
    Append(usize),
    Rewind(u64),
    Insert(u64, usize),
    Fork(u64, u64),
    Diff(usize, u64, u64),
    History(usize, usize),
    Why(usize, usize),
    NextEvent(u64, u64),
    NextChange(usize, u64, u64),
    Onsets(u64),
    Restore,
    Store(u64),
    Define(bool),
    Thin(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let place = || 0_u64..1_001;
    prop_oneof![
        5 => place().prop_map(Step::Seek),
        2 => (1_usize..40).prop_map(Step::Append),
        1 => (700_u64..1_001).prop_map(Step::Rewind),
        2 => (500_u64..1_001, 1_usize..4).prop_map(|(after, count)| Step::Insert(after, count)),
        1 => (place(), place()).prop_map(|(drop, look)| Step::Fork(drop, look)),
        2 => (0_usize..9, place(), place()).prop_map(|(view, from, to)| Step::Diff(view, from, to)),
        2 => (0_usize..9, 0_usize..2_000).prop_map(|(view, row)| Step::History(view, row)),
        2 => (0_usize..9, 0_usize..2_000).prop_map(|(view, row)| Step::Why(view, row)),
        1 => (place(), place()).prop_map(|(from, to)| Step::NextEvent(from, to)),
        1 => (0_usize..9, place(), place()).prop_map(|(view, a, b)| Step::NextChange(view, a, b)),
        1 => place().prop_map(Step::Onsets),
        1 => Just(Step::Restore),
        1 => place().prop_map(Step::Store),
        1 => any::<bool>().prop_map(Step::Define),
        2 => (1_usize..9).prop_map(Step::Thin),
    ]
}

/// Where an engine stands, and what it shows there.
fn shown(engine: &Engine) -> (Position, Position, Digest) {
    (engine.head(), engine.position(), engine.digest())
}

fn told<T: Debug, E: ToString>(result: Result<T, E>) -> Result<String, String> {
    result.map(|told| format!("{told:?}")).map_err(|error| error.to_string())
}

/// The key of a row of a view.
fn row(engine: &Engine, name: &str, number: usize) -> Key {
    let view = engine.view(name).unwrap();
    let number = number.checked_rem(view.len()).unwrap_or(0);
    view.keyed(number, 1).next().map(|(key, _)| key).unwrap_or_default()
}

fn place(engine: &Engine, part: u64) -> Position {
    Position::new(engine.head().get() * part / 1_000)
}

impl Step {
    /// Does it; what that told, or what it says instead.
    fn run(&self, engine: &mut Engine, more: &[NewEvent]) -> Result<String, String> {
        match *self {
            Self::Seek(part) => engine.seek(place(engine, part)),
            Self::Append(count) => {
                for event in more.iter().take(count) {
                    told(engine.append(Epoch::new(1), event))?;
                }
            }
            Self::Rewind(part) => engine.rewind(place(engine, part)),
            Self::Insert(part, count) => {
                let late = &more[..count.min(more.len())];
                return told(engine.insert(place(engine, part), Epoch::new(1), late));
            }
            Self::Define(is_less) => {
                let mut less = definitions::parse(VIEWS).unwrap();
                less.views.truncate(if is_less { 1 } else { usize::MAX });
                told(engine.define(&less))?;
            }
            Self::Thin(times) => {
                for _ in 0..times {
                    engine.thin();
                }
            }
            _ => return self.ask(engine),
        }
        if let Some(error) = engine.failure() {
            return Err(error.to_string());
        }
        Ok(format!("{:?}", shown(engine)))
    }

    /// The same of what only asks.
    fn ask(&self, engine: &mut Engine) -> Result<String, String> {
        let views = names(engine);
        let view = |number: usize| views[number % views.len()].as_str();
        let column = engine.view(view(0)).unwrap().columns()[0].clone();
        let bytes = |bytes: Vec<u8>| {
            if bytes.is_empty() { Err("no bytes".to_owned()) } else { Ok(bytes) }
        };
        match *self {
            Self::Fork(part, look) => {
                let edits = [Edit::drop(place(engine, part).next().min(engine.head()))];
                let mut fork = engine.fork(&edits).map_err(|error| error.to_string())?;
                let to = place(engine, look);
                let diff = engine.diff_with(view(0), to, (&mut fork, to));
                told(diff).map(|diff| format!("{diff} {:?}", shown(&fork)))
            }
            Self::Diff(number, from, to) => {
                let (from, to) = (place(engine, from), place(engine, to));
                told(engine.diff(view(number), from, to))
            }
            Self::History(number, of) => {
                let key = row(engine, view(number), of);
                // A derived view goes back event by event.
                let is_derived = engine.view(view(number)).unwrap().is_derived();
                told(engine.history(view(number), &key, if is_derived { 1 } else { 50 }))
            }
            Self::Why(number, of) => {
                let key = row(engine, view(number), of);
                let column = engine.view(view(number)).unwrap().columns()[0].clone();
                told(engine.why(view(number), &key, &column, 20))
            }
            Self::NextEvent(from, to) => {
                let (from, to) = (place(engine, from), place(engine, to));
                told(engine.next_event("type = 'OrderCancelled'", from, to))
            }
            Self::NextChange(number, from, to) => {
                let key = row(engine, view(number), 7);
                // A few hundred events are enough to go through one by one.
                let (from, to) = (place(engine, from), place(engine, to));
                let to = to.clamp(from, Position::new(from.get() + 300));
                told(engine.next_change(view(number), Some(&key), from, to))
            }
            Self::Onsets(from) => {
                let from = place(engine, from);
                let (to, condition) = (from.get() + 200, format!("{column} IS NULL"));
                told(engine.onsets(view(0), &condition, from, Position::new(to)))
            }
            Self::Restore => {
                let snapshot = bytes(engine.snapshot())?;
                let again = Engine::restore(&snapshot, engine.definitions(), engine.limits());
                told(again.map(|again| shown(&again)))
            }
            Self::Store(after) => {
                let stored = bytes(engine.store(place(engine, after)))?;
                Ok(format!("{:?}", Digest::of(&stored)))
            }
            _ => Err("no question".to_owned()),
        }
    }
}

/// Events that come after those of the engines.
fn more() -> Vec<NewEvent> {
    OrderStream::new(42).events().skip(EVENTS).take(MORE).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_spilled_engine_answers_as_one_that_holds_everything(
        steps in prop::collection::vec(step(), 1..14),
    ) {
        let (mut plain, mut spilled, storage) = engines(File::default());
        let mut more = &more()[..];
        for step in &steps {
            prop_assert_eq!(step.run(&mut spilled, more), step.run(&mut plain, more), "{:?}", step);
            prop_assert_eq!(shown(&spilled), shown(&plain));
            more = &more[more.len().min(40)..];
            spill(&mut spilled, &storage);
        }
        prop_assert_eq!(storage.failure(), None);
        for view in names(&plain) {
            let rows = |engine: &Engine| engine.view(&view).unwrap().rows().collect::<Vec<_>>();
            prop_assert_eq!(rows(&spilled), rows(&plain));
        }
    }

    #[test]
    fn an_engine_whose_storage_fails_says_so_and_shows_nothing_that_is_wrong(
        (steps, reads) in (prop::collection::vec(step(), 1..14), 0_u32..40),
    ) {
        let file = File::default();
        let (mut plain, mut spilled, storage) = engines(file.clone());
        file.left.set(Some(reads));
        let mut more = &more()[..];
        for step in &steps {
            let before = plain.clone();
            let (told, right) = (step.run(&mut spilled, more), step.run(&mut plain, more));
            if told.is_ok() || storage.failure().is_none() {
                prop_assert_eq!(&told, &right, "{:?}", step);
            }
            if let Some(error) = storage.failure() {
                let is_told = matches!(error, ColdError::Read { detail, .. } if detail == "the disk is gone");
                prop_assert!(is_told, "{error}");
                // What it shows is right at its position, in the log as it was or as it is.
                let (_, position, digest) = shown(&spilled);
                let is_right = [before, plain.clone()].iter_mut().any(|engine| {
                    engine.seek(position);
                    shown(engine).1 == position && engine.digest() == digest
                });
                prop_assert!(is_right, "{step:?} left {:?}", shown(&spilled));
                break;
            }
            more = &more[more.len().min(40)..];
            spill(&mut spilled, &storage);
        }
        if storage.failure().is_some() {
            let still = shown(&spilled);
            for step in &steps {
                let _ = step.run(&mut spilled, more);
                prop_assert_eq!(shown(&spilled), still, "{:?}", step);
            }
            prop_assert!(spilled.append(Epoch::new(1), &more[0]).is_err());
        }
    }
}

#[test]
fn memory_falls_and_grows_no_more_with_the_log() {
    let (plain, spilled, storage) = engines(File::default());
    let (before, after) = (plain.memory(), spilled.memory());
    let read = usize::try_from(storage.loaded()).unwrap();
    assert!(after.log - read < before.log * 6 / 10, "{before:?} {after:?}");
    assert!(after.history < before.history / 2, "{before:?} {after:?}");
    assert_eq!((after.rows, after.dictionary), (before.rows, before.dictionary));
}

#[test]
fn a_fork_shares_what_is_spilled_and_outlives_the_engine() {
    let (mut plain, mut spilled, storage) = engines(File::default());
    let bytes = storage.bytes();
    let edits = [Edit::drop(at(EVENTS - 20))];
    let (mut fork, expected) = (spilled.fork(&edits).unwrap(), plain.fork(&edits).unwrap());
    assert_eq!(storage.bytes(), bytes, "nothing is written twice");
    drop(spilled);
    assert!(0 < storage.bytes() && storage.bytes() <= bytes);
    assert_eq!(fork.digest(), expected.digest());
    fork.seek(at(100));
    plain.seek(at(100));
    assert_eq!(fork.digest(), plain.digest());
}

#[test]
fn what_a_storage_does_not_take_stays_in_memory() {
    struct Full;

    impl ColdFile for Full {
        fn write(&mut self, _: u64, _: &[u8]) -> Result<(), String> {
            Err("no room".to_owned())
        }

        fn read(&mut self, _: u64, _: &mut [u8]) -> Result<(), String> {
            unreachable!("nothing was written")
        }
    }

    let mut engine = PLAIN.with(Engine::clone);
    let (expected, storage) = (shown(&engine), ColdStorage::new(Full));
    engine.spill_to(&storage);
    // Without a place for them, it goes on to checkpoints, as it does without a storage.
    let checkpoints = engine.checkpointed().count;
    engine.thin();
    engine.thin();
    assert!(engine.checkpointed().count < checkpoints);
    assert!(storage.full().unwrap().to_string().ends_with("no room"));
    engine.seek(at(5));
    engine.seek(engine.head());
    assert_eq!((shown(&engine), engine.failure()), (expected, None));
}

#[test]
fn an_engine_that_begins_anew_spills_to_where_it_did_unless_that_is_broken() {
    let file = File::default();
    let left = Rc::clone(&file.left);
    let (plain, mut spilled, storage) = engines(file);
    spilled.clear().unwrap();
    let before = storage.bytes();
    for event in OrderStream::new(42).events().take(EVENTS) {
        spilled.append(Epoch::new(1), &event).unwrap();
    }
    while spilled.thin() {}
    assert!(before < storage.bytes(), "{before}, {}", storage.bytes());
    assert_eq!(spilled.digest(), plain.digest());

    left.set(Some(0));
    spilled.seek(at(1));
    assert!(spilled.failure().is_some());
    spilled.clear().unwrap();
    assert_eq!((spilled.failure(), spilled.head()), (None, at(0)));
}
