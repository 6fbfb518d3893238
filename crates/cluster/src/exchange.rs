//! A log per region: every region takes writes at any time, and hands them to the others.
//!
//! A [`Site`] is what a region keeps: a log of all changes in the order in which it learned of them,
//! its own and the others', and what follows from them. It writes down what somebody wants changed,
//! sends it to the others, and tells them again and again which changes it has, so that they send
//! what it lacks, whatever was lost in between. Nobody waits for anybody: two regions that do not
//! reach each other both go on, and agree once they do.
//!
//! What follows from the set of changes is the same everywhere, whatever the order in which they came:
//! the merged log, whose order is that of the [`Stamp`]s, and the rows with
//! their conflicts ([`crate::conflict`]).
//!
//! ```
//! use everview_cluster::clock::Region;
//! use everview_cluster::conflict::{Deed, Policy, Write};
//! use everview_cluster::exchange::{Site, SiteConfig, SiteInput, SiteOutput};
//! use everview_core::{Timestamp, Value};
//!
//! let [one, two] = [1, 2].map(Region::new);
//! let site = |region, peer| Site::new(SiteConfig::new(region, vec![peer], Policy::by_field()), vec![]);
//! let (mut here, mut there) = (site(one, two).unwrap(), site(two, one).unwrap());
//! let now = Timestamp::from_millis(1_000);
//!
//! let deed = Deed::write([("city", Write::Put(Value::text("Bern")))]);
//! let mut out = Vec::new();
//! here.step(now, SiteInput::Write { row: "customer-7".into(), deed, data: "{}".into() }, &mut out);
//! for output in out {
//!     if let SiteOutput::Send { message, .. } = output {
//!         there.step(now, SiteInput::Message { from: one, message }, &mut Vec::new());
//!     }
//! }
//! assert_eq!(here.resolved("customer-7"), there.resolved("customer-7"));
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;

use everview_core::{NewEvent, Timestamp};

use crate::clock::{HybridClock, HybridTime, Inbox, MergedLog, Region, Stamp, VersionVector};
use crate::conflict::{Change, ChangeError, Deed, Policy, Resolved, Row};
use crate::weakness::Weakness;

/// The most changes that are held back until what they had seen is there.
const HELD_BACK: usize = 10_000;

/// How far ahead of a site's clock a change may have been made, in milliseconds.
const MOST_AHEAD_MS: i64 = 300_000;

/// What a site is made of.
#[derive(Debug, Clone)]
pub struct SiteConfig {
    /// Its region.
    pub region: Region,
    /// The others.
    pub peers: Vec<Region>,
    /// What rows show when changes are in conflict; the same in all regions.
    pub policy: Arc<Policy>,
    /// How often the others are told which changes are here, in milliseconds; at least 1.
    pub every_ms: i64,
    /// The most changes in one message; at least 1.
    pub batch: usize,
    /// A rule to break, so that tests can see that it is needed.
    pub(crate) weakness: Option<Weakness>,
}

impl SiteConfig {
    /// A site that tells its peers every 250 ms what it has, and sends up to 64 changes at once.
    pub fn new(region: Region, peers: Vec<Region>, policy: Policy) -> Self {
        let policy = Arc::new(policy);
        Self { region, peers, policy, every_ms: 250, batch: 64, weakness: None }
    }
}

/// What a site is told.
#[derive(Debug, Clone)]
pub enum SiteInput {
    /// Time has passed.
    Tick,
    /// Somebody wants something done to a row.
    Write {
        /// The row.
        row: String,
        /// What is done to it.
        deed: Deed,
        /// The data of the event, as JSON.
        data: String,
    },
    /// What was overruled is wanted back.
    Restore {
        /// The change that did it.
        stamp: Stamp,
    },
    /// Another site says something.
    Message {
        /// Its region.
        from: Region,
        /// What it says.
        message: SiteMessage,
    },
}

/// What sites say to each other.
#[derive(Debug, Clone)]
pub enum SiteMessage {
    /// These are the changes that are here.
    Have(VersionVector),
    /// Some changes, causes before effects.
    Changes(Vec<Arc<Change>>),
}

/// What a site wants done. None of it may happen before what its log holds then is on disk: a number
/// that others know must not be given to another change after a crash.
#[derive(Debug, Clone)]
pub enum SiteOutput {
    /// Another site is to be told.
    Send {
        /// Its region.
        to: Region,
        /// What.
        message: SiteMessage,
    },
    /// Whoever wanted the change can be told that it is made.
    Made(Arc<Change>),
    /// A change is part of the merged log now, before so many that were there already.
    Merged {
        /// The change.
        change: Arc<Change>,
        /// How many follow it.
        following: usize,
    },
    /// It has to be woken then at the latest.
    WaitUntil(Timestamp),
}

/// What a region keeps.
#[derive(Debug)]
pub struct Site {
    config: SiteConfig,
    clock: HybridClock,
    inbox: Inbox<Arc<Change>>,
    /// In the order in which they were learned of.
    log: Vec<Arc<Change>>,
    merged: MergedLog<Arc<Change>>,
    rows: BTreeMap<String, Row>,
    /// When the others are told next.
    due: Timestamp,
}

impl Site {
    /// A site with what its log held before.
    ///
    /// # Errors
    ///
    /// If the log has a change that the policy has no rule for.
    pub fn new(config: SiteConfig, log: Vec<Arc<Change>>) -> Result<Self, ChangeError> {
        let latest = log.iter().map(|change| change.stamp.time).max();
        let mut site = Self {
            clock: HybridClock::new(MOST_AHEAD_MS, latest.unwrap_or(HybridTime::default())),
            inbox: Inbox::new(HELD_BACK),
            log: Vec::new(),
            merged: MergedLog::default(),
            rows: BTreeMap::new(),
            due: Timestamp::MIN,
            config,
        };
        for change in log {
            let mut ready = Vec::new();
            // A log has causes before effects, so nothing of it is held back.
            let taken = site.inbox.offer(change.stamp, change.seen.clone(), change, &mut ready);
            debug_assert_eq!(taken, Ok(()));
            ready.into_iter().try_for_each(|change| site.keep(&change).map(drop))?;
        }
        Ok(site)
    }

    /// All changes that are here, in the order in which the site learned of them: what has to be on
    /// disk.
    pub fn log(&self) -> &[Arc<Change>] {
        &self.log
    }

    /// The changes in the order that all regions agree on.
    pub fn merged(&self) -> impl Iterator<Item = &Arc<Change>> {
        let is_by_arrival = self.config.weakness == Some(Weakness::MergedByArrival);
        let agreed = (!is_by_arrival).then(|| self.merged.iter().map(|(_, change)| change));
        let arrived = is_by_arrival.then_some(&self.log);
        agreed.into_iter().flatten().chain(arrived.into_iter().flatten())
    }

    /// Which changes are here.
    pub const fn seen(&self) -> &VersionVector {
        self.inbox.seen()
    }

    /// How many changes wait for something that they had seen.
    pub fn held_back(&self) -> usize {
        self.inbox.waiting()
    }

    /// The names of the rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// What a row shows, and what is or was in conflict about it; none if nothing was ever done to it.
    pub fn resolved(&self, row: &str) -> Option<Resolved> {
        self.rows.get(row).map(Row::resolve)
    }

    /// Takes what happened at a time by the machine's clock, and adds to `out` what is to be done.
    ///
    /// A change that the policy has no rule for is not made; one from elsewhere is not taken in.
    pub fn step(&mut self, now: Timestamp, input: SiteInput, out: &mut Vec<SiteOutput>) {
        match input {
            SiteInput::Tick => {}
            SiteInput::Write { row: subject, deed, data } => {
                let (event_type, id, source) = ("Written".into(), String::new(), String::new());
                let event = NewEvent { id, source, event_type, subject, time: None, data };
                self.make(now, event, deed, out);
            }
            SiteInput::Restore { stamp } => {
                let known = self.log.iter().find(|change| change.stamp == stamp).cloned();
                if let Some(change) = known {
                    self.make(now, (*change.event).clone(), change.deed.clone(), out);
                }
            }
            SiteInput::Message { from, message: SiteMessage::Have(seen) } => {
                self.send_lacking(from, &seen, out);
            }
            SiteInput::Message { from: to, message: SiteMessage::Changes(changes) } => {
                let is_full = self.config.batch <= changes.len();
                for change in changes {
                    self.take_in(now, change, out);
                }
                if is_full {
                    // There is more where that came from.
                    let message = SiteMessage::Have(self.seen().clone());
                    out.push(SiteOutput::Send { to, message });
                }
            }
        }
        // A clock that was set back does not silence it.
        let next = now.plus_millis(self.config.every_ms.max(1));
        if self.due <= now || next < self.due {
            self.due = next;
            for &to in &self.config.peers {
                let message = SiteMessage::Have(self.seen().clone());
                out.push(SiteOutput::Send { to, message });
            }
        }
        out.push(SiteOutput::WaitUntil(self.due));
    }

    fn make(&mut self, now: Timestamp, event: NewEvent, deed: Deed, out: &mut Vec<SiteOutput>) {
        let region = self.config.region;
        let number = self.seen().get(region) + 1;
        let source = format!("/region/{}", region.get());
        let event = NewEvent { id: number.to_string(), source, ..event };
        let stamp = Stamp { time: self.clock.latest(), region, number };
        let mut change =
            Change { stamp, seen: self.seen().clone(), event: Arc::new(event.clone()), deed };
        // Before a number is given away.
        if self.config.policy.check(&change).is_err() {
            return;
        }
        self.inbox.make(region);
        change.stamp.time = self.clock.tick(now);
        change.event = Arc::new(NewEvent { time: Some(change.stamp.time.wall), ..event });
        let change = Arc::new(change);
        self.merge(&change, out);
        out.push(SiteOutput::Made(change.clone()));
        for &to in &self.config.peers {
            let message = SiteMessage::Changes([change.clone()].into());
            out.push(SiteOutput::Send { to, message });
        }
    }

    /// Sends some of what another site lacks. It tells soon again what it has then.
    fn send_lacking(&self, to: Region, seen: &VersionVector, out: &mut Vec<SiteOutput>) {
        // Mostly the other has all of it.
        if seen.includes(self.seen()) {
            return;
        }
        let lacking = self.log.iter().filter(|change| !seen.has_seen(&change.stamp));
        let changes: Vec<_> = lacking.take(self.config.batch.max(1)).cloned().collect();
        if !changes.is_empty() {
            out.push(SiteOutput::Send { to, message: SiteMessage::Changes(changes) });
        }
    }

    fn take_in(&mut self, now: Timestamp, change: Arc<Change>, out: &mut Vec<SiteOutput>) {
        // One that is too far ahead, does what there is no rule for, or comes when too much is held
        // back is not taken in now: the other site sends it again.
        if self.config.policy.check(&change).is_err()
            || self.clock.hear(now, change.stamp.time).is_err()
        {
            return;
        }
        let mut ready = Vec::new();
        let mut seen = change.seen.clone();
        if self.config.weakness == Some(Weakness::CausesIgnored) {
            seen = VersionVector::new();
        }
        if self.inbox.offer(change.stamp, seen, change, &mut ready).is_ok() {
            for change in &ready {
                self.merge(change, out);
            }
        }
    }

    fn merge(&mut self, change: &Arc<Change>, out: &mut Vec<SiteOutput>) {
        // It was checked before.
        if let Ok(following) = self.keep(change) {
            let following =
                if self.config.weakness == Some(Weakness::MergedByArrival) { 0 } else { following };
            out.push(SiteOutput::Merged { change: change.clone(), following });
        }
    }

    /// Puts a change where it belongs, and gives how many follow it.
    fn keep(&mut self, change: &Arc<Change>) -> Result<usize, ChangeError> {
        let row = self.rows.entry(change.event.subject.clone());
        let policy = &self.config.policy;
        row.or_insert_with(|| Row::new(policy.clone())).insert((**change).clone())?;
        self.log.push(change.clone());
        Ok(self.merged.insert(change.stamp, change.clone()).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests;
