//! An engine's views at other positions than the playhead's.

use everview_protocol::javascript::{Cell, Diff, RowHistory};
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{Engine, out, place, values};
use crate::reading::refused;

/// How many changes to a row are told unless another number is asked for.
const LATEST: u32 = 100;

#[wasm_bindgen]
impl Engine {
    /// What differs between a view at one position and at another: rows that came have no `before`,
    /// and rows that went no `after`. The playhead stays where it is. It takes time for the changes
    /// between, not for the log.
    ///
    /// Throws `view-unknown`.
    pub fn diff(&mut self, view: &str, from: f64, to: f64) -> Result<Ts<Diff>, JsValue> {
        let diff = self.engine.diff(view, place(from), place(to)).map_err(refused)?;
        out(&Diff::from(diff))
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
        let history = self.engine.history(view, &values(&key)?, latest).map_err(refused)?;
        out(&RowHistory::from(history))
    }
}
