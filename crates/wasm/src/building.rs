//! Views that are built beside those that answer.

use everview_protocol::javascript::{Progress, Rehearsal};
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{Engine, parse};
use crate::error::{Code, with_code};
use crate::values::out;

#[wasm_bindgen]
impl Engine {
    /// Begins to build the views of a definitions file beside those that are there, which go on
    /// answering until `build` has caught up. Only views that are new, or defined otherwise than
    /// before, are folded. Views that were being built are given up.
    ///
    /// Throws `definitions-invalid`; nothing has changed.
    #[wasm_bindgen(js_name = beginDefine)]
    pub fn begin_define(&mut self, definitions: &str) -> Result<(), JsValue> {
        let definitions = parse(definitions)?;
        let begun = self.ask(|engine| engine.begin_define(&definitions))?;
        begun.map_err(with_code(Code::DefinitionsInvalid))
    }

    /// Folds so many more events into the views that are being built, or all. Once none are left,
    /// they take the place of those that answered so far, at the same playhead; the last call also
    /// computes the derived views that are new.
    pub fn build(&mut self, events: Option<u32>) -> Result<Ts<Progress>, JsValue> {
        let events = events.map_or(usize::MAX, |events| events as usize);
        out(&Progress::from(self.ask(|engine| engine.build(events))?))
    }

    /// How far the views that are being built have come, if any are.
    pub fn building(&mut self) -> Result<Option<Ts<Progress>>, JsValue> {
        self.engine().building().map(|progress| out(&Progress::from(progress))).transpose()
    }

    /// Gives up the views that are being built.
    #[wasm_bindgen(js_name = cancelDefine)]
    pub fn cancel_define(&mut self) {
        self.engine().cancel_define();
    }

    /// Begins to build the views as they were defined before, and says whether there were any. Their
    /// rows were kept, so `build` folds only the events that came since.
    #[wasm_bindgen(js_name = undoDefine)]
    pub fn undo_define(&mut self) -> bool {
        self.engine().undo_define()
    }

    /// Says what other definitions would make of the events that are set aside. It folds all events
    /// into the views that they change, and changes nothing.
    ///
    /// Throws `definitions-invalid`.
    pub fn rehearse(&mut self, definitions: &str) -> Result<Ts<Rehearsal>, JsValue> {
        let definitions = parse(definitions)?;
        let rehearsal = self.ask(|engine| engine.rehearse(&definitions))?;
        out(&Rehearsal::from(rehearsal.map_err(with_code(Code::DefinitionsInvalid))?))
    }
}
