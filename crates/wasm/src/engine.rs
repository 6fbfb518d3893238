//! The engine as a JavaScript class.

use everview_core as core;
use everview_core::{Limits, Position, Value};
use everview_protocol::definitions;
use everview_protocol::javascript::{
    Cell, Delta, Intake, Page, Quarantined, ReadOptions, RecordedEvent, ViewSummary,
};
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::argument;
use crate::commands::Commands;
use crate::error::{Code, message, with_code};
use crate::memory::Budget;
use crate::projector::{Definition, Projector};
use crate::reader::Reader;
use crate::values::out;

/// With so many events read and not folded, they are, though nobody has asked yet.
const MOST_BEHIND: u64 = 1 << 15;

/// How much of a whole input is read at a time.
const CHUNK_BYTES: u32 = 1 << 20;

/// A log of events and the views over it, which can be taken to any position.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    pub(crate) inner: core::Engine,
    /// Whether the playhead is at the head, but for events that were read and not folded yet: small
    /// chunks are folded more quickly together.
    is_behind: bool,
    pub(crate) commands: Commands,
    pub(crate) budget: Budget,
}

#[wasm_bindgen]
impl Engine {
    /// An engine with the views of a definitions file, TOML or JSON, or with none.
    ///
    /// Throws `definitions-invalid`.
    #[wasm_bindgen(constructor)]
    pub fn new(definitions: Option<String>) -> Result<Engine, JsValue> {
        let mut engine = Self::from(core::Engine::default());
        if let Some(text) = definitions {
            engine.define(&text)?;
        }
        Ok(engine)
    }

    /// Replaces the views by those of a definitions file and folds the log into those that are new or
    /// changed; `beginDefine` does it in pieces. If it throws (`definitions-invalid`), the engine keeps
    /// the views it had.
    pub fn define(&mut self, definitions: &str) -> Result<(), JsValue> {
        let definitions = parse(definitions)?;
        self.ask(|engine| engine.define(&definitions))?.map_err(with_code(Code::DefinitionsInvalid))
    }

    /// Adds a view whose rows are made by functions, and folds the log into it. It keeps what any view
    /// keeps: it can be taken to any position, queried and read by derived views. Handlers are called
    /// for many events at once, so they cannot use the engine.
    ///
    /// Throws `argument-invalid` and `definitions-invalid`.
    pub fn register(&mut self, name: &str, projector: &Definition) -> Result<(), JsValue> {
        let projector = Projector::new(projector)
            .map_err(|error| Code::ArgumentInvalid.error(message(&error)))?;
        let registered = self.ask(|engine| engine.register_batched(name, projector))?;
        registered.map_err(with_code(Code::DefinitionsInvalid))
    }

    /// Reads a whole input. What is wrong with a record is said in `intake`, and the rest is read. The
    /// bytes are taken over one part after the other, and never lie in the module's memory as a whole.
    pub fn read(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] bytes: &JsValue,
        options: Option<Ts<ReadOptions>>,
    ) -> Result<(), JsValue> {
        let bytes = argument::bytes(bytes)?;
        let mut reader = Reader::new(options)?;
        let (length, mut chunk) = (bytes.length(), Vec::new());
        for start in (0..length).step_by(CHUNK_BYTES as usize) {
            if bytes.length() < length {
                // A handler can do that.
                return Err(
                    Code::ArgumentInvalid.error("the bytes went elsewhere while they were read")
                );
            }
            let end = length.min(start + CHUNK_BYTES);
            chunk.resize((end - start) as usize, 0);
            bytes.subarray(start, end).copy_to(&mut chunk);
            self.read_chunk(&mut reader, &chunk)?;
        }
        self.finish(&mut reader)
    }

    /// Reads a chunk of an input. The views take in what is complete.
    #[wasm_bindgen(js_name = readChunk)]
    pub fn read_chunk(&mut self, reader: &mut Reader, bytes: &[u8]) -> Result<(), JsValue> {
        if let Some(reader) = reader.begin(bytes)? {
            let (follows, from) = (self.follows(), self.inner.position());
            self.take(|engine| engine.receive(reader, bytes))?;
            self.came(from, bytes.len());
            self.is_behind = follows;
            if self.inner.head().get() - self.inner.position().get() > MOST_BEHIND {
                self.follow();
            }
        }
        self.check()
    }

    /// Ends an input: what is left is its last record, or refused.
    pub fn finish(&mut self, reader: &mut Reader) -> Result<(), JsValue> {
        if let Some(reader) = reader.begin(&[])? {
            let from = self.inner.position();
            self.take(|engine| engine.finish(reader))?;
            self.came(from, 0);
        }
        Ok(())
    }

    /// What became of the records so far.
    pub fn intake(&self) -> Result<Ts<Intake>, JsValue> {
        out(&Intake::from(self.inner.intake()))
    }

    /// The last event's position; 0 when there is none.
    #[wasm_bindgen(getter)]
    pub fn head(&self) -> f64 {
        number(self.inner.head())
    }

    /// The playhead: the position that the views are true at.
    #[wasm_bindgen(getter)]
    pub fn position(&self) -> f64 {
        let is_behind = self.is_behind && self.inner.failure().is_none();
        number(if is_behind { self.inner.head() } else { self.inner.position() })
    }

    /// The digest of all views, 32 hexadecimal digits: equal for equal views, on every platform.
    #[wasm_bindgen(getter)]
    pub fn digest(&mut self) -> String {
        self.engine().digest().to_string()
    }

    /// Takes the playhead, and with it every view, to a position; beyond the head means the head.
    /// While it is in the past, events are still read, and the views stay there.
    pub fn seek(&mut self, position: f64) -> Result<(), JsValue> {
        self.is_behind = false;
        let from = self.inner.position();
        self.inner.seek(place(position));
        self.came(from, 0);
        self.check()
    }

    /// Forgets every event after a position.
    pub fn rewind(&mut self, position: f64) -> Result<(), JsValue> {
        self.take(|engine| engine.rewind(place(position)))
    }

    /// The views in the order they were defined.
    pub fn views(&mut self) -> Result<Vec<Ts<ViewSummary>>, JsValue> {
        let engine = &*self.engine();
        engine.views().map(|view| out(&summary(engine, view))).collect()
    }

    /// Rows of a view in the view's order: `count` of them from the `first`, which counts from 0.
    ///
    /// Throws `view-unknown`.
    pub fn rows(
        &mut self,
        view: &str,
        first: Option<u32>,
        count: Option<u32>,
    ) -> Result<Ts<Page>, JsValue> {
        let engine = &*self.engine();
        let view = named(engine, view)?;
        let (first, count) = (first.unwrap_or(0) as usize, count.unwrap_or(u32::MAX) as usize);
        let rows = view.page(first, count).map(|row| cells(&row)).collect();
        let position = engine.position();
        out(&Page {
            columns: view.columns().to_vec(),
            rows,
            total: view.len() as u64,
            position: position.get(),
            epoch: engine.log().epoch_at(position).get(),
            digest: view.digest().to_string(),
        })
    }

    /// The row of a key: the values of the key's columns or, in a derived view, of its groups.
    ///
    /// Throws `view-unknown`.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands arrays over")]
    pub fn row(
        &mut self,
        view: &str,
        key: Vec<Ts<Cell>>,
    ) -> Result<Option<Vec<Ts<Cell>>>, JsValue> {
        let row = named(self.engine(), view)?.get(&values(&key)?);
        row.map(|row| row.iter().map(|value| out(&Cell::from(value))).collect()).transpose()
    }

    /// The net changes to a view's rows since this was last asked; the first time, every row as
    /// new.
    ///
    /// Throws `view-unknown`.
    pub fn deltas(&mut self, view: &str) -> Result<Vec<Ts<Delta>>, JsValue> {
        let engine = self.engine();
        named(engine, view)?;
        engine.drain_deltas(view).into_iter().map(|delta| out(&Delta::from(delta))).collect()
    }

    /// The events up to the playhead that views set aside, in order: of each view the first 1,000 that
    /// it refused, and the first 1,000 that wait behind them.
    pub fn quarantine(&mut self) -> Result<Vec<Ts<Quarantined>>, JsValue> {
        self.engine().quarantine().map(|refused| out(&Quarantined::from(refused))).collect()
    }

    /// The event at a position.
    pub fn event(&self, position: f64) -> Result<Option<Ts<RecordedEvent>>, JsValue> {
        let event = self.inner.log().get(place(position));
        if event.is_none() {
            self.check()?;
        }
        event.map(|event| out(&RecordedEvent::from(event))).transpose()
    }

    /// The events after a position, or all, in Everview's own form: a fraction of their JSON, and
    /// read back many times as quickly. Pieces that begin after a multiple of 4,096 events fit
    /// together best.
    pub fn store(&mut self, after: Option<f64>) -> Result<Vec<u8>, JsValue> {
        self.take(|engine| engine.store(after.map_or(Position::START, place)))
    }

    /// Reads stored events: those that the log does not have are appended. If it throws, nothing
    /// has changed.
    ///
    /// Throws `stored-refused`.
    #[wasm_bindgen(js_name = readStored)]
    pub fn read_stored(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        everview_heap::reserve_for_stored(bytes.len());
        self.take(|engine| engine.read_stored(bytes))?.map_err(with_code(Code::StoredRefused))?;
        self.keep();
        Ok(())
    }

    /// The views at the head with their checkpoint, to go on from later.
    pub fn snapshot(&mut self) -> Result<Vec<u8>, JsValue> {
        self.take(core::Engine::snapshot)
    }

    /// An engine that goes on after a snapshot of views with these definitions; `resume` is for views
    /// in JavaScript.
    ///
    /// Throws `snapshot-refused` and `definitions-invalid`.
    pub fn restore(snapshot: &[u8], definitions: &str) -> Result<Engine, JsValue> {
        let engine = core::Engine::restore(snapshot, &parse(definitions)?, Limits::default())
            .map_err(with_code(Code::SnapshotRefused))?;
        Ok(engine.into())
    }

    /// Goes on after a snapshot instead of what is there. The views must be registered and defined as
    /// they were then. If it throws, nothing has changed.
    ///
    /// Throws `snapshot-refused`.
    pub fn resume(&mut self, snapshot: &[u8]) -> Result<(), JsValue> {
        self.take(|engine| engine.resume(snapshot))?.map_err(with_code(Code::SnapshotRefused))
    }

    /// Forgets all events, also those before a snapshot that it went on after. The views stay, without
    /// rows.
    pub fn clear(&mut self) -> Result<(), JsValue> {
        self.take(core::Engine::clear)?.map_err(with_code(Code::DefinitionsInvalid))
    }
}

impl From<core::Engine> for Engine {
    fn from(engine: core::Engine) -> Self {
        let commands = Commands::beside(&engine);
        Self { inner: engine, is_behind: false, commands, budget: Budget::default() }
    }
}

impl Engine {
    /// The engine with its views where they are to be.
    pub(crate) fn engine(&mut self) -> &mut core::Engine {
        self.follow();
        &mut self.inner
    }

    /// Does something for which the engine may need what it spilled, and which may take more memory.
    pub(crate) fn ask<T>(
        &mut self,
        ask: impl FnOnce(&mut core::Engine) -> T,
    ) -> Result<T, JsValue> {
        let answer = ask(self.engine());
        self.keep();
        self.check()?;
        Ok(answer)
    }

    /// The engine as reading left it, and the commands beside it.
    pub(crate) const fn parts(&mut self) -> (&mut core::Engine, &mut Commands) {
        (&mut self.inner, &mut self.commands)
    }

    fn follows(&self) -> bool {
        self.is_behind || self.inner.position() == self.inner.head()
    }

    pub(crate) fn follow(&mut self) {
        if std::mem::take(&mut self.is_behind) {
            let from = self.inner.position();
            self.inner.seek(self.inner.head());
            self.came(from, 0);
        }
    }
}

fn named<'e>(engine: &'e core::Engine, name: &str) -> Result<core::View<'e>, JsValue> {
    engine.view(name).ok_or_else(|| {
        let known: Vec<_> = engine.views().map(core::View::name).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Code::ViewUnknown.error(format_args!("no view `{name}`; there are {known}"))
    })
}

fn summary(engine: &core::Engine, view: core::View<'_>) -> ViewSummary {
    ViewSummary {
        name: view.name().to_owned(),
        columns: view.columns().to_vec(),
        key_columns: view.key_columns() as u64,
        rows: view.len() as u64,
        digest: view.digest().to_string(),
        quarantined: engine.quarantined(view.name()) as u64,
    }
}

pub(crate) fn parse(definitions: &str) -> Result<core::Definitions, JsValue> {
    definitions::parse(definitions).map_err(with_code(Code::DefinitionsInvalid))
}

/// The values of a key.
pub(crate) fn values(key: &[Ts<Cell>]) -> Result<Vec<Value>, JsValue> {
    key.iter().map(|cell| argument::value(&cell.js_value())).collect()
}

fn cells(row: &[Value]) -> Vec<Cell> {
    row.iter().map(Cell::from).collect()
}

pub(crate) fn number(position: Position) -> f64 {
    exact(position.get())
}

/// Positions and other counts are far below 2^53, up to which a JavaScript number counts exactly.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(crate) fn exact(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float becomes the nearest integer in range, which seek then holds to the log"
)]
pub(crate) fn place(position: f64) -> Position {
    Position::new(position as u64)
}
