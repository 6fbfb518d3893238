//! Views that are folded by functions of the program that uses the package.

use std::fmt::{self, Write as _};

use everview_core::json::{Json, quote};
use everview_core::{BatchProjector, Event, ProjectError, Row, RowChange, Value};
use everview_protocol::javascript::Cell;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** An event, as the handlers of a projector are given it. */
export interface ProjectedEvent {
    /** Its place in the log. */
    readonly position: number;
    /** The leadership term it was accepted in. */
    readonly epoch: number;
    /** Its number in its stream, from 1. */
    readonly version: number;
    /** Its name, unique within the source. */
    readonly id: string;
    /** Who says so. */
    readonly source: string;
    /** What happened. */
    readonly type: string;
    /** The stream it belongs to. */
    readonly subject: string;
    /** When it happened, in RFC 3339. */
    readonly time: string | undefined;
    /** What is to be known about it; parsed when it is asked for. */
    readonly data: any;
}

/** The rows of a view while a handler folds an event into it. A key has a value for each of its columns. */
export interface ProjectedRows {
    /** A row with all its columns. */
    get(key: readonly Cell[]): Record<string, Cell> | undefined;
    /** Puts a row in its place; columns that it does not name are null. */
    set(key: readonly Cell[], row: Readonly<Record<string, Cell | undefined>>): void;
    /** Removes a row, if it is there. */
    delete(key: readonly Cell[]): void;
}

/**
 * Folds an event into the rows. It must be pure: the same event and rows give the same rows. If it
 * throws, the event does nothing and is set aside, and later events of its subject wait behind it.
 */
export type Handler = (event: ProjectedEvent, rows: ProjectedRows) => void;

/** A table view that is written in JavaScript: its columns, those of the key first, and its handlers. */
export type Projector = { key: readonly string[]; columns: readonly string[] } & (
    /** One handler for events of these types; `"*"` is every type. */
    | { events: "*" | readonly string[]; project: Handler; on?: undefined }
    /** A handler for each type; that of `"*"` is for all others. */
    | { on: Readonly<Record<string, Handler>>; events?: undefined; project?: undefined }
);
"#;

#[wasm_bindgen]
extern "C" {
    /// A projector as the program gives it.
    #[wasm_bindgen(typescript_type = "Projector")]
    #[derive(Debug)]
    pub type Definition;
}

#[wasm_bindgen(module = "/src/projector.js")]
extern "C" {
    /// The JavaScript side of a projector.
    #[wasm_bindgen(js_name = Projector)]
    type Handlers;

    #[wasm_bindgen(constructor, catch, js_class = "Projector")]
    fn new(definition: &Definition) -> Result<Handlers, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn key(this: &Handlers) -> Vec<String>;

    #[wasm_bindgen(method, getter)]
    fn columns(this: &Handlers) -> Vec<String>;

    #[wasm_bindgen(method)]
    fn reads(this: &Handlers, event_type: &str) -> bool;

    #[wasm_bindgen(method, catch)]
    fn run(
        this: &Handlers,
        text: &str,
        ends: &[u32],
        numbers: &[f64],
        find: &dyn Fn(String) -> Option<String>,
    ) -> Result<String, JsValue>;
}

/// Folds events by calling JavaScript once for a batch.
pub(crate) struct Projector {
    handlers: Handlers,
}

impl fmt::Debug for Projector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Projector").finish_non_exhaustive()
    }
}

impl Projector {
    /// Checks what a program gives.
    pub(crate) fn new(definition: &Definition) -> Result<Self, JsValue> {
        Ok(Self { handlers: Handlers::new(definition)? })
    }
}

impl BatchProjector for Projector {
    fn key(&self) -> Vec<String> {
        self.handlers.key()
    }

    fn columns(&self) -> Vec<String> {
        self.handlers.columns()
    }

    fn reads(&self, event_type: &str) -> bool {
        self.handlers.reads(event_type)
    }

    fn project(
        &self,
        events: &[Event<'_>],
        row: &dyn Fn(&[Value]) -> Option<Row>,
    ) -> Vec<Result<Vec<RowChange>, ProjectError>> {
        let batch = Batch::of(events);
        let find = |key: String| Some(written(&row(&values(Json::parse(&key).ok()?)?)?));
        match self.handlers.run(&batch.text, &batch.ends, &batch.numbers, &find) {
            Ok(answers) => read(&answers),
            Err(error) => vec![refused(&format!("{error:?}"))],
        }
    }
}

/// Events as JavaScript takes them: their texts one after the other, with where each ends there,
/// and their numbers.
#[derive(Debug, Default)]
struct Batch {
    text: String,
    /// In units of UTF-16.
    ends: Vec<u32>,
    end: u32,
    numbers: Vec<f64>,
}

impl Batch {
    #[expect(clippy::cast_precision_loss, reason = "positions are far below 2^53")]
    fn of(events: &[Event<'_>]) -> Self {
        let mut batch = Self::default();
        for event in events {
            let time = event.time.map(|time| time.to_string()).unwrap_or_default();
            let texts =
                [&event.id, event.source, event.event_type, event.subject, &time, &event.data];
            for text in texts {
                batch.add(text);
            }
            let numbers = [event.position.get(), event.epoch.get(), event.version];
            batch.numbers.extend(numbers.map(|number| number as f64));
        }
        batch
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        let units = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
        self.end += u32::try_from(units).unwrap_or(u32::MAX);
        self.ends.push(self.end);
    }
}

/// A row's text. An integer that JavaScript would round is in an object.
fn written(row: &[Value]) -> String {
    let mut out = String::from("[");
    for value in row {
        if out.len() > 1 {
            out.push(',');
        }
        // Writing to a String cannot fail.
        let _ = match value {
            Value::Null => out.write_str("null"),
            Value::Text(text) => {
                quote(text, &mut out);
                Ok(())
            }
            Value::Int(number) if !Cell::is_safe(*number) => {
                write!(out, "{{\"integer\":\"{number}\"}}")
            }
            value => write!(out, "{value}"),
        };
    }
    out.push(']');
    out
}

/// What the handlers answer, as far as it is understood.
fn read(answers: &str) -> Vec<Result<Vec<RowChange>, ProjectError>> {
    let Ok(answers) = Json::parse(answers) else { return Vec::new() };
    let answer = |answer: Json<'_>| match answer.as_str() {
        Some(message) => Some(refused(&message)),
        None => answer.elements().map(change).collect::<Option<_>>().map(Ok),
    };
    answers.elements().map_while(answer).collect()
}

fn refused<T>(message: &str) -> Result<T, ProjectError> {
    Err(ProjectError::Refused(message.to_owned()))
}

fn change(text: Json<'_>) -> Option<RowChange> {
    let mut parts = text.elements();
    let (key, row) = (parts.next()?, parts.next()?);
    let values = if row.is_null() { None } else { Some(values(row)?) };
    Some(RowChange { key: self::values(key)?, values })
}

fn values(list: Json<'_>) -> Option<Vec<Value>> {
    list.elements().map(Value::from_json).collect()
}
