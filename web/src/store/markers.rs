//! Bookmarks, and breakpoints with the positions at which they stop.

use everview_protocol::session::{FailoverState, OnsetQuery, Reply, Request};
use leptos::prelude::*;

use super::Store;
use crate::dom::focus_later;
use crate::model::address::{Breakpoint, Page};
use crate::model::breakpoint::Scan;
use crate::model::format::position;
use crate::model::marker::{Marker, MarkerKind, beside, markers};
use crate::reactive::react;

/// What playing may stop at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Where a condition comes to hold.
    Breakpoint(Breakpoint),
    /// Where a view sets an event aside, if that is wished for.
    Aside,
    /// Where regions wrote without knowing of each other, if that is wished for.
    Conflict,
}

/// What playing may stop at, and where that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Watched {
    /// What it is.
    pub(crate) stop: Stop,
    /// Where it stops, as far as that is known.
    pub(crate) scan: Scan,
    /// What the positions mean: the session's generation, and how often events were taken back.
    epoch: (u32, u32),
    is_asked: bool,
}

impl Store {
    /// Sets a bookmark at the playhead, or takes it away from there.
    pub(crate) fn toggle_bookmark(self) {
        let at = self.playhead.get_untracked();
        self.address.update(|address| address.toggle_bookmark(at));
        let is_set = self
            .address
            .with_untracked(|address| address.bookmarks.iter().any(|known| known.position == at));
        let words = if is_set { "Bookmark set at" } else { "Bookmark removed from" };
        self.say(format!("{words} {}.", position(at)));
    }

    /// Lets somebody write a breakpoint, which begins with what holds for the chosen cell.
    pub(crate) fn begin_breakpoint(self) {
        if !self.address.with_untracked(|address| matches!(address.page, Page::View(_))) {
            return self.say("Open a view: a breakpoint is a condition over its rows.".into());
        }
        if let Some(condition) = self.travel().cell_condition.get_untracked() {
            self.travel().condition.set(condition);
        }
        self.travel().is_finder_open.set(true);
        focus_later("condition");
    }

    /// Adds a breakpoint.
    pub(crate) fn add_breakpoint(self, breakpoint: Breakpoint) {
        self.say(format!("Playing stops where this comes to hold: {}.", words(&breakpoint)));
        self.address.update(|address| {
            if !address.breakpoints.contains(&breakpoint) {
                address.breakpoints.push(breakpoint);
            }
        });
    }

    /// Everything that is marked, in order.
    pub(crate) fn markers(self) -> Vec<Marker> {
        // They are not drawn among the markers, so nobody has to be told when there are more.
        let faults = untrack(|| self.faults());
        self.travel().watched.with(|watched| {
            let hits = watched.iter().map(|known| (known.stop.kind(), &*known.scan.hits));
            let faults = faults.iter().map(|(at, _)| *at);
            self.address.with(|address| markers(address, hits, faults))
        })
    }

    /// Goes to the next marker, or the one before.
    pub(crate) fn to_marker(self, is_forward: bool) {
        let at = self.playhead.get_untracked();
        match beside(&untrack(|| self.markers()), at, is_forward) {
            Some(position) => {
                self.is_playing.set(false);
                self.jump(position);
            }
            None if is_forward => self.say("No marker after this position.".into()),
            None => self.say("No marker before this position.".into()),
        }
    }

    /// What went wrong in the simulated cluster, and the last event that the client had then.
    fn faults(self) -> Vec<(u64, String)> {
        self.simulated().cluster.with(|cluster| {
            let Some(cluster) = cluster else { return Vec::new() };
            let done = cluster.chaos.faults().filter(|fault| !fault.mends);
            let done = done.map(|fault| (fault.position, fault.step.text.clone()));
            let lost = |failover: &FailoverState| {
                (failover.position, format!("{} is lost", failover.from))
            };
            done.chain(cluster.failovers.iter().map(lost)).collect()
        })
    }

    /// Those that playing stops at.
    fn faults_in_the_way(self) -> Vec<(u64, String)> {
        let stops = self.travel().stops_at_faults.is_on().get_untracked();
        if stops { untrack(|| self.faults()) } else { Vec::new() }
    }

    fn is_stopped_by(self, watched: &Watched) -> bool {
        match watched.stop {
            Stop::Breakpoint(_) => true,
            Stop::Aside => self.travel().stops_aside.is_on().get_untracked(),
            Stop::Conflict => self.travel().stops_at_conflicts.is_on().get_untracked(),
        }
    }

    /// The position that playing must not pass, if there is one.
    pub(super) fn play_limit(self) -> Option<u64> {
        let (at, head) = (self.playhead.get_untracked(), self.head_now());
        let limits = |watched: &Vec<Watched>| {
            let stopping = watched.iter().filter(|known| self.is_stopped_by(known));
            stopping.filter_map(|known| known.scan.limit(at, head)).min()
        };
        let fault = self.faults_in_the_way().into_iter().map(|(place, _)| place);
        let fault = fault.filter(|place| at < *place).min();
        let end = self.looped().map(|(_, end)| end).filter(|end| at < *end);
        self.travel().watched.with_untracked(limits).into_iter().chain(fault).chain(end).min()
    }

    /// The breakpoints and faults that stop at a position, in words.
    pub(super) fn stops_at(self, at: u64) -> Option<String> {
        let mut stops = self.travel().watched.with_untracked(|watched| {
            let stopping =
                watched.iter().filter(|known| self.is_stopped_by(known) && known.scan.stops_at(at));
            stopping.map(|known| known.stop.words()).collect::<Vec<_>>()
        });
        let faults = self.faults_in_the_way().into_iter().filter(|(place, _)| *place == at);
        stops.extend(faults.map(|(_, words)| format!("⚡ {words}")));
        (!stops.is_empty()).then(|| format!("Stopped at {}: {}.", position(at), stops.join("; ")))
    }

    /// Looks for where playing may stop, whenever there are others or the log has grown.
    pub(super) fn keep_watching(self) {
        let version = Memo::new(move |_| {
            self.session.with(|session| {
                session.as_ref().map(|open| ((open.generation, open.rewinds), open.head))
            })
        });
        let breakpoints =
            Memo::new(move |_| self.address.with(|address| address.breakpoints.clone()));
        react(move || {
            let Some((epoch, _)) = version.get() else { return };
            let before = self.travel().watched.get_untracked();
            let watch = |stop: Stop| {
                let is_it = |known: &&Watched| known.stop == stop && known.epoch == epoch;
                let fresh =
                    Watched { stop: stop.clone(), scan: Scan::default(), epoch, is_asked: false };
                before.iter().find(is_it).cloned().unwrap_or(fresh)
            };
            let now: Vec<Watched> = breakpoints
                .get()
                .into_iter()
                .map(Stop::Breakpoint)
                .chain([Stop::Aside, Stop::Conflict])
                .map(watch)
                .collect();
            if now != before {
                self.travel().watched.set(now);
            }
            self.go_on_watching();
        });
    }

    /// Asks for the next stretch of everything that nothing is asked of.
    fn go_on_watching(self) {
        let head = self.head_now();
        for index in 0..self.travel().watched.with_untracked(Vec::len) {
            let due = self.travel().watched.with_untracked(|watched| {
                watched
                    .get(index)
                    .filter(|known| {
                        !known.is_asked && known.scan.problem.is_none() && known.scan.reached < head
                    })
                    .cloned()
            });
            if let Some(known) = due {
                self.watch_stretch(known);
            }
        }
    }

    fn watch_stretch(self, known: Watched) {
        let Watched { stop, scan, epoch, .. } = known;
        let after = scan.reached;
        let request = match stop.clone() {
            Stop::Breakpoint(Breakpoint { view, condition }) => {
                Request::Onsets(OnsetQuery { view, condition, after })
            }
            Stop::Aside => Request::SetAside { after },
            Stop::Conflict => Request::Conflicts { after },
        };
        let found = move |watched: &mut Vec<Watched>, change: &dyn Fn(&mut Watched)| {
            let is_it = |known: &&mut Watched| known.stop == stop && known.epoch == epoch;
            watched.iter_mut().find(is_it).is_some_and(|known| {
                change(known);
                true
            })
        };
        self.travel().watched.update_untracked(|watched| {
            found(watched, &|known| known.is_asked = true);
        });
        self.ask(request, move |reply| {
            self.travel().watched.update(|watched| {
                found(watched, &|known| {
                    known.is_asked = false;
                    match &reply {
                        Reply::Onsets(onsets) => drop(known.scan.take(after, onsets.clone())),
                        Reply::Impossible(reason) => known.scan.problem = Some(reason.clone()),
                        _ => {}
                    }
                });
            });
            self.go_on_watching();
        });
    }
}

impl Stop {
    fn kind(&self) -> MarkerKind {
        match self {
            Self::Breakpoint(_) => MarkerKind::Breakpoint,
            Self::Aside => MarkerKind::Aside,
            Self::Conflict => MarkerKind::Conflict,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Breakpoint(breakpoint) => words(breakpoint),
            Self::Aside => "✕ a view set the event aside".into(),
            Self::Conflict => "≠ regions wrote without knowing of each other".into(),
        }
    }
}

/// A breakpoint in words.
pub(crate) fn words(breakpoint: &Breakpoint) -> String {
    format!("{}: {}", breakpoint.view, breakpoint.condition)
}
