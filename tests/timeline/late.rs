//! Events that come late leave what a fold of the log in its new order leaves.

use everview_core::{
    AppendError, Engine, Epoch, Format, InsertError, Limits, Mapping, NewEvent, Position, Reader,
};
use proptest::prelude::*;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{at, empty, names};
use crate::laws::{Followed, drain, events, seen};

/// A log as a list, with the playhead.
#[derive(Debug, Clone, Default)]
struct Model {
    events: Vec<(Epoch, NewEvent)>,
    playhead: usize,
}

impl Model {
    fn has(&self, event: &NewEvent) -> bool {
        self.events.iter().any(|(_, other)| other.id == event.id && other.source == event.source)
    }

    fn epoch(&self) -> Epoch {
        self.events.last().map_or(Epoch::default(), |(epoch, _)| *epoch)
    }

    fn epoch_behind(&self, after: usize) -> Epoch {
        self.events.get(after).map_or(self.epoch(), |(epoch, _)| *epoch)
    }

    fn insert(&mut self, after: usize, epoch: Epoch, event: &NewEvent) -> bool {
        if self.has(event) {
            return false;
        }
        if self.playhead == self.events.len() || self.playhead > after {
            self.playhead += 1;
        }
        self.events.insert(after, (epoch, event.clone()));
        true
    }

    /// An engine that has seen the log up to the playhead, and no other.
    fn engine(&self) -> Engine {
        let mut engine = empty();
        for (epoch, event) in &self.events[..self.playhead] {
            engine.append(*epoch, event).unwrap();
        }
        engine
    }
}

/// What a log says of its events and streams.
fn log_of(engine: &Engine) -> String {
    let log = engine.log();
    let mut names: Vec<_> = log.types().chain(log.streams()).filter(|name| name.1 > 0).collect();
    names.sort_unstable();
    let events: Vec<_> = log.after(Position::START).collect();
    format!("{events:#?} {names:?} {:?}", log.epoch())
}

#[derive(Debug, Clone)]
enum Step {
    Append(usize),
    NextEpoch,
    Seek(usize),
    Rewind(usize),
    Insert(usize, usize),
    Merge(Vec<(usize, usize)>),
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_usize..9).prop_map(Step::Append),
        1 => Just(Step::NextEpoch),
        3 => (0_usize..70).prop_map(Step::Seek),
        1 => (0_usize..70).prop_map(Step::Rewind),
        5 => (0_usize..70, 1_usize..4).prop_map(|(after, count)| Step::Insert(after, count)),
        2 => prop::collection::vec((0_usize..70, 0_usize..60), 1..5).prop_map(Step::Merge),
        2 => Just(Step::Drain),
    ]
}

struct World {
    engine: Engine,
    model: Model,
    events: Vec<NewEvent>,
    next: usize,
    epoch: Epoch,
}

impl World {
    /// The next events; some of them come twice.
    fn take(&mut self, count: usize) -> Vec<NewEvent> {
        let taken = self.events.iter().skip(self.next.saturating_sub(1)).take(count).cloned();
        let taken: Vec<_> = taken.collect();
        self.next += count;
        taken
    }

    fn step(&mut self, step: &Step) {
        let len = self.model.events.len();
        match step {
            Step::Append(count) => {
                for event in self.take(*count) {
                    let is_new = self.model.insert(self.model.events.len(), self.epoch, &event);
                    assert_eq!(self.engine.append(self.epoch, &event).is_ok(), is_new);
                }
            }
            Step::NextEpoch => self.epoch = Epoch::new(self.epoch.get() + 1),
            Step::Seek(to) => {
                self.engine.seek(at(*to));
                self.model.playhead = len.min(*to);
            }
            Step::Rewind(to) => {
                self.engine.rewind(at(*to));
                self.model.events.truncate(*to);
                self.model.playhead = self.model.playhead.min(self.model.events.len());
            }
            Step::Insert(after, count) => {
                let after = after % (len + 1);
                let late = self.take(*count);
                let epoch = self.model.epoch_behind(after);
                let inserted = self.engine.insert(at(after), epoch, &late).unwrap();
                let before = self.model.clone();
                let mut place = after;
                for event in &late {
                    place += usize::from(self.model.insert(place, epoch, event));
                }
                // One behind another at the place of the playhead comes after it.
                if before.playhead == after && after < len {
                    self.model.playhead = after;
                }
                assert_eq!(inserted.accepted, (place - after) as u64);
                assert_eq!(inserted.duplicates, (late.len() - (place - after)) as u64);
            }
            Step::Merge(late) => {
                let late: Vec<_> = late
                    .iter()
                    .map(|(after, event)| {
                        (after % (len + 1), self.events[event % self.events.len()].clone())
                    })
                    .collect();
                let placed: Vec<_> =
                    late.iter().map(|(after, event)| (at(*after), event.clone())).collect();
                self.engine.merge(&placed).unwrap();
                let mut late = late;
                late.sort_by_key(|(after, _)| *after);
                let (playhead, was_head) = (self.model.playhead, self.model.playhead == len);
                let epochs: Vec<_> =
                    late.iter().map(|(after, _)| self.model.epoch_behind(*after)).collect();
                let (mut came, mut before) = (0, 0);
                for ((after, event), epoch) in late.iter().zip(epochs) {
                    if self.model.insert(after + came, epoch, event) {
                        came += 1;
                        before += usize::from(*after < playhead);
                    }
                }
                self.model.playhead =
                    if was_head { self.model.events.len() } else { playhead + before };
            }
            Step::Drain => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn events_that_come_late_leave_what_a_fold_of_the_new_order_leaves(
        events in events(),
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let mut followed = ["items", "labels", "top", "recent"].map(|view| (view, Followed::new()));
        let model = Model::default();
        let mut world = World { engine: empty(), model, events, next: 0, epoch: Epoch::new(1) };
        for step in &steps {
            world.step(step);
            if matches!(step, Step::Drain) {
                drain(&mut world.engine, &mut followed);
            }
            prop_assert_eq!(seen(&world.engine), seen(&world.model.engine()), "{:?}", step);
            prop_assert_eq!(world.engine.head(), at(world.model.events.len()));
        }
        drain(&mut world.engine, &mut followed);
        for (view, rows) in &followed {
            let rows_now: Vec<_> = world.engine.view(view).unwrap().rows().collect();
            prop_assert_eq!(rows.len(), rows_now.len(), "of {}", view);
            prop_assert!(rows.values().all(|row| rows_now.contains(row)), "of {}", view);
        }
        world.model.playhead = world.model.events.len();
        let fresh = world.model.engine();
        prop_assert_eq!(log_of(&world.engine), log_of(&fresh));
        // What is remembered of the past is right as well.
        for position in [0, world.model.events.len() / 2, world.model.events.len()] {
            world.engine.seek(at(position));
            world.model.playhead = position;
            prop_assert_eq!(seen(&world.engine), seen(&world.model.engine()));
        }
        for view in names(&fresh) {
            let mut fresh = fresh.clone();
            let half = at(world.model.events.len() / 2);
            prop_assert_eq!(
                world.engine.diff(&view, Position::START, half).unwrap(),
                fresh.diff(&view, Position::START, half).unwrap()
            );
        }
        let mut stored = empty();
        stored.read_stored(&world.engine.store(Position::START)).unwrap();
        prop_assert_eq!(log_of(&stored), log_of(&fresh));
        prop_assert_eq!(stored.digest(), fresh.digest());
    }
}

fn event(id: &str, subject: &str) -> NewEvent {
    NewEvent {
        id: id.into(),
        source: "/shop".into(),
        event_type: "Added".into(),
        subject: subject.into(),
        time: None,
        data: r#"{"part":"x","amount":3,"label":null}"#.into(),
    }
}

fn three() -> Engine {
    let mut engine = empty();
    for (id, epoch) in [("a", 2), ("b", 2), ("c", 4)] {
        engine.append(Epoch::new(epoch), &event(id, "s")).unwrap();
    }
    engine
}

#[test]
fn what_cannot_be_inserted_says_why_and_changes_nothing() {
    let mut engine = three();
    let before = (seen(&engine), log_of(&engine), engine.intake().clone());
    let broken = NewEvent { data: "{".into(), ..event("e", "s") };
    let refused = [
        engine.insert(at(4), Epoch::new(4), &[event("d", "s")]),
        engine.insert(at(1), Epoch::new(1), &[event("d", "s")]),
        engine.insert(at(1), Epoch::new(3), &[event("d", "s")]),
        engine.insert(at(1), Epoch::new(2), &[event("d", "s"), broken]),
    ];
    let refused = refused.map(|refused| refused.unwrap_err());
    assert!(matches!(refused[1], InsertError::Append { error: AppendError::Fenced { .. }, .. }));
    assert_eq!(
        refused.map(|refused| refused.to_string()),
        [
            "expected a place after #0 to #3, found one after #4",
            "event 1 of those to insert: expected an event of e2 or later, found one of e1: fenced",
            "expected an epoch of e2 or earlier before #2, found e3",
            "event 2 of those to insert: the data of the event `e` is not JSON: expected a field name, \
             found the end at byte 1",
        ]
    );
    assert_eq!((seen(&engine), log_of(&engine), engine.intake().clone()), before);
}

#[test]
fn a_playhead_stays_at_its_event() {
    let ids = |engine: &Engine| -> String {
        let events = engine.log().after(Position::START);
        events
            .take_while(|event| event.position <= engine.position())
            .map(|event| event.id)
            .collect()
    };
    for (playhead, expected) in [(0, ""), (1, "a"), (2, "adb"), (3, "adbc")] {
        let mut engine = three();
        engine.seek(at(playhead));
        engine.insert(at(1), Epoch::new(2), &[event("d", "t")]).unwrap();
        assert_eq!(ids(&engine), expected);
    }
    let mut engine = empty();
    engine.insert(at(0), Epoch::new(1), &[event("d", "t")]).unwrap();
    assert_eq!(ids(&engine), "d", "at the head, it follows");
}

#[test]
fn an_input_is_inserted_as_it_came_and_its_counts_stay_in_order() {
    let line = |id: &str, source: &str, sequence: u64| {
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"{source}","type":"Added","sequence":"{sequence}","hlc":"{id}","data":{{"part":"x","label":null}}}}"#
        ) + "\n"
    };
    let reader = || {
        Reader::new(Format::Ndjson, &Mapping::cloud_events(), "/file", Limits::default()).unwrap()
    };
    let mut engine = empty();
    let first = [line("a", "/a", 1), line("b", "/a", 2), line("c", "/a", 4)].concat();
    engine.insert_read(at(0), &mut reader(), first.as_bytes()).unwrap();
    assert_eq!(engine.intake().gaps[0].position, at(3));
    let late = [line("x", "/b", 1), line("b", "/a", 2), "{\n".into(), line("y", "/b", 3)].concat();
    let inserted = engine.insert_read(at(1), &mut reader(), late.as_bytes()).unwrap();
    assert_eq!((inserted.accepted, inserted.duplicates), (2, 1));
    assert_eq!(engine.intake().refused, 1);
    let gaps: Vec<_> = engine.intake().gaps.iter().map(|gap| gap.position).collect();
    assert_eq!(gaps, [at(5), at(3)], "they are where the events are");
    let events: Vec<_> = engine.log().after(Position::START).map(|event| event.raw).collect();
    let expected = [("a", "/a", 1), ("x", "/b", 1), ("y", "/b", 3), ("b", "/a", 2), ("c", "/a", 4)];
    let expected: Vec<_> = expected.map(|(id, source, sequence)| line(id, source, sequence)).into();
    assert!(events.iter().zip(&expected).all(|(raw, line)| *raw == line.trim_end()), "{events:?}");
    let place = engine.log().partition_point(|event| *event.raw < *line("w", "/b", 0));
    assert_eq!(place, at(1));

    let before = (seen(&engine), log_of(&engine), engine.intake().clone());
    let back = engine.insert_read(at(2), &mut reader(), line("z", "/b", 4).as_bytes()).unwrap_err();
    assert_eq!(
        back.to_string(),
        "the events do not belong there: expected sequence 5 or later from `/b`, found 3"
    );
    assert_eq!((seen(&engine), log_of(&engine), engine.intake().clone()), before);
    let mut again = empty();
    again.read_stored(&engine.store(Position::START)).unwrap();
    assert_eq!(log_of(&again), log_of(&engine));
}

#[test]
fn a_log_in_another_order_is_told_from_the_right_one() {
    let mut engine = three();
    let mut other = three();
    engine.insert(at(1), Epoch::new(2), &[event("d", "t")]).unwrap();
    other.insert(at(2), Epoch::new(2), &[event("d", "t")]).unwrap();
    assert_ne!(seen(&engine), seen(&other), "`recent` retains two rows");
    assert_ne!(log_of(&engine), log_of(&other));
}
