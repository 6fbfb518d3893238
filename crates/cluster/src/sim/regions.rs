//! Regions with a log each, in a box: both sides of a partition take writes, and agree afterwards.
//!
//! The sites are the ones that run in production ([`Site`]); only clocks, links, disks and machines are
//! simulated, and every change is held against what regions promise each other: a number names one
//! change, causes come before effects, and once all reach each other, all know and show the same,
//! nothing that was confirmed is lost, and what was overruled is told of.
//!
//! The nodes are the regions' sites, `A` for the first. Their rows have five fields ([`policy`]):
//!
//! | field | what is written | of two at once |
//! |---|---|---|
//! | `note` | a text | the last writer wins |
//! | `stock` | a number that is added | both count |
//! | `tags` | a member, or one to take out after `-` | both count |
//! | `bid` | a number | the highest is kept |
//! | `price` | a number | a person decides |

mod checker;
mod inject;
mod work;

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use everview_core::{Engine, Epoch, Position, Rng, Timestamp};

use super::agenda::Agenda;
use super::clock::Clock;
use super::inject::Remedy;
use super::network::Network;
use super::{
    Coverage, Edits, Endpoint, LinkStatus, MachineState, SimConfig, Sometimes, TraceEvent,
    TraceLine, Violation, Weakness,
};
use crate::clock::{Causality, Region, Stamp, VersionVector};
use crate::conflict::{Change, Outcome};
use crate::exchange::{Site, SiteConfig, SiteInput, SiteMessage, SiteOutput};
use crate::{NodeId, Place};
use checker::Checker;
use work::Work;

pub use work::{deed, policy};

/// How long a disk takes to sync, in milliseconds: from, and up to.
const SYNC_MS: (u64, u64) = (1, 4);

/// What takes longer than this to arrive was held up by more than a link, in milliseconds.
const PARTED_MS: i64 = 1_000;

/// How many lines are told until somebody takes them.
const KEPT: usize = 10_000;

/// Regions with a log each, at a moment.
pub struct Regions {
    config: SimConfig,
    now: Timestamp,
    agenda: Agenda<Happening>,
    machines: Vec<Machine>,
    network: Network,
    rng: Rng,
    work: Work,
    checker: Checker,
    coverage: Coverage,
    faults: u64,
    trace: VecDeque<TraceLine>,
    violation: Option<Violation>,
}

#[derive(Debug)]
enum Happening {
    Wake(NodeId),
    Edit,
    Synced(NodeId, u64),
    Remedy(Remedy),
    Delivery { from: NodeId, to: NodeId, message: SiteMessage },
}

/// The machine of a region.
struct Machine {
    id: NodeId,
    region: Region,
    place: Place,
    clock: Clock,
    power: Power,
    /// What of the log is on disk.
    disk: Vec<Arc<Change>>,
    /// What is said once the log of that length is synced.
    waiting: VecDeque<(usize, SiteOutput)>,
    /// The number of the sync that is under way.
    sync: Option<u64>,
    syncs: u64,
    is_stalled: bool,
    wake: Option<Timestamp>,
    views: Engine,
    /// Which changes it has ever known of.
    known_once: VersionVector,
}

enum Power {
    Up(Site),
    Frozen { site: Site, since: Timestamp, inbox: Vec<SiteInput> },
    Down,
}

/// A region at a moment, as an onlooker sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionStatus {
    /// The node that is its site.
    pub id: NodeId,
    /// The region.
    pub region: Region,
    /// Whether its machine runs.
    pub state: MachineState,
    /// What its clock shows.
    pub clock: Timestamp,
    /// How many changes it knows of; of one that is down, how many its disk has.
    pub changes: usize,
    /// Which those are.
    pub seen: VersionVector,
    /// How many wait for something that they had seen.
    pub held_back: usize,
    /// What its ordinary views show, in short.
    pub digest: String,
    /// How its links to the others are, in order.
    pub links: Vec<LinkStatus>,
}

impl Regions {
    /// Regions about to start: one at each of the places, numbered from 1. Where a place is decides only
    /// how long messages take and which outages hit it.
    ///
    /// # Panics
    ///
    /// If there are no places, or more than 26.
    pub fn new(config: SimConfig, edits: Option<Edits>) -> Self {
        assert!((1..=26).contains(&config.places.len()), "there are 1 to 26 regions");
        let mut rng = Rng::new(config.seed);
        let ids = (0..=u8::MAX).map(NodeId::new);
        let machines: Vec<_> = ids
            .zip(&config.places)
            .map(|(id, &place)| Machine::new(id, place, config.start))
            .collect();
        let places = config.places.iter().map(|place| place.region.get()).collect();
        let mut regions = Self {
            now: config.start,
            agenda: Agenda::default(),
            network: Network::new(
                config.network,
                places,
                config.clients,
                Vec::new(),
                rng.next_u64(),
            ),
            work: Work::new(edits, rng.fork()),
            rng,
            checker: Checker::default(),
            coverage: Coverage::default(),
            faults: 0,
            trace: VecDeque::new(),
            violation: None,
            machines,
            config,
        };
        for id in regions.ids() {
            regions.start(id);
        }
        regions.plan_edit();
        regions
    }

    /// Lets everything happen that happens until `to`.
    ///
    /// # Errors
    ///
    /// When a promise is broken, now or before; the simulation stays at that moment.
    pub fn advance(&mut self, to: Timestamp) -> Result<(), Violation> {
        while self.violation.is_none()
            && let Some((at, happening)) = self.agenda.take(to)
        {
            self.now = self.now.max(at);
            self.happen(happening);
        }
        if let Some(violation) = &self.violation {
            return Err(violation.clone());
        }
        self.now = self.now.max(to);
        Ok(())
    }

    /// The time.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// When it began.
    pub const fn start_time(&self) -> Timestamp {
        self.config.start
    }

    /// Which of the states that a swarm must reach were reached.
    pub const fn coverage(&self) -> Coverage {
        self.coverage
    }

    /// How many faults have happened.
    pub const fn faults(&self) -> u64 {
        self.faults
    }

    /// How many changes were confirmed.
    pub fn confirmed(&self) -> u64 {
        self.checker.confirmed()
    }

    /// Lets a region write to a field of a row, if it runs and the field can take the value.
    pub fn edit(&mut self, node: NodeId, row: &str, field: &str, value: &str) -> bool {
        let Some(deed) = deed(field, value) else { return false };
        let data = work::data(field, value);
        self.take_write(node, SiteInput::Write { row: row.into(), deed, data })
    }

    /// Lets a region put back what was overruled: a change by its number in the region that wrote it.
    /// Whether the region runs and knows of it.
    pub fn restore(&mut self, node: NodeId, region: Region, number: u64) -> bool {
        let Some(stamp) = self.stamp(node, region, number) else { return false };
        let is_taken = self.take_write(node, SiteInput::Restore { stamp });
        self.coverage.reach_if(is_taken, Sometimes::Restored);
        is_taken
    }

    /// The stamp of a change of which a region knows, if it runs.
    pub fn stamp(&self, node: NodeId, region: Region, number: u64) -> Option<Stamp> {
        let mut stamps = self.site(node)?.log().iter().map(|change| change.stamp);
        stamps.find(|stamp| (stamp.region, stamp.number) == (region, number))
    }

    /// How each region is.
    pub fn status(&self) -> Vec<RegionStatus> {
        let links = |from: &Machine| {
            let others = self.machines.iter().filter(|one| one.id != from.id);
            others.map(|to| self.network.status(from.id, to.id)).collect()
        };
        let status = |machine: &Machine| RegionStatus {
            id: machine.id,
            region: machine.region,
            state: machine.state(),
            clock: machine.clock.at(self.now),
            changes: machine.log().len(),
            seen: machine.seen(),
            held_back: machine.site().map_or(0, Site::held_back),
            digest: alloc::format!("{}", machine.views.digest()),
            links: links(machine),
        };
        self.machines.iter().map(status).collect()
    }

    /// What a region's site knows, if its machine has power.
    pub fn site(&self, node: NodeId) -> Option<&Site> {
        self.machines.get(usize::from(node.get()))?.site()
    }

    /// Whether all regions know and show the same, and nothing is lost or untold. For when everything
    /// was mended and some time has passed.
    ///
    /// # Errors
    ///
    /// What is not so.
    pub fn check_settled(&mut self) -> Result<(), Violation> {
        let sites = self.machines.iter().filter_map(|machine| {
            let site = machine.site()?;
            Some((machine.id, site, machine.views.digest()))
        });
        self.checker.settled(&sites.collect::<Vec<_>>(), work::views)?;
        let Some(site) = self.machines.iter().find_map(Machine::site) else { return Ok(()) };
        let resolved = site.rows().filter_map(|row| site.resolved(row));
        for conflict in resolved.flat_map(|row| row.conflicts) {
            let state = if conflict.outcome == Outcome::Open {
                Sometimes::ConflictOpen
            } else {
                Sometimes::ConflictDecided
            };
            self.coverage.reach(state);
        }
        Ok(())
    }

    /// What happened since the last call; of a long time without one, the latest 10,000 lines.
    pub fn drain_trace(&mut self) -> impl Iterator<Item = TraceLine> {
        self.trace.drain(..)
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Wake(id) => {
                let now = self.now;
                if self.machine_mut(id).wake.take_if(|wake| *wake <= now).is_some() {
                    self.step(id, SiteInput::Tick);
                }
            }
            Happening::Edit => {
                let regions = self.machines.len();
                let (place, input) = self.work.edit(regions);
                self.take_write(self.machines[place].id, input);
                self.maybe_restore();
                self.plan_edit();
            }
            Happening::Synced(id, number) => self.synced(id, number),
            Happening::Remedy(remedy) => self.remedy(remedy),
            Happening::Delivery { from, to, message } => {
                let from = self.machines[usize::from(from.get())].region;
                self.step(to, SiteInput::Message { from, message });
            }
        }
    }

    /// Gives somebody's write to a region; whether it takes it.
    fn take_write(&mut self, id: NodeId, input: SiteInput) -> bool {
        let machine = self.machines.get(usize::from(id.get()));
        let Some(Power::Up(site)) = machine.map(|machine| &machine.power) else { return false };
        let before = site.log().len();
        self.step(id, input);
        self.site(id).is_some_and(|site| before < site.log().len())
    }

    /// Once in a while somebody wants back what was overruled.
    fn maybe_restore(&mut self) {
        if !self.work.wants_restore() {
            return;
        }
        let Some((id, site)) = self.machines.iter().find_map(|one| Some((one.id, one.site()?)))
        else {
            return;
        };
        let conflicts =
            site.rows().filter_map(|row| site.resolved(row)).flat_map(|row| row.conflicts);
        let overruled = conflicts
            .filter_map(|conflict| conflict.overruled().next().map(|version| version.change.stamp))
            .last();
        if let Some(stamp) = overruled {
            self.restore(id, stamp.region, stamp.number);
        }
    }

    fn plan_edit(&mut self) {
        let start = self.config.start;
        if let Some(passed) = self.work.next() {
            self.agenda.add(start.plus_millis(passed.millis()), Happening::Edit);
        }
    }

    /// Gives a site an input, unless its machine is down, or later, if it stands still.
    fn step(&mut self, id: NodeId, input: SiteInput) {
        let clock = self.machine(id).clock.at(self.now);
        self.step_at(id, clock, input);
    }

    fn step_at(&mut self, id: NodeId, at: Timestamp, input: SiteInput) {
        let machine = &mut self.machines[usize::from(id.get())];
        let site = match &mut machine.power {
            Power::Up(site) => site,
            Power::Frozen { inbox, .. } => return inbox.push(input),
            Power::Down => return,
        };
        let mut outputs = Vec::new();
        site.step(at, input, &mut outputs);
        let (length, held_back) = (site.log().len(), site.held_back());
        self.coverage.reach_if(0 < held_back, Sometimes::HeldBack);
        let is_hasty = self.config.weakness == Some(Weakness::AckBeforeSync);
        let folded = self.machine(id).views.head().get();
        let (mut head, mut keep) = (folded, folded);
        for output in outputs {
            match output {
                SiteOutput::WaitUntil(at) => self.wake(id, at),
                SiteOutput::Merged { change, following } => {
                    keep = keep.min(head.saturating_sub(following as u64));
                    head += 1;
                    self.merged(id, &change, following);
                }
                output if is_hasty => self.release(id, output),
                output => self.machine_mut(id).waiting.push_back((length, output)),
            }
        }
        if folded < head {
            self.machine_mut(id).fold(keep);
        }
        self.sync(id);
    }

    /// A region learned of a change.
    fn merged(&mut self, id: NodeId, change: &Arc<Change>, following: usize) {
        if let Err(violation) = self.checker.taken(id, change) {
            self.violation.get_or_insert(violation);
        }
        let machine = self.machine(id);
        let is_own = change.stamp.region == machine.region;
        let is_again = machine.known_once.has_seen(&change.stamp);
        self.coverage.reach_if(0 < following, Sometimes::MergedLate);
        self.coverage.reach_if(is_again && !is_own, Sometimes::LearnedAgain);
        let stamp = change.stamp;
        self.machine_mut(id).known_once.see(stamp.region, stamp.number);
        if !is_own {
            self.note_rejoined(id, change);
            self.trace(id, TraceEvent::Merged { stamp, following });
        }
    }

    /// Notes whether a site learns late of what another made without knowing of its own.
    fn note_rejoined(&mut self, id: NodeId, change: &Change) {
        let machine = self.machine(id);
        let is_late = PARTED_MS < self.now.millis_since(change.stamp.time.wall);
        let is_own = |own: &&Arc<Change>| own.stamp.region == machine.region;
        let own = machine.site().and_then(|site| site.log().iter().rev().find(is_own));
        let both_wrote = own.is_some_and(|own| own.compare(change) == Causality::Concurrent);
        self.coverage.reach_if(is_late && both_wrote, Sometimes::Rejoined);
    }

    /// Does what had to wait until the log was on disk.
    fn release(&mut self, id: NodeId, output: SiteOutput) {
        match output {
            SiteOutput::Send { to, message } => {
                let Some(to) = self.machines.iter().find(|one| one.region == to) else { return };
                let (from, to) = (id, to.id);
                let ends = (Endpoint::Node(from), Endpoint::Node(to));
                let (first, again) = self.network.arrivals(self.now, ends.0, ends.1);
                for at in [first, again].into_iter().flatten() {
                    let message = message.clone();
                    self.agenda.add(at, Happening::Delivery { from, to, message });
                }
            }
            SiteOutput::Made(change) => {
                if let Err(violation) = self.checker.confirm(id, &change) {
                    self.violation.get_or_insert(violation);
                }
                let (stamp, row) = (change.stamp, change.event.subject.clone());
                self.trace(id, TraceEvent::Made { stamp, row });
            }
            SiteOutput::Merged { .. } | SiteOutput::WaitUntil(_) => {}
        }
    }

    /// Begins to sync what a site wrote, if it did and its disk is free.
    fn sync(&mut self, id: NodeId) {
        let (least, most) = SYNC_MS;
        let micros = self.rng.between(least * 1_000, most * 1_000);
        let now = self.now;
        let machine = self.machine_mut(id);
        if machine.is_stalled || machine.sync.is_some() || machine.waiting.is_empty() {
            return;
        }
        machine.syncs += 1;
        let number = machine.syncs;
        machine.sync = Some(number);
        let at = Timestamp::from_micros(now.micros().saturating_add_unsigned(micros));
        self.agenda.add(at, Happening::Synced(id, number));
    }

    fn synced(&mut self, id: NodeId, number: u64) {
        let machine = self.machine_mut(id);
        if machine.sync != Some(number) {
            return;
        }
        machine.sync = None;
        // What stands still says nothing; it syncs again when it goes on.
        let Power::Up(site) = &machine.power else { return };
        if machine.is_stalled {
            return;
        }
        machine.disk = site.log().to_vec();
        let length = machine.disk.len();
        while let Some((_, output)) =
            self.machine_mut(id).waiting.pop_front_if(|(at, _)| *at <= length)
        {
            self.release(id, output);
        }
        self.sync(id);
    }

    fn start(&mut self, id: NodeId) {
        let peers = self.machines.iter().filter(|one| one.id != id).map(|one| one.region).collect();
        let machine = &mut self.machines[usize::from(id.get())];
        if !matches!(machine.power, Power::Down) {
            return;
        }
        let config = SiteConfig {
            every_ms: self.config.timing.heartbeat_ms,
            batch: self.config.batch,
            weakness: self.config.weakness,
            ..SiteConfig::new(machine.region, peers, policy())
        };
        // What is on disk was checked before it was written.
        let Ok(site) = Site::new(config, machine.disk.clone()) else { return };
        machine.views = work::views();
        machine.power = Power::Up(site);
        machine.fold(0);
        self.checker.restarted(id, &self.machines[usize::from(id.get())].disk);
        self.step(id, SiteInput::Tick);
    }

    /// Wakes a site when its clock shows a time.
    fn wake(&mut self, id: NodeId, shown: Timestamp) {
        let at = self.machine(id).clock.when(shown).max(self.now);
        let machine = self.machine_mut(id);
        if machine.wake.is_none_or(|wake| at < wake) {
            machine.wake = Some(at);
            self.agenda.add(at, Happening::Wake(id));
        }
    }

    fn trace(&mut self, who: impl Into<Option<NodeId>>, event: TraceEvent) {
        if self.trace.len() == KEPT {
            self.trace.pop_front();
        }
        let who = who.into().map(Endpoint::Node);
        self.trace.push_back(TraceLine { at: self.now, who, event });
    }

    fn ids(&self) -> Vec<NodeId> {
        self.machines.iter().map(|machine| machine.id).collect()
    }

    fn machine(&self, id: NodeId) -> &Machine {
        &self.machines[usize::from(id.get())]
    }

    fn machine_mut(&mut self, id: NodeId) -> &mut Machine {
        &mut self.machines[usize::from(id.get())]
    }
}

impl Machine {
    fn new(id: NodeId, place: Place, now: Timestamp) -> Self {
        Self {
            id,
            region: Region::new(id.get() + 1),
            place,
            clock: Clock::right(now),
            power: Power::Down,
            disk: Vec::new(),
            waiting: VecDeque::new(),
            sync: None,
            syncs: 0,
            is_stalled: false,
            wake: None,
            views: work::views(),
            known_once: VersionVector::new(),
        }
    }

    const fn state(&self) -> MachineState {
        match self.power {
            Power::Up(_) => MachineState::Up,
            Power::Frozen { .. } => MachineState::Frozen,
            Power::Down => MachineState::Down,
        }
    }

    /// What it knows, or will know when it starts again.
    fn log(&self) -> &[Arc<Change>] {
        self.site().map_or(&self.disk, Site::log)
    }

    fn seen(&self) -> VersionVector {
        let of_disk = || {
            let mut seen = VersionVector::new();
            self.disk.iter().for_each(|one| seen.see(one.stamp.region, one.stamp.number));
            seen
        };
        self.site().map_or_else(of_disk, |site| site.seen().clone())
    }

    const fn site(&self) -> Option<&Site> {
        match &self.power {
            Power::Up(site) | Power::Frozen { site, .. } => Some(site),
            Power::Down => None,
        }
    }

    /// Its views keep the first events and fold the others anew: rewind, and replay.
    fn fold(&mut self, keep: u64) {
        let (Power::Up(site) | Power::Frozen { site, .. }) = &self.power else { return };
        self.views.rewind(Position::new(keep));
        // An event that is refused shows in the digest.
        for change in site.merged().skip(usize::try_from(keep).unwrap_or(usize::MAX)) {
            drop(self.views.append(Epoch::default(), &change.event));
        }
    }
}

impl core::fmt::Debug for Regions {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Regions").field("status", &self.status()).finish_non_exhaustive()
    }
}
