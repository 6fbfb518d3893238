//! What is built, and what is asked of it.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

/// A design: how many machines, where, and what they do.
///
/// Each region has a log of its own, with a replica in each of its zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// What it is called.
    pub name: String,
    /// How many regions take requests; from 1 to 8.
    pub regions: u8,
    /// How many zones a region has; from 1 to 9.
    pub zones: u8,
    /// Which machines answer requests.
    pub serving: Serving,
    /// How a region's log is replicated.
    pub replication: Replication,
}

/// Which machines answer requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serving {
    /// The leader of the log, which carries the whole load: active-passive.
    Leader,
    /// Servers beside the replicas of the log, all of them: active-active.
    Servers {
        /// How many there are in each zone; from 1 to 99.
        per_zone: u8,
        /// How many of all are needed to carry the whole load, in whichever region they are.
        needed: u16,
    },
}

/// How a log is replicated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replication {
    /// A write is acknowledged when more than half of the replicas have it. None is lost, and
    /// without so many there are no writes.
    Quorum,
    /// A write is acknowledged when the leader has it; the others follow behind. One replica is
    /// enough to go on, without what it did not have yet.
    Asynchronous,
}

/// What clients do, and what takes time beside failovers. The defaults are assumptions: every installation
/// should put in its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Acknowledged writes a second.
    pub writes_per_second: u32,
    /// How many of a hundred requests only read. Servers answer them without the leader.
    pub reads_percent: u8,
    /// How far asynchronous replicas are behind.
    pub replication_lag: Duration,
    /// How long an event takes from one region to another.
    pub exchange_lag: Duration,
    /// Of two writes chosen at random, one pair in so many is to the same row.
    pub same_row_one_in: u64,
    /// How long a region takes no writes before its clients are sent to another.
    pub reroute_after: Duration,
}

impl Default for Load {
    /// 100 writes a second, 80 % reads; a second and 50 ms behind; one pair in a million; 90
    /// seconds: three health checks of 10 s and a minute that names are kept for.
    fn default() -> Self {
        Self {
            writes_per_second: 100,
            reads_percent: 80,
            replication_lag: Duration::from_secs(1),
            exchange_lag: Duration::from_millis(50),
            same_row_one_in: 1_000_000,
            reroute_after: Duration::from_secs(90),
        }
    }
}

/// A configuration that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration `{name}`: expected {expected}, found {found}")]
pub struct ConfigurationError {
    /// Its name.
    pub name: String,
    /// What was expected.
    pub expected: &'static str,
    /// What was found.
    pub found: u64,
}

impl Configuration {
    /// The four that are compared unless others are asked for.
    pub fn standard() -> Vec<Self> {
        let one = |name: &str, zones, serving, replication| Self {
            name: name.into(),
            regions: 1,
            zones,
            serving,
            replication,
        };
        let servers = |needed| Serving::Servers { per_zone: 1, needed };
        vec![
            one("active-passive", 3, Serving::Leader, Replication::Quorum),
            one("active-passive, asynchronous", 2, Serving::Leader, Replication::Asynchronous),
            one("active-active", 3, servers(2), Replication::Quorum),
            Self { regions: 2, ..one("multi-region", 3, servers(3), Replication::Quorum) },
        ]
    }

    /// How many machines are paid for.
    pub fn machines(&self) -> u32 {
        let in_zone = match self.serving {
            Serving::Leader => 1,
            Serving::Servers { per_zone, .. } => 1 + u32::from(per_zone),
        };
        u32::from(self.regions) * u32::from(self.zones) * in_zone
    }

    /// How many replicas it takes to acknowledge a write.
    pub(super) fn quorum(&self) -> usize {
        match self.replication {
            Replication::Quorum => usize::from(self.zones) / 2 + 1,
            Replication::Asynchronous => 1,
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigurationError> {
        let (per_zone, needed) = match self.serving {
            Serving::Leader => (1, 1),
            Serving::Servers { per_zone, needed } => (per_zone, needed),
        };
        let checks = [
            ((1..=8).contains(&self.regions), "1 to 8 regions", u64::from(self.regions)),
            ((1..=9).contains(&self.zones), "1 to 9 zones", u64::from(self.zones)),
            ((1..=99).contains(&per_zone), "1 to 99 servers in a zone", u64::from(per_zone)),
            (0 < needed, "to need at least 1 server", u64::from(needed)),
        ];
        match checks.into_iter().find(|(holds, ..)| !holds) {
            Some((_, expected, found)) => {
                Err(ConfigurationError { name: self.name.clone(), expected, found })
            }
            None => Ok(()),
        }
    }
}
