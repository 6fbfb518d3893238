//! Bytes of a file or of an address, as they come.

use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DedicatedWorkerGlobalScope, ReadableStream, ReadableStreamDefaultReader, Response,
};

/// A stream of bytes that is read to its end or cancelled.
#[derive(Debug, Clone)]
pub(super) struct ByteStream {
    reader: ReadableStreamDefaultReader,
}

/// The bytes do not come.
#[derive(Debug, thiserror::Error)]
pub(super) enum StreamError {
    /// The server does not have it.
    #[error("the server answers {status} {text}")]
    Status {
        /// The number of the answer.
        status: u16,
        /// What it means.
        text: String,
    },
    /// The browser cannot get it.
    #[error("the browser cannot get it: {0}")]
    Browser(String),
}

impl From<JsValue> for StreamError {
    fn from(error: JsValue) -> Self {
        Self::Browser(message(&error))
    }
}

/// What the browser says went wrong.
pub(super) fn message(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|text| text.as_string());
    message.unwrap_or_else(|| format!("{error:?}"))
}

impl ByteStream {
    /// The bytes of a file.
    pub(super) fn of_blob(blob: &Blob) -> Result<Self, StreamError> {
        Self::of(&blob.stream())
    }

    /// The bytes that an address answers.
    pub(super) async fn of_url(url: &str) -> Result<Self, StreamError> {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let answer = JsFuture::from(scope.fetch_with_str(url)).await?;
        let response: Response = answer.unchecked_into();
        if !response.ok() {
            let (status, text) = (response.status(), response.status_text());
            return Err(StreamError::Status { status, text });
        }
        match response.body() {
            Some(stream) => Self::of(&stream),
            None => Err(StreamError::Browser("the answer has no body".into())),
        }
    }

    fn of(stream: &ReadableStream) -> Result<Self, StreamError> {
        let reader = stream.get_reader().dyn_into().map_err(JsValue::from)?;
        Ok(Self { reader })
    }

    /// The next bytes; nothing at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, StreamError> {
        let read = JsFuture::from(self.reader.read()).await?;
        if Reflect::get(&read, &"done".into())?.is_truthy() {
            return Ok(None);
        }
        Ok(Some(Uint8Array::new(&Reflect::get(&read, &"value".into())?).to_vec()))
    }

    /// Wants no more of it.
    pub(super) fn cancel(&self) {
        // Nobody waits for the stream to have noticed.
        let _: Promise = self.reader.cancel();
    }
}
