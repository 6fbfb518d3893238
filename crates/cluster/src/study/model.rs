//! A year of a configuration, from one failure or repair to the next.

use alloc::vec::Vec;

use everview_core::Rng;

use super::region::{Health, Region, Rules};
use super::unit::{Part, Unit};
use super::{Configuration, Replication, Serving, StudyConfig, Year};
use crate::availability::{Tally, micros, narrow};

/// Shares of requests are counted in parts of this.
const ALL: u64 = 1_000_000_000;

const SECOND: u128 = 1_000_000;

/// A year that is under way. Times are microseconds from its beginning.
pub(super) struct Model<'a> {
    study: &'a StudyConfig,
    one: &'a Configuration,
    units: Vec<Unit>,
    regions: Vec<Region>,
    now: i64,
    end: i64,
    year: Year,
    /// Microseconds times parts of the requests that were not served.
    unserved: u128,
    /// Microseconds squared times writes a second squared.
    meetings: u128,
    /// Of each network between regions that is down, since when.
    cut_since: Vec<(Part, i64)>,
}

impl<'a> Model<'a> {
    pub(super) fn new(study: &'a StudyConfig, one: &'a Configuration, seed: u64) -> Self {
        let parts = parts(one).into_iter();
        let mut rng = Rng::new(seed).fork();
        let servers = servers_of(one) * usize::from(one.zones);
        Self {
            study,
            one,
            units: parts.map(|part| Unit::new(part, &study.rates, seed)).collect(),
            regions: (0..one.regions).map(|_| Region::new(servers, rng.fork())).collect(),
            now: 0,
            end: signed(micros(study.objective.period)),
            year: Year { seed, ..Year::default() },
            unserved: 0,
            meetings: 0,
            cut_since: Vec::new(),
        }
    }

    /// Lives through the year.
    pub(super) fn run(mut self) -> Year {
        loop {
            let healths: Vec<_> = (0..self.one.regions).map(|region| self.health(region)).collect();
            self.look(&healths);
            let next = self.next().min(self.end);
            self.pass(next, &healths);
            self.now = next;
            if self.end <= next {
                return self.finish();
            }
            self.turn();
        }
    }

    fn finish(mut self) -> Year {
        let total = self.end.unsigned_abs();
        let bad = narrow(self.unserved.div_ceil(u128::from(ALL))).min(total);
        self.year.time = Tally { good: total - bad, bad };
        let pairs = self.meetings / (SECOND * SECOND);
        self.year.conflicts = narrow(pairs / u128::from(self.study.load.same_row_one_in.max(1)));
        self.year
    }

    /// What can be reached of a region.
    fn health(&self, region: u8) -> Health {
        let is_up = |part: Part| {
            self.units.iter().find(|unit| unit.part == part).is_none_or(|unit| unit.is_up)
        };
        let is_open = is_up(Part::Region { region });
        let zones = 0..self.one.zones;
        let reached = zones.map(|zone| {
            let parts = [Part::Zone { region, zone }, Part::ZoneNetwork { region, zone }];
            (zone, is_open && parts.into_iter().all(is_up))
        });
        let (mut replicas, mut servers) = (Vec::new(), Vec::new());
        for (zone, is_reached) in reached {
            replicas.push(is_reached && is_up(Part::Replica { region, zone }));
            for number in (0..servers_of(self.one)).filter_map(|number| u8::try_from(number).ok()) {
                servers.push(is_reached && is_up(Part::Server { region, zone, number }));
            }
        }
        Health { replicas, servers, is_sound: is_up(Part::Release { region }) }
    }

    fn look(&mut self, healths: &[Health]) {
        let rules = Rules {
            quorum: self.one.quorum(),
            has_servers: self.one.serving != Serving::Leader,
            recovery: &self.study.recovery,
        };
        let load = self.study.load;
        let writes = u128::from(load.writes_per_second) / self.regions.len().max(1) as u128;
        for (region, health) in self.regions.iter_mut().zip(healths) {
            let happened = region.look(self.now, health, rules);
            self.year.failovers.extend(happened.recovered);
            if happened.by_another && self.one.replication == Replication::Asynchronous {
                let lag = u128::from(micros(load.replication_lag));
                self.year.writes_lost += narrow(writes * lag / SECOND);
            }
        }
    }

    fn reroute_after(&self) -> i64 {
        let only_one = self.regions.len() == 1;
        if only_one { i64::MAX } else { signed(micros(self.study.load.reroute_after)) }
    }

    fn next(&self) -> i64 {
        let units = self.units.iter().map(|unit| unit.next);
        let regions = self.regions.iter().map(|region| region.next(self.now, self.reroute_after()));
        units.chain(regions).min().unwrap_or(i64::MAX)
    }

    /// Fails and repairs what is due.
    fn turn(&mut self) {
        let now = self.now;
        for unit in self.units.iter_mut().filter(|unit| unit.next <= now) {
            unit.turn(now);
            match unit.part {
                Part::RegionNetwork { .. } if unit.is_up => {
                    self.cut_since.retain(|(part, _)| *part != unit.part);
                }
                Part::RegionNetwork { .. } => self.cut_since.push((unit.part, now)),
                // What was acknowledged a moment ago has not left the region.
                Part::Region { .. } if !unit.is_up && self.regions.len() > 1 => {
                    let load = self.study.load;
                    let writes = u128::from(load.writes_per_second) / self.regions.len() as u128;
                    let late = writes * u128::from(micros(load.exchange_lag)) / SECOND;
                    self.year.writes_late += narrow(late);
                }
                _ => {}
            }
        }
    }

    /// Lets the time until `next` pass, in which nothing changes.
    fn pass(&mut self, next: i64, healths: &[Health]) {
        let length = (next - self.now).unsigned_abs();
        let is_open = |region: &Region| !region.is_avoided(self.now, self.reroute_after());
        let all = || self.regions.iter().zip(healths);
        let mut open: Vec<_> = all().filter(|(region, _)| is_open(region)).collect();
        if open.is_empty() {
            open = all().collect();
        }
        let count = open.len() as u64;
        let served = open.iter().map(|(region, health)| self.served(region, health, count));
        let served = served.sum::<u64>() / count;
        let used: u64 = open.iter().map(|(region, health)| self.used(region, health)).sum();
        let numbered = (0..self.one.regions).zip(&self.regions);
        let writes = |(_, region): &(u8, &Region)| region.is_led() && is_open(region);
        let writing: Vec<u8> = numbered.filter(writes).map(|(number, _)| number).collect();
        let met = self.meetings_until(next, &writing) / u128::from(count * count);

        let paid = u64::from(self.one.machines());
        self.unserved += u128::from(ALL - served) * u128::from(length);
        self.year.machines.good += used * length;
        self.year.machines.bad += (paid - used.min(paid)) * length;
        self.meetings = self.meetings.saturating_add(met);
    }

    /// The share of its requests that a region serves, when the load is spread over `count`.
    fn served(&self, region: &Region, health: &Health, count: u64) -> u64 {
        let leads = if region.is_led() { ALL } else { 0 };
        if !health.is_sound {
            return 0;
        }
        let Serving::Servers { needed, .. } = self.one.serving else {
            return leads;
        };
        let (tried, answering) = region.servers(self.now, health);
        let reached = (ALL * answering).checked_div(tried).unwrap_or(0);
        let carried = (ALL * answering * count / u64::from(needed.max(1))).min(ALL);
        let reads = u64::from(self.study.load.reads_percent.min(100));
        let possible = (reads * ALL + (100 - reads) * leads) / 100;
        let part =
            |share: u64, of: u64| narrow(u128::from(share) * u128::from(of) / u128::from(ALL));
        part(part(reached, carried), possible)
    }

    /// How many machines of a region answer requests.
    fn used(&self, region: &Region, health: &Health) -> u64 {
        u64::from(region.is_led()) + region.servers(self.now, health).1
    }

    /// The pairs of writes in two of these regions that do not know of each other, of those until
    /// `next` and as if each region had all writes: in microseconds squared times writes a second
    /// squared.
    fn meetings_until(&self, next: i64, writing: &[u8]) -> u128 {
        let length = u128::from((next - self.now).unsigned_abs());
        let square = |from: i64, to: i64| u128::from((to - from).unsigned_abs()).pow(2);
        let lag = u128::from(micros(self.study.load.exchange_lag));
        let cut_since = |one: u8, other: u8| {
            let network = Part::RegionNetwork { one, other };
            self.cut_since.iter().find(|(part, _)| *part == network).map(|(_, since)| *since)
        };
        let mut met: u128 = 0;
        for (place, &other) in writing.iter().enumerate() {
            for &one in &writing[..place] {
                met += match cut_since(one, other) {
                    None => 2 * lag * length,
                    // Every write in one region meets all in the other since then.
                    Some(since) => square(since, next) - square(since, self.now),
                };
            }
        }
        let writes = u128::from(self.study.load.writes_per_second);
        met.saturating_mul(writes * writes)
    }
}

fn servers_of(one: &Configuration) -> usize {
    match one.serving {
        Serving::Leader => 0,
        Serving::Servers { per_zone, .. } => usize::from(per_zone),
    }
}

/// All parts of a configuration that can fail.
fn parts(one: &Configuration) -> Vec<Part> {
    let mut parts = Vec::new();
    for region in 0..one.regions {
        parts.extend([Part::Region { region }, Part::Release { region }]);
        parts.extend((0..region).map(|other| Part::RegionNetwork { one: other, other: region }));
        for zone in 0..one.zones {
            parts.push(Part::Zone { region, zone });
            parts.push(Part::ZoneNetwork { region, zone });
            parts.push(Part::Replica { region, zone });
            let numbers = (0..servers_of(one)).filter_map(|number| u8::try_from(number).ok());
            parts.extend(numbers.map(|number| Part::Server { region, zone, number }));
        }
    }
    parts
}

fn signed(micros: u64) -> i64 {
    i64::try_from(micros).unwrap_or(i64::MAX)
}
