//! Other futures of what is open.

use everview_protocol::session::{ForkState, Reply, Request, WhatIf};
use leptos::prelude::*;

use super::Store;
use crate::model::address::{Marks, Page};

impl Store {
    /// The future that is looked at, unless that is the log itself.
    pub(crate) fn fork(self) -> Option<ForkState> {
        self.session.with(|session| {
            let open = session.as_ref()?;
            open.forks.iter().find(|fork| Some(fork.number) == open.fork).cloned()
        })
    }

    /// Makes another future, and looks at it.
    pub(crate) fn what_if(self, what: WhatIf) {
        self.is_playing.set(false);
        self.notice.set(None);
        self.ask(Request::Fork(what), move |reply| match reply {
            Reply::Impossible(reason) => {
                self.notice.set(Some(format!("There is no such future: {reason}.")));
            }
            _ => self.address.update(|address| address.event = None),
        });
    }

    /// Looks at another future, or at the log itself.
    pub(crate) fn look_at(self, fork: Option<u64>) {
        self.is_playing.set(false);
        self.send(Request::LookAt { fork });
    }

    /// Forgets another future and those that were made of it.
    pub(crate) fn discard_future(self, fork: u64) {
        self.is_playing.set(false);
        self.send(Request::Discard { fork });
    }

    /// Shows what differs between what is looked at and what it was forked from, in the view that is
    /// open or in the first one.
    pub(crate) fn compare_futures(self) {
        let first = self.session.with_untracked(|session| {
            session.as_ref().and_then(|open| open.views.first()).map(|view| view.name.clone())
        });
        self.address.update(|address| {
            if !matches!(address.page, Page::View(_))
                && let Some(name) = first
            {
                *address = address.on(Page::View(name));
            }
            address.marks = Marks::default();
            address.is_diff = true;
        });
    }
}
