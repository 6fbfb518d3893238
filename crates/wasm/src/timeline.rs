//! An engine's views at other positions than the playhead's.

use everview_protocol::javascript::Diff;
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{Engine, out, place};
use crate::reading::refused;

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
}
