//! Searches through positions, which the worker makes a stretch at a time.

use everview_protocol::session::{FindQuery, Goal, Reply, Request};
use leptos::prelude::*;

use super::Store;
use crate::model::address::Page;
use crate::model::format::{percent, position};

/// A search that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    number: u32,
    query: FindQuery,
    begin: u64,
    what: &'static str,
    /// How many times it was asked for once more meanwhile, each time from where it leads to.
    again: u32,
}

impl Finding {
    /// How far it has come, in words.
    pub(crate) fn words(&self) -> String {
        let done = self.query.from.abs_diff(self.begin);
        let share = percent(done, self.query.to.abs_diff(self.begin));
        format!("Looking for {}: {share} %", self.what)
    }
}

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Something to know.
    Said(String),
    /// It was not understood: why.
    Problem(String),
}

/// What somebody looks for with a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The first position of all at which it holds.
    First,
    /// The last position up to the playhead at which it holds.
    Last,
}

impl Store {
    /// Goes to the first or last position at which a view has a row for which a condition holds.
    pub(crate) fn find_holds(self, view: String, condition: String, reach: Reach) {
        let (from, to, what) = match reach {
            Reach::First => (0, self.head_now(), "the first position at which it holds"),
            Reach::Last => (self.playhead.get_untracked(), 0, "the last position at which it held"),
        };
        let goal = Goal::Holds { condition };
        self.find(FindQuery { view, goal, from, to }, what, 0);
    }

    /// Goes to the next or previous change of the view that is shown, or of the chosen row of it.
    pub(crate) fn find_change(self, is_forward: bool) {
        let (page, selected) =
            self.address.with_untracked(|address| (address.page.clone(), address.selected.clone()));
        let Page::View(view) = page else {
            return self.say("Open a view: n goes to the next change of it.".into());
        };
        let is_row = selected.is_some();
        let goal = Goal::Changes { key: selected.map(|selected| selected.key) };
        let (to, what) = match (is_forward, is_row) {
            (true, true) => (self.head_now(), "the next change of this row"),
            (true, false) => (self.head_now(), "the next change of this view"),
            (false, true) => (0, "the previous change of this row"),
            (false, false) => (0, "the previous change of this view"),
        };
        let mut now = self.travel().finding.get_untracked();
        let is_same = |now: &&mut Finding| {
            (now.what, &now.query.view, &now.query.goal) == (what, &view, &goal)
        };
        if let Some(same) = now.as_mut().filter(is_same) {
            same.again += 1;
            return self.travel().finding.set(now);
        }
        let from = self.playhead.get_untracked();
        self.find(FindQuery { view, goal, from, to }, what, 0);
    }

    /// Gives up the search that is under way.
    pub(crate) fn stop_finding(self) {
        if self.travel().finding.get_untracked().is_some() {
            self.travel().finding.set(None);
            self.say("Stopped looking.".into());
        }
    }

    /// Tells something about the time bar.
    pub(crate) fn say(self, words: String) {
        self.travel().outcome.set(Some(Outcome::Said(words)));
    }

    fn find(self, query: FindQuery, what: &'static str, again: u32) {
        self.is_playing.set(false);
        self.travel().outcome.set(None);
        let number = self.travel().searches.get_value() + 1;
        self.travel().searches.set_value(number);
        let finding = Finding { number, begin: query.from, query, what, again };
        self.travel().finding.set(Some(finding.clone()));
        self.go_on_finding(number, finding.query);
    }

    fn go_on_finding(self, number: u32, query: FindQuery) {
        self.ask(Request::Find(query), move |reply| {
            let finding = self.travel().finding.get_untracked();
            let Some(mut finding) = finding.filter(|now| now.number == number) else { return };
            match reply {
                Reply::Found(found) if found.position.is_some() => {
                    self.travel().finding.set(None);
                    let at = found.position.unwrap_or_default();
                    self.say(format!("Found {} at {}.", finding.what, position(at)));
                    self.jump(at);
                    if let Some(again) = finding.again.checked_sub(1) {
                        self.find(FindQuery { from: at, ..finding.query }, finding.what, again);
                    }
                }
                Reply::Found(found) if found.next.is_some() => {
                    finding.query.from = found.next.unwrap_or_default();
                    self.travel().finding.set(Some(finding.clone()));
                    self.go_on_finding(number, finding.query);
                }
                Reply::Impossible(reason) => {
                    self.travel().finding.set(None);
                    self.travel().outcome.set(Some(Outcome::Problem(reason)));
                }
                _ => {
                    self.travel().finding.set(None);
                    self.say(format!("There is no such position: {} was not found.", finding.what));
                }
            }
        });
    }
}
