//! A machine that a node runs on: it can lose its power, or stand still for a while.

use alloc::collections::VecDeque;

use everview_core::{Epoch, Position, Timestamp};

use super::checker::Seen;
use super::clock::Clock;
use super::disk::Disk;
use crate::{Durable, Input, Node, NodeId, Place, Snapshot};

/// A machine somewhere.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) id: NodeId,
    pub(super) place: Place,
    pub(super) power: Power,
    pub(super) clock: Clock,
    pub(super) disk: Disk,
    /// How often it has started.
    pub(super) starts: u64,
    /// When its node is next woken.
    pub(super) wake: Option<Timestamp>,
    /// What its node knew to be committed when it was last looked at.
    pub(super) committed: Position,
    /// The snapshot that its host has for it.
    pub(super) snapshot: Option<Snapshot>,
    /// What was seen of its log, and held against the logs of the others.
    pub(super) seen: Seen,
    /// The highest epoch that its node has promised a candidate.
    pub(super) promised: Epoch,
    /// When anybody last heard its node.
    pub(super) heard: Option<Timestamp>,
    /// Why it is kept from starting.
    pub(super) outage: Option<Outage>,
}

/// What a machine is doing.
#[derive(Debug)]
pub(super) enum Power {
    Up(Node),
    /// It stands still, as for a long garbage collection or a move to another host.
    Frozen {
        node: Node,
        /// What its clock showed when it began to.
        since: Timestamp,
        /// What has come in meanwhile.
        inbox: VecDeque<Input>,
        /// The sync that was done meanwhile.
        synced: Option<u64>,
    },
    Down(Durable),
}

/// What keeps a machine from being started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outage {
    /// There is no power where it is.
    Place,
    /// It is no more, and its disk with it.
    Destroyed,
}

/// Whether a machine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineState {
    /// It runs.
    Up,
    /// It stands still.
    Frozen,
    /// It has no power, or its node has stopped.
    Down,
}

impl Machine {
    pub(super) fn new(id: NodeId, place: Place, now: Timestamp) -> Self {
        Self {
            id,
            place,
            power: Power::Down(Durable::default()),
            clock: Clock::right(now),
            disk: Disk::default(),
            starts: 0,
            wake: None,
            committed: Position::START,
            snapshot: None,
            seen: Seen::default(),
            promised: Epoch::default(),
            heard: None,
            outage: None,
        }
    }

    pub(super) const fn state(&self) -> MachineState {
        match self.power {
            Power::Up(_) => MachineState::Up,
            Power::Frozen { .. } => MachineState::Frozen,
            Power::Down(_) => MachineState::Down,
        }
    }

    /// Whether it will never come back.
    pub(super) fn is_destroyed(&self) -> bool {
        self.outage == Some(Outage::Destroyed)
    }

    /// The node, if the machine has power.
    pub(super) const fn node(&self) -> Option<&Node> {
        match &self.power {
            Power::Up(node) | Power::Frozen { node, .. } => Some(node),
            Power::Down(_) => None,
        }
    }

    pub(super) const fn node_mut(&mut self) -> Option<&mut Node> {
        match &mut self.power {
            Power::Up(node) | Power::Frozen { node, .. } => Some(node),
            Power::Down(_) => None,
        }
    }

    /// What is, or would be, left after a crash of its node.
    pub(super) const fn durable(&self) -> &Durable {
        match &self.power {
            Power::Up(node) | Power::Frozen { node, .. } => node.durable(),
            Power::Down(durable) => durable,
        }
    }

    pub(super) fn take_power(&mut self) -> Power {
        core::mem::replace(&mut self.power, Power::Down(Durable::default()))
    }
}
