//! Faults of regions, and their ends.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::super::inject::{Remedy, endpoint, is_at, trouble};
use super::super::{Endpoint, Fault, Sometimes, Target, TraceEvent, Violation};
use super::{Happening, Power, Regions};
use crate::NodeId;

impl Regions {
    /// Lets a fault, or its end, happen now, and end after so many milliseconds, if it has an end. The
    /// leader is the first region's site. A fault that cannot happen does nothing: there is no handing
    /// over, and no site is destroyed for good, since nobody else has what it has.
    ///
    /// # Errors
    ///
    /// When a promise was broken before.
    pub fn inject(&mut self, fault: Fault, millis: Option<i64>) -> Result<(), Violation> {
        if let Some(violation) = &self.violation {
            return Err(violation.clone());
        }
        let first = self.machines[0].id;
        let fault = fault.resolved(|target| match target {
            Target::Leader => Target::Node(first),
            other => other,
        });
        if self.is_possible(fault) {
            self.trace(node(fault), TraceEvent::Fault(fault));
            self.faults += 1;
            if let (Some(remedy), Some(millis)) = (self.do_fault(fault), millis) {
                self.agenda.add(self.now.plus_millis(millis), Happening::Remedy(remedy));
            }
        }
        Ok(())
    }

    /// Ends a fault, if it did not end before.
    pub(super) fn remedy(&mut self, remedy: Remedy) {
        match remedy {
            Remedy::Fault(fault) if self.is_possible(fault) => {
                self.trace(node(fault), TraceEvent::Fault(fault));
                self.do_fault(fault);
            }
            Remedy::Fault(_) => {}
            Remedy::Condition(condition, fault) => {
                if self.network.end(condition) {
                    self.trace(node(fault), TraceEvent::Ended(fault));
                }
            }
            Remedy::Power(fault) => {
                self.trace(None, TraceEvent::Ended(fault));
                for id in self.ids() {
                    if is_at(fault, self.machine(id).place) {
                        self.start(id);
                    }
                }
            }
        }
    }

    fn is_possible(&self, fault: Fault) -> bool {
        let is_of_servers = |(from, to): (Target, Target)| {
            [from, to].iter().any(|end| matches!(end, Target::Server(_) | Target::Balancer))
        };
        if fault.ends().is_some_and(is_of_servers) {
            return false;
        }
        if let Fault::HandOver(_)
        | Fault::Destroy(_)
        | Fault::Drain(_)
        | Fault::Undrain(_)
        | Fault::Weigh(..) = fault
        {
            return false;
        }
        let Some(target) = fault.target() else { return true };
        let Target::Node(id) = target else { return false };
        let Some(machine) = self.machines.get(usize::from(id.get())) else { return false };
        match (fault, &machine.power) {
            (Fault::Restart(_), power) => matches!(power, Power::Down),
            (Fault::Freeze(_), power) => matches!(power, Power::Up(_)),
            (Fault::Thaw(_), power) => matches!(power, Power::Frozen { .. }),
            (Fault::StallDisk(_), _) => !machine.is_stalled,
            (Fault::ResumeDisk(_), _) => machine.is_stalled,
            (Fault::Isolate(_) | Fault::Skew(..) | Fault::Drift(..), _) => true,
            (_, power) => !matches!(power, Power::Down),
        }
    }

    /// Lets a fault happen; what would end it.
    fn do_fault(&mut self, fault: Fault) -> Option<Remedy> {
        if let Some((which, trouble)) = trouble(fault) {
            return Some(Remedy::Condition(self.network.begin(which, trouble), fault));
        }
        if let Some(target @ Target::Node(id)) = fault.target() {
            return self.do_fault_to(id, target, fault);
        }
        match fault {
            Fault::ZoneOutage(_) | Fault::RegionOutage(_) => {
                for id in self.ids() {
                    if is_at(fault, self.machine(id).place) {
                        self.crash(id);
                    }
                }
                return Some(Remedy::Power(fault));
            }
            Fault::Heal => self.network.heal(),
            Fault::Calm => self.network.calm(),
            Fault::Mend => {
                self.network.heal();
                self.network.calm();
                for target in self.ids().into_iter().map(Target::Node) {
                    for fault in Fault::mending(target) {
                        self.remedy(Remedy::Fault(fault));
                    }
                }
            }
            _ => {}
        }
        None
    }

    fn do_fault_to(&mut self, id: NodeId, target: Target, fault: Fault) -> Option<Remedy> {
        let now = self.now;
        let ends_with = |fault| Some(Remedy::Fault(fault));
        match fault {
            Fault::Restart(_) => {
                self.start(id);
                None
            }
            Fault::Freeze(_) => {
                let machine = self.machine_mut(id);
                let since = machine.clock.at(now);
                machine.power = match core::mem::replace(&mut machine.power, Power::Down) {
                    Power::Up(site) => Power::Frozen { site, since, inbox: Vec::new() },
                    other => other,
                };
                ends_with(Fault::Thaw(target))
            }
            Fault::Thaw(_) => {
                self.thaw(id);
                None
            }
            Fault::Skew(_, millis) => {
                self.machine_mut(id).clock.skew(now, millis);
                self.step(id, super::SiteInput::Tick);
                None
            }
            Fault::Drift(_, ppm) => {
                self.machine_mut(id).clock.drift(now, ppm);
                self.step(id, super::SiteInput::Tick);
                ends_with(Fault::Drift(target, 0))
            }
            Fault::StallDisk(_) => {
                self.machine_mut(id).is_stalled = true;
                ends_with(Fault::ResumeDisk(target))
            }
            Fault::ResumeDisk(_) => {
                self.machine_mut(id).is_stalled = false;
                self.sync(id);
                None
            }
            // Whatever ended it, a site is left with what was synced.
            _ => {
                self.crash(id);
                ends_with(Fault::Restart(target))
            }
        }
    }

    fn crash(&mut self, id: NodeId) {
        let machine = self.machine_mut(id);
        let known = machine.site().map_or(0, |site| site.log().len());
        let lost = known.saturating_sub(machine.disk.len()) as u64;
        machine.power = Power::Down;
        machine.waiting = VecDeque::new();
        (machine.sync, machine.wake) = (None, None);
        if 0 < lost {
            self.coverage.reach(Sometimes::UnsyncedLost);
            self.trace(id, TraceEvent::Unsynced { count: lost, is_torn: false });
        }
    }

    /// It acts on what came in as if it had come before it stood still.
    fn thaw(&mut self, id: NodeId) {
        let machine = self.machine_mut(id);
        let power = core::mem::replace(&mut machine.power, Power::Down);
        let Power::Frozen { site, since, inbox } = power else {
            machine.power = power;
            return;
        };
        machine.power = Power::Up(site);
        machine.wake = None;
        let mut clock = since;
        for input in inbox {
            self.step_at(id, clock, input);
            clock = self.machine(id).clock.at(self.now);
        }
        self.step(id, super::SiteInput::Tick);
    }
}

/// The node that a fault is told of.
fn node(fault: Fault) -> Option<NodeId> {
    match fault.target().and_then(endpoint)? {
        Endpoint::Node(id) => Some(id),
        _ => None,
    }
}
