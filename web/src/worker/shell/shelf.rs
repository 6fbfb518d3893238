//! The browser's own files, where sessions are kept.
//!
//! Each session has a folder, whose name is the digest of the session's: any name is allowed. What
//! is said of the events is written last, so a folder without it was never finished.

use everview_core::{CapsuleError, Digest};
use everview_protocol::session::{KeptSession, KeptSessions};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DedicatedWorkerGlobalScope, File, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemGetDirectoryOptions, FileSystemGetFileOptions, FileSystemRemoveOptions,
    FileSystemSyncAccessHandle,
};

use super::stream::message;
use crate::worker::kept::Parcel;

/// The folder of all sessions.
const FOLDER: &str = "sessions";

/// What is said of a session's events.
const ABOUT: &str = "about";

/// A session's events.
const EVENTS: &str = "events";

/// How many sessions are kept.
const MOST: u32 = 10;

/// How many bytes they take together.
const MOST_BYTES: u64 = 1 << 30;

/// Where sessions are kept.
struct Shelf {
    folder: FileSystemDirectoryHandle,
}

/// Why nothing is kept or found.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShelfError {
    /// The browser has no files of its own.
    #[error("this browser keeps no files here; it does on pages of https and of this computer")]
    Missing,
    /// There is no session of that name.
    #[error("this browser keeps no session of that name: open the file again")]
    Unknown,
    /// The session is too large.
    #[error("it takes {} MB, and {} MB is the most that is kept", bytes >> 20, MOST_BYTES >> 20)]
    TooLarge {
        /// What it takes.
        bytes: u64,
    },
    /// What is kept cannot be read.
    #[error(transparent)]
    Damaged(#[from] CapsuleError),
    /// The browser refuses.
    #[error("the browser says: {0}")]
    Browser(String),
}

impl From<JsValue> for ShelfError {
    fn from(error: JsValue) -> Self {
        let name = Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string());
        if name.as_deref() == Some("NotFoundError") {
            return Self::Unknown;
        }
        Self::Browser(message(&error))
    }
}

/// What is kept.
pub(super) async fn list() -> Result<KeptSessions, ShelfError> {
    Shelf::open().await?.list().await
}

/// Keeps a session, in the place of the one of that name. Where there are too many, those go that
/// were not used for longest.
pub(super) async fn keep(parcel: &Parcel) -> Result<(), ShelfError> {
    Shelf::open().await?.keep(parcel).await
}

/// What is kept of a session: what is said of its events, and they.
pub(super) async fn read(name: &str) -> Result<(Vec<u8>, Vec<u8>), ShelfError> {
    Shelf::open().await?.read(name).await
}

/// Deletes a session.
pub(super) async fn forget(name: &str) -> Result<(), ShelfError> {
    Shelf::open().await?.remove(&folder_name(name)).await
}

impl Shelf {
    async fn open() -> Result<Self, ShelfError> {
        Ok(Self { folder: folder(&root().await?, FOLDER, true).await? })
    }

    async fn list(&self) -> Result<KeptSessions, ShelfError> {
        let mut sessions = Vec::new();
        for name in names(&self.folder).await? {
            // One that is being written or deleted in another window is not there.
            if let Ok(session) = self.session(&name).await {
                sessions.push(session);
            }
        }
        sessions.sort_by_key(|session| std::cmp::Reverse(session.used_ms));
        Ok(KeptSessions { sessions, most: MOST, most_bytes: MOST_BYTES })
    }

    async fn session(&self, folder_name: &str) -> Result<KeptSession, ShelfError> {
        let folder = folder(&self.folder, folder_name, false).await?;
        let (about, events) = (open(&folder, ABOUT).await?, open(&folder, EVENTS).await?);
        let (name, count) = Parcel::title(&bytes(&about).await?)?;
        Ok(KeptSession {
            name,
            events: count,
            bytes: whole(about.size()) + whole(events.size()),
            used_ms: whole(about.last_modified()).cast_signed(),
        })
    }

    async fn keep(&self, parcel: &Parcel) -> Result<(), ShelfError> {
        let name = folder_name(&parcel.name);
        let Some(events) = &parcel.events else {
            let folder = folder(&self.folder, &name, false).await?;
            return write(&folder, ABOUT, &parcel.about).await;
        };
        self.make_room(&parcel.name, (events.len() + parcel.about.len()) as u64).await?;
        // What is there of that name is no longer whole from here on.
        self.remove(&name).await?;
        let folder = folder(&self.folder, &name, true).await?;
        write(&folder, EVENTS, events).await?;
        write(&folder, ABOUT, &parcel.about).await
    }

    async fn make_room(&self, name: &str, bytes: u64) -> Result<(), ShelfError> {
        if MOST_BYTES < bytes {
            return Err(ShelfError::TooLarge { bytes });
        }
        self.clear_away().await?;
        let mut others = self.list().await?.sessions;
        others.retain(|other| other.name != name);
        let is_crowded = |others: &[KeptSession]| {
            MOST as usize <= others.len()
                || MOST_BYTES < bytes + others.iter().map(|other| other.bytes).sum::<u64>()
        };
        while is_crowded(&others)
            && let Some(oldest) = others.pop()
        {
            self.remove(&folder_name(&oldest.name)).await?;
        }
        Ok(())
    }

    /// Deletes what was never finished or is damaged: nobody could open it, nor see it to delete it.
    async fn clear_away(&self) -> Result<(), ShelfError> {
        for name in names(&self.folder).await? {
            use CapsuleError::{Damaged, Foreign};
            let found = self.session(&name).await;
            if let Err(ShelfError::Unknown | ShelfError::Damaged(Damaged { .. } | Foreign)) = found
            {
                self.remove(&name).await?;
            }
        }
        Ok(())
    }

    async fn read(&self, name: &str) -> Result<(Vec<u8>, Vec<u8>), ShelfError> {
        let folder = folder(&self.folder, &folder_name(name), false).await?;
        let (about, events) = (open(&folder, ABOUT).await?, open(&folder, EVENTS).await?);
        Ok((bytes(&about).await?, bytes(&events).await?))
    }

    async fn remove(&self, folder_name: &str) -> Result<(), ShelfError> {
        let options = FileSystemRemoveOptions::new();
        options.set_recursive(true);
        let removed = self.folder.remove_entry_with_options(folder_name, &options);
        match JsFuture::from(removed).await.map_err(ShelfError::from) {
            Ok(_) | Err(ShelfError::Unknown) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The folder of all that the browser keeps for this page.
pub(super) async fn root() -> Result<FileSystemDirectoryHandle, ShelfError> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let storage = scope.navigator().storage();
    // Neither is there on a page that anybody could have changed on its way.
    if !has(&storage, "getDirectory") {
        return Err(ShelfError::Missing);
    }
    Ok(JsFuture::from(storage.get_directory()).await?.unchecked_into())
}

fn folder_name(name: &str) -> String {
    Digest::of(name.as_bytes()).to_string()
}

pub(super) async fn folder(
    parent: &FileSystemDirectoryHandle,
    name: &str,
    may_create: bool,
) -> Result<FileSystemDirectoryHandle, ShelfError> {
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(may_create);
    let folder = parent.get_directory_handle_with_options(name, &options);
    Ok(JsFuture::from(folder).await?.unchecked_into())
}

pub(super) async fn names(folder: &FileSystemDirectoryHandle) -> Result<Vec<String>, ShelfError> {
    let (keys, mut names) = (folder.keys(), Vec::new());
    loop {
        let next = JsFuture::from(keys.next()?).await?;
        if Reflect::get(&next, &"done".into())?.is_truthy() {
            return Ok(names);
        }
        names.extend(Reflect::get(&next, &"value".into())?.as_string());
    }
}

async fn open(folder: &FileSystemDirectoryHandle, name: &str) -> Result<File, ShelfError> {
    let handle: FileSystemFileHandle =
        JsFuture::from(folder.get_file_handle(name)).await?.unchecked_into();
    Ok(JsFuture::from(handle.get_file()).await?.unchecked_into())
}

async fn bytes(file: &File) -> Result<Vec<u8>, ShelfError> {
    Ok(Uint8Array::new(&JsFuture::from(file.array_buffer()).await?).to_vec())
}

async fn write(
    folder: &FileSystemDirectoryHandle,
    name: &str,
    bytes: &[u8],
) -> Result<(), ShelfError> {
    let handle = open_to_write(folder, name).await?;
    let written = write_all(&handle, bytes);
    // Until then nobody else can open it.
    handle.close();
    written
}

/// Opens a file, which is made if it is not there.
pub(super) async fn open_to_write(
    folder: &FileSystemDirectoryHandle,
    name: &str,
) -> Result<FileSystemSyncAccessHandle, ShelfError> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let file: FileSystemFileHandle =
        JsFuture::from(folder.get_file_handle_with_options(name, &options)).await?.unchecked_into();
    if !has(&file, "createSyncAccessHandle") {
        return Err(ShelfError::Missing);
    }
    Ok(JsFuture::from(file.create_sync_access_handle()).await?.unchecked_into())
}

fn write_all(handle: &FileSystemSyncAccessHandle, bytes: &[u8]) -> Result<(), ShelfError> {
    handle.truncate_with_u32(0)?;
    let written = handle.write_with_u8_array(bytes)?;
    handle.flush()?;
    if whole(written) < bytes.len() as u64 {
        return Err(ShelfError::Browser("there is no room for it".into()));
    }
    Ok(())
}

fn has(object: &JsValue, method: &str) -> bool {
    Reflect::get(object, &method.into()).is_ok_and(|method| method.is_function())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number")]
pub(super) fn whole(number: f64) -> u64 {
    number as u64
}
