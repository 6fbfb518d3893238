//! What can be done with the events between the marks.

use everview_protocol::session::{Reply, Request, Source};
use leptos::prelude::*;

use super::Store;
use crate::dom::save_texts;
use crate::model::address::{Marks, Page};
use crate::model::format::{counted, position};
use crate::model::query::with_positions;

impl Store {
    /// Marks two positions.
    pub(crate) fn mark_range(self, (from, to): (u64, u64)) {
        self.note_jump();
        self.address.update(|address| address.marks = Marks { a: Some(from), b: Some(to) });
    }

    /// Takes both marks away.
    pub(crate) fn unmark(self) {
        self.travel().loops.set(false);
        self.note_jump();
        self.address.update(|address| address.marks = Marks::default());
    }

    /// Lists the events between the marks.
    pub(crate) fn list_range(self, range: (u64, u64)) {
        self.note_jump();
        self.filter(|filter| filter.text = with_positions(&filter.text, range));
        self.address.update(|address| *address = address.on(Page::Streams));
    }

    /// Where playing begins again, and where it goes back to there.
    pub(super) fn looped(self) -> Option<(u64, u64)> {
        let range = self.address.with_untracked(|address| address.marks.range());
        range.filter(|_| self.travel().loops.get_untracked())
    }

    /// Whether playing goes back to one mark at the other.
    pub(crate) fn toggle_loop(self) {
        let range = self.address.with_untracked(|address| address.marks.range());
        let Some((from, to)) = range else {
            return self.say(
                "Set the marks A and B: playing goes from the one to the other again and again."
                    .into(),
            );
        };
        let loops = !self.travel().loops.get_untracked();
        self.travel().loops.set(loops);
        self.say(if loops {
            format!("Playing goes from {} to {} again and again.", position(from), position(to))
        } else {
            "Playing goes on.".into()
        });
    }

    /// Saves the events between the marks as NDJSON.
    pub(crate) fn export(self, (from, to): (u64, u64)) {
        let name = self.session.with_untracked(|session| match session.as_ref()?.source {
            Source::File { ref name, .. } => Some(name.clone()),
            _ => None,
        });
        let name = name.unwrap_or_else(|| "simulation".into());
        let stem = name.split('.').next().unwrap_or_default();
        let file = format!("{stem}-{from}-{to}.ndjson");
        let history = untrack(|| self.history().get());
        self.export_on(Export { file, history, from, to, texts: Vec::new(), events: 0 });
    }

    fn export_on(self, mut export: Export) {
        let request = Request::Export { from: export.from, to: export.to };
        self.ask(request, move |reply| {
            let Reply::Exported(exported) = reply else { return };
            if untrack(|| self.history().get()) != export.history {
                return self.say("Not saved: something else is open by now.".into());
            }
            export.events += exported.events;
            export.texts.push(exported.text);
            if let Some(next) = exported.next {
                export.from = next;
                self.say(format!("{} so far…", counted(export.events, "event")));
                return self.export_on(export);
            }
            save_texts(&export.file, &export.texts);
            self.say(format!("Saved {} as {}.", counted(export.events, "event"), export.file));
        });
    }
}

/// Events on their way to a file.
struct Export {
    file: String,
    history: (u32, u32),
    from: u64,
    to: u64,
    texts: Vec<String>,
    events: u64,
}
