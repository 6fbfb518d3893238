//! Skipping time in which nothing happens but signs of life.
//!
//! Nodes and followers only ever compare times with each other. So when all is well and has been for
//! a while, the world after an idle hour is the world of now with every time moved on by that hour:
//! it is moved, up to the next thing that somebody asks for or that goes wrong.

use everview_core::Timestamp;

use super::machine::{Machine, MachineState};
use super::{Happening, Letter, Simulation};
use crate::{Health, Node, NodeId};

impl Simulation {
    /// Moves the world on to just before something happens, but no further than `to`, if it is idle.
    pub(super) fn leap(&mut self, to: Timestamp) {
        let timing = self.config.timing;
        let settled_ms = 2 * timing.lease_ms.max(timing.suspicion_ms);
        if self.now.millis_since(self.stirred) < settled_ms {
            return;
        }
        let until = self.agenda.next(Happening::is_from_outside).map_or(to, |next| next.min(to));
        let millis = until.millis_since(self.now);
        if settled_ms < millis && self.is_idle() {
            self.shift(millis);
        }
    }

    /// Something happened that is more than a sign of life.
    pub(super) fn stir(&mut self) {
        self.stirred = self.now;
    }

    /// Whether there is nothing to do but to show that one is there.
    fn is_idle(&self) -> bool {
        let Some(leader) = self.led_by().filter(|_| self.hosts.is_empty()) else { return false };
        let is_calm = self.network.is_quiet() && self.failovers.begun().is_none();
        let head = self.machine(leader).durable().log().head();
        let committed = self.checker.committed().head();
        is_calm
            && head == committed
            && self.machines.iter().all(|machine| self.is_content(machine, leader))
            && self.clients.iter().all(|client| {
                let follower = &client.follower;
                client.waiting() == 0
                    && follower.node() == Some(leader)
                    && follower.position() == head
                    && follower.health(self.now) == Health::Live
            })
    }

    /// Whether a machine has all that there is and follows the leader.
    fn is_content(&self, machine: &Machine, leader: NodeId) -> bool {
        if machine.is_destroyed() {
            return true;
        }
        let Some(node) = machine.node() else { return false };
        let head = self.checker.committed().head();
        let mut others = self.machines.iter().filter(|other| !other.is_destroyed());
        machine.state() == MachineState::Up
            && machine.disk.is_idle()
            && machine.clock.is_steady()
            && node.leader() == Some(leader)
            && (node.durable().log().head(), node.committed()) == (head, head)
            && !others.any(|other| node.suspects(other.id))
    }

    fn shift(&mut self, millis: i64) {
        self.now = self.now.plus_millis(millis);
        self.agenda.shift(millis);
        self.register.shift(millis);
        self.network.shift(millis);
        for machine in &mut self.machines {
            machine.clock.shift(millis);
            machine.wake = machine.wake.map(|wake| wake.plus_millis(millis));
            machine.heard = machine.heard.map(|heard| heard.plus_millis(millis));
            if let Some(node) = machine.node_mut() {
                Node::shift(node, millis);
            }
        }
        for client in &mut self.clients {
            client.shift(millis);
        }
    }
}

impl Happening {
    /// Whether it was decided on outside of the cluster, so that it does not move.
    fn is_from_outside(&self) -> bool {
        matches!(self, Self::Arrival(_) | Self::Remedy(_))
    }

    /// Moves it and what it says of time; what comes from outside stays where it is.
    pub(super) fn shift(&mut self, at: &mut Timestamp, millis: i64) {
        if self.is_from_outside() {
            return;
        }
        *at = at.plus_millis(millis);
        match self {
            Self::Delivery { letter: Letter::Ask(request), .. } => {
                request.asked = request.asked.plus_millis(millis);
            }
            Self::Delivery { letter: Letter::Lease(reply), .. } => {
                reply.asked = reply.asked.plus_millis(millis);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
