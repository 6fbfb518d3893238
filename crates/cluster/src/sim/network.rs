//! Links that are slow, lose things, say them twice, swap them, or are cut.

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;

use everview_core::{Rng, Timestamp};

use crate::NodeId;

/// One end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// A node.
    Node(NodeId),
    /// The lease register.
    Lease,
    /// The client.
    Client,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => write!(f, "{node}"),
            Self::Lease => f.write_str("lease"),
            Self::Client => f.write_str("client"),
        }
    }
}

/// How the links behave. Chances are out of a million messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkConfig {
    /// The shortest time a message takes.
    pub delay_min_ms: u64,
    /// The longest time a message takes.
    pub delay_max_ms: u64,
    /// How many are lost.
    pub loss: u64,
    /// How many arrive twice.
    pub duplication: u64,
    /// How many may be overtaken by later ones.
    pub reordering: u64,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self { delay_min_ms: 1, delay_max_ms: 6, loss: 0, duplication: 0, reordering: 0 }
    }
}

type Link = (Endpoint, Endpoint);

/// The links between all endpoints.
#[derive(Debug)]
pub(super) struct Network {
    config: NetworkConfig,
    rng: Rng,
    cut: BTreeSet<Link>,
    slow_ms: BTreeMap<Link, i64>,
    /// When the last message on a link arrives, so that the next does not overtake it.
    last: BTreeMap<Link, Timestamp>,
}

impl Network {
    pub(super) fn new(config: NetworkConfig, rng: Rng) -> Self {
        Self { config, rng, cut: BTreeSet::new(), slow_ms: BTreeMap::new(), last: BTreeMap::new() }
    }

    /// Cuts the link from one end to the other; the other direction stays.
    pub(super) fn cut(&mut self, from: Endpoint, to: Endpoint) {
        self.cut.insert((from, to));
    }

    /// Makes every message from one end to the other take this much longer.
    pub(super) fn slow(&mut self, from: Endpoint, to: Endpoint, millis: i64) {
        self.slow_ms.insert((from, to), millis);
    }

    /// Mends all links.
    pub(super) fn heal(&mut self) {
        self.cut.clear();
        self.slow_ms.clear();
    }

    /// From now on every message arrives once and in order.
    pub(super) fn calm(&mut self) {
        self.config = NetworkConfig { loss: 0, duplication: 0, reordering: 0, ..self.config };
    }

    pub(super) fn is_cut(&self, from: Endpoint, to: Endpoint) -> bool {
        self.cut.contains(&(from, to))
    }

    /// When a message sent now arrives: never, once or twice.
    pub(super) fn arrivals(
        &mut self,
        now: Timestamp,
        from: Endpoint,
        to: Endpoint,
    ) -> impl Iterator<Item = Timestamp> + use<> {
        let link = (from, to);
        let arrives = !self.is_cut(from, to) && !self.rng.chance(self.config.loss);
        let twice = arrives && self.rng.chance(self.config.duplication);
        let first = arrives.then(|| self.arrival(now, link));
        let second = twice.then(|| self.arrival(now, link));
        first.into_iter().chain(second)
    }

    fn arrival(&mut self, now: Timestamp, link: Link) -> Timestamp {
        let NetworkConfig { delay_min_ms, delay_max_ms, .. } = self.config;
        let micros = self.rng.between(delay_min_ms * 1_000, delay_max_ms * 1_000);
        let slow = self.slow_ms.get(&link).copied().unwrap_or(0);
        let delayed = now.plus_millis(slow).micros().saturating_add_unsigned(micros);
        let mut at = Timestamp::from_micros(delayed);
        let last = self.last.entry(link).or_insert(at);
        if self.rng.chance(self.config.reordering) {
            // Late enough that what is sent after it can come before it.
            at = at.plus_millis(i64::try_from(10 * delay_max_ms).unwrap_or(i64::MAX));
        } else {
            at = at.max(*last);
            *last = at;
        }
        at
    }
}
