//! Other futures of an engine's log, and events that come late.

use everview_core::{self as core, CompareError, Position};
use everview_protocol::javascript::{self, Answer, Diff, Edit, Inserted, Query, ReadOptions};
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::argument;
use crate::engine::{Engine, place};
use crate::error::{Code, with_code};
use crate::reader::Reader;
use crate::reading::{read, refused};
use crate::values::out;

#[wasm_bindgen]
impl Engine {
    /// Reads a whole input whose events belong after a position of the log, as if they had come there.
    /// The views are rewound to it and replayed, which takes time for the events after it. An event
    /// that the log has already is dropped. A playhead behind the place stays at its event.
    ///
    /// Throws `insert-refused`; nothing has changed then. What is wrong with a record is said in
    /// `intake`, and the rest is read.
    pub fn insert(
        &mut self,
        after: f64,
        bytes: &[u8],
        options: Option<Ts<ReadOptions>>,
    ) -> Result<Ts<Inserted>, JsValue> {
        let mut reader = Reader::new(options)?;
        let inserted = match reader.begin(bytes)? {
            Some(reader) => self.take(|engine| engine.insert_read(place(after), reader, bytes))?,
            None => Ok(core::Inserted::default()),
        };
        self.keep();
        out(&Inserted::from(inserted.map_err(with_code(Code::InsertRefused))?))
    }

    /// Another future: an engine whose log has these edits, in the order of their places. Both go on
    /// by themselves and share what is the same in both. To change an event, leave it out and give
    /// another: `{ after: 16, dropped: 1, events: [{ ...engine.event(17), data }] }`.
    ///
    /// Throws `fork-refused`.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands arrays over")]
    pub fn fork(&mut self, edits: Vec<Ts<Edit>>) -> Result<Engine, JsValue> {
        let edit = |edit: &Ts<Edit>| argument::read(&edit.js_value(), Edit::from_json);
        let edits: Vec<_> = edits.iter().map(edit).collect::<Result<_, _>>()?;
        self.fork_of(&edits)
    }

    /// What differs between a view at a position here and at a position of another engine: a fork of
    /// this one, what this one was forked from, or another fork of it. It takes time for what either
    /// touched since the logs parted.
    ///
    /// Throws `view-unknown`, and `fork-refused` if the engines have nothing in common.
    #[wasm_bindgen(js_name = diffWith)]
    pub fn diff_with(
        &mut self,
        view: &str,
        position: f64,
        other: &mut Engine,
        #[wasm_bindgen(js_name = otherPosition)] other_position: f64,
    ) -> Result<Ts<Diff>, JsValue> {
        let there = (other.engine(), place(other_position));
        let diff = self.ask(|engine| engine.diff_with(view, place(position), there))?;
        other.check()?;
        out(&Diff::from(diff.map_err(|error| match error {
            CompareError::View(error) => refused(error),
            error => Code::ForkRefused.error(error),
        })?))
    }

    /// Answers a query at another position than the playhead, which stays where it is.
    ///
    /// Throws as `query` does.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands arguments over")]
    #[wasm_bindgen(js_name = queryAt)]
    pub fn query_at(
        &mut self,
        position: f64,
        query: Ts<Query>,
        now: Option<f64>,
    ) -> Result<Ts<Answer>, JsValue> {
        let (position, now): (Position, _) = (place(position), now.map(javascript::moment));
        let query = read(&query)?;
        let answer = self.ask(|engine| engine.query_at(position, &query, now))?;
        out(&Answer::from(answer.map_err(refused)?))
    }
}

impl Engine {
    pub(crate) fn fork_of(&mut self, edits: &[core::Edit]) -> Result<Self, JsValue> {
        let fork = self.ask(|engine| engine.fork(edits))?.map_err(with_code(Code::ForkRefused))?;
        let mut fork = Self::from(fork);
        fork.budget = self.budget;
        Ok(fork)
    }
}
