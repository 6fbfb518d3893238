//! Spreading requests over servers that all accept them.
//!
//! A [`Balancer`] knows how each target is: what health checks found, how its answers went, how many
//! requests it has in flight. [`Balancer::pick`] chooses one of those that serve, by a [`Strategy`],
//! or refuses the request when the serving targets cannot carry it.
//!
//! ```text
//!             probes fail                         5 failures in a row,
//!   unwell ◄───────────────┐                   ┌─ or too many in an interval ─► ejected
//!     │                    │                   │                                   │
//!     └── probes pass ──► warming up ──► serving ◄── after 30 s, 60 s, … ──────────┘
//!                                              │
//!                                              └─ drain ──► draining ──► drained
//! ```
//!
//! It sends nothing and reads no clock, and the same calls give the same choices everywhere.
//!
//! ```
//! use everview_cluster::ServerId;
//! use everview_cluster::balance::{Ask, Balancer, BalancerConfig, Outcome, Target};
//! use everview_core::Timestamp;
//!
//! let [a, b] = [0, 1].map(ServerId::new);
//! let now = Timestamp::default();
//! let targets = [a, b].map(|server| Target { server, weight: 1, capacity: 100 });
//! let mut balancer = Balancer::new(BalancerConfig::default(), targets);
//!
//! assert_eq!([(); 4].map(|()| balancer.pick(now, Ask::default()).unwrap()), [a, b, a, b]);
//! for _ in 0..2 {
//!     balancer.finish(now, a, Outcome::Answered);
//! }
//! balancer.drain(now, b);
//! assert_eq!([(); 2].map(|()| balancer.pick(now, Ask::default()).unwrap()), [a, a]);
//! ```

mod member;
mod outlier;
mod shed;
mod strategy;

use alloc::vec::Vec;

use everview_core::{Digest, Timestamp};

use crate::ServerId;
use member::Member;

pub use member::{HealthCheck, Probe, Standing, TargetStatus};
pub use outlier::Ejection;
pub use shed::{Priority, Refusal, Shares};
pub use strategy::Strategy;

/// A server that requests can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The server.
    pub server: ServerId,
    /// Its share of the requests, measured by the others'. With 0 it gets none.
    pub weight: u8,
    /// How many requests it can carry at once.
    pub capacity: u32,
}

/// How a balancer goes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BalancerConfig {
    /// How it chooses.
    pub strategy: Strategy,
    /// How many health checks make a target unwell, and well again.
    pub health: HealthCheck,
    /// When a target is left out because of its answers.
    pub ejection: Ejection,
    /// How long a target that begins to serve, or does so again, takes to get its whole share. It
    /// begins with a tenth and the share grows evenly. Without it, 0, it gets all at once.
    pub slow_start_ms: i64,
    /// What is refused first when there is too much.
    pub shares: Shares,
}

/// A request that is looking for a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ask {
    /// What requests have in common that should meet at one target, from [`affinity`]. It counts
    /// for [`Strategy::Affinity`] only.
    pub key: Option<u64>,
    /// How much it matters.
    pub priority: Priority,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The target did its part. A command that it turned down for a reason is answered, too.
    Answered,
    /// There was no answer, or the target said that it could not.
    Failed,
}

/// The key of a request that should meet others of the same text, such as a stream's name.
pub fn affinity(text: &str) -> u64 {
    let digest = Digest::of(text.as_bytes()).to_u128();
    u64::try_from(digest >> 64).unwrap_or_default()
}

/// Chooses a target for each request.
#[derive(Debug, Clone)]
pub struct Balancer {
    config: BalancerConfig,
    /// In order of server.
    members: Vec<Member>,
    /// How many picks there were.
    turn: u64,
    /// When the answers of an interval are looked at; none before the first call.
    sweep_at: Option<Timestamp>,
}

impl Balancer {
    /// A balancer over `targets`, which are taken to be well until a check says otherwise. Of two
    /// for the same server the last counts.
    pub fn new(config: BalancerConfig, targets: impl IntoIterator<Item = Target>) -> Self {
        let mut members: Vec<Member> = Vec::new();
        for target in targets {
            match members.binary_search_by_key(&target.server, |member| member.target.server) {
                Ok(at) => members[at] = Member::new(target),
                Err(at) => members.insert(at, Member::new(target)),
            }
        }
        Self { config, members, turn: 0, sweep_at: None }
    }

    /// Chooses a target for a request, which is then in flight until [`Balancer::finish`].
    ///
    /// # Errors
    ///
    /// If no target serves, or if those that do are too busy for a request of this priority.
    pub fn pick(&mut self, now: Timestamp, ask: Ask) -> Result<ServerId, Refusal> {
        self.sweep(now);
        shed::admit(self.config.shares, ask.priority, self.load(now))?;
        let config = self.config;
        let mut candidates: Vec<_> = self
            .members
            .iter_mut()
            .filter(|member| 0 < member.share(now, &config) && member.has_room())
            .collect();
        let chosen = config.strategy.choose(now, &config, &mut candidates, ask.key);
        let chosen = chosen.ok_or(Refusal::NoTarget)?;
        self.turn += 1;
        candidates[chosen].picked(self.turn);
        Ok(candidates[chosen].target.server)
    }

    /// Notes how a request ended that `server` had. A server that is no target is ignored, here and in
    /// the methods below.
    pub fn finish(&mut self, now: Timestamp, server: ServerId, outcome: Outcome) {
        self.sweep(now);
        if let Some(member) = self.member_mut(server) {
            member.finished(outcome);
        }
        if self.is_outlier(server) {
            self.eject(now, server);
        }
    }

    /// Notes what a health check found.
    pub fn probe(&mut self, now: Timestamp, server: ServerId, probe: Probe) {
        self.sweep(now);
        let health = self.config.health;
        if let Some(member) = self.member_mut(server) {
            member.probed(now, health, probe);
        }
    }

    /// Sends nothing more to `server`; what it has in flight may end.
    pub fn drain(&mut self, now: Timestamp, server: ServerId) {
        self.sweep(now);
        if let Some(member) = self.member_mut(server) {
            member.is_draining = true;
        }
    }

    /// Takes back [`Balancer::drain`].
    pub fn resume(&mut self, now: Timestamp, server: ServerId) {
        self.sweep(now);
        if let Some(member) = self.member_mut(server).filter(|member| member.is_draining) {
            member.is_draining = false;
            member.began(now);
        }
    }

    /// Gives `server` another share.
    pub fn set_weight(&mut self, server: ServerId, weight: u8) {
        if let Some(member) = self.member_mut(server) {
            member.target.weight = weight;
        }
    }

    /// How each target is, in order of server.
    pub fn status(&self, now: Timestamp) -> Vec<TargetStatus> {
        self.members.iter().map(|member| member.status(now, &self.config)).collect()
    }

    /// How many requests the targets with a share have in flight, and how many they can carry.
    fn load(&self, now: Timestamp) -> (u64, u64) {
        self.members
            .iter()
            .filter(|member| 0 < member.share(now, &self.config))
            .map(|member| (u64::from(member.in_flight), u64::from(member.target.capacity)))
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    fn member_mut(&mut self, server: ServerId) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.target.server == server)
    }
}

#[cfg(test)]
mod tests;
