//! Who has to have an event before its client is told.

use core::fmt;

/// Who has to have an event before it counts as committed, and how many nodes a candidate needs.
///
/// A log with its copies is a database with its replicas; the leader's is the primary. How many
/// have to confirm an event, and how many have to promise a candidate to take nothing from earlier
/// leaders, belong together: as long as both groups share a node, nothing that was committed is
/// lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Replication {
    /// More than half of the nodes; as many have to promise. Goes on without the others.
    #[default]
    Quorum,
    /// All nodes, and so a candidate needs nobody: any replica can be promoted. Nothing is
    /// committed as long as one of them is missing.
    Synchronous,
    /// The leader alone. A promotion takes the most advanced replica that answers and loses what it
    /// lacks, **acknowledged or not**.
    Asynchronous,
}

impl Replication {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Quorum, Self::Synchronous, Self::Asynchronous];

    /// Whether what was committed is in the log of every later leader.
    pub const fn is_lossless(self) -> bool {
        !matches!(self, Self::Asynchronous)
    }

    /// How many of `nodes` have to have an event, the leader among them.
    pub const fn confirmations(self, nodes: usize) -> usize {
        match self {
            Self::Quorum => nodes / 2 + 1,
            Self::Synchronous => nodes,
            Self::Asynchronous => 1,
        }
    }

    /// How many of `nodes` have to promise, the candidate among them, before it leads.
    pub const fn promises(self, nodes: usize) -> usize {
        match self {
            Self::Quorum => nodes / 2 + 1,
            Self::Synchronous | Self::Asynchronous => 1,
        }
    }

    /// Its name, as scenarios have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quorum => "quorum",
            Self::Synchronous => "synchronous",
            Self::Asynchronous => "asynchronous",
        }
    }
}

impl fmt::Display for Replication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
