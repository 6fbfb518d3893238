//! Links that are slow, lose things, say them twice, swap them, or are cut.
//!
//! What is wrong with links is kept as a list of conditions, each of which can end by itself. What
//! they come to for each pair of ends is worked out when the list changes, so that a message costs
//! one look.

use alloc::vec::Vec;
use core::fmt;

use everview_core::{Rng, Timestamp};

use crate::{ClientId, NodeId, ServerId};

/// One end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// A node.
    Node(NodeId),
    /// The lease register.
    Lease,
    /// A client.
    Client(ClientId),
    /// The balancer.
    Balancer,
    /// A server.
    Server(ServerId),
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => node.fmt(f),
            Self::Lease => f.pad("lease"),
            Self::Client(client) => client.fmt(f),
            Self::Balancer => f.pad("balancer"),
            Self::Server(server) => server.fmt(f),
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
    /// How much longer it takes to another region.
    pub region_ms: i64,
    /// How many are lost.
    pub loss: u64,
    /// How many arrive twice.
    pub duplication: u64,
    /// How many may be overtaken by later ones.
    pub reordering: u64,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            delay_min_ms: 1,
            delay_max_ms: 6,
            region_ms: 30,
            loss: 0,
            duplication: 0,
            reordering: 0,
        }
    }
}

/// The link from one node to another, as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkStatus {
    /// Where it leads to.
    pub to: NodeId,
    /// Whether nothing arrives.
    pub is_cut: bool,
    /// The shortest time a message takes, in milliseconds.
    pub delay_ms: i64,
    /// Of a million messages, how many are lost.
    pub loss: u64,
}

/// Which links something is wrong with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    /// The one from one end to the other.
    OneWay(Endpoint, Endpoint),
    /// Those between these ends and all others but clients and the balancer.
    Around(Vec<Endpoint>),
}

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Cut,
    Slow(i64),
    /// Out of a million messages.
    Lossy(u64),
    /// Out of a million messages.
    Duplicating(u64),
    /// Out of a million messages.
    Reordering(u64),
}

/// A name for a condition, to end it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Condition(u64);

/// What all conditions come to for a link.
#[derive(Debug, Clone)]
struct Link {
    /// A link draws for itself, so that what happens on one changes nothing on the others.
    rng: Rng,
    is_cut: bool,
    slow_ms: i64,
    loss: u64,
    duplication: u64,
    reordering: u64,
    /// When the last message on it arrives, so that the next does not overtake it.
    last: Timestamp,
}

/// The links between all endpoints.
#[derive(Debug)]
pub(super) struct Network {
    config: NetworkConfig,
    seed: u64,
    ends: Ends,
    conditions: Vec<(Condition, Which, Trouble)>,
    begun: u64,
    links: Vec<Link>,
}

/// Who is connected: nodes, the register, clients, and if there are servers, the balancer and they, in
/// this order.
#[derive(Debug)]
struct Ends {
    /// The region of each node.
    regions: Vec<u8>,
    clients: usize,
    /// The region of each server.
    servers: Vec<u8>,
}

impl Ends {
    fn len(&self) -> usize {
        let tier = if self.servers.is_empty() { 0 } else { 1 + self.servers.len() };
        self.balancer() + tier
    }

    const fn balancer(&self) -> usize {
        self.regions.len() + 1 + self.clients
    }

    fn index(&self, end: Endpoint) -> usize {
        match end {
            Endpoint::Node(id) => usize::from(id.get()).min(self.regions.len() - 1),
            Endpoint::Lease => self.regions.len(),
            Endpoint::Client(ClientId(number)) => {
                let number = usize::try_from(number).unwrap_or(usize::MAX);
                self.regions.len() + 1 + number.min(self.clients.saturating_sub(1))
            }
            Endpoint::Balancer => self.balancer().min(self.len() - 1),
            Endpoint::Server(id) => {
                (self.balancer() + 1 + usize::from(id.get())).min(self.len() - 1)
            }
        }
    }

    /// The region of a node or a server; all others are near to everybody.
    fn region(&self, index: usize) -> Option<u8> {
        let server = || self.servers.get(index.checked_sub(self.balancer() + 1)?);
        self.regions.get(index).or_else(server).copied()
    }

    /// All but the clients and the balancer.
    fn inner(&self) -> impl Iterator<Item = usize> + Clone {
        (0..=self.regions.len()).chain(self.balancer() + 1..self.len())
    }
}

impl Network {
    /// Links between nodes in these regions, the register, so many clients, and servers in these regions.
    pub(super) fn new(
        config: NetworkConfig,
        regions: Vec<u8>,
        clients: usize,
        servers: Vec<u8>,
        seed: u64,
    ) -> Self {
        let ends = Ends { regions, clients, servers };
        let mut network =
            Self { config, seed, ends, conditions: Vec::new(), begun: 0, links: Vec::new() };
        network.work_out();
        network
    }

    /// Something is wrong with some links from now on.
    pub(super) fn begin(&mut self, which: Which, trouble: Trouble) -> Condition {
        self.begun += 1;
        let condition = Condition(self.begun);
        self.conditions.push((condition, which, trouble));
        self.work_out();
        condition
    }

    /// It is over; whether it was not already.
    pub(super) fn end(&mut self, condition: Condition) -> bool {
        let before = self.conditions.len();
        self.conditions.retain(|(one, ..)| *one != condition);
        self.work_out();
        self.conditions.len() < before
    }

    /// Mends all links.
    pub(super) fn heal(&mut self) {
        self.conditions.clear();
        self.work_out();
    }

    /// From now on every message arrives once and in order, unless something is wrong with its link.
    pub(super) fn calm(&mut self) {
        self.config = NetworkConfig { loss: 0, duplication: 0, reordering: 0, ..self.config };
        self.work_out();
    }

    /// Whether nothing can be lost, doubled, swapped or held up.
    pub(super) fn is_quiet(&self) -> bool {
        let NetworkConfig { loss, duplication, reordering, .. } = self.config;
        self.conditions.is_empty() && loss + duplication + reordering == 0
    }

    /// Moves all that is remembered of time by so much.
    pub(super) fn shift(&mut self, millis: i64) {
        for link in &mut self.links {
            link.last = link.last.plus_millis(millis);
        }
    }

    /// Works out what the conditions come to.
    fn work_out(&mut self) {
        let NetworkConfig { loss, duplication, reordering, region_ms, .. } = self.config;
        let count = self.ends.len();
        let before = core::mem::take(&mut self.links);
        let link = |index: usize| {
            let (from, to) = (self.ends.region(index / count), self.ends.region(index % count));
            let is_far = from.zip(to).is_some_and(|(from, to)| from != to);
            let slow_ms = if is_far { region_ms } else { 0 };
            let (rng, last) = before.get(index).map_or_else(
                || (Rng::new(self.seed ^ (index as u64) << 32).fork(), Timestamp::MIN),
                |link| (link.rng.clone(), link.last),
            );
            Link { rng, is_cut: false, slow_ms, loss, duplication, reordering, last }
        };
        let mut links: Vec<_> = (0..count * count).map(link).collect();
        for (_, which, trouble) in &self.conditions {
            match which {
                Which::OneWay(from, to) => {
                    let index = self.ends.index(*from) * count + self.ends.index(*to);
                    links[index].suffer(*trouble);
                }
                Which::Around(group) => {
                    let inside: Vec<_> = group.iter().map(|end| self.ends.index(*end)).collect();
                    let inner = self.ends.inner();
                    let pairs = inner.clone().flat_map(|a| inner.clone().map(move |b| (a, b)));
                    for (a, b) in pairs {
                        if inside.contains(&a) != inside.contains(&b) {
                            links[a * count + b].suffer(*trouble);
                        }
                    }
                }
            }
        }
        self.links = links;
    }

    /// How the link from one node to another is.
    pub(super) fn status(&self, from: NodeId, to: NodeId) -> LinkStatus {
        let [from, end] = [from, to].map(|id| self.ends.index(Endpoint::Node(id)));
        let link = &self.links[from * self.ends.len() + end];
        let delay_ms = link.slow_ms.saturating_add_unsigned(self.config.delay_min_ms);
        LinkStatus { to, is_cut: link.is_cut, delay_ms, loss: link.loss }
    }

    /// When a message sent now arrives: never, once or twice.
    pub(super) fn arrivals(
        &mut self,
        now: Timestamp,
        from: Endpoint,
        to: Endpoint,
    ) -> (Option<Timestamp>, Option<Timestamp>) {
        let index = self.ends.index(from) * self.ends.len() + self.ends.index(to);
        let NetworkConfig { delay_min_ms, delay_max_ms, .. } = self.config;
        let link = &mut self.links[index];
        let arrives = !link.is_cut && !link.rng.chance(link.loss);
        let twice = arrives && link.rng.chance(link.duplication);
        let first = arrives.then(|| link.arrival(now, (delay_min_ms, delay_max_ms)));
        let second = twice.then(|| link.arrival(now, (delay_min_ms, delay_max_ms)));
        (first, second)
    }
}

impl Link {
    fn arrival(&mut self, now: Timestamp, (shortest_ms, longest_ms): (u64, u64)) -> Timestamp {
        let micros = self.rng.between(shortest_ms * 1_000, longest_ms * 1_000);
        let delayed = now.plus_millis(self.slow_ms).micros().saturating_add_unsigned(micros);
        let at = Timestamp::from_micros(delayed);
        if self.rng.chance(self.reordering) {
            // Late enough that what is sent after it can come before it.
            return at.plus_millis(i64::try_from(10 * longest_ms).unwrap_or(i64::MAX));
        }
        self.last = at.max(self.last);
        self.last
    }

    fn suffer(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::Cut => self.is_cut = true,
            Trouble::Slow(millis) => self.slow_ms = self.slow_ms.saturating_add(millis),
            Trouble::Lossy(chance) => self.loss = self.loss.max(chance),
            Trouble::Duplicating(chance) => self.duplication = self.duplication.max(chance),
            Trouble::Reordering(chance) => self.reordering = self.reordering.max(chance),
        }
    }
}
