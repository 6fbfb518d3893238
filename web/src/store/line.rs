//! What of the log the time bar shows.

use everview_protocol::session::{Reply, Request};
use leptos::prelude::*;

use super::{Store, Turn};
use crate::model::axis::{Axis, AxisKind};
use crate::model::line::{Line, Look, Stretch};
use crate::reactive::react;

/// How much of what is shown may change before somebody asks again when events happened.
const COARSE: u64 = 250;

impl Store {
    /// All of the log, as it lies on the time bar.
    pub(crate) fn axis(self) -> Axis {
        let ends = (self.base(), self.head());
        match self.address.with(|address| address.axis) {
            AxisKind::Clock => self.travel().moments.with(|moments| Axis::of_times(moments, ends)),
            AxisKind::Position | AxisKind::Gap => Axis::even(ends),
        }
    }

    /// Where positions lie on the time bar.
    pub(crate) fn line(self) -> Line {
        Line::new(self.axis(), self.travel().shown.get())
    }

    /// Lets somebody look at another part of the log.
    pub(crate) fn look(self, look: Look) {
        self.show(untrack(|| self.line()).looked(look));
    }

    /// Shows so many times as much of the log, around the playhead if that is on the line.
    pub(crate) fn zoom(self, times: f64) {
        let (at, line) = (self.playhead.get_untracked(), untrack(|| self.line()));
        let at = if line.shows(at) { line.percent(at) / 100.0 } else { 0.5 };
        self.show(line.looked(Look::Zoom { at, times }));
    }

    fn show(self, shown: Option<Stretch>) {
        self.travel().shown.set(shown);
        self.address.update(|address| address.zoom = shown.map(Stretch::rounded));
    }

    /// Shows what an address says that somebody followed.
    pub(super) fn keep_zoom(self) {
        let zoom = Memo::new(move |_| self.address.with(|address| address.zoom));
        react(move || {
            let zoom = zoom.get();
            if self.travel().shown.get_untracked().map(Stretch::rounded) != zoom {
                self.travel().shown.set(zoom.map(Stretch::from));
            }
        });
    }

    /// Keeps what is known of when events happened: of all of the log, and more of what is shown.
    pub(super) fn keep_moments(self) {
        let history = self.history();
        // They look the same until one of the stretches between them has changed.
        let coarse = Memo::new(move |_| {
            let is_wanted = self.address.with(|address| address.axis) == AxisKind::Clock;
            let zoom = self.travel().shown.get().map(Stretch::rounded);
            let (from, to) = zoom.unwrap_or((0, self.head()));
            let stretch = ((to - from) / COARSE).max(1);
            is_wanted
                .then(|| (history.get(), zoom.is_some(), stretch, from / stretch, to / stretch))
        });
        let turn = StoredValue::new(Turn::Free);
        let want = move || {
            let closer = self.travel().shown.get_untracked().map(Stretch::rounded);
            let answer = move |reply| {
                if let Reply::Moments(moments) = reply {
                    self.travel().moments.set(moments);
                }
            };
            (Request::Moments { closer }, answer)
        };
        react(move || {
            if coarse.get().is_some() {
                self.ask_in_turn(turn, want);
            }
        });
    }

    /// Keeps the playhead on the line when it moves off it, and brings it there when somebody moves it.
    /// One that goes on by itself while somebody looks elsewhere leaves them there.
    pub(super) fn keep_in_sight(self) {
        let last = StoredValue::new(0);
        let playhead = Memo::new(move |_| self.playhead.get());
        react(move || {
            let at = playhead.get();
            let before = last.get_value();
            last.set_value(at);
            let line = untrack(|| self.line());
            let goes_by_itself = self.is_playing.get_untracked() || untrack(|| self.is_following());
            if !line.is_whole() && !line.shows(at) && (line.shows(before) || !goes_by_itself) {
                self.show(line.revealing(at));
            }
        });
    }
}
