//! The worker's end of the line to the page.

use everview_protocol::session::{Asked, Told};
use gloo::events::EventListener;
use js_sys::Array;
use serde::Serialize as _;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent};

/// Sends to the page and hears from it.
#[derive(Debug, Clone)]
pub(super) struct Port {
    scope: DedicatedWorkerGlobalScope,
}

impl Port {
    /// The port of the worker that this program runs in.
    pub(super) fn of_this_worker() -> Self {
        Self { scope: js_sys::global().unchecked_into() }
    }

    /// Calls `hear` with everything that the page sends, until the worker ends.
    pub(super) fn listen(&self, hear: impl Fn(Asked, Option<File>) + 'static) {
        EventListener::new(&self.scope, "message", move |event| {
            let parts = Array::from(&event.unchecked_ref::<MessageEvent>().data());
            if let Ok(asked) = serde_wasm_bindgen::from_value(parts.get(0)) {
                hear(asked, parts.get(1).dyn_into().ok());
            }
        })
        .forget();
    }

    /// Sends to the page.
    pub(super) fn tell(&self, told: &Told) {
        // Numbers beyond 2^53 cross as `BigInt`, so that none is changed.
        let serializer =
            serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(true);
        if let Ok(message) = told.serialize(&serializer) {
            // Refused only for what cannot be copied, and plain data always can.
            let _ = self.scope.post_message(&message);
        }
    }
}
