//! Capsules.

use everview_protocol::session::{OpenedCapsule, Request, SharedPlace};
use leptos::prelude::*;

use super::Store;
use crate::model::address::{Bookmark, Breakpoint, Marks, SourceLink};
use crate::model::share::bytes_from_text;

impl Store {
    /// What is looked at, to be handed on.
    pub(crate) fn shared_place(self) -> SharedPlace {
        self.address.with_untracked(|address| SharedPlace {
            position: address.at,
            marks: [address.marks.a, address.marks.b],
            bookmarks: address
                .bookmarks
                .iter()
                .map(|bookmark| (bookmark.position, bookmark.name.clone()))
                .collect(),
            breakpoints: address
                .breakpoints
                .iter()
                .map(|breakpoint| (breakpoint.view.clone(), breakpoint.condition.clone()))
                .collect(),
        })
    }

    /// Opens a capsule that came in an address.
    pub(crate) fn open_capsule(self, text: &str) {
        self.notice.set(None);
        self.mapping.set(None);
        match bytes_from_text(text) {
            Some(bytes) => self.send(Request::OpenCapsule { bytes }),
            None => self.hear_failure("the capsule", "its address is not whole"),
        }
    }

    /// A capsule was opened: whoever opened it sees what was handed on.
    pub(super) fn hear_capsule(self, capsule: OpenedCapsule) {
        let SharedPlace { position, marks: [a, b], bookmarks, breakpoints } = capsule.place.clone();
        let source = self.session.with_untracked(|session| {
            session.as_ref().map(|session| SourceLink::of(&session.source))
        });
        self.address.update(|address| {
            address.source = source;
            address.marks = Marks { a, b };
            address.bookmarks =
                bookmarks.into_iter().map(|(position, name)| Bookmark { position, name }).collect();
            address.breakpoints = breakpoints
                .into_iter()
                .map(|(view, condition)| Breakpoint { view, condition })
                .collect();
        });
        self.travel().capsule.set(Some(capsule));
        if let Some(position) = position {
            self.seek(position);
        }
    }
}
