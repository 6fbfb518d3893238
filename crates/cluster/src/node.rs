//! Who the nodes are and what part each of them plays.

use core::fmt;

use crate::Detection;

/// A node of a cluster. Shown as a letter: `A`, `B`, …
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u8);

impl NodeId {
    /// The node with this number, from 0.
    pub const fn new(number: u8) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            number @ 0..26 => f.pad(char::from(b'A' + number).encode_utf8(&mut [0; 4])),
            number => write!(f, "N{number}"),
        }
    }
}

/// A server beside the nodes, which decides commands and has no log of its own. Shown as `S1`, `S2`, …
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(u8);

impl ServerId {
    /// The server with this number, from 0.
    pub const fn new(number: u8) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&alloc::format!("S{}", u16::from(self.0) + 1))
    }
}

/// A part of a site that fails as one: a room, a data centre. Shown as `zone 1`, …
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone(u8);

impl Zone {
    /// The zone with this number, from 1.
    pub const fn new(number: u8) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "zone {}", self.0)
    }
}

/// Zones that fail together when a whole region does; where regions have a log each, the site of one.
/// Shown as `region 1`, …
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(u8);

impl Region {
    /// The region with this number, from 1.
    pub const fn new(number: u8) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "region {}", self.0)
    }
}

/// Where a node is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The region.
    pub region: Region,
    /// The zone, whose number no zone of another region has.
    pub zone: Zone,
}

impl Place {
    /// A zone of a region.
    pub const fn new(region: u8, zone: u8) -> Self {
        Self { region: Region(region), zone: Zone(zone) }
    }
}

/// The part a node plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It accepts commands and sends the events on.
    Leader,
    /// It has the lease and is making sure of the log before it serves.
    Candidate,
    /// It keeps a copy of the log.
    Standby,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Leader => "leader",
            Self::Candidate => "candidate",
            Self::Standby => "standby",
        })
    }
}

/// How long things may take. All of them are for getting on, none for safety.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Between two heartbeats.
    pub heartbeat_ms: i64,
    /// A node that has been quiet for this long is taken to be down, whatever else is known of it.
    pub suspicion_ms: i64,
    /// How long a lease is granted for.
    pub lease_ms: i64,
    /// How a node that is down is told from one that is late, sooner than that.
    pub detection: Detection,
    /// How long before its lease runs out a leader steps down, so that clocks may differ by this.
    pub drift_ms: i64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            heartbeat_ms: 250,
            suspicion_ms: 1_000,
            detection: Detection::usual(250),
            lease_ms: 1_500,
            drift_ms: 150,
        }
    }
}
