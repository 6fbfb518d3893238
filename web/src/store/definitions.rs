//! The definitions in the editor.

use everview_protocol::session::{Reply, Request};
use leptos::prelude::*;

use super::Store;

/// What became of the last text that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Applied {
    /// It is not known yet.
    Asked,
    /// The views are those of the text, once they are built.
    Valid,
    /// It was given up. The views are as they were.
    Cancelled,
    /// It is not valid: why. The views are as they were.
    Invalid(String),
}

impl Store {
    /// Puts the definitions that are applied into the editor.
    pub(crate) fn load_definitions(self) {
        let before = self.definitions.get_untracked();
        self.ask(Request::Definitions, move |reply| {
            // What was typed in the meantime stays.
            if let Reply::Definitions(text) = reply
                && self.definitions.with_untracked(|now| *now == before)
            {
                self.definitions.set(Some(text));
            }
        });
    }

    /// Applies the text of the editor, and tells `applied` what comes of it.
    pub(crate) fn apply_definitions(self, applied: RwSignal<Option<Applied>>) {
        let Some(text) = self.definitions.get_untracked() else { return };
        applied.set(Some(Applied::Asked));
        self.ask(Request::Define { text }, move |reply| applied.set(Some(outcome(reply))));
    }

    /// Gives up the views that are being built.
    pub(crate) fn cancel_definitions(self, applied: RwSignal<Option<Applied>>) {
        self.send(Request::CancelDefine);
        applied.set(Some(Applied::Cancelled));
    }

    /// Goes back to the definitions before, and puts them into the editor.
    pub(crate) fn undo_definitions(self, applied: RwSignal<Option<Applied>>) {
        applied.set(Some(Applied::Asked));
        self.ask(Request::UndoDefine, move |reply| {
            applied.set(Some(outcome(reply)));
            self.load_definitions();
        });
    }
}

fn outcome(reply: Reply) -> Applied {
    match reply {
        Reply::Invalid(problem) | Reply::Impossible(problem) => Applied::Invalid(problem),
        _ => Applied::Valid,
    }
}
