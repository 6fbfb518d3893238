//! An engine's views at other positions than the playhead's.

use everview_core::WhyError;
use everview_protocol::javascript::{Cell, Diff, RowHistory, Why};
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{Engine, number, place, values};
use crate::error::{Code, with_code};
use crate::reading::refused;
use crate::values::out;

/// How many changes to a row are told unless another number is asked for.
const LATEST: u32 = 100;

/// How many contributions are listed unless another number is asked for.
const MOST: u32 = 20;

#[wasm_bindgen]
impl Engine {
    /// What differs between a view at one position and at another: rows that came have no `before`,
    /// and rows that went no `after`. The playhead stays where it is. It takes time for the changes
    /// between, not for the log.
    ///
    /// Throws `view-unknown`.
    pub fn diff(&mut self, view: &str, from: f64, to: f64) -> Result<Ts<Diff>, JsValue> {
        let diff = self.ask(|engine| engine.diff(view, place(from), place(to)))?;
        out(&Diff::from(diff.map_err(refused)?))
    }

    /// What events up to the playhead made of the row of a key: the latest so many of them, 100 if
    /// that is not said. For a table view it takes time for the events of the row; a derived view
    /// goes back event by event until that many are found.
    ///
    /// Throws `view-unknown`.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands arrays over")]
    pub fn history(
        &mut self,
        view: &str,
        key: Vec<Ts<Cell>>,
        latest: Option<u32>,
    ) -> Result<Ts<RowHistory>, JsValue> {
        let latest = latest.unwrap_or(LATEST) as usize;
        let key = values(&key)?;
        let history = self.ask(|engine| engine.history(view, &key, latest))?;
        out(&RowHistory::from(history.map_err(refused)?))
    }

    /// Why a cell of a row is what it is at the playhead: the events that made it. In a derived view
    /// also the rows that it rests on, the largest contributions first, at most so many (20 if that
    /// is not said), and how many there are beside.
    ///
    /// Throws `view-unknown`, `row-unknown` and, for a column, `query-invalid`.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands arrays over")]
    pub fn why(
        &mut self,
        view: &str,
        key: Vec<Ts<Cell>>,
        column: &str,
        most: Option<u32>,
    ) -> Result<Ts<Why>, JsValue> {
        let most = most.unwrap_or(MOST) as usize;
        let key = values(&key)?;
        let why = self.ask(|engine| engine.why(view, &key, column, most))?;
        out(&Why::from(why.map_err(unexplained)?))
    }

    /// The first position on the way from one to another, both included, at which the view has a row
    /// for which an SQL condition holds: onwards, where it became so; back, where it was so last.
    /// Undefined if there is none. It goes event by event: a long way can be gone in pieces.
    ///
    /// Throws `view-unknown` and `query-invalid`.
    pub fn bisect(
        &mut self,
        view: &str,
        condition: &str,
        from: f64,
        to: f64,
    ) -> Result<Option<f64>, JsValue> {
        let (from, to) = (place(from), place(to));
        let found = self.ask(|engine| engine.bisect(view, condition, from, to))?;
        Ok(found.map_err(refused)?.map(number))
    }

    /// The next event on the way from one position to another, back if that is before, which changes
    /// the view or, with a key, that row of it. Undefined if there is none.
    ///
    /// Throws `view-unknown`.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands arrays over")]
    #[wasm_bindgen(js_name = nextChange)]
    pub fn next_change(
        &mut self,
        view: &str,
        from: f64,
        to: f64,
        key: Option<Vec<Ts<Cell>>>,
    ) -> Result<Option<f64>, JsValue> {
        let key = key.as_deref().map(values).transpose()?;
        let (from, to) = (place(from), place(to));
        let found = self.ask(|engine| engine.next_change(view, key.as_deref(), from, to))?;
        Ok(found.map_err(refused)?.map(number))
    }

    /// The next event on the way from one position to another, back if that is before, for which an
    /// SQL condition holds, such as `type = 'OrderPaid' AND data.total > 100`. Undefined if there is
    /// none.
    ///
    /// Throws `query-invalid`.
    #[wasm_bindgen(js_name = nextEvent)]
    pub fn next_event(
        &mut self,
        condition: &str,
        from: f64,
        to: f64,
    ) -> Result<Option<f64>, JsValue> {
        let found = self.ask(|engine| engine.next_event(condition, place(from), place(to)))?;
        Ok(found.map_err(with_code(Code::QueryInvalid))?.map(number))
    }
}

fn unexplained(error: WhyError) -> JsValue {
    match error {
        WhyError::View(error) => refused(error),
        WhyError::NoRow { .. } => Code::RowUnknown.error(error),
        _ => Code::QueryInvalid.error(error),
    }
}
