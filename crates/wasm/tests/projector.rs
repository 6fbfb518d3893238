//! Views that are folded by JavaScript, in Node.js and in browsers.

use everview::{Definition, Engine};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

/// Accounts between which amounts are moved.
const ACCOUNTS: &str = r#"({
    key: ["name"],
    columns: ["amount", "moves"],
    on: {
        Moved({ data, id }, rows) {
            const { from, to, amount } = data;
            for (const [name, by] of [[from, -amount], [to, amount]]) {
                const row = rows.get([name]) ?? { amount: 0, moves: 0 };
                rows.set([name], { ...row, amount: row.amount + by, moves: row.moves + 1 });
            }
            if (amount < 0) throw new RangeError(`${id} moves ${amount}`);
        },
        Closed: ({ subject }, rows) => rows.delete([subject]),
    },
})"#;

const VIEWS: &str = r#"
[views.total]
sql = "SELECT COUNT(*) AS n, SUM(moves) AS moves FROM accounts"
"#;

const EVENTS: [(&str, &str, &str); 8] = [
    ("Moved", "x", r#"{"from":"a","to":"ü","amount":5.5}"#),
    ("Moved", "y", r#"{"from":"ü","to":"c","amount":1}"#),
    ("Moved", "x", r#"{"from":"a","to":"c","amount":-3}"#),
    ("Unheard", "x", "{}"),
    ("Moved", "x", r#"{"from":"c","to":"a","amount":3}"#),
    ("Moved", "𝄞", r#"{"from":"a","to":"a","amount":4}"#),
    ("Closed", "c", "null"),
    ("Moved", "y", r#"{"from":"c","to":"a","amount":2}"#),
];

fn lines(events: &[(&str, &str, &str)]) -> Vec<String> {
    let line = |(number, (event_type, subject, data)): (usize, &(&str, &str, &str))| {
        format!(
            "{{\"specversion\":\"1.0\",\"id\":\"{number}\",\"source\":\"/s\",\"type\":\"{event_type}\",\
             \"subject\":\"{subject}\",\"time\":\"2026-01-02T03:04:05Z\",\"data\":{data}}}\n"
        )
    };
    events.iter().enumerate().map(line).collect()
}

fn definition(source: &str) -> Definition {
    js_sys::eval(source).unwrap().unchecked_into()
}

fn engine(projector: &str, views: &str) -> Engine {
    let mut engine = Engine::new(None).unwrap();
    engine.register("accounts", &definition(projector)).unwrap();
    engine.define(views).unwrap();
    engine
}

/// An engine that has read the events in pieces of so many.
fn fed(size: usize) -> Engine {
    let mut engine = engine(ACCOUNTS, VIEWS);
    for piece in lines(&EVENTS).chunks(size) {
        engine.read(&Uint8Array::from(piece.concat().as_bytes()), None).unwrap();
    }
    engine
}

fn rows(engine: &mut Engine, view: &str) -> Vec<String> {
    let page = engine.rows(view, None, None).unwrap().to_rust().unwrap();
    let line = |row: &Vec<everview_protocol::javascript::Cell>| {
        row.iter().map(|cell| cell.0.to_string()).collect::<Vec<_>>().join(" ")
    };
    page.rows.iter().map(line).collect()
}

fn quarantine(engine: &mut Engine) -> Vec<String> {
    let refused = engine.quarantine().unwrap();
    let line = |refused: &tsify::Ts<everview_protocol::javascript::Quarantined>| {
        let refused = refused.to_rust().unwrap();
        format!("{} {}", refused.position, refused.error)
    };
    refused.iter().map(line).collect()
}

#[wasm_bindgen_test]
fn rows_are_what_the_handlers_make_of_the_events() {
    let mut engine = fed(EVENTS.len());
    assert_eq!(rows(&mut engine, "accounts"), ["a -3.5 4", "c -2 1", "ü 4.5 2"]);
    assert_eq!(rows(&mut engine, "total"), ["3 7"]);
    assert_eq!(
        quarantine(&mut engine),
        ["3 RangeError: 2 moves -3", "5 it waits behind the event at #3"]
    );
}

#[wasm_bindgen_test]
fn any_batching_gives_the_same_and_every_position_can_be_reached() {
    let mut whole = fed(EVENTS.len());
    for size in 1..EVENTS.len() {
        assert_eq!(fed(size).digest(), whole.digest(), "{size} at a time");
        assert_eq!(quarantine(&mut fed(size)), quarantine(&mut whole), "{size} at a time");
    }
    for position in [2, 8, 0, 7, 5, 3] {
        whole.seek(f64::from(position)).unwrap();
        let mut upto = engine(ACCOUNTS, VIEWS);
        let events = &EVENTS[..usize::try_from(position).unwrap()];
        upto.read(&Uint8Array::from(lines(events).concat().as_bytes()), None).unwrap();
        assert_eq!(whole.digest(), upto.digest(), "at {position}");
    }
    let digest = fed(3).digest();
    let mut again = fed(1);
    again.rewind(2.0).unwrap();
    again.read(&Uint8Array::from(lines(&EVENTS).concat().as_bytes()), None).unwrap();
    assert_eq!(again.digest(), digest);
    again.define("[views]").unwrap();
    again.define(VIEWS).unwrap();
    assert_eq!(again.digest(), digest, "views are folded anew from the handlers");
}

#[wasm_bindgen_test]
fn an_event_is_given_whole() {
    let source = r#"({
        key: ["position", "half"],
        columns: ["text", "large", "nothing", "truth"],
        events: "*",
        project(event, rows) {
            const { position, epoch, version, id, source, type, subject, time, data } = event;
            const key = [position, 0.5];
            const texts = [epoch, version, id, source, type, subject, time, JSON.stringify(data)];
            rows.set(key, { text: texts.join(" "), large: 2n ** 62n, truth: true });
            const row = rows.get(key);
            if (row.large !== 2n ** 62n || row.nothing !== null || row.half !== 0.5) throw row;
            const before = rows.get([position - 1, 0.5]);
            if (position > 1 && before?.large !== 2n ** 62n) throw before;
        },
    })"#;
    let lines = lines(&EVENTS[..2]);
    for size in [1, 2] {
        let mut engine = engine(source, "[views]");
        for piece in lines.chunks(size) {
            engine.read(&Uint8Array::from(piece.concat().as_bytes()), None).unwrap();
        }
        assert_eq!(quarantine(&mut engine), Vec::<String>::new());
        assert_eq!(
            rows(&mut engine, "accounts"),
            [
                "1 0.5 0 1 0 /s Moved x 2026-01-02T03:04:05.000Z {\"from\":\"a\",\"to\":\"ü\",\"amount\":5.5} 4611686018427387904 NULL true",
                "2 0.5 0 1 1 /s Moved y 2026-01-02T03:04:05.000Z {\"from\":\"ü\",\"to\":\"c\",\"amount\":1} 4611686018427387904 NULL true"
            ]
        );
    }
}

#[wasm_bindgen_test]
fn values_that_a_row_cannot_hold_refuse_their_event() {
    for (value, message) in [
        ("NaN", "RangeError: NaN is no number that a row can hold"),
        ("1 / 0", "RangeError: Infinity is no number that a row can hold"),
        ("2 ** 53", "RangeError: 9007199254740992 is not exact: use a bigint"),
        ("2n ** 63n", "RangeError: 9223372036854775808 needs more than 64 bits"),
        ("1.5e-18", "RangeError: 1.5e-18 has more than 18 digits after the point"),
        ("'\\ud800'", "RangeError: a text with half of a surrogate pair is no Unicode"),
        (
            "[1]",
            "TypeError: expected null, a boolean, a number, a bigint or a string, found object",
        ),
    ] {
        let source = format!(
            "({{ key: ['k'], columns: ['v'], events: '*', project(_, rows) {{ rows.set(['k'], {{ v: {value} }}); }} }})"
        );
        let mut engine = engine(&source, "[views]");
        engine.read(&Uint8Array::from(lines(&EVENTS[..1]).concat().as_bytes()), None).unwrap();
        assert_eq!(quarantine(&mut engine), [format!("1 {message}")]);
        assert!(rows(&mut engine, "accounts").is_empty());
    }
}

#[wasm_bindgen_test]
fn what_a_handler_does_wrong_is_said() {
    for (body, message) in [
        ("rows.set(['k'], { w: 1 })", "TypeError: no column `w`; there are v"),
        ("rows.get('k')", "TypeError: expected a list with a value for each of: k"),
        (
            "rows.set(['k'], { k: 'l' })",
            "TypeError: `k` is a part of the key and has another value there",
        ),
        ("return Promise.resolve()", "TypeError: a handler must not be asynchronous"),
        ("throw 'half \\ud800'", "half \u{fffd}"),
        ("throw Object.create(null)", "an exception that has no text"),
        ("globalThis.leaked?.get(['k']); globalThis.leaked = rows; throw 1", "1"),
    ] {
        let source = format!(
            "({{ key: ['k'], columns: ['v'], events: ['Moved'], project(_, rows) {{ {body} }} }})"
        );
        let mut engine = engine(&source, "[views]");
        engine.read(&Uint8Array::from(lines(&EVENTS[..1]).concat().as_bytes()), None).unwrap();
        assert_eq!(quarantine(&mut engine), [format!("1 {message}")]);
    }
    let error = js_sys::eval("leaked.get(['k'])").unwrap_err();
    let message = Reflect::get(&error, &"message".into()).unwrap();
    assert_eq!(message.as_string().unwrap(), "a view can be used only while its handler runs");
}

#[wasm_bindgen_test]
fn a_projector_that_is_none_is_refused() {
    let text = |value: &JsValue, name: &str| {
        Reflect::get(value, &name.into()).unwrap().as_string().unwrap()
    };
    for (source, message) in [
        ("null", "expected a projector: an object with `key`, `columns` and handlers"),
        ("({ key: [], columns: [], on: {} })", "expected `key` to name at least one column"),
        ("({ key: 'k', columns: [], on: {} })", "expected `key` to be a list of names"),
        ("({ key: ['k'], columns: ['k'], on: {} })", "the column `k` is there twice"),
        ("({ key: ['k'], columns: [] })", "expected either `events` and `project`, or `on`"),
        ("({ key: ['k'], columns: [], on: { A: 1 } })", "expected a function for the events `A`"),
    ] {
        let mut engine = Engine::new(None).unwrap();
        let error = engine.register("accounts", &definition(source)).unwrap_err();
        assert_eq!(
            (text(&error, "code"), text(&error, "message")),
            ("argument-invalid".to_owned(), message.to_owned())
        );
    }
    let mut engine = engine(ACCOUNTS, VIEWS);
    let error = engine.register("total", &definition(ACCOUNTS)).unwrap_err();
    assert_eq!(text(&error, "code"), "definitions-invalid");
}

#[wasm_bindgen_test]
fn views_in_javascript_go_on_after_a_snapshot() {
    let (text, mut whole) = (lines(&EVENTS), fed(EVENTS.len()));
    for cut in 0..text.len() {
        let mut first = engine(ACCOUNTS, VIEWS);
        first.read(&Uint8Array::from(text[..cut].concat().as_bytes()), None).unwrap();
        let mut second = engine(ACCOUNTS, VIEWS);
        second.resume(&first.snapshot().unwrap()).unwrap();
        second.read(&Uint8Array::from(text[cut..].concat().as_bytes()), None).unwrap();
        assert_eq!(second.digest(), whole.digest(), "after {cut}");
        assert_eq!(quarantine(&mut second), quarantine(&mut whole), "after {cut}");
    }
    let other = ACCOUNTS.replace(r#""moves"]"#, r#""moves", "more"]"#);
    assert!(engine(&other, VIEWS).resume(&whole.snapshot().unwrap()).is_err());
}
