//! What a client got out of the cluster.

use everview_core::Timestamp;

use crate::Health;

/// What a client got out of the cluster since it started: of its time, and of its requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Service {
    /// Microseconds in which it followed a leader that it heard.
    pub live_us: i64,
    /// Microseconds in which it followed a leader that was quiet for too long.
    pub stale_us: i64,
    /// Microseconds in which it followed nobody, or had its views restored.
    pub away_us: i64,
    /// Commands it was asked to send.
    pub asked: u64,
    /// Commands of which it knows what came of them.
    pub answered: u64,
    /// The microseconds that those took, all together.
    pub waited_us: i64,
    /// The microseconds that the slowest of them took.
    pub longest_us: i64,
}

impl Service {
    /// All of its time.
    pub const fn total_us(&self) -> i64 {
        self.live_us + self.stale_us + self.away_us
    }

    /// Adds the time from `since` to `now`, in which its health was `health`; it went stale at
    /// `stale_at`, if that was before.
    pub(super) fn add_time(
        &mut self,
        since: Timestamp,
        now: Timestamp,
        health: Health,
        stale_at: Timestamp,
    ) {
        let passed = now.micros() - since.micros();
        match health {
            Health::Reconnecting { .. } | Health::Restoring { .. } => self.away_us += passed,
            Health::Live | Health::Stale { .. } => {
                let stale = (now.micros() - stale_at.micros()).clamp(0, passed);
                self.stale_us += stale;
                self.live_us += passed - stale;
            }
        }
    }

    pub(super) fn add_answer(&mut self, waited_us: i64) {
        self.answered += 1;
        self.waited_us += waited_us;
        self.longest_us = self.longest_us.max(waited_us);
    }
}
