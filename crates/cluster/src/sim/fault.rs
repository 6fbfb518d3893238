//! What can go wrong, and how it is mended.

use core::fmt;

use super::Endpoint;
use crate::{ClientId, NodeId, Region, ServerId, Zone};

/// Whom a fault hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The node that leads then; the first one if none does.
    Leader,
    /// A node.
    Node(NodeId),
    /// The lease register.
    Lease,
    /// A client.
    Client(ClientId),
    /// The balancer: of faults, only those of links hit it.
    Balancer,
    /// A server. It has no disk, and no clock that matters.
    Server(ServerId),
}

impl From<NodeId> for Target {
    fn from(id: NodeId) -> Self {
        Self::Node(id)
    }
}

impl From<Endpoint> for Target {
    fn from(end: Endpoint) -> Self {
        match end {
            Endpoint::Node(id) => Self::Node(id),
            Endpoint::Lease => Self::Lease,
            Endpoint::Client(id) => Self::Client(id),
            Endpoint::Balancer => Self::Balancer,
            Endpoint::Server(id) => Self::Server(id),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leader => f.pad("leader"),
            Self::Node(id) => id.fmt(f),
            Self::Lease => f.pad("lease"),
            Self::Client(id) => id.fmt(f),
            Self::Balancer => f.pad("balancer"),
            Self::Server(id) => id.fmt(f),
        }
    }
}

/// Some of the nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group(u64);

impl Group {
    /// Whether a node is one of them. Of the nodes, only the first 64 can be.
    pub const fn has(self, id: NodeId) -> bool {
        id.get() < 64 && self.0 >> id.get() & 1 == 1
    }

    /// The nodes, in order.
    pub fn nodes(self) -> impl Iterator<Item = NodeId> {
        (0..64).map(NodeId::new).filter(move |id| self.has(*id))
    }
}

impl FromIterator<NodeId> for Group {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Self {
        let bit = |id: NodeId| if id.get() < 64 { 1 << id.get() } else { 0 };
        Self(nodes.into_iter().map(bit).fold(0, |group, bit| group | bit))
    }
}

/// A fault, or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process of a node dies; what it wrote is still there.
    Kill(Target),
    /// The machine of a node loses its power, and what was not synced.
    PowerLoss(Target),
    /// The same while it writes: a part of that is on the disk.
    TornWrite(Target),
    /// The store of a node fails: the node stops, and is left with what was synced.
    StoreLoss(Target),
    /// The machine of a node is destroyed, and its disk with it.
    Destroy(Target),
    /// A zone has no power.
    ZoneOutage(Zone),
    /// A region has no power.
    RegionOutage(Region),
    /// A node that is down starts again.
    Restart(Target),
    /// The machine of a node stands still, in the middle of what it was doing.
    Freeze(Target),
    /// A machine that stands still goes on.
    Thaw(Target),
    /// A node, or a server, neither reaches nor is reached by the nodes, the servers and the lease
    /// register. Clients still reach the node, and the balancer the server.
    Isolate(Target),
    /// These nodes, and the others with the lease register, do not reach each other.
    Partition(Group),
    /// The link from one end to the other is cut, in that direction.
    Cut(Target, Target),
    /// The link from one end to the other gets slower by this many milliseconds, in that direction.
    Slow(Target, Target, i64),
    /// Of a million messages from one end to the other, so many are lost.
    Lossy(Target, Target, u64),
    /// Of a million messages from one end to the other, so many arrive twice.
    Duplicating(Target, Target, u64),
    /// Of a million messages from one end to the other, so many may be overtaken.
    Reordering(Target, Target, u64),
    /// The clock of a node is set on by this many milliseconds, or back if they are negative.
    Skew(Target, i64),
    /// The clock of a node counts so many microseconds too many in a second.
    Drift(Target, i64),
    /// The disk of a node syncs nothing.
    StallDisk(Target),
    /// It does again.
    ResumeDisk(Target),
    /// The leader hands over to a node, as before maintenance.
    HandOver(NodeId),
    /// The balancer sends nothing more to a server, as before maintenance.
    Drain(ServerId),
    /// It does again.
    Undrain(ServerId),
    /// A server gets another share, measured by the others'.
    Weigh(ServerId, u8),
    /// All links are mended.
    Heal,
    /// Links lose, repeat and reorder nothing from now on.
    Calm,
    /// Everything is mended that can be: links, clocks, disks, and every node runs.
    Mend,
}

impl Fault {
    /// The ends of the links it happens to, from the one to the other, if they are such.
    pub(super) const fn ends(self) -> Option<(Target, Target)> {
        match self {
            Self::Cut(from, to)
            | Self::Slow(from, to, _)
            | Self::Lossy(from, to, _)
            | Self::Duplicating(from, to, _)
            | Self::Reordering(from, to, _) => Some((from, to)),
            _ => None,
        }
    }

    /// What mends all that can be mended of a node and is no matter of links.
    pub(super) const fn mending(node: Target) -> [Self; 4] {
        [Self::Thaw(node), Self::ResumeDisk(node), Self::Restart(node), Self::Drift(node, 0)]
    }

    /// What sort of fault it is, as scenarios have it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Kill(_) => "kill",
            Self::PowerLoss(_) => "power-loss",
            Self::TornWrite(_) => "torn-write",
            Self::StoreLoss(_) => "store-loss",
            Self::Destroy(_) => "destroy",
            Self::ZoneOutage(_) => "zone-outage",
            Self::RegionOutage(_) => "region-outage",
            Self::Restart(_) => "restart",
            Self::Freeze(_) => "freeze",
            Self::Thaw(_) => "thaw",
            Self::Isolate(_) => "isolate",
            Self::Partition(_) => "partition",
            Self::Cut(..) => "cut",
            Self::Slow(..) => "slow",
            Self::Lossy(..) => "lossy",
            Self::Duplicating(..) => "duplicating",
            Self::Reordering(..) => "reordering",
            Self::Skew(..) => "skew",
            Self::Drift(..) => "drift",
            Self::StallDisk(_) => "stall-disk",
            Self::ResumeDisk(_) => "resume-disk",
            Self::HandOver(_) => "hand-over",
            Self::Drain(_) => "drain",
            Self::Undrain(_) => "undrain",
            Self::Weigh(..) => "weigh",
            Self::Heal => "heal",
            Self::Calm => "calm",
            Self::Mend => "mend",
        }
    }

    /// The node or server it happens to, if that is one.
    pub(super) const fn target(self) -> Option<Target> {
        match self {
            Self::Kill(target)
            | Self::PowerLoss(target)
            | Self::TornWrite(target)
            | Self::StoreLoss(target)
            | Self::Destroy(target)
            | Self::Restart(target)
            | Self::Freeze(target)
            | Self::Thaw(target)
            | Self::Isolate(target)
            | Self::Skew(target, _)
            | Self::Drift(target, _)
            | Self::StallDisk(target)
            | Self::ResumeDisk(target) => Some(target),
            _ => None,
        }
    }

    /// The same, of whoever `found` says its targets are.
    pub(super) fn resolved(self, mut found: impl FnMut(Target) -> Target) -> Self {
        match self {
            Self::Kill(target) => Self::Kill(found(target)),
            Self::PowerLoss(target) => Self::PowerLoss(found(target)),
            Self::TornWrite(target) => Self::TornWrite(found(target)),
            Self::StoreLoss(target) => Self::StoreLoss(found(target)),
            Self::Destroy(target) => Self::Destroy(found(target)),
            Self::Restart(target) => Self::Restart(found(target)),
            Self::Freeze(target) => Self::Freeze(found(target)),
            Self::Thaw(target) => Self::Thaw(found(target)),
            Self::Isolate(target) => Self::Isolate(found(target)),
            Self::Cut(from, to) => Self::Cut(found(from), found(to)),
            Self::Slow(from, to, by) => Self::Slow(found(from), found(to), by),
            Self::Lossy(from, to, chance) => Self::Lossy(found(from), found(to), chance),
            Self::Duplicating(from, to, chance) => {
                Self::Duplicating(found(from), found(to), chance)
            }
            Self::Reordering(from, to, chance) => Self::Reordering(found(from), found(to), chance),
            Self::Skew(target, by) => Self::Skew(found(target), by),
            Self::Drift(target, by) => Self::Drift(found(target), by),
            Self::StallDisk(target) => Self::StallDisk(found(target)),
            Self::ResumeDisk(target) => Self::ResumeDisk(found(target)),
            other => other,
        }
    }
}

/// What happened, for a transcript.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(_) => f.write_str("killed"),
            Self::PowerLoss(_) => f.write_str("loses its power"),
            Self::TornWrite(_) => f.write_str("loses its power in the middle of a write"),
            Self::StoreLoss(_) => f.write_str("loses its store"),
            Self::Destroy(_) => f.write_str("destroyed"),
            Self::ZoneOutage(zone) => write!(f, "{zone} has no power"),
            Self::RegionOutage(region) => write!(f, "{region} has no power"),
            Self::Restart(_) => f.write_str("restarted"),
            Self::Freeze(_) => f.write_str("frozen"),
            Self::Thaw(_) => f.write_str("thawed"),
            Self::Isolate(_) => f.write_str("isolated"),
            Self::Partition(group) => {
                group.nodes().try_for_each(|node| write!(f, "{node} "))?;
                f.write_str("parted from the others")
            }
            Self::Cut(from, to) => write!(f, "{from} to {to} cut"),
            Self::Slow(from, to, millis) => write!(f, "{from} to {to} slower by {millis} ms"),
            Self::Lossy(from, to, chance) => write!(f, "{from} to {to} loses {}", Share(*chance)),
            Self::Duplicating(from, to, chance) => {
                write!(f, "{from} to {to} repeats {}", Share(*chance))
            }
            Self::Reordering(from, to, chance) => {
                write!(f, "{from} to {to} holds up {}", Share(*chance))
            }
            Self::Skew(_, millis) => write!(f, "clock set by {millis:+} ms"),
            Self::Drift(_, 0) => f.write_str("clock runs right"),
            Self::Drift(_, ppm) => write!(f, "clock drifts by {ppm:+} millionths"),
            Self::StallDisk(_) => f.write_str("disk stalls"),
            Self::ResumeDisk(_) => f.write_str("disk goes on"),
            Self::HandOver(node) => write!(f, "to hand over to {node}"),
            Self::Drain(server) => write!(f, "to drain {server}"),
            Self::Undrain(server) => write!(f, "to send to {server} again"),
            Self::Weigh(server, weight) => write!(f, "{server} weighs {weight}"),
            Self::Heal => f.write_str("links mended"),
            Self::Calm => f.write_str("links calm"),
            Self::Mend => f.write_str("everything mended"),
        }
    }
}

/// A chance out of a million, shown as a percentage.
struct Share(u64);

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} %", self.0 / 10_000, self.0 / 1_000 % 10)
    }
}
