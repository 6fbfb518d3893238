//! The npm package `everview`: the engine for JavaScript.
//!
//! Nothing is decided here. Each function converts what it is given, calls the core and converts
//! the answer; the shapes that cross are in `everview_protocol::javascript`.

mod argument;
mod building;
mod commands;
mod engine;
mod error;
mod fork;
mod mapping;
mod memory;
mod projector;
mod reader;
mod reading;
mod timeline;
mod values;

pub use commands::DeciderDefinition;
pub use engine::Engine;
pub use mapping::guess_mapping;
pub use memory::FileDefinition;
pub use projector::Definition;
pub use reader::Reader;
use wasm_bindgen::prelude::wasm_bindgen;

/// Runs once, when the module is loaded: panics then say on the console what happened.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
