//! Other futures and late events as JavaScript sees them.

use everview::Engine;
use everview_protocol::javascript::{Edit, Query};
use js_sys::{JSON, Reflect, Uint8Array};
use tsify::{Ts, Tsify as _};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

const DEFINITIONS: &str = r#"
[views.orders]
key = "subject"
[views.orders.on.Placed]
set = { total = "data.total" }

[views.whole]
sql = "SELECT SUM(total) AS total FROM orders"
"#;

fn line(id: u32, total: u32) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"/s","type":"Placed","subject":"o-{id}","data":{{"total":{total}}}}}"#
    ) + "\n"
}

fn engine() -> Engine {
    let mut engine = Engine::new(Some(DEFINITIONS.to_owned())).unwrap();
    let lines: String = [(1, 10), (2, 20), (4, 40)].map(|(id, total)| line(id, total)).concat();
    engine.read(&Uint8Array::from(lines.as_bytes()), None).unwrap();
    engine
}

fn edit(json: &str) -> Vec<Ts<Edit>> {
    vec![Ts::new_unchecked(JSON::parse(json).unwrap())]
}

fn whole(engine: &mut Engine) -> String {
    let page = engine.rows("whole", None, None).unwrap().to_rust().unwrap();
    page.rows[0][0].0.to_string()
}

fn code(error: &JsValue) -> String {
    assert!(error.is_instance_of::<js_sys::Error>());
    Reflect::get(error, &"code".into()).unwrap().as_string().unwrap()
}

#[wasm_bindgen_test]
fn an_input_is_inserted_where_it_belongs() {
    let mut engine = engine();
    let late = [line(3, 30), line(4, 40)].concat();
    let inserted = engine.insert(2.0, late.as_bytes(), None).unwrap().to_rust().unwrap();
    assert_eq!((inserted.accepted, inserted.duplicates), (1, 1));
    let id = |position| engine.event(position).unwrap().unwrap().to_rust().unwrap().id;
    assert_eq!([1.0, 2.0, 3.0, 4.0].map(id), ["1", "2", "3", "4"]);
    assert_eq!((engine.position().to_string(), whole(&mut engine)), ("4".into(), "100".into()));
    let query = || Query { view: "whole".into(), ..Query::default() }.into_ts().unwrap();
    let answer = engine.query_at(3.0, query(), None).unwrap().to_rust().unwrap();
    assert_eq!((answer.as_of.position, &*answer.rows[0][0].0.to_string()), (3, "60"));
    assert_eq!(engine.position().to_string(), "4", "the playhead stays");
    let refused = engine.insert(9.0, line(5, 50).as_bytes(), None).unwrap_err();
    assert_eq!(code(&refused), "insert-refused");
    assert_eq!(engine.insert(9.0, &[], None).unwrap().to_rust().unwrap().accepted, 0);
}

#[wasm_bindgen_test]
fn a_fork_goes_its_own_way_and_is_compared() {
    let mut engine = engine();
    let changed = r#"{"after":1,"dropped":1,"events":[{"position":2,"epoch":0,"version":1,"id":"2",
        "source":"/s","type":"Placed","subject":"o-2","data":"{\"total\":25}"}]}"#;
    let mut fork = engine.fork(edit(changed)).unwrap();
    fork.read(&Uint8Array::from(line(5, 50).as_bytes()), None).unwrap();
    assert_eq!((whole(&mut engine), whole(&mut fork)), ("70".into(), "125".into()));
    let diff = engine.diff_with("orders", 3.0, &mut fork, 4.0).unwrap().to_rust().unwrap();
    assert_eq!((diff.from, diff.to, diff.deltas.len()), (3, 4, 2));
    assert!(diff.deltas[1].before.is_none(), "o-5 is only there");

    let refused = engine.fork(edit(r#"{"after":9,"dropped":1}"#)).unwrap_err();
    assert_eq!(code(&refused), "fork-refused");
    assert_eq!(code(&engine.fork(edit("{}")).unwrap_err()), "argument-invalid");
    let mut other = Engine::new(Some(DEFINITIONS.to_owned())).unwrap();
    let refused = engine.diff_with("orders", 3.0, &mut other, 0.0).unwrap_err();
    assert_eq!(code(&refused), "fork-refused");
    let refused = engine.diff_with("nobody", 3.0, &mut fork, 0.0).unwrap_err();
    assert_eq!(code(&refused), "view-unknown");
}
