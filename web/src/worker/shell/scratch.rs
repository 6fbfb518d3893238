//! A file of the browser's own for what the engine spills.
//!
//! Each worker has one, which no other can open or delete meanwhile. It is of no use to anybody later:
//! those that workers left behind are deleted by the next.

use everview_core::{ColdFile, ColdStorage};
use js_sys::Math;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

use super::shelf::{ShelfError, folder, names, open_to_write, root, whole};
use super::stream::message;

/// The folder of all such files.
const FOLDER: &str = "spilled";

struct Scratch {
    handle: FileSystemSyncAccessHandle,
}

/// Opens a new file.
pub(super) async fn open() -> Result<ColdStorage, ShelfError> {
    let folder = folder(&root().await?, FOLDER, true).await?;
    for name in names(&folder).await? {
        // One that another worker has open stays.
        drop(JsFuture::from(folder.remove_entry(&name)).await);
    }
    let name = whole(Math::random() * 1e15).to_string();
    let handle = open_to_write(&folder, &name).await?;
    Ok(ColdStorage::new(Scratch { handle }))
}

impl ColdFile for Scratch {
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), String> {
        let written = self.handle.write_with_u8_array_and_options(bytes, &place(at));
        is_all(written, bytes.len(), "there is no room for them")
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), String> {
        let read = self.handle.read_with_u8_array_and_options(into, &place(at));
        is_all(read, into.len(), "the file is shorter")
    }
}

fn place(at: u64) -> FileSystemReadWriteOptions {
    let options = FileSystemReadWriteOptions::new();
    #[expect(clippy::cast_precision_loss, reason = "no file is that long")]
    options.set_at(at as f64);
    options
}

fn is_all(done: Result<f64, JsValue>, expected: usize, otherwise: &str) -> Result<(), String> {
    let done = done.map_err(|error| message(&error))?;
    if whole(done) == expected as u64 { Ok(()) } else { Err(otherwise.to_owned()) }
}
