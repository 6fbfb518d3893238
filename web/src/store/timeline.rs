//! Moving the playhead.

use std::time::Duration;

use everview_protocol::session::{Reply, Request};
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;

use super::Store;
use crate::dom::{focus_later, now_ms};
use crate::model::address::{Mark, Page, Pane};

/// How often a playing playhead moves: about once a frame.
const TICK: Duration = Duration::from_millis(16);

/// A second.
const SECOND_MS: i64 = 1_000;

impl Store {
    /// Moves the playhead. Wishes that come faster than the worker answers are dropped but for the
    /// last one.
    pub(crate) fn seek(self, position: u64) {
        let head = self.session.with_untracked(|session| session.as_ref().map(|open| open.head));
        let position = head.map_or(position, |head| position.min(head));
        self.playhead.set(position);
        self.note_playhead(position, false);
        let now = self.seeks.try_update_value(|seeks| seeks.queue.want(position)).flatten();
        self.send_seek(now);
    }

    /// Moves the playhead to another place. Back leads to where it was.
    pub(crate) fn jump(self, position: u64) {
        self.note_jump();
        self.seek(position);
    }

    fn send_seek(self, position: Option<u64>) {
        let Some(position) = position else { return };
        self.ask(Request::Seek { position }, move |_| {
            let next = self.seeks.try_update_value(|seeks| seeks.queue.done()).flatten();
            if next.is_none() {
                self.show_playhead();
            }
            self.send_seek(next);
        });
    }

    fn forget_wish(self) -> Option<u64> {
        self.seeks.try_update_value(|seeks| seeks.queue.forget()).flatten()
    }

    /// Shows where the worker's playhead stands, now that no seek is under way.
    pub(super) fn show_playhead(self) {
        let stands = self.session.with_untracked(|session| {
            session.as_ref().map(|session| (session.position, session.is_following))
        });
        if let Some((position, is_following)) = stands {
            self.playhead.set(position);
            self.note_playhead(position, is_following);
        }
    }

    /// Sets a mark at the playhead, or takes it away from there.
    pub(crate) fn mark(self, mark: Mark) {
        let position = self.playhead.get_untracked();
        self.note_jump();
        self.address.update(|address| address.marks.toggle(mark, position));
    }

    /// Shows what differs between the marks, or the rows again.
    pub(crate) fn toggle_diff(self) {
        self.address.update(|address| {
            if matches!(address.page, Page::View(_)) {
                address.is_diff = !address.is_diff;
            }
        });
    }

    /// Glues the playhead to the head.
    pub(crate) fn follow(self) {
        self.is_playing.set(false);
        // The last wish wins: an older one that waits would undo this one.
        self.forget_wish();
        self.send(Request::Follow);
    }

    /// Moves to the next event that the filter lets through.
    pub(crate) fn step(self, forward: bool) {
        self.move_by(Request::Step { forward });
    }

    /// Moves by a second of recorded time.
    pub(crate) fn step_second(self, is_forward: bool) {
        let milliseconds = if is_forward { SECOND_MS } else { -SECOND_MS };
        self.move_by(Request::StepTime { milliseconds });
    }

    fn move_by(self, request: Request) {
        self.is_playing.set(false);
        // The worker steps from where it stands: a wish that waits for its turn goes first.
        if let Some(position) = self.forget_wish() {
            self.send(Request::Seek { position });
        }
        self.send(request);
    }

    /// Tells why the chosen cell is what it is.
    pub(crate) fn show_why(self) {
        let is_chosen = self.address.with_untracked(|address| {
            matches!(address.page, Page::View(_)) && address.selected.is_some()
        });
        if !is_chosen {
            return self.say("Choose a cell of a view: w tells why it is what it is.".into());
        }
        self.address.update(|address| (address.pane, address.event) = (Some(Pane::Why), None));
        focus_later("drawer");
    }

    /// Closes what lies beside the page: the event first, then what is told of a row.
    pub(crate) fn close(self) {
        self.address.update(|address| {
            if address.event.take().is_none() {
                address.pane = None;
            }
        });
    }

    /// Goes to the end; from there on once more, it follows.
    pub(crate) fn to_end(self) {
        if self.playhead.get_untracked() == self.head_now() {
            self.follow();
        } else {
            self.seek(self.head_now());
        }
    }

    /// Plays on from the playhead, or from the start when it is at the end.
    pub(crate) fn toggle_playing(self) {
        let starts = !self.is_playing.get_untracked();
        let at = self.playhead.get_untracked();
        if let Some((from, to)) = self.looped().filter(|_| starts)
            && !(from..to).contains(&at)
        {
            self.seek(from);
        } else if starts && at == self.head_now() {
            self.seek(0);
        }
        self.is_playing.set(starts);
    }

    pub(super) fn head_now(self) -> u64 {
        self.session.with_untracked(|session| session.as_ref().map_or(0, |session| session.head))
    }

    /// Moves the playhead while it plays.
    pub(super) fn keep_playing(self) {
        Effect::new(move |running: Option<Option<IntervalHandle>>| {
            if let Some(handle) = running.flatten() {
                handle.clear();
            }
            if !self.is_playing.get() {
                return None;
            }
            self.travel().outcome.set(None);
            let last = StoredValue::new(now_ms());
            let is_asked = StoredValue::new(false);
            let tick = move || {
                if is_asked.get_value() {
                    return;
                }
                is_asked.set_value(true);
                let now = now_ms();
                let elapsed_ms = whole_ms(now - last.get_value());
                last.set_value(now);
                let (at, limit) = (self.playhead.get_untracked(), self.play_limit());
                let request =
                    Request::Play { elapsed_ms, pace: self.travel().pace.get_untracked(), limit };
                self.ask(request, move |reply| {
                    is_asked.try_set_value(false);
                    if let Reply::Place(Some(position)) = reply {
                        self.played(at, position);
                    }
                });
            };
            set_interval_with_handle(tick, TICK).ok()
        });
    }

    /// The worker has played from one position to another.
    fn played(self, from: u64, to: u64) {
        if !self.is_playing.get_untracked() {
            return;
        }
        let stop = (from < to).then(|| self.stops_at(to)).flatten();
        if let Some(words) = stop {
            self.is_playing.set(false);
            self.say(words);
        } else if let Some((begin, _)) = self.looped().filter(|(_, end)| from < *end && *end <= to)
        {
            self.seek(begin);
        } else if self.head_now() <= to {
            self.follow();
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the time between two ticks fits many times over, and clocks of pages do not go back"
)]
fn whole_ms(milliseconds: f64) -> u32 {
    milliseconds.round() as u32
}
