//! A target as the balancer knows it.

use everview_core::Timestamp;

use super::{BalancerConfig, Outcome, Target};
use crate::ServerId;

/// How many health checks in a row it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthCheck {
    /// So many that fail make a target unwell.
    pub unwell_after: u32,
    /// So many that pass make it well again.
    pub well_after: u32,
}

impl Default for HealthCheck {
    /// Two that fail, two that pass.
    fn default() -> Self {
        Self { unwell_after: 2, well_after: 2 }
    }
}

/// What a health check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// The target is well.
    Passed,
    /// It is not, or did not answer.
    Failed,
}

/// Whether a target gets requests, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It gets its share.
    Serving,
    /// It gets that percentage of its share, which grows.
    WarmingUp {
        /// From 10 to 99.
        percent: u8,
    },
    /// Its answers were bad; it gets requests again then.
    Ejected {
        /// When.
        until: Timestamp,
    },
    /// Health checks failed.
    Unwell,
    /// It ends what it has in flight and gets nothing more.
    Draining,
    /// It has nothing in flight and gets nothing: it can be stopped.
    Drained,
}

impl Standing {
    /// How it is, in a word or two.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serving => "serving",
            Self::WarmingUp { .. } => "warming up",
            Self::Ejected { .. } => "ejected",
            Self::Unwell => "unwell",
            Self::Draining => "draining",
            Self::Drained => "drained",
        }
    }

    /// Whether it gets requests.
    pub const fn serves(self) -> bool {
        matches!(self, Self::Serving | Self::WarmingUp { .. })
    }

    /// How much of its share it gets.
    const fn percent(self) -> u8 {
        match self {
            Self::Serving => 100,
            Self::WarmingUp { percent } => percent,
            Self::Ejected { .. } | Self::Unwell | Self::Draining | Self::Drained => 0,
        }
    }
}

/// How a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetStatus {
    /// The target.
    pub target: Target,
    /// Whether it gets requests.
    pub standing: Standing,
    /// How many requests it has in flight.
    pub in_flight: u32,
    /// How many requests it got.
    pub picked: u64,
    /// How many of them failed.
    pub failed: u64,
}

/// A target with what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) target: Target,
    pub(super) in_flight: u32,
    pub(super) is_draining: bool,
    is_well: bool,
    /// Health checks in a row that said the opposite of `is_well`.
    dissent: u32,
    /// Since when it has served without a break; none when it did from the beginning.
    since: Option<Timestamp>,
    pub(super) ejected_until: Option<Timestamp>,
    /// How many times it was ejected lately.
    pub(super) ejections: u32,
    pub(super) failures_in_a_row: u32,
    /// Of this interval.
    pub(super) answers: u32,
    pub(super) failures: u32,
    picked: u64,
    failed: u64,
    /// The number of the pick that chose it last.
    pub(super) last_turn: u64,
    /// What smooth weighting owes it.
    pub(super) credit: i64,
}

impl Member {
    pub(super) const fn new(target: Target) -> Self {
        Self {
            target,
            in_flight: 0,
            is_draining: false,
            is_well: true,
            dissent: 0,
            since: None,
            ejected_until: None,
            ejections: 0,
            failures_in_a_row: 0,
            answers: 0,
            failures: 0,
            picked: 0,
            failed: 0,
            last_turn: 0,
            credit: 0,
        }
    }

    pub(super) const fn server(&self) -> ServerId {
        self.target.server
    }

    pub(super) const fn has_room(&self) -> bool {
        self.in_flight < self.target.capacity
    }

    pub(super) fn standing(&self, now: Timestamp, config: &BalancerConfig) -> Standing {
        match self.ejected_until {
            _ if self.is_draining && self.in_flight == 0 => Standing::Drained,
            _ if self.is_draining => Standing::Draining,
            _ if !self.is_well => Standing::Unwell,
            Some(until) if now < until => Standing::Ejected { until },
            _ => self.warmth(now, config.slow_start_ms),
        }
    }

    fn warmth(&self, now: Timestamp, slow_start_ms: i64) -> Standing {
        let began = self.since.max(self.ejected_until);
        let served_ms = began.map_or(slow_start_ms, |began| now.millis_since(began));
        if slow_start_ms <= served_ms {
            return Standing::Serving;
        }
        let percent = i128::from(served_ms.max(0)) * 100 / i128::from(slow_start_ms);
        Standing::WarmingUp { percent: u8::try_from(percent.max(10)).unwrap_or(99) }
    }

    /// Its share in hundredths of its weight.
    pub(super) fn share(&self, now: Timestamp, config: &BalancerConfig) -> u32 {
        u32::from(self.target.weight) * u32::from(self.standing(now, config).percent())
    }

    pub(super) const fn picked(&mut self, turn: u64) {
        self.in_flight += 1;
        self.picked += 1;
        self.last_turn = turn;
    }

    pub(super) const fn finished(&mut self, outcome: Outcome) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.answers = self.answers.saturating_add(1);
        match outcome {
            Outcome::Answered => self.failures_in_a_row = 0,
            Outcome::Failed => {
                self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
                self.failures = self.failures.saturating_add(1);
                self.failed += 1;
            }
        }
    }

    pub(super) fn probed(&mut self, now: Timestamp, health: HealthCheck, probe: Probe) {
        if self.is_well == (probe == Probe::Passed) {
            self.dissent = 0;
            return;
        }
        self.dissent += 1;
        let needed = if self.is_well { health.unwell_after } else { health.well_after };
        if needed <= self.dissent {
            self.is_well = !self.is_well;
            self.dissent = 0;
            if self.is_well {
                self.began(now);
            }
        }
    }

    /// It serves again, and what happened before does not count any more.
    pub(super) const fn began(&mut self, now: Timestamp) {
        self.since = Some(now);
        self.failures_in_a_row = 0;
    }

    pub(super) fn status(&self, now: Timestamp, config: &BalancerConfig) -> TargetStatus {
        TargetStatus {
            target: self.target,
            standing: self.standing(now, config),
            in_flight: self.in_flight,
            picked: self.picked,
            failed: self.failed,
        }
    }
}
