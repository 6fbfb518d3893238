//! Inputs that arrive in chunks.

use everview_core as core;
use everview_protocol::javascript::ReadOptions;
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::argument;
use crate::error::{Code, with_code};

/// Reads one input that arrives in chunks: give each to `Engine.readChunk`, and the reader to
/// `Engine.finish` at the end.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Reader {
    options: ReadOptions,
    /// There once the first bytes have told the format.
    reader: Option<core::Reader>,
}

#[wasm_bindgen]
impl Reader {
    /// A reader for an input that has not begun.
    #[wasm_bindgen(constructor)]
    pub fn new(options: Option<Ts<ReadOptions>>) -> Result<Reader, JsValue> {
        let options = match options {
            Some(options) => argument::read(&options.js_value(), ReadOptions::from_json)?,
            None => ReadOptions::default(),
        };
        Ok(Self { options, reader: None })
    }
}

impl Reader {
    /// The core's reader for the chunk; none while nothing has arrived.
    pub(crate) fn begin(&mut self, chunk: &[u8]) -> Result<Option<&mut core::Reader>, JsValue> {
        if self.reader.is_none() && !chunk.is_empty() {
            let format =
                self.options.format.map_or_else(|| core::Format::detect(chunk), Into::into);
            let mapping = self.options.mapping.clone();
            let mapping = mapping.map_or_else(core::Mapping::cloud_events, Into::into);
            let name = self.options.name.as_deref().unwrap_or("/input");
            let reader = core::Reader::new(format, &mapping, name, core::Limits::default())
                .map_err(with_code(Code::MappingInvalid))?;
            self.reader = Some(reader);
        }
        Ok(self.reader.as_mut())
    }
}
