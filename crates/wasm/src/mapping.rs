//! Guessing what the fields of an input are.

use everview_core as core;
use everview_protocol::javascript::Mapping;
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::values::out;

/// A mapping that suits the first record of an input by the names of its fields, to be shown and
/// corrected before it is used. `bytes` is the beginning of the input; nothing is returned if no
/// field looks like an event's type.
#[wasm_bindgen(js_name = guessMapping)]
pub fn guess_mapping(bytes: &[u8]) -> Result<Option<Ts<Mapping>>, JsValue> {
    let records = core::sample(core::Format::detect(bytes), bytes, 1);
    let guess = records.first().and_then(|record| core::Mapping::guess(record));
    guess.map(|guess| out(&Mapping::from(guess))).transpose()
}
