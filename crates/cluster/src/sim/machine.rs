//! A machine that a node runs on: it can lose its power, or stand still for a while.

use alloc::collections::VecDeque;

use everview_core::{Position, Timestamp};

use crate::{Durable, Input, Node, NodeId, Zone};

/// A machine in a zone.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) id: NodeId,
    pub(super) zone: Zone,
    pub(super) power: Power,
    /// How often it has started.
    pub(super) starts: u64,
    /// When its node is next woken.
    pub(super) wake: Option<Timestamp>,
    /// What its node knew to be committed when it was last looked at.
    pub(super) committed: Position,
    /// When anybody last heard its node.
    pub(super) heard: Option<Timestamp>,
}

/// What a machine is doing.
#[derive(Debug)]
pub(super) enum Power {
    Up(Node),
    /// It stands still, as for a long garbage collection or a move to another host.
    Frozen {
        node: Node,
        since: Timestamp,
        /// What has come in meanwhile.
        inbox: VecDeque<Input>,
    },
    Down(Durable),
}

/// Whether a machine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineState {
    /// It runs.
    Up,
    /// It stands still.
    Frozen,
    /// It has no power.
    Down,
}

impl Machine {
    pub(super) const fn new(id: NodeId, zone: Zone, durable: Durable) -> Self {
        let power = Power::Down(durable);
        Self { id, zone, power, starts: 0, wake: None, committed: Position::START, heard: None }
    }

    pub(super) const fn state(&self) -> MachineState {
        match self.power {
            Power::Up(_) => MachineState::Up,
            Power::Frozen { .. } => MachineState::Frozen,
            Power::Down(_) => MachineState::Down,
        }
    }

    /// The node, if the machine has power.
    pub(super) const fn node(&self) -> Option<&Node> {
        match &self.power {
            Power::Up(node) | Power::Frozen { node, .. } => Some(node),
            Power::Down(_) => None,
        }
    }

    /// What is, or would be, left after a crash.
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
