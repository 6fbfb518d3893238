//! Commands that are shown before the server decides them leave nothing of what was guessed.

use std::collections::BTreeMap;

use everview_core::command::{
    Command, CommandBus, Decider, Fields, Message, MessageError, ObjectWriter, Outbox, Outcome,
};
use everview_core::json::Json;
use everview_core::{DispatchError, Edit, Engine, Epoch, Log, NewEvent, Position, Read, Timestamp};
use proptest::prelude::*;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{at, empty};
use crate::laws::{Followed, drain, seen};

/// Adds to an item, twice for large amounts, as long as there is not too much of it.
struct Items;

#[derive(Debug, Clone)]
struct Amount(&'static str, i64);

impl Message for Amount {
    const TYPES: &'static [&'static str] = &["Added", "Dropped", "Add", "Drop"];

    fn type_name(&self) -> &'static str {
        self.0
    }

    fn data(&self) -> String {
        ObjectWriter::new().text("part", "x").text("label", "l").integer("amount", self.1).finish()
    }

    fn read(type_name: &str, data: Json<'_>) -> Result<Self, MessageError> {
        let name = Self::TYPES.iter().find(|name| **name == type_name).unwrap_or(&"Added");
        Ok(Self(name, Fields::of(data).integer("amount")?))
    }
}

impl Decider for Items {
    type State = i64;
    type Event = Amount;
    type Command = Amount;
    type Rejection = String;

    const SOURCE: &'static str = "/items";

    fn evolve(&self, state: &mut i64, Amount(name, amount): &Amount) {
        *state = if *name == "Dropped" { 0 } else { *state + amount };
    }

    fn decide(&self, state: &i64, command: Amount) -> Result<Vec<Amount>, String> {
        match command {
            Amount("Drop", _) if *state == 0 => Ok(vec![]),
            Amount("Drop", _) => Ok(vec![Amount("Dropped", 0)]),
            Amount(_, amount) if state + amount > 20 => Err(format!("{state} are there")),
            Amount(_, amount) if amount > 6 => {
                Ok(vec![Amount("Added", 6), Amount("Added", amount - 6)])
            }
            Amount(_, amount) => Ok(vec![Amount("Added", amount)]),
        }
    }
}

fn bus() -> CommandBus {
    let mut bus = CommandBus::new();
    bus.register(Items).unwrap();
    bus
}

fn command(key: &str, stream: usize, amount: i64) -> Command {
    let amount = if amount == 0 { Amount("Drop", 0) } else { Amount("Add", amount) };
    Command::new(["a", "b"][stream % 2], &amount).with_key(key)
}

const NOW: Timestamp = Timestamp::from_millis(5_000);

#[derive(Debug, Clone)]
enum Step {
    Dispatch(usize, i64),
    /// The server decides so many of the commands that it was sent.
    Decide(usize),
    /// Somebody else's command reaches the server.
    Other(usize, i64),
    /// So many events of the server reach the client.
    Deliver(usize),
    /// The answers to commands reach the client.
    Answer(usize),
    /// The server loses its latest events, and goes on in a new epoch.
    Failover(usize),
    Seek(usize),
    /// The server puts an event earlier in its order.
    Late(usize),
    Fork(usize),
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || prop_oneof![1 => Just(0_i64), 4 => 1_i64..11];
    prop_oneof![
        6 => (0_usize..2, amount()).prop_map(|(stream, amount)| Step::Dispatch(stream, amount)),
        4 => (1_usize..3).prop_map(Step::Decide),
        3 => (0_usize..2, amount()).prop_map(|(stream, amount)| Step::Other(stream, amount)),
        4 => (1_usize..5).prop_map(Step::Deliver),
        3 => (1_usize..3).prop_map(Step::Answer),
        1 => (1_usize..4).prop_map(Step::Failover),
        2 => (0_usize..30).prop_map(Step::Seek),
        1 => (0_usize..30).prop_map(Step::Late),
        1 => (0_usize..30).prop_map(Step::Fork),
        1 => Just(Step::Drain),
    ]
}

struct World {
    engine: Engine,
    bus: CommandBus,
    outbox: Outbox,
    server: Log,
    server_bus: CommandBus,
    epoch: Epoch,
    /// How many of the server's events the client has.
    delivered: usize,
    sent: Vec<Command>,
    answers: Vec<(String, Result<Outcome, DispatchError>)>,
    count: usize,
}

impl World {
    fn new() -> Self {
        let engine = empty();
        let outbox = Outbox::new(&engine);
        Self {
            engine,
            bus: bus(),
            outbox,
            server: Log::new(),
            server_bus: bus(),
            epoch: Epoch::new(1),
            delivered: 0,
            sent: Vec::new(),
            answers: Vec::new(),
            count: 0,
        }
    }

    fn key(&mut self, of: &str) -> String {
        self.count += 1;
        format!("{of}-{}", self.count)
    }

    fn server_events(&self) -> Vec<(Epoch, NewEvent)> {
        self.server.after(Position::START).map(|event| (event.epoch, event.to_new())).collect()
    }

    /// Takes the client's log to what the server's is up to a position, as a follower does: back to
    /// where they part, and on from there.
    fn deliver(&mut self, upto: usize) {
        let events = self.server_events();
        let upto = upto.min(events.len());
        self.delivered = upto;
        let take = |engine: &mut Engine| {
            let is_same = |(position, (epoch, event)): &(u64, &(Epoch, NewEvent))| {
                let known = engine.log().get(Position::new(*position));
                known.is_some_and(|known| known.to_new() == *event && known.epoch == *epoch)
            };
            let common = (1..).zip(&events[..upto]).take_while(is_same).count();
            if at(common) < engine.head() {
                engine.rewind(at(common));
            }
            for (epoch, event) in &events[common..upto] {
                engine.append(*epoch, event).unwrap();
            }
        };
        self.outbox.confirmed(&mut self.engine, &mut self.bus, take);
    }

    fn decide(&mut self, count: usize) {
        for command in self.sent.drain(..count.min(self.sent.len())).collect::<Vec<_>>() {
            let outcome = self.server_bus.dispatch(&mut self.server, self.epoch, NOW, &command);
            self.answers.push((command.idempotency_key.unwrap(), outcome));
        }
    }

    fn answer(&mut self, count: usize) {
        let Self { outbox, engine, bus, answers, .. } = self;
        for (key, outcome) in answers.drain(..count.min(answers.len())) {
            match outcome {
                Ok(Outcome::Accepted { positions, .. }) => {
                    outbox.accepted(engine, bus, (&key, &positions));
                }
                Ok(Outcome::Rejected(_)) | Err(_) => {
                    outbox.refused(engine, bus, &key);
                }
            }
        }
    }

    fn late(&mut self, place: usize) {
        let events = self.server_events();
        let place = place % (events.len() + 1);
        let key = self.key("late");
        let event = NewEvent {
            id: key,
            source: "/elsewhere".into(),
            event_type: "Set".into(),
            subject: "a".into(),
            time: Some(NOW),
            data: r#"{"part":"x","amount":1,"label":"l","version":1}"#.into(),
        };
        let mut server = empty();
        for (epoch, event) in &events {
            server.append(*epoch, event).unwrap();
        }
        let epoch = events.get(place).map_or(server.log().epoch(), |(epoch, _)| *epoch);
        server.insert(at(place), epoch, std::slice::from_ref(&event)).unwrap();
        self.server = server.log().clone();
        if place <= self.delivered && self.delivered < events.len().max(1) {
            self.outbox.confirmed(&mut self.engine, &mut self.bus, |engine| {
                engine.insert(at(place), epoch, &[event]).unwrap();
            });
            self.delivered += 1;
        } else {
            self.deliver(self.delivered);
        }
    }

    fn step(&mut self, step: &Step, followed: &mut [(&str, Followed)]) {
        match step {
            Step::Dispatch(stream, amount) => {
                let command = command(&self.key("mine"), *stream, *amount);
                let Self { outbox, engine, bus, .. } = self;
                let outcome = outbox.dispatch(engine, bus, NOW, &command).unwrap();
                let positions = match &outcome {
                    Outcome::Accepted { positions, .. } => positions.len(),
                    Outcome::Rejected(_) => 0,
                };
                let is_pending = outbox.pending().any(|pending| pending.command == command);
                assert_eq!(is_pending, matches!(outcome, Outcome::Accepted { .. }));
                assert!(engine.head() >= at(positions));
                if is_pending {
                    assert_eq!(outbox.dispatch(engine, bus, NOW, &command), Ok(outcome), "again");
                    self.sent.push(command);
                }
            }
            Step::Decide(count) => self.decide(*count),
            Step::Other(stream, amount) => {
                let command = command(&self.key("other"), *stream, *amount);
                self.server_bus.dispatch(&mut self.server, self.epoch, NOW, &command).unwrap();
            }
            Step::Deliver(count) => self.deliver(self.delivered + count),
            Step::Answer(count) => self.answer(*count),
            Step::Failover(count) => {
                let left = self.server.head().get().saturating_sub(*count as u64);
                self.server.truncate(Position::new(left));
                self.epoch = Epoch::new(self.epoch.get() + 1);
                self.answers.clear();
                self.deliver(self.delivered);
            }
            Step::Seek(to) => self.engine.seek(at(*to)),
            Step::Late(place) => self.late(*place),
            Step::Fork(position) => {
                let position = at(*position).min(self.engine.head());
                let edits =
                    if position == Position::START { vec![] } else { vec![Edit::drop(position)] };
                let mut fork = self.engine.fork(&edits).unwrap();
                fork.seek(fork.head());
                assert_eq!(seen(&fork), seen(&fold(fork.log(), fork.head())));
            }
            Step::Drain => drain(&mut self.engine, followed),
        }
    }

    fn check(&mut self) {
        let Self { engine, outbox, server, .. } = self;
        assert_eq!(seen(engine), seen(&fold(engine.log(), engine.position())));
        assert_eq!(outbox.position(), at(self.delivered));
        let confirmed = |log: &Log| -> Vec<_> {
            let events = log.after(Position::START).take(self.delivered);
            events.map(|event| (event.epoch, event.to_new())).collect()
        };
        assert_eq!(confirmed(engine.log()), confirmed(server));
        let before = seen(engine);
        let mut fresh = fold(server, outbox.position());
        for view in ["items", "labels", "top"] {
            let read = Read { view: view.into(), ..Read::default() };
            let answer = engine.query_at(outbox.position(), &read, None).unwrap();
            let expected = fresh.query(&read, None).unwrap();
            assert_eq!((answer.rows, answer.as_of.digest), (expected.rows, expected.as_of.digest));
            assert_eq!(answer.as_of.position, outbox.position());
        }
        assert_eq!(seen(engine), before);
    }
}

/// An engine that never saw more than a log up to a position.
fn fold(log: &Log, upto: Position) -> Engine {
    let mut engine = empty();
    for event in log.after(Position::START).take_while(|event| event.position <= upto) {
        engine.append(event.epoch, &event.to_new()).unwrap();
    }
    engine
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_guessed_confirmed_and_refused_the_views_are_the_fold_of_the_log(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut followed = ["items", "labels", "top", "recent"].map(|view| (view, Followed::new()));
        let mut world = World::new();
        for step in &steps {
            world.step(step, &mut followed);
            world.check();
        }
        world.decide(usize::MAX);
        world.deliver(usize::MAX);
        // Who lost an answer asks again, with the same key.
        let open: Vec<Command> =
            world.outbox.pending().map(|pending| pending.command.clone()).collect();
        world.sent = open;
        world.decide(usize::MAX);
        world.deliver(usize::MAX);
        world.answer(usize::MAX);
        prop_assert_eq!(world.outbox.pending().count(), 0);
        world.check();
        prop_assert_eq!(world.engine.head(), world.server.head(), "nothing guessed is left");
        world.engine.seek(world.engine.head());
        drain(&mut world.engine, &mut followed);
        for (view, rows) in &followed {
            let expected: BTreeMap<_, _> = {
                let deltas = fold(&world.server, world.server.head()).drain_deltas(view);
                deltas.into_iter().filter_map(|delta| Some((delta.key, delta.after?))).collect()
            };
            prop_assert_eq!(rows, &expected, "of {}", view);
        }
    }
}

#[test]
fn what_the_server_made_of_it_replaces_the_guess() {
    let mut world = World::new();
    let other = command("other", 0, 10);
    world.server_bus.dispatch(&mut world.server, world.epoch, NOW, &other).unwrap();
    let mine = command("mine", 0, 8);
    let outcome = world.outbox.dispatch(&mut world.engine, &mut world.bus, NOW, &mine).unwrap();
    assert_eq!(outcome, Outcome::Accepted { positions: vec![at(1), at(2)], version: 2 });
    world.sent.push(mine.clone());
    world.decide(1);
    world.deliver(2);
    let pending = world.outbox.pending().next().unwrap();
    let moved = Outcome::Accepted { positions: vec![at(3), at(4)], version: 4 };
    assert_eq!((&pending.command, pending.prediction.clone()), (&mine, Ok(moved)));
    assert_eq!((world.outbox.position(), world.engine.head()), (at(2), at(4)));
    world.deliver(4);
    assert_eq!((world.outbox.pending().count(), world.outbox.position()), (0, at(4)));
}

#[test]
fn what_would_be_refused_now_is_not_shown_and_says_why() {
    let mut world = World::new();
    for (key, amount) in [("one", 9), ("two", 9)] {
        let command = command(key, 0, amount);
        world.outbox.dispatch(&mut world.engine, &mut world.bus, NOW, &command).unwrap();
    }
    let other = command("other", 0, 5);
    world.server_bus.dispatch(&mut world.server, world.epoch, NOW, &other).unwrap();
    world.deliver(1);
    let predictions: Vec<_> =
        world.outbox.pending().map(|pending| pending.prediction.clone().unwrap()).collect();
    assert!(matches!(predictions[0], Outcome::Accepted { .. }));
    assert_eq!(predictions[1], Outcome::Rejected("14 are there".into()));
    // The first is refused for a reason of the server's own: then the second fits.
    let refused = world.outbox.refused(&mut world.engine, &mut world.bus, "one").unwrap();
    assert_eq!(refused.command.idempotency_key.as_deref(), Some("one"));
    let pending = world.outbox.pending().next().unwrap();
    assert!(matches!(pending.prediction, Ok(Outcome::Accepted { .. })));
    assert_eq!(world.outbox.refused(&mut world.engine, &mut world.bus, "one"), None);
}

#[test]
fn a_command_without_a_key_or_with_one_of_another_is_not_shown() {
    let mut world = World::new();
    let World { outbox, engine, bus, .. } = &mut world;
    let nameless = Command { idempotency_key: None, ..command("a", 0, 1) };
    assert_eq!(outbox.dispatch(engine, bus, NOW, &nameless), Err(DispatchError::NoKey));
    outbox.dispatch(engine, bus, NOW, &command("a", 0, 1)).unwrap();
    let reused = outbox.dispatch(engine, bus, NOW, &command("a", 0, 2));
    assert_eq!(reused, Err(DispatchError::KeyReused { key: "a".into() }));
    assert_eq!((outbox.pending().count(), engine.head()), (1, at(1)));
}

#[test]
fn what_is_stored_can_be_what_is_confirmed() {
    let mut world = World::new();
    world.server_bus.dispatch(&mut world.server, world.epoch, NOW, &command("o", 0, 3)).unwrap();
    world.deliver(1);
    let World { outbox, engine, bus, .. } = &mut world;
    outbox.dispatch(engine, bus, NOW, &command("a", 0, 1)).unwrap();
    let (stored, _) = outbox.confirmed(engine, bus, |engine| engine.store(Position::START));
    let mut other = empty();
    other.read_stored(&stored).unwrap();
    assert_eq!((other.head(), engine.head()), (at(1), at(2)));
}

#[test]
#[should_panic(expected = "assertion `left == right` failed")]
fn what_would_be_left_of_a_guess_is_noticed() {
    let mut world = World::new();
    let World { outbox, engine, bus, .. } = &mut world;
    outbox.dispatch(engine, bus, NOW, &command("a", 0, 1)).unwrap();
    // As if the guess were what the server says.
    *outbox = Outbox::new(engine);
    world.check();
}
