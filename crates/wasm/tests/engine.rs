//! The package's classes as JavaScript sees them, in Node.js and in browsers.

use everview::{Engine, Reader, guess_mapping};
use everview_core::Value;
use everview_core::orders::{OrderStream, VIEWS};
use everview_protocol::javascript::{Cell, Index, Mapping, Query, ReadOptions};
use js_sys::{DataView, Function, Reflect, Uint8Array};
use tsify::{Ts, Tsify as _};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

const DEFINITIONS: &str = r#"
[views.orders]
key = "subject"
[views.orders.on.Placed]
set = { region = "data.region", total = "data.total" }

[views.revenue]
sql = "SELECT region, SUM(total) AS revenue FROM orders GROUP BY region"
"#;

const EVENTS: &str = r#"{"specversion":"1.0","id":"1","source":"/s","type":"Placed","subject":"a","data":{"region":"north","total":10.25}}
{"specversion":"1.0","id":"2","source":"/s","type":"Placed","subject":"b","data":{"region":"south","total":9007199254740993}}
{"specversion":"1.0","id":"3","source":"/s","type":"Placed","subject":"c","data":{"region":"north","total":0.75}}
not an event
"#;

/// What the first 5,000 events of the order stream with seed 42 come to in the order views: the
/// native tests compare with the same file.
const CONFORMANCE: &str = include_str!("../../../tests/fixtures/conformance.digest");

fn engine() -> Engine {
    let mut engine = Engine::new(Some(DEFINITIONS.to_owned())).unwrap();
    engine.read(&Uint8Array::from(EVENTS.as_bytes()), None).unwrap();
    engine
}

fn property(value: impl AsRef<JsValue>, name: &str) -> JsValue {
    Reflect::get(value.as_ref(), &name.into()).unwrap()
}

fn code(error: &JsValue) -> String {
    assert!(error.is_instance_of::<js_sys::Error>());
    property(error, "code").as_string().unwrap()
}

#[wasm_bindgen_test]
fn views_are_the_same_as_on_every_other_platform() {
    let events = OrderStream::new(42).events().take(5_000);
    let lines: Vec<_> = events.map(|event| event.to_json() + "\n").collect();
    let mut engine = Engine::new(Some(VIEWS.to_owned())).unwrap();
    engine.read(&Uint8Array::from(lines.concat().as_bytes()), None).unwrap();
    assert_eq!(engine.digest(), CONFORMANCE.trim());
}

#[wasm_bindgen_test]
fn rows_cross_exactly() {
    let page = engine().rows("revenue", None, None).unwrap().to_rust().unwrap();
    let texts: Vec<Vec<String>> =
        page.rows.iter().map(|row| row.iter().map(|cell| cell.0.to_string()).collect()).collect();
    assert_eq!(texts, [["north", "11"], ["south", "9007199254740993"]]);
    assert_eq!((page.position, page.total), (3, 2));

    let row =
        engine().row("revenue", vec![Cell("south".into()).into_ts().unwrap()]).unwrap().unwrap();
    assert!(JsValue::from(row[1].clone()).is_bigint());
}

#[wasm_bindgen_test]
fn a_cell_with_nothing_in_it_is_null() {
    let event = EVENTS.replace(r#""data":{"region":"north","total":10.25}"#, r#""data":{}"#);
    let mut engine = Engine::new(Some(DEFINITIONS.to_owned())).unwrap();
    engine.read(&Uint8Array::from(event.as_bytes()), None).unwrap();
    let cell = |rows: JsValue| js_sys::Array::from(&rows).get(1);
    let page = engine.rows("orders", None, None).unwrap();
    assert!(cell(js_sys::Array::from(&property(page.js_value(), "rows")).get(0)).is_null());
    let row = engine.row("orders", vec![Cell("a".into()).into_ts().unwrap()]).unwrap().unwrap();
    assert!(JsValue::from(row[1].clone()).is_null());
    let delta = engine.deltas("orders").unwrap().remove(0);
    assert!(cell(property(delta.js_value(), "after")).is_null());
    assert!(property(delta.js_value(), "before").is_undefined());
}

#[wasm_bindgen_test]
fn the_past_can_be_seen_and_forgotten() {
    let mut engine = engine();
    let latest = engine.digest();
    engine.seek(1.0).unwrap();
    assert_eq!((engine.position(), engine.head()), (1.0, 3.0));
    assert_ne!(engine.digest(), latest);
    engine.seek(f64::INFINITY).unwrap();
    assert_eq!(engine.digest(), latest);
    engine.rewind(2.0).unwrap();
    assert_eq!((engine.position(), engine.head()), (2.0, 2.0));
}

#[wasm_bindgen_test]
fn two_positions_are_compared_from_wherever_the_playhead_is() {
    let mut engine = engine();
    engine.seek(2.0).unwrap();
    let digest = engine.digest();
    let diff = engine.diff("revenue", 1.0, 3.0).unwrap().to_rust().unwrap();
    let after = |index: usize| diff.deltas[index].after.as_ref().unwrap()[1].0.to_string();
    assert_eq!((diff.from, diff.to, diff.deltas.len()), (1, 3, 2));
    assert_eq!((after(0), after(1)), ("11".to_owned(), "9007199254740993".to_owned()));
    assert_eq!(engine.diff("revenue", 3.0, 3.0).unwrap().to_rust().unwrap().deltas, []);
    assert_eq!((engine.position(), engine.digest()), (2.0, digest));
    assert_eq!(code(&engine.diff("nobody", 1.0, 2.0).unwrap_err()), "view-unknown");
}

#[wasm_bindgen_test]
fn what_became_of_a_row_is_told_event_by_event() {
    let mut engine = engine();
    let key = || vec![Cell("north".into()).into_ts().unwrap()];
    let history = engine.history("revenue", key(), None).unwrap().to_rust().unwrap();
    let after =
        |index: usize| history.written[index].delta.after.as_ref().unwrap()[1].0.to_string();
    let positions: Vec<u64> = history.written.iter().map(|written| written.position).collect();
    assert_eq!(positions, [1, 3]);
    assert_eq!((after(0), after(1)), ("10.25".to_owned(), "11".to_owned()));
    let last = engine.history("revenue", key(), Some(1)).unwrap().to_rust().unwrap();
    assert!(last.has_earlier && last.written == history.written[1..]);
}

#[wasm_bindgen_test]
fn a_cell_says_which_events_and_which_rows_made_it() {
    let mut engine = engine();
    let key = |key: &str| vec![Cell(key.into()).into_ts().unwrap()];
    let why = engine.why("orders", key("c"), "total", None).unwrap().to_rust().unwrap();
    let cause = &why.causes[0];
    assert_eq!((cause.position, &*cause.id, &*cause.r#type), (3, "3", "Placed"));
    assert_eq!((&cause.before.0, cause.after.0.to_string()), (&Value::Null, "0.75".to_owned()));
    assert_eq!(cause.clause.as_deref(), Some("on.Placed.set.total"));

    let why = engine.why("revenue", key("north"), "revenue", Some(1)).unwrap().to_rust().unwrap();
    assert_eq!((why.value.0.to_string(), why.rest), ("11".to_owned(), 1));
    assert_eq!(why.contributions[0].amount.0.to_string(), "10.25");
    let source = &why.contributions[0].rows[0];
    assert_eq!((&*source.view, source.columns.join(" ")), ("orders", "region total".to_owned()));
    assert_eq!(why.causes.iter().map(|cause| cause.position).collect::<Vec<_>>(), [1, 1]);

    let refused = |engine: &mut Engine, view, row, column| {
        code(&engine.why(view, key(row), column, None).unwrap_err())
    };
    assert_eq!(refused(&mut engine, "nobody", "c", "total"), "view-unknown");
    assert_eq!(refused(&mut engine, "orders", "x", "total"), "row-unknown");
    assert_eq!(refused(&mut engine, "orders", "c", "nothing"), "query-invalid");
}

#[wasm_bindgen_test]
fn positions_are_found_by_what_is_so_there_what_changes_and_what_happens() {
    let mut engine = engine();
    engine.seek(2.0).unwrap();
    let digest = engine.digest();
    let large = "revenue > 10.5";
    assert_eq!(engine.bisect("revenue", large, 0.0, 3.0).unwrap(), Some(2.0));
    assert_eq!(engine.bisect("revenue", "revenue < 10.5", 3.0, 0.0).unwrap(), Some(2.0));
    assert_eq!(engine.bisect("revenue", "revenue < 0", 0.0, 3.0).unwrap(), None);

    let north = || Some(vec![Cell("north".into()).into_ts().unwrap()]);
    assert_eq!(engine.next_change("revenue", 1.0, 3.0, None).unwrap(), Some(2.0));
    assert_eq!(engine.next_change("revenue", 1.0, 3.0, north()).unwrap(), Some(3.0));
    assert_eq!(engine.next_change("revenue", 3.0, 0.0, north()).unwrap(), Some(1.0));

    let cheap = "data.total < 1";
    assert_eq!(engine.next_event(cheap, 0.0, 3.0).unwrap(), Some(3.0));
    assert_eq!(engine.next_event(cheap, 3.0, 0.0).unwrap(), None);
    assert_eq!(engine.digest(), digest);

    assert_eq!(code(&engine.bisect("nobody", large, 0.0, 3.0).unwrap_err()), "view-unknown");
    assert_eq!(code(&engine.bisect("revenue", "1 +", 0.0, 3.0).unwrap_err()), "query-invalid");
    assert_eq!(code(&engine.next_event("1 +", 0.0, 3.0).unwrap_err()), "query-invalid");
}

#[wasm_bindgen_test]
fn chunks_of_any_size_come_to_the_same() {
    let mut engine = Engine::new(Some(DEFINITIONS.to_owned())).unwrap();
    let mut reader = Reader::new(None).unwrap();
    for chunk in EVENTS.as_bytes().chunks(7) {
        engine.read_chunk(&mut reader, chunk).unwrap();
    }
    engine.finish(&mut reader).unwrap();
    assert_eq!(engine.digest(), self::engine().digest());
    let intake = engine.intake().unwrap().to_rust().unwrap();
    assert_eq!((intake.accepted, intake.refused, intake.refusals[0].line), (3, 1, 4));
}

#[wasm_bindgen_test]
fn what_changed_is_told_once() {
    let mut engine = engine();
    assert_eq!(engine.deltas("revenue").unwrap().len(), 2);
    assert!(engine.deltas("revenue").unwrap().is_empty());
    engine.seek(2.0).unwrap();
    let deltas = engine.deltas("revenue").unwrap();
    assert_eq!(deltas[0].to_rust().unwrap().after.unwrap()[1].0.to_string(), "10.25");
}

#[wasm_bindgen_test]
fn stored_events_come_back_and_are_taken_once() {
    let mut whole = engine();
    let mut other = Engine::new(Some(DEFINITIONS.to_owned())).unwrap();
    other.read_stored(&whole.store(None).unwrap()).unwrap();
    assert_eq!((other.head(), other.digest()), (whole.head(), whole.digest()));
    other.read_stored(&whole.store(Some(1.0)).unwrap()).unwrap();
    assert_eq!((other.head(), other.digest()), (whole.head(), whole.digest()));
    assert_eq!(code(&other.read_stored(b"?").unwrap_err()), "stored-refused");
    assert!(other.memory().unwrap().to_rust().unwrap().log > 0);
}

#[wasm_bindgen_test]
fn a_snapshot_goes_on_where_it_was_taken() {
    let blob = engine().snapshot().unwrap();
    let mut restored = Engine::restore(&blob, DEFINITIONS).unwrap();
    assert_eq!((restored.digest(), restored.head()), (engine().digest(), 3.0));
    assert_eq!(code(&Engine::restore(b"?", DEFINITIONS).unwrap_err()), "snapshot-refused");
}

#[wasm_bindgen_test]
fn errors_are_errors_with_a_code() {
    assert_eq!(code(&engine().rows("nothing", None, None).unwrap_err()), "view-unknown");
    assert_eq!(
        code(&Engine::new(Some("views = 1".to_owned())).unwrap_err()),
        "definitions-invalid"
    );
    let options = ReadOptions {
        mapping: Some(Mapping { id: Some("a..b".to_owned()), ..Mapping::default() }),
        ..ReadOptions::default()
    };
    let error =
        engine().read(&Uint8Array::from(&b"{}"[..]), Some(options.into_ts().unwrap())).unwrap_err();
    assert_eq!(code(&error), "mapping-invalid");
}

#[wasm_bindgen_test]
fn what_is_no_array_of_bytes_is_refused_and_any_view_of_bytes_is_read() {
    let mut engine = Engine::new(None).unwrap();
    let error = engine.read(&"{}".into(), None).unwrap_err();
    assert_eq!(code(&error), "argument-invalid");
    let bytes = Uint8Array::from(EVENTS.as_bytes());
    let view = DataView::new(&bytes.buffer(), 0, EVENTS.len());
    engine.read(&view, None).unwrap();
    assert!(engine.head() > 1.0);

    let transfer =
        Function::new_with_args("bytes", "structuredClone(bytes, { transfer: [bytes.buffer] })");
    transfer.call1(&JsValue::NULL, &bytes).unwrap();
    let mut engine = Engine::new(None).unwrap();
    engine.read(&bytes, None).unwrap();
    assert!(engine.head() < 1.0);
}

#[wasm_bindgen_test]
fn a_mapping_is_guessed_and_used() {
    let csv = b"case,activity\nc1,Opened\n";
    let mapping = guess_mapping(csv).unwrap().unwrap().to_rust().unwrap();
    assert_eq!(mapping.r#type.as_deref(), Some("activity"));
    let options = ReadOptions { mapping: Some(mapping), ..ReadOptions::default() };
    let mut engine = Engine::new(None).unwrap();
    engine.read(&Uint8Array::from(&csv[..]), Some(options.into_ts().unwrap())).unwrap();
    let event = engine.event(1.0).unwrap().unwrap().to_rust().unwrap();
    assert_eq!((event.r#type.as_str(), event.subject.as_str()), ("Opened", "c1"));
    assert!(engine.event(2.0).unwrap().is_none());
}

fn query(filter: &str, limit: Option<u32>, after: Option<String>) -> Query {
    let filter = Some(filter.to_owned());
    let order_by = Some("total DESC".to_owned());
    Query { view: "orders".to_owned(), r#where: filter, order_by, limit, after }
}

#[wasm_bindgen_test]
fn a_query_is_answered_in_pages_through_an_index() {
    let mut engine = engine();
    let columns = vec!["region".to_owned(), "total".to_owned()];
    let index = Index { view: "orders".to_owned(), columns, unique: true };
    engine.add_index(index.into_ts().unwrap()).unwrap();
    let mut read = query("region = 'north'", Some(1), None);
    let mut pages = Vec::new();
    loop {
        let page = engine.query(read.into_ts().unwrap(), Some(0.0)).unwrap().to_rust().unwrap();
        assert_eq!(page.explain.index.as_deref(), Some("region, total"));
        assert_eq!((page.as_of.position, page.as_of.head), (3, 3));
        pages.push(page.rows[0][0].0.to_string());
        let Some(next) = page.next else { break };
        read.after = Some(next);
    }
    assert_eq!(pages, ["a", "c"]);
    assert!(engine.violations("orders").unwrap().is_empty());

    let explain = engine.explain(query("TRUE", None, None).into_ts().unwrap()).unwrap();
    let explain = explain.to_rust().unwrap();
    assert_eq!((explain.access.as_str(), explain.is_sorted), ("scan", false));
    let sum =
        engine.aggregate(query("total < 100", None, None).into_ts().unwrap(), "SUM(total)", None);
    assert_eq!(sum.unwrap().to_rust().unwrap().rows[0][0].0.to_string(), "11");

    read.r#where = None;
    assert_eq!(code(&engine.query(read.into_ts().unwrap(), None).unwrap_err()), "cursor-refused");
    let wrong = query("total >", None, None).into_ts().unwrap();
    assert_eq!(code(&engine.query(wrong, None).unwrap_err()), "query-invalid");
}

#[wasm_bindgen_test]
fn a_query_that_is_followed_gives_what_changed_in_its_answer() {
    let mut engine = engine();
    let subscription =
        engine.subscribe(query("region = 'north'", None, None).into_ts().unwrap()).unwrap();
    let changes = |engine: &mut Engine| {
        let batch =
            engine.poll(subscription, None).unwrap().expect("something changed").to_rust().unwrap();
        let change = |delta: &everview_protocol::javascript::Delta| {
            (delta.key[0].0.to_string(), delta.before.is_some(), delta.after.is_some())
        };
        batch.deltas.iter().map(change).collect::<Vec<_>>()
    };
    assert_eq!(changes(&mut engine), [("a".into(), false, true), ("c".into(), false, true)]);
    engine.seek(2.0).unwrap();
    assert_eq!(changes(&mut engine), [("c".to_owned(), true, false)]);
    assert!(engine.unsubscribe(subscription));
    assert_eq!(code(&engine.poll(subscription, None).unwrap_err()), "subscription-unknown");
}

#[wasm_bindgen_test]
fn the_old_views_answer_until_the_new_ones_are_built() {
    let mut engine = engine();
    let before = engine.digest();
    let doubled = DEFINITIONS.replace("data.total", "data.total * 2");
    engine.begin_define(&doubled).unwrap();
    let progress = engine.build(Some(2)).unwrap().to_rust().unwrap();
    assert_eq!((progress.done, progress.total, engine.digest()), (2, 3, before.clone()));
    assert_eq!(engine.building().unwrap().unwrap().to_rust().unwrap(), progress);
    engine.build(None).unwrap();
    assert_eq!(
        engine
            .row("revenue", vec![Cell("north".into()).into_ts().unwrap()])
            .unwrap()
            .unwrap()
            .len(),
        2
    );
    assert_ne!(engine.digest(), before);
    assert!(engine.building().unwrap().is_none());

    assert!(engine.undo_define());
    engine.cancel_define();
    assert!(engine.undo_define(), "it was only given up");
    engine.build(Some(0)).unwrap();
    assert_eq!(engine.digest(), before);
    assert_eq!(code(&engine.begin_define("views = 1").unwrap_err()), "definitions-invalid");
}

#[wasm_bindgen_test]
fn what_waits_says_behind_what_and_a_rehearsal_what_would_be_taken_in() {
    let dividing = DEFINITIONS.replace("data.total", "60 / data.total");
    let mut engine = Engine::new(Some(dividing)).unwrap();
    for (id, total) in [(1, 0), (2, 3)] {
        let event = format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"/s","type":"Placed","subject":"a","data":{{"total":{total}}}}}"#
        );
        engine.read(&Uint8Array::from(event.as_bytes()), None).unwrap();
    }
    let behind: Vec<_> =
        engine.quarantine().unwrap().iter().map(|event| event.to_rust().unwrap().behind).collect();
    assert_eq!(behind, [None, Some(1)]);
    let rehearsal = engine.rehearse(DEFINITIONS).unwrap().to_rust().unwrap();
    assert_eq!((rehearsal.mended.len(), rehearsal.refused_count), (2, 0));
    assert_eq!(engine.quarantine().unwrap().len(), 2);
}

#[wasm_bindgen_test]
fn an_argument_of_another_shape_is_refused_with_what_was_found() {
    let mut engine = engine();
    let mut refusal = |key: JsValue| {
        let error = engine.row("orders", vec![Ts::new_unchecked(key)]).unwrap_err();
        assert_eq!(code(&error), "argument-invalid");
        property(error, "message").as_string().unwrap()
    };
    let expected =
        "expected null, a boolean, an exact number, a bigint of 64 bits or a string, found";
    assert_eq!(refusal(f64::NAN.into()), format!("{expected} NaN"));
    assert_eq!(refusal(1e300.into()), format!("{expected} 1e+300"));
    assert_eq!(refusal(u64::MAX.into()), format!("{expected} bigint"));
    assert_eq!(refusal(js_sys::Object::new().into()), format!("{expected} object"));
    for key in [JsValue::NULL, true.into(), 0.5.into(), i64::MIN.into(), "a".into()] {
        let row = engine.row("orders", vec![Ts::new_unchecked(key.clone())]).unwrap();
        assert_eq!(row.is_some(), key == "a");
    }

    let query = js_sys::Object::new();
    Reflect::set(&query, &"view".into(), &"orders".into()).unwrap();
    Reflect::set(&query, &"first".into(), &1.into()).unwrap();
    let error = engine.query(Ts::new_unchecked(query.clone().into()), None).unwrap_err();
    assert_eq!(code(&error), "argument-invalid");
    assert!(property(error, "message").as_string().unwrap().starts_with("unknown field `first`"));
    Reflect::set(&query, &"first".into(), &JsValue::UNDEFINED).unwrap();
    engine.query(Ts::new_unchecked(query.into()), None).unwrap();
    assert_eq!(
        code(&Reader::new(Some(Ts::new_unchecked(1.into()))).unwrap_err()),
        "argument-invalid"
    );
}

#[wasm_bindgen_test]
fn whoever_looks_while_chunks_are_read_sees_all_that_was_read() {
    let mut engine = Engine::new(Some(DEFINITIONS.to_owned())).unwrap();
    let mut reader = Reader::new(None).unwrap();
    let lines: Vec<String> = EVENTS.lines().take(3).map(|line| format!("{line}\n")).collect();
    let mut so_far = String::new();
    for line in &lines {
        engine.read_chunk(&mut reader, line.as_bytes()).unwrap();
        so_far.push_str(line);
        let mut whole = Engine::new(Some(DEFINITIONS.to_owned())).unwrap();
        whole.read(&Uint8Array::from(so_far.as_bytes()), None).unwrap();
        let seen = |engine: &mut Engine| (engine.position(), engine.head(), engine.digest());
        assert_eq!(seen(&mut engine), seen(&mut whole));
    }
    // Who looks at the past stays there.
    engine.seek(1.0).unwrap();
    let digest = engine.digest();
    engine.read_chunk(&mut reader, lines[0].replace("\"1\"", "\"99\"").as_bytes()).unwrap();
    assert_eq!((engine.position(), engine.digest()), (1.0, digest));
}
