//! Errors as JavaScript has them: an `Error` with a `code`.

use std::fmt::Display;

use js_sys::{Error, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

/// What a program can tell errors apart by. The texts of the codes are part of the package's API.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Code {
    /// An argument has another shape than its type says.
    ArgumentInvalid,
    /// The definitions are not understood.
    DefinitionsInvalid,
    /// A cursor is damaged or of another query.
    CursorRefused,
    /// There is no decision on a command.
    DispatchFailed,
    /// Edits do not fit a log, or two engines have nothing in common.
    ForkRefused,
    /// Events do not belong where they were to be inserted.
    InsertRefused,
    /// A mapping names a field that is none.
    MappingInvalid,
    /// A query's condition, order or aggregates are not understood.
    QueryInvalid,
    /// There is no row of that key.
    RowUnknown,
    /// A snapshot is damaged, foreign or of other views.
    SnapshotRefused,
    /// Something that was spilled cannot be read back.
    StorageFailed,
    /// Stored events are damaged or foreign, or the log does not take one of them.
    StoredRefused,
    /// There is no subscription of that number.
    SubscriptionUnknown,
    /// There is no view of that name.
    ViewUnknown,
}

impl Code {
    const fn text(self) -> &'static str {
        match self {
            Self::ArgumentInvalid => "argument-invalid",
            Self::DefinitionsInvalid => "definitions-invalid",
            Self::CursorRefused => "cursor-refused",
            Self::DispatchFailed => "dispatch-failed",
            Self::ForkRefused => "fork-refused",
            Self::InsertRefused => "insert-refused",
            Self::MappingInvalid => "mapping-invalid",
            Self::QueryInvalid => "query-invalid",
            Self::RowUnknown => "row-unknown",
            Self::SnapshotRefused => "snapshot-refused",
            Self::StorageFailed => "storage-failed",
            Self::StoredRefused => "stored-refused",
            Self::SubscriptionUnknown => "subscription-unknown",
            Self::ViewUnknown => "view-unknown",
        }
    }

    /// An `Error` with this code and a message.
    pub(crate) fn error(self, message: impl Display) -> JsValue {
        let error = Error::new(&message.to_string());
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&error, &"code".into(), &self.text().into());
        error.into()
    }
}

/// What an exception of JavaScript says.
pub(crate) fn message(error: &JsValue) -> String {
    let message = error.dyn_ref::<Error>().and_then(|error| error.message().as_string());
    message.unwrap_or_else(|| format!("{error:?}"))
}

/// Makes an error of any kind one with this code.
pub(crate) fn with_code<E: Display>(code: Code) -> impl FnOnce(E) -> JsValue {
    move |error| code.error(error)
}
