//! How long it takes to go on after a failure, as the simulator's state machines had it.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use everview_core::command::CommandBus;
use everview_core::{Rng, Timestamp};

use crate::balance::Standing;
use crate::sim::{Failover, Fault, Phase, SimConfig, Simulation, Target, Violation, bank};
use crate::{Place, ServerId, Ticket};

/// The microseconds of the phases of a failover.
pub(super) type Phases = [i64; Phase::ALL.len()];

/// Failures to draw from, each with how long it took to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    failovers: Arc<[Phases]>,
    behind_servers: Arc<[Phases]>,
    missed: Arc<[i64]>,
}

/// When something fails at the earliest, in milliseconds: then there is a leader, and all follow it.
const BEGUN_MS: i64 = 3_000;

/// How long the simulator is given for a failure, and for what comes after it.
const SETTLE_MS: i64 = 6_000;

/// How often a client behind servers asks for something, and it is looked what came of it.
const LOOK_MS: i64 = 20;

impl Recovery {
    /// What comes of so many failures of each kind in the simulator, with its default timing and links:
    /// three nodes in three zones whose leader is killed at a random moment, the same with three servers
    /// that decide what a client asks for all the time, and one of these servers that is killed. One of
    /// each is made at least.
    ///
    /// # Errors
    ///
    /// If the simulator finds a promise broken: then there is nothing to be studied.
    pub fn measured(seed: u64, failures: u32) -> Result<Self, Violation> {
        let mut measuring = Measuring::new(seed, failures);
        while measuring.step()? {}
        Ok(measuring.finish())
    }

    /// The phases of these failovers, behind servers too, where a server that died is missed as soon as a
    /// leader; none if none of them has ended.
    pub fn of(failovers: &[Failover]) -> Option<Self> {
        let failovers = complete(failovers)?;
        let missed = failovers.iter().map(|phases| phases[Phase::Detect as usize]).collect();
        Some(Self { behind_servers: failovers.clone(), failovers, missed })
    }

    /// The microseconds of the phases of each failover where clients send to the leader, in the order of
    /// [`Phase::ALL`].
    pub fn phases(&self) -> &[Phases] {
        &self.failovers
    }

    /// The same where clients send to servers. The last phase ends when the first thing that was asked
    /// for after the failure is decided.
    pub fn phases_behind_servers(&self) -> &[Phases] {
        &self.behind_servers
    }

    /// For how many microseconds each server that died was still sent to.
    pub fn missed(&self) -> &[i64] {
        &self.missed
    }

    /// A failover, where clients send to servers or not.
    pub(super) fn draw(&self, has_servers: bool, rng: &mut Rng) -> Phases {
        draw(if has_servers { &self.behind_servers } else { &self.failovers }, rng)
    }

    /// How long a server that died is still sent to.
    pub(super) fn draw_missed(&self, rng: &mut Rng) -> i64 {
        draw(&self.missed, rng)
    }
}

/// What comes of failures in the simulator, one of each kind at a time: see [`Recovery::measured`].
///
/// ```
/// use everview_cluster::study::{Measuring, Recovery};
///
/// let mut measuring = Measuring::new(1, 2);
/// while measuring.step()? {}
/// assert_eq!(measuring.finish(), Recovery::measured(1, 2)?);
/// # Ok::<(), everview_cluster::sim::Violation>(())
/// ```
#[derive(Debug, Clone)]
pub struct Measuring {
    rng: Rng,
    /// Drawn apart, so that failovers without servers are the same whatever is measured beside them.
    tier: Rng,
    left: u32,
    failovers: Vec<Failover>,
    behind_servers: Vec<Phases>,
    missed: Vec<i64>,
}

impl Measuring {
    /// So many of each kind are to come, and one at least.
    pub fn new(seed: u64, failures: u32) -> Self {
        Self {
            rng: Rng::new(seed),
            tier: Rng::new(!seed),
            left: failures.max(1),
            failovers: Vec::new(),
            behind_servers: Vec::new(),
            missed: Vec::new(),
        }
    }

    /// Lets the next one of each kind happen, unless all have; whether there are more.
    ///
    /// # Errors
    ///
    /// If the simulator finds a promise broken.
    pub fn step(&mut self) -> Result<bool, Violation> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(false) };
        self.left = left;
        let random = |rng: &mut Rng, below: u64| i64::try_from(rng.below(below)).unwrap_or(0);
        let config = SimConfig { seed: self.rng.next_u64(), ..SimConfig::default() };
        let moment = BEGUN_MS + random(&mut self.rng, 1_000);
        self.failovers.extend(failovers(config, moment)?);

        let mut tier = Tier::new(self.tier.next_u64());
        let server = ServerId::new(u8::try_from(self.tier.below(3)).unwrap_or(0));
        tier.advance(BEGUN_MS + random(&mut self.tier, 1_000))?;
        self.missed.extend(tier.lose_server(server)?);
        tier.advance(BEGUN_MS + SETTLE_MS + random(&mut self.tier, 1_000))?;
        self.behind_servers.extend(tier.lose_leader()?);
        Ok(0 < left)
    }

    /// What came of those that have happened.
    pub fn finish(self) -> Recovery {
        let none = || [[0; Phase::ALL.len()]].into();
        let Self { behind_servers, missed, .. } = self;
        Recovery {
            failovers: complete(&self.failovers).unwrap_or_else(none),
            behind_servers: if behind_servers.is_empty() { none() } else { behind_servers.into() },
            missed: if missed.is_empty() { [0].into() } else { missed.into() },
        }
    }
}

fn draw<T: Copy + Default>(all: &[T], rng: &mut Rng) -> T {
    let place = usize::try_from(rng.below(all.len() as u64)).unwrap_or(0);
    all.get(place).copied().unwrap_or_default()
}

/// The phases of those that have ended, if any has.
fn complete(failovers: &[Failover]) -> Option<Arc<[Phases]>> {
    let phases = |failover: &Failover| {
        let mut micros = [0; Phase::ALL.len()];
        let mut ended = 0;
        for ((_, took), place) in failover.phases().zip(&mut micros) {
            *place = took;
            ended += 1;
        }
        (ended == Phase::ALL.len()).then_some(micros)
    };
    let found: Arc<[_]> = failovers.iter().filter_map(phases).collect();
    (!found.is_empty()).then_some(found)
}

/// What comes of killing the leader at a moment, where clients follow it.
fn failovers(config: SimConfig, moment: i64) -> Result<Vec<Failover>, Violation> {
    let mut simulation = Simulation::new(config, |_| None, CommandBus::new);
    simulation.advance(Timestamp::from_millis(moment))?;
    if let Some(leader) = simulation.status().leader {
        simulation.inject(Fault::Kill(leader.into()))?;
    }
    simulation.advance(Timestamp::from_millis(moment + SETTLE_MS))?;
    Ok(simulation.failovers())
}

/// Servers before the nodes, and a client that asks them for something all the time.
struct Tier {
    simulation: Simulation,
    /// What was asked for since the last failure.
    asked: Vec<Ticket>,
    count: i64,
}

impl Tier {
    fn new(seed: u64) -> Self {
        let servers = [1, 2, 3].map(|zone| Place::new(1, zone)).into();
        let config = SimConfig { seed, servers, ..SimConfig::default() };
        let simulation = Simulation::new(config, |_| None, bank::bus);
        Self { simulation, asked: Vec::new(), count: 0 }
    }

    /// Asks for something, and lets a little time pass.
    fn look(&mut self) -> Result<(), Violation> {
        self.count += 1;
        let account = format!("account-{}", self.count % 16);
        self.asked.push(self.simulation.submit(bank::pay(account, self.count)));
        self.simulation.advance(self.simulation.now().plus_millis(LOOK_MS))
    }

    fn advance(&mut self, to_ms: i64) -> Result<(), Violation> {
        while self.simulation.now() < Timestamp::from_millis(to_ms) {
            self.look()?;
        }
        Ok(())
    }

    /// Kills a server until the balancer sends it nothing more; after how many microseconds that was.
    fn lose_server(&mut self, server: ServerId) -> Result<Option<i64>, Violation> {
        let from = self.simulation.now();
        self.simulation.inject(Fault::Kill(Target::Server(server)))?;
        let until = from.plus_millis(SETTLE_MS);
        let mut took = None;
        while took.is_none() && self.simulation.now() < until {
            self.look()?;
            let status = self.simulation.status();
            let is_sent_to = status.servers.iter().any(|one| {
                let sent =
                    matches!(one.target.standing, Standing::Serving | Standing::WarmingUp { .. });
                one.target.target.server == server && sent
            });
            took = (!is_sent_to).then(|| self.simulation.now().micros() - from.micros());
        }
        self.simulation.inject(Fault::Restart(Target::Server(server)))?;
        Ok(took)
    }

    /// Kills the leader; the phases until something that was asked for afterwards is decided.
    fn lose_leader(&mut self) -> Result<Option<Phases>, Violation> {
        let Some(leader) = self.simulation.status().leader else { return Ok(None) };
        self.simulation.inject(Fault::Kill(leader.into()))?;
        self.asked.clear();
        let until = self.simulation.now().plus_millis(SETTLE_MS);
        while self.simulation.now() < until {
            self.look()?;
            if self.asked.iter().any(|ticket| self.simulation.decided(*ticket).is_some()) {
                break;
            }
        }
        let last = self.simulation.failovers().pop();
        Ok(last.and_then(|failover| phases_until(&failover, self.simulation.now())))
    }
}

/// The phases of a failover whose last one ends at a moment; none if it had not come so far.
fn phases_until(failover: &Failover, end: Timestamp) -> Option<Phases> {
    let mut failover = *failover;
    let led = failover.ends[Phase::CatchUp as usize]?;
    failover.ends[Phase::Reroute as usize] = Some(end.max(led));
    complete(&[failover])?.first().copied()
}
