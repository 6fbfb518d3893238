//! A script out of a seed.

use alloc::vec::Vec;

use everview_core::{Rng, Timestamp};

use super::super::script::{Action, Edits, Payments, Step, Work};
use super::super::{Balance, Fault, NetworkConfig, Script, SimConfig, Target};
use crate::balance::Strategy;
use crate::{
    ClientId, Detection, NodeId, Phi, Place, Region, Replication, Serve, ServerId, Timing, Zone,
};

const NODES: u8 = 5;
/// When faults begin and end, and how long everybody then has to get over them.
const CALM_MS: u64 = 1_000;
const CHAOS_MS: u64 = 60_000;
const PEACE_MS: u64 = 7_000;
/// How long after a fault the next one comes, on average.
const PAUSE_MS: u64 = 450;

/// As fast as links allow, so that leaders come and go.
const FAST: Timing = Timing {
    heartbeat_ms: 100,
    suspicion_ms: 400,
    detection: Detection::Phi(Phi::usual(100)),
    lease_ms: 600,
    drift_ms: 60,
};

/// One seed in so many is of regions with a log each, and one of servers beside the nodes.
const REGIONAL: u64 = 5;

/// What is drawn apart from all else, so that a seed's script is otherwise as it would be without.
const RETAINS: u64 = 0x7265_7461_696e;

/// How many commands a server can carry at once that is soon too busy.
const LITTLE: u32 = 12;

pub(super) fn script(seed: u64) -> Script {
    let mut rng = Rng::new(seed);
    if seed % REGIONAL == REGIONAL - 1 {
        return regional(seed, &mut rng);
    }
    let mut config = config(seed, &mut rng);
    if seed % REGIONAL == REGIONAL - 2 {
        add_servers(&mut config, &mut rng);
    }
    config.retain = retain(seed);
    let mut dice = Dice { rng, config: &config, destroyed: 0 };
    let steps = dice.steps();
    let payments = Payments {
        every_ms: dice.rng.between(60, 200),
        accounts: dice.rng.between(10, 200),
        until: millis(CHAOS_MS + 1_000),
    };
    // Servers that can carry little take a while for what was not done before.
    let overload_ms = if config.balance.capacity == LITTLE { PEACE_MS } else { 0 };
    let until = millis(CHAOS_MS + PEACE_MS + overload_ms);
    Script { about: Vec::new(), work: Work::Payments(payments), steps, until, config }
}

/// Two to five regions that all take writes, with the same faults.
fn regional(seed: u64, rng: &mut Rng) -> Script {
    let places = (1..=u8::try_from(rng.between(2, 5)).unwrap_or(2)).map(|at| Place::new(at, at));
    let config = SimConfig { places: places.collect(), clients: 1, batch: 16, ..config(seed, rng) };
    let edits = Edits {
        every_ms: rng.between(60, 200),
        rows: rng.between(3, 40),
        until: millis(CHAOS_MS + 1_000),
    };
    let steps = Dice { rng: rng.fork(), config: &config, destroyed: 0 }.steps();
    let until = millis(CHAOS_MS + PEACE_MS);
    Script { about: Vec::new(), work: Work::Regions(Some(edits)), steps, until, config }
}

fn config(seed: u64, rng: &mut Rng) -> SimConfig {
    let network = NetworkConfig {
        delay_min_ms: 1,
        delay_max_ms: rng.between(2, 12),
        region_ms: signed(rng.between(5, 40)),
        loss: rng.below(20_000),
        duplication: rng.below(20_000),
        reordering: rng.below(20_000),
    };
    let places = if rng.chance(500_000) { one_region() } else { three_regions() };
    let replication = match rng.below(10) {
        0..=5 => Replication::Quorum,
        6 | 7 => Replication::Synchronous,
        _ => Replication::Asynchronous,
    };
    SimConfig {
        seed,
        places: places.into(),
        clients: 2,
        timing: timing(rng),
        network,
        replication,
        serve: if rng.chance(500_000) { Serve::Committed } else { Serve::Appended },
        batch: [1, 2, 8, 64][usize::try_from(rng.below(4)).unwrap_or(0)],
        ..SimConfig::default()
    }
}

/// Of some clusters, how few events it sends its clients.
fn retain(seed: u64) -> Option<u64> {
    let mut rng = Rng::new(seed ^ RETAINS);
    rng.chance(400_000).then(|| [1, 4, 8, 16][usize::try_from(rng.below(4)).unwrap_or(0)])
}

/// Two to four servers, where nodes are; rarely ones that can carry little.
fn add_servers(config: &mut SimConfig, rng: &mut Rng) {
    let count = rng.between(2, 4);
    let nodes = config.places.len() as u64;
    let place = |_| config.places.get(usize::try_from(rng.below(nodes)).ok()?).copied();
    config.servers = (0..count).filter_map(place).collect();
    let strategy = usize::try_from(rng.below(4)).unwrap_or(0);
    let capacity = if rng.chance(300_000) { LITTLE } else { 50 };
    config.balance = Balance { strategy: Strategy::ALL[strategy], capacity };
}

fn timing(rng: &mut Rng) -> Timing {
    let timing = if rng.chance(500_000) { FAST } else { Timing::default() };
    if rng.chance(500_000) { Timing { detection: Detection::Deadline, ..timing } } else { timing }
}

fn one_region() -> [Place; NODES as usize] {
    [1, 1, 2, 2, 3].map(|zone| Place::new(1, zone))
}

fn three_regions() -> [Place; NODES as usize] {
    [(1, 1), (1, 2), (2, 3), (2, 4), (3, 5)].map(|(region, zone)| Place::new(region, zone))
}

/// What decides which faults come.
struct Dice<'a> {
    rng: Rng,
    config: &'a SimConfig,
    destroyed: u8,
}

impl Dice<'_> {
    /// Faults all the time, and then everything is mended.
    fn steps(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = CALM_MS;
        loop {
            at += self.rng.between(0, 2 * PAUSE_MS);
            if CHAOS_MS <= at {
                break;
            }
            steps.push(self.step(at));
        }
        let mend = Action::Fault(Fault::Mend);
        steps.push(Step { at: millis(CHAOS_MS), action: mend, for_ms: None });
        steps
    }

    fn step(&mut self, at: u64) -> Step {
        let fault = if self.hits_servers() { self.fault_of_servers() } else { self.fault() };
        let lasts = match fault {
            Fault::Destroy(_) | Fault::Skew(..) | Fault::HandOver(_) | Fault::Weigh(..) => None,
            _ if self.rng.chance(150_000) => Some(self.rng.between(1_500, 5_000)),
            _ => Some(self.rng.between(50, 1_500)),
        };
        Step { at: millis(at), action: Action::Fault(fault), for_ms: lasts.map(signed) }
    }

    fn fault(&mut self) -> Fault {
        let hit = self.hit();
        match self.rng.below(100) {
            0..=8 => Fault::Kill(hit),
            9..=15 => Fault::PowerLoss(hit),
            16..=21 => Fault::TornWrite(hit),
            22..=24 => Fault::StoreLoss(hit),
            25..=33 => Fault::Freeze(hit),
            34..=39 => Fault::Isolate(hit),
            40..=45 => self.partition(),
            46..=54 => Fault::Cut(hit, self.end()),
            55..=60 => Fault::Cut(self.end(), hit),
            61..=66 => Fault::Slow(self.end(), self.end(), self.slowness()),
            67..=70 => Fault::Lossy(self.end(), self.end(), self.rng.between(100_000, 900_000)),
            71..=74 => {
                Fault::Duplicating(self.end(), self.end(), self.rng.between(100_000, 900_000))
            }
            75..=78 => {
                Fault::Reordering(self.end(), self.end(), self.rng.between(100_000, 900_000))
            }
            79..=82 => Fault::Skew(hit, signed(self.rng.between(0, 3_000)) - 1_500),
            83..=86 => Fault::Drift(hit, signed(self.rng.between(0, 600_000)) - 300_000),
            87..=93 => Fault::StallDisk(hit),
            94..=95 => Fault::HandOver(self.node()),
            96 => Fault::ZoneOutage(self.place().zone),
            97 => Fault::RegionOutage(self.place().region),
            _ => self.destruction(hit),
        }
    }

    fn hits_servers(&mut self) -> bool {
        !self.config.servers.is_empty() && self.rng.chance(350_000)
    }

    fn fault_of_servers(&mut self) -> Fault {
        let id = self.server();
        let hit = Target::Server(id);
        let to = if self.rng.chance(600_000) { Target::Balancer } else { self.end() };
        match self.rng.below(100) {
            0..=19 => Fault::Kill(hit),
            20..=39 => Fault::Freeze(hit),
            40..=49 => Fault::Isolate(hit),
            50..=57 => Fault::Cut(hit, to),
            58..=65 => Fault::Cut(to, hit),
            66..=75 => Fault::Slow(hit, to, self.slowness()),
            76..=81 => Fault::Lossy(hit, to, self.rng.between(100_000, 900_000)),
            82..=85 => Fault::Duplicating(to, hit, self.rng.between(100_000, 900_000)),
            86..=95 => Fault::Drain(id),
            _ => Fault::Weigh(id, u8::try_from(self.rng.between(1, 4)).unwrap_or(1)),
        }
    }

    fn server(&mut self) -> ServerId {
        let servers = self.config.servers.len() as u64;
        ServerId::new(u8::try_from(self.rng.below(servers)).unwrap_or(0))
    }

    /// One of five may be gone for ever, if the others can go on without it.
    fn destruction(&mut self, hit: Target) -> Fault {
        let can = self.destroyed == 0 && self.config.replication != Replication::Synchronous;
        if can && self.rng.chance(200_000) {
            self.destroyed += 1;
            return Fault::Destroy(hit);
        }
        Fault::Kill(hit)
    }

    /// Rarely so long that a message of one term arrives in another.
    fn slowness(&mut self) -> i64 {
        let longest = if self.rng.chance(200_000) { 6_000 } else { 600 };
        signed(self.rng.between(longest / 60, longest))
    }

    /// Often the leader is hit.
    fn hit(&mut self) -> Target {
        if self.rng.chance(450_000) { Target::Leader } else { Target::Node(self.node()) }
    }

    fn node(&mut self) -> NodeId {
        let nodes = self.config.places.len() as u64;
        NodeId::new(u8::try_from(self.rng.below(nodes)).unwrap_or(0))
    }

    fn place(&mut self) -> Place {
        let node = self.node();
        let place = self.config.places.get(usize::from(node.get()));
        place.copied().unwrap_or(Place { region: Region::new(1), zone: Zone::new(1) })
    }

    fn end(&mut self) -> Target {
        match self.rng.below(7) {
            0 => Target::Lease,
            1 => Target::Client(ClientId(self.rng.below(2))),
            2 => Target::Leader,
            _ => Target::Node(self.node()),
        }
    }

    /// Some of the nodes, and not all.
    fn partition(&mut self) -> Fault {
        let nodes = u8::try_from(self.config.places.len()).unwrap_or(NODES);
        let bits = self.rng.between(1, (1 << nodes) - 2);
        Fault::Partition((0..nodes).filter(|id| bits >> id & 1 == 1).map(NodeId::new).collect())
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn millis(number: u64) -> Timestamp {
    Timestamp::from_millis(signed(number))
}
