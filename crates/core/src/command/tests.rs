use alloc::borrow::ToOwned as _;
use alloc::rc::Rc;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use alloc::{format, vec};
use core::cell::RefCell;

use super::*;
use crate::json::Json;
use crate::{Engine, Epoch, Log, Position, Timestamp};

/// A glass that holds ten: what is poured beyond that is refused.
struct Glass;

#[derive(Debug, Clone, PartialEq)]
struct Poured(i64);

struct Pour(i64);

impl Message for Poured {
    const TYPES: &'static [&'static str] = &["Poured"];

    fn type_name(&self) -> &'static str {
        "Poured"
    }

    fn data(&self) -> String {
        ObjectWriter::new().integer("amount", self.0).finish()
    }

    fn read(_: &str, data: Json<'_>) -> Result<Self, MessageError> {
        Fields::of(data).integer("amount").map(Self)
    }
}

impl Message for Pour {
    const TYPES: &'static [&'static str] = &["Pour", "PourTwice"];

    fn type_name(&self) -> &'static str {
        "Pour"
    }

    fn data(&self) -> String {
        Poured(self.0).data()
    }

    fn read(type_name: &str, data: Json<'_>) -> Result<Self, MessageError> {
        let Poured(amount) = Poured::read(type_name, data)?;
        Ok(Self(amount))
    }
}

impl Decider for Glass {
    type State = i64;
    type Event = Poured;
    type Command = Pour;
    type Rejection = String;

    const SOURCE: &'static str = "/bar";

    fn evolve(&self, state: &mut i64, event: &Poured) {
        *state += event.0;
    }

    /// Nothing to do for 0; two events for an amount over 5.
    fn decide(&self, state: &i64, Pour(amount): Pour) -> Result<Vec<Poured>, String> {
        if state + amount > 10 {
            return Err(format!("{state} of 10 are in the glass, {amount} do not fit"));
        }
        Ok(match amount {
            0 => vec![],
            1..=5 => vec![Poured(amount)],
            _ => vec![Poured(5), Poured(amount - 5)],
        })
    }
}

const NOW: Timestamp = Timestamp::from_millis(1_000);

fn bus() -> CommandBus {
    let mut bus = CommandBus::new();
    bus.register(Glass).unwrap();
    bus
}

fn pour(amount: i64) -> Command {
    Command::new("glass-1", &Pour(amount))
}

fn accepted(positions: &[u64], version: u64) -> Outcome {
    let positions = positions.iter().map(|number| Position::new(*number)).collect();
    Outcome::Accepted { positions, version }
}

fn send(bus: &mut CommandBus, log: &mut Log, command: &Command) -> Result<Outcome, DispatchError> {
    bus.dispatch(log, Epoch::new(1), NOW, command)
}

#[test]
fn an_accepted_command_appends_its_events() {
    let (mut bus, mut log) = (bus(), Log::new());
    assert_eq!(send(&mut bus, &mut log, &pour(7)), Ok(accepted(&[1, 2], 2)));
    let events: Vec<_> = log.after(Position::START).map(|event| event.to_new()).collect();
    let expected = |id: &str, amount: i64| NewEvent {
        id: id.to_owned(),
        source: "/bar".to_owned(),
        event_type: "Poured".to_owned(),
        subject: "glass-1".to_owned(),
        time: Some(NOW),
        data: format!("{{\"amount\":{amount}}}"),
    };
    assert_eq!(events, [expected("stream/glass-1/1", 5), expected("stream/glass-1/2", 2)]);
}

#[test]
fn a_rejected_command_appends_nothing_and_says_why() {
    let (mut bus, mut log) = (bus(), Log::new());
    send(&mut bus, &mut log, &pour(5)).unwrap();
    send(&mut bus, &mut log, &pour(5)).unwrap();
    let reason = "10 of 10 are in the glass, 1 do not fit".to_owned();
    assert_eq!(send(&mut bus, &mut log, &pour(1)), Ok(Outcome::Rejected(reason)));
    assert_eq!(log.head(), Position::new(2));
}

#[test]
fn a_command_nobody_decides_is_an_error_that_names_its_type() {
    let error = send(&mut CommandBus::new(), &mut Log::new(), &pour(1)).unwrap_err();
    assert_eq!(error.to_string(), "no decider is registered for the command type `Pour`");
}

#[test]
fn a_second_decider_for_a_type_is_an_error_that_names_it() {
    let error = bus().register(Glass).unwrap_err();
    assert_eq!(error.to_string(), "a decider for the command type `Pour` is registered already");
}

#[test]
fn data_that_does_not_fit_the_command_is_refused_with_the_field() {
    let (mut bus, mut log) = (bus(), Log::new());
    let mut refusal = |data: &str| {
        let command = Command { data: data.to_owned(), ..pour(1) };
        send(&mut bus, &mut log, &command).unwrap_err().to_string()
    };
    let cannot = "the command `Pour` cannot be read: field `amount`: expected a whole number";
    assert_eq!(refusal("{}"), format!("{cannot}, found nothing"));
    assert_eq!(refusal("null"), format!("{cannot}, found nothing"));
    assert_eq!(refusal(r#"{"amount":1.5}"#), format!("{cannot}, found 1.5"));
    assert_eq!(
        refusal(r#"{"amount":99999999999999999999}"#),
        format!("{cannot}, found 99999999999999999999")
    );
    assert!(refusal("{").starts_with("the data of the command `Pour` is not JSON: "));
    assert_eq!(log.head(), Position::START);
}

#[test]
fn a_wrong_expected_version_is_a_conflict_with_both_versions() {
    let (mut bus, mut log) = (bus(), Log::new());
    send(&mut bus, &mut log, &pour(1)).unwrap();
    let late = Command { expected_version: Some(0), ..pour(1) };
    let error = send(&mut bus, &mut log, &late).unwrap_err();
    assert_eq!(error.to_string(), "expected `glass-1` at version 0, found it at 1");
    let right = Command { expected_version: Some(1), ..pour(1) };
    assert_eq!(send(&mut bus, &mut log, &right), Ok(accepted(&[2], 2)));
}

#[test]
fn a_repeated_key_is_answered_as_the_first_time_and_appends_nothing() {
    let (mut bus, mut log) = (bus(), Log::new());
    let first = Command { expected_version: Some(0), ..pour(7) }.with_key("k");
    assert_eq!(send(&mut bus, &mut log, &first), Ok(accepted(&[1, 2], 2)));
    send(&mut bus, &mut log, &pour(3)).unwrap();
    assert_eq!(send(&mut bus, &mut log, &first), Ok(accepted(&[1, 2], 2)));
    assert_eq!(log.head(), Position::new(3));
}

#[test]
fn a_repeated_key_of_a_rejected_command_is_rejected_as_the_first_time() {
    let (mut bus, mut log) = (bus(), Log::new());
    send(&mut bus, &mut log, &pour(5)).unwrap();
    let too_much = pour(6).with_key("k");
    let first = send(&mut bus, &mut log, &too_much);
    send(&mut bus, &mut log, &pour(5)).unwrap();
    assert_eq!(send(&mut bus, &mut log, &too_much), first);
}

#[test]
fn a_repeated_key_of_a_command_with_nothing_to_do_is_answered_as_the_first_time() {
    let (mut bus, mut log) = (bus(), Log::new());
    let nothing = pour(0).with_key("k");
    assert_eq!(send(&mut bus, &mut log, &nothing), Ok(accepted(&[], 0)));
    send(&mut bus, &mut log, &pour(5)).unwrap();
    assert_eq!(send(&mut bus, &mut log, &nothing), Ok(accepted(&[], 0)));
}

#[test]
fn a_key_whose_events_were_forgotten_is_decided_again() {
    let (mut bus, mut log) = (bus(), Log::new());
    send(&mut bus, &mut log, &pour(1)).unwrap();
    let lost = pour(2).with_key("k");
    assert_eq!(send(&mut bus, &mut log, &lost), Ok(accepted(&[2], 2)));
    log.truncate(Position::START);
    assert_eq!(send(&mut bus, &mut log, &lost), Ok(accepted(&[1], 1)));
}

#[test]
fn a_rejection_whose_reason_was_forgotten_is_decided_again() {
    let (mut bus, mut log) = (bus(), Log::new());
    send(&mut bus, &mut log, &pour(10)).unwrap();
    let too_much = pour(5).with_key("k");
    assert!(matches!(send(&mut bus, &mut log, &too_much), Ok(Outcome::Rejected(_))));
    log.truncate(Position::new(1));
    assert_eq!(send(&mut bus, &mut log, &too_much), Ok(accepted(&[2], 2)));
}

#[test]
fn a_retry_on_another_node_is_answered_from_the_log() {
    let (mut first_node, mut log) = (bus(), Log::new());
    let command = pour(7).with_key("k");
    let answer = send(&mut first_node, &mut log, &command);
    let mut second_node = bus();
    let again = second_node.dispatch(&mut log, Epoch::new(2), NOW.plus_millis(9), &command);
    assert_eq!((again, log.head()), (answer, Position::new(2)));
}

#[test]
fn a_retry_after_its_events_were_lost_has_the_same_event_ids() {
    let ids = |log: &Log| -> Vec<String> {
        log.after(Position::START).map(|event| event.id.into_owned()).collect()
    };
    let command = pour(7).with_key("k");
    let (mut kept, mut lost) = (Log::new(), Log::new());
    send(&mut bus(), &mut lost, &command).unwrap();
    send(&mut bus(), &mut kept, &pour(1)).unwrap();
    bus().dispatch(&mut kept, Epoch::new(2), NOW, &command).unwrap();
    assert_eq!(ids(&lost), ["command/k/1", "command/k/2"]);
    assert_eq!(ids(&kept)[1..], ids(&lost));
}

#[test]
fn keys_that_look_alike_are_kept_apart() {
    let (mut bus, mut log) = (bus(), Log::new());
    for (number, key) in (1..).zip(["a", "a/1", "a/1/1", "stream/glass-1/1"]) {
        assert_eq!(
            send(&mut bus, &mut log, &pour(1).with_key(key)),
            Ok(accepted(&[number], number))
        );
    }
}

#[test]
fn a_key_that_was_used_for_another_command_is_refused() {
    let (mut bus, mut log) = (bus(), Log::new());
    send(&mut bus, &mut log, &pour(1).with_key("k")).unwrap();
    for other in [pour(2), Command::new("glass-2", &Pour(1))] {
        let error = send(&mut bus, &mut log, &other.with_key("k")).unwrap_err();
        assert_eq!(error, DispatchError::KeyReused { key: "k".to_owned() });
    }
    for length in [0, 256] {
        let error = send(&mut bus, &mut log, &pour(1).with_key("k".repeat(length))).unwrap_err();
        assert_eq!(error, DispatchError::KeyLength { found: length });
    }
}

#[test]
fn a_deposed_leader_can_append_nothing() {
    let (mut bus, mut log) = (bus(), Log::new());
    bus.dispatch(&mut log, Epoch::new(2), NOW, &pour(1)).unwrap();
    let error = send(&mut bus, &mut log, &pour(7)).unwrap_err();
    assert!(error.to_string().contains("fenced"), "{error}");
    assert_eq!(log.head(), Position::new(1));
}

#[test]
fn events_that_do_not_all_fit_leave_none() {
    let (mut bus, mut log) = (bus(), Log::new());
    let taken = NewEvent {
        id: "stream/glass-1/2".to_owned(),
        source: "/bar".to_owned(),
        event_type: "Washed".to_owned(),
        subject: "glass-2".to_owned(),
        time: None,
        data: "null".to_owned(),
    };
    log.append(Epoch::new(1), &taken).unwrap();
    let error = send(&mut bus, &mut log, &pour(7)).unwrap_err();
    assert!(matches!(error, DispatchError::Append(AppendError::Duplicate { .. })), "{error}");
    assert_eq!((log.head(), log.version("glass-1")), (Position::new(1), 0));
}

#[test]
fn an_engine_is_a_log_to_the_bus() {
    let (mut bus, mut engine) = (bus(), Engine::default());
    let mut send = |engine: &mut Engine, command: &Command| {
        bus.dispatch(engine, Epoch::new(1), NOW, command).unwrap()
    };
    let command = pour(7).with_key("k");
    let first = send(&mut engine, &command);
    assert_eq!((first.clone(), engine.head()), (accepted(&[1, 2], 2), Position::new(2)));
    assert_eq!(send(&mut engine, &command), first);
    engine.rewind(Position::START);
    assert_eq!(send(&mut engine, &command), first);
    assert_eq!((engine.head(), engine.position()), (Position::new(2), Position::new(2)));
}

#[test]
fn a_command_is_decided_from_the_log_as_it_was() {
    let (mut bus, mut log) = (bus(), Log::new());
    for _ in 0..2 {
        send(&mut bus, &mut log, &pour(5)).unwrap();
    }
    let mut past = Past::new(&log, Position::new(1));
    let mut send = |key: &str, amount| {
        bus.dispatch(&mut past, Epoch::new(1), NOW, &pour(amount).with_key(key))
    };
    assert_eq!(send("a", 3), Ok(accepted(&[2], 2)), "what came later is not known");
    assert_eq!(send("b", 2), Ok(accepted(&[3], 3)), "what was decided there is");
    assert!(matches!(send("c", 1), Ok(Outcome::Rejected(_))));
    let ids: Vec<_> = past.into_events().into_iter().map(|event| event.id).collect();
    assert_eq!(ids, ["command/a/1", "command/b/1"]);
    assert_eq!(log.head(), Position::new(2));
}

#[test]
fn events_of_other_types_in_the_stream_do_not_matter_and_broken_ones_do() {
    let (mut bus, mut log) = (bus(), Log::new());
    let mut event = NewEvent {
        id: "1".to_owned(),
        source: "/elsewhere".to_owned(),
        event_type: "Washed".to_owned(),
        subject: "glass-1".to_owned(),
        time: None,
        data: "null".to_owned(),
    };
    log.append(Epoch::new(1), &event).unwrap();
    assert_eq!(send(&mut bus, &mut log, &pour(1)), Ok(accepted(&[2], 2)));
    (event.id, event.event_type) = ("2".to_owned(), "Poured".to_owned());
    log.append(Epoch::new(1), &event).unwrap();
    let error = send(&mut bus, &mut log, &pour(1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the event `Poured` at #3 cannot be read: \
         field `amount`: expected a whole number, found nothing"
    );
}

struct Trace {
    name: &'static str,
    seen: Rc<RefCell<Vec<String>>>,
}

impl Middleware for Trace {
    fn dispatch(&mut self, command: &Command, next: Next<'_>) -> Result<Outcome, DispatchError> {
        self.seen.borrow_mut().push(format!("{} in at {}", self.name, next.now().millis()));
        let outcome = next.run(command);
        self.seen.borrow_mut().push(format!("{} out", self.name));
        outcome
    }
}

struct Closed;

impl Middleware for Closed {
    fn dispatch(&mut self, _: &Command, _: Next<'_>) -> Result<Outcome, DispatchError> {
        Err(DispatchError::Refused { reason: "the bar is closed".to_owned() })
    }
}

#[test]
fn middleware_wraps_the_decision_in_the_order_it_was_added() {
    let (mut bus, mut log) = (bus(), Log::new());
    let seen = Rc::new(RefCell::new(Vec::new()));
    for name in ["outer", "inner"] {
        bus.wrap(Trace { name, seen: Rc::clone(&seen) });
    }
    assert_eq!(send(&mut bus, &mut log, &pour(1)), Ok(accepted(&[1], 1)));
    assert_eq!(*seen.borrow(), ["outer in at 1000", "inner in at 1000", "inner out", "outer out"]);
}

#[test]
fn middleware_can_refuse_a_command() {
    let (mut bus, mut log) = (bus(), Log::new());
    bus.wrap(Closed);
    let error = send(&mut bus, &mut log, &pour(1)).unwrap_err();
    assert_eq!(error.to_string(), "refused: the bar is closed");
    assert_eq!(log.head(), Position::START);
}

#[test]
fn the_memory_of_keys_is_bounded() {
    let (mut bus, mut log) = (bus(), Log::new());
    send(&mut bus, &mut log, &pour(10)).unwrap();
    let too_much = pour(1).with_key("first");
    send(&mut bus, &mut log, &too_much).unwrap();
    for number in 0..keys::KEPT {
        send(&mut bus, &mut log, &pour(1).with_key(format!("{number}"))).unwrap();
    }
    let other = pour(2).with_key("first");
    assert!(send(&mut bus, &mut log, &other).is_ok(), "the first key was forgotten");
}
