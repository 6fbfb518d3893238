//! The address bar.

use std::time::Duration;

use everview_protocol::session::Request;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::Store;
use crate::dom::on_window;
use crate::model::address::{Address, SourceLink};

/// How long the address bar may lag behind: browsers refuse to write it much more often.
const LAG: Duration = Duration::from_millis(250);

/// The part of the page's address after and with `#`.
pub(super) fn hash() -> String {
    location().hash().unwrap_or_default()
}

impl Store {
    /// Changes the filter of the list of events.
    pub(crate) fn filter(self, change: impl FnOnce(&mut everview_protocol::session::Filter)) {
        self.address.update(|address| change(&mut address.filter));
        self.send(Request::Filter(self.address.with_untracked(|address| address.filter.clone())));
    }

    /// Keeps the address bar and the address the same.
    pub(super) fn keep_address(self) {
        // What the address bar held when it was last read or written.
        let known = StoredValue::new(hash());
        on_window("hashchange", move |_| self.read_address(known));
        let is_due = StoredValue::new(false);
        Effect::new(move |_| {
            self.address.track();
            if is_due.get_value() {
                return;
            }
            is_due.set_value(true);
            set_timeout(
                move || {
                    is_due.set_value(false);
                    self.write_address(known);
                },
                LAG,
            );
        });
    }

    fn read_address(self, known: StoredValue<String>) {
        let hash = hash();
        self.visit(&Address::from(hash.as_str()));
        known.set_value(hash);
    }

    fn write_address(self, known: StoredValue<String>) {
        if known.with_value(|known| *known != hash()) {
            // Somebody followed a link whose event is still under way: that is where they go.
            return self.read_address(known);
        }
        let text = self.address.with_untracked(ToString::to_string);
        if text != hash() {
            let is_jump = self.seeks.try_update_value(|seeks| std::mem::take(&mut seeks.is_jump));
            let history = window().history();
            let written = history.and_then(|history| {
                if is_jump == Some(true) {
                    history.push_state_with_url(&JsValue::NULL, "", Some(&text))
                } else {
                    history.replace_state_with_url(&JsValue::NULL, "", Some(&text))
                }
            });
            // A browser that refuses leaves an older address, which still leads to this session.
            drop(written);
            known.set_value(hash());
        }
    }

    /// Goes where an address leads that somebody followed or typed.
    fn visit(self, address: &Address) {
        let before = self.address.get_untracked();
        if *address == before {
            return;
        }
        self.address.set(address.clone());
        if address.source != before.source && address.source.is_some() {
            self.seeks.update_value(|seeks| seeks.wanted = Some(address.clone()));
            match &address.source {
                Some(SourceLink::Url(url)) => self.open_url(url),
                Some(SourceLink::Capsule(text)) => self.open_capsule(text),
                Some(SourceLink::File(name)) => self.reopen(name.clone()),
                Some(SourceLink::Simulation(seed)) => self.simulate(*seed),
                Some(SourceLink::Scenario(text)) => self.play_scenario(text.clone()),
                None => {}
            }
            return;
        }
        if address.filter != before.filter {
            self.send(Request::Filter(address.filter.clone()));
        }
        if address.fork != before.fork {
            self.look_at(address.fork);
        }
        match address.at {
            Some(at) if before.at != Some(at) => self.seek(at),
            None if before.at.is_some() => self.follow(),
            _ => {}
        }
    }

    /// Lets Back lead from what the address says next to what it said before.
    pub(super) fn note_jump(self) {
        self.seeks.update_value(|seeks| seeks.is_jump = true);
    }

    /// Notes which future is looked at, for the address bar.
    pub(super) fn note_fork(self, fork: Option<u64>) {
        if self.address.with_untracked(|address| address.fork != fork) {
            self.address.update(|address| address.fork = fork);
        }
    }

    /// Notes where the playhead stands, for the address bar.
    pub(super) fn note_playhead(self, position: u64, is_following: bool) {
        let at = (!is_following).then_some(position);
        if self.address.with_untracked(|address| address.at != at) {
            self.address.update(|address| address.at = at);
        }
    }
}
