//! What can go wrong, and how it is mended.

use alloc::vec::Vec;
use core::fmt;

use super::machine::{MachineState, Power};
use super::{Endpoint, Simulation, TraceEvent, Violation};
use crate::{Input, NodeId};

/// A fault, or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The machine of a node loses its power; what is on its disk stays.
    Kill(NodeId),
    /// A machine that has no power gets it back.
    Restart(NodeId),
    /// The machine of a node stands still, in the middle of what it was doing.
    Freeze(NodeId),
    /// A machine that stands still goes on.
    Thaw(NodeId),
    /// A node neither reaches nor is reached by the other nodes and the lease register. The client
    /// and the node still reach each other.
    Isolate(NodeId),
    /// The link from one end to the other is cut, in that direction.
    Cut(Endpoint, Endpoint),
    /// The link from one end to the other gets slower by this many milliseconds, in that direction.
    Slow(Endpoint, Endpoint, i64),
    /// All links are mended.
    Heal,
    /// Links lose, repeat and reorder nothing from now on.
    Calm,
}

impl Simulation {
    /// Lets a fault, or its end, happen now. One that cannot happen, such as the death of a dead
    /// node, does nothing.
    ///
    /// # Errors
    ///
    /// When a promise is broken by it, or was before.
    pub fn inject(&mut self, fault: Fault) -> Result<(), Violation> {
        if let Some(violation) = &self.violation {
            return Err(violation.clone());
        }
        let done = self.try_inject(fault);
        self.violation = done.clone().err();
        done
    }

    /// Takes the power from a node's machine.
    pub fn kill(&mut self, node: NodeId) -> Result<(), Violation> {
        self.inject(Fault::Kill(node))
    }

    /// Gives a node's machine its power back.
    pub fn restart(&mut self, node: NodeId) -> Result<(), Violation> {
        self.inject(Fault::Restart(node))
    }

    /// Cuts a node off from the other nodes and the lease register.
    pub fn isolate(&mut self, node: NodeId) -> Result<(), Violation> {
        self.inject(Fault::Isolate(node))
    }

    /// Mends all links.
    pub fn heal(&mut self) -> Result<(), Violation> {
        self.inject(Fault::Heal)
    }

    fn try_inject(&mut self, fault: Fault) -> Result<(), Violation> {
        if !self.is_possible(fault) {
            return Ok(());
        }
        self.trace(fault.place(), TraceEvent::Fault(fault));
        match fault {
            Fault::Kill(id) => self.cut_power(id),
            Fault::Restart(id) => return self.start(id),
            Fault::Freeze(id) => self.freeze(id),
            Fault::Thaw(id) => return self.thaw(id),
            Fault::Isolate(id) => self.cut_off(id),
            Fault::Cut(from, to) => self.network.cut(from, to),
            Fault::Slow(from, to, millis) => self.network.slow(from, to, millis),
            Fault::Heal => {
                self.network.heal();
                self.failovers.mended();
            }
            Fault::Calm => self.network.calm(),
        }
        Ok(())
    }

    fn is_possible(&self, fault: Fault) -> bool {
        let state =
            |id: NodeId| self.machines.get(usize::from(id.get())).map(super::Machine::state);
        match fault {
            Fault::Kill(id) => !matches!(state(id), None | Some(MachineState::Down)),
            Fault::Restart(id) => state(id) == Some(MachineState::Down),
            Fault::Freeze(id) => state(id) == Some(MachineState::Up),
            Fault::Thaw(id) => state(id) == Some(MachineState::Frozen),
            Fault::Isolate(id) => state(id).is_some(),
            Fault::Cut(..) | Fault::Slow(..) | Fault::Heal | Fault::Calm => true,
        }
    }

    fn cut_power(&mut self, id: NodeId) {
        self.failovers.hit(id, self.now);
        self.failovers.lost(id, self.now);
        let machine = self.machine_mut(id);
        let durable = match machine.take_power() {
            Power::Up(node) | Power::Frozen { node, .. } => node.into_durable(),
            Power::Down(durable) => durable,
        };
        machine.power = Power::Down(durable);
        machine.wake = None;
    }

    fn freeze(&mut self, id: NodeId) {
        self.failovers.hit(id, self.now);
        let (now, machine) = (self.now, self.machine_mut(id));
        machine.power = match machine.take_power() {
            Power::Up(node) => Power::Frozen { node, since: now, inbox: [].into() },
            other => other,
        };
    }

    /// What came in first is taken as if it had come before the machine stood still: the node had
    /// read its clock, was held up, and acts on a time that is long gone.
    fn thaw(&mut self, id: NodeId) -> Result<(), Violation> {
        self.failovers.mended();
        let machine = self.machine_mut(id);
        let (node, since, inbox) = match machine.take_power() {
            Power::Frozen { node, since, inbox } => (node, since, inbox),
            other => {
                machine.power = other;
                return Ok(());
            }
        };
        machine.power = Power::Up(node);
        machine.wake = None;
        let mut clock = since;
        for input in inbox {
            self.step_at(id, clock, input)?;
            clock = self.now;
        }
        self.step_at(id, self.now, Input::Tick)
    }

    fn cut_off(&mut self, id: NodeId) {
        self.failovers.hit(id, self.now);
        let node = Endpoint::Node(id);
        let others = self.machines.iter().map(|machine| Endpoint::Node(machine.id));
        let others: Vec<_> =
            others.filter(|&other| other != node).chain([Endpoint::Lease]).collect();
        for other in others {
            self.network.cut(node, other);
            self.network.cut(other, node);
        }
    }
}

impl Fault {
    /// Whom it happens to, if that is one.
    const fn place(self) -> Option<Endpoint> {
        match self {
            Self::Kill(id)
            | Self::Restart(id)
            | Self::Freeze(id)
            | Self::Thaw(id)
            | Self::Isolate(id) => Some(Endpoint::Node(id)),
            Self::Cut(..) | Self::Slow(..) | Self::Heal | Self::Calm => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(_) => f.write_str("killed"),
            Self::Restart(_) => f.write_str("restarted"),
            Self::Freeze(_) => f.write_str("frozen"),
            Self::Thaw(_) => f.write_str("thawed"),
            Self::Isolate(_) => f.write_str("isolated"),
            Self::Cut(from, to) => write!(f, "{from} to {to} cut"),
            Self::Slow(from, to, millis) => write!(f, "{from} to {to} slower by {millis} ms"),
            Self::Heal => f.write_str("links mended"),
            Self::Calm => f.write_str("links calm"),
        }
    }
}
