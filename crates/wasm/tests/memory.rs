//! Engines that keep to a budget, with files in JavaScript, in Node.js and in browsers.

use everview::{Engine, FileDefinition};
use everview_core::orders::{OrderStream, VIEWS};
use everview_protocol::javascript::{Edit, Memory};
use js_sys::{Function, JSON, Reflect, Uint8Array};
use tsify::Ts;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

/// Enough for some full segments of the log.
const EVENTS: usize = 13_000;

/// Makes a file in memory. Once it is `broken`, what it does is handed to a function.
const FILE: &str = r"((spoil) => {
    let all = new Uint8Array(0);
    const end = (count, buffer, at) => (file.broken ? spoil(count, buffer, at) : count);
    const file = {
        broken: false,
        read(buffer, { at }) {
            const found = all.subarray(at, at + buffer.length);
            buffer.set(found);
            return end(found.length, buffer, at);
        },
        write(buffer, { at }) {
            const grown = new Uint8Array(Math.max(all.length, at + buffer.length));
            grown.set(all);
            grown.set(buffer, at);
            all = grown;
            return end(buffer.length, buffer, at);
        },
    };
    return file;
})";

/// What files do that are broken, and what is said of it.
const FAULTS: [(&str, &str); 7] = [
    ("() => { throw new Error('the disk is gone'); }", "the disk is gone"),
    ("() => { throw Object.assign(new Error(), { message: 7 }); }", "7"),
    ("() => { throw 'gone'; }", "gone"),
    ("(count) => count - 1", "expected the number of bytes"),
    ("() => {}", "found undefined"),
    ("async (count) => count", "found [object Promise]"),
    (
        "(count, buffer) => { structuredClone(buffer, { transfer: [buffer.buffer] }); }",
        "found undefined",
    ),
];

fn file(spoil: &str) -> FileDefinition {
    let make: Function = js_sys::eval(FILE).unwrap().unchecked_into();
    make.call1(&JsValue::NULL, &js_sys::eval(spoil).unwrap()).unwrap().unchecked_into()
}

fn break_it(file: &FileDefinition) {
    Reflect::set(file, &"broken".into(), &true.into()).unwrap();
}

fn lines(from: usize, count: usize) -> Vec<u8> {
    let events = OrderStream::new(42).events().skip(from).take(count);
    events.map(|event| event.to_json() + "\n").collect::<String>().into_bytes()
}

fn engine() -> Engine {
    let mut engine = Engine::new(Some(VIEWS.to_owned())).unwrap();
    engine.read(&Uint8Array::from(&*lines(0, EVENTS)), None).unwrap();
    engine
}

/// An engine that has spilled what it can, and its file.
fn spilled(spoil: &str) -> (Engine, FileDefinition) {
    let (mut engine, file) = (engine(), file(spoil));
    engine.limit_memory(0.0, Some(file.clone().unchecked_into())).unwrap();
    assert!(memory(&mut engine).spilled > 0);
    (engine, file)
}

fn memory(engine: &mut Engine) -> Memory {
    engine.memory().unwrap().to_rust().unwrap()
}

fn edit() -> Vec<Ts<Edit>> {
    vec![Ts::new_unchecked(JSON::parse(r#"{"after":5000,"dropped":1}"#).unwrap())]
}

/// Its code and message.
fn text(error: impl AsRef<JsValue>) -> String {
    let text =
        |name: &str| Reflect::get(error.as_ref(), &name.into()).unwrap().as_string().unwrap();
    format!("{}: {}", text("code"), text("message"))
}

fn shown(engine: &mut Engine) -> (String, String) {
    (engine.position().to_string(), engine.digest())
}

#[wasm_bindgen_test]
fn an_engine_that_spills_answers_as_one_that_does_not() {
    let (mut plain, (mut spilled, _)) = (engine(), spilled("() => 0"));
    let (before, after) = (memory(&mut plain), memory(&mut spilled));
    assert!(after.total < before.total && after.log < before.log, "{before:?} {after:?}");
    assert_eq!((before.budget, before.spilled, after.budget, after.full), (None, 0, Some(0), None));
    for position in [20.0, 9_000.0, 1.0, 13_000.0, 4_096.0] {
        plain.seek(position).unwrap();
        spilled.seek(position).unwrap();
        assert_eq!(shown(&mut spilled), shown(&mut plain));
    }
    let both = [&mut plain, &mut spilled].map(|engine| {
        let late = engine.insert(8_000.0, &lines(EVENTS, 3), None).unwrap();
        let mut fork = engine.fork(edit()).unwrap();
        assert_eq!(memory(&mut fork).budget, memory(engine).budget);
        fork.seek(30.0).unwrap();
        engine.read(&Uint8Array::from(&*lines(EVENTS + 3, 50)), None).unwrap();
        let diff = engine.diff_with("orders", 10.0, &mut fork, 12_000.0).unwrap();
        let told = [
            JSON::stringify(&late.js_value()),
            JSON::stringify(&diff.js_value()),
            JSON::stringify(&engine.event(17.0).unwrap().unwrap().js_value()),
        ];
        let told = told.map(|told| String::from(told.unwrap()));
        let snapshot = engine.snapshot().unwrap();
        (told, shown(&mut fork), shown(engine), engine.store(None).unwrap(), snapshot)
    });
    assert_eq!(both[0], both[1]);
    assert!(spilled.failure().is_none());
}

#[wasm_bindgen_test]
fn an_engine_keeps_to_its_budget_while_it_reads() {
    let mut engine = Engine::new(Some(VIEWS.to_owned())).unwrap();
    engine.limit_memory(0.0, Some(file("() => 0"))).unwrap();
    engine.read(&Uint8Array::from(&*lines(0, EVENTS)), None).unwrap();
    assert!(memory(&mut engine).spilled > 0);
    engine.limit_memory(f64::INFINITY, None).unwrap();
    let before = memory(&mut engine).spilled;
    engine.read(&Uint8Array::from(&*lines(EVENTS, EVENTS)), None).unwrap();
    assert_eq!(memory(&mut engine).spilled, before);
}

#[wasm_bindgen_test]
fn what_a_file_does_not_take_stays_in_memory() {
    for (spoil, message) in FAULTS {
        let (mut engine, file) = (engine(), file(spoil));
        let expected = shown(&mut engine);
        break_it(&file);
        engine.limit_memory(0.0, Some(file)).unwrap();
        let Memory { spilled, full, .. } = memory(&mut engine);
        let full = full.unwrap();
        assert!(full.starts_with("cannot write") && full.contains(message), "{full}");
        assert_eq!(spilled, 0);
        engine.seek(7.0).unwrap();
        engine.seek(13_000.0).unwrap();
        assert_eq!(shown(&mut engine), expected);
    }
}

#[wasm_bindgen_test]
fn what_a_file_does_not_give_back_is_said_and_nothing_wrong_is_shown() {
    let altered = ("(count, buffer) => { buffer[count >> 1] ^= 1; return count; }", "found others");
    for (spoil, message) in FAULTS.into_iter().chain([altered]) {
        let (mut engine, file) = spilled(spoil);
        let mut fork = engine.fork(edit()).unwrap();
        break_it(&file);
        let error = text(engine.seek(3.0).unwrap_err());
        assert!(error.starts_with("storage-failed: ") && error.contains(message), "{error}");
        assert_eq!(text(engine.failure().unwrap()), error, "it is there to be asked for");
        assert_eq!(text(fork.failure().unwrap()), error, "forks have the same file");
        let still = shown(&mut engine);
        let mut right = self::engine();
        right.seek(still.0.parse().unwrap()).unwrap();
        assert_eq!(shown(&mut right), still, "what it shows is right");

        let key = || vec![Ts::new_unchecked("order-1".into())];
        let refused = [
            engine.seek(13_000.0).err(),
            engine.rewind(5.0).err(),
            engine.read(&Uint8Array::from(&*lines(EVENTS, 5)), None).err(),
            engine.insert(5.0, &lines(EVENTS, 5), None).err(),
            engine.event(5.0).err(),
            engine.store(None).err(),
            engine.snapshot().err(),
            engine.read_stored(&right.store(None).unwrap()).err(),
            engine.fork(edit()).err(),
            engine.diff_with("orders", 5.0, &mut fork, 5.0).err(),
            engine.diff("orders", 5.0, 6.0).err(),
            engine.history("orders", key(), None).err(),
            engine.why("orders", key(), "status", None).err(),
            engine.bisect("orders", "status = 'paid'", 0.0, 9.0).err(),
            engine.next_change("orders", 0.0, 9.0, None).err(),
            engine.next_event("type = 'OrderPaid'", 0.0, 9.0).err(),
            engine.begin_define(VIEWS).err(),
            engine.build(None).err(),
            engine.rehearse(VIEWS).err(),
            engine.define("[views]").err(),
        ];
        for (number, refused) in refused.into_iter().enumerate() {
            assert_eq!(refused.map(text).as_ref(), Some(&error), "{number}");
        }
        assert_eq!(shown(&mut engine), still);

        engine.clear().unwrap();
        engine.read(&Uint8Array::from(&*lines(0, EVENTS)), None).unwrap();
        assert_eq!(engine.digest(), self::engine().digest(), "it begins anew, without the file");
        assert_eq!(memory(&mut engine).spilled, 0);
        engine.limit_memory(0.0, Some(self::file("() => 0"))).unwrap();
        assert!(memory(&mut engine).spilled > 0, "and takes another");
    }
}

#[wasm_bindgen_test]
fn a_file_that_uses_the_engine_is_told_that_it_cannot() {
    let (mut engine, file) = spilled("(count) => engine.seek(1) ?? count");
    let fork = engine.fork(edit()).unwrap();
    break_it(&file);
    let names: Function =
        js_sys::eval("(engine, fork) => Object.assign(globalThis, { engine, fork })")
            .unwrap()
            .unchecked_into();
    names.call2(&JsValue::NULL, &engine.into(), &fork.into()).unwrap();
    let message = |script: &str| {
        let tried = format!("(() => {{ try {{ {script} }} catch (error) {{ return error; }} }})()");
        text(js_sys::eval(&tried).unwrap())
    };
    let error = message("engine.seek(5)");
    assert!(error.starts_with("storage-failed: cannot read"), "{error}");
    assert!(error.contains("recursive use of an object"), "{error}");
    assert_eq!(message("fork.seek(5)"), error);
    js_sys::eval("engine.free(); fork.free()").unwrap();
}

#[wasm_bindgen_test]
fn what_is_no_file_or_no_budget_is_refused() {
    let mut engine = Engine::new(None).unwrap();
    for source in ["null", "7", "({})", "({ read() {} })", "({ read: 1, write() {} })"] {
        let file = js_sys::eval(source).unwrap().unchecked_into();
        let error = text(engine.limit_memory(5.0, Some(file)).unwrap_err());
        let expected = "an object with functions `read` and `write`";
        assert_eq!(error, format!("argument-invalid: expected a file: {expected}"));
    }
    for bytes in [f64::NAN, -1.0] {
        let error = text(engine.limit_memory(bytes, None).unwrap_err());
        assert_eq!(error, "argument-invalid: expected a number of bytes");
    }
    assert_eq!(memory(&mut engine).budget, None);
    engine.limit_memory(5.0, Some(file("() => 0"))).unwrap();
    let error = text(engine.limit_memory(5.0, Some(file("() => 0"))).unwrap_err());
    assert!(error.starts_with("argument-invalid: the engine has a file"), "{error}");
}

#[wasm_bindgen_test]
fn memory_grows_in_large_steps() {
    let before = everview_heap::taken().unwrap();
    let mut kept = Vec::new();
    while everview_heap::taken().unwrap() == before {
        kept.push(vec![0_u8; 10_000]);
    }
    let grown = everview_heap::taken().unwrap() - before;
    assert!(kept.iter().all(|block| block.len() == 10_000));
    assert!(grown >= 4 << 20, "expected at least 4 MiB, found {grown} bytes");
}
