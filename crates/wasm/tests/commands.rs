//! Commands that are shown ahead of the server, as JavaScript sees them.

use everview::{DeciderDefinition, Engine};
use everview_protocol::javascript::{Command, Outcome};
use js_sys::{Function, JSON, Reflect, Uint8Array};
use tsify::Ts;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

const DEFINITIONS: &str = r#"
[views.seats]
key = "subject"
[views.seats.on.SeatTaken]
set = { by = "data.by" }
"#;

/// A seat is taken once.
const SEATS: &str = r#"return {
    source: "/seats",
    initial: () => null,
    evolve: (by, { type, data }) => (type === "SeatTaken" ? data.by : by),
    decide: {
        TakeSeat(by, data) {
            if (data.by === "nobody") throw new Error("nobody takes seats");
            if (by === data.by) return [];
            return by ? { rejected: `taken by ${by}` } : [{ type: "SeatTaken", data }];
        },
    },
}"#;

fn decider(text: &str) -> DeciderDefinition {
    Function::new_no_args(text).call0(&JsValue::NULL).unwrap().unchecked_into()
}

fn engine() -> Engine {
    let mut engine = Engine::new(Some(DEFINITIONS.to_owned())).unwrap();
    engine.register_decider(&decider(SEATS)).unwrap();
    engine
}

fn command(key: &str, seat: &str, by: &str) -> Ts<Command> {
    let json = format!(
        r#"{{"type":"TakeSeat","stream":"{seat}","data":"{{\"by\":\"{by}\"}}","key":"{key}"}}"#
    );
    Ts::new_unchecked(JSON::parse(&json).unwrap())
}

fn dispatch(engine: &mut Engine, key: &str, seat: &str, by: &str) -> Result<Outcome, JsValue> {
    engine.dispatch(command(key, seat, by), 0.0).map(|outcome| outcome.to_rust().unwrap())
}

/// The server's event of a command.
fn taken(key: &str, seat: &str, by: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"command/{key}/1","source":"/seats","type":"SeatTaken","subject":"{seat}","data":{{"by":"{by}"}}}}"#
    ) + "\n"
}

fn seats(engine: &mut Engine) -> String {
    let page = engine.rows("seats", None, None).unwrap().to_rust().unwrap();
    let row = |row: &Vec<everview_protocol::javascript::Cell>| {
        row.iter().map(|cell| cell.0.to_string()).collect::<Vec<_>>().join(":")
    };
    page.rows.iter().map(row).collect::<Vec<_>>().join(" ")
}

fn text(error: &JsValue) -> String {
    let code = Reflect::get(error, &"code".into()).unwrap().as_string().unwrap();
    format!("{code}: {}", String::from(error.dyn_ref::<js_sys::Error>().unwrap().message()))
}

#[wasm_bindgen_test]
fn a_command_is_shown_at_once_and_confirmed_by_the_event_of_the_server() {
    let mut engine = engine();
    let accepted = Outcome::Accepted { positions: vec![1], version: 1 };
    assert_eq!(dispatch(&mut engine, "k1", "a", "me").unwrap(), accepted);
    assert_eq!((seats(&mut engine), engine.confirmed().to_string()), ("a:me".into(), "0".into()));
    let mut other = Engine::new(None).unwrap();
    other.read_stored(&engine.store(None).unwrap()).unwrap();
    assert_eq!(other.head().to_string(), "0", "guesses are not stored");

    engine.read(&Uint8Array::from(taken("k9", "b", "you").as_bytes()), None).unwrap();
    assert_eq!(
        (seats(&mut engine), engine.confirmed().to_string()),
        ("a:me b:you".into(), "1".into())
    );
    assert_eq!(engine.pending().unwrap().len(), 1);

    engine.read(&Uint8Array::from(taken("k1", "a", "me").as_bytes()), None).unwrap();
    assert_eq!(
        (engine.head().to_string(), engine.confirmed().to_string()),
        ("2".into(), "2".into())
    );
    assert!(engine.pending().unwrap().is_empty());
    let confirmed = engine.drain_confirmed().unwrap();
    assert_eq!(confirmed[0].to_rust().unwrap().command.key, "k1");
    assert!(engine.drain_confirmed().unwrap().is_empty());
}

#[wasm_bindgen_test]
fn nothing_of_a_wrong_guess_is_left() {
    let mut engine = engine();
    dispatch(&mut engine, "k1", "a", "me").unwrap();
    engine.read(&Uint8Array::from(taken("k2", "a", "you").as_bytes()), None).unwrap();
    assert_eq!(seats(&mut engine), "a:you");
    let pending = engine.pending().unwrap()[0].to_rust().unwrap();
    assert_eq!(pending.outcome, Outcome::Rejected { reason: "taken by you".into() });
    assert!(engine.refused("k1").unwrap());
    assert!(!engine.refused("k1").unwrap());

    dispatch(&mut engine, "k3", "b", "me").unwrap();
    assert!(engine.refused("k3").unwrap(), "the server may know more");
    assert_eq!((seats(&mut engine), engine.head().to_string()), ("a:you".into(), "1".into()));
}

#[wasm_bindgen_test]
fn an_answer_settles_a_command_once_its_events_are_there() {
    let mut engine = engine();
    dispatch(&mut engine, "k1", "a", "me").unwrap();
    assert!(!engine.accepted("k1", vec![1.0]).unwrap());
    engine.read(&Uint8Array::from(taken("k1", "a", "me").as_bytes()), None).unwrap();
    assert!(engine.pending().unwrap().is_empty());

    let nothing_to_do = Outcome::Accepted { positions: vec![], version: 1 };
    assert_eq!(dispatch(&mut engine, "k2", "a", "me").unwrap(), nothing_to_do);
    assert!(engine.accepted("k2", vec![]).unwrap());
    assert!(engine.pending().unwrap().is_empty());
}

#[wasm_bindgen_test]
fn what_is_not_decided_says_why() {
    let mut engine = engine();
    let refused = |engine: &mut Engine, by| text(&dispatch(engine, "k1", "a", by).unwrap_err());
    assert_eq!(
        refused(&mut engine, "nobody"),
        "dispatch-failed: the command `TakeSeat` was not decided: nobody takes seats"
    );
    let other = Ts::new_unchecked(
        JSON::parse(r#"{"type":"T","stream":"a","data":"{}","key":"k"}"#).unwrap(),
    );
    assert_eq!(
        text(&engine.dispatch(other, 0.0).unwrap_err()),
        "dispatch-failed: no decider is registered for the command type `T`"
    );
    assert_eq!(engine.head().to_string(), "0");
    let twice = text(&engine.register_decider(&decider(SEATS)).unwrap_err());
    assert!(twice.starts_with("argument-invalid: a decider for"), "{twice}");
    for (text_of_it, expected) in [
        ("return null", "an object with `source`"),
        ("return { source: '' }", "`source` to be a name"),
        ("return { source: '/s' }", "`initial` and `evolve`"),
        ("return { source: '/s', initial() {}, evolve() {}, decide: { A: 1 } }", "`decide`"),
    ] {
        let error = text(&engine.register_decider(&decider(text_of_it)).unwrap_err());
        assert!(error.contains(expected), "{error}");
    }
    let odd = "return { source: '/o', initial() {}, evolve() {}, decide: { Odd: () => [1] } }";
    engine.register_decider(&decider(odd)).unwrap();
    let command = Ts::new_unchecked(
        JSON::parse(r#"{"type":"Odd","stream":"a","data":"{}","key":"k"}"#).unwrap(),
    );
    let error = text(&engine.dispatch(command, 0.0).unwrap_err());
    assert!(error.contains("expected a list of events"), "{error}");
}

#[wasm_bindgen_test]
fn a_command_is_tried_out_in_another_future() {
    let mut engine = engine();
    for (key, seat) in [("k1", "1"), ("k2", "2")] {
        engine.read(&Uint8Array::from(taken(key, seat, "ann").as_bytes()), None).unwrap();
    }
    let mut fork =
        |after: f64, key: &str, seat: &str| engine.fork_with(after, command(key, seat, "bo"), 0.0);
    let mut other = fork(1.0, "what-if", "3").unwrap();
    assert_eq!(other.event(2.0).unwrap().unwrap().to_rust().unwrap().id, "command/what-if/1");
    let code = |error: JsValue| Reflect::get(&error, &"code".into()).unwrap().as_string();
    assert_eq!(code(fork(1.0, "a", "1").unwrap_err()).as_deref(), Some("fork-refused"), "taken");
    assert_eq!(code(fork(9.0, "b", "4").unwrap_err()).as_deref(), Some("fork-refused"), "no place");
    assert!(fork(0.0, "c", "1").is_ok(), "before that, it was free");
    assert_eq!(engine.head().to_string(), "2", "the log stays as it is");
    engine.dispatch(command("what-if", "4", "bo"), 0.0).unwrap();
    assert_eq!(seats(&mut engine), "1:ann 2:ann 4:bo", "what was tried out is still to be done");
    assert_eq!(
        (seats(&mut other), seats(&mut engine)),
        ("1:ann 2:ann 3:bo".into(), "1:ann 2:ann 4:bo".into())
    );
}
