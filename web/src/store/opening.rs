//! Opening what people bring.

use everview_protocol::session::{FieldMapping, Reply, Request, Source};
use leptos::prelude::*;

use super::{FIRST_SEED, Store};
use crate::model::address::{Address, SourceLink};

impl Store {
    /// Opens a file of this computer.
    pub(crate) fn open_file(self, file: &web_sys::File) {
        self.notice.set(None);
        self.mapping.set(None);
        self.seeks.update_value(|seeks| seeks.wanted = None);
        self.backend.with_value(|backend| {
            if let Some(backend) = backend {
                backend.open_file(file);
            }
        });
    }

    /// Opens what an address answers; a relative one is meant from this page.
    pub(crate) fn open_url(self, url: &str) {
        self.notice.set(None);
        self.mapping.set(None);
        let base = location().href().unwrap_or_default();
        match web_sys::Url::new_with_base(url, &base) {
            Ok(absolute) => self.send(Request::OpenUrl { url: absolute.href() }),
            Err(_) => self.notice.set(Some(format!("“{url}” is no address."))),
        }
    }

    /// Opens a session that the browser keeps.
    pub(crate) fn reopen(self, name: String) {
        self.notice.set(None);
        self.mapping.set(None);
        self.send(Request::Reopen { name });
    }

    /// Goes back to the simulated cluster.
    pub(crate) fn simulate(self, seed: u64) {
        self.notice.set(None);
        self.mapping.set(None);
        self.send(Request::Simulate { seed });
    }

    /// Makes the cluster of a scenario the source.
    pub(crate) fn play_scenario(self, text: String) {
        self.notice.set(None);
        self.mapping.set(None);
        self.ask(Request::Scenario { text }, move |reply| {
            if let Reply::Invalid(problem) = reply {
                self.notice.set(Some(format!("The scenario cannot be played: {problem}.")));
            }
        });
    }

    /// Reads on with a mapping.
    pub(crate) fn confirm_mapping(self, mapping: FieldMapping) {
        self.mapping.set(None);
        self.send(Request::ConfirmMapping(mapping));
    }

    /// Opens what has come of the file that is being opened.
    pub(crate) fn show_opening(self) {
        self.send(Request::ShowOpening);
    }

    /// Gives up the file that is being opened.
    pub(crate) fn cancel_opening(self) {
        self.mapping.set(None);
        self.seeks.update_value(|seeks| seeks.wanted = None);
        self.send(Request::CancelOpening);
    }

    pub(super) fn hear_failure(self, name: &str, reason: &str) {
        self.mapping.set(None);
        self.seeks.update_value(|seeks| seeks.wanted = None);
        self.notice.set(Some(format!("{name} could not be opened: {reason}.")));
        if self.session.with_untracked(Option::is_none) {
            // There is nothing that stays open: no page shall be blank for that.
            let page = self.address.with_untracked(|address| address.page.clone());
            self.address.set(Address { page, ..Address::default() });
            self.begin_simulation(FIRST_SEED);
        }
    }

    /// Another source is open: places and filters of the one before mean nothing in it. Somebody who
    /// came with a link to it sees what the link says.
    pub(super) fn forget_place(self, source: &Source) {
        self.is_playing.set(false);
        self.travel().capsule.set(None);
        self.travel().finding.set(None);
        self.travel().outcome.set(None);
        self.definitions.set(None);
        self.simulated().cluster.set(None);
        self.simulated().regions.set(None);
        let wanted = self.seeks.with_value(|seeks| seeks.wanted.clone());
        self.address.update(|address| {
            let is_wanted = wanted.is_some();
            let wanted = wanted.unwrap_or_default();
            // Somebody who went to another page in the meantime stays there.
            let is_there = wanted.page == address.page;
            let wanted = if is_there { wanted } else { wanted.on(address.page.clone()) };
            // So does who chose what the time bar follows.
            let axis = if is_wanted { wanted.axis } else { address.axis };
            *address = Address { source: Some(SourceLink::of(source)), axis, ..wanted };
        });
        self.restore_playhead();
    }

    /// Goes where the address wanted to be, now that there is something to be in.
    pub(super) fn restore_playhead(self) {
        let wanted = self.seeks.try_update_value(|seeks| seeks.wanted.take()).flatten();
        let Some(wanted) = wanted else { return };
        if !wanted.filter.is_empty() {
            self.send(Request::Filter(wanted.filter));
        }
        if wanted.fork.is_some() {
            self.look_at(wanted.fork);
        }
        if let Some(position) = wanted.at {
            self.seek(position);
        }
    }
}
