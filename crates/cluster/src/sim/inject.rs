//! Faults that happen, and their ends.

use alloc::vec::Vec;

use super::disk::{Crash, Damage};
use super::machine::{MachineState, Outage, Power};
use super::network::{Condition, Trouble, Which};
use super::{
    Endpoint, Fault, Happening, Simulation, Sometimes, Target, TraceEvent, Violation, Weakness,
};
use crate::{Input, NodeId, Place, Role};

/// What ends a fault.
#[derive(Debug, Clone, Copy)]
pub(super) enum Remedy {
    /// Another fault, as far as it can happen.
    Fault(Fault),
    /// A condition of links ends.
    Condition(Condition, Fault),
    /// There is power again where the fault took it.
    Power(Fault),
}

impl Simulation {
    /// Lets a fault, or its end, happen now. One that cannot happen, such as the death of a dead
    /// node, does nothing.
    ///
    /// # Errors
    ///
    /// When a promise is broken by it, or was before.
    pub fn inject(&mut self, fault: Fault) -> Result<(), Violation> {
        self.inject_until(fault, None)
    }

    /// Lets a fault happen now and end after so many milliseconds. What has no end by its nature,
    /// as a clock that is set, does not.
    ///
    /// # Errors
    ///
    /// When a promise is broken by it, or was before.
    pub fn inject_for(&mut self, fault: Fault, millis: i64) -> Result<(), Violation> {
        self.inject_until(fault, Some(millis))
    }

    /// Kills a node.
    pub fn kill(&mut self, node: NodeId) -> Result<(), Violation> {
        self.inject(Fault::Kill(node.into()))
    }

    /// Starts a node that is down.
    pub fn restart(&mut self, node: NodeId) -> Result<(), Violation> {
        self.inject(Fault::Restart(node.into()))
    }

    /// Cuts a node off from the other nodes and the lease register.
    pub fn isolate(&mut self, node: NodeId) -> Result<(), Violation> {
        self.inject(Fault::Isolate(node.into()))
    }

    /// Mends all links.
    pub fn heal(&mut self) -> Result<(), Violation> {
        self.inject(Fault::Heal)
    }

    fn inject_until(&mut self, fault: Fault, millis: Option<i64>) -> Result<(), Violation> {
        if let Some(violation) = &self.violation {
            return Err(violation.clone());
        }
        self.stir();
        let fault = fault.resolved(|target| self.found(target));
        let done = self.try_inject(fault, millis);
        self.violation = done.clone().err();
        done
    }

    /// The node that leads, if that is who is meant.
    fn found(&self, target: Target) -> Target {
        match target {
            Target::Leader => Target::Node(self.led_by().unwrap_or(self.machines[0].id)),
            other => other,
        }
    }

    fn try_inject(&mut self, fault: Fault, millis: Option<i64>) -> Result<(), Violation> {
        if !self.is_possible(fault) {
            return Ok(());
        }
        let place = fault.target().and_then(endpoint);
        self.trace(place, TraceEvent::Fault(fault));
        self.faults += 1;
        let remedy = self.do_fault(fault)?;
        if let (Some(remedy), Some(millis)) = (remedy, millis) {
            self.plan(self.now.plus_millis(millis), Happening::Remedy(remedy));
        }
        Ok(())
    }

    /// Ends a fault, if it did not end before.
    pub(super) fn remedy(&mut self, remedy: Remedy) -> Result<(), Violation> {
        self.stir();
        match remedy {
            Remedy::Fault(fault) if self.is_possible(fault) => {
                self.trace(fault.target().and_then(endpoint), TraceEvent::Fault(fault));
                self.do_fault(fault).map(drop)
            }
            Remedy::Fault(_) => Ok(()),
            Remedy::Condition(condition, fault) => {
                if self.network.end(condition) {
                    self.trace(fault.target().and_then(endpoint), TraceEvent::Ended(fault));
                    self.failovers.mended();
                }
                Ok(())
            }
            Remedy::Power(fault) => {
                self.trace(None, TraceEvent::Ended(fault));
                self.power_on(|place| is_at(fault, place))
            }
        }
    }

    fn is_possible(&self, fault: Fault) -> bool {
        if let Fault::Drain(id) | Fault::Undrain(id) | Fault::Weigh(id, _) = fault {
            return self.can_happen_to(id, fault);
        }
        if let Some((from, to)) = fault.ends() {
            return self.is_there(from) && self.is_there(to);
        }
        let Some(target) = fault.target() else { return true };
        if let Target::Server(id) = target {
            return self.can_happen_to(id, fault);
        }
        let Target::Node(id) = target else { return false };
        let Some(machine) = self.machines.get(usize::from(id.get())) else { return false };
        let state = machine.state();
        match fault {
            Fault::Restart(_) => state == MachineState::Down,
            Fault::Freeze(_) => state == MachineState::Up,
            Fault::Thaw(_) => state == MachineState::Frozen,
            Fault::Destroy(_) => !machine.is_destroyed(),
            Fault::Isolate(_) | Fault::Skew(..) => true,
            Fault::Drift(_, ppm) => ppm != 0 || !machine.clock.is_steady(),
            Fault::StallDisk(_) => !machine.disk.is_stalled(),
            Fault::ResumeDisk(_) => machine.disk.is_stalled(),
            _ => state != MachineState::Down,
        }
    }

    /// Whether the end of a link is one. Of a node, a client or the register, any is.
    fn is_there(&self, end: Target) -> bool {
        match end {
            Target::Balancer => self.front.is_some(),
            Target::Server(id) => usize::from(id.get()) < self.hosts.len(),
            Target::Leader | Target::Node(_) | Target::Lease | Target::Client(_) => true,
        }
    }

    /// Lets a fault happen; what would end it.
    fn do_fault(&mut self, fault: Fault) -> Result<Option<Remedy>, Violation> {
        if let Some((which, trouble)) = trouble(fault) {
            match fault {
                Fault::Isolate(Target::Node(id)) => self.failovers.hit(id, self.now),
                Fault::Partition(group) => {
                    group.nodes().for_each(|id| self.failovers.hit(id, self.now));
                }
                _ => {}
            }
            let condition = self.network.begin(which, trouble);
            return Ok(Some(Remedy::Condition(condition, fault)));
        }
        match fault.target() {
            Some(Target::Node(id)) => return self.do_fault_to(id, fault),
            Some(Target::Server(id)) => return self.do_fault_to_server(id, fault),
            _ => {}
        }
        match fault {
            Fault::ZoneOutage(_) | Fault::RegionOutage(_) => {
                self.power_off(|place| is_at(fault, place));
                return Ok(Some(Remedy::Power(fault)));
            }
            Fault::HandOver(to) => self.hand_over(to)?,
            Fault::Drain(server) => {
                self.order_balancer(fault);
                return Ok(Some(Remedy::Fault(Fault::Undrain(server))));
            }
            Fault::Undrain(_) | Fault::Weigh(..) => self.order_balancer(fault),
            Fault::Heal => {
                self.network.heal();
                self.failovers.mended();
            }
            Fault::Calm => self.network.calm(),
            Fault::Mend => self.mend()?,
            _ => {}
        }
        Ok(None)
    }

    fn do_fault_to(&mut self, id: NodeId, fault: Fault) -> Result<Option<Remedy>, Violation> {
        let target = Target::Node(id);
        let restart = Some(Remedy::Fault(Fault::Restart(target)));
        match fault {
            Fault::Kill(_) => self.crash(id, Crash::Process),
            Fault::PowerLoss(_) | Fault::StoreLoss(_) => self.crash(id, Crash::Power),
            Fault::TornWrite(_) => {
                let is_kept = self.config.weakness == Some(Weakness::TornWriteKept);
                self.crash(id, Crash::Torn { is_kept });
                // It may be a snapshot that was being written.
                if let Some(snapshot) = &mut self.machine_mut(id).snapshot {
                    snapshot.bytes = snapshot.bytes[..snapshot.bytes.len() / 2].into();
                }
            }
            Fault::Destroy(_) => {
                self.crash(id, Crash::Power);
                self.machine_mut(id).outage = Some(Outage::Destroyed);
                return Ok(None);
            }
            Fault::Restart(_) => {
                self.start(id)?;
                return Ok(None);
            }
            Fault::Freeze(_) => {
                self.freeze(id);
                return Ok(Some(Remedy::Fault(Fault::Thaw(target))));
            }
            Fault::Thaw(_) => {
                self.thaw(id)?;
                return Ok(None);
            }
            Fault::Skew(_, millis) => {
                let now = self.now;
                self.machine_mut(id).clock.skew(now, millis);
                self.tick(id)?;
                return Ok(None);
            }
            Fault::Drift(_, ppm) => {
                let now = self.now;
                self.machine_mut(id).clock.drift(now, ppm);
                self.tick(id)?;
                return Ok(Some(Remedy::Fault(Fault::Drift(target, 0))));
            }
            Fault::StallDisk(_) => {
                self.failovers.hit(id, self.now);
                self.machine_mut(id).disk.stall();
                return Ok(Some(Remedy::Fault(Fault::ResumeDisk(target))));
            }
            Fault::ResumeDisk(_) => {
                self.machine_mut(id).disk.resume();
                self.sync(id);
                return Ok(None);
            }
            _ => {}
        }
        Ok(restart)
    }

    fn crash(&mut self, id: NodeId, crash: Crash) {
        self.failovers.hit(id, self.now);
        self.failovers.lost(id, self.now);
        let machine = &mut self.machines[usize::from(id.get())];
        let durable = match machine.take_power() {
            Power::Up(node) | Power::Frozen { node, .. } => {
                let mut durable = node.into_durable();
                let damage = machine.disk.crash(&mut durable, crash, &mut self.disk_rng);
                machine.seen.truncate(damage.kept);
                let Damage { unsynced: count, is_torn, .. } = damage;
                if count > 0 {
                    self.coverage.reach(Sometimes::UnsyncedLost);
                    self.trace(Endpoint::Node(id), TraceEvent::Unsynced { count, is_torn });
                }
                self.coverage.reach_if(damage.lost_promise, Sometimes::PromiseLost);
                self.coverage.reach_if(damage.is_torn, Sometimes::TornTailCut);
                self.coverage.reach_if(damage.came_back, Sometimes::RewindUndone);
                durable
            }
            Power::Down(durable) => durable,
        };
        let machine = self.machine_mut(id);
        machine.power = Power::Down(durable);
        machine.wake = None;
        let none_runs = self.machines.iter().all(|one| one.state() == MachineState::Down);
        self.coverage.reach_if(none_runs, Sometimes::NobodyRuns);
    }

    fn freeze(&mut self, id: NodeId) {
        self.failovers.hit(id, self.now);
        let (now, machine) = (self.now, self.machine_mut(id));
        let since = machine.clock.at(now);
        machine.power = match machine.take_power() {
            Power::Up(node) => Power::Frozen { node, since, inbox: [].into(), synced: None },
            other => other,
        };
    }

    /// What came in first is taken as if it had come before the machine stood still: the node had
    /// read its clock, was held up, and acts on a time that is long gone.
    fn thaw(&mut self, id: NodeId) -> Result<(), Violation> {
        self.failovers.mended();
        let machine = self.machine_mut(id);
        let (node, since, inbox, synced) = match machine.take_power() {
            Power::Frozen { node, since, inbox, synced } => (node, since, inbox, synced),
            other => {
                machine.power = other;
                return Ok(());
            }
        };
        let led = node.role() == Role::Leader;
        machine.power = Power::Up(node);
        machine.wake = None;
        if let Some(number) = synced {
            self.synced(id, number)?;
        }
        let mut clock = since;
        for input in inbox {
            self.step_at(id, clock, input)?;
            clock = self.clock_of(id);
        }
        self.tick(id)?;
        let leads = self.machine(id).node().is_some_and(|node| node.role() == Role::Leader);
        self.coverage.reach_if(led && !leads, Sometimes::WokeDeposed);
        Ok(())
    }

    fn power_off(&mut self, is_hit: impl Fn(Place) -> bool) {
        self.power_off_servers(&is_hit);
        for id in self.ids() {
            if is_hit(self.machine(id).place) && !self.machine(id).is_destroyed() {
                self.machine_mut(id).outage = Some(Outage::Place);
                if self.machine(id).state() != MachineState::Down {
                    self.crash(id, Crash::Power);
                }
            }
        }
    }

    fn power_on(&mut self, is_hit: impl Fn(Place) -> bool) -> Result<(), Violation> {
        for id in self.ids() {
            let machine = self.machine_mut(id);
            if is_hit(machine.place) && machine.outage == Some(Outage::Place) {
                machine.outage = None;
                self.start(id)?;
            }
        }
        self.power_on_servers(is_hit)
    }

    fn hand_over(&mut self, to: NodeId) -> Result<(), Violation> {
        match self.led_by() {
            Some(leader) if usize::from(to.get()) < self.machines.len() => {
                self.step(leader, Input::HandOver(to))
            }
            _ => Ok(()),
        }
    }

    fn mend(&mut self) -> Result<(), Violation> {
        self.network.heal();
        self.network.calm();
        self.failovers.mended();
        self.power_on(|_| true)?;
        let nodes = self.ids().into_iter().map(Target::Node);
        for target in nodes.chain(self.server_ids().into_iter().map(Target::Server)) {
            for fault in Fault::mending(target) {
                self.remedy(Remedy::Fault(fault))?;
            }
        }
        for id in self.server_ids() {
            self.order_balancer(Fault::Undrain(id));
        }
        Ok(())
    }

    pub(super) fn ids(&self) -> Vec<NodeId> {
        self.machines.iter().map(|machine| machine.id).collect()
    }
}

/// What a fault of links comes to.
pub(super) fn trouble(fault: Fault) -> Option<(Which, Trouble)> {
    let one_way = |from, to| Some(Which::OneWay(endpoint(from)?, endpoint(to)?));
    Some(match fault {
        Fault::Isolate(target) => (Which::Around([endpoint(target)?].into()), Trouble::Cut),
        Fault::Partition(group) => {
            (Which::Around(group.nodes().map(Endpoint::Node).collect()), Trouble::Cut)
        }
        Fault::Cut(from, to) => (one_way(from, to)?, Trouble::Cut),
        Fault::Slow(from, to, millis) => (one_way(from, to)?, Trouble::Slow(millis)),
        Fault::Lossy(from, to, chance) => (one_way(from, to)?, Trouble::Lossy(chance)),
        Fault::Duplicating(from, to, chance) => (one_way(from, to)?, Trouble::Duplicating(chance)),
        Fault::Reordering(from, to, chance) => (one_way(from, to)?, Trouble::Reordering(chance)),
        _ => return None,
    })
}

/// Whether a place is hit by an outage.
pub(super) fn is_at(fault: Fault, place: Place) -> bool {
    match fault {
        Fault::ZoneOutage(zone) => place.zone == zone,
        Fault::RegionOutage(region) => place.region == region,
        _ => false,
    }
}

pub(super) fn endpoint(target: Target) -> Option<Endpoint> {
    match target {
        Target::Leader => None,
        Target::Node(id) => Some(Endpoint::Node(id)),
        Target::Lease => Some(Endpoint::Lease),
        Target::Client(id) => Some(Endpoint::Client(id)),
        Target::Balancer => Some(Endpoint::Balancer),
        Target::Server(id) => Some(Endpoint::Server(id)),
    }
}
