//! What an engine may take of the memory, and where it puts what does not fit.

use everview_core::{self as core, ColdStorage, Position};
use everview_protocol::javascript::Memory;
use js_sys::Error;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::engine::{Engine, exact};
use crate::error::{Code, message};
use crate::values::out;

/// An engine is measured again when it has read so many bytes more: measuring takes some time.
const BETWEEN: u64 = 1 << 20;

/// An event that views were taken past counts as so many of them.
const EVENT_BYTES: u64 = 1 << 8;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * A file, or whatever else holds bytes at places, for what an engine does not keep in memory. In a
 * worker, a `FileSystemSyncAccessHandle` is one. Both functions answer at once, and cannot use the engine.
 */
export interface ColdFile {
    /** Fills the buffer with what was written from a place on, and gives the number of its bytes. */
    read(buffer: Uint8Array, options: { at: number }): number;
    /** Puts the bytes of the buffer at a place, and gives their number. */
    write(buffer: Uint8Array, options: { at: number }): number;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// A file as the program gives it.
    #[wasm_bindgen(typescript_type = "ColdFile")]
    #[derive(Debug)]
    pub type FileDefinition;
}

#[wasm_bindgen(module = "/src/cold.js")]
extern "C" {
    /// The JavaScript side of a file.
    #[wasm_bindgen(js_name = ColdFile)]
    type File;

    #[wasm_bindgen(constructor, catch, js_class = "ColdFile")]
    fn new(file: &FileDefinition) -> Result<File, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn read(this: &File, at: f64, length: u32) -> Result<Vec<u8>, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn write(this: &File, at: f64, bytes: &[u8]) -> Result<(), JsValue>;
}

/// What an engine may take.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Budget {
    bytes: Option<usize>,
    /// How many bytes were read since the engine was measured.
    unmeasured: u64,
}

#[wasm_bindgen]
impl Engine {
    /// How many bytes of memory the engine takes, by what they are for.
    pub fn memory(&mut self) -> Result<Ts<Memory>, JsValue> {
        let budget = self.budget.bytes.map(|bytes| bytes as u64);
        let taken = everview_heap::taken().unwrap_or_default();
        out(&Memory { budget, taken, ..(&*self.engine()).into() })
    }

    /// Keeps to so many bytes of memory (`memory().total`) from now on, as far as it can; `Infinity` is
    /// no limit. What `undoDefine` would go back to is let go first; then the oldest events, and what is
    /// needed to undo them, are spilled to the file, if there is one; then checkpoints are let go, so that
    /// going far back takes longer. Rows stay in memory. Forks have the same budget, each for itself, and
    /// the same file.
    ///
    /// What was in the file is overwritten, and what the engine puts there is of use to nobody else. What
    /// the file does not take stays in memory (`memory().full`). When it does not give something back as
    /// it was, what needs that throws `storage-failed`, and so does all that goes anywhere later.
    ///
    /// Throws `argument-invalid`, also if the engine has a file already.
    #[wasm_bindgen(js_name = limitMemory)]
    pub fn limit_memory(
        &mut self,
        bytes: f64,
        file: Option<FileDefinition>,
    ) -> Result<(), JsValue> {
        let invalid = |problem: &str| Code::ArgumentInvalid.error(problem);
        if bytes.is_nan() || bytes < 0.0 {
            return Err(invalid("expected a number of bytes"));
        }
        if let Some(file) = file {
            let file = File::new(&file).map_err(|error| invalid(&message(&error)))?;
            if self.engine().storage().is_some() {
                return Err(invalid("the engine has a file, and what is there is needed still"));
            }
            self.engine().spill_to(&ColdStorage::new(file));
        }
        self.budget.bytes = bytes.is_finite().then(|| size(bytes));
        self.keep();
        Ok(())
    }

    /// Why something that was spilled cannot be read back, if anything could not: an error with the code
    /// `storage-failed`. The engine stands still then: it goes on showing the rows at `position`, and
    /// what would have to find out anything further throws this. `clear` and `resume` begin anew, without
    /// the file.
    #[wasm_bindgen(getter, unchecked_return_type = "(Error & { code: string }) | undefined")]
    pub fn failure(&self) -> Option<Error> {
        self.check().err().map(JsValue::unchecked_into)
    }
}

impl Engine {
    /// Throws if something that was spilled cannot be read back: then what was asked for was not done.
    #[inline]
    pub(crate) fn check(&self) -> Result<(), JsValue> {
        let failure = self.inner.failure();
        failure.map_or(Ok(()), |error| Err(Code::StorageFailed.error(error)))
    }

    /// Takes no more memory than it may.
    pub(crate) fn keep(&mut self) {
        self.budget.unmeasured = 0;
        if let Some(bytes) = self.budget.bytes {
            self.inner.thin_to(bytes);
        }
    }

    /// The same, if enough was read, or the views came far enough from a position, since that was last
    /// looked at.
    pub(crate) fn came(&mut self, from: Position, read: usize) {
        let events = self.inner.position().get().abs_diff(from.get());
        self.budget.unmeasured += read as u64 + events * EVENT_BYTES;
        if self.budget.unmeasured >= BETWEEN {
            self.keep();
        }
    }
}

impl core::ColdFile for File {
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), String> {
        File::write(self, exact(at), bytes).map_err(|error| message(&error))
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), String> {
        let length = u32::try_from(into.len()).map_err(|error| error.to_string())?;
        let read = File::read(self, exact(at), length).map_err(|error| message(&error))?;
        if read.len() != into.len() {
            return Err("the buffer is not there any more".to_owned());
        }
        into.copy_from_slice(&read);
        Ok(())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float becomes the nearest integer in range"
)]
fn size(bytes: f64) -> usize {
    bytes as usize
}
